//! `export`: whole runs on a case of the samples, and on one whose strings are an attacker's.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::LazyLock;

use common::{Case, Row, analyze, samples, sidetrack};
use samples::evtx::{Body, LogWriter, Record, Value};
use samples::time::FileTime;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// A case of the samples with all that the store has in its timeline.
static CASE: LazyLock<Case> = LazyLock::new(|| {
    let case = analyze(&[&samples()], &["--mft", "full", "--timeline", "csv,jsonl"]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    case
});

/// What an export wrote.
struct Export {
    folder: tempfile::TempDir,
    name: String,
    stderr: String,
}

/// Runs an export that must succeed.
#[track_caller]
fn export(case: &Case, profile: &str, name: &str, options: &[&str]) -> Export {
    let folder = tempfile::tempdir().unwrap();
    let output = run(case, profile, &folder.path().join(name), options);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{profile}: {stderr}");
    assert!(output.stdout.is_empty(), "{profile}");
    Export {
        folder,
        name: name.to_owned(),
        stderr,
    }
}

fn run(case: &Case, profile: &str, output: &Path, options: &[&str]) -> Output {
    let case = case.path.to_str().unwrap();
    let output = output.to_str().unwrap();
    let arguments = [
        &["export", case, "--profile", profile, "--output", output],
        options,
    ]
    .concat();
    sidetrack(&arguments)
}

impl Export {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn text(&self) -> String {
        self.text_of(&self.name)
    }

    fn text_of(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// The rows of a CSV file, which all have as many columns as its heading.
    fn rows_of(&self, name: &str) -> Vec<Row> {
        let text = self.text_of(name);
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    }

    fn rows(&self) -> Vec<Row> {
        self.rows_of(&self.name)
    }

    fn heading(&self) -> String {
        let text = self.text();
        text.lines().next().unwrap().replace('"', "")
    }

    /// The lines of the main file, as JSON.
    fn objects(&self) -> Vec<Json> {
        let text = self.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn manifest(&self) -> Json {
        serde_json::from_str(&self.text_of(&format!("{}.manifest.json", self.name))).unwrap()
    }

    /// Every file, by its name.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .map(|name| (name.clone(), self.bytes(&name)))
            .collect()
    }
}

/// Every profile, with a file of its form.
const PROFILES: [(&str, &str); 12] = [
    ("default", "x.csv"),
    ("default", "x.jsonl"),
    ("minimal", "x.csv"),
    ("minimal", "x.jsonl"),
    ("excel", "x.csv"),
    ("tle", "x.csv"),
    ("timesketch", "x.jsonl"),
    ("timesketch", "x.csv"),
    ("ecs", "x.ndjson"),
    ("l2tcsv", "x.csv"),
    ("bodyfile", "x.body"),
    ("tln", "x.tln"),
];

const COLUMNS: &str = "datetime,timestamp_desc,message,host,host_raw,source_type,channel_or_key,event_id,record_id,\
    user,user_sid,logon_id,logon_type,src_host,src_ip,src_port,dst_host,process,command,object,hashes,severity,tag,\
    attack,finding_ids,evidence_file,evidence_sha256,recovered,dup_count,skew_ms,event_uid";

#[test]
fn the_default_form_is_the_timeline_of_the_case_byte_for_byte() {
    let case = &*CASE;
    let csv = export(case, "default", "x.csv", &[]);
    assert!(csv.bytes("x.csv") == case.files()["timeline.csv"]);
    assert!(csv.bytes("x-undated.csv") == case.files()["undated.csv"]);
    let jsonl = export(case, "default", "x.jsonl", &[]);
    assert!(jsonl.bytes("x.jsonl") == case.files()["timeline.jsonl"]);
    assert_eq!(csv.heading(), COLUMNS);
    let marked = csv
        .rows()
        .iter()
        .filter(|row| !row["finding_ids"].is_empty())
        .count();
    assert!(marked > 20, "{marked}");
}

/// What `--mft` keeps out of the timeline is in the store, and so in an export; the rest is as in the timeline.
#[test]
fn an_export_has_all_of_the_store() {
    let case = analyze(&[&samples()], &[]);
    let told = case.rows("timeline.csv");
    let all = export(&case, "default", "x.csv", &[]).rows();
    assert!(all.len() > told.len() + 100);
    let uids: BTreeSet<&str> = told.iter().map(|row| row["event_uid"].as_str()).collect();
    let same: Vec<&Row> = all
        .iter()
        .filter(|row| uids.contains(row["event_uid"].as_str()))
        .collect();
    assert!(same.into_iter().eq(&told));
}

#[test]
fn headings_are_those_of_the_tools() {
    let case = &*CASE;
    let heading = |profile, name| export(case, profile, name, &["--user", "nobody"]).heading();
    assert_eq!(
        heading("minimal", "x.csv"),
        "datetime,timestamp_desc,message,host,host_raw,source_type,user,src_ip,command,finding_ids,event_uid"
    );
    assert_eq!(
        heading("excel", "x.csv"),
        format!(
            "\u{feff}{}",
            COLUMNS.replacen("datetime", "datetime_utc", 1)
        )
    );
    assert_eq!(
        heading("tle", "x.csv"),
        "DateTime,TimestampInfo,ArtifactName,Tool,Description,DataDetails,DataPath,FileExtension,EventId,User,\
         Computer,FileSize,IPAddress,SourceAddress,DestinationAddress,SHA1,Count,EvidencePath,RawData"
    );
    assert_eq!(
        heading("l2tcsv", "x.csv"),
        "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,notes,format,extra"
    );
    // masstin compares the line as it is, so not one quote may be in it.
    let masstin = export(case, "masstin", "x.csv", &[]);
    assert!(masstin.text().starts_with(
        "time_created,dst_computer,event_type,event_id,logon_type,target_user_name,target_domain_name,src_computer,\
         src_ip,subject_user_name,subject_domain_name,logon_id,detail,log_filename\n"
    ));
}

#[test]
fn filters_keep_what_they_say_and_tell_what_they_left_out() {
    let case = &*CASE;
    let all = case.rows("timeline.csv");
    let kept = |options: &[&str], keeps: &dyn Fn(&Row) -> bool, says: &str| {
        let export = export(case, "default", "x.csv", options);
        let rows = export.rows();
        let expected: Vec<&Row> = all.iter().filter(|row| keeps(row)).collect();
        assert!(
            !expected.is_empty() && expected.len() < all.len(),
            "{options:?}"
        );
        assert_eq!(rows.len(), expected.len(), "{options:?}");
        assert!(rows.iter().eq(expected), "{options:?}");
        let left = all.len() - rows.len();
        let line = format!("{says} left out {left} events");
        assert!(export.stderr.contains(&line), "{line}: {}", export.stderr);
        let removed = &export.manifest()["removed"];
        let sum: u64 = removed
            .as_object()
            .unwrap()
            .values()
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert_eq!(sum, left as u64, "{options:?}");
    };
    let (from, to) = ("2026-03-02T21:14:02.771Z", "2026-03-02T22:00:00Z");
    let inside = |row: &Row| {
        row["datetime"].as_str() >= "2026-03-02T21:14:02.7710000Z"
            && row["datetime"].as_str() < "2026-03-02T22:00:00"
    };
    kept(&["--from", from, "--to", to], &inside, "--from/--to");
    let on =
        |hosts: &'static [&'static str]| move |row: &Row| hosts.contains(&row["host"].as_str());
    kept(
        &["--host", "srv02"],
        &on(&["SRV02.corp.example.com"]),
        "--host",
    );
    kept(
        &["--host", "SRV02.CORP.example.com", "--host", "dc01"],
        &on(&["SRV02.corp.example.com", "DC01.corp.example.com"]),
        "--host",
    );
    let query = r#"process where event.code == "4688" and process.name : "cmd.exe""#;
    let answer = |row: &Row| {
        row["event_id"] == "4688" && row["process"].to_lowercase().ends_with("\\cmd.exe")
    };
    kept(&["--eql", query], &answer, "--eql");
    // The first and the last moment of a filter are in and out.
    let first = export(case, "minimal", "x.csv", &["--from", from]).rows();
    assert_eq!(first[0]["datetime"], "2026-03-02T21:14:02.7710000Z");
}

#[test]
fn an_account_is_found_by_name_and_by_sid() {
    let case = &*CASE;
    let rows = |user: &str| export(case, "minimal", "x.csv", &["--user", user]).rows();
    let accounts = case.rows("accounts.csv");
    let account = accounts
        .iter()
        .find(|row| row["account"] == "CORP\\svc-deploy")
        .unwrap();
    let by_name = rows("corp\\SVC-deploy");
    assert!(by_name.len() > 20, "{}", by_name.len());
    assert_eq!(rows(&account["sid"]), by_name);
    assert!(rows("svc-deploy").len() >= by_name.len());
    assert!(by_name.iter().any(|row| row["user"] == "CORP\\svc-deploy"));
    assert!(
        by_name
            .iter()
            .all(|row| row["user"] != "CORP\\adm-sandoval")
    );
    assert_eq!(rows("nobody"), []);
}

/// Of sequences, all events; with pipes, those that `query` would print.
#[test]
fn a_query_leaves_the_events_of_its_answer() {
    let case = &*CASE;
    for query in [
        "sequence by host.id with maxspan=1m [network where destination.port == 445] [file where process.pid == 4]",
        "process where true | tail 3",
        "sample by user.name [process where true] [authentication where true]",
    ] {
        let source = case.path.to_str().unwrap();
        let answer = sidetrack(&["query", source, query, "--format", "csv"]);
        let mut reader = csv::Reader::from_reader(answer.stdout.as_slice());
        let expected: BTreeSet<String> = reader
            .deserialize::<Row>()
            .map(|row| row.unwrap()["event_uid"].clone())
            .collect();
        let rows = export(case, "minimal", "x.csv", &["--eql", query]).rows();
        assert!(!rows.is_empty(), "{query}");
        assert_eq!(rows.len(), expected.len(), "{query}");
        assert!(
            rows.iter().all(|row| expected.contains(&row["event_uid"])),
            "{query}"
        );
    }
}

#[test]
fn tags_of_the_user_stand_beside_those_of_findings() {
    let case = &*CASE;
    let all = case.rows("timeline.csv");
    let found = all
        .iter()
        .find(|row| row["tag"] == "finding;lateral-movement")
        .unwrap();
    let plain = all.iter().find(|row| row["tag"].is_empty()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tags = folder.path().join("tags.csv");
    let unknown = "00000000000000000000000000000000";
    let (a, b) = (&found["event_uid"], &plain["event_uid"]);
    let text = format!(
        "event_uid,tag,comment\n{a},=bad,\n{b},one,\"why, though\"\n{b},two,\n{unknown},x,\n"
    );
    std::fs::write(&tags, text).unwrap();
    let options = ["--tags", tags.to_str().unwrap()];
    let of = |rows: &[Row], uid: &str| {
        rows.iter().find(|row| row["event_uid"] == uid).unwrap()["tag"].clone()
    };
    let csv = export(case, "default", "x.csv", &options);
    assert_eq!(of(&csv.rows(), a), "finding;lateral-movement;=bad");
    assert_eq!(of(&csv.rows(), b), "one;two");
    assert!(
        csv.stderr
            .contains("--tags names 1 event that the case does not have"),
        "{}",
        csv.stderr
    );
    assert_eq!(csv.manifest()["tags"]["unknown"], 1);
    let lines = export(case, "timesketch", "x.jsonl", &options).objects();
    let line = |uid: &str| lines.iter().find(|line| line["event_uid"] == uid).unwrap();
    assert_eq!(line(b)["tag"], serde_json::json!(["one", "two"]));
    assert_eq!(line(b)["comment"], "why, though");
    assert_eq!(
        line(a)["tag"],
        serde_json::json!(["finding", "lateral-movement", "=bad"])
    );
    // A filter that leaves an event out does not make its tag unknown.
    let none = export(
        case,
        "default",
        "x.csv",
        &[&options[..], &["--user", "nobody"]].concat(),
    );
    assert_eq!(none.manifest()["tags"]["unknown"], 1);
    std::fs::write(&tags, "uid\n").unwrap();
    let output = run(case, "default", &folder.path().join("y.csv"), &options);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn raw_is_the_event_as_json() {
    let case = &*CASE;
    let rows = export(case, "default", "x.csv", &["--raw"]).rows();
    for row in rows.iter().step_by(97) {
        let raw: Json = serde_json::from_str(&row["raw"]).unwrap();
        assert_eq!(raw["@timestamp"], row["datetime"].as_str());
        assert_eq!(raw["host"]["name"], row["host_raw"].as_str());
    }
    let tle = export(case, "tle", "x.csv", &["--raw"]).rows();
    let data: Json = serde_json::from_str(&tle[0]["RawData"]).unwrap();
    let raw: Json = serde_json::from_str(data["raw"].as_str().unwrap()).unwrap();
    assert!(raw["@timestamp"].is_string());
    let heading = export(case, "minimal", "x.csv", &["--raw"]).heading();
    assert!(heading.ends_with(",event_uid,raw"), "{heading}");
    let lines = export(case, "minimal", "x.jsonl", &["--raw"]).objects();
    assert!(
        lines[0]["raw"]
            .as_str()
            .unwrap()
            .starts_with("{\"@timestamp\"")
    );
    let folder = tempfile::tempdir().unwrap();
    let output = run(case, "bodyfile", &folder.path().join("x"), &["--raw"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_must_not_be_written_is_not() {
    let case = &*CASE;
    let folder = tempfile::tempdir().unwrap();
    let refused = |output: &Path, profile: &str, options: &[&str], message: &str| {
        let before = case.files();
        let run = run(case, profile, output, options);
        let said = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{said}");
        assert!(said.contains(message), "{said}");
        assert!(case.files() == before, "the case stays as it is");
    };
    let taken = folder.path().join("taken.csv");
    std::fs::write(&taken, "mine").unwrap();
    refused(&taken, "default", &[], "exists; --force replaces it");
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    refused(
        &case.path.join("x.csv"),
        "default",
        &[],
        "it lies in the case",
    );
    refused(
        &case.path.join("new/x.csv"),
        "default",
        &["--force"],
        "it lies in the case",
    );
    refused(
        &folder.path().join("../x/.."),
        "default",
        &[],
        "names no file",
    );
    refused(folder.path(), "default", &["--force"], "it is a folder");
    refused(&folder.path().join("x.csv"), "ecs", &[], "no CSV form");
    // Evidence is never replaced, whatever it is called.
    let evidence = folder.path().join("copy.csv");
    let log = samples().join("DC01/Windows/System32/winevt/Logs/System.evtx");
    std::fs::copy(&log, &evidence).unwrap();
    refused(
        &evidence,
        "default",
        &["--force"],
        "is evidence of this case",
    );
    assert!(std::fs::read(&evidence).unwrap() == std::fs::read(&log).unwrap());
    // What belongs beside it is refused as well, before anything is written.
    std::fs::write(folder.path().join("y-template.json"), "mine").unwrap();
    refused(
        &folder.path().join("y.ndjson"),
        "ecs",
        &[],
        "y-template.json exists",
    );
    assert!(!folder.path().join("y.ndjson").exists());
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 3, "nothing is left of what was begun");
    // With force it is replaced.
    let forced = run(case, "default", &taken, &["--force"]);
    assert_eq!(forced.status.code(), Some(0));
    assert!(std::fs::read(&taken).unwrap() == case.files()["timeline.csv"]);
    let unknown = run(case, "nonsense", &folder.path().join("z"), &[]);
    assert_eq!(unknown.status.code(), Some(2));
    let source = samples();
    let arguments = [
        "export",
        source.to_str().unwrap(),
        "--profile",
        "default",
        "--output",
        "/tmp/never.csv",
    ];
    let output = sidetrack(&arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("is no case")
    );
}

#[test]
fn threads_and_memory_do_not_show() {
    let case = &*CASE;
    for (profile, name) in PROFILES.into_iter().chain([("masstin", "x.csv")]) {
        let one = export(
            case,
            profile,
            name,
            &["--threads", "1", "--memory", "128M", "--part-rows", "900"],
        )
        .files();
        let many = export(
            case,
            profile,
            name,
            &["--threads", "4", "--part-rows", "900"],
        )
        .files();
        assert!(one.keys().eq(many.keys()), "{profile} {name}");
        for (file, bytes) in &one {
            // The session of Timeline Explorer names the file where it was written.
            let paths = file.ends_with(".tle_sess")
                || (profile == "tle" && file.ends_with("manifest.json"));
            assert!(paths || *bytes == many[file], "{profile} {file}");
        }
    }
}

#[test]
fn the_manifest_lists_what_was_written() {
    for (profile, name) in PROFILES {
        let export = export(&CASE, profile, name, &["--host", "srv02", "--quiet"]);
        assert_eq!(export.stderr, "", "{profile}");
        let manifest = export.manifest();
        assert_eq!(manifest["profile"], profile);
        assert_eq!(manifest["filters"]["host"], serde_json::json!(["srv02"]));
        let case = Sha256::digest(CASE.files()["manifest.json"].as_slice());
        assert_eq!(manifest["case_manifest_sha256"], hex(&case));
        let mut files = export.files();
        files.remove(&format!("{name}.manifest.json")).unwrap();
        let outputs = manifest["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), files.len(), "{profile}");
        for output in outputs {
            let bytes = &files[output["path"].as_str().unwrap()];
            assert_eq!(output["size"], bytes.len(), "{profile}");
            assert_eq!(output["sha256"], hex(&Sha256::digest(bytes)), "{profile}");
        }
        let number = |value: &Json| value.as_u64().unwrap();
        let sum = |name: &str| {
            manifest[name]
                .as_object()
                .unwrap()
                .values()
                .map(number)
                .sum::<u64>()
        };
        let events = number(&manifest["events"]);
        assert_eq!(
            events,
            sum("removed") + sum("left_out") + number(&manifest["told"]),
            "{profile}"
        );
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn timesketch_gets_what_it_demands() {
    let lines = export(&CASE, "timesketch", "x.jsonl", &[]).objects();
    let all = CASE.rows("timeline.csv");
    assert_eq!(lines.len(), all.len());
    for (line, row) in lines.iter().zip(&all) {
        let text = |name: &str| line[name].as_str().unwrap();
        assert!(!text("message").is_empty() && !text("timestamp_desc").is_empty());
        let datetime = chrono::DateTime::parse_from_rfc3339(text("datetime")).unwrap();
        assert!(text("datetime").ends_with("+00:00"));
        assert_eq!(line["timestamp"], datetime.timestamp_micros());
        assert_eq!(text("datetime_exact"), row["datetime"]);
        assert!(line["tag"].is_array());
        assert!(!text("data_type").is_empty());
        assert_eq!(text("event_uid"), row["event_uid"]);
    }
    let types: BTreeSet<&str> = lines
        .iter()
        .map(|line| line["data_type"].as_str().unwrap())
        .collect();
    for expected in [
        "windows:evtx:record",
        "windows:registry:key_value",
        "windows:registry:service",
        "windows:registry:task_scheduler:task_cache:entry",
        "fs:stat:ntfs",
        "fs:ntfs:usn_change",
    ] {
        assert!(types.contains(expected), "{expected}: {types:?}");
    }
    let rows = export(&CASE, "timesketch", "x.csv", &[]).rows();
    for (row, line) in rows.iter().zip(&lines) {
        assert_eq!(row["timestamp"], line["timestamp"].to_string());
        assert_eq!(
            serde_json::from_str::<Json>(&row["tag"]).unwrap(),
            line["tag"]
        );
        assert_eq!(row["datetime"], line["datetime"].as_str().unwrap());
    }
}

/// Calls `each` with every value of a document, under its dotted name.
fn flatten(name: &str, value: &Json, each: &mut dyn FnMut(&str, &Json)) {
    match value {
        Json::Object(object) => {
            for (key, value) in object {
                let name = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}.{key}")
                };
                flatten(&name, value, each);
            }
        }
        Json::Array(values) => values.iter().for_each(|value| flatten(name, value, each)),
        value => each(name, value),
    }
}

/// The type of a field in a template.
fn type_of<'a>(template: &'a Json, name: &str) -> Option<&'a str> {
    let mut mapping = &template["template"]["mappings"];
    for part in name.split('.') {
        mapping = mapping["properties"].get(part)?;
    }
    mapping["type"].as_str()
}

/// Whether Elasticsearch takes a value for a field of this type.
fn is_valid(kind: &str, value: &Json) -> bool {
    match kind {
        "keyword" | "wildcard" | "match_only_text" => value.is_string(),
        "long" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "ip" => value
            .as_str()
            .is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok()),
        "date" => value
            .as_str()
            .is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
        _ => false,
    }
}

/// The documents of an export, every one checked.
fn documents(export: &Export) -> Vec<Json> {
    let template: Json = serde_json::from_str(&export.text_of("x-template.json")).unwrap();
    assert_eq!(type_of(&template, "@timestamp"), Some("date"));
    let text = export.text_of("x.ndjson") + &export.text_of("x-undated.ndjson");
    assert!(text.ends_with('\n'));
    let lines: Vec<Json> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut documents = Vec::new();
    for pair in lines.chunks(2) {
        let [action, document] = pair else {
            panic!("an action without a document")
        };
        assert_eq!(action["create"]["_id"], document["sidetrack"]["event_uid"]);
        assert_eq!(action["create"]["_index"], "sidetrack-events");
        flatten("", document, &mut |name, value| {
            let open = name.starts_with("winlog.") || name.starts_with("sidetrack.not_");
            match type_of(&template, name) {
                Some(kind) => assert!(is_valid(kind, value), "{name} is {kind}: {value}"),
                None => assert!(open && value.is_string(), "{name} has no type: {value}"),
            }
            assert!(
                name.split('.').all(|part| !part.trim().is_empty()),
                "{name:?}"
            );
        });
        documents.push(document.clone());
    }
    documents
}

#[test]
fn elasticsearch_takes_every_document() {
    let documents = documents(&export(&CASE, "ecs", "x.ndjson", &[]));
    let all = CASE.rows("timeline.csv");
    assert_eq!(documents.len(), all.len());
    for (place, (document, row)) in documents.iter().zip(&all).enumerate() {
        assert_eq!(document["@timestamp"], row["datetime"].as_str());
        assert_eq!(document["sidetrack"]["order"], place);
        assert!(document["event"]["category"].is_array());
    }
    assert!(
        documents
            .iter()
            .any(|document| document["tags"] == serde_json::json!(["finding", "lateral-movement"]))
    );
}

/// The documents answer a query as the case does.
#[test]
fn the_documents_are_the_events() {
    let export = export(&CASE, "ecs", "x.ndjson", &[]);
    let events = export.path("events.ndjson");
    let text = export.text();
    let lines: Vec<&str> = text.lines().skip(1).step_by(2).collect();
    std::fs::write(&events, lines.join("\n")).unwrap();
    let query = "sequence by host.id with maxspan=1m [network where true] [file where true]";
    let answer = |source: &Path, field: &str| {
        let source = source.to_str().unwrap();
        let mut arguments = vec!["query", source, query, "--format", "jsonl"];
        if !field.is_empty() {
            arguments.extend(["--id-field", field, "--tiebreaker-field", "sidetrack.order"]);
        }
        let output = sidetrack(&arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        let ids = |line: &str| {
            let line: Json = serde_json::from_str(line).unwrap();
            let events = line["events"].as_array().unwrap().clone();
            events
                .iter()
                .map(|event| event["_id"].to_string())
                .collect::<Vec<_>>()
        };
        text.lines().map(ids).collect::<Vec<_>>()
    };
    let expected = answer(&CASE.path, "");
    assert!(expected.len() > 3);
    assert_eq!(answer(&events, "sidetrack.event_uid"), expected);
}

#[test]
fn a_spreadsheet_gets_what_it_can_take() {
    let export = export(&CASE, "excel", "x.csv", &[]);
    let text = export.text();
    assert!(text.starts_with('\u{feff}'));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let rows = export.rows();
    for (row, told) in rows.iter().zip(CASE.rows("timeline.csv")) {
        let time = &row["datetime_utc"];
        assert!(
            chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S%.3f").is_ok(),
            "{time}"
        );
        assert_eq!(time.len(), "2026-03-02 21:14:02.771".len());
        assert_eq!(row["message"], told["message"]);
        // `12-3` would become a date.
        let id = &told["record_id"];
        assert_eq!(
            row["record_id"],
            if id.contains('-') {
                format!("'{id}")
            } else {
                id.clone()
            }
        );
    }
    let names: Vec<String> = export.files().into_keys().collect();
    assert_eq!(
        names,
        ["x-undated.csv", "x.csv", "x.csv.manifest.json", "x.xlsx"]
    );
    assert!(export.bytes("x.xlsx").starts_with(b"PK"));
}

#[test]
fn too_many_rows_go_to_files_of_hosts_and_days() {
    let export = export(&CASE, "excel", "x.csv", &["--part-rows", "400"]);
    let index = export.rows_of("x-index.csv");
    let mut rows: Vec<Row> = Vec::new();
    for part in &index {
        let of_part = export.rows_of(&part["file"]);
        assert_eq!(of_part.len().to_string(), part["rows"]);
        assert!(of_part.len() <= 400 && !of_part.is_empty(), "{part:?}");
        assert!(
            of_part.iter().all(|row| row["host"] == part["host"]),
            "{part:?}"
        );
        assert_eq!(of_part[0]["datetime_utc"], part["first_utc"]);
        let by_day = part["file"].contains("-2026-03-02");
        assert!(
            !by_day
                || of_part
                    .iter()
                    .all(|row| row["datetime_utc"].starts_with("2026-03-02")),
            "{part:?}"
        );
        rows.extend(of_part);
    }
    let names: Vec<&str> = index.iter().map(|part| part["file"].as_str()).collect();
    for expected in [
        "x-FS03.corp.example.com.csv",
        "x-SRV02.corp.example.com-2026-03-02.csv",
        "x-SRV02.corp.example.com-2026-03-02-2.csv",
    ] {
        assert!(names.contains(&expected), "{names:?}");
    }
    assert!(
        !export.path("x.csv").exists(),
        "no part is taken for the whole"
    );
    // Nothing is lost, and each part is in the one order.
    let all = CASE.rows("timeline.csv");
    let uids = |rows: &[Row]| {
        rows.iter()
            .map(|row| row["event_uid"].clone())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!((rows.len(), uids(&rows)), (all.len(), uids(&all)));
}

/// A table of more rows than a sheet has goes on on another: none is dropped.
#[test]
fn a_table_that_is_too_long_for_a_sheet_goes_on_on_another() {
    use std::io::Read;
    let export = export(&CASE, "excel", "x.csv", &["--part-rows", "3"]);
    let file = std::fs::File::open(export.path("x.xlsx")).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        let mut part = zip.by_name(name).unwrap();
        part.read_to_string(&mut text).unwrap();
        text
    };
    let book = part("xl/workbook.xml");
    let titles: Vec<&str> = book
        .split("<sheet name=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, title) in (1..).zip(&titles) {
        let sheet = part(&format!("xl/worksheets/sheet{number}.xml"));
        let table = title.split(" (").next().unwrap();
        let below_heading = sheet.matches("<row ").count() - 1;
        rows.entry(table).or_default().push(below_heading);
    }
    for table in ["movements", "findings", "sessions", "hosts", "accounts"] {
        let all = CASE.rows(&format!("{table}.csv")).len();
        let sheets = &rows[table];
        assert_eq!(sheets.iter().sum::<usize>(), all, "{table}");
        assert_eq!(sheets.len(), all.div_ceil(3), "{table}");
        assert!(sheets.iter().all(|rows| *rows <= 3), "{table}: {sheets:?}");
    }
    assert!(titles.contains(&"sessions (2)"), "{titles:?}");
}

/// A second time in a zone, never instead of the first.
#[test]
fn a_local_time_stands_beside_the_other() {
    let zone = ["--timezone", "Europe/Berlin"];
    let case = analyze(
        &[&samples()],
        &[&["--mft", "full", "--timeline", "csv,jsonl"], &zone[..]].concat(),
    );
    let csv = export(&CASE, "default", "x.csv", &zone);
    assert!(csv.bytes("x.csv") == case.files()["timeline.csv"]);
    let jsonl = export(&CASE, "default", "x.jsonl", &zone);
    assert!(jsonl.bytes("x.jsonl") == case.files()["timeline.jsonl"]);
    assert_eq!(csv.manifest()["timezone"], "Europe/Berlin");
    let (utc, local) = ("2026-03-02T21:14:02.771", "2026-03-02T22:14:02.771");
    let at = |row: &&Row| row["datetime"].starts_with(utc);
    let rows = csv.rows();
    let uid = &rows.iter().find(at).unwrap()["event_uid"];
    let sheet = local.replace('T', " ");
    for (profile, name, column, expected) in [
        (
            "minimal",
            "x.csv",
            "datetime_local",
            format!("{local}0000+01:00"),
        ),
        (
            "excel",
            "x.csv",
            "datetime_local",
            format!("{sheet} +01:00"),
        ),
        (
            "timesketch",
            "x.csv",
            "datetime_local",
            format!("{local}0000+01:00"),
        ),
        (
            "tle",
            "x.csv",
            "RawData",
            format!("\"datetime_local\":\"{local}0000+01:00\""),
        ),
        (
            "l2tcsv",
            "x.csv",
            "extra",
            format!("datetime_local: {local}0000+01:00"),
        ),
    ] {
        let options = [&zone[..], &["--raw"]].concat();
        let export = export(&CASE, profile, name, &options);
        let rows = export.rows();
        let has_uid = |row: &&Row| row.values().any(|cell| cell.contains(uid));
        let row = rows.iter().find(has_uid).unwrap();
        assert!(
            row[column].contains(&expected),
            "{profile}: {}",
            row[column]
        );
        assert!(
            profile == "l2tcsv" || profile == "tle" || row["raw"].starts_with("{\"@timestamp\"")
        );
    }
    for name in ["minimal", "timesketch"] {
        let lines = export(&CASE, name, "x.jsonl", &zone).objects();
        let line = lines
            .iter()
            .find(|line| line["event_uid"] == **uid)
            .unwrap();
        assert_eq!(line["datetime_local"], format!("{local}0000+01:00"));
    }
    let folder = tempfile::tempdir().unwrap();
    for (profile, zone) in [
        ("ecs", "Europe/Berlin"),
        ("bodyfile", "Europe/Berlin"),
        ("stix", "Europe/Berlin"),
        ("default", "Berlin"),
    ] {
        let output = folder.path().join("x");
        let refused = run(&CASE, profile, &output, &["--timezone", zone]);
        assert_eq!(refused.status.code(), Some(2), "{profile}");
    }
}

/// Parts of an older export beside a newer one would be taken for its own.
#[test]
fn what_is_replaced_leaves_no_parts() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("x.csv");
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<BTreeSet<_>>()
    };
    let split = ["--part-rows", "400"];
    assert_eq!(run(&CASE, "excel", &output, &split).status.code(), Some(0));
    let parts = names();
    assert!(parts.len() > 8, "{parts:?}");
    std::fs::write(folder.path().join("x-notes.csv"), "mine").unwrap();
    std::fs::write(folder.path().join("x-FS03.corp.example.com.csv"), "changed").unwrap();
    let forced = run(&CASE, "excel", &output, &["--force"]);
    assert_eq!(forced.status.code(), Some(0));
    let left = [
        "x-FS03.corp.example.com.csv",
        "x-notes.csv",
        "x-undated.csv",
        "x.csv",
        "x.csv.manifest.json",
        "x.xlsx",
    ];
    assert_eq!(names().into_iter().collect::<Vec<_>>(), left);
}

#[test]
fn timeline_explorer_gets_its_own_columns_and_a_session() {
    let export = export(&CASE, "tle", "x.csv", &[]);
    let rows = export.rows();
    let all = CASE.rows("timeline.csv");
    assert_eq!(rows.len(), all.len());
    let mut tagged = Vec::new();
    for ((number, row), told) in (1u64..).zip(&rows).zip(&all) {
        assert_eq!(
            row["DateTime"],
            told["datetime"].trim_end_matches('Z').replace('T', " ")
        );
        assert_eq!(row["Computer"], told["host"]);
        let data: Json = serde_json::from_str(&row["RawData"]).unwrap();
        assert_eq!(data["event_uid"], told["event_uid"].as_str());
        if !told["tag"].is_empty() {
            tagged.push(number);
        }
    }
    let text = export.text();
    assert!(!text.contains('\t') && text.matches('\n').count() == text.matches("\r\n").count());
    let session: Json = serde_json::from_str(&export.text_of("x.csv.tle_sess")).unwrap();
    let path = export.path("x.csv");
    assert_eq!(
        session["SessionFiles"][path.to_str().unwrap()],
        serde_json::json!(tagged)
    );
    assert!(tagged.len() > 20);
}

#[test]
fn old_forms_have_their_columns_and_tell_what_is_lost() {
    let l2t = export(&CASE, "l2tcsv", "x.csv", &[]);
    for (line, row) in l2t.text().lines().skip(1).zip(CASE.rows("timeline.csv")) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 17, "{line}");
        let [date, time] = [cells[0], cells[1]];
        let told = &row["datetime"];
        assert_eq!(
            date,
            format!("{}/{}/{}", &told[5..7], &told[8..10], &told[..4])
        );
        assert_eq!(time, &told[11..19]);
        assert_eq!((cells[2], cells[11]), ("UTC", "2"));
        assert!(cells[16].contains(&row["event_uid"]));
    }
    assert!(
        l2t.manifest()["lost"]["times cut to the second"]
            .as_u64()
            .unwrap()
            > 1000
    );
    let tln = export(&CASE, "tln", "x.tln", &[]);
    for (line, row) in tln.text().lines().zip(CASE.rows("timeline.csv")) {
        let cells: Vec<&str> = line.split('|').collect();
        assert_eq!(cells.len(), 5, "{line}");
        let seconds = chrono::DateTime::parse_from_rfc3339(&row["datetime"])
            .unwrap()
            .timestamp();
        assert_eq!(cells[0], seconds.to_string());
        assert_eq!(cells[2], row["host"]);
    }
}

