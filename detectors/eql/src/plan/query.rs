//! The frame around the conditions: stages, keys, times and pipes.

use std::collections::BTreeSet;

use super::{Category, Condition, Key};
use crate::span::Span;

/// A checked query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What is searched.
    pub kind: QueryKind,
    /// What happens to the results, in order.
    pub pipes: Vec<Pipe>,
}

/// What is searched.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryKind {
    /// Single events.
    Event(Filter),
    /// Events that follow each other.
    Sequence(Sequence),
    /// Events that share keys, in any order.
    Sample(Sample),
}

/// A pipe behind the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    /// Keep the first so many results.
    Head(u64),
    /// Keep the last so many results.
    Tail(u64),
}

/// Which events are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The category that one of the event's categories must equal.
    pub category: Category,
    /// What must hold.
    pub condition: Condition,
}

/// A sequence. There are at least two stages once runs are repeated, and at least one that is not
/// `missing`; with missing ones there is a `maxspan`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The most milliseconds from the first event to the last.
    pub maxspan: Option<u64>,
    /// The stages in order.
    pub stages: Vec<Stage>,
    /// What must not happen between two events of a match.
    pub until: Option<KeyedFilter>,
}

/// A stage of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Which events it wants.
    pub filter: Filter,
    /// The keys: those of the sequence, then its own. All stages have the same number.
    pub keys: Vec<Key>,
    /// How often in a row, from 1 to 100.
    pub runs: u32,
    /// Whether no such event may happen.
    pub missing: bool,
    /// Where it stands in the query.
    pub span: Span,
}

/// A filter with its keys: a part of a sample, or the `until` of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedFilter {
    /// Which events it wants.
    pub filter: Filter,
    /// The keys: the common ones, then its own.
    pub keys: Vec<Key>,
    /// Where it stands in the query.
    pub span: Span,
}

/// A sample: at least two filters with at least one key each.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The filters.
    pub filters: Vec<KeyedFilter>,
}

impl Query {
    /// All filters: those of the stages in order, then that of `until`.
    #[must_use]
    pub fn filters(&self) -> Vec<&Filter> {
        match &self.kind {
            QueryKind::Event(filter) => vec![filter],
            QueryKind::Sample(sample) => sample.filters.iter().map(|keyed| &keyed.filter).collect(),
            QueryKind::Sequence(sequence) => {
                let stages = sequence.stages.iter().map(|stage| &stage.filter);
                stages
                    .chain(sequence.until.iter().map(|until| &until.filter))
                    .collect()
            }
        }
    }

    /// All keys of all stages, as often as they are written.
    #[must_use]
    pub fn keys(&self) -> Vec<&Key> {
        match &self.kind {
            QueryKind::Event(_) => Vec::new(),
            QueryKind::Sample(sample) => sample
                .filters
                .iter()
                .flat_map(|keyed| &keyed.keys)
                .collect(),
            QueryKind::Sequence(sequence) => {
                let stages = sequence.stages.iter().flat_map(|stage| &stage.keys);
                stages
                    .chain(sequence.until.iter().flat_map(|until| &until.keys))
                    .collect()
            }
        }
    }

    /// Every field that the query reads, by name; the event category is not among them unless a
    /// condition names it.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&str> {
        let leaves = self
            .filters()
            .into_iter()
            .flat_map(|filter| filter.condition.leaves());
        let keys = self.keys().into_iter().map(|key| key.name.as_str());
        leaves.flat_map(|leaf| leaf.fields()).chain(keys).collect()
    }
}
