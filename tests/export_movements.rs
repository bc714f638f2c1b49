//! `export --profile navigator` and `stix`: whole runs on a case of the samples.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::LazyLock;

use common::{Case, Row, analyze, samples, sidetrack};
use samples::evtx::{Body, LogWriter, Record, Value};
use serde_json::Value as Json;
use sha1::{Digest, Sha1};

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let case = analyze(&[&samples()], &["--case-id", "C-7"]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    case
});

const PROFILES: [&str; 2] = ["navigator", "stix"];

fn run(case: &Path, profile: &str, output: &Path, options: &[&str]) -> Output {
    let (case, output) = (case.to_str().unwrap(), output.to_str().unwrap());
    let arguments = [
        &["export", case, "--profile", profile, "--output", output],
        options,
    ];
    sidetrack(&arguments.concat())
}

/// What an export wrote.
struct Export {
    text: String,
    document: Json,
    manifest: Json,
}

/// Runs an export that must succeed.
#[track_caller]
fn export(case: &Case, profile: &str, options: &[&str]) -> Export {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let output = run(&case.path, profile, &path, options);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{profile}: {stderr}");
    assert!(output.stdout.is_empty(), "{profile}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let text = read("x.json");
    Export {
        document: serde_json::from_str(&text).unwrap(),
        manifest: serde_json::from_str(&read("x.json.manifest.json")).unwrap(),
        text,
    }
}

impl Export {
    /// The objects of a bundle.
    fn objects(&self) -> Vec<&Json> {
        self.document["objects"]
            .as_array()
            .unwrap()
            .iter()
            .collect()
    }

    /// Those of one type.
    fn of_type(&self, kind: &str) -> Vec<&Json> {
        let mut objects = self.objects();
        objects.retain(|object| object["type"] == kind);
        objects
    }

    /// The movements that a document tells.
    fn movements(&self) -> BTreeSet<String> {
        let ids: Vec<String> = if self.document["type"] == "bundle" {
            let notes = self.of_type("note");
            let references = notes.iter().map(|note| &note["external_references"][0]);
            references
                .map(|reference| text(&reference["external_id"]))
                .collect()
        } else {
            let comments = scored(&self.document).into_values();
            let words = comments.map(|technique| text(&technique["comment"]));
            let words: Vec<String> = words.collect();
            let words = words.iter().flat_map(|text| text.split([' ', ',', '\n']));
            let ids = words.filter(|word| word.starts_with("M-"));
            ids.map(str::to_owned).collect()
        };
        ids.into_iter().collect()
    }
}

fn text(value: &Json) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

/// The techniques of a layer that have a score.
fn scored(layer: &Json) -> BTreeMap<String, Json> {
    let techniques = layer["techniques"].as_array().unwrap().iter();
    let scored = techniques.filter(|technique| technique.get("score").is_some());
    scored
        .map(|technique| (text(&technique["techniqueID"]), technique.clone()))
        .collect()
}

fn ids(numbers: &[u32]) -> BTreeSet<String> {
    numbers
        .iter()
        .map(|number| format!("M-{number:04}"))
        .collect()
}

fn attack(row: &Row) -> BTreeSet<String> {
    row["attack"].split(';').map(str::to_owned).collect()
}

/// What the format's page says of an object's properties: name, kind of value, whether it must be there.
type Shape = &'static [(&'static str, Kind, bool)];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Truth,
    /// A color, `#rrggbb`.
    Color,
    OneOf(&'static [&'static str]),
    Object(Shape),
    Each(&'static Kind),
    /// A pair of texts, or a line between such.
    Pair(&'static str, &'static str),
}

