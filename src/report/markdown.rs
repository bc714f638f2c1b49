//! `report.md`: who, where, when, how, with proof.

use std::fmt::Write;

use detectors::movement::{Covered, Grade};

use super::coverage::{events, gaps, host, pieces, seconds, unread};
use super::movement::Describer;
use super::questions::open_questions;
use super::text::{cell, code, count, end_span, prose};
use crate::case::CaseResult;
use crate::export::{Rules, finding_id, movement_id};
use crate::plan::{Period, Plan};

/// How many findings that are no movement are named.
const FINDINGS: usize = 50;
/// How many movements are described one by one: more is nothing to read, and movements.csv has all.
const MOVEMENTS: usize = 1000;

/// How many open questions are listed.
const QUESTIONS: usize = 200;

/// The whole report.
pub(super) fn render(plan: &Plan, case: &CaseResult) -> String {
    let mut out = String::new();
    head(&mut out, plan, case);
    summary(&mut out, plan, case);
    let describer = Describer::new(plan, case);
    for (place, movement) in case.movements.iter().enumerate().take(MOVEMENTS) {
        describer.describe(&mut out, place, movement);
    }
    other_findings(&mut out, plan, case);
    coverage(&mut out, case);
    questions(&mut out, case);
    issues(&mut out, case);
    files(&mut out, case);
    method(&mut out, plan, case);
    out
}

fn head(out: &mut String, plan: &Plan, case: &CaseResult) {
    out.push_str("# Lateral movement report\n\n");
    if !plan.case_id.is_empty() {
        let _ = writeln!(out, "Case: {}  ", code(&plan.case_id));
    }
    if !plan.examiner.is_empty() {
        let _ = writeln!(out, "Examiner: {}  ", code(&plan.examiner));
    }
    if !plan.reading.period.is_everything() {
        let _ = writeln!(
            out,
            "Only events {}: {}.  ",
            period(plan.reading.period),
            case.counts.left_out()
        );
    }
    let _ = writeln!(
        out,
        "Evidence: {}, {}, {}. All times are UTC.\n",
        count(case.inputs.len() as u64, "file"),
        count(case.host_count(), "host"),
        count(case.counts.looked_at(), "event")
    );
}

/// `from … up to …`.
fn period(period: Period) -> String {
    let from = period.from.map(|from| format!("from {from} on"));
    let to = period.to.map(|to| format!("before {to}"));
    [from, to]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" and ")
}

fn summary(out: &mut String, plan: &Plan, case: &CaseResult) {
    out.push_str("## Summary\n\n");
    if plan.question.rules.rules.is_empty() {
        out.push_str("No rules were run, so nothing was looked for.\n\n");
        return;
    }
    if case.movements.is_empty() {
        out.push_str(
            "No lateral movement was found. What that is worth depends on the logs that were \
             collected: see *What the evidence covers* and *What this evidence could not answer* \
             below.\n\n",
        );
        return;
    }
    out.push_str(
        "| id | grade | start | from | to | account | how | what ran or was placed |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (place, movement) in case.movements.iter().enumerate().take(MOVEMENTS) {
        let rules = Rules::of(plan, case, movement);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            movement_id(place),
            movement.grade.as_str(),
            movement.start.map(seconds).unwrap_or_default(),
            end_span(cell, &movement.source_host, &movement.source_ip, "unknown"),
            end_span(cell, &movement.target_host, &movement.target_ip, "unknown"),
            cell(&movement.account),
            prose(&rules.foremost(1)),
            cell(&movement.ran.join("; ")),
        );
    }
    if case.movements.len() > MOVEMENTS {
        let more = case.movements.len() - MOVEMENTS;
        let _ = writeln!(out, "\n… and {more} more, later ones, in movements.csv.");
    }
    out.push('\n');
    grades(out, case);
}

/// What the grades mean, as far as they occur.
fn grades(out: &mut String, case: &CaseResult) {
    for (grade, meaning) in [
        (
            Grade::Confirmed,
            "rules matched on both hosts, or one connection, session or file ties the named source \
             to what was done",
        ),
        (
            Grade::Probable,
            "the other host is named, and the action lies inside that session or window",
        ),
        (
            Grade::Possible,
            "a rule matched, but the evidence does not name the other host, or not the time",
        ),
        (Grade::Contradicted, "evidence speaks against it"),
    ] {
        if case
            .movements
            .iter()
            .any(|movement| movement.grade == grade)
        {
            let _ = writeln!(out, "- **{}**: {meaning}.", grade.as_str());
        }
    }
    out.push('\n');
}

/// What rules found that is no movement from one host to another.
fn other_findings(out: &mut String, plan: &Plan, case: &CaseResult) {
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
        return;
    }
    out.push_str(
        "## Findings that are no movement\n\nRules matched, but not on a way from one host to \
         another. findings.csv has them all.\n\n| id | start | host | rule |\n|---|---|---|---|\n",
    );
    for &place in others.iter().take(FINDINGS) {
        let finding = &case.findings[place];
        let start = finding.span(&case.events).map(|(start, _)| seconds(start));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            finding_id(place),
            start.unwrap_or_default(),
            cell(finding.host(&case.events)),
            prose(&plan.question.rules.rules[finding.rule].name)
        );
    }
    if others.len() > FINDINGS {
        let _ = writeln!(out, "\n… and {} more.", others.len() - FINDINGS);
    }
    out.push('\n');
}

