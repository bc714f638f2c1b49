//! The state machine of EQL.md §7.3.

use std::collections::BTreeMap;

use eql::plan::{KeyedFilter, Sequence, Stage};

use super::matching::{KeyTuple, keys, selects};
use super::{Event, Found, missing};

/// A pending or complete sequence of positive events.
#[derive(Clone)]
pub(super) struct Pending<'e> {
    pub(super) events: Vec<&'e Event>,
    pub(super) key: KeyTuple,
}

impl<'e> Pending<'e> {
    pub(super) fn first(&self) -> &'e Event {
        self.events[0]
    }

    pub(super) fn last(&self) -> &'e Event {
        self.events[self.events.len() - 1]
    }
}

/// All matches in the order of their last events.
pub(super) fn matches<'e>(sequence: &Sequence, events: &'e [Event]) -> Vec<Found<'e>> {
    let columns: Vec<&Stage> = sequence.stages.iter().flat_map(repeated).collect();
    let positive: Vec<&Stage> = columns
        .iter()
        .copied()
        .filter(|stage| !stage.missing)
        .collect();
    let machine = Machine {
        sequence,
        stages: positive,
        slots: BTreeMap::new(),
        until: BTreeMap::new(),
        complete: Vec::new(),
    };
    let complete = machine.run(events).into_iter();
    complete
        .filter(|found| missing::confirms(&columns, sequence.maxspan, found, events))
        .map(|found| with_gaps(&columns, &found))
        .collect()
}

fn repeated(stage: &Stage) -> impl Iterator<Item = &Stage> {
    std::iter::repeat_n(stage, stage.runs as usize)
}

fn with_gaps<'e>(columns: &[&Stage], found: &Pending<'e>) -> Found<'e> {
    let mut events = found.events.iter();
    columns
        .iter()
        .map(|stage| {
            if stage.missing {
                None
            } else {
                events.next().copied()
            }
        })
        .collect()
}

struct Machine<'q, 'e> {
    sequence: &'q Sequence,
    stages: Vec<&'q Stage>,
    slots: BTreeMap<(KeyTuple, usize), Pending<'e>>,
    /// The latest until event of each key.
    until: BTreeMap<KeyTuple, usize>,
    complete: Vec<Pending<'e>>,
}

impl<'e> Machine<'_, 'e> {
    fn run(mut self, events: &'e [Event]) -> Vec<Pending<'e>> {
        for event in events {
            for place in (0..self.stages.len()).rev() {
                self.offer(event, place);
            }
            self.note_until(event);
        }
        self.complete
    }

    fn offer(&mut self, event: &'e Event, place: usize) {
        let stage = self.stages[place];
        if !selects(&stage.filter, event) {
            return;
        }
        for key in keys(&stage.keys, event) {
            if let Some(extended) = self.extended(event, place, &key) {
                self.keep(extended, place);
            }
        }
    }

    fn extended(&mut self, event: &'e Event, place: usize, key: &KeyTuple) -> Option<Pending<'e>> {
        if place == 0 {
            let events = vec![event];
            return Some(Pending {
                events,
                key: key.clone(),
            });
        }
        let slot = (key.clone(), place - 1);
        if self.slots.get(&slot)?.last().ordinal >= event.ordinal {
            return None;
        }
        let mut pending = self.slots.remove(&slot)?;
        if self.expired(&pending, event) || self.stopped(&pending) {
            return None;
        }
        pending.events.push(event);
        Some(pending)
    }

    fn expired(&self, pending: &Pending<'_>, event: &Event) -> bool {
        let span = self.sequence.maxspan.map(ticks);
        span.is_some_and(|span| event.time - pending.first().time > span)
    }

    /// The current event is noted only after it was offered, so the latest is before it.
    fn stopped(&self, pending: &Pending<'_>) -> bool {
        let latest = self.until.get(&pending.key);
        latest.is_some_and(|until| *until >= pending.last().ordinal)
    }

    fn keep(&mut self, pending: Pending<'e>, place: usize) {
        if place + 1 == self.stages.len() {
            self.complete.push(pending);
        } else {
            self.slots.insert((pending.key.clone(), place), pending);
        }
    }

    fn note_until(&mut self, event: &Event) {
        let Some(KeyedFilter {
            filter,
            keys: until_keys,
            ..
        }) = &self.sequence.until
        else {
            return;
        };
        if selects(filter, event) {
            for key in keys(until_keys, event) {
                self.until.insert(key, event.ordinal);
            }
        }
    }
}

/// Milliseconds as ticks.
pub(super) fn ticks(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds).unwrap() * 10_000
}
