//! A whole run on the samples: the movements of the ground truth and no others, and a case folder
//! that is what its contract says.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Case, Row, analyze, root, samples};
use detectors::rule::BUILTIN;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn expected() -> Value {
    let text = std::fs::read_to_string(root().join("samples/expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The file stem of each built-in rule, by its id.
fn rule_names() -> BTreeMap<String, String> {
    let name = |path: &str| {
        path.rsplit('/')
            .next()
            .unwrap()
            .trim_end_matches(".toml")
            .to_owned()
    };
    BUILTIN
        .iter()
        .map(|(path, text)| {
            let detectors::rule::Parsed::Eql(rule) =
                detectors::rule::Rule::parse(path, text).unwrap()
            else {
                panic!("{path} is a rule");
            };
            (rule.id, name(path))
        })
        .collect()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

#[test]
fn the_movements_are_those_of_the_ground_truth() {
    let case = analyze(&[&samples()], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let expected = expected();
    let (visits, rows): (Vec<Row>, Vec<Row>) = case
        .rows("movements.csv")
        .into_iter()
        .partition(|row| is_of_visit(&expected, row));
    let columns = [
        "start_utc",
        "src_ip",
        "dst_host",
        "account",
        "grade",
        "attack",
    ];
    let names = ["start", "ip", "host", "account", "grade", "attack"];
    let to_the_second = |cells: BTreeSet<Vec<String>>| -> BTreeSet<Vec<String>> {
        let cut = |mut row: Vec<String>| {
            row[0].truncate(19);
            row
        };
        cells.into_iter().map(cut).collect()
    };
    assert_eq!(
        to_the_second(cells(&visits, &columns)),
        to_the_second(truths(&expected["visits"], &names))
    );
    let movements = expected["movements"].as_array().unwrap();
    let names = rule_names();
    assert_eq!(rows.len(), movements.len());
    for (row, movement) in rows.iter().zip(movements) {
        check_movement(row, movement, &names);
    }
}

/// Whether a movement is one of those that do no harm: by its account, which is nobody's else.
fn is_of_visit(expected: &Value, row: &Row) -> bool {
    let visits = expected["visits"].as_array().unwrap();
    visits
        .iter()
        .any(|visit| visit["account"] == row["account"].as_str())
}

/// What a cell says was left: each thing without its time, its hash and its end.
fn left(cell: &str) -> Vec<&str> {
    let entries = cell.split("; ").filter(|entry| !entry.is_empty());
    entries.map(thing).collect()
}

fn thing(entry: &str) -> &str {
    let (_, rest) = entry.split_once("Z ").unwrap();
    let mut ends = [", deleted 2", ", removed 2"].iter();
    let end = ends.find_map(|end| rest.find(end));
    let rest = &rest[..end.unwrap_or(rest.len())];
    match rest.rsplit_once(" (") {
        Some((thing, hash)) if hash.len() == 64 + ")".len() => thing,
        _ => rest,
    }
}

fn check_movement(row: &Row, movement: &Value, names: &BTreeMap<String, String>) {
    let name = movement["name"].as_str().unwrap();
    for (column, value) in movement["reported"].as_object().unwrap() {
        assert_eq!(row[column], value.as_str().unwrap(), "{name}: {column}");
    }
    let rules: BTreeSet<&str> = row["rule_ids"]
        .split(';')
        .map(|id| names[id].as_str())
        .collect();
    // Other rules may see the same: what they see is of this movement, too (below).
    let due: BTreeSet<&str> = texts(&movement["rules"]).into_iter().collect();
    assert!(rules.is_superset(&due), "{name}: {rules:?}");
    for column in ["dropped", "persistence"] {
        assert_eq!(
            left(&row[column]),
            texts(&movement[column]),
            "{name}: {column}"
        );
    }
    // What is reported is true, and nothing is guessed.
    for (column, truth) in [
        ("src_host", &movement["source"]["host"]),
        ("src_ip", &movement["source"]["ip"]),
        ("dst_host", &movement["target"]["host"]),
        ("dst_ip", &movement["target"]["ip"]),
        ("account", &movement["account"]),
        ("account_sid", &movement["account_sid"]),
    ] {
        assert!(
            row[column].is_empty() || row[column] == truth.as_str().unwrap(),
            "{name}: {column}"
        );
    }
    assert!(
        row["start_utc"].as_str() >= movement["start"].as_str().unwrap(),
        "{name}"
    );
    assert!(
        row["end_utc"].as_str() <= movement["end"].as_str().unwrap(),
        "{name}"
    );
}

/// A cell of each of these columns, by what the rows have in common with the ground truth.
fn cells(rows: &[Row], columns: &[&str]) -> BTreeSet<Vec<String>> {
    let cells = |row: &Row| columns.iter().map(|column| row[*column].clone()).collect();
    rows.iter().map(cells).collect()
}

/// The same of a list of the ground truth.
fn truths(list: &Value, columns: &[&str]) -> BTreeSet<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let cells = |item: &Value| columns.iter().map(|column| text(&item[*column])).collect();
    list.as_array().unwrap().iter().map(cells).collect()
}

#[test]
fn the_hosts_and_the_accounts_are_those_of_the_ground_truth() {
    let case = analyze(&[&samples()], &[]);
    let expected = expected();
    let columns = ["host", "role", "boots"];
    let (own, named): (Vec<Row>, Vec<Row>) = case
        .rows("hosts.csv")
        .into_iter()
        .partition(|row| !row["first_utc"].is_empty());
    assert_eq!(cells(&own, &columns), truths(&expected["hosts"], &columns));
    assert!(
        named
            .iter()
            .all(|row| row["boots"] == "0" && row["role"].is_empty())
    );
    let columns = ["account", "sid", "kind"];
    let mut accounts = case.rows("accounts.csv");
    accounts.retain(|row| row["kind"] != "system");
    assert_eq!(
        cells(&accounts, &columns),
        truths(&expected["accounts"], &columns)
    );
}

#[test]
fn the_coverage_is_that_of_the_ground_truth() {
    let case = analyze(&[&samples()], &[]);
    let rows = case.rows("coverage.csv");
    let expected = expected();
    let place = ["host", "channel_or_artefact", "present"];
    assert_eq!(cells(&rows, &place), truths(&expected["coverage"], &place));
    // Of hives and volumes, the story does not know how many events become of them.
    let mut told = expected["coverage"].as_array().unwrap().clone();
    told.retain(|covered| covered["records"].is_number());
    assert!(told.len() > 30);
    let columns = [
        "host",
        "channel_or_artefact",
        "present",
        "first_utc",
        "last_utc",
        "records",
        "cleared_at",
    ];
    let told = truths(&Value::Array(told), &columns);
    let found = cells(&rows, &columns);
    let other: Vec<_> = told.difference(&found).collect();
    assert!(other.is_empty(), "{other:#?}");
}

/// What a log that was cleared would have shown is not said to be missing.
#[test]
fn a_cleared_log_is_why_a_logon_is_not_known() {
    let case = analyze(&[&samples()], &[]);
    let expected = expected();
    let cleared = |host: &str| {
        let mut all = expected["coverage"].as_array().unwrap().iter();
        let own = all.find(|covered| {
            covered["host"] == host && covered["channel_or_artefact"] == "Security"
        });
        own.unwrap()["cleared_at"].as_str().unwrap().to_owned()
    };
    let mut said = 0;
    for row in case.rows("movements.csv") {
        let (host, time) = (&row["dst_host"], cleared(&row["dst_host"]));
        if time.is_empty() {
            assert!(!row["evidence_expected_missing"].contains("cleared"));
            continue;
        }
        let time = time.replace('T', " ");
        let words = format!(
            "unknown, the Security log of {host} was cleared at {}",
            &time[..19]
        );
        assert!(row["evidence_expected_missing"].contains(&words), "{words}");
        said += 1;
    }
    assert_eq!(said, 1);
}

/// Findings of a movement: those that the ground truth names are there with their records, and every other one is of the
/// time and the host of one: of everything else in that week, nothing is found.
#[test]
fn each_finding_cites_the_records_of_the_ground_truth() {
    let case = analyze(&[&samples()], &[]);
    let names = rule_names();
    let expected = expected();
    let mut found: BTreeSet<(String, Vec<u64>)> = BTreeSet::new();
    let mut others = Vec::new();
    let movements = expected["movements"].as_array().unwrap();
    let due: BTreeSet<(String, Vec<u64>)> = movements
        .iter()
        .flat_map(|movement| movement["findings"].as_array().unwrap())
        .map(|finding| {
            let records = finding["records"].as_array().unwrap().iter();
            let records = records
                .map(|record| record["record_id"].as_u64().unwrap())
                .collect();
            (finding["rule"].as_str().unwrap().to_owned(), records)
        })
        .collect();
    for line in case.text("findings.jsonl").lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        let events = finding["events"].as_array().unwrap().iter();
        // Those that ground truth names have a number each.
        let records = events.map(|event| event["provenance"][0]["record"].as_u64().unwrap_or(0));
        let rule = names[finding["rule_id"].as_str().unwrap()].clone();
        let found_now = (rule, records.collect());
        if due.contains(&found_now) {
            found.insert(found_now);
        } else {
            others.push(finding);
        }
    }
    assert_eq!(found, due);
    let times = |movement: &Value| {
        let times = ["start", "end"].map(|end| movement[end].as_str().unwrap().to_owned());
        (
            times,
            movement["target"]["host"].as_str().unwrap().to_owned(),
        )
    };
    let known: Vec<_> = movements.iter().map(times).collect();
    let visits = expected["visits"].as_array().unwrap();
    for finding in &others {
        let time = finding["start_utc"].as_str().unwrap();
        let host = finding["host"].as_str().unwrap();
        let of_movement = known.iter().any(|([start, end], target)| {
            host == target && start.as_str() <= time && time <= end.as_str()
        });
        let of_visit = visits.iter().any(|visit| {
            let start = visit["start"].as_str().unwrap();
            start[..19] == time[..19] && visit["host"] == host
        });
        assert!(
            of_movement || of_visit,
            "{} at {time} on {host}",
            finding["rule"]
        );
    }
}

#[test]
fn the_manifest_lists_every_file_with_its_hash() {
    let case = analyze(
        &[&samples()],
        &["--case-id", "C-17", "--examiner", "A. Analyst"],
    );
    let manifest = case.manifest();
    let mut listed = BTreeSet::from(["manifest.json".to_owned()]);
    let files = case.files();
    for output in manifest["outputs"].as_array().unwrap() {
        let path = output["path"].as_str().unwrap();
        let bytes = &files[path];
        assert_eq!(output["size"], bytes.len(), "{path}");
        assert_eq!(
            output["sha256"],
            timeline::hex(&Sha256::digest(bytes)),
            "{path}"
        );
        listed.insert(path.to_owned());
    }
    assert_eq!(listed, files.keys().cloned().collect());
    for input in manifest["inputs"].as_array().unwrap() {
        let bytes = std::fs::read(samples().join(input["path"].as_str().unwrap())).unwrap();
        assert_eq!(input["sha256"], timeline::hex(&Sha256::digest(&bytes)));
        assert_eq!(input["status"], "ok");
    }
    assert_eq!(manifest["case_id"], "C-17");
    assert_eq!(manifest["examiner"], "A. Analyst");
}

#[test]
fn the_timeline_holds_every_record_once_in_order() {
    let case = analyze(&[&samples()], &[]);
    let rows = case.rows("timeline.csv");
    let expected = expected();
    let records: u64 = expected["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log["records"].as_u64().unwrap())
        .sum();
    let of_logs = rows.iter().filter(|row| row["source_type"] == "evtx");
    assert_eq!(of_logs.count() as u64, records);
    assert!(rows.is_sorted_by_key(|row| row["datetime"].clone()));
    let uids: BTreeSet<&str> = rows.iter().map(|row| row["event_uid"].as_str()).collect();
    assert_eq!(uids.len(), rows.len());
    assert!(case.rows("undated.csv").is_empty());
    let marked = rows.iter().filter(|row| !row["finding_ids"].is_empty());
    let cited: BTreeSet<String> = case
        .rows("findings.csv")
        .iter()
        .flat_map(|row| {
            row["event_uids"]
                .split(';')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        marked
            .map(|row| row["event_uid"].clone())
            .collect::<BTreeSet<_>>(),
        cited
    );
    let untold = case.manifest()["counts"]["file_events_not_in_timeline"]
        .as_u64()
        .unwrap();
    assert_eq!(parquet_rows(&case) as u64, rows.len() as u64 + untold);
}

fn parquet_rows(case: &Case) -> usize {
    let files = case.files();
    let stores = files.iter().filter(|(path, _)| path.ends_with(".parquet"));
    stores
        .map(|(path, bytes)| {
            assert!(path.starts_with("timeline/host="), "{path}");
            let reader = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap();
            usize::try_from(reader.metadata().file_metadata().num_rows()).unwrap()
        })
        .sum()
}

#[test]
fn the_period_leaves_out_what_is_not_in_it() {
    let options = [
        "--from",
        "2026-03-02T22:00:00Z",
        "--to",
        "2026-03-02T22:30:00Z",
    ];
    let case = analyze(&[&samples()], &options);
    let rows = case.rows("timeline.csv");
    assert!(!rows.is_empty());
    for row in &rows {
        let inside = "2026-03-02T22:00:00"..="2026-03-02T22:29:59.9999999Z";
        assert!(
            inside.contains(&row["datetime"].as_str()),
            "{}",
            row["datetime"]
        );
    }
    let movements = case.rows("movements.csv");
    assert_eq!(
        movements.len(),
        1,
        "only the task was registered in that half hour"
    );
    let left_out = case.manifest()["counts"]["outside_period"]
        .as_u64()
        .unwrap();
    let untold = case.manifest()["counts"]["file_events_not_in_timeline"]
        .as_u64()
        .unwrap();
    let all = parquet_rows(&analyze(&[&samples()], &[]));
    assert_eq!(left_out + rows.len() as u64 + untold, all as u64);
    assert!(case.stdout.contains(&format!(
        "{left_out} events outside of the chosen period were left out"
    )));
}

#[test]
fn local_time_is_a_second_column() {
    let case = analyze(&[&samples()], &["--timezone", "Europe/Berlin"]);
    let rows = case.rows("timeline.csv");
    let first = rows
        .iter()
        .find(|row| row["source_type"] == "evtx" && row["host"].starts_with("WS01"))
        .unwrap();
    assert_eq!(first["datetime"], "2026-03-02T20:50:12.6600000Z");
    assert_eq!(first["datetime_local"], "2026-03-02T21:50:12.6600000+01:00");
}

#[test]
fn the_text_timeline_can_be_left_out_or_be_json() {
    let none = analyze(&[&samples()], &["--timeline", "none"]);
    assert!(!none.path.join("timeline.csv").exists());
    assert_eq!(none.manifest()["counts"]["timeline_rows"], 0);
    let json = analyze(&[&samples()], &["--timeline", "csv,jsonl"]);
    assert_eq!(parquet_rows(&none), parquet_rows(&json));
    let lines: Vec<Value> = json
        .text("timeline.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let rows = json.rows("timeline.csv");
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(&rows) {
        assert_eq!(line["event_uid"], row["event_uid"].as_str());
        assert_eq!(line["severity"], row["severity"].as_str());
        assert_eq!(line["message"].is_string(), !row["message"].is_empty());
    }
}

/// The answer files of the samples, byte for byte. `SIDETRACK_BLESS=1 cargo test` writes them anew.
#[test]
fn the_answer_is_the_golden_one() {
    let case = analyze(&[&samples()], &[]);
    for name in ["movements.csv", "findings.csv", "report.md"] {
        let golden = root().join("tests/golden").join(name);
        let text = case.text(name);
        if std::env::var_os("SIDETRACK_BLESS").is_some() {
            std::fs::write(&golden, &text).unwrap();
        }
        let known = std::fs::read_to_string(&golden).unwrap_or_default();
        assert!(text == known, "{name} differs from tests/golden/{name}");
    }
}