fn coverage(out: &mut String, case: &CaseResult) {
    out.push_str("## What the evidence covers\n\n");
    if case.coverage.iter().next().is_none() {
        out.push_str(if case.counts.filtered > 0 {
            "All events lie outside of the chosen period.\n\n"
        } else {
            "No event with a believable time was read.\n\n"
        });
        return;
    }
    out.push_str(
        "| host | log | first event | last event | events | record numbers |\n\
         |---|---|---|---|---|---|\n",
    );
    for covered in case.coverage.iter() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {}{} |",
            host(case, covered, cell),
            log(covered),
            seconds(covered.first),
            seconds(covered.last),
            covered.events,
            pieces(covered),
            events(case, covered)
        );
    }
    out.push('\n');
    for gap in gaps(case) {
        let hosts: Vec<String> = gap.hosts.iter().map(|host| code(host)).collect();
        let _ = writeln!(
            out,
            "- No {} log of: {}{}",
            code(gap.log),
            hosts.join(", "),
            gap.more()
        );
    }
    if !case.unread.is_empty() {
        let _ = writeln!(
            out,
            "- Recognised in the evidence, but not read yet: {}",
            unread(case)
        );
    }
    out.push_str(
        "\nWhat happened outside of these times, in the holes between record numbers, or on hosts \
         and in logs that are not listed, cannot be seen here.\n\n",
    );
}

/// Questions that stay open whatever was found: what no evidence answers cannot have been found.
fn questions(out: &mut String, case: &CaseResult) {
    let open = open_questions(case);
    if open.is_empty() {
        return;
    }
    out.push_str("## What this evidence could not answer\n\n");
    for question in open.iter().take(QUESTIONS) {
        let _ = writeln!(out, "- {}", question.words(code));
    }
    if open.len() > QUESTIONS {
        let _ = writeln!(out, "- … and {} more.", open.len() - QUESTIONS);
    }
    out.push('\n');
}

fn log(covered: &Covered) -> String {
    if covered.channel.is_empty() {
        "(no name recorded)".into()
    } else {
        cell(&covered.channel)
    }
}

/// The evidence files that movements rest on, with their hashes.
fn files(out: &mut String, case: &CaseResult) {
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
    if cited.is_empty() {
        return;
    }
    out.push_str("## Evidence files that movements rest on\n\n| file | SHA-256 |\n|---|---|\n");
    for file in cited
        .iter()
        .filter_map(|&file| case.evidence.get(file as usize))
    {
        let _ = writeln!(out, "| {} | {} |", cell(&file.path), cell(&file.sha256));
    }
    out.push('\n');
}

fn issues(out: &mut String, case: &CaseResult) {
    if case.counts.losses == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "## What could not be read\n\n{}, {}; all are in issues.csv. The first losses:\n",
        count(case.counts.losses, "loss"),
        count(case.counts.notes, "note")
    );
    for (file, message) in &case.named_losses {
        let _ = writeln!(out, "- {} {}", code(file), code(message));
    }
    out.push('\n');
}

fn method(out: &mut String, plan: &Plan, case: &CaseResult) {
    let counts = case.counts;
    out.push_str("## How this was made\n\n");
    let _ = writeln!(
        out,
        "- {} {} read {}; {}.",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        count(counts.records, "record"),
        match counts.duplicates {
            0 => "none was a copy of a record in another file".to_owned(),
            1 => "1 was a copy of a record in another file, and counts once".to_owned(),
            copies => format!("{copies} were copies of records in other files, and count once"),
        }
    );
    if counts.recovered > 0 {
        let _ = writeln!(
            out,
            "- {} recovered from the unused ends of logs' chunks and the free cells of hives, where they are \
             kept no more; values in them can be overwritten in places.",
            count(counts.recovered, "record")
        );
    }
    if counts.by_fallback > 0 {
        let _ = writeln!(
            out,
            "- {} read by the `evtx` crate, because our own decoder does not know their form.",
            count(counts.by_fallback, "record")
        );
    }
    if counts.assembled > 0 {
        let _ = writeln!(
            out,
            "- {} put together from the events that hold their parts; each is an event more.",
            count(counts.assembled, "PowerShell script block")
        );
    }
    if counts.untold > 0 {
        let _ = writeln!(
            out,
            "- {} of files that are neither programs, scripts, archives, logs or tasks nor known as downloads: only \
             in the Parquet files. `--mft full` puts them on the timeline.",
            count(counts.untold, "event")
        );
    }
    if counts.undated > 0 {
        let _ = writeln!(
            out,
            "- {} without a believable time: in undated.csv.",
            count(counts.undated, "event")
        );
    }
    let _ = writeln!(
        out,
        "- {}; the hash of all rules is {}.",
        count(plan.question.rules.rules.len() as u64, "rule"),
        code(&plan.question.rules.sha256())
    );
    out.push_str(
        "- A movement's time is that of the event that is the movement itself, such as the file that \
         was written; events before it, such as the connection, led to it.\n\
         - Every event above is named by its record number and evidence file; manifest.json has the \
         SHA-256 of every file read and written.\n\
         - A source or an account is named only when an event of the match names it. Others that \
         were seen near it are listed as such, and do not count.\n",
    );
}
