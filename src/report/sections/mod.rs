//! From the case to the sections of the report. Nothing here finds anything new; it selects, orders and words.

mod answer;
mod command;
mod covered;
mod custody;
mod lanes;
mod left;
mod movement;
mod movements;
mod people;
mod pictures;
mod ran;
mod rest;
mod title;

use timeline::Ticks;

use super::document::{Section, Span, ours};
use crate::case::CaseResult;
use crate::export::{Output, movement_id};
use crate::plan::Plan;

/// How many movements are described one by one: more is nothing to read, and movements.csv has all.
const MOVEMENTS: usize = 1000;

/// Every section, in order.
pub(super) fn tell(
    plan: &Plan,
    case: &CaseResult,
    outputs: &[Output],
    put: &mut dyn FnMut(Section) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    put(title::section(plan, case))?;
    put(answer::section(plan, case))?;
    put(movements::section(plan, case))?;
    let pictures = [
        pictures::ladder(plan, case),
        pictures::graph(case),
        pictures::paths(case),
    ];
    pictures.into_iter().flatten().try_for_each(&mut *put)?;
    let describer = movement::Describer::new(plan, case);
    for (place, movement) in case.movements.iter().enumerate().take(MOVEMENTS) {
        put(describer.describe(place, movement))?;
    }
    let rest = [
        rest::findings(plan, case),
        people::hosts(case),
        people::accounts(case),
        Some(covered::section(case)),
        rest::questions(case),
        rest::issues(case),
        rest::files(case),
        Some(custody::section(plan, case, outputs)),
        Some(rest::method(plan, case)),
    ];
    rest.into_iter().flatten().try_for_each(put)
}

/// The time to the second, as records have it.
fn moment(time: Ticks) -> String {
    let text = time.to_string();
    text.get(..19).unwrap_or(&text).to_owned()
}

/// A movement's id, as a link where it has a section.
fn link(place: usize) -> Span {
    let id = movement_id(place);
    if place < MOVEMENTS {
        Span::Link(id.clone(), id)
    } else {
        ours(id)
    }
}