#[test]
fn a_body_file_has_one_line_for_a_file_and_one_for_its_name() {
    let export = export(&CASE, "bodyfile", "x.body", &[]);
    let text = export.text();
    let lines: BTreeMap<&str, Vec<&str>> = text
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            assert_eq!(cells.len(), 11, "{line}");
            assert!(
                cells[6..]
                    .iter()
                    .all(|number| number.parse::<i64>().is_ok()),
                "{line}"
            );
            (cells[1], cells)
        })
        .collect();
    let distinct: BTreeSet<&str> = text.lines().collect();
    assert_eq!(distinct.len(), text.lines().count(), "each once");
    let setup = &lines["WS01.corp.example.com/C:/Program Files (x86)/LabelPrint/labelprint.exe"];
    // Accessed, modified, changed, born, as file.accessed, file.mtime, file.ctime and file.created have them.
    let at = |text: &str| {
        chrono::DateTime::parse_from_rfc3339(text)
            .unwrap()
            .timestamp()
            .to_string()
    };
    let (old, new) = (at("2019-08-14T11:58:40Z"), at("2026-03-02T14:29:12Z"));
    assert_eq!(setup[6..], ["1877504", &new, &old, &new, &old]);
    assert!(lines.contains_key(
        "WS01.corp.example.com/C:/Program Files (x86)/LabelPrint/labelprint.exe ($FILE_NAME)"
    ));
    assert!(lines.keys().any(|name| name.ends_with(" (deleted)")));
    let others = &export.manifest()["left_out"]["not of a file table"];
    assert!(others.as_u64().unwrap() > 1000);
    // A period leaves times out, not files that have others.
    let cut = self::export(&CASE, "bodyfile", "x.body", &["--from", "2026-03-02"]).text();
    let line = cut
        .lines()
        .find(|line| line.contains("/labelprint.exe|"))
        .unwrap();
    assert!(
        line.ends_with(&format!("|1877504|{new}|0|{new}|0")),
        "{line}"
    );
}

