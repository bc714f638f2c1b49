//! The closing words on the terminal: the strongest movements, the gaps that matter, where the case
//! lies (CASE.md).

use std::fmt::Write;

use detectors::movement::Movement;
use detectors::rule::Severity;

use super::CaseFolder;
use super::movements::{Rules, movement_id};
use crate::case::CaseResult;
use crate::plan::Plan;
use crate::report::coverage_lines;
use crate::visible::visible;

/// How many movements are named.
const MOVEMENTS: usize = 10;
/// How many logs are named.
const LOGS: usize = 20;

/// Prints the closing words.
#[expect(clippy::print_stdout, reason = "results go to stdout (DESIGN.md §6)")]
pub(crate) fn close(folder: &CaseFolder, plan: &Plan, case: &CaseResult) {
    print!("{}", words(folder, plan, case));
}

fn words(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> String {
    let mut out = String::new();
    if case.inputs.is_empty() {
        let _ = writeln!(
            out,
            "Nothing here was recognised as evidence ({} other files were seen).",
            case.counts.unknown_files
        );
    } else {
        let _ = writeln!(out, "{}", summary(case));
        movements(&mut out, plan, case);
        coverage(&mut out, case);
        losses(&mut out, case);
    }
    let _ = writeln!(
        out,
        "\nThe case is in {}",
        visible(&folder.path().display().to_string())
    );
    out
}

fn summary(case: &CaseResult) -> String {
    let counts = case.counts;
    let mut text = format!(
        "{} events of {} from {}",
        counts.events - counts.duplicates,
        count(case.hosts.len(), "host"),
        count(case.inputs.len(), "evidence file")
    );
    if counts.duplicates > 0 {
        let _ = write!(text, "; {} copies left out", counts.duplicates);
    }
    if counts.filtered > 0 {
        let _ = write!(text, "; {} outside of the period left out", counts.filtered);
    }
    if counts.undated > 0 {
        let _ = write!(
            text,
            "; {} without a believable time, in undated.csv",
            counts.undated
        );
    }
    if counts.unknown_files > 0 {
        let _ = write!(text, "; {} other files not read", counts.unknown_files);
    }
    text + "."
}

fn count(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

fn movements(out: &mut String, plan: &Plan, case: &CaseResult) {
    if case.movements.is_empty() {
        let findings = match case.findings.len() {
            0 => "No rule matched.".to_owned(),
            number => format!("{} in findings.csv.", count(number, "finding")),
        };
        let _ = writeln!(out, "\nNo lateral movement was found. {findings}");
        return;
    }
    let _ = writeln!(out, "\n{}:", count(case.movements.len(), "movement"));
    for (place, movement) in strongest(plan, case).into_iter().take(MOVEMENTS) {
        let _ = writeln!(out, "  {}", sentence(plan, case, place, movement));
    }
    if case.movements.len() > MOVEMENTS {
        let _ = writeln!(
            out,
            "  … and {} more in movements.csv",
            case.movements.len() - MOVEMENTS
        );
    }
}

/// By grade, then severity, then time.
fn strongest<'c>(plan: &Plan, case: &'c CaseResult) -> Vec<(usize, &'c Movement)> {
    let severity = |movement: &Movement| {
        let rules = movement
            .findings
            .iter()
            .map(|&finding| case.findings[finding].rule);
        rules
            .map(|rule| plan.rules.rules[rule].severity)
            .max()
            .unwrap_or(Severity::Low)
    };
    let mut movements: Vec<_> = case.movements.iter().enumerate().collect();
    movements.sort_by_key(|(place, movement)| {
        (
            movement.grade,
            std::cmp::Reverse(severity(movement)),
            *place,
        )
    });
    movements
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
    let _ = write!(text, ": {}", rules.names.join("; "));
    if !movement.ran.is_empty() {
        let _ = write!(text, ": {}", movement.ran.join("; "));
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
        let _ = writeln!(out, "  {}", visible(&gap));
    }
}

fn losses(out: &mut String, case: &CaseResult) {
    let losses = usize::try_from(case.counts.losses).unwrap_or(usize::MAX);
    if losses == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "\n{} of evidence (issues.csv):",
        if losses == 1 {
            "1 loss".to_owned()
        } else {
            format!("{losses} losses")
        }
    );
    for (file, message) in case.named_losses.iter().take(5) {
        let _ = writeln!(out, "  {}", visible(&format!("{file}: {message}")));
    }
}