const LAYER: Shape = &[
    ("versions", Kind::Object(VERSIONS), false),
    ("name", Kind::Text, true),
    ("description", Kind::Text, false),
    (
        "domain",
        Kind::OneOf(&["enterprise-attack", "mobile-attack", "ics-attack"]),
        true,
    ),
    ("sorting", Kind::Number, false),
    ("layout", Kind::Object(LAYOUT), false),
    ("hideDisabled", Kind::Truth, false),
    ("techniques", Kind::Each(&Kind::Object(TECHNIQUE)), false),
    ("gradient", Kind::Object(GRADIENT), false),
    ("legendItems", Kind::Each(&Kind::Object(LEGEND)), false),
    ("selectTechniquesAcrossTactics", Kind::Truth, false),
    ("selectSubtechniquesWithParent", Kind::Truth, false),
    ("selectVisibleTechniques", Kind::Truth, false),
    ("metadata", Kind::Each(&Kind::Pair("name", "value")), false),
    ("links", Kind::Each(&Kind::Pair("label", "url")), false),
];
const VERSIONS: Shape = &[
    ("attack", Kind::Text, false),
    ("navigator", Kind::Text, true),
    ("layer", Kind::OneOf(&["4.5"]), true),
];
const LAYOUT: Shape = &[
    ("layout", Kind::OneOf(&["side", "flat", "mini"]), false),
    ("showID", Kind::Truth, false),
    ("showName", Kind::Truth, false),
    ("showAggregateScores", Kind::Truth, false),
    ("countUnscored", Kind::Truth, false),
    (
        "aggregateFunction",
        Kind::OneOf(&["average", "min", "max", "sum"]),
        false,
    ),
    (
        "expandedSubtechniques",
        Kind::OneOf(&["none", "all", "annotated"]),
        false,
    ),
];
const TECHNIQUE: Shape = &[
    ("techniqueID", Kind::Text, true),
    ("tactic", Kind::Text, false),
    ("comment", Kind::Text, false),
    ("enabled", Kind::Truth, false),
    ("score", Kind::Number, false),
    ("color", Kind::Color, false),
    ("metadata", Kind::Each(&Kind::Pair("name", "value")), false),
    ("links", Kind::Each(&Kind::Pair("label", "url")), false),
    ("showSubtechniques", Kind::Truth, false),
];
const GRADIENT: Shape = &[
    ("colors", Kind::Each(&Kind::Color), true),
    ("minValue", Kind::Number, true),
    ("maxValue", Kind::Number, true),
];
const LEGEND: Shape = &[("label", Kind::Text, true), ("color", Kind::Color, true)];

#[track_caller]
fn check(value: &Json, kind: Kind) {
    let is_good = match kind {
        Kind::Text => value.is_string(),
        Kind::Number => value.is_u64(),
        Kind::Truth => value.is_boolean(),
        Kind::Color => {
            let color = text(value);
            let digits = color.strip_prefix('#').unwrap_or_default();
            digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        Kind::OneOf(values) => values.contains(&text(value).as_str()),
        Kind::Each(kind) => {
            value
                .as_array()
                .unwrap()
                .iter()
                .for_each(|value| check(value, *kind));
            true
        }
        Kind::Pair(name, other) => {
            let pair = value.as_object().unwrap();
            let is_line = pair.len() == 1 && pair.get("divider").is_some_and(Json::is_boolean);
            let is_pair = pair.len() == 2 && value[name].is_string() && value[other].is_string();
            is_line || is_pair
        }
        Kind::Object(shape) => {
            let object = value.as_object().unwrap();
            for (name, value) in object {
                let known = shape.iter().find(|(known, ..)| known == name);
                let (_, kind, _) = known.unwrap_or_else(|| panic!("{name} is no property"));
                check(value, *kind);
            }
            let mut needed = shape.iter().filter(|(.., is_needed)| *is_needed);
            needed.all(|(name, ..)| object.contains_key(*name))
        }
    };
    assert!(is_good, "{value}");
}

#[test]
fn the_layer_is_what_its_format_says() {
    let layer = export(&CASE, "navigator", &[]).document;
    check(&layer, Kind::Object(LAYER));
    assert_eq!(layer["name"], "sidetrack: C-7");
    let (least, most) = (
        &layer["gradient"]["minValue"],
        &layer["gradient"]["maxValue"],
    );
    assert!(least.as_u64() < most.as_u64());
    assert!(layer["gradient"]["colors"].as_array().unwrap().len() >= 2);
    let techniques = layer["techniques"].as_array().unwrap();
    let names: BTreeSet<String> = techniques.iter().map(|t| text(&t["techniqueID"])).collect();
    assert_eq!(names.len(), techniques.len());
    for technique in techniques {
        let id = text(&technique["techniqueID"]);
        let below = names.iter().any(|name| name.starts_with(&format!("{id}.")));
        assert_eq!(technique.get("showSubtechniques").is_some(), below, "{id}");
        if let Some((above, _)) = id.split_once('.') {
            assert!(names.contains(above), "{id}");
        }
    }
}

#[test]
fn the_layer_counts_the_movements_of_each_technique() {
    let layer = export(&CASE, "navigator", &[]);
    let mut expected: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in CASE.rows("movements.csv") {
        for id in attack(&row) {
            expected.entry(id).or_default().push(row.clone());
        }
    }
    let scored = scored(&layer.document);
    assert!(scored.keys().eq(expected.keys()), "{:?}", scored.keys());
    for (id, rows) in expected {
        let technique = &scored[&id];
        assert_eq!(technique["score"], rows.len(), "{id}");
        let comment = text(&technique["comment"]);
        for row in rows {
            for column in ["id", "grade", "src_host", "src_ip", "dst_host", "account"] {
                assert!(comment.contains(&row[column]), "{id}: {comment}");
            }
        }
    }
    assert_eq!(layer.manifest["rows"], 7);
}

/// The properties that make an observable object one, and no others (STIX 2.1, chapter 6).
fn contributing(kind: &str) -> &'static [&'static str] {
    match kind {
        "ipv4-addr" | "ipv6-addr" | "domain-name" => &["value"],
        "directory" => &["path"],
        "file" => &["hashes", "name", "parent_directory_ref"],
        "user-account" => &["account_type", "user_id", "account_login"],
        "network-traffic" => &["src_ref", "dst_ref", "src_port", "dst_port", "protocols"],
        _ => &[],
    }
}

