//! The closing words on the terminal: the strongest movements, the gaps that matter, where the case
//! lies (CASE.md).

use std::fmt::Write;

use detectors::movement::Movement;

use super::CaseFolder;
use super::movements::{Rules, movement_id};
use super::strength::strongest_first;
use crate::case::CaseResult;
use crate::plan::Plan;
use crate::report::{begun, count, coverage_lines, open_questions, unread};
use crate::visible::visible;

/// How many movements are named.
const MOVEMENTS: usize = 10;
/// How many characters are told of what a movement ran: a script in base64 has thousands.
const RAN: usize = 200;
/// How many losses are named.
const LOSSES: usize = 5;
/// How many logs are named.
const LOGS: usize = 20;
/// How many open questions are named.
const QUESTIONS: usize = 20;

/// Prints the closing words. The case is complete by then: that nobody reads them is no failure.
pub(crate) fn close(folder: &CaseFolder, plan: &Plan, case: &CaseResult) {
    let words = words(folder, plan, case);
    let mut stdout = std::io::stdout().lock();
    let _ = std::io::Write::write_all(&mut stdout, words.as_bytes());
    let _ = std::io::Write::flush(&mut stdout);
}

fn words(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> String {
    let mut out = String::new();
    if case.inputs.is_empty() {
        let _ = writeln!(
            out,
            "{}; {} seen.",
            if case.unread.is_empty() {
                "Nothing here was recognised as evidence".to_owned()
            } else {
                format!("What was recognised here is not read yet: {}", unread(case))
            },
            match case.counts.unknown_files {
                1 => "1 other file was".to_owned(),
                files => format!("{files} other files were"),
            }
        );
    } else {
        let _ = writeln!(out, "{}", summary(plan, case));
        movements(&mut out, plan, case);
        coverage(&mut out, case);
    }
    losses(&mut out, case);
    let _ = writeln!(
        out,
        "\nThe case is in {}",
        visible(&folder.path().display().to_string())
    );
    out
}

fn summary(plan: &Plan, case: &CaseResult) -> String {
    let counts = case.counts;
    let mut text = format!(
        "{} of {} from {}",
        count(counts.looked_at(), "event"),
        count(case.host_count(), "host"),
        count(case.inputs.len() as u64, "evidence file")
    );
    if counts.recovered > 0 {
        let recovered = count(counts.recovered, "record");
        let _ = write!(text, "; {recovered} recovered");
    }
    match counts.duplicates {
        0 => {}
        1 => text.push_str("; 1 copy left out"),
        copies => {
            let _ = write!(text, "; {copies} copies left out");
        }
    }
    if !plan.reading.period.is_everything() {
        let _ = write!(text, "; {}", counts.left_out());
    }
    if counts.undated > 0 {
        let _ = write!(
            text,
            "; {} without a believable time, in undated.csv",
            counts.undated
        );
    }
    if counts.untold > 0 {
        let untold = count(counts.untold, "event");
        let _ = write!(
            text,
            "; {untold} of other files only in the Parquet files (--mft full)"
        );
    }
    if !case.unread.is_empty() {
        let _ = write!(text, "; recognised, but not read yet: {}", unread(case));
    }
    if counts.unknown_files > 0 {
        let _ = write!(
            text,
            "; {} not read",
            count(counts.unknown_files, "other file")
        );
    }
    text + "."
}

fn movements(out: &mut String, plan: &Plan, case: &CaseResult) {
    if plan.question.rules.rules.is_empty() {
        out.push_str("\nNo rules were run, so nothing was looked for.\n");
    } else if case.movements.is_empty() {
        out.push_str("\nNo lateral movement was found.\n");
    } else {
        let _ = writeln!(
            out,
            "\n{}, surest first:",
            count(case.movements.len() as u64, "movement")
        );
    }
    for place in strongest_first(plan, case).into_iter().take(MOVEMENTS) {
        let movement = &case.movements[place];
        let _ = writeln!(out, "  {}", sentence(plan, case, place, movement));
    }
    if case.movements.len() > MOVEMENTS {
        let _ = writeln!(
            out,
            "  … and {} more in movements.csv",
            case.movements.len() - MOVEMENTS
        );
    }
    let moved = case
        .movements
        .iter()
        .map(|movement| movement.findings.len());
    let others = case.findings.len() - moved.sum::<usize>();
    if others > 0 {
        let _ = writeln!(
            out,
            "  {} in findings.csv",
            match others {
                1 => "1 finding that is no movement".to_owned(),
                others => format!("{others} findings that are no movement"),
            }
        );
    }
}

fn sentence(plan: &Plan, case: &CaseResult, place: usize, movement: &Movement) -> String {
    let start = movement
        .start
        .map(|start| start.to_string())
        .unwrap_or_default();
    let rules = Rules::of(plan, case, movement);
    let mut text = format!(
        "{} {:<12} {} {} → {}",
        movement_id(place),
        movement.grade.as_str(),
        start.get(..19).unwrap_or(&start).replace('T', " "),
        crate::report::end(&movement.source_host, &movement.source_ip, "source unknown"),
        crate::report::end(&movement.target_host, &movement.target_ip, "target unknown"),
    );
    if !movement.account.is_empty() {
        let _ = write!(text, " as {}", movement.account);
    }
    let _ = write!(text, ": {}", rules.foremost(2));
    if !movement.ran.is_empty() {
        let _ = write!(text, ": {}", begun(&movement.ran.join("; "), RAN, "…"));
    }
    visible(&text)
}

fn coverage(out: &mut String, case: &CaseResult) {
    let _ = writeln!(out, "\nLogs and the time they cover:");
    let lines = coverage_lines(case);
    for line in lines.iter().take(LOGS) {
        let _ = writeln!(out, "  {}", visible(line));
    }
    if lines.len() > LOGS {
        let _ = writeln!(out, "  … and {} more in report.md", lines.len() - LOGS);
    }
    for gap in crate::report::gaps(case) {
        let _ = writeln!(out, "  {}", visible(&gap.line()));
    }
    if case.movements.is_empty() {
        questions(out, case);
    }
}

/// Where nothing was found, what could not have been.
fn questions(out: &mut String, case: &CaseResult) {
    let open = open_questions(case);
    if open.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nWhat this evidence could not have answered:");
    for question in open.iter().take(QUESTIONS) {
        let _ = writeln!(out, "  {}", visible(&question.line()));
    }
    if open.len() > QUESTIONS {
        let _ = writeln!(out, "  … and {} more in report.md", open.len() - QUESTIONS);
    }
}

fn losses(out: &mut String, case: &CaseResult) {
    if case.counts.losses == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "\n{} of evidence (issues.csv):",
        count(case.counts.losses, "loss")
    );
    let mut left = case.counts.losses;
    for loss in case.named_losses.iter().take(LOSSES) {
        let words = visible(&format!("{}: {}", loss.file, loss.message));
        let _ = writeln!(out, "  {words}{}", loss.often());
        left -= loss.times;
    }
    if left > 0 {
        let _ = writeln!(out, "  … and {left} more.");
    }
}
