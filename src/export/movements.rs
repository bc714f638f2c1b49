//! `movements.csv`: the answer, one row per movement (CASE.md, TIMELINE.md §2.3).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use detectors::deed::List;
use detectors::movement::{LeftBehind, Movement, SourceBasis, Tie, Witness};
use detectors::rule::Severity;
use timeline::{Reader, Ticks, Value, fields as f};

use super::CaseFolder;
use super::corroboration::{absences, found};
use super::csv::Row;
use super::line::record_name;
use super::paths::path_id;
use super::people::milliseconds;
use super::scope::kind_of;
use crate::case::CaseResult;
use crate::plan::Plan;

const COLUMNS: [&str; 43] = [
    "id",
    "start_utc",
    "end_utc",
    "src_host",
    "src_ip",
    "src_basis",
    "dst_host",
    "account",
    "account_sid",
    "logon_type",
    "technique",
    "attack",
    "what_ran",
    "grade",
    "score",
    "hop_no",
    "path_id",
    "evidence_count",
    "evidence_expected_missing",
    "src_evidence",
    "dst_evidence",
    "false_positive_hint",
    "skew_note",
    "event_uids",
    "src_port",
    "ran_as",
    "order",
    "rule_ids",
    "finding_ids",
    "also",
    "dst_ip",
    "dst_port",
    "evidence_found",
    "steps",
    "sessions",
    "process_tree",
    "src_resolved_by",
    "also_ran_on",
    "far_evidence",
    "scripts",
    "around",
    "dropped",
    "persistence",
];

/// `M-0001`.
pub(crate) fn movement_id(place: usize) -> String {
    format!("M-{:04}", place + 1)
}

/// `LM-0001`.
pub(crate) fn finding_id(place: usize) -> String {
    format!("LM-{:04}", place + 1)
}

