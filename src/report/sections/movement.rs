//! One movement in the report: who, where, when, how, why so sure, and the proof.

use chrono_tz::Tz;
use detectors::movement::{Movement, Reason, SourceBasis};
use timeline::{Reader, Ticks};

use super::super::document::{
    Item, Kind, Line, Row, Section, Span, Table, end, few, joined, ours, rule, shown, strong,
};
use super::super::text::count;
use super::{left, ran};
use crate::case::CaseResult;
use crate::export::{
    LOOSE, Proof, Rules, absence, clock_differences, corroborating, doubtful_times, finding_id,
    hints, local, movement_id, path_id, proof, spread, witness_words,
};
use crate::plan::Plan;

/// What the report says where no event names something.
const UNNAMED: &str = "not named by these events";
/// What it says where one is possible, which others near it name.
const ONE: &str = "not named by these events; one is possible, see below";
/// What it says where several names are possible, which then stand in a row of their own.
const SEVERAL: &str = "several are possible, see below";

/// Rules that are named at the head of a movement.
const MOST_NAMED: usize = 3;

/// Events of one movement that the report tells.
const EVIDENCE: usize = 500;
/// Findings of one movement that it tells.
const FINDINGS: usize = 100;
/// Values of one fact that it tells.
const IN_A_ROW: usize = 12;

/// Describes movement after movement.
pub(super) struct Describer<'a> {
    plan: &'a Plan,
    case: &'a CaseResult,
    events: Reader<'a>,
    corroborating: Reader<'a>,
}

/// The evidence files of one movement, in the order in which they are first named.
#[derive(Default)]
struct Files<'a>(Vec<&'a str>);

impl<'a> Files<'a> {
    /// The file's number, from 1.
    fn number(&mut self, file: &'a str) -> usize {
        let place = self.0.iter().position(|known| *known == file);
        place.unwrap_or_else(|| {
            self.0.push(file);
            self.0.len() - 1
        }) + 1
    }
}

impl<'a> Describer<'a> {
    pub(super) fn new(plan: &'a Plan, case: &'a CaseResult) -> Self {
        Self {
            plan,
            case,
            events: Reader::new(&case.events),
            corroborating: Reader::new(&case.corroborating.events),
        }
    }

    pub(super) fn describe(&self, place: usize, movement: &Movement) -> Section {
        let id = movement_id(place);
        let rules = Rules::of(self.plan, self.case, movement);
        let grade = movement.grade.as_str();
        let mut title = vec![ours(format!("{id}: "))];
        title.extend(end(
            &movement.source_host,
            &movement.source_ip,
            "unknown source",
        ));
        title.push(ours(" to "));
        title.extend(end(
            &movement.target_host,
            &movement.target_ip,
            "unknown target",
        ));
        title.push(ours(format!(", {grade}")));
        let mut section = Section::new(Kind::Movement, id, title);
        section.paragraph(why(&rules, movement));
        let doubt = doubtful_times(self.case, movement);
        let mut facts = facts(self.case, &rules, movement, doubt.unwrap_or_default());
        let paths = paths(self.case, place);
        if !paths.is_empty() {
            facts.row(vec![vec![ours("path")], paths]);
        }
        section.table(facts);
        let mut files = Files::default();
        self.evidence(&mut section, movement, &mut files);
        ran::tree(&mut section, movement);
        ran::scripts(&mut section, movement);
        left::behind(&mut section, movement);
        self.beside(&mut section, movement, &mut files);
        section.list(sources(&files));
        self.findings(&mut section, "Rules that matched:", &movement.findings);
        self.findings(
            &mut section,
            "Around it on the target, and of no movement:",
            &movement.around,
        );
        section
    }