/// The id that everybody gives an observable object.
fn expected_id(object: &Json) -> String {
    let kind = text(&object["type"]);
    let mut known = BTreeMap::new();
    for name in contributing(&kind) {
        let Some(value) = object.get(*name) else {
            continue;
        };
        let mut value = value.clone();
        if *name == "hashes" {
            let hashes = value.as_object().unwrap();
            let names = ["MD5", "SHA-1", "SHA-256", "SHA-512"];
            let first = names.iter().find(|name| hashes.contains_key(**name));
            let first = first.unwrap();
            value = serde_json::json!({ *first: hashes[*first] });
        }
        known.insert(*name, value);
    }
    let namespace = 0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7_u128.to_be_bytes();
    let known = serde_json::to_string(&known).unwrap();
    let mut hash = Sha1::new()
        .chain_update(namespace)
        .chain_update(known)
        .finalize();
    hash[6] = hash[6] & 0x0f | 0x50;
    hash[8] = hash[8] & 0x3f | 0x80;
    let hex = timeline::hex(&hash[..16]);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    format!("{kind}--{}", parts.join("-"))
}

#[test]
fn ids_are_unique_and_of_what_they_are_the_ids_of() {
    let bundle = export(&CASE, "stix", &[]);
    let objects = bundle.objects();
    let ids: BTreeSet<String> = objects.iter().map(|object| text(&object["id"])).collect();
    assert_eq!(ids.len(), objects.len());
    let uuids: BTreeSet<&str> = ids
        .iter()
        .filter_map(|id| id.split_once("--"))
        .map(|id| id.1)
        .collect();
    assert_eq!(uuids.len(), objects.len());
    for object in objects {
        let (kind, id) = (text(&object["type"]), text(&object["id"]));
        assert!(id.starts_with(&format!("{kind}--")), "{id}");
        if contributing(&kind).is_empty() {
            assert_eq!(&id[kind.len() + 16..kind.len() + 17], "4", "{id}");
        } else {
            assert_eq!(id, expected_id(object));
        }
    }
}