pub(super) fn write(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> anyhow::Result<()> {
    let mut file = folder.file("movements.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    for (place, movement) in case.movements.iter().enumerate() {
        let cells = cells(plan, case, place, movement);
        file.csv_row(row.cells(cells))?;
    }
    file.finish()
}

fn cells(plan: &Plan, case: &CaseResult, place: usize, movement: &Movement) -> [String; 43] {
    let time = |time: Option<Ticks>| time.map(|time| time.to_string()).unwrap_or_default();
    let basis = movement.source_basis.unwrap_or(SourceBasis::Unknown);
    let rules = Rules::of(plan, case, movement);
    let [path_ids, hop_numbers] = path_cells(case, place);
    let uids: Vec<String> = movement
        .events
        .iter()
        .map(|&row| case.events.rows[row as usize].uid.to_string())
        .collect();
    [
        movement_id(place),
        time(movement.start),
        time(movement.end),
        movement.source_host.clone(),
        movement.source_ip.clone(),
        basis.as_str().into(),
        movement.target_host.clone(),
        movement.account.clone(),
        movement.account_sid.clone(),
        movement.logon_type.clone(),
        rules.technique.join("; "),
        rules.attack.join(";"),
        movement.ran.join("; "),
        movement.grade.as_str().into(),
        String::new(),
        hop_numbers,
        path_ids,
        movement.events.len().to_string(),
        absences(&movement.missing),
        proofs(case, &movement.source_events),
        proofs(case, &movement.target_events),
        hints(movement, &rules).join("; "),
        clocks(case, movement).join("; "),
        uids.join(";"),
        movement.source_port.clone(),
        movement.ran_as.clone(),
        if movement.slack { "slack" } else { "exact" }.into(),
        rules.ids.join(";"),
        movement
            .findings
            .iter()
            .map(|&f| finding_id(f))
            .collect::<Vec<_>>()
            .join(";"),
        also(movement),
        movement.target_ip.clone(),
        movement.target_port.clone(),
        found(case, &movement.found),
        steps(movement),
        sessions(movement),
        process_tree(movement),
        movement
            .resolved_by
            .map(|basis| basis.as_str().to_owned())
            .unwrap_or_default(),
        spread(case, movement).join("; "),
        witnesses(movement).join("; "),
        scripts(movement),
        movement
            .around
            .iter()
            .map(|&f| finding_id(f))
            .collect::<Vec<_>>()
            .join(";"),
        left(&movement.dropped, List::Files),
        left(&movement.persistence, List::Persistence),
    ]
}

/// The paths that a movement is part of, and its place in each.
fn path_cells(case: &CaseResult, place: usize) -> [String; 2] {
    let paths = &case.on_paths[place];
    let ids: Vec<String> = paths.iter().map(|(path, _)| path_id(*path)).collect();
    let hops: Vec<String> = paths.iter().map(|(_, hop)| hop.to_string()).collect();
    [ids.join(";"), hops.join(";")]
}

/// What is to be said of the times of a movement's events: that some of their records contradict them.
pub(crate) fn doubtful_times(case: &CaseResult, movement: &Movement) -> Option<String> {
    let reader = Reader::new(&case.events);
    let is_doubtful = |&&row: &&u32| {
        let conflict = reader.get(f::EVENT_EXT_TIME_CONFLICT, row);
        conflict == Some(Value::Boolean(true))
    };
    let count = movement.events.iter().filter(is_doubtful).count();
    (count > 0).then(|| {
        format!(
            "{count} of its {} events carry a time of their own that does not fit the one they are dated by: \
             the clock was changed, or the time of their export is not UTC (issues.csv)",
            movement.events.len()
        )
    })
}

/// What is to be said of the clocks of a movement's hosts, and of its times.
fn clocks(case: &CaseResult, movement: &Movement) -> Vec<String> {
    let doubt = doubtful_times(case, movement);
    doubt
        .into_iter()
        .chain(clock_differences(movement))
        .collect()
}

/// What is known of how far the clocks of both hosts are apart.
pub(crate) fn clock_differences(movement: &Movement) -> Vec<String> {
    let by_tool = movement.behind_tool.map(|ahead| {
        let way = if ahead < 0 { "behind" } else { "ahead of" };
        format!(
            "a command's output file is named after the clock of the tool: the target's was {} ms {way} that, with the \
             time since the tool was started",
            milliseconds(ahead.saturating_abs())
        )
    });
    clock_difference(movement)
        .into_iter()
        .chain(by_tool)
        .collect()
}

/// What PowerShell ran.
fn scripts(movement: &Movement) -> String {
    let each = movement.scripts.iter().map(|script| item(&script.text));
    each.collect::<Vec<_>>().join("; ")
}

/// How far apart the clocks of both hosts are, where both recorded something: known, or said not to be.
fn clock_difference(movement: &Movement) -> Option<String> {
    let is_known = !(movement.source_host.is_empty() && movement.source_ip.is_empty());
    let both = is_known
        && !movement.target_events.is_empty()
        && (!movement.source_events.is_empty() || !movement.witnesses.is_empty());
    let Some(skew) = movement.skew else {
        return both.then(|| "how far the clocks of both hosts are apart is not known".to_owned());
    };
    let apart = match (skew.ticks, milliseconds(skew.ticks.saturating_abs())) {
        (_, apart) if apart == "0" => "agrees with".to_owned(),
        (..0, apart) => format!("is {apart} ms behind"),
        (_, apart) => format!("is {apart} ms ahead of"),
    };
    let connections = if skew.anchors == 1 {
        "connection"
    } else {
        "connections"
    };
    // One connection shows nothing of how much such differences vary.
    let spread = match (skew.anchors, milliseconds(skew.spread)) {
        (1, _) => String::new(),
        (_, spread) if spread == "0" => ", give or take less than 1 ms".to_owned(),
        (_, spread) => format!(", give or take {spread} ms"),
    };
    Some(format!(
        "the target's clock {apart} the source's, by {} {connections} that both recorded{spread}",
        skew.anchors,
    ))
}

/// `connection: WS01 C:\x.exe as CORP\ana 2026-03-02T21:14:02.5Z 5f…`: what other hosts recorded of it.
fn witnesses(movement: &Movement) -> Vec<String> {
    let each = movement.witnesses.iter();
    each.map(|witness| item(&witness_words(witness, &witness.uid.to_string())))
        .collect()
}

/// One of them in words, with the proof at the end.
pub(crate) fn witness_words(witness: &Witness, proof: &str) -> String {
    let mut words = format!("{}: {}", witness.tie.as_str(), witness.host);
    if !witness.what.is_empty() {
        let how = if witness.tie == Tie::Ticket {
            " gave one to "
        } else {
            " "
        };
        words.push_str(how);
        words.push_str(&witness.what);
    }
    if !witness.user.is_empty() {
        words.push_str(" as ");
        words.push_str(&witness.user);
    }
    format!("{words} {} {proof}", witness.time)
        .trim_end()
        .to_owned()
}

/// What the rules of a movement's findings say, each once, in the order of the findings; names and innocent explanations by
/// how bad they are.
pub(crate) struct Rules {
    pub(crate) ids: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) attack: Vec<String>,
    pub(crate) technique: Vec<String>,
    pub(crate) innocent: Vec<String>,
}

