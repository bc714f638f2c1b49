//! What is no movement, what could not be answered or read, and how the report was made.

use std::cmp::Reverse;

use super::super::coverage::seconds;
use super::super::document::{Item, Kind, Line, Section, Table, ours, rule, shown};
use super::super::questions::open_questions;
use super::super::text::count;
use super::chosen::first_by;
use crate::case::CaseResult;
use crate::export::finding_id;
use crate::manifest::MANIFEST;
use crate::plan::Plan;

/// How many findings that are no movement are named.
const FINDINGS: usize = 50;

/// How many evidence files that movements rest on are listed.
const FILES: usize = 1000;

/// How many open questions are listed.
const QUESTIONS: usize = 200;

/// What rules found that is no movement from one host to another.
pub(super) fn findings(plan: &Plan, case: &CaseResult) -> Option<Section> {
    let mut moved = vec![false; case.findings.len()];
    for &finding in case
        .movements
        .iter()
        .flat_map(|movement| &movement.findings)
    {
        moved[finding] = true;
    }
    let others: Vec<usize> = (0..moved.len()).filter(|&place| !moved[place]).collect();
    if others.is_empty() {
        return None;
    }
    let mut section = Section::new(
        Kind::Findings,
        "findings",
        vec![ours("Findings that are no movement")],
    );
    section.say(
        "Rules matched, but not on a way from one host to another. findings.csv has them all.",
    );
    let severity = |place: usize| plan.question.rules.rules[case.findings[place].rule].severity;
    let mut table = Table::with(&["id", "severity", "start", "host", "rule"]);
    let told = first_by(&others, FINDINGS, |_, &place| Reverse(severity(place)));
    for place in told.into_iter().map(|place| others[place]) {
        let finding = &case.findings[place];
        let start = finding.span(&case.events).map(|(start, _)| seconds(start));
        table.row(vec![
            vec![ours(finding_id(place))],
            vec![ours(severity(place).as_str())],
            vec![ours(start.unwrap_or_default())],
            shown(finding.host(&case.events)),
            rule(&plan.question.rules.rules[finding.rule].name),
        ]);
    }
    if others.len() > FINDINGS {
        table.more = vec![ours(format!(
            "… and {} more, less severe or later.",
            others.len() - FINDINGS
        ))];
    }
    section.table(table);
    Some(section)
}

/// Questions that stay open whatever was found: what no evidence answers cannot have been found.
pub(super) fn questions(case: &CaseResult) -> Option<Section> {
    let open = open_questions(case);
    if open.is_empty() {
        return None;
    }
    let mut section = Section::new(
        Kind::Questions,
        "questions",
        vec![ours("What this evidence could not answer")],
    );
    let mut items: Vec<Item> = open
        .iter()
        .take(QUESTIONS)
        .map(|question| Item::of(question.words()))
        .collect();
    if open.len() > QUESTIONS {
        let more = open.len() - QUESTIONS;
        items.push(Item::of(vec![ours(format!("… and {more} more."))]));
    }
    section.list(items);
    Some(section)
}

/// The evidence files that movements rest on, with their hashes.
pub(super) fn files(case: &CaseResult) -> Option<Section> {
    let of_movements = case
        .movements
        .iter()
        .flat_map(|movement| &movement.events)
        .flat_map(|&row| case.events.provenances(row));
    let beside = &case.corroborating;
    let of_others = beside
        .places
        .values()
        .flat_map(|&row| beside.events.provenances(row));
    let mut cited: Vec<u32> = of_movements
        .chain(of_others)
        .map(|place| place.evidence.0)
        .collect();
    cited.sort_unstable();
    cited.dedup();
    let mut section = Section::new(
        Kind::Custody,
        "files",
        vec![ours("Evidence files that movements rest on")],
    );
    let mut table = Table::with(&["file", "SHA-256"]);
    for file in cited
        .iter()
        .filter_map(|&file| case.evidence.get(file as usize))
        .take(FILES)
    {
        table.row(vec![shown(&file.path), shown(&file.sha256)]);
    }
    table.tell_cut(cited.len(), FILES, MANIFEST);
    section.table(table);
    (!cited.is_empty()).then_some(section)
}

/// What could not be read.
pub(super) fn issues(case: &CaseResult) -> Option<Section> {
    if case.counts.losses == 0 {
        return None;
    }
    let mut section = Section::new(Kind::Issues, "issues", vec![ours("What could not be read")]);
    section.say(format!(
        "{}, {}; all are in issues.csv. The first losses:",
        count(case.counts.losses, "loss"),
        count(case.counts.notes, "note")
    ));
    let items = case.named_losses.iter().map(|loss| {
        let mut words = shown(&loss.file);
        words.push(ours(" "));
        words.extend(shown(&loss.message));
        words.push(ours(loss.often()));
        Item::of(words)
    });
    section.list(items.collect());
    Some(section)
}

/// How the report was made.
pub(super) fn method(plan: &Plan, case: &CaseResult) -> Section {
    let mut section = Section::new(Kind::Method, "method", vec![ours("How this was made")]);
    let counts = counted(case).into_iter().map(|words| vec![ours(words)]);
    let mut rules: Line = vec![ours(format!(
        "{}; the hash of all rules is ",
        count(plan.question.rules.rules.len() as u64, "rule")
    ))];
    rules.extend(shown(&plan.question.rules.sha256()));
    rules.push(ours("."));
    let principles = [
        "A movement's time is that of the event that is the movement itself, such as the file that \
         was written; events before it, such as the connection, led to it.",
        "Every row of evidence names the record number and the evidence file, and every other event its event_uid, by \
         which timeline.csv or the Parquet files have them; manifest.json has the SHA-256 of every file read and written.",
        "A source or an account is named only when evidence names it: an event of the movement, another logon of the \
         same session, the ticket of the logon, or the records of the host that had the address. Each movement says which. \
         Others that were seen near it are listed as such, and do not count.",
    ];
    let principles = principles.iter().map(|&words| vec![ours(words)]);
    let lines = counts.chain([rules]).chain(principles);
    section.list(lines.map(Item::of).collect());
    section
}

/// What was read and how, in numbers.
fn counted(case: &CaseResult) -> Vec<String> {
    let counts = case.counts;
    let mut all = vec![format!(
        "{} {} read {}; {}.",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        count(counts.records, "record"),
        match counts.duplicates {
            0 => "none was a copy of a record in another file".to_owned(),
            1 => "1 was a copy of a record in another file, and counts once".to_owned(),
            copies => format!("{copies} were copies of records in other files, and count once"),
        }
    )];
    let told = [
        (
            counts.recovered,
            "record",
            "recovered from the unused ends of logs' chunks and the free cells of hives, where they are \
             kept no more; values in them can be overwritten in places.",
        ),
        (
            counts.by_fallback,
            "record",
            "read by the `evtx` crate, because our own decoder does not know their form.",
        ),
        (
            counts.assembled,
            "PowerShell script block",
            "put together from the events that hold their parts; each is an event more.",
        ),
        (
            counts.untold,
            "event",
            "of files that are neither programs, scripts, archives, logs or tasks nor known as downloads: only \
             in the Parquet files. `--mft full` puts them on the timeline.",
        ),
        (
            counts.undated,
            "event",
            "without a believable time: in undated.csv.",
        ),
    ];
    let told = told.into_iter().filter(|(number, ..)| *number > 0);
    all.extend(told.map(|(number, what, how)| format!("{} {how}", count(number, what))));
    all
}
