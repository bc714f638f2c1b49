//! A machine that was given another name is one machine.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{analyze, sidetrack};
use samples::evtx::{Body, LogWriter, Record, Value};
use samples::time::FileTime;

/// A log of one channel: who wrote its records, and which they are.
fn write_log(path: &Path, channel: &'static str, records: &[(&str, u16, Body)]) {
    let mut log = LogWriter::create(std::fs::File::create(path).unwrap()).unwrap();
    for (second, (computer, id, body)) in (0..).zip(records) {
        let provider = "EventLog";
        log.write(&Record {
            time: FileTime::day(2026, 3, 2).at(21, 0, second, 0),
            computer: (*computer).to_owned().into(),
            ..Record::plain(provider, channel, *id, body.clone())
        })
        .unwrap();
    }
    log.finish().unwrap();
}

fn nothing() -> Body {
    Body::EventData(vec![("State", Value::Text("1".into()))])
}

#[test]
fn every_name_of_a_machine_has_its_identity() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("evidence");
    std::fs::create_dir(&logs).unwrap();
    write_log(
        &logs.join("System.evtx"),
        "System",
        &[
            ("WIN-7Q2F", 6005, nothing()),
            ("SRV02", 6005, nothing()),
            ("SRV02.corp.example.com", 6005, nothing()),
        ],
    );
    // Another machine, and its log.
    write_log(
        &logs.join("Other.evtx"),
        "System",
        &[("WS09", 6005, nothing())],
    );
    let case = analyze(&[&logs], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let rows = case.rows("timeline.csv");
    let names: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| (row["host"].as_str(), row["host_raw"].as_str()))
        .collect();
    let whole = "SRV02.corp.example.com";
    let expected = [
        (whole, "SRV02"),
        (whole, whole),
        (whole, "WIN-7Q2F"),
        ("WS09", "WS09"),
    ];
    assert_eq!(names, BTreeSet::from(expected));
    let manifest = case.manifest();
    assert_eq!(manifest["counts"]["hosts"], 2);
    let hosts: Vec<&str> = manifest["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["host"].as_str().unwrap())
        .collect();
    assert_eq!(hosts, ["WS09", whole]);
    // The report has each log under the name that it was recorded under, and what is missing by machine.
    let report = case.text("report.md");
    assert!(report.contains("2 hosts"), "{report}");
    for name in ["SRV02", "WIN-7Q2F"] {
        let line = format!("| `{name}` (now `{whole}`) | `System` |");
        assert!(report.contains(&line), "{line}: {report}");
    }
    let missing = format!("- No `Security` log of: `{whole}`, `WS09`\n");
    assert!(report.contains(&missing), "{report}");
    let stored: Vec<String> = case.files().into_keys().collect();
    let stored: Vec<&String> = stored.iter().filter(|name| name.contains(whole)).collect();
    assert_eq!(stored.len(), 3, "each name's events lie apart: {stored:?}");

    // Sequences by host.id join what the machine did under all of its names, wherever they are asked.
    let eql = r#"sequence by host.id [any where host.name == "WIN-7Q2F"] [any where host.name == "SRV02"] [any where host.name : "srv02.corp.*"]"#;
    let ask = |source: &Path| {
        let source = source.to_str().unwrap();
        let output = sidetrack(&["query", source, eql, "--format", "csv"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let of_evidence = ask(&logs);
    assert_eq!(of_evidence.lines().count(), 4, "{of_evidence}");
    assert_eq!(of_evidence.matches(whole).count(), 4, "{of_evidence}");
    assert_eq!(ask(&case.path), of_evidence);
}
