//! One movement in the report: who, where, when, how, why so sure, and the proof.

use std::fmt::Write;

use detectors::movement::{Movement, Reason, SourceBasis};
use detectors::rule::Rule;
use timeline::{Reader, Ticks};

use super::text::{cell, code, count, end_span, prose};
use crate::case::CaseResult;
use crate::export::{
    LOOSE, Proof, Rules, absence, clock_differences, corroborating, doubtful_times, finding_id,
    hints, movement_id, proof, spread, witness_words,
};
use crate::plan::Plan;

/// What the report says where no event names something.
const UNNAMED: &str = "not named by these events";
/// What it says where several names are possible, which then stand in a row of their own.
const SEVERAL: &str = "several are possible, see below";

/// Rules that are named at the head of a movement.
const MOST_NAMED: usize = 3;

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

    pub(super) fn describe(&self, out: &mut String, place: usize, movement: &Movement) {
        let rules = Rules::of(self.plan, self.case, movement);
        let _ = writeln!(
            out,
            "## {}: {} to {}, {}\n",
            movement_id(place),
            end_span(
                code,
                &movement.source_host,
                &movement.source_ip,
                "unknown source"
            ),
            end_span(
                code,
                &movement.target_host,
                &movement.target_ip,
                "unknown target"
            ),
            movement.grade.as_str()
        );
        let order = if movement.slack && movement.reason != Reason::Slack {
            " The events are not in order by their times, within the delay that such logs have."
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "{}. **{}**, because {}.{order}{}\n",
            prose(&rules.foremost(MOST_NAMED)),
            movement.grade.as_str(),
            movement.reason.as_str(),
            demotion(movement)
        );
        let doubt = doubtful_times(self.case, movement);
        facts(out, self.case, &rules, movement, doubt.unwrap_or_default());
        let mut files = Files::default();
        self.evidence(out, movement, &mut files);
        super::ran::tree(out, movement);
        super::ran::scripts(out, movement);
        super::left::behind(out, movement);
        self.beside(out, movement, &mut files);
        for (place, file) in files.0.iter().enumerate() {
            let _ = writeln!(out, "- file {}: {}", place + 1, code(file));
        }
        let _ = writeln!(out, "- findings: {}", self.findings(&movement.findings));
        if !movement.around.is_empty() {
            let _ = writeln!(
                out,
                "- around it on the target: {}",
                self.findings(&movement.around)
            );
        }
        out.push('\n');
    }

    fn evidence(&self, out: &mut String, movement: &Movement, files: &mut Files<'a>) {
        out.push_str(
            "Evidence, in order:\n\n| time | record | host | event | what |\n|---|---|---|---|---|\n",
        );
        for &row in &movement.events {
            let proof = proof(self.case, &self.events, row);
            let _ = writeln!(out, "{} |", cells(&proof, files));
        }
        out.push('\n');
    }

    /// What else was looked for: found, missing, or unknown.
    fn beside(&self, out: &mut String, movement: &Movement, files: &mut Files<'a>) {
        if movement.found.is_empty() && movement.missing.is_empty() {
            return;
        }
        out.push_str("Also looked for:\n\n");
        if !movement.found.is_empty() {
            out.push_str(
                "| time | record | host | event | what | is |\n|---|---|---|---|---|---|\n",
            );
        }
        for found in &movement.found {
            let Some(proof) = corroborating(self.case, &self.corroborating, found) else {
                continue;
            };
            let loose = if found.loose {
                format!(", {LOOSE}")
            } else {
                String::new()
            };
            let text = prose(&found.text);
            let _ = writeln!(out, "{} | {text}{loose} |", cells(&proof, files));
        }
        if !movement.found.is_empty() {
            out.push('\n');
        }
        for missing in &movement.missing {
            let _ = writeln!(out, "- {}", code(&absence(missing)));
        }
        if !movement.missing.is_empty() {
            out.push('\n');
        }
    }

    fn rule(&self, finding: usize) -> &Rule {
        &self.plan.question.rules.rules[self.case.findings[finding].rule]
    }

    fn findings(&self, findings: &[usize]) -> String {
        let each = findings.iter().map(|&finding| {
            let rule = self.rule(finding);
            let severity = rule.severity.as_str();
            format!(
                "{} ({}, {severity})",
                finding_id(finding),
                prose(&rule.name)
            )
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

/// The cells of an event, without the end of the row.
fn cells<'a>(proof: &Proof<'a>, files: &mut Files<'a>) -> String {
    format!(
        "| {} | {} in file {} | {} | {} | {}",
        proof.time,
        proof.record,
        files.number(proof.file),
        cell(proof.host),
        cell(format!("{} {}", short(proof.channel), proof.code).trim_end()),
        cell(&proof.message)
    )
}

/// A log's name as people say it: `Sysmon`, `TaskScheduler`, `Security`.
fn short(channel: &str) -> &str {
    let name = channel
        .strip_prefix("Microsoft-Windows-")
        .unwrap_or(channel);
    name.strip_suffix("/Operational").unwrap_or(name)
}

/// What is known of the movement, one row per fact.
fn facts(out: &mut String, case: &CaseResult, rules: &Rules, movement: &Movement, doubt: String) {
    let texts = |texts: &[String], separator: &str| {
        let each: Vec<String> = texts.iter().map(|text| prose(text)).collect();
        each.join(separator)
    };
    let source = [movement.source_host.as_str(), &movement.source_ip];
    let target = [movement.target_host.as_str(), &movement.target_ip];
    let rows = [
        ("when", when(movement)),
        ("times in doubt", doubt),
        ("clocks", clock_differences(movement).join("; ")),
        (
            "from",
            end(movement, "source", source, &movement.source_port),
        ),
        ("to", end(movement, "target", target, &movement.target_port)),
        ("account", account(movement)),
        ("account SID", cell(&movement.account_sid)),
        ("logon type", cell(&movement.logon_type)),
        ("ran as", cell(&movement.ran_as)),
        ("what ran or was placed", cell(&movement.ran.join("; "))),
        ("recorded elsewhere", witnesses(movement)),
        ("technique", texts(&rules.technique, "; ")),
        ("ATT&CK", texts(&rules.attack, ", ")),
        ("also ran on", cell(&spread(case, movement).join("; "))),
        ("session", sessions(movement)),
        ("steps seen", steps(movement)),
        ("also possible", also(movement)),
        ("innocent explanation", innocent(movement, rules)),
    ];
    out.push_str("| | |\n|---|---|\n");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    out.push('\n');
}

/// What else it could be, as far as those say who matter most.
fn innocent(movement: &Movement, rules: &Rules) -> String {
    let hints = hints(movement, rules);
    let shown: Vec<String> = hints
        .iter()
        .take(MOST_NAMED)
        .map(|hint| prose(hint))
        .collect();
    match hints.len().saturating_sub(MOST_NAMED) {
        0 => shown.join("; "),
        left => format!("{}; and {left} more in movements.csv", shown.join("; ")),
    }
}

/// Why the grade is one less than the reason says.
fn demotion(movement: &Movement) -> String {
    match movement.innocent.as_str() {
        "" => String::new(),
        known => format!(
            " It is one grade less sure than that, because {}.",
            prose(known)
        ),
    }
}

/// What other hosts recorded of it.
fn witnesses(movement: &Movement) -> String {
    let each = movement.witnesses.iter();
    let each = each.map(|witness| cell(witness_words(witness, "").as_str()));
    each.collect::<Vec<_>>().join("; ")
}

/// The logon sessions on the target: `0x471c3a8, type 3, of CORP\ana, 21:14:02 to 21:14:47 (logoff)`.
fn sessions(movement: &Movement) -> String {
    let each = movement.sessions.iter().map(|session| {
        let time = |time: Option<Ticks>| time.map(|time| time.to_string());
        let mut words: Vec<String> = Vec::new();
        if !session.logon_id.is_empty() {
            words.push(cell(&session.logon_id));
        }
        if !session.logon_type.is_empty() {
            words.push(format!("type {}", cell(&session.logon_type)));
        }
        if !session.user.is_empty() {
            words.push(format!("of {}", cell(&session.user)));
        }
        let start =
            time(session.start).unwrap_or_else(|| "a logon that is not recorded".to_owned());
        let end = time(session.end).unwrap_or_else(|| "an end that is not known".to_owned());
        words.push(format!("from {start} to {end}"));
        if session.is_admin {
            words.push("with privileges of an administrator".to_owned());
        }
        words.join(", ")
    });
    each.collect::<Vec<_>>().join("; ")
}

/// Which of the four general steps were seen, and by how many events.
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

fn account(movement: &Movement) -> String {
    if movement.account.is_empty() {
        unknown(movement, "account").to_owned()
    } else {
        cell(&movement.account)
    }
}

/// One end: its host and address, and its port.
fn end(movement: &Movement, side: &str, [host, ip]: [&str; 2], port: &str) -> String {
    let mut end = end_span(cell, host, ip, unknown(movement, side));
    if side == "source" {
        match (movement.source_basis, movement.resolved_by) {
            (Some(SourceBasis::Resolved), Some(basis)) => {
                let _ = write!(end, ", by its address ({})", basis.as_str());
            }
            _ if movement.by_ticket => end.push_str(", by the Kerberos ticket of the logon"),
            (Some(SourceBasis::Joined), _) => {
                end.push_str(", by another logon of the same session");
            }
            _ => {}
        }
    }
    if port.is_empty() {
        end
    } else {
        format!("{end}, port {}", cell(port))
    }
}

/// What is said of a value that is not known: that none was named, or several.
fn unknown(movement: &Movement, what: &str) -> &'static str {
    let mut also = movement.also.iter();
    if also.any(|(field, _)| field.starts_with(what)) {
        SEVERAL
    } else {
        UNNAMED
    }
}

fn also(movement: &Movement) -> String {
    let fields = movement.also.iter().map(|(field, names)| {
        let names: Vec<String> = names.iter().map(|name| cell(name)).collect();
        format!("{}: {}", field.replace('_', " "), names.join(", "))
    });
    fields.collect::<Vec<_>>().join("; ")
}
