//! Scripts that PowerShell logged in parts are put together.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::{Case, analyze, sidetrack};
use samples::evtx::{Body, LogWriter, Record, Value};
use samples::time::FileTime;

const BLOCK: &str = "0ad4e05d-23ab-4bd9-8d6b-1d9b7bd5e001";

/// A log with parts of a script: their numbers, of how many, and their texts.
fn write_parts(path: &Path, parts: &[(u32, u32, &str)]) {
    let mut log = LogWriter::create(std::fs::File::create(path).unwrap()).unwrap();
    for (second, (number, total, text)) in (0..).zip(parts) {
        let body = Body::EventData(vec![
            ("MessageNumber", Value::UInt32(*number)),
            ("MessageTotal", Value::UInt32(*total)),
            ("ScriptBlockText", Value::Text((*text).into())),
            ("ScriptBlockId", Value::Text(BLOCK.into())),
            ("Path", Value::Text(r"C:\Users\Public\x.ps1".into())),
        ]);
        let (provider, channel) = (
            "Microsoft-Windows-PowerShell",
            "Microsoft-Windows-PowerShell/Operational",
        );
        log.write(&Record {
            time: FileTime::day(2026, 3, 2).at(21, 0, second, 0),
            ..Record::plain(provider, channel, 4104, body)
        })
        .unwrap();
    }
    log.finish().unwrap();
}

fn messages(case: &Case) -> Vec<String> {
    let rows = case.rows("timeline.csv");
    rows.iter().map(|row| row["message"].clone()).collect()
}

const PARTS: [(u32, u32, &str); 3] = [
    (1, 3, "\nInvoke-Wmi"),
    (2, 3, "Method -Computer"),
    (3, 3, "Name SRV03 \n"),
];

#[test]
fn a_script_in_parts_is_one_event_more() {
    let folder = tempfile::tempdir().unwrap();
    write_parts(&folder.path().join("a.evtx"), &PARTS);
    // What the same log says elsewhere adds nothing.
    std::fs::copy(folder.path().join("a.evtx"), folder.path().join("b.evtx")).unwrap();
    let case = analyze(&[folder.path()], &[]);
    let whole = r"PowerShell script C:\Users\Public\x.ps1 (put together from 3 parts): Invoke-WmiMethod -ComputerName SRV03";
    let part = r"PowerShell script C:\Users\Public\x.ps1 (part 2 of 3): Method -Computer";
    let messages = messages(&case);
    assert_eq!(messages.len(), 4);
    for expected in [whole, part] {
        assert!(
            messages.iter().any(|message| message == expected),
            "{messages:?}"
        );
    }
    let counts = &case.manifest()["counts"];
    assert_eq!(
        [
            &counts["records"],
            &counts["assembled"],
            &counts["timeline_rows"]
        ],
        [6, 1, 4]
    );
    assert!(
        case.text("report.md")
            .contains("1 PowerShell script block put together")
    );
    let rows = case.rows("timeline.csv");
    assert!(rows.iter().all(|row| row["dup_count"] == "1"));
}

#[test]
fn a_query_finds_what_straddles_two_parts() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.evtx");
    write_parts(&log, &PARTS);
    let query = r#"process where powershell.file.script_block_text : "*-computername srv03""#;
    let matches = |options: &[&str]| {
        let mut arguments = vec!["query", log.to_str().unwrap(), query, "--format", "jsonl"];
        arguments.extend(options);
        String::from_utf8(sidetrack(&arguments).stdout)
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(matches(&[]), 1);
    assert_eq!(matches(&["--ecs-profile", "upstream"]), 0);
}

#[test]
fn a_script_with_a_part_missing_stays_in_parts() {
    for parts in [
        &PARTS[1..],
        &PARTS[..2],
        &[PARTS[0], PARTS[2]],
        &[(1, u32::MAX, "x")],
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_parts(&folder.path().join("a.evtx"), parts);
        let case = analyze(&[folder.path()], &[]);
        assert_eq!(case.manifest()["counts"]["assembled"], 0);
        assert_eq!(case.rows("timeline.csv").len(), parts.len());
    }
}
