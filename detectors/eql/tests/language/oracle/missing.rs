//! The check of missing events, EQL.md §7.5.

use eql::plan::Stage;

use super::Event;
use super::matching::{keys, selects};
use super::sequence::{Pending, ticks};

/// Whether nothing happened that must not have happened.
pub(super) fn confirms(
    columns: &[&Stage],
    maxspan: Option<u64>,
    found: &Pending<'_>,
    events: &[Event],
) -> bool {
    let groups: Vec<_> = columns.split(|stage| !stage.missing).collect();
    let between = &groups[1..groups.len() - 1];
    let quiet = between
        .iter()
        .zip(found.events.windows(2))
        .all(|(group, pair)| {
            let (after, before) = (pair[0].time, pair[1].time);
            times(group, found, events)
                .iter()
                .all(|time| *time <= after || *time >= before)
        });
    quiet && ends_are_quiet(groups[0], groups[groups.len() - 1], maxspan, found, events)
}

fn ends_are_quiet(
    leading: &[&Stage],
    trailing: &[&Stage],
    maxspan: Option<u64>,
    found: &Pending<'_>,
    events: &[Event],
) -> bool {
    let (first, last) = (found.first().time, found.last().time);
    let latest = times(leading, found, events)
        .into_iter()
        .filter(|time| *time < first)
        .max();
    let earliest = times(trailing, found, events)
        .into_iter()
        .filter(|time| *time > last)
        .min();
    let both = !leading.is_empty() && !trailing.is_empty();
    let far = |from, to| maxspan.is_some_and(|span| to - from > ticks(span));
    match (latest, earliest) {
        (Some(latest), Some(earliest)) => far(latest, earliest),
        _ if both => true,
        (Some(latest), None) => far(latest, last),
        (None, Some(earliest)) => far(first, earliest),
        (None, None) => true,
    }
}

/// The times of all events that fit one of the stages and have the key of the match.
fn times(stages: &[&Stage], found: &Pending<'_>, events: &[Event]) -> Vec<i64> {
    let fits = |event: &&Event| {
        stages.iter().any(|stage| {
            selects(&stage.filter, event) && keys(&stage.keys, event).contains(&found.key)
        })
    };
    events.iter().filter(fits).map(|event| event.time).collect()
}