#[test]
fn every_reference_is_to_an_object_of_the_bundle() {
    let bundle = export(&CASE, "stix", &[]);
    let objects = bundle.objects();
    let ids: BTreeSet<String> = objects.iter().map(|object| text(&object["id"])).collect();
    let mut count = 0;
    for object in &objects {
        for (name, value) in object.as_object().unwrap() {
            let references = match value {
                Json::Array(values) if name.ends_with("_refs") => values.clone(),
                value if name.ends_with("_ref") => vec![value.clone()],
                _ => continue,
            };
            assert!(!references.is_empty(), "{name} of {}", object["id"]);
            for reference in references {
                assert!(
                    ids.contains(&text(&reference)),
                    "{name} of {}",
                    object["id"]
                );
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn each_movement_is_observed_sighted_and_noted() {
    let bundle = export(&CASE, "stix", &[]);
    let of = |kind: &str, id: &str| -> Vec<Json> {
        let mut all = bundle.of_type(kind);
        all.retain(|object| object["external_references"][0]["external_id"] == id);
        all.into_iter().cloned().collect()
    };
    let rows = CASE.rows("movements.csv");
    let named = |id: &Json| {
        let objects = bundle.objects();
        let found = objects.iter().find(|object| object["id"] == *id);
        found.unwrap_or_else(|| panic!("{id}"))["external_references"][0]["external_id"].clone()
    };
    for row in &rows {
        let id = &row["id"];
        let [data] = &of("observed-data", id)[..] else {
            panic!("{id}")
        };
        let time = |column: &str| format!("{}Z", &row[column][..23]);
        assert_eq!(data["first_observed"], time("start_utc"), "{id}");
        assert_eq!(data["last_observed"], time("end_utc"), "{id}");
        assert_eq!(data["created"], time("start_utc"), "{id}");
        assert_eq!(data["modified"], data["created"], "{id}");
        let proof = text(&data["external_references"][0]["description"]);
        assert!(proof.contains(&row["event_uids"]) && proof.contains(&row["dst_evidence"]));
        let confidence = match row["grade"].as_str() {
            "CONFIRMED" => 95,
            "PROBABLE" => 75,
            "POSSIBLE" => 40,
            grade => panic!("{grade}"),
        };
        let sightings = of("sighting", id);
        let techniques = sightings
            .iter()
            .map(|s| text(&named(&s["sighting_of_ref"])));
        assert_eq!(techniques.collect::<BTreeSet<_>>(), attack(row), "{id}");
        for sighting in &sightings {
            assert_eq!(sighting["confidence"], confidence, "{id}");
            assert_eq!(
                sighting["observed_data_refs"],
                serde_json::json!([data["id"]])
            );
            assert!(sighting["where_sighted_refs"].is_array(), "{id}");
        }
        let [note] = &of("note", id)[..] else {
            panic!("{id}")
        };
        for column in ["what_ran", "evidence_expected_missing", "grade"] {
            assert!(
                text(&note["content"]).contains(&row[column]),
                "{id}: {column}"
            );
        }
    }
    assert_eq!(bundle.of_type("note").len(), rows.len());
    let ways = bundle.of_type("relationship").into_iter();
    let ways = ways.filter(|way| way.get("start_time").is_some()).count();
    let known = rows.iter().filter(|row| !row["src_host"].is_empty());
    assert_eq!(ways, known.count());
    assert_eq!(bundle.manifest["rows"], rows.len());
    assert_eq!(bundle.manifest["movements"], rows.len());
}

/// The second movement of the samples, of which all is known.
#[test]
fn what_was_observed_is_told_in_objects() {
    let bundle = export(&CASE, "stix", &[]);
    let objects = bundle.objects();
    let by_id: BTreeMap<String, &Json> = objects
        .iter()
        .map(|object| (text(&object["id"]), *object))
        .collect();
    let traffic = bundle.of_type("network-traffic");
    let traffic = traffic
        .iter()
        .find(|traffic| traffic["dst_port"] == 445)
        .unwrap();
    let value = |reference: &Json| by_id[&text(reference)]["value"].clone();
    assert_eq!(value(&traffic["src_ref"]), "10.20.30.11");
    assert_eq!(value(&traffic["dst_ref"]), "10.20.30.22");
    assert_eq!(traffic["src_port"], 50112);
    assert_eq!(traffic["protocols"], serde_json::json!(["ipv4", "tcp"]));
    let processes = bundle.of_type("process");
    let process = processes
        .iter()
        .find(|process| process["pid"] == 5168)
        .unwrap();
    let image = by_id[&text(&process["image_ref"])];
    assert_eq!(image["name"], "winhlp64.exe");
    assert_eq!(
        image["hashes"]["SHA-256"],
        "32ed18cd1c8c9de51d4b74e9ba192da7e26bf4e787e5268107832e40ec30c3c1"
    );
    let folder = by_id[&text(&image["parent_directory_ref"])];
    assert_eq!(folder["path"], r"C:\Windows\Temp");
    let user = by_id[&text(&process["creator_user_ref"])];
    assert_eq!(user["account_login"], r"NT AUTHORITY\SYSTEM");
    let commands: BTreeSet<String> = processes.iter().map(|p| text(&p["command_line"])).collect();
    // The service, the task, and what was typed; not what ran on the source.
    for command in [
        r"%COMSPEC% /Q /c nltest /dclist:CORP > C:\Windows\Temp\nl4.txt",
        r"C:\Windows\System32\rundll32.exe C:\ProgramData\HelpSync\hs64.dll,Start",
        r"cmd.exe /c whoami /all > C:\ProgramData\HelpSync\w.txt",
    ] {
        assert!(commands.contains(command), "{commands:?}");
    }
    assert!(
        !commands
            .iter()
            .any(|command| command.contains("powershell"))
    );
    let accounts = bundle.of_type("user-account");
    assert!(accounts.iter().any(|account| {
        account["account_login"] == r"CORP\svc-deploy"
            && account["user_id"] == "S-1-5-21-1804652287-3120057731-2267493018-1131"
    }));
    let names = bundle.of_type("attack-pattern");
    let service = names
        .iter()
        .find(|name| name["external_references"][0]["external_id"] == "T1543.003");
    let service = service.unwrap();
    assert_eq!(service["name"], "Windows Service");
    assert_eq!(
        service["external_references"][0]["url"],
        "https://attack.mitre.org/techniques/T1543/003"
    );
}

#[test]
fn two_runs_write_the_same_bytes() {
    for profile in PROFILES {
        let once = export(&CASE, profile, &["--threads", "1"]);
        let again = export(&CASE, profile, &["--threads", "3", "--memory", "200M"]);
        assert!(once.text == again.text, "{profile}");
        assert!(once.manifest == again.manifest, "{profile}");
    }
}

#[test]
fn filters_leave_movements_out_and_count_them() {
    const SID: &str = "S-1-5-21-1804652287-3120057731-2267493018-1131";
    for (options, expected, removed) in [
        (&["--host", "SRV02"][..], &[2, 3, 4, 5, 6][..], [0, 2, 0]),
        (
            &["--host", "ws01.corp.example.com"],
            &[2, 3, 4, 5],
            [0, 3, 0],
        ),
        (&["--host", "10.20.30.14"], &[1], [0, 6, 0]),
        (&["--user", "adm-sandoval"], &[1], [0, 0, 6]),
        (&["--user", SID], &[2, 3, 4, 5, 6, 7], [0, 0, 1]),
        (
            &["--from", "2026-03-02T22:00:00Z"],
            &[4, 5, 6, 7],
            [3, 0, 0],
        ),
        (
            &["--to", "2026-03-02T22:47:09.385Z"],
            &[1, 2, 3, 4],
            [3, 0, 0],
        ),
        (
            &[
                "--from",
                "2026-03-02T22:00:00Z",
                "--host",
                "srv02",
                "--user",
                r"corp\SVC-deploy",
            ],
            &[4, 5, 6],
            [3, 1, 0],
        ),
        (&["--host", "none"], &[], [0, 7, 0]),
    ] {
        for profile in PROFILES {
            let export = export(&CASE, profile, options);
            assert_eq!(export.movements(), ids(expected), "{profile} {options:?}");
            let manifest = &export.manifest;
            let counts = ["period", "host", "user"].map(|name| &manifest["removed"][name]);
            assert_eq!(counts, removed, "{profile} {options:?}");
            assert_eq!(manifest["movements"], 7);
            assert_eq!(manifest["told"], expected.len());
            assert_eq!(manifest["rows"], expected.len());
        }
    }
}

#[test]
fn what_filters_leave_is_told_as_without_them() {
    let whole = export(&CASE, "stix", &[]);
    let part = export(&CASE, "stix", &["--host", "FS03"]);
    assert_ne!(whole.document["id"], part.document["id"]);
    let whole = whole.objects();
    assert!(part.objects().iter().all(|object| whole.contains(object)));
    assert!(part.objects().len() < whole.len());
}

/// Which code a run ends with, what it says, and whether it wrote anything.
#[track_caller]
fn refused(case: &Path, profile: &str, name: &str, options: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(case, profile, &folder.path().join(name), options);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), stderr)
}

#[test]
fn options_for_events_are_wrong_usage() {
    let tags = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(tags.path(), "event_uid,tag\n").unwrap();
    let tags = tags.path().to_str().unwrap();
    for profile in PROFILES {
        for options in [
            &["--eql", "any where true"][..],
            &["--tags", tags],
            &["--raw"],
        ] {
            let (code, stderr) = refused(&CASE.path, profile, "x.json", options);
            assert_eq!(code, 2, "{profile} {options:?}: {stderr}");
            assert!(
                stderr.contains(options[0]) && stderr.contains("movements"),
                "{stderr}"
            );
        }
        for name in ["x.csv", "x.jsonl", "x.ndjson"] {
            let (code, stderr) = refused(&CASE.path, profile, name, &[]);
            assert_eq!(code, 2, "{profile} {name}: {stderr}");
        }
    }
}

#[test]
fn a_file_is_replaced_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(&path, "mine").unwrap();
    for profile in PROFILES {
        let code = |options: &[&str]| run(&CASE.path, profile, &path, options).status.code();
        std::fs::write(&path, "mine").unwrap();
        assert_eq!(code(&[]), Some(2));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(code(&["--force"]), Some(0));
        assert_ne!(std::fs::read_to_string(&path).unwrap(), "mine");
        let inside = run(&CASE.path, profile, &CASE.path.join("x.json"), &[]);
        assert_eq!(inside.status.code(), Some(2));
    }
    assert!(!CASE.path.join("x.json").exists());
}

/// A copy of what these exports read of the case.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    std::fs::create_dir(&case).unwrap();
    for name in [
        "manifest.json",
        "movements.csv",
        "findings.jsonl",
        "hosts.csv",
        "accounts.csv",
    ] {
        std::fs::copy(CASE.path.join(name), case.join(name)).unwrap();
    }
    (folder, case)
}

