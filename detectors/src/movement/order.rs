//! The order of movements.

use std::cmp::Ordering;

use timeline::Segment;

use super::Movement;

/// By start, then by their first events in the one order.
pub(super) fn compare(events: &Segment, a: &Movement, b: &Movement) -> Ordering {
    let by_events = || {
        a.events
            .iter()
            .zip(&b.events)
            .map(|(&a, &b)| events.compare(a, b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.events.len().cmp(&b.events.len()))
    };
    a.start
        .cmp(&b.start)
        .then_with(by_events)
        .then_with(|| a.findings.cmp(&b.findings))
}
