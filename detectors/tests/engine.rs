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
        "length(user.name) > 3 and process.pid < 2",
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

/// Events as EQL.md §7.6 writes them: a letter is the category, the number behind it the second, which
/// is what the event is called; `A3{"k": "r"}` has a field more.
fn events_of(text: &str) -> (Vec<Map<String, Json>>, Vec<String>) {
    let mut names = Vec::new();
    let objects = text.split(' ').map(|word| {
        let (head, fields) = word.find('{').map_or((word, "{}"), |at| word.split_at(at));
        let (category, number) = head.split_at(1);
        names.push(number.to_owned());
        let seconds: f64 = number.parse().unwrap();
        let minutes = (seconds / 60.0).floor();
        let mut object: Map<String, Json> = serde_json::from_str(fields).unwrap();
        let rest = seconds - minutes * 60.0;
        let time = format!("2026-03-02T21:{minutes:02}:{rest:06.3}Z");
        object.insert("@timestamp".into(), time.into());
        object.insert("event.category".into(), category.into());
        object
    });
    (objects.collect(), names)
}

/// `by k`, `[A]` and the like are short for what the language wants.
#[track_caller]
fn example(events: &str, query: &str, expected: &str) {
    let (objects, names) = events_of(events);
    let mut text = query.to_owned();
    for letter in ["A", "B", "C", "M", "N", "P", "Q", "X"] {
        text = text.replace(&format!("[{letter}]"), &format!("[{letter} where true]"));
    }
    let text = text.replace("[any]", "[any where true]");
    let rule = Rule::of_query("query", &text).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut found = engine(rule, &objects);
    found.sort_by_key(|events| events.iter().flatten().last().copied());
    let name = |event: &Option<usize>| event.map_or("_".to_owned(), |place| names[place].clone());
    let found: Vec<String> = found
        .iter()
        .map(|events| {
            format!(
                "[{}]",
                events.iter().map(name).collect::<Vec<_>>().join(",")
            )
        })
        .collect();
    assert_eq!(found.join(" "), expected, "{query} on {events}");
}

/// EQL.md §7.6, by its numbers.
#[test]
fn the_worked_examples_come_out() {
    // 1–4
    example("A1 A2 B3 A4 B5 B6", "sequence [A] [B]", "[2,3] [4,5]");
    example("A1 A2 B3 A4 B5 C7", "sequence [A] [B] [C]", "[4,5,7]");
    example("A1 A2 B3 A4", "sequence [A] [any]", "[1,2] [2,3]");
    example("A1 A2 A3", "sequence [any] [any]", "[1,2] [2,3]");
    example("X1 X2 X3 X4", "sequence [X] with runs=3", "[1,2,3] [2,3,4]");
    // 5
    example(
        r#"A1{"k":"r"} A2{"k":"r"} B3{"k":"e"} B4{"k":"r"} A6{"k":"e"} A7{"k":"r"} B8{"k":"e"} C9{"k":"r"} C10{"k":"e"}"#,
        "sequence by k [A] [B] [C]",
        "[2,4,9] [6,8,10]",
    );
    // 6, 7
    example(
        "A0 B10 C20",
        "sequence with maxspan=20s [A] [B] [C]",
        "[0,10,20]",
    );
    example("A0 B10 C20", "sequence with maxspan=19s [A] [B] [C]", "");
    example(
        "A30 B40 C60.001",
        "sequence with maxspan=30s [A] [B] [C]",
        "",
    );
    example("A1 B2 A3 C9", "sequence with maxspan=5s [A] [B] [C]", "");
    // 8, 9
    example(
        r#"A1{"k":1} B2{"k":1} A3{"k":1} X4{"k":1} B5{"k":1} A6{"k":1} X7{"k":2} B8{"k":1} A9{"k":1} X10{"k":1} A11{"k":1} B12{"k":1} X13{"k":1}"#,
        "sequence by k [A] [B] until [X]",
        "[1,2] [6,8] [11,12]",
    );
    example("A1 B2 A3 B4", "sequence [A] [B] until [A]", "");
    example("A1 B2 A3 B4", "sequence [A] [B] until [B]", "[1,2] [3,4]");
    // 11
    example(
        r#"A1{"file.path":"p"} B2{"process.executable":"p"}"#,
        "sequence [A] by file.path [B] by process.executable",
        "[1,2]",
    );
    // 12–16
    example(
        "P1 P2 Q3 P5 P6",
        "sequence with maxspan=1m [P] ![Q] [P]",
        "[1,_,2] [5,_,6]",
    );
    example(
        "P1 P2 P3 Q4 P5 P6 P7",
        "sequence with maxspan=1m [P] [P] ![Q] [P]",
        "[1,2,_,3] [3,5,_,6] [5,6,_,7]",
    );
    example("A30 B31 N33", "sequence with maxspan=5s [A] [B] ![N]", "");
    example(
        "A30 B31 N33",
        "sequence with maxspan=2s [A] [B] ![N]",
        "[30,31,_]",
    );
    example("N50 A52", "sequence with maxspan=1s ![N] [A]", "[_,52]");
    example("N50 A52", "sequence with maxspan=5s ![N] [A]", "");
    let both = "M0 N60 M90 N95";
    example(
        both,
        "sequence with maxspan=80s ![M] [N] ![M]",
        "[_,60,_] [_,95,_]",
    );
    example(both, "sequence with maxspan=100s ![M] [N] ![M]", "[_,95,_]");
    // 17, 18
    example(
        r#"A1{"tags":["x","y"]} B2{"tags":["y","z"]}"#,
        "sequence by tags [any] [any]",
        "[1,2]",
    );
    example("P1 Q2", "sequence by ?host.id [P] [Q]", "[1,2]");
    example("P1 Q2", "sequence by host.id [P] [Q]", "");
}

/// Example 10: events of one time follow each other as they came.
#[test]
fn events_of_one_time_can_follow_each_other() {
    let (mut objects, _) = events_of("A1 B2 A3 B4");
    for object in &mut objects {
        object.insert("@timestamp".into(), "2026-03-02T21:00:00Z".into());
    }
    let rule = Rule::of_query("query", "sequence [A where true] [B where true]").unwrap();
    let expected = [[Some(0), Some(1)], [Some(2), Some(3)]];
    assert_eq!(engine(rule, &objects), expected);
}
