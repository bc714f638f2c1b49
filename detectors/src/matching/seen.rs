//! Which rules have events for each of their stages.

use std::collections::{BTreeMap, BTreeSet};

/// Which stages of which rules have events: most rules of many lack one, and nothing more need be done
/// for them.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// A bit for each stage, by the rule's place.
    pub(super) stages: BTreeMap<usize, u64>,
}

impl Seen {
    /// Adds what other events have.
    pub fn merge(&mut self, other: &Self) {
        for (rule, stages) in &other.stages {
            *self.stages.entry(*rule).or_default() |= stages;
        }
    }
}

/// Rules all of whose stages have events somewhere.
#[derive(Clone, Debug, Default)]
pub struct Complete(pub(super) BTreeSet<usize>);

impl Complete {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a segment has events of any of the rules.
    #[must_use]
    pub fn has_any(&self, seen: &Seen) -> bool {
        seen.stages.keys().any(|rule| self.0.contains(rule))
    }
}