#[test]
fn only_what_the_manifest_lists_is_told() {
    let (_folder, case) = copy();
    for profile in PROFILES {
        let out = tempfile::tempdir().unwrap();
        let output = run(&case, profile, &out.path().join("x.json"), &[]);
        assert_eq!(output.status.code(), Some(0), "{profile}");
    }
    for (name, profiles) in [
        ("movements.csv", &PROFILES[..]),
        ("findings.jsonl", &["stix"]),
    ] {
        let before = std::fs::read_to_string(case.join(name)).unwrap();
        std::fs::write(
            case.join(name),
            before.replace("adm-sandoval", "somebody-else"),
        )
        .unwrap();
        for profile in profiles {
            let (code, stderr) = refused(&case, profile, "x.json", &[]);
            assert_eq!(code, 1, "{profile}");
            assert!(
                stderr.contains(name) && stderr.contains("verify"),
                "{stderr}"
            );
        }
        std::fs::write(case.join(name), before).unwrap();
    }
}

#[test]
fn a_case_without_movements_is_an_empty_layer_and_a_bundle_of_its_maker() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("Application.evtx")).unwrap();
    let mut log = LogWriter::create(file).unwrap();
    let body = Body::EventData(vec![("Name", Value::Text("x".into()))]);
    log.write(&Record::plain("Example", "Application", 7, body))
        .unwrap();
    log.finish().unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let layer = export(&case, "navigator", &[]);
    check(&layer.document, Kind::Object(LAYER));
    assert_eq!(layer.document["techniques"], serde_json::json!([]));
    assert_eq!(layer.document["gradient"]["maxValue"], 1);
    assert_eq!(layer.document["name"], "sidetrack");
    let bundle = export(&case, "stix", &[]);
    assert_eq!(bundle.objects().len(), 1);
    assert_eq!(bundle.document["objects"][0]["name"], "sidetrack");
    assert_eq!(bundle.manifest["rows"], 0);
}