#[test]
fn masstin_gets_logons() {
    let export = export(&CASE, "masstin", "x.csv", &[]);
    let rows = export.rows();
    let text = export.text();
    assert!(text.lines().all(|line| line.split(',').count() == 14));
    let types: BTreeSet<&str> = rows.iter().map(|row| row["event_type"].as_str()).collect();
    assert!(
        types.is_superset(&BTreeSet::from(["SUCCESSFUL_LOGON", "LOGOFF", "CONNECT"])),
        "{types:?}"
    );
    let logon = rows
        .iter()
        .find(|row| {
            row["event_id"] == "4624" && row["src_ip"] == "10.20.30.11" && row["logon_type"] == "3"
        })
        .unwrap();
    assert_eq!(logon["dst_computer"], "SRV02.corp.example.com");
    assert_eq!(logon["target_user_name"], "svc-deploy");
    assert!(logon["logon_id"].starts_with("0x"));
    let told = rows.len() as u64;
    let manifest = export.manifest();
    let left: u64 = manifest["left_out"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(told + left, manifest["events"].as_u64().unwrap());
}

/// Strings that break out of what they stand in.
const HOSTILE: [&str; 9] = [
    "=cmd|' /C calc'!A0",
    "a\"b\",\"c",
    "one\r\ntwo\ttabs",
    "pipe|pipe|pipe,comma,comma",
    "\u{1b}[31mred\u{1b}[0m \u{202e}exe.txt",
    "\u{0}nul\u{85}\u{2028}",
    "\"begins with a quote",
    "@SUM(1+1)",
    "\u{feff}bom \u{1f600} _x000D_ ]]> </v>",
];

/// A record of a megabyte, as XML: no log has one so long.
fn long() -> String {
    let text = "long ,|&quot;=".repeat(80_000);
    format!(
        "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4624</EventID><Level>0</Level>\
         <Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2026-03-02T21:14:02.1234567Z'/>\
         <EventRecordID>900</EventRecordID><Channel>Security</Channel><Computer>SRV02.corp.example.com</Computer>\
         </System><EventData><Data Name='TargetUserName'>{text}</Data><Data Name='LogonType'>3</Data></EventData>\
         </Event></Events>"
    )
}

/// A case of such values, one of them of a megabyte.
fn hostile() -> Case {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("long.xml"), long()).unwrap();
    let file = std::fs::File::create(folder.path().join("Security.evtx")).unwrap();
    let mut log = LogWriter::create(file).unwrap();
    for text in HOSTILE {
        let value = |text: &str| Value::Text(text.to_owned());
        let logon = Body::EventData(vec![
            ("TargetUserName", value(text)),
            ("TargetDomainName", value(text)),
            ("WorkstationName", value(text)),
            ("LogonType", value("3")),
            ("IpAddress", value(text)),
            ("SubjectUserName", value(text)),
        ]);
        let provider = "Microsoft-Windows-Security-Auditing";
        log.write(&Record::plain(provider, "Security", 4624, logon))
            .unwrap();
        let other = Body::EventData(vec![("A.B", value(text)), ("A", value(text))]);
        log.write(&Record::plain("Example", "Security", 7, other))
            .unwrap();
    }
    log.finish().unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert!(case.code == 0 || case.code == 3, "{}", case.stderr);
    case
}

