//! What a form could not say, counted.

use std::collections::BTreeMap;

/// Counts of one export.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Events without a row, by the reason.
    pub(super) left_out: BTreeMap<&'static str, u64>,
    /// What of rows was lost, or had to be changed, by what it is.
    pub(super) lost: BTreeMap<&'static str, u64>,
    /// Cells that would have been formulas.
    pub(super) neutralised: u64,
    /// Tags of the user for events that the case does not have.
    pub(super) unknown_tags: u64,
    /// Rows by whether they are dated, host and day: how a large form is split.
    pub(super) parts: BTreeMap<(bool, String, i64), u64>,
}

impl Tally {
    /// Counts an event that has no row.
    pub(super) fn leave_out(&mut self, reason: &'static str) {
        *self.left_out.entry(reason).or_default() += 1;
    }

    /// Counts a loss.
    pub(super) fn lose(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            *self.lost.entry(what).or_default() += count;
        }
    }

    /// Adds the counts of another thread.
    pub(super) fn merge(&mut self, other: Self) {
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
        for (what, count) in other.lost {
            *self.lost.entry(what).or_default() += count;
        }
        for (part, count) in other.parts {
            *self.parts.entry(part).or_default() += count;
        }
        self.neutralised += other.neutralised;
        self.unknown_tags += other.unknown_tags;
    }
}