    fn evidence(&self, section: &mut Section, movement: &Movement, files: &mut Files<'a>) {
        section.say("Evidence, in order:");
        let mut table = Table::with(&["time", "record", "host", "event", "what", "event_uid"]);
        if let Some(zone) = self.plan.timezone {
            table.head[0] = format!("UTC = {}", zone.name());
        }
        for &row in movement.events.iter().take(EVIDENCE) {
            let proof = proof(self.case, &self.events, row);
            let own = &self.case.events.rows[row as usize];
            let mut cells = cells(&proof, files);
            cells.push(vec![ours(own.uid.to_string())]);
            if let (Some(zone), Some(time)) = (self.plan.timezone, own.time) {
                cells[0].push(ours(format!(" = {}", beside(time, zone))));
            }
            table.rows.push(Row {
                anchor: format!("{}-{}", section.anchor, own.uid),
                cells,
            });
        }
        let more = movement.events.len().saturating_sub(EVIDENCE);
        if more > 0 {
            let more = count(more as u64, "event");
            table.more = vec![ours(format!("… and {more} more, in findings.jsonl."))];
        }
        section.table(table);
    }

    /// What else was looked for: found, missing, or unknown.
    fn beside(&self, section: &mut Section, movement: &Movement, files: &mut Files<'a>) {
        if movement.found.is_empty() && movement.missing.is_empty() {
            return;
        }
        section.say("Also looked for:");
        let mut table = Table::with(&["time", "record", "host", "event", "what", "what it shows"]);
        for found in &movement.found {
            let Some(proof) = corroborating(self.case, &self.corroborating, found) else {
                continue;
            };
            let mut is = rule(&found.text);
            if found.loose {
                is.push(ours(format!(", {LOOSE}")));
            }
            let mut cells = cells(&proof, files);
            cells.push(is);
            table.row(cells);
        }
        section.table(table);
        let missing = movement.missing.iter();
        section.list(
            missing
                .map(|missing| Item::of(shown(&absence(missing))))
                .collect(),
        );
    }

    /// What rules found, and what they look for.
    fn findings(&self, section: &mut Section, heading: &str, findings: &[usize]) {
        if findings.is_empty() {
            return;
        }
        section.say(heading);
        let mut table = Table::with(&["finding", "rule", "severity", "what it finds"]);
        for &finding in findings.iter().take(FINDINGS) {
            let found = &self.plan.question.rules.rules[self.case.findings[finding].rule];
            table.row(vec![
                vec![ours(finding_id(finding))],
                rule(&found.name),
                vec![ours(found.severity.as_str())],
                rule(&found.description),
            ]);
        }
        let more = findings.len().saturating_sub(FINDINGS);
        if more > 0 {
            let more = count(more as u64, "finding");
            table.more = vec![ours(format!("… and {more} more, in findings.csv."))];
        }
        section.table(table);
    }
}

/// The evidence files, by their numbers.
fn sources(files: &Files<'_>) -> Vec<Item> {
    let files = files.0.iter().enumerate().map(|(place, file)| {
        let mut words = vec![ours(format!("file {}: ", place + 1))];
        words.extend(shown(file));
        Item::of(words)
    });
    files.collect()
}

/// What the rules say, and why it is as sure as it is.
fn why(rules: &Rules, movement: &Movement) -> Line {
    let mut words = rule(&rules.foremost(MOST_NAMED));
    words.push(ours(". "));
    words.push(strong(movement.grade.as_str()));
    words.push(ours(format!(", because {}.", movement.reason.as_str())));
    if movement.slack && movement.reason != Reason::Slack {
        words.push(ours(
            " The events are not in order by their times, within the delay that such logs have.",
        ));
    }
    if !movement.innocent.is_empty() {
        words.push(ours(" It is one grade less sure than that, because "));
        words.extend(rule(&movement.innocent));
        words.push(ours("."));
    }
    words
}

/// The cells of an event.
fn cells<'a>(proof: &Proof<'a>, files: &mut Files<'a>) -> Vec<Line> {
    let event = format!("{} {}", short(proof.channel), proof.code);
    vec![
        vec![ours(&proof.time)],
        vec![ours(format!(
            "{} in file {}",
            proof.record,
            files.number(proof.file)
        ))],
        shown(proof.host),
        shown(event.trim_end()),
        shown(&proof.message),
    ]
}

