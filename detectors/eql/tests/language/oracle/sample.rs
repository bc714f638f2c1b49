//! Samples, EQL.md §8.

use std::collections::BTreeSet;

use eql::plan::{KeyedFilter, Sample};

use super::Event;
use super::matching::{KeyTuple, keys, selects};

/// For every key, in order, the first choice of distinct events, one per filter.
pub(super) fn samples<'e>(sample: &Sample, events: &'e [Event]) -> Vec<Vec<&'e Event>> {
    let all: BTreeSet<KeyTuple> = events
        .iter()
        .flat_map(|event| keys(&sample.filters[0].keys, event))
        .collect();
    all.iter()
        .filter_map(|key| choices(&sample.filters, key, events).into_iter().next())
        .collect()
}

fn choices<'e>(
    filters: &[KeyedFilter],
    key: &KeyTuple,
    events: &'e [Event],
) -> Vec<Vec<&'e Event>> {
    let Some((filter, rest)) = filters.split_first() else {
        return vec![Vec::new()];
    };
    let fits =
        |event: &&Event| selects(&filter.filter, event) && keys(&filter.keys, event).contains(key);
    let rest = choices(rest, key, events);
    let mut found = Vec::new();
    for event in events.iter().filter(fits) {
        for others in &rest {
            if others.iter().all(|other| other.ordinal != event.ordinal) {
                found.push([&[event], others.as_slice()].concat());
            }
        }
    }
    found
}
