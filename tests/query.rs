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
    let all = count("any where true", &[]);
    assert!(all > 2_000, "{all}");
    assert_eq!(count("any where true | head 3", &[]), 3);
    assert_eq!(count("any where true | tail 2", &[]), 2);
    let half_hour = [
        "--from",
        "2026-03-02T22:00:00Z",
        "--to",
        "2026-03-02T22:30:00Z",
    ];
    let some = count("any where true", &half_hour);
    assert!(some > 0 && some < all, "{some}");
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

/// The answer of any source, in a form.
fn ask(source: &std::path::Path, query: &str, format: &str) -> String {
    let mut arguments = vec!["query", source.to_str().unwrap(), query, "--format", format];
    if source == samples() {
        // What a case keeps of hives.
        arguments.extend(["--registry", "artefacts"]);
    }
    let output = sidetrack(&arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{query}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_case_answers_as_its_evidence_does() {
    let case = common::analyze(&[&samples()], &[]);
    for query in [
        "any where true",
        "process where process.parent.name == \"services.exe\" | tail 2",
        "sequence by host.id with maxspan=1m [network where true] [file where true]",
        "sample by user.name [process where true] [authentication where true]",
    ] {
        for format in ["json", "jsonl", "csv", "table"] {
            let expected = ask(&samples(), query, format);
            assert!(expected.len() > 100, "{query}");
            assert_eq!(ask(&case.path, query, format), expected, "{query} {format}");
        }
    }
}

#[test]
fn a_case_that_is_not_whole_is_refused() {
    let case = common::analyze(&[&samples()], &[]);
    std::fs::remove_file(case.path.join("manifest.json")).unwrap();
    let source = case.path.to_str().unwrap();
    let output = sidetrack(&["query", source, "any where true"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("a case without manifest.json"), "{said}");
}

#[test]
fn answers_are_a_source_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer.jsonl");
    let query = "authentication where event.outcome == \"success\"";
    let first = ask(&samples(), query, "jsonl");
    std::fs::write(&file, &first).unwrap();
    assert_eq!(ask(&file, query, "jsonl"), first);
    // Where an event was is in its fields alone.
    let table = ask(&file, query, "table");
    assert!(
        table.contains("SRV02.corp.example.com\tSecurity 4624"),
        "{table}"
    );
}

#[test]
fn lines_of_every_shape_are_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");
    let lines = [
        r#"{"@timestamp": "2026-03-02T21:00:01Z", "event": {"category": ["process"]}, "process": {"name": "a.exe"}}"#,
        r#"{"@timestamp": 1772485202000, "event.category": "process", "process.name": "b.exe", "_id": "own"}"#,
        r#"{"_index": "x", "_id": "hit", "_source": {"@timestamp": "2026-03-02T21:00:00Z", "event.category": "process", "process.name": "c.exe"}}"#,
        "",
        r#"{"event.category": "process", "process.name": "no time.exe"}"#,
    ];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let answer: Value = serde_json::from_str(&ask(&file, "process where true", "json")).unwrap();
    let hits = answer["hits"]["events"].as_array().unwrap();
    let found: Vec<_> = hits
        .iter()
        .map(|hit| {
            (
                hit["_id"].as_str().unwrap(),
                &hit["_source"]["process"]["name"],
            )
        })
        .collect();
    let names = ["c.exe", "a.exe", "b.exe", "no time.exe"].map(Value::from);
    let ids = ["hit", "1", "own", "5"];
    assert_eq!(found, ids.into_iter().zip(&names).collect::<Vec<_>>());
}

#[test]
fn lines_that_are_no_events_are_told_and_cost_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.jsonl");
    let text =
        "{\"event.category\": \"process\"}\nnonsense\n[1]\n{\"event.category\": \"process\"}";
    std::fs::write(&file, text).unwrap();
    let source = file.to_str().unwrap();
    let arguments = ["query", source, "process where true", "--format", "jsonl"];
    let output = sidetrack(&arguments);
    assert_eq!(output.status.code(), Some(3));
    let answer = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answer.lines().count(), 2);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said.matches("The line is no JSON that can be read.")
            .count(),
        2
    );
}

#[test]
fn options_for_lines_are_refused_elsewhere() {
    let samples = samples();
    let source = samples.to_str().unwrap();
    let arguments = ["query", source, "any where true", "--id-field", "x"];
    let output = sidetrack(&arguments);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("--id-field is for files with one ECS event"),
        "{said}"
    );
}

/// What is left over answers rules that join by host and test paths alone (ECS.md §9.2).
#[test]
fn residue_of_hives_is_a_stage_of_sequences() {
    for (query, time) in [
        (
            r#"sequence by host.id with maxspan=1m
                [network where process.name : "svchost.exe" and destination.port >= 49152 and
                   network.direction : ("incoming", "ingress")]
                [registry where event.type == "change" and registry.value : "Actions" and
                   event.provider == "registry-hive" and
                   registry.path : "*\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\*\\Actions"]"#,
            "2026-03-02T22:21:19.3900000Z",
        ),
        (
            r#"sequence by host.id with maxspan=1m
                [network where destination.port == 3389 and network.direction : ("incoming", "ingress")]
                [registry where event.type == "change" and event.provider == "registry-hive" and
                   registry.path : "HKEY_USERS\\*\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RunMRU\\*" and
                   registry.data.strings : ("cmd.exe*", "powershell.exe*", "taskmgr*", "\\\\tsclient\\*.exe\\*")]"#,
            "2026-03-02T22:47:26.6810000Z",
        ),
    ] {
        let answer = json(query, &[]);
        let sequences = answer["hits"]["sequences"].as_array().unwrap();
        assert_eq!(sequences.len(), 1, "{query}");
        assert_eq!(sequences[0]["join_keys"][0], "srv02.corp.example.com");
        assert_eq!(sequences[0]["events"][1]["_source"]["@timestamp"], time);
    }
}

/// Evidence is asked all of a hive, unless it is told otherwise.
#[test]
fn every_value_of_a_hive_can_be_asked_for() {
    let query = r#"registry where registry.path : "*\\Explorer\\ShellState""#;
    let all = json(query, &[]);
    assert_eq!(all["hits"]["events"].as_array().unwrap().len(), 1);
    let artefacts = json(query, &["--registry", "artefacts"]);
    assert_eq!(artefacts["hits"]["events"].as_array().unwrap().len(), 0);
}