#[test]
fn hostile_strings_break_no_form() {
    let case = hostile();
    let events = case.rows("timeline.csv").len();
    assert_eq!(events, 2 * HOSTILE.len() + 1);
    for (profile, name) in [
        ("default", "x.csv"),
        ("minimal", "x.csv"),
        ("excel", "x.csv"),
        ("tle", "x.csv"),
        ("timesketch", "x.csv"),
    ] {
        let export = export(&case, profile, name, &["--raw"]);
        let rows = export.rows();
        assert_eq!(rows.len(), events, "{profile}");
        let cells = rows.iter().flat_map(BTreeMap::values);
        for cell in cells {
            assert!(
                !cell.starts_with(['=', '@', '\t', '\r']),
                "{profile}: {cell:.40}"
            );
            assert!(
                !cell.contains(|char: char| char.is_control() || char == '\u{202e}'),
                "{profile}: {cell:.40}"
            );
        }
        assert!(
            export.manifest()["neutralised_cells"].as_u64().unwrap() > 0,
            "{profile}"
        );
    }
    for (profile, name) in [
        ("default", "x.jsonl"),
        ("minimal", "x.jsonl"),
        ("timesketch", "x.jsonl"),
    ] {
        let lines = export(&case, profile, name, &["--raw"]).objects();
        assert_eq!(lines.len(), events, "{profile}");
    }
    for (profile, separator, columns) in
        [("l2tcsv", ',', 17), ("masstin", ',', 14), ("tln", '|', 5)]
    {
        let text = export(&case, profile, "x.txt", &[]).text();
        let logons = HOSTILE.len() + 1;
        let expected = if profile == "masstin" { logons } else { events };
        let heading = usize::from(profile != "tln");
        assert_eq!(
            text.split_terminator('\n').count(),
            expected + heading,
            "{profile}"
        );
        for line in text.split_terminator('\n') {
            assert_eq!(
                line.split(separator).count(),
                columns,
                "{profile}: {line:.80}"
            );
            assert!(!line.contains(char::is_control), "{profile}: {line:.80}");
        }
        if separator == ',' {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert_eq!(
                reader.records().map(Result::unwrap).count(),
                expected,
                "{profile}"
            );
        }
    }
    let documents = documents(&export(&case, "ecs", "x.ndjson", &[]));
    assert_eq!(documents.len(), events);
    let own = &documents
        .iter()
        .find(|document| document["event"]["code"] == "7")
        .unwrap()["winlog"]["event_data"];
    assert!(own["A"].is_string() && own["A_B"].is_string(), "{own}");
}