impl Rules {
    pub(crate) fn of(plan: &Plan, case: &CaseResult, movement: &Movement) -> Self {
        let mut named: Vec<(Severity, &String)> = Vec::new();
        let mut innocent: Vec<(Severity, &String)> = Vec::new();
        let mut rules = Self {
            ids: Vec::new(),
            names: Vec::new(),
            attack: Vec::new(),
            technique: Vec::new(),
            innocent: Vec::new(),
        };
        for &finding in &movement.findings {
            let rule = &plan.question.rules.rules[case.findings[finding].rule];
            add(&mut rules.ids, [&rule.id]);
            named.push((rule.severity, &rule.name));
            // What a rule that makes no movement hints at is not how somebody moved.
            let moves = rule
                .sidetrack
                .as_ref()
                .is_some_and(|table| table.movement.is_some());
            if moves {
                add(&mut rules.attack, &rule.attack);
                add(&mut rules.technique, &rule.technique);
            }
            if let Some(sidetrack) = &rule.sidetrack {
                innocent.push((rule.severity, &sidetrack.innocent));
            }
        }
        for (list, mut texts) in [(&mut rules.names, named), (&mut rules.innocent, innocent)] {
            texts.sort_by_key(|(severity, _)| Reverse(*severity));
            add(list, texts.into_iter().map(|(_, text)| text));
        }
        rules
    }

    /// The names of the rules that say most, and how many more there are.
    pub(crate) fn foremost(&self, most: usize) -> String {
        let names = self.names.iter().take(most).map(String::as_str);
        let mut names = names.collect::<Vec<_>>().join(" and ");
        match self.names.len().saturating_sub(most) {
            0 => {}
            1 => names.push_str(", and 1 more rule"),
            left => {
                let _ = write!(names, ", and {left} more rules");
            }
        }
        names
    }
}

fn add<'a>(list: &mut Vec<String>, values: impl IntoIterator<Item = &'a String>) {
    for value in values {
        if !value.is_empty() && !list.contains(value) {
            list.push(value.clone());
        }
    }
}

/// `path#record,…` for events, those of one file together.
fn proofs(case: &CaseResult, rows: &[u32]) -> String {
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for &row in rows {
        let place = case.events.rows[row as usize].provenance;
        let file = case.evidence.get(place.evidence.0 as usize);
        let file = file.map_or("", |file| file.path.as_str());
        files
            .entry(file)
            .or_default()
            .push(record_name(kind_of(&case.events, row), place));
    }
    let files: Vec<String> = files
        .into_iter()
        .map(|(file, records)| format!("{file}#{}", records.join(",")))
        .collect();
    files.join("; ")
}

/// What else it could be: what the responder knows of the source before what the rules say.
pub(crate) fn hints(movement: &Movement, rules: &Rules) -> Vec<String> {
    let known = Some(movement.innocent.clone()).filter(|known| !known.is_empty());
    let relay = (movement.machines_at_source > 1).then(|| {
        format!(
            "{} machines came from the source's address within a day: it may be a relay (NAT, VPN, jump host)",
            movement.machines_at_source
        )
    });
    known
        .into_iter()
        .chain(relay)
        .chain(rules.innocent.iter().cloned())
        .collect()
}

/// `C:\x.exe (HASH) on A, B`: programs of the movement that ran on other hosts, too.
pub(crate) fn spread(case: &CaseResult, movement: &Movement) -> Vec<String> {
    let each = movement.spread.iter().map(|spread| {
        let hosts: Vec<&str> = spread
            .machines
            .iter()
            .map(|host| case.host_of(host))
            .collect();
        format!(
            "{} ({}) on {}",
            spread.program,
            spread.hash,
            hosts.join(", ")
        )
    });
    each.collect()
}