/// A log's name as people say it: `Sysmon`, `TaskScheduler`, `Security`.
fn short(channel: &str) -> &str {
    let name = channel
        .strip_prefix("Microsoft-Windows-")
        .unwrap_or(channel);
    name.strip_suffix("/Operational").unwrap_or(name)
}

/// The time in a zone, to stand beside the other: with the date only where it is another one.
fn beside(time: Ticks, zone: Tz) -> String {
    let (utc, local) = (time.to_string(), local(time, zone));
    match local.split_once('T') {
        Some((date, clock)) if utc.starts_with(date) => clock.to_owned(),
        _ => local,
    }
}

/// What is known of the movement, one row per fact.
fn facts(case: &CaseResult, rules: &Rules, movement: &Movement, doubt: String) -> Table {
    let of_rules =
        |texts: &[String], between: &str| joined(texts.iter().map(|text| rule(text)), between);
    let source = [movement.source_host.as_str(), &movement.source_ip];
    let target = [movement.target_host.as_str(), &movement.target_ip];
    let rows = [
        ("when", vec![ours(when(movement))]),
        ("times in doubt", said(doubt)),
        ("clocks", said(clock_differences(movement).join("; "))),
        (
            "from",
            side(movement, "source", source, &movement.source_port),
        ),
        (
            "to",
            side(movement, "target", target, &movement.target_port),
        ),
        ("account", account(movement)),
        ("account SID", shown(&movement.account_sid)),
        ("logon type", logon_type(&movement.logon_type)),
        ("ran as", shown(&movement.ran_as)),
        ("what ran, and files", listed(&movement.ran)),
        ("recorded elsewhere", witnesses(movement)),
        ("technique", of_rules(&rules.technique, "; ")),
        ("ATT&CK", of_rules(&rules.attack, ", ")),
        ("also ran on", listed(&spread(case, movement))),
        ("session", sessions(movement)),
        ("steps seen", said(steps(movement))),
        ("also possible", also(movement)),
        ("innocent explanation", innocent(movement, rules)),
    ];
    let mut table = Table::default();
    for (name, value) in rows {
        if !value.is_empty() {
            table.row(vec![vec![ours(name)], value]);
        }
    }
    table
}

/// The paths that it is part of: `P-0001, hop 2 of 3`.
fn paths(case: &CaseResult, place: usize) -> Line {
    let on_paths = &case.on_paths[place];
    let each = on_paths.iter().map(|&(path, hop)| {
        let hops = case.paths[path].hops.len();
        vec![
            Span::Link(path_id(path), "paths".to_owned()),
            ours(format!(", hop {hop} of {hops}")),
        ]
    });
    few(each, IN_A_ROW, "; ", "paths.csv")
}

/// Words of the evidence, each by itself.
fn listed(words: &[String]) -> Line {
    let each = words.iter().map(|words| shown(words));
    few(each, IN_A_ROW, "; ", "movements.csv")
}

/// Words of ours, or none.
fn said(words: String) -> Line {
    if words.is_empty() {
        Line::new()
    } else {
        vec![ours(words)]
    }
}

/// What else it could be, as its rules say.
fn innocent(movement: &Movement, rules: &Rules) -> Line {
    let hints = hints(movement, rules);
    let each = hints.iter().map(|hint| rule(hint));
    few(each, IN_A_ROW, "; ", "movements.csv")
}

/// What other hosts recorded of it.
fn witnesses(movement: &Movement) -> Line {
    let each = movement.witnesses.iter();
    let each = each.map(|witness| shown(&witness_words(witness, "")));
    few(each, IN_A_ROW, "; ", "movements.csv")
}

