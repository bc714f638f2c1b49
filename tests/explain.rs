//! `sidetrack explain` says why a rule stayed silent.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::fmt::Write;

use common::{corpus, samples, sidetrack};

/// Events at seconds of one minute: category, then further fields as JSON.
fn events(lines: &[(u32, &str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for (second, category, fields) in lines {
        writeln!(
            text,
            r#"{{"@timestamp": "2026-03-02T21:{:02}:{:02}Z", "event.category": "{category}", {fields}}}"#,
            second / 60,
            second % 60
        )
        .unwrap();
    }
    std::fs::write(folder.path().join("events.ndjson"), text).unwrap();
    folder
}

fn explain(lines: &[(u32, &str, &str)], eql: &str) -> String {
    let folder = events(lines);
    let path = folder.path().join("events.ndjson");
    let output = sidetrack(&["explain", path.to_str().unwrap(), eql]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.replace(path.to_str().unwrap(), "events.ndjson")
}

/// What explains a silence must say all of this.
#[track_caller]
fn check(lines: &[(u32, &str, &str)], eql: &str, expected: &[&str]) {
    let text = explain(lines, eql);
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

const START: (u32, &str, &str) = (
    0,
    "process",
    r#""host.id": "a", "process.pid": 7, "user.name": "alice""#,
);

#[test]
fn no_event_of_the_category() {
    check(
        &[START],
        "file where true",
        &[
            "No match in 1 event.",
            "Because of stage 1: there is no event of category file.",
        ],
    );
}

#[test]
fn a_field_that_nobody_recorded() {
    check(
        &[START],
        r#"process where process.command_line : "*x*" and process.pid == 7"#,
        &[
            "none of 1 event has the field process.command_line",
            r#"        0  process.command_line like~ "*x*"  (0 have the field)"#,
            "        1  process.pid == 7  (1 have the field)",
            "1 event failed only: process.command_line",
            "process.command_line is nothing: 2026-03-02T21:00:00.0000000Z",
            "[events.ndjson, record 1]",
        ],
    );
}

#[test]
fn a_value_that_no_event_has() {
    check(
        &[
            START,
            (
                1,
                "process",
                r#""host.id": "a", "process.pid": 8, "user.name": "bob""#,
            ),
        ],
        r#"process where user.name == "carol" and process.pid > 6"#,
        &[
            r#"none of 2 events meets user.name == "carol""#,
            r#"2 events failed only: user.name == "carol""#,
            "user.name is `alice`",
            "user.name is `bob`",
        ],
    );
}

#[test]
fn conditions_that_no_single_event_meets_together() {
    check(
        &[
            START,
            (
                1,
                "process",
                r#""host.id": "a", "process.pid": 8, "user.name": "bob""#,
            ),
        ],
        r#"process where user.name == "alice" and process.pid == 8"#,
        &["each of its conditions is met, but never all by one event; 2 events fail only one"],
    );
}

#[test]
fn what_stands_in_a_condition_is_counted_too() {
    check(
        &[START],
        r#"process where process.pid == 7 and not (user.name == "alice" or user.name == "bob")"#,
        &[
            "        0  none of these:",
            r#"        1    user.name == "alice""#,
            r#"        0    user.name == "bob""#,
            "user.name is `alice`",
        ],
    );
}

const BEFORE: (u32, &str, &str) = (10, "network", r#""host.id": "a", "process.pid": 7"#);
const AFTER: (u32, &str, &str) = (20, "file", r#""host.id": "a", "process.pid": 7"#);

#[test]
fn events_that_lie_too_far_apart() {
    check(
        &[BEFORE, AFTER],
        "sequence by host.id with maxspan=5s [network where true] [file where true]",
        &[
            "Every stage has events, but they lie too far apart.",
            "1 more sequence if they might take longer than 5 s:",
            "took 10 s, at most 5 s are allowed",
        ],
    );
}

#[test]
fn events_in_another_order() {
    check(
        &[BEFORE, AFTER],
        "sequence by host.id with maxspan=1m [file where true] [network where true]",
        &[
            "Every stage has events, but they come in another order.",
            "an event lies 10 s before one that should come first",
        ],
    );
}

#[test]
fn events_that_do_not_share_a_key() {
    let elsewhere = (20, "file", r#""host.id": "b", "process.pid": 7"#);
    check(
        &[BEFORE, elsewhere],
        "sequence by host.id, process.pid with maxspan=1m [network where true] [file where true]",
        &[
            "Every stage has events, but they do not share the keys.",
            "1 more sequence if they need not share host.id:",
            "host.id is `a`, then host.id is `b`",
        ],
    );
    let nowhere = (20, "file", r#""process.pid": 7"#);
    check(
        &[BEFORE, nowhere],
        "sequence by host.id with maxspan=1m [network where true] [file where true]",
        &["Because of stage 2: 1 event would fit, but none has a value for each key (host.id)."],
    );
}

#[test]
fn an_event_that_ends_the_sequence() {
    let between = (15, "process", r#""host.id": "a""#);
    check(
        &[BEFORE, between, AFTER],
        "sequence by host.id with maxspan=1m [network where true] [file where true] until [process where true]",
        &[
            "Every stage has events, but an event of until lies between them.",
            "an event of until lies in between",
        ],
    );
    check(
        &[BEFORE, between, AFTER],
        "sequence by host.id with maxspan=1m [network where true] ![process where true] [file where true]",
        &["Every stage has events, but so has one that must be missing."],
    );
}

#[test]
fn events_that_do_not_come_often_enough() {
    check(
        &[BEFORE, AFTER],
        "sequence by host.id with maxspan=1m [network where true] with runs=2 [file where true]",
        &["Every stage has events, but not as often in a row as demanded."],
    );
}

#[test]
fn events_that_fail_more_than_one_demand() {
    let elsewhere = (200, "file", r#""host.id": "b", "process.pid": 8"#);
    check(
        &[BEFORE, elsewhere],
        "sequence by host.id, process.pid with maxspan=5s [network where true] [file where true]",
        &["no combination of them comes near: more than one demand is not met"],
    );
}

#[test]
fn a_match_is_shown() {
    let text = explain(
        &[BEFORE, AFTER],
        "sequence by host.id with maxspan=1m [network where true] [file where true]",
    );
    assert!(text.starts_with("1 match in 2 events:\n"), "{text}");
    assert!(!text.contains("Because"), "{text}");
}

#[test]
fn a_rule_of_ours_is_explained_on_evidence_and_on_its_case_alike() {
    let case = common::analyze(&[&samples()], &[]);
    let explain = |source: &str, rule: &str, options: &[&str]| {
        let output = sidetrack(&[&["explain", source, rule], options].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let counts = &case.manifest()["counts"];
    let told = counts["timeline_rows"].as_u64().unwrap();
    let all = told + counts["file_events_not_in_timeline"].as_u64().unwrap();
    for rule in ["sharprdp", "Lateral tool transfer over SMB"] {
        let options = ["--registry", "artefacts"];
        let of_evidence = explain(samples().to_str().unwrap(), rule, &options);
        assert!(
            of_evidence.contains(&format!("1 match in {all} events:")),
            "{of_evidence}"
        );
        assert_eq!(explain(case.path.to_str().unwrap(), rule, &[]), of_evidence);
    }
}

#[test]
fn what_is_neither_rule_nor_query_is_refused() {
    for (rule, expected) in [
        ("sharpdrp", "neither a rule file"),
        ("process wher true", "expected `where`"),
    ] {
        let output = sidetrack(&["explain", samples().to_str().unwrap(), rule]);
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(expected), "{text}");
    }
}

/// Threads and the order in which files are read change nothing.
#[test]
fn the_words_are_the_same_on_any_number_of_threads() {
    let Some(corpus) = corpus("sbousseaden+EVTX-ATTACK-SAMPLES") else {
        return;
    };
    let eql = r#"process where event.type == "start" and process.name : "cmd.exe" and user.name : "nobody""#;
    let run = |threads: &str| {
        sidetrack(&[
            "explain",
            corpus.to_str().unwrap(),
            eql,
            "--threads",
            threads,
        ])
        .stdout
    };
    assert_eq!(run("1"), run("4"));
}
