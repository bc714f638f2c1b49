//! Which movements come first where not all can be told.

use std::cmp::Reverse;

use detectors::movement::Movement;
use detectors::rule::Severity;

use crate::case::CaseResult;
use crate::plan::Plan;

/// The places of all movements, the strongest first: by grade, then severity, then time (CASE.md).
pub(crate) fn strongest_first(plan: &Plan, case: &CaseResult) -> Vec<usize> {
    let mut places: Vec<usize> = (0..case.movements.len()).collect();
    places.sort_by_cached_key(|&place| {
        let movement = &case.movements[place];
        (
            movement.grade,
            Reverse(severity(plan, case, movement)),
            place,
        )
    });
    places
}

/// That of the most severe of its rules.
fn severity(plan: &Plan, case: &CaseResult, movement: &Movement) -> Severity {
    let findings = movement.findings.iter();
    let rules = findings.map(|&finding| case.findings[finding].rule);
    let severities = rules.map(|rule| plan.question.rules.rules[rule].severity);
    severities.max().unwrap_or(Severity::Low)
}