/// An event whose time cannot be true has a place of its own, or is counted.
#[test]
fn events_without_a_time_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("a.evtx")).unwrap();
    let mut log = LogWriter::create(file).unwrap();
    let body = || Body::EventData(vec![("Name", Value::Text("x".into()))]);
    let dated = Record::plain("Example", "Application", 7, body());
    let undated = Record {
        time: FileTime(77),
        ..Record::plain("Example", "Application", 8, body())
    };
    log.write(&dated).unwrap();
    log.write(&undated).unwrap();
    log.finish().unwrap();
    let case = analyze(&[folder.path()], &["--timeline", "csv,jsonl"]);
    assert_eq!(case.rows("undated.csv").len(), 1);
    let default = export(&case, "default", "x.csv", &["--from", "2026-01-01"]);
    assert!(default.bytes("x-undated.csv") == case.files()["undated.csv"]);
    let jsonl = export(&case, "default", "x.jsonl", &[]);
    assert!(jsonl.bytes("x.jsonl") == case.files()["timeline.jsonl"]);
    for (profile, name) in [
        ("minimal", "x.csv"),
        ("excel", "x.csv"),
        ("tle", "x.csv"),
        ("timesketch", "x.csv"),
    ] {
        let export = export(&case, profile, name, &[]);
        assert_eq!(export.rows().len(), 1, "{profile}");
        let rows = export.rows_of("x-undated.csv");
        assert_eq!(rows.len(), 1, "{profile}");
        assert!(
            rows[0].values().all(|cell| !cell.starts_with("1601")),
            "{profile}"
        );
    }
    let documents = documents(&export(&case, "ecs", "x.ndjson", &[]));
    assert_eq!(documents.len(), 2);
    assert!(documents[1].get("@timestamp").is_none());
    let timesketch = export(&case, "timesketch", "x.jsonl", &[]);
    assert_eq!(timesketch.objects().len(), 1);
    assert_eq!(timesketch.text_of("x-undated.jsonl").lines().count(), 1);
    for profile in ["l2tcsv", "tln"] {
        let manifest = export(&case, profile, "x.txt", &[]).manifest();
        let reason = "no believable time";
        assert_eq!(manifest["left_out"][reason], 1, "{profile}");
        assert_eq!(manifest["rows"], 1, "{profile}");
    }
    // Split or not, undated rows stay beside.
    let split = export(&case, "excel", "x.csv", &["--part-rows", "1"]);
    assert_eq!(split.rows().len(), 1);
    assert_eq!(split.rows_of("x-undated.csv").len(), 1);
}

#[test]
fn long_cells_are_cut_for_spreadsheets_alone() {
    let case = hostile();
    let longest = |profile: &str| {
        let rows = export(&case, profile, "x.csv", &["--raw"]).rows();
        let cells = rows.into_iter().flat_map(BTreeMap::into_values);
        cells.max_by_key(String::len).unwrap()
    };
    assert!(longest("default").len() > 700_000);
    let cut = longest("excel");
    assert!(cut.ends_with(" ...[cut, see event_uid]"));
    assert_eq!(
        cut.encode_utf16().count(),
        32_000 + " ...[cut, see event_uid]".len()
    );
    let manifest = export(&case, "excel", "x.csv", &["--raw"]).manifest();
    assert!(
        manifest["lost"]["cells cut at 32,000 characters"]
            .as_u64()
            .unwrap()
            > 0
    );
    let timesketch = export(&case, "timesketch", "x.jsonl", &["--raw"]).manifest();
    let lost = timesketch["lost"].as_object().unwrap();
    assert!(
        lost.keys().any(|what| what.contains("32,766 bytes")),
        "{lost:?}"
    );
}
