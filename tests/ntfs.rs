//! Whole runs on what NTFS keeps: movements without telemetry, the timeline's scope, tasks, large tables.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{Case, analyze, samples};
use samples::volumes::disks;
use walkdir::WalkDir;

/// The samples but for files whose path has one of these parts.
fn samples_without(parts: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in WalkDir::new(samples()) {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(samples()).unwrap();
        let name = path.to_str().unwrap().replace('\\', "/");
        let is_of_two = ["SRV02/", "WS01/"]
            .iter()
            .any(|host| name.starts_with(host));
        let is_left = is_of_two && !parts.iter().any(|part| name.contains(part));
        if entry.file_type().is_file() && is_left {
            place(folder.path(), &name, &std::fs::read(entry.path()).unwrap());
        }
    }
    folder
}

fn place(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Where from, as whom, what, how sure.
fn movements(case: &Case) -> Vec<[String; 4]> {
    let rows = case.rows("movements.csv").into_iter();
    rows.map(|row| ["src_ip", "account", "what_ran", "grade"].map(|column| row[column].clone()))
        .collect()
}

const TOOL: [&str; 4] = [
    "10.20.30.11",
    r"CORP\svc-deploy",
    r"C:\Windows\Temp\winhlp64.exe",
    "CONFIRMED",
];
const SHORTCUT: [&str; 4] = [
    "10.20.30.11",
    r"CORP\svc-deploy",
    r"C:\Users\svc-backup\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\sync.lnk",
    "CONFIRMED",
];

/// What the Security log tells alone, where the audit of tasks is on.
const TASK: [&str; 4] = [
    "10.20.30.11",
    r"CORP\svc-deploy",
    r"C:\Windows\System32\rundll32.exe C:\ProgramData\HelpSync\hs64.dll,Start",
    "CONFIRMED",
];

/// What the user's hive tells after a remote desktop logon.
const TYPED: [&str; 4] = [
    "10.20.30.11",
    r"CORP\svc-deploy",
    r"cmd.exe /c whoami /all > C:\ProgramData\HelpSync\w.txt",
    "PROBABLE",
];

#[test]
fn the_security_log_and_the_disk_suffice_for_four_movements() {
    // Without owners only time and place tell.
    for without in [&["Sysmon"][..], &["Sysmon", "$Secure"]] {
        let evidence = samples_without(without);
        let case = analyze(&[evidence.path()], &[]);
        assert_eq!(case.code, 0, "{}", case.stderr);
        assert_eq!(
            movements(&case),
            [TOOL, SHORTCUT, TASK, TYPED],
            "{without:?}"
        );
        let findings = case.rows("findings.csv");
        let rules: BTreeSet<&str> = findings.iter().map(|row| row["rule"].as_str()).collect();
        for rule in [
            "Execution of a program that was just copied here",
            "Service installed whose program just appeared",
            "Start-up item that appeared right after a network logon",
        ] {
            assert!(rules.contains(rule), "{rule}: {rules:?}");
        }
    }
}

/// Of the tool the service's key and the file are left: something was there, and nobody says who brought it.
#[test]
fn nobody_is_named_where_nobody_says_who_logged_on() {
    let evidence = samples_without(&["Sysmon", "Security.evtx"]);
    let case = analyze(&[evidence.path()], &[]);
    let left = ["", "", r"C:\Windows\Temp\winhlp64.exe", "POSSIBLE"];
    assert_eq!(movements(&case), [left]);
}

#[test]
fn the_timeline_has_the_files_that_are_wanted_and_those_of_findings() {
    let of_files = |case: &Case| {
        let rows = case.rows("timeline.csv").into_iter();
        rows.filter(|row| matches!(row["source_type"].as_str(), "mft" | "usn"))
            .collect::<Vec<_>>()
    };
    let evidence = samples();
    let [full, notable, off] = ["full", "notable", "off"].map(|scope| {
        let case = analyze(&[&evidence], &["--mft", scope]);
        let rows = of_files(&case);
        (case, rows)
    });
    for (case, rows) in [&full, &notable, &off] {
        let untold = &case.manifest()["counts"]["file_events_not_in_timeline"];
        let untold = usize::try_from(untold.as_u64().unwrap()).unwrap();
        assert_eq!(rows.len() + untold, full.1.len());
    }
    assert!(notable.1.len() < full.1.len() && notable.1.len() > off.1.len());
    let objects: BTreeSet<&str> = notable.1.iter().map(|row| row["object"].as_str()).collect();
    assert!(objects.contains(r"C:\Windows\System32\Tasks\Microsoft\Windows\HelpSync"));
    assert!(!objects.iter().any(|object| object.contains("Draft")));
    // Only what findings stand on.
    assert!(off.1.iter().all(|row| !row["finding_ids"].is_empty()));
    assert_eq!(off.1.len(), 5);
    let store = |case: &Case| {
        let files = case.files().into_iter();
        files
            .filter(|(name, _)| name.ends_with(".parquet"))
            .collect::<Vec<_>>()
    };
    assert_eq!(store(&full.0), store(&off.0), "the store has all");
}

#[test]
fn a_row_says_all_that_a_time_means() {
    let case = analyze(&[&samples()], &[]);
    let rows = case.rows("timeline.csv");
    let tool: Vec<[&str; 4]> = rows
        .iter()
        .filter(|row| row["object"] == TOOL[2] && row["source_type"] == "mft")
        .map(|row| {
            ["datetime", "record_id", "timestamp_desc", "channel_or_key"]
                .map(|column| row[column].as_str())
        })
        .collect();
    let created = "SI Created; SI Accessed; FN Created; FN Modified; FN Entry Changed; FN Accessed";
    assert_eq!(
        tool,
        [
            [
                "2026-02-11T14:52:07.6130000Z",
                "264-2",
                "SI Modified",
                r"C:\$MFT"
            ],
            ["2026-03-02T21:14:02.7710000Z", "264-2", created, r"C:\$MFT"],
            [
                "2026-03-02T21:14:02.7762140Z",
                "264-2",
                "SI Entry Changed",
                r"C:\$MFT"
            ],
            [
                "2026-03-02T21:14:02.7762140Z",
                "264-2",
                "Deleted, not before",
                r"C:\$MFT"
            ],
        ]
    );
    let renamed = rows.iter().find(|row| row["message"].contains(" is now "));
    assert!(renamed.unwrap()["record_id"].parse::<u64>().is_ok());
}

#[test]
fn a_file_of_a_task_says_what_the_task_does_when_it_was_collected() {
    let evidence = samples_without(&[]);
    let xml = r#"<Task xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Actions><Exec>
        <Command>rundll32.exe</Command><Arguments>a.dll,Start</Arguments></Exec></Actions></Task>"#;
    let path = "SRV02/Windows/System32/Tasks/Microsoft/Windows/HelpSync";
    place(evidence.path(), path, xml.as_bytes());
    let case = analyze(&[evidence.path()], &[]);
    let rows = case.rows("timeline.csv");
    let told = rows.iter().filter(|row| {
        let says = [
            "task-definition",
            r"\Microsoft\Windows\HelpSync",
            "rundll32.exe a.dll,Start",
        ];
        says.iter().all(|text| row["message"].contains(text))
    });
    let sources: BTreeSet<&str> = told.map(|row| row["source_type"].as_str()).collect();
    assert_eq!(sources, BTreeSet::from(["mft", "usn"]));
}

/// A table of several shares gives the same bytes on any number of threads, from a file and from an archive
/// that can be read in its order only.
#[test]
fn a_large_table_is_read_by_many_threads_as_by_one() {
    let [_, (_, disk), _] = disks().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let table = disk.mft.repeat(60);
    assert!(table.len() > 16 << 20);
    let host = folder.path().join("evidence");
    place(&host, "SRV02/$MFT", &table);
    let options = ["--mft", "full", "--timeline", "csv,jsonl"];
    let run = |threads: &str| {
        let case = analyze(&[&host], &[&options[..], &["--threads", threads]].concat());
        assert_eq!(case.code, 0, "{}", case.stderr);
        case.comparable()
    };
    let (one, four) = (run("1"), run("4"));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        four.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        assert!(four[name] == *bytes, "{name}");
    }
    let packed = folder.path().join("evidence.tar.gz");
    pack(&packed, &table);
    let case = analyze(&[&packed], &options);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let rows = |text: &str| text.lines().count();
    let timeline = String::from_utf8(one["timeline.csv"].clone()).unwrap();
    assert_eq!(rows(&case.text("timeline.csv")), rows(&timeline));
}

