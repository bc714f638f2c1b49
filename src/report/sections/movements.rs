//! All movements, one row each, and what their grades mean.

use detectors::movement::Grade;

use super::super::coverage::seconds;
use super::super::document::{
    Item, Kind, Line, Section, Span, Table, brief, end, few, ours, rule, strong, up_to,
};
use super::answer;
use super::chosen::Chosen;
use crate::case::CaseResult;
use crate::export::Rules;
use crate::plan::Plan;

/// How many commands of one movement stand in its row, and how many characters of each.
const RAN: usize = 3;
const COMMAND: usize = 160;

pub(super) fn section(plan: &Plan, case: &CaseResult, chosen: &Chosen) -> Section {
    let mut section = Section::new(Kind::Movements, "movements", vec![ours("Movements")]);
    if plan.question.rules.rules.is_empty() {
        section.say("No rules were run, so nothing was looked for.");
        return section;
    }
    if case.movements.is_empty() {
        if case.counts.looked_at() == 0 {
            section.say(answer::NOTHING_READ);
            return section;
        }
        section.paragraph(vec![
            ours(
                "No lateral movement was found. What that is worth depends on the logs that were collected: see ",
            ),
            Span::Link("what the evidence covers".into(), "coverage".into()),
            ours(" below, and what it could not answer."),
        ]);
        return section;
    }
    if chosen.left() > 0 {
        section.say(format!(
            "The strongest {} of {}, by grade, severity and time; movements.csv has all.",
            chosen.told().count(),
            case.movements.len()
        ));
    }
    section.table(table(plan, case, chosen));
    section.list(grades(case));
    section
}

fn table(plan: &Plan, case: &CaseResult, chosen: &Chosen) -> Table {
    let mut table = Table::with(&[
        "id",
        "grade",
        "start",
        "from",
        "to",
        "account",
        "how",
        "what ran, and files",
    ]);
    for place in chosen.told() {
        let movement = &case.movements[place];
        let rules = Rules::of(plan, case, movement);
        table.row(vec![
            vec![chosen.link(place)],
            vec![ours(movement.grade.as_str())],
            vec![ours(movement.start.map(seconds).unwrap_or_default())],
            end(&movement.source_host, &movement.source_ip, "unknown"),
            end(&movement.target_host, &movement.target_ip, "unknown"),
            brief(&movement.account),
            rule(&rules.foremost(1)),
            shorter(&movement.ran),
        ]);
    }
    if chosen.left() > 0 {
        let more = chosen.left();
        table.more = vec![ours(format!(
            "… and {more} more, less sure, less severe or later, in movements.csv."
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
            "the other host is named, and the action lies inside that session or window; or only the source's \
             records tell, and they name the target",
        ),
        (
            Grade::Possible,
            "a rule matched, but the evidence does not name the other host, or not the time, or something makes it less \
             sure",
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

/// What ran, each up to what fits into some lines.
fn shorter(ran: &[String]) -> Line {
    let each = ran.iter().map(|command| up_to(command, COMMAND));
    few(each, RAN, "; ", "movements.csv")
}
