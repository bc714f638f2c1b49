//! Same evidence, same bytes out.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::{analyze, corpus, samples};

fn same_bytes(evidence: &Path) {
    let one = analyze(&[evidence], &["--threads", "1", "--timeline", "csv,jsonl"]);
    let two = analyze(&[evidence], &["--threads", "2", "--timeline", "csv,jsonl"]);
    let little = [
        "--threads",
        "7",
        "--memory",
        "128M",
        "--timeline",
        "csv,jsonl",
    ];
    let little = analyze(&[evidence], &little);
    let files = one.comparable();
    assert!(files.len() > 5);
    for other in [two.comparable(), little.comparable()] {
        let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
            files.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&files), names(&other));
        for (name, bytes) in &files {
            assert!(bytes == &other[name], "{name} differs");
        }
    }
}

#[test]
fn any_number_of_threads_and_any_memory_give_the_same_bytes() {
    same_bytes(&samples());
}

#[test]
fn so_it_is_on_the_corpus() {
    if let Some(corpus) = corpus("sbousseaden+EVTX-ATTACK-SAMPLES") {
        same_bytes(&corpus);
    }
}

/// A folder with copies of a log of SRV02 under these names.
fn copies(log: &str, names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let logs = samples().join("SRV02/Windows/System32/winevt/Logs");
    for name in names {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(logs.join(log), path).unwrap();
    }
    folder
}

#[test]
fn copies_of_a_log_are_one_set_of_events() {
    let names = ["b/Security.evtx", "a/Archive-Security.evtx", "c/x.evtx"];
    let folder = copies("Security.evtx", &names);
    let case = analyze(&[folder.path()], &[]);
    let rows = case.rows("timeline.csv");
    assert_eq!(rows.len(), 258);
    assert!(rows.iter().all(|row| row["dup_count"] == "2"));
    assert!(
        rows.iter()
            .all(|row| row["evidence_file"] == "a/Archive-Security.evtx")
    );
    let manifest = case.manifest();
    let duplicates: Vec<u64> = manifest["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["duplicates"].as_u64().unwrap())
        .collect();
    assert_eq!(duplicates, [0, 258, 258]);
    assert_eq!(manifest["inputs"].as_array().unwrap().len(), 3);
}

#[test]
fn findings_name_every_file_that_holds_their_events() {
    let log = "Microsoft-Windows-Sysmon%4Operational.evtx";
    let folder = copies(log, &["a/live.evtx", "b/archived.evtx"]);
    let case = analyze(&[folder.path()], &[]);
    let findings = case.text("findings.jsonl");
    assert!(!findings.is_empty());
    for finding in findings.lines() {
        let finding: serde_json::Value = serde_json::from_str(finding).unwrap();
        for event in finding["events"].as_array().unwrap() {
            let places = event["provenance"].as_array().unwrap();
            let files = places.iter().map(|place| &place["evidence_file"]);
            assert_eq!(
                files.collect::<Vec<_>>(),
                ["a/live.evtx", "b/archived.evtx"]
            );
        }
    }
    assert!(case.text("report.md").contains("b/archived.evtx"));
}