/// `authenticate=uid,uid;trigger=uid`.
fn steps(movement: &Movement) -> String {
    let steps = movement.steps.iter().map(|taken| {
        let uids: Vec<String> = taken.events.iter().map(ToString::to_string).collect();
        format!("{}={}", taken.step.as_str(), uids.join(","))
    });
    steps.collect::<Vec<_>>().join(";")
}

/// `0x471c3a8@2026-03-02T21:14:02.6751768Z`: logon ids as in sessions.csv, with the logon's time.
fn sessions(movement: &Movement) -> String {
    let sessions = movement.sessions.iter().map(|session| {
        let since = session.since().map(|since| since.to_string());
        format!("{}@{}", session.logon_id, since.unwrap_or_default())
    });
    sessions.collect::<Vec<_>>().join(";")
}

/// One of a list in a cell: what would end it, or look like a place in the tree, is marked.
pub(super) fn item(text: &str) -> String {
    let text = text.replace(';', r"\;");
    match text.strip_prefix('>') {
        Some(rest) => format!(r"\>{rest}"),
        None => text,
    }
}

/// Command lines, each with as many `>` before it as processes stand above it.
fn process_tree(movement: &Movement) -> String {
    let branches = movement.tree.branches.iter();
    let mut lines: Vec<String> = branches
        .map(|branch| {
            let marks = ">".repeat(branch.depth);
            let space = if branch.depth > 0 { " " } else { "" };
            let bam = if branch.process.is_last_run {
                " (BAM: last run)"
            } else {
                ""
            };
            format!("{marks}{space}{}{bam}", item(branch.process.words()))
        })
        .collect();
    if movement.tree.is_cut {
        lines.push("…".to_owned());
    }
    lines.join("; ")
}

/// `2026-03-02T21:14:02.7710000Z C:\x.exe (HASH), deleted 2026-03-02T21:14:45.5340000Z`.
fn left(behind: &LeftBehind, list: List) -> String {
    let each = behind.all.iter().map(|left| {
        let hash = match left.hash.as_str() {
            "" => String::new(),
            hash => format!(" ({})", item(hash)),
        };
        let removed = match (left.removed, list) {
            (None, _) => String::new(),
            (Some(_), _) if left.is_only_removed() => ", seen when it was deleted".to_owned(),
            (Some(time), List::Files) => format!(", deleted {time}"),
            (Some(time), List::Persistence) => format!(", removed {time}"),
        };
        let words = item(&left.words(list));
        format!("{} {words}{hash}{removed}", left.time)
    });
    let mut lines: Vec<String> = each.collect();
    if behind.is_cut {
        lines.push("…".to_owned());
    }
    lines.join("; ")
}

/// `source_ip=a,b`.
fn also(movement: &Movement) -> String {
    let fields = movement
        .also
        .iter()
        .map(|(name, names)| format!("{name}={}", names.join(",")));
    fields.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use detectors::deed::Kind;
    use detectors::movement::{By, Left};
    use timeline::Uid;

    use super::*;

    #[test]
    fn what_was_left_is_a_list_in_a_cell() {
        let left_one = |name: &str, hash: &str, removed: Option<i64>| Left {
            time: Ticks(10_000_000),
            event: Uid::default(),
            kind: Kind::File,
            name: name.into(),
            detail: String::new(),
            hash: hash.into(),
            removed: removed.map(Ticks),
            by: By::Event,
        };
        let mut behind = LeftBehind {
            all: vec![
                left_one(r"C:\a;b.exe", "ff", Some(20_000_000)),
                left_one(r"C:\c.exe", "", Some(10_000_000)),
            ],
            is_cut: false,
        };
        let told = r"1601-01-01T00:00:01.0000000Z C:\a\;b.exe (ff), deleted 1601-01-01T00:00:02.0000000Z; 1601-01-01T00:00:01.0000000Z C:\c.exe, seen when it was deleted";
        assert_eq!(left(&behind, List::Files), told);
        behind.is_cut = true;
        assert_eq!(left(&behind, List::Files), format!("{told}; …"));
        behind.all.truncate(1);
        assert_eq!(
            left(&behind, List::Persistence),
            r"1601-01-01T00:00:01.0000000Z start-up item C:\a\;b.exe (ff), removed 1601-01-01T00:00:02.0000000Z; …"
        );
    }
}
