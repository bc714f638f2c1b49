//! From the case to the sections of the report. Nothing here finds anything new; it selects, orders and words.

mod answer;
mod chosen;
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

use super::document::Section;
use crate::case::CaseResult;
use crate::export::Output;
use crate::plan::Plan;

use chosen::Chosen;

/// Every section, in order.
pub(super) fn tell(
    plan: &Plan,
    case: &CaseResult,
    outputs: &[Output],
    put: &mut dyn FnMut(Section) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let chosen = &Chosen::of(plan, case);
    put(title::section(plan, case))?;
    put(answer::section(plan, case, chosen))?;
    put(movements::section(plan, case, chosen))?;
    let pictures = [
        pictures::ladder(plan, case, chosen),
        pictures::graph(case, chosen),
        pictures::paths(case, chosen),
    ];
    pictures.into_iter().flatten().try_for_each(&mut *put)?;
    let describer = movement::Describer::new(plan, case);
    for place in chosen.told() {
        put(describer.describe(place, &case.movements[place]))?;
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
