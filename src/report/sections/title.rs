//! Whose report it is, and of what.

use super::super::document::{Block, Kind, Line, Section, ours, shown};
use super::super::text::count;
use crate::case::CaseResult;
use crate::plan::{Period, Plan};

pub(super) fn section(plan: &Plan, case: &CaseResult) -> Section {
    let mut section = Section::new(Kind::Title, "report", vec![ours("Lateral movement report")]);
    let mut lines: Vec<Line> = Vec::new();
    for (what, value) in [("Case: ", &plan.case_id), ("Examiner: ", &plan.examiner)] {
        if !value.is_empty() {
            let mut words = vec![ours(what)];
            words.extend(shown(value));
            lines.push(words);
        }
    }
    if !plan.reading.period.is_everything() {
        lines.push(vec![ours(format!(
            "Only events {}: {}.",
            period(plan.reading.period),
            case.counts.left_out()
        ))]);
    }
    lines.push(vec![ours(format!(
        "Evidence: {}, {}, {}. All times are UTC{}.",
        count(case.inputs.len() as u64, "file"),
        count(case.host_count(), "host"),
        count(case.counts.looked_at(), "event"),
        match plan.timezone {
            Some(zone) => format!(" but where {} stands beside them", zone.name()),
            None => String::new(),
        }
    ))]);
    section.blocks.push(Block::Lines(lines));
    section
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
