//! The EQL conformance suite, asked as anyone would ask: `sidetrack query FILE 'EQL'`.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::{Path, PathBuf};

use common::sidetrack;
use serde_json::Value;

/// The cases that are our own work.
fn authored() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("detectors/eql/tests/conformance")
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What the program answers: a list of events, or a list of lists of them.
fn ask(folder: &Path, info: &Value, query: &str) -> Result<Value, String> {
    let text = |key: &str| info[key].as_str();
    let file = folder.join(text("file").unwrap());
    let mut command = vec!["query", file.to_str().unwrap(), query];
    command.extend(["--format", "json", "--quiet", "--threads", "1"]);
    let fields = [
        ("--timestamp-field", "timestamp_field"),
        ("--tiebreaker-field", "tiebreaker_field"),
        ("--event-category-field", "category_field"),
        ("--id-field", "id_field"),
    ];
    for (option, key) in fields {
        command.extend(text(key).into_iter().flat_map(|field| [option, field]));
    }
    let output = sidetrack(&command);
    match output.status.code() {
        Some(0) => {}
        Some(2) => return Ok(Value::from("error")),
        code => {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("exit {code:?}: {said}"));
        }
    }
    let hits =
        serde_json::from_slice::<Value>(&output.stdout).map_err(|error| error.to_string())?;
    let hits = &hits["hits"];
    let id = |hit: &Value| hit["_id"].clone();
    if let Some(events) = hits["events"].as_array() {
        return Ok(events.iter().map(id).collect());
    }
    let sequences = hits["sequences"].as_array().unwrap();
    let ids = |sequence: &Value| {
        let events = sequence["events"].as_array().unwrap();
        events.iter().map(id).collect::<Value>()
    };
    Ok(sequences.iter().map(ids).collect())
}

/// Ids as an answer writes them: as text.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(as_text).collect(),
        Value::Number(number) => Value::from(number.to_string()),
        value => value.clone(),
    }
}

fn sorted(value: &Value) -> Vec<String> {
    let values = value.as_array().into_iter().flatten();
    let mut texts: Vec<String> = values.map(Value::to_string).collect();
    texts.sort();
    texts
}

fn check(case: &Value, found: &Value) -> bool {
    if case["type"] == "sample" {
        let any = case["expected_any"].as_array().unwrap();
        return any.iter().any(|expected| as_text(expected) == *found);
    }
    let expected = as_text(&case["expected"]);
    if case["unordered"] == true {
        return sorted(&expected) == sorted(found);
    }
    expected == *found
}

/// Runs every case of a suite, and gives their number.
fn run(folder: &Path) -> usize {
    let datasets = read(&folder.join("datasets.json"));
    let cases = read(&folder.join("cases.json"));
    let cases = cases.as_array().unwrap();
    let mut failed = Vec::new();
    for case in cases {
        let query = case["query"].as_str().unwrap();
        let info = &datasets[case["dataset"].as_str().unwrap()];
        match ask(folder, info, query) {
            Ok(found) if check(case, &found) => {}
            other => failed.push(format!("{}: {query}\n{case}\n{other:?}", case["id"])),
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} failed\n{}",
        failed.len(),
        cases.len(),
        failed.join("\n\n")
    );
    cases.len()
}

#[test]
fn our_own_cases_pass() {
    assert_eq!(run(&authored()), 239);
}

#[test]
fn all_cases_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/eql");
    if !folder.exists() {
        println!("skipped: the conformance suite is not here");
        return;
    }
    assert_eq!(run(&folder), 531);
}
