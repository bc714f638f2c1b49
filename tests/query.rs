//! `query` and `sources`: what is asked of evidence from the command line.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{samples, sidetrack};
use serde_json::Value;

/// The answer to a query of the samples.
fn answer(query: &str, options: &[&str]) -> String {
    let samples = samples();
    let arguments = [&["query", samples.to_str().unwrap(), query], options].concat();
    let output = sidetrack(&arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{query}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn json(query: &str, options: &[&str]) -> Value {
    let options = [&["--format", "json"], options].concat();
    serde_json::from_str(&answer(query, &options)).unwrap()
}

#[test]
fn events_come_in_order_as_elasticsearch_gives_them() {
    let answer = json(r#"process where process.name : "winhlp64.exe""#, &[]);
    let events = answer["hits"]["events"].as_array().unwrap();
    let codes: Vec<_> = events
        .iter()
        .map(|event| event["_source"]["event"]["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["1", "4688", "5", "4689"]);
    assert_eq!(events[0]["_id"].as_str().unwrap().len(), 32);
    assert_eq!(
        events[0]["_source"]["@timestamp"],
        "2026-03-02T21:14:05.2880000Z"
    );
    let nothing = json("process where process.pid == -1", &[]);
    assert_eq!(nothing, serde_json::json!({"hits": {"events": []}}));
}

#[test]
fn sequences_have_their_keys_and_events() {
    let query = "sequence by host.id with maxspan=1m
        [network where destination.port == 445] [file where process.pid == 4]";
    let answer = json(query, &[]);
    let sequences = answer["hits"]["sequences"].as_array().unwrap();
    assert!(!sequences.is_empty());
    for sequence in sequences {
        assert_eq!(sequence["join_keys"][0], "srv02.corp.example.com");
        assert_eq!(sequence["events"].as_array().unwrap().len(), 2);
    }
    let nothing = json("sequence [network where false] [file where true]", &[]);
    assert_eq!(nothing, serde_json::json!({"hits": {"sequences": []}}));
}

#[test]
fn every_form_has_the_same_matches() {
    let query = r#"file where event.action == "creation""#;
    let count = json(query, &[])["hits"]["events"].as_array().unwrap().len();
    let lines = |format| answer(query, &["--format", format]).lines().count();
    assert_eq!(lines("jsonl"), count);
    assert_eq!(lines("csv"), count + 1);
    assert_eq!(lines("table"), count + 1);
}

#[test]
fn pipes_and_periods_limit() {
    let count = |query: &str, options: &[&str]| {
        json(query, options)["hits"]["events"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count("any where true", &[]), 804);
    assert_eq!(count("any where true | head 3", &[]), 3);
    assert_eq!(count("any where true | tail 2", &[]), 2);
    let half_hour = [
        "--from",
        "2026-03-02T22:00:00Z",
        "--to",
        "2026-03-02T22:30:00Z",
    ];
    let some = count("any where true", &half_hour);
    assert!(some > 0 && some < 804, "{some}");
}

/// The profile takes our additions away, and leaves what upstream's pipelines give.
#[test]
fn upstream_has_its_own_view() {
    let query = r#"process where event.code == "1" | head 1"#;
    let source = |profile| {
        let answer = json(query, &["--ecs-profile", profile]);
        answer["hits"]["events"][0]["_source"].clone()
    };
    let (ours, upstream) = (source("ours"), source("upstream"));
    assert_eq!(ours["event"]["action"][2], "start");
    assert_eq!(
        upstream["event"]["action"],
        serde_json::json!(["Process creation"])
    );
    assert_eq!(upstream["user"]["id"], "S-1-5-18");
    assert_ne!(ours["user"]["id"], "S-1-5-18");
}

#[test]
fn a_wrong_query_shows_where() {
    let samples = samples();
    let output = sidetrack(&["query", samples.to_str().unwrap(), "process wher true"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("expected `where`"), "{message}");
    assert!(output.stdout.is_empty());
}

#[test]
fn evidence_that_is_none_or_damaged_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let output = sidetrack(&["query", path, "any where true"]);
    assert_eq!(output.status.code(), Some(4));
    std::fs::write(folder.path().join("x.evtx"), "").unwrap();
    let output = sidetrack(&["query", path, "any where true"]);
    assert_eq!(output.status.code(), Some(3));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("x.evtx: The file is empty."), "{message}");
}

#[test]
fn sources_lists_what_is_read_and_mapped() {
    let text = |arguments: &[&str]| String::from_utf8(sidetrack(arguments).stdout).unwrap();
    assert!(text(&["sources"]).contains("Windows event logs (.evtx)"));
    let events = text(&["sources", "--events"]);
    let logon = events
        .lines()
        .find(|line| line.starts_with("Microsoft-Windows-Security-Auditing\t\t4624\t"));
    assert!(logon.unwrap().contains("authentication\tstart\tlogged-in"));
}
