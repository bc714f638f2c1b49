//! The engine agrees with a slow, obvious one on random events and random queries.
//!
//! The other engine is that of the language's own tests: the state machine of EQL.md §7, samples and
//! missing events, over all events in memory.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[allow(
    dead_code,
    unused_imports,
    reason = "the language's tests use more of it"
)]
#[path = "../eql/tests/language/oracle/mod.rs"]
mod oracle;

use std::collections::BTreeSet;
use std::fmt::Write;

use detectors::matching::{EventRef, Matched, Matching, Options};
use detectors::rule::Rule;
use eql::plan::QueryKind;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json};
use timeline::json;
use timeline::sort::{Batch, Sorter};

/// An event as JSON. Few values each, so that events share keys, times and values.
fn event() -> impl Strategy<Value = String> {
    let second = 0..12u32;
    let categories = vec(select(vec!["process", "file"]), 1..3);
    let types = vec(select(vec!["start", "end", "Start"]), 0..3);
    let users = vec(select(vec!["alice", "Bob", "b*"]), 0..3);
    let pid = option::of(0..3i64);
    let host = option::of(select(vec!["a", "b"]));
    (second, categories, types, users, pid, host).prop_map(
        |(second, categories, types, users, pid, host)| {
            let mut text = format!(r#"{{"@timestamp": "2026-03-02T21:00:{second:02}Z""#);
            write!(
                text,
                r#", "event.category": {categories:?}, "event.type": {types:?}"#
            )
            .unwrap();
            write!(text, r#", "user.name": {users:?}"#).unwrap();
            if let Some(pid) = pid {
                write!(text, r#", "process.pid": {pid}"#).unwrap();
            }
            if let Some(host) = host {
                write!(text, r#", "host.id": "{host}""#).unwrap();
            }
            text + "}"
        },
    )
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "true",
        r#"event.type == "start""#,
        r#"event.type : "start""#,
        r#"event.type != "end""#,
        r#"user.name : ("b*", "x")"#,
        r#"user.name in ("alice", "Bob")"#,
        r#"user.name like~ "?ob""#,
        r#"user.name regex "[A-Z].*""#,
        "user.name != null",
        "process.pid == 1",
        "process.pid >= 1",
        "process.pid == null",
        "process.pid + 1 == 2",
        r#"concat(user.name, event.type) == "alicestart""#,
        r#"length(user.name) > 3 and process.pid < 2"#,
        r#"startsWith~(user.name, "B")"#,
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
        ]
    })
}

fn filter() -> impl Strategy<Value = String> {
    let category = select(vec!["any", "process", "file"]);
    // Most random conditions hold for little.
    let condition = prop_oneof![1 => Just("true".to_owned()), 1 => condition()];
    (category, condition).prop_map(|(category, condition)| format!("{category} where {condition}"))
}

/// Keys that all stages have, each with other fields.
fn keys(stages: usize) -> impl Strategy<Value = Vec<String>> {
    let field = select(vec!["user.name", "event.type", "host.id", "?host.id"]);
    (any::<bool>(), vec(field, stages)).prop_map(|(is_keyed, fields)| {
        let key = |field: &&str| {
            if is_keyed {
                format!(" by {field}")
            } else {
                String::new()
            }
        };
        fields.iter().map(key).collect()
    })
}

fn sequence() -> impl Strategy<Value = String> {
    let stage = (filter(), 1..3u32, prop::bool::weighted(0.15));
    let head = (
        option::of(select(vec![
            "host.id",
            "process.pid",
            "host.id, ?process.pid",
        ])),
        option::of(select(vec!["500ms", "1s", "3s", "8s"])),
    );
    let until = option::weighted(0.3, filter());
    (head, vec(stage, 2..4), keys(4), until).prop_map(|((by, span), stages, keys, until)| {
        let mut text = String::from("sequence");
        if let Some(by) = by {
            write!(text, " by {by}").unwrap();
        }
        // Missing events need a span, and a sequence at least one that is there.
        let span = span.or(stages.iter().any(|stage| stage.2).then_some("5s"));
        if let Some(span) = span {
            write!(text, " with maxspan={span}").unwrap();
        }
        let last = stages.len() - 1;
        let until_key = &keys[3];
        for (place, ((filter, runs, missing), key)) in stages.iter().zip(&keys).enumerate() {
            if *missing && place != last {
                write!(text, " ![{filter}]{key}").unwrap();
            } else if *runs > 1 {
                write!(text, " [{filter}]{key} with runs={runs}").unwrap();
            } else {
                write!(text, " [{filter}]{key}").unwrap();
            }
        }
        if let Some(until) = until {
            write!(text, " until [{until}]{until_key}").unwrap();
        }
        text
    })
}

fn sample() -> impl Strategy<Value = String> {
    let by = select(vec!["host.id", "user.name", "event.type, host.id"]);
    (by, vec(filter(), 2..4)).prop_map(|(by, filters)| {
        let filters = filters.iter().map(|filter| format!(" [{filter}]"));
        format!("sample by {by}{}", filters.collect::<String>())
    })
}

fn query() -> impl Strategy<Value = String> {
    prop_oneof![1 => filter(), 6 => sequence(), 2 => sample()]
}

/// A match: the place of each of its events among all, in their order.
type Found = Vec<Option<usize>>;

/// What the engine finds.
fn engine(rule: Rule, objects: &[Map<String, Json>]) -> Vec<Found> {
    let segment = json::read(objects);
    let matching = Matching::new(&[rule], Options::default()).unwrap();
    let (mut batch, mut expected) = (Batch::default(), Batch::default());
    let rows = matching.scan_alone(&segment, &mut batch, &mut expected);
    let folder = tempfile::tempdir().unwrap();
    let mut sorter = Sorter::new(folder.path(), 1 << 20);
    sorter.absorb(&batch).unwrap();
    let mut found = Vec::new();
    let place = |event: EventRef| rows[event.row as usize] as usize;
    let mut each = |matched: Matched| {
        let events = matched.found.events.iter();
        found.push(events.map(|event| event.map(place)).collect());
        Ok(())
    };
    matching.run(sorter.finish().unwrap(), &mut each).unwrap();
    found
}

/// What the other one finds.
fn slow(rule: &Rule, ndjson: &str) -> Vec<Found> {
    let fields = oracle::Fields::new("event.category", "@timestamp");
    let events = oracle::load(ndjson, &fields);
    let found = oracle::run(&rule.query, &events).into_iter();
    found
        .map(|events| {
            let places = events
                .into_iter()
                .map(|event| event.map(|event| event.ordinal));
            places.collect()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_engine_agrees_with_the_obvious_one(lines in vec(event(), 0..14), query in query()) {
        // Both see events in the order of their times, those of one time as they came.
        let mut lines = lines;
        lines.sort_by_key(|line| line.get(16..40).map(str::to_owned));
        let rule = match Rule::of_query("query", &query) {
            Ok(rule) => rule,
            Err(problems) => return Err(TestCaseError::fail(problems.join("\n"))),
        };
        let objects: Vec<Map<String, Json>> = lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let mut expected = slow(&rule, &lines.join("\n"));
        let is_sample = matches!(rule.query.kind, QueryKind::Sample(_));
        let mut found = engine(rule, &objects);
        if is_sample {
            // Which events of a key are its sample is open (EQL.md §8): here, how many keys have one.
            for sample in &found {
                let distinct: BTreeSet<_> = sample.iter().collect();
                prop_assert_eq!(distinct.len(), sample.len(), "{}", query);
            }
            expected = expected.iter().map(|sample| vec![None; sample.len()]).collect();
            found = found.iter().map(|sample| vec![None; sample.len()]).collect();
        }
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected, "{}\n{}", query, lines.join("\n"));
    }
}

/// The queries of the test above are not all without a match.
#[test]
fn the_random_queries_match() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut matched = 0;
    for _ in 0..200 {
        let lines = vec(event(), 14).new_tree(&mut runner).unwrap().current();
        let query = sequence().new_tree(&mut runner).unwrap().current();
        let rule = Rule::of_query("query", &query).unwrap();
        matched += usize::from(!slow(&rule, &lines.join("\n")).is_empty());
    }
    assert!(matched > 40, "{matched} of 200");
}
