//! Which rules evidence can never fulfil, because no event has the fields that they need.

use std::collections::BTreeSet;

use eql::Value;
use eql::plan::{Filter, Key, Leaf, QueryKind};

use super::{Rule, field_kind};

impl Rule {
    /// Fields that the query reads and no evidence can fill.
    #[must_use]
    pub fn unfillable(&self) -> BTreeSet<&str> {
        let fields = self.query.fields().into_iter();
        fields.filter(|field| !is_fillable(field)).collect()
    }

    /// Whether an event can fit each part of the query, as far as its fields tell.
    #[must_use]
    pub fn can_match(&self) -> bool {
        match &self.query.kind {
            QueryKind::Event(filter) => can_hold(filter),
            QueryKind::Sequence(sequence) => sequence
                .stages
                .iter()
                .filter(|stage| !stage.missing)
                .all(|stage| can_hold(&stage.filter) && can_join(&stage.keys)),
            QueryKind::Sample(sample) => sample
                .filters
                .iter()
                .all(|part| can_hold(&part.filter) && can_join(&part.keys)),
        }
    }
}

fn is_fillable(field: &str) -> bool {
    field_kind(field).is_some()
}

/// Nothing joins by a key without value, unless the key is optional.
fn can_join(keys: &[Key]) -> bool {
    keys.iter()
        .all(|key| key.optional || is_fillable(&key.name))
}

fn can_hold(filter: &Filter) -> bool {
    filter.condition.truth(&mut of_leaf) != Some(false)
}

/// A leaf is decided when no event has any of its fields.
fn of_leaf(leaf: &Leaf) -> Option<bool> {
    let never = leaf.fields().into_iter().all(|field| !is_fillable(field));
    never.then(|| leaf.holds(&mut |_| Value::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: bool) {
        let rule = Rule::of_query("query", query).unwrap();
        assert_eq!(rule.can_match(), expected, "{query}");
    }

    #[test]
    fn a_rule_that_needs_what_no_event_has_is_known() {
        check("process where x.y == 1", false);
        check("process where process.pid == 1 and x.y == 1", false);
        check("process where process.pid == 1 or x.y == 1", true);
        check("process where not x.y == 1", true);
        check("process where ?x.y == null", true);
        check("process where concat(x.y, process.pid) == \"1\"", true);
        check("process where false", false);
    }

    #[test]
    fn every_part_of_a_sequence_is_needed_but_what_must_be_missing() {
        check(
            "sequence by host.id [any where x.y == 1] [any where true]",
            false,
        );
        check(
            "sequence by host.id with maxspan=1m [any where true] ![any where x.y == 1]",
            true,
        );
        check("sequence by x.y [any where true] [any where true]", false);
        check("sequence by ?x.y [any where true] [any where true]", true);
        check(
            "sample by host.id [any where x.y == 1] [any where true]",
            false,
        );
    }

    #[test]
    fn the_fields_are_named() {
        let rule = Rule::of_query(
            "query",
            "process where a.b == 1 and concat(process.pid, c.d) == \"1\"",
        )
        .unwrap();
        assert_eq!(rule.unfillable(), BTreeSet::from(["a.b", "c.d"]));
    }
}
