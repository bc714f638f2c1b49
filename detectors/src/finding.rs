//! A rule that matched, with its events.

use timeline::{Segment, Ticks};

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's place in the set.
    pub rule: usize,
    /// The values that its events share.
    pub keys: Vec<String>,
    /// Row of each stage's event among the events of all findings, runs written out; `None` for a
    /// missing-event stage.
    pub events: Vec<Option<u32>>,
    /// By how many ticks its events are out of order; none when they are in order.
    pub slack: Option<i64>,
    /// For address and host name of the far side: all names, when there is more than one.
    pub ambiguous: Vec<Vec<String>>,
}

impl Finding {
    /// Its events in the order of the stages.
    pub fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.events.iter().flatten().copied()
    }

    /// Times of its first and its last event.
    #[must_use]
    pub fn span(&self, events: &Segment) -> Option<(Ticks, Ticks)> {
        let times = || self.rows().filter_map(|row| events.rows[row as usize].time);
        Some((times().min()?, times().max()?))
    }

    /// Its first event in the one order.
    #[must_use]
    pub fn first(&self, events: &Segment) -> Option<u32> {
        self.rows().min_by(|&a, &b| events.compare(a, b))
    }

    /// The host that recorded it, as recorded.
    #[must_use]
    pub fn host<'a>(&self, events: &'a Segment) -> &'a str {
        let first = self.first(events).map(|row| events.rows[row as usize].host);
        first.map_or("", |host| events.strings.get(host))
    }

    /// How far out of order it is, in milliseconds, rounded up.
    #[must_use]
    pub fn slack_ms(&self) -> i64 {
        let ticks = timeline::TICKS_PER_MILLISECOND;
        self.slack.unwrap_or(0).saturating_add(ticks - 1) / ticks
    }
}