/// The logon sessions on the target: `0x471c3a8, type 3, of CORP\ana, 21:14:02 to 21:14:47 (logoff)`.
fn sessions(movement: &Movement) -> Line {
    let each = movement.sessions.iter().map(|session| {
        let time = |time: Option<Ticks>| time.map(|time| time.to_string());
        let mut words: Vec<Line> = Vec::new();
        words.push(shown(&session.logon_id));
        if !session.logon_type.is_empty() {
            let mut kind = vec![ours("type ")];
            kind.extend(logon_type(&session.logon_type));
            words.push(kind);
        }
        if !session.user.is_empty() {
            words.push(named("of ", &session.user));
        }
        let start =
            time(session.start).unwrap_or_else(|| "a logon that is not recorded".to_owned());
        let end = time(session.end).unwrap_or_else(|| "an end that is not known".to_owned());
        words.push(vec![ours(format!("from {start} to {end}"))]);
        if session.is_admin {
            words.push(vec![ours("with privileges of an administrator")]);
        }
        joined(words, ", ")
    });
    few(each, IN_A_ROW, "; ", "movements.csv")
}

/// A logon's type, with the word for it.
fn logon_type(number: &str) -> Line {
    let word = match number {
        "2" => "interactive",
        "3" => "network",
        "4" => "batch",
        "5" => "service",
        "7" => "unlock",
        "8" => "network, password in clear text",
        "9" => "other credentials for the network",
        "10" => "remote desktop",
        "11" => "cached credentials",
        "12" => "remote desktop, cached credentials",
        "13" => "unlock, cached credentials",
        _ => "",
    };
    let mut words = shown(number);
    if !word.is_empty() {
        words.push(ours(format!(" ({word})")));
    }
    words
}

/// Words of ours, then of the evidence.
fn named(what: &str, name: &str) -> Line {
    let mut words = vec![ours(what)];
    words.extend(shown(name));
    words
}

/// Which of the four general steps were seen, and by how many events: one can be a step of several kinds, and some
/// lie on other hosts.
fn steps(movement: &Movement) -> String {
    let each = movement.steps.iter().map(|taken| {
        let events = count(taken.events.len() as u64, "event");
        format!("{} ({events})", taken.step.as_str())
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The time of what the rules call the movement, and that of its last event.
fn when(movement: &Movement) -> String {
    let time = |time: Option<Ticks>| time.map(|time| time.to_string()).unwrap_or_default();
    if movement.start == movement.end {
        time(movement.start)
    } else {
        format!("{} to {}", time(movement.start), time(movement.end))
    }
}

fn account(movement: &Movement) -> Line {
    if movement.account.is_empty() {
        vec![ours(unknown(movement, "account"))]
    } else {
        shown(&movement.account)
    }
}

/// One side: its host and address, and its port.
fn side(movement: &Movement, side: &str, [host, ip]: [&str; 2], port: &str) -> Line {
    let mut words = end(host, ip, unknown(movement, side));
    if side == "source" {
        match (movement.source_basis, movement.resolved_by) {
            (Some(SourceBasis::Resolved), Some(basis)) => {
                words.push(ours(format!(", by its address ({})", basis.as_str())));
            }
            _ if movement.by_ticket => {
                words.push(ours(", by the Kerberos ticket of the logon"));
            }
            (Some(SourceBasis::Joined), _) => {
                words.push(ours(", by another logon of the same session"));
            }
            _ => {}
        }
    }
    if !port.is_empty() {
        words.push(Span::Ours(", port ".to_owned()));
        words.extend(shown(port));
    }
    words
}

/// What is said of a value that is not known: that none was named, or that others can be it.
fn unknown(movement: &Movement, what: &str) -> &'static str {
    let also = movement.also.iter();
    let possible = also.filter(|(field, _)| field.starts_with(what));
    match possible.map(|(_, names)| names.len()).max() {
        None => UNNAMED,
        Some(..=1) => ONE,
        Some(_) => SEVERAL,
    }
}

fn also(movement: &Movement) -> Line {
    let fields = movement.also.iter().map(|(field, names)| {
        let mut words = vec![ours(format!("{}: ", field.replace('_', " ")))];
        let names = names.iter().map(|name| shown(name));
        words.extend(few(names, IN_A_ROW, ", ", "movements.csv"));
        words
    });
    joined(fields, "; ")
}
