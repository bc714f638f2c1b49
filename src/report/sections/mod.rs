//! From the case to the sections of the report. Nothing here finds anything new; it selects, orders and words.

mod covered;
mod left;
mod movement;
mod movements;
mod ran;
mod rest;
mod title;

use timeline::Ticks;

use super::document::Section;
use crate::case::CaseResult;
use crate::plan::Plan;

/// How many movements are described one by one: more is nothing to read, and movements.csv has all.
const MOVEMENTS: usize = 1000;

/// Every section, in order.
pub(super) fn tell(
    plan: &Plan,
    case: &CaseResult,
    put: &mut dyn FnMut(Section) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    put(title::section(plan, case))?;
    put(movements::section(plan, case))?;
    let describer = movement::Describer::new(plan, case);
    for (place, movement) in case.movements.iter().enumerate().take(MOVEMENTS) {
        put(describer.describe(place, movement))?;
    }
    let rest = [
        rest::findings(plan, case),
        Some(covered::section(case)),
        rest::questions(case),
        rest::issues(case),
        rest::files(case),
        Some(rest::method(plan, case)),
    ];
    rest.into_iter().flatten().try_for_each(put)
}

/// The time to the second, as records have it.
fn moment(time: Ticks) -> String {
    let text = time.to_string();
    text.get(..19).unwrap_or(&text).to_owned()
}
