//! The EQL conformance suite, run through the plan, the columns and the matcher that `analyze` uses.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may open files and fail"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use detectors::matching::{Matched, Matching, Options};
use detectors::rule::Rule;
use eql::plan::Pipe;
use serde_json::{Map, Value};
use timeline::sort::{Batch, Sorter};
use timeline::{Segment, json};

/// A data set: its segment, and the id of each row.
struct Data {
    segment: Segment,
    ids: Vec<Value>,
}

fn suite() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/eql");
    folder.exists().then_some(folder)
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn load(folder: &Path, info: &Value) -> Data {
    let text = std::fs::read_to_string(folder.join(info["file"].as_str().unwrap())).unwrap();
    let mut objects: Vec<Map<String, Value>> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let name = |key: &str| info[key].as_str().map(str::to_owned);
    let (id, category) = (name("id_field").unwrap(), name("category_field").unwrap());
    let time = name("timestamp_field").unwrap();
    for object in &mut objects {
        rename(object, &category, "event.category");
        rename(object, &time, "@timestamp");
    }
    if let Some(tiebreaker) = name("tiebreaker_field") {
        objects.sort_by_key(|object| object[&tiebreaker].as_i64());
    }
    let ids = objects.iter().map(|object| object[&id].clone()).collect();
    Data {
        segment: json::read(&objects),
        ids,
    }
}

/// Gives the engine's name to the field that the data set uses for it.
fn rename(object: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = object.get(from).filter(|_| from != to).cloned() {
        object.insert(to.into(), value);
    }
}

fn run(data: &Data, query: &str) -> Result<Vec<Vec<Value>>, String> {
    let rule = Rule::of_query("query", query).map_err(|problems| problems.join("\n"))?;
    let pipes = rule.query.pipes.clone();
    let matching = Matching::new(&[rule], Options::default()).map_err(|error| error.to_string())?;
    let (mut batch, mut expected) = (Batch::default(), Batch::default());
    let rows = matching.scan_alone(&data.segment, &mut batch, &mut expected);
    let folder = tempfile::tempdir().unwrap();
    let mut sorter = Sorter::new(folder.path(), 1 << 20);
    sorter.absorb(&batch).unwrap();
    let mut found: Vec<(u64, Vec<Value>)> = Vec::new();
    let mut each = |matched: Matched| {
        let row = |event: detectors::matching::EventRef| rows[event.row as usize];
        let events = &matched.found.events;
        let last = events
            .iter()
            .rev()
            .flatten()
            .next()
            .map(|&event| row(event));
        let order = last.map_or(0, |row| place(&data.segment, row));
        let id = |row: u32| data.ids[row as usize].clone();
        let ids = events
            .iter()
            .map(|event| event.map_or(Value::Null, |event| id(row(event))));
        found.push((order, ids.collect()));
        Ok(())
    };
    matching.run(sorter.finish().unwrap(), &mut each).unwrap();
    found.sort_by_key(|(order, _)| *order);
    let mut found: Vec<Vec<Value>> = found.into_iter().map(|(_, ids)| ids).collect();
    for pipe in pipes {
        match pipe {
            Pipe::Head(count) => found.truncate(count.try_into().unwrap()),
            Pipe::Tail(count) => {
                let count: usize = count.try_into().unwrap();
                found.drain(..found.len().saturating_sub(count));
            }
        }
    }
    Ok(found)
}

/// A row's place in the one order.
fn place(segment: &Segment, row: u32) -> u64 {
    let rows = 0..u32::try_from(segment.len()).unwrap();
    rows.filter(|&other| segment.compare(other, row).is_lt())
        .count() as u64
}

fn check(case: &Value, data: &Data) -> Result<(), String> {
    let query = case["query"].as_str().unwrap();
    let mut found = run(data, query)?;
    let mut expected: Vec<Vec<Value>> = case["expected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().cloned().unwrap_or_else(|| vec![row.clone()]))
        .collect();
    if case["unordered"] == true {
        found.sort_by_key(|row| format!("{row:?}"));
        expected.sort_by_key(|row| format!("{row:?}"));
    }
    if found == expected {
        Ok(())
    } else {
        Err(format!("expected {expected:?}\nfound    {found:?}"))
    }
}

#[test]
fn every_event_and_sequence_case_gives_its_answer() {
    let Some(folder) = suite() else {
        println!("skipped: the conformance suite is not here");
        return;
    };
    let sets = read(&folder.join("datasets.json"));
    let mut data: BTreeMap<&str, Data> = BTreeMap::new();
    for (name, info) in sets.as_object().unwrap() {
        data.insert(name, load(&folder, info));
    }
    let cases = read(&folder.join("cases.json"));
    let mut failures = Vec::new();
    let mut count = 0;
    for case in cases.as_array().unwrap() {
        if !matches!(case["type"].as_str(), Some("event" | "sequence")) {
            continue;
        }
        count += 1;
        let set = &data[case["dataset"].as_str().unwrap()];
        if let Err(problem) = check(case, set) {
            failures.push(format!("{}: {}\n{problem}", case["id"], case["query"]));
        }
    }
    assert!(count > 300, "only {count} cases were read");
    assert!(
        failures.is_empty(),
        "{} of {count} fail:\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

#[test]
fn a_sample_has_an_event_for_each_filter() {
    let objects: Vec<Map<String, Value>> = [
        serde_json::json!({"event.category": "a", "n": 10}),
        serde_json::json!({"event.category": "b", "n": 9}),
        serde_json::json!({"event.category": "a", "n": 9}),
        serde_json::json!({"event.category": "b", "n": 10}),
        serde_json::json!({"event.category": "a", "n": 8}),
    ]
    .iter()
    .map(|event| event.as_object().cloned().unwrap())
    .collect();
    let data = Data {
        segment: json::read(&objects),
        ids: (0..5).map(Value::from).collect(),
    };
    let mut found = run(&data, "sample by n [a where true] [b where true]").unwrap();
    found.sort_by_key(|ids| ids[0].as_u64());
    assert_eq!(found, [[0, 3], [2, 1]].map(|ids| ids.map(Value::from)));
}