fn pack(path: &Path, table: &[u8]) {
    let file = std::fs::File::create(path).unwrap();
    let coder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut archive = tar::Builder::new(coder);
    let mut header = tar::Header::new_gnu();
    header.set_size(table.len() as u64);
    header.set_mode(0o644);
    archive
        .append_data(&mut header, "SRV02/$MFT", table)
        .unwrap();
    archive.into_inner().unwrap().finish().unwrap();
}

#[test]
fn damaged_tables_end_in_issues() {
    let folder = tempfile::tempdir().unwrap();
    let [_, (_, disk), _] = disks().unwrap();
    let mut torn = disk.mft.clone();
    torn.truncate(torn.len() - 100);
    torn[30 * 1024 + 510] ^= 1;
    place(folder.path(), "a/$MFT", &torn);
    place(folder.path(), "b/$MFT", b"");
    place(folder.path(), "c/$MFT", b"no table at all");
    place(folder.path(), "d/$Extend/$J", &[0; 8192]);
    place(folder.path(), "e/$Secure_$SDS", b"none");
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 3, "{}", case.stderr);
    let issues: BTreeSet<[String; 2]> = case
        .rows("issues.csv")
        .into_iter()
        .map(|row| ["evidence_file", "kind"].map(|column| row[column].clone()))
        .collect();
    let expected = [
        ["a/$MFT", "mft-cut"],
        ["a/$MFT", "mft-fix-up"],
        ["b/$MFT", "not-a-table"],
        ["c/$MFT", "not-a-table"],
        ["d/$Extend/$J", "usn-empty"],
    ];
    let expected = expected.map(|[file, kind]| [file.to_owned(), kind.to_owned()]);
    assert_eq!(issues, BTreeSet::from(expected));
}
