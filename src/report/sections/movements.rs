//! All movements, one row each, and what their grades mean.

use detectors::movement::Grade;

use super::super::coverage::seconds;
use super::super::document::{Item, Kind, Section, Span, Table, end, ours, rule, shown, strong};
use super::MOVEMENTS;
use crate::case::CaseResult;
use crate::export::{Rules, movement_id};
use crate::plan::Plan;

pub(super) fn section(plan: &Plan, case: &CaseResult) -> Section {
    let mut section = Section::new(Kind::Movements, "movements", vec![ours("Movements")]);
    if plan.question.rules.rules.is_empty() {
        section.say("No rules were run, so nothing was looked for.");
        return section;
    }
    if case.movements.is_empty() {
        section.say(
            "No lateral movement was found. What that is worth depends on the logs that were \
             collected: see *What the evidence covers* and *What this evidence could not answer* \
             below.",
        );
        return section;
    }
    section.table(table(plan, case));
    section.list(grades(case));
    section
}

fn table(plan: &Plan, case: &CaseResult) -> Table {
    let mut table = Table::with(&[
        "id",
        "grade",
        "start",
        "from",
        "to",
        "account",
        "how",
        "what ran or was placed",
    ]);
    for (place, movement) in case.movements.iter().enumerate().take(MOVEMENTS) {
        let rules = Rules::of(plan, case, movement);
        let id = movement_id(place);
        table.row(vec![
            vec![Span::Link(id.clone(), id)],
            vec![ours(movement.grade.as_str())],
            vec![ours(movement.start.map(seconds).unwrap_or_default())],
            end(&movement.source_host, &movement.source_ip, "unknown"),
            end(&movement.target_host, &movement.target_ip, "unknown"),
            shown(&movement.account),
            rule(&rules.foremost(1)),
            shown(&movement.ran.join("; ")),
        ]);
    }
    if case.movements.len() > MOVEMENTS {
        let more = case.movements.len() - MOVEMENTS;
        table.more = vec![ours(format!(
            "… and {more} more, later ones, in movements.csv."
        ))];
    }
    table
}

/// What the grades mean, as far as they occur.
fn grades(case: &CaseResult) -> Vec<Item> {
    let grades = [
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
    ];
    let occurs = |grade| {
        case.movements
            .iter()
            .any(|movement| movement.grade == grade)
    };
    let items = grades.into_iter().filter(|(grade, _)| occurs(*grade));
    items
        .map(|(grade, meaning)| {
            Item::of(vec![strong(grade.as_str()), ours(format!(": {meaning}."))])
        })
        .collect()
}
