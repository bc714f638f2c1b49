//! Whole runs on registry hives: the task cache, tasks and their files, memory.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{analyze, corpus, samples, sidetrack};
use samples::windows::Task;
use serde_json::Value;

/// Copies a file into a folder, below which it gets this path.
fn place(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// The events that answer a query of a case.
fn ask(case: &Path, query: &str) -> Vec<Value> {
    let output = sidetrack(&["query", case.to_str().unwrap(), query, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["hits"]["events"].as_array().unwrap().clone()
}

/// A value of a task's action, or nothing.
fn of_action<'e>(event: &'e Value, name: &str) -> &'e str {
    let value = &event["_source"]["winlog"]["scheduled_task"]["actions"][name];
    let value = value.as_array().map_or(value, |values| &values[0]);
    value.as_str().unwrap_or_default()
}

#[test]
fn every_action_of_every_task_is_a_row() {
    let Some(folder) = corpus("generated/taskcache") else {
        return;
    };
    let case = analyze(&[&folder.join("SOFTWARE")], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let events = ask(
        &case.path,
        r#"iam where event.action == "scheduled-task-created""#,
    );
    let row = |event: &Value| {
        let task = &event["_source"]["winlog"]["scheduled_task"];
        let action = |names: &[&str]| {
            let values = names.iter().map(|name| of_action(event, name));
            values
                .filter(|value| !value.is_empty())
                .collect::<Vec<_>>()
                .join("")
        };
        [
            task["guid"].as_str().unwrap().to_owned(),
            task["name"].as_str().unwrap().to_owned(),
            action(&["context"]),
            action(&["type"]),
            action(&["id"]),
            action(&["command", "class_id", "title"])
                .trim_matches(['{', '}'])
                .to_owned(),
            action(&["arguments", "data", "text"]),
            action(&["working_directory"]),
        ]
    };
    let mut found: Vec<_> = events.iter().map(row).collect();
    let table = std::fs::read_to_string(folder.join("tasks.tsv")).unwrap();
    let mut expected: Vec<[String; 8]> = table
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            cells.resize(8, String::new());
            cells[3] = match cells[3].as_str() {
                "com" => "com_handler".to_owned(),
                "msg" => "show_message".to_owned(),
                other => other.to_owned(),
            };
            if cells[3] == "com_handler" {
                // The list writes classes as they were in its sources.
                cells[5] = cells[5].to_uppercase();
            }
            cells.try_into().unwrap()
        })
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found.len(), 207);
    assert_eq!(found, expected);
    let guids: BTreeSet<_> = found.iter().map(|row| &row[0]).collect();
    assert_eq!(guids.len(), 204);
}

/// The registry counts when a task runs; a file that says something else was changed, or the registry was.
#[test]
fn tasks_are_held_against_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let hive = std::fs::read(samples().join("SRV02/Windows/System32/config/SOFTWARE")).unwrap();
    place(
        folder.path(),
        "SRV02/C/Windows/System32/config/SOFTWARE",
        &hive,
    );
    let file = |path: &str, command: &str, arguments: &str| {
        let task = Task {
            path,
            author: r"CORP\svc-deploy",
            command,
            arguments,
            client: 0,
            client_parent: 0,
        };
        let wide: Vec<u8> = task
            .xml()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let path = format!("SRV02/C/Windows/System32/Tasks{}", path.replace('\\', "/"));
        place(folder.path(), &path, &[&[0xff, 0xfe], &wide[..]].concat());
    };
    let program = r"C:\Windows\System32\rundll32.exe";
    let reconciled = || {
        let case = analyze(&[folder.path()], &[]);
        assert_eq!(case.code, 0, "{}", case.stderr);
        let events = ask(
            &case.path,
            "any where winlog.scheduled_task.reconciled != null",
        );
        let of_event = |event: &Value| {
            let task = &event["_source"]["winlog"]["scheduled_task"];
            let name = task["name"].as_str().unwrap().rsplit('\\').next().unwrap();
            let provider = event["_source"]["event"]["provider"].as_str().unwrap();
            format!("{name} {provider} {}", task["reconciled"].as_str().unwrap())
        };
        events.iter().map(of_event).collect::<BTreeSet<_>>()
    };
    let all = |rows: &[&str]| {
        rows.iter()
            .map(|row| (*row).to_owned())
            .collect::<BTreeSet<_>>()
    };
    file(
        r"\Microsoft\Windows\HelpSync",
        program,
        r"C:\ProgramData\HelpSync\hs64.dll,Start",
    );
    file(r"\Other", "a.exe", "");
    assert_eq!(
        reconciled(),
        all(&[
            "HelpSync registry-hive same",
            "HelpSync task-definition same",
            "Other task-definition no_registry",
            "SystemSoundsService registry-hive no_file",
        ])
    );
    file(
        r"\Microsoft\Windows\HelpSync",
        program,
        r"C:\Windows\System32\shell32.dll,Harmless",
    );
    assert!(reconciled().contains("HelpSync registry-hive differs"));
}

/// A hive is held in memory: what does not fit is refused, and says how to go on.
#[test]
fn a_hive_that_does_not_fit_into_memory_is_a_loss() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("SYSTEM");
    let mut bytes = std::fs::read(samples().join("SRV02/Windows/System32/config/SYSTEM")).unwrap();
    bytes.resize(40 << 20, 0);
    std::fs::write(&path, &bytes).unwrap();
    let small = analyze(&[&path], &["--memory", "128M"]);
    assert_eq!(small.code, 3);
    assert!(
        small.stdout.contains("--memory raises the limit"),
        "{}",
        small.stdout
    );
    let large = analyze(&[&path], &["--memory", "1G"]);
    assert_eq!(large.code, 0, "{}", large.stdout);
    assert!(
        large
            .rows("timeline.csv")
            .iter()
            .any(|row| row["host"] == "SRV02.corp.example.com")
    );
}

#[test]
fn coverage_says_that_a_hive_lacks_its_newest_values() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["NTUSER.DAT", "NTUSER.DAT.LOG1", "NTUSER.DAT.LOG2"] {
        let bytes = std::fs::read(samples().join("WS01/Users/j.moreau").join(name)).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let present = || {
        let case = analyze(&[folder.path()], &[]);
        let rows = case.rows("coverage.csv");
        assert_eq!(rows[0]["channel_or_artefact"], "registry:NTUSER.DAT");
        (rows[0]["present"].clone(), rows[0]["parse_errors"].clone())
    };
    assert_eq!(present(), ("yes".into(), "0".into()));
    std::fs::remove_file(folder.path().join("NTUSER.DAT.LOG1")).unwrap();
    std::fs::remove_file(folder.path().join("NTUSER.DAT.LOG2")).unwrap();
    assert_eq!(present(), ("without its newest values".into(), "1".into()));
}
