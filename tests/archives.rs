//! Collections as they arrive: packed, nested, locked, damaged, hostile.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::Digest;

use common::{Case, analyze, samples, sidetrack};
use samples::pack::{Layout, pack};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const SECURITY: &str = "Windows/System32/winevt/Logs/Security.evtx";

fn log() -> Vec<u8> {
    std::fs::read(samples().join("SRV02").join(SECURITY)).unwrap()
}

/// What a case says, but for what its evidence is called.
fn story(case: &Case) -> (Vec<String>, Vec<String>) {
    let movements = case.rows("movements.csv").into_iter().map(|row| {
        let columns = [
            "start_utc",
            "src_host",
            "src_ip",
            "dst_host",
            "account",
            "technique",
            "grade",
        ];
        columns.map(|column| row[column].as_str()).join(" | ")
    });
    let events = case.rows("timeline.csv").into_iter().map(|row| {
        let columns = ["datetime", "host", "event_uid", "message", "dup_count"];
        columns.map(|column| row[column].as_str()).join(" | ")
    });
    (movements.collect(), events.collect())
}

fn inputs(case: &Case) -> Vec<String> {
    let manifest = case.manifest();
    let inputs = manifest["inputs"].as_array().unwrap();
    let path = |input: &serde_json::Value| input["path"].as_str().unwrap().to_owned();
    inputs.iter().map(path).collect()
}

/// Kinds, files and severities of a case's issues.
fn issues(case: &Case) -> Vec<String> {
    let rows = case.rows("issues.csv").into_iter().map(|row| {
        format!(
            "{} {} {}",
            row["severity"], row["kind"], row["evidence_file"]
        )
    });
    rows.collect()
}

/// An archive of members in this order; two may share a name.
fn write_zip(path: &Path, members: &[(&str, &[u8])]) {
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in members {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

fn temporary() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.zip");
    (folder, path)
}

#[test]
fn every_layout_tells_the_same() {
    let evidence = samples();
    let loose = analyze(&[&evidence], &[]);
    let files = inputs(&loose).len();
    let loose = story(&loose);
    assert_eq!(loose.0.len(), 7);
    let expected = [
        (Layout::Kape, "2026-03-03T000000_SRV02.zip!C/Windows"),
        (
            Layout::Velociraptor,
            "Collection-SRV02-2026-03-03T00_00_00Z.zip!uploads/auto/C:/Windows",
        ),
        (Layout::Cylr, "SRV02.zip!C/Windows"),
        (Layout::Nested, "case.zip!SRV02.zip!C/Windows"),
        (Layout::NestedDeflated, "case.zip!SRV02.zip!C/Windows"),
        (Layout::Password, "case.zip!SRV02/C/Windows"),
        (Layout::TarGz, "case.tar.gz!SRV02/C/Windows"),
    ];
    assert_eq!(expected.map(|(layout, _)| layout), Layout::ALL);
    for (layout, start) in expected {
        let folder = tempfile::tempdir().unwrap();
        pack(&evidence, layout, folder.path()).unwrap();
        let case = analyze(&[folder.path()], &[]);
        assert_eq!(case.code, 0, "{layout:?}: {}", case.stderr);
        assert_eq!(story(&case), loose, "{layout:?}");
        let paths = inputs(&case);
        let path =
            format!("{start}/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx");
        assert!(paths.contains(&path), "{layout:?}: {paths:?}");
        assert_eq!(paths.len(), files, "{layout:?}");
        let movements = case.rows("movements.csv");
        let mut there = movements
            .iter()
            .filter(|row| row["dst_host"].starts_with("SRV02"));
        let movement = there.next().unwrap();
        assert!(
            movement["dst_evidence"].contains(start),
            "{layout:?}: {movement:?}"
        );
    }
}

#[test]
fn a_locked_archive_says_so() {
    let (folder, path) = temporary();
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    let options = SimpleFileOptions::default().with_aes_encryption(zip::AesMode::Aes256, "s3cret");
    for name in ["C/Security.evtx", "C/notes.txt"] {
        archive.start_file(name, options).unwrap();
        archive.write_all(&log()).unwrap();
    }
    for number in 0..30 {
        archive.start_file(format!("{number}"), options).unwrap();
    }
    archive.finish().unwrap();
    let locked = analyze(&[&path], &[]);
    assert_eq!(locked.code, 3);
    assert_eq!(issues(&locked), ["loss password collection.zip"]);
    let row = &locked.rows("issues.csv")[0];
    assert!(
        row["message"].contains("password") && row["found"].starts_with("32 locked"),
        "{row:?}"
    );
    for typed in [&["--password", "s3cret"][..], &["--password=s3cret"]] {
        let open = analyze(&[folder.path()], typed);
        assert_eq!(open.code, 0, "{}", open.stderr);
        assert_eq!(
            inputs(&open),
            [
                "collection.zip!C/Security.evtx",
                "collection.zip!C/notes.txt"
            ]
        );
        assert!(!open.text("manifest.json").contains("s3cret"));
        assert!(open.text("manifest.json").contains("***"));
    }
}

#[test]
fn names_lead_nowhere_and_each_member_counts() {
    let (folder, path) = temporary();
    let evil = folder.path().join("evil.evtx");
    let absolute = evil.to_str().unwrap();
    let log = log();
    let names = [
        "../evil.evtx",
        absolute,
        "C:\\evil.evtx",
        "a/NUL.evtx",
        "a/x.evtx",
        "a/x.evtx",
        "A/X.EVTX",
    ];
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, log.as_slice())).collect();
    // The crate refuses names that are there already.
    let mut bytes = Vec::new();
    {
        let mut archive = ZipWriter::new(std::io::Cursor::new(&mut bytes));
        for (number, (name, log)) in members.iter().enumerate() {
            let name = if number == 5 { "a/y.evtx" } else { name };
            archive
                .start_file(name, SimpleFileOptions::default())
                .unwrap();
            archive.write_all(log).unwrap();
        }
        archive.finish().unwrap();
    }
    let renamed = memchr::memmem::find_iter(&bytes, b"a/y.evtx").collect::<Vec<_>>();
    for at in renamed {
        bytes[at + 2] = b'x';
    }
    std::fs::write(&path, bytes).unwrap();
    let case = analyze(&[&path], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    assert_eq!(issues(&case), ["note traversal-name collection.zip"]);
    assert!(case.rows("issues.csv")[0]["found"].starts_with("4, the first ../evil.evtx"));
    let paths: BTreeSet<String> = inputs(&case).into_iter().collect();
    for path in [
        "../evil.evtx",
        "C:/evil.evtx",
        "a/NUL.evtx",
        "a/x.evtx",
        "a/x.evtx#2",
        "A/X.EVTX",
    ] {
        assert!(
            paths.contains(&format!("collection.zip!{path}")),
            "{path}: {paths:?}"
        );
    }
    assert_eq!(paths.len(), 7);
    assert!(!evil.exists());
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is written beside it"
    );
}

#[test]
fn a_cut_archive_gives_what_it_has() {
    let (folder, path) = temporary();
    let evidence = samples();
    pack(&evidence, Layout::Cylr, folder.path()).unwrap();
    let whole = std::fs::read(folder.path().join("SRV02.zip")).unwrap();
    let full = analyze(&[&folder.path().join("SRV02.zip")], &[]);
    let events = |case: &Case| case.rows("timeline.csv").len();
    // Without its directory everything is found; cut in the middle, the first member and a part of the next.
    let directory = memchr::memmem::find(&whole, b"PK\x01\x02").unwrap();
    std::fs::write(&path, &whole[..directory]).unwrap();
    let headless = analyze(&[&path], &[]);
    assert_eq!(headless.code, 3);
    assert_eq!(issues(&headless), ["loss damaged-archive collection.zip"]);
    assert_eq!(events(&headless), events(&full));
    std::fs::write(&path, &whole[..directory - 2000]).unwrap();
    let cut = analyze(&[&path], &[]);
    assert_eq!(cut.code, 3);
    assert!(events(&cut) > 0 && events(&cut) < events(&full));
    let issues = issues(&cut);
    assert!(
        issues
            .iter()
            .any(|issue| issue.starts_with("loss damaged-member collection.zip!C/")),
        "{issues:?}"
    );
    for length in (0..whole.len()).step_by(4999) {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(analyze(&[&path], &[]).code, 3 | 4), "{length}");
    }
}

#[test]
fn bombs_do_not_go_off() {
    let (_folder, path) = temporary();
    let mut zeros = log();
    zeros.resize(70 << 20, 0);
    write_zip(
        &path,
        &[("C/bomb.evtx", &zeros), ("C/Security.evtx", &log())],
    );
    let case = analyze(&[&path], &["--memory", "128M"]);
    assert_eq!(case.code, 3);
    assert_eq!(
        issues(&case),
        ["loss archive-limit collection.zip!C/bomb.evtx"]
    );
    assert_eq!(inputs(&case), ["collection.zip!C/Security.evtx"]);
    let raised = analyze(&[&path], &["--archive-limits", "ratio=100000"]);
    assert_eq!(inputs(&raised).len(), 2);

    let mut nested = log();
    let mut name = "x.evtx".to_owned();
    for depth in 0..6 {
        write_zip(&path, &[(&name, &nested)]);
        nested = std::fs::read(&path).unwrap();
        name = format!("{depth}.zip");
    }
    let deep = analyze(&[&path], &[]);
    assert_eq!(deep.code, 3);
    assert_eq!(
        issues(&deep),
        ["loss archive-limit collection.zip!4.zip!3.zip!2.zip!1.zip!0.zip"]
    );
    let open = analyze(&[&path], &["--archive-limits", "depth=6"]);
    assert_eq!(open.code, 0);
    assert_eq!(inputs(&open).len(), 1);
}

#[test]
fn many_members_are_many_members() {
    let (_folder, path) = temporary();
    let names: Vec<String> = (0..20_000)
        .map(|number| format!("C/{number}.txt"))
        .collect();
    let members: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    write_zip(&path, &members);
    let nothing = analyze(&[&path], &["--memory", "128M"]);
    assert_eq!(nothing.code, 4);
    assert_eq!(nothing.manifest()["counts"]["unknown_files"], 20_000);
    let few = analyze(&[&path], &["--archive-limits", "entries=1k"]);
    assert_eq!(few.code, 3);
    assert_eq!(issues(&few), ["loss archive-limit collection.zip"]);
}

#[test]
fn identical_files_are_read_once_and_named_each() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a.evtx"), log()).unwrap();
    std::fs::write(at("b.evtx"), log()).unwrap();
    write_zip(&at("c.zip"), &[("Security.evtx", &log())]);
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    assert_eq!(inputs(&case), ["a.evtx", "b.evtx", "c.zip!Security.evtx"]);
    let manifest = case.manifest();
    assert_eq!(manifest["counts"]["hosts"], 1);
    let rows = case.rows("timeline.csv");
    assert!(
        rows.iter()
            .all(|row| row["dup_count"] == "2" && row["evidence_file"] == "a.evtx")
    );
    for (input, duplicates) in manifest["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .zip([0, 258, 258])
    {
        assert_eq!(input["records"], 258);
        assert_eq!(input["duplicates"], duplicates);
        assert_eq!(input["host"], "SRV02.corp.example.com");
    }
    // With a log that has some of the records in another order, all four provenances meet.
    let mut part = log();
    part.truncate(4096 + 65536);
    std::fs::write(at("d.evtx"), part).unwrap();
    let four = analyze(&[folder.path()], &[]);
    let counts: BTreeSet<String> = four
        .rows("timeline.csv")
        .into_iter()
        .map(|row| row["dup_count"].clone())
        .collect();
    assert_eq!(counts, BTreeSet::from(["2".to_owned(), "3".to_owned()]));
    // What is wrong with one is wrong with all.
    let empty = tempfile::tempdir().unwrap();
    for name in ["x.evtx", "y.evtx"] {
        let mut torn = log();
        torn.truncate(100_000);
        std::fs::write(empty.path().join(name), torn).unwrap();
    }
    let issues = issues(&analyze(&[empty.path()], &[]));
    assert_eq!(
        issues
            .iter()
            .filter(|issue| issue.ends_with("x.evtx"))
            .count()
            * 2,
        issues.len()
    );
}

#[test]
fn a_list_tells_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    pack(&samples(), Layout::Kape, folder.path()).unwrap();
    let prefetch = b"MAM\x04\0\0\0\0".as_slice();
    write_zip(
        &folder.path().join("more.zip"),
        &[
            ("C/Windows/Prefetch/CMD.EXE-1.pf", prefetch),
            ("C/Security.evtx", &log()),
            ("notes.txt", b"x"),
        ],
    );
    write_zip(
        &folder
            .path()
            .join("Collection-DC09-2026-03-03T00_00_00Z.zip"),
        &[("uploads/ntfs/%5C%5C.%5CC%3A/$LogFile", b"RSTR\x1e\0\t")],
    );
    let path = folder.path().to_str().unwrap();
    let list = sidetrack(&["analyze", "--list", path]);
    assert_eq!(list.status.code(), Some(0));
    let text = String::from_utf8(list.stdout).unwrap();
    for line in [
        "SRV02.corp.example.com\n",
        "WS01.corp.example.com\n",
        "2026-03-02 20:50:12 to 2026-03-02 23:29:56",
        "DC09 (by its archive's name)\n  logfile ",
        "6 host names, 36 files to read (",
        " MB); 7 archives looked into; 7 files recognised, but not read yet; 1 other file not known.",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let case = analyze(&[folder.path()], &[]);
    let unread =
        "- Recognised in the evidence, but not read yet: 5 collector, 1 logfile, 1 prefetch\n";
    assert!(
        case.text("report.md").contains(unread),
        "{}",
        case.text("report.md")
    );
    assert_eq!(case.manifest()["counts"]["recognised_files"]["prefetch"], 1);
    // It lies beside a log of one host.
    let srv = text.split("SRV02.corp.example.com\n").nth(1).unwrap();
    assert!(
        srv.split("\n\n").next().unwrap().contains("prefetch"),
        "{text}"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        7,
        "nothing is written"
    );

    let nothing = sidetrack(&[
        "analyze",
        "--list",
        folder.path().join("none").to_str().unwrap(),
    ]);
    assert_eq!(nothing.status.code(), Some(2));
    std::fs::write(folder.path().join("cut.zip"), b"PK\x03\x04cut").unwrap();
    let lossy = sidetrack(&["analyze", "--list", path]);
    assert_eq!(lossy.status.code(), Some(3));
    assert!(
        String::from_utf8(lossy.stdout)
            .unwrap()
            .contains("Not all of it can be read:\n  cut.zip: ")
    );
}

#[test]
fn what_is_known_of_hosts_is_checked_first() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts.csv");
    let case = folder.path().join("case");
    let (file, case) = (file.to_str().unwrap(), case.to_str().unwrap());
    let evidence = samples();
    let run = |option: &str, text: &str| {
        std::fs::write(file, text).unwrap();
        sidetrack(&[
            "analyze",
            evidence.to_str().unwrap(),
            "--output",
            case,
            option,
            file,
        ])
    };
    for (option, text) in [
        ("--hosts", "host,address\nWS01,here\n"),
        ("--known", "kind,value\nprinter,P1\n"),
    ] {
        let output = run(option, text);
        assert_eq!(output.status.code(), Some(2));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("line 2"), "{error}");
        assert!(!Path::new(case).exists());
    }
    let output = run("--known", "kind,value\nscanner,10.0.0.0/8\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_was_handed_over_is_proven_and_what_the_collector_missed_is_told() {
    let (_folder, path) = temporary();
    let list = concat!(
        r#"{"vfs_path":"C:\\Windows\\Security.evtx","file_size":200704,"uploaded_size":65536}"#,
        "\n",
        r#"{"vfs_path":"C:\\$J","file_size":9,"uploaded_size":4,"Type":"idx"}"#,
        "\n"
    );
    write_zip(
        &path,
        &[
            ("uploads.json", list.as_bytes()),
            ("uploads/auto/C%3A/Windows/Security.evtx", &log()),
        ],
    );
    let case = analyze(&[&path], &[]);
    assert_eq!(case.code, 0);
    assert_eq!(
        issues(&case),
        ["note collected-in-part collection.zip!uploads.json"]
    );
    let archives = &case.manifest()["archives"];
    assert_eq!(archives.as_array().unwrap().len(), 1);
    assert_eq!(archives[0]["path"], "collection.zip");
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(archives[0]["size"], bytes.len());
    let hash = timeline::hex(&sha2::Sha256::digest(&bytes));
    assert_eq!(archives[0]["sha256"], hash);
}

#[test]
fn the_times_of_members_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.tar");
    let mut archive = tar::Builder::new(File::create(&path).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_mtime(1_772_360_142);
    header.set_size(log().len() as u64);
    archive
        .append_data(&mut header, "Security.evtx", log().as_slice())
        .unwrap();
    archive.into_inner().unwrap();
    let case = analyze(&[&path], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let input = &case.manifest()["inputs"][0];
    assert_eq!(input["modified"], "2026-03-01T10:15:42.0000000Z");
    assert_eq!(input["path"], "one.tar!Security.evtx");
}

#[test]
fn more_evidence_than_memory_has_room_for_is_told() {
    let (_folder, path) = temporary();
    let names: Vec<String> = (0..32_800).map(|number| format!("{number}.evtx")).collect();
    let members: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    write_zip(&path, &members);
    let case = analyze(&[&path], &["--memory", "128M", "--timeline", "none"]);
    assert_eq!(case.code, 3);
    assert_eq!(inputs(&case).len(), 32_768, "128 MB, 4 KB for each");
    let row = &case.rows("issues.csv")[0];
    assert_eq!(
        (row["kind"].as_str(), row["found"].as_str()),
        ("too-many-files", "32 more")
    );
}

#[test]
fn the_loss_of_a_collection_is_named_first() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..8 {
        std::fs::write(folder.path().join(format!("a{number}.evtx")), b"no log").unwrap();
    }
    std::fs::write(folder.path().join("z.zip"), b"PK\x03\x04 cut").unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 3);
    let losses = case
        .stdout
        .split("9 losses of evidence (issues.csv):\n")
        .nth(1)
        .unwrap();
    assert!(
        losses.starts_with("  z.zip: The archive has no sound directory"),
        "{losses}"
    );
    assert!(losses.contains("  … and 4 more.\n"), "{losses}");
}

/// A hive alone says nothing of its machine: the collector may.
#[test]
fn a_hive_alone_is_of_the_host_that_its_collector_names() {
    let hive = std::fs::read(samples().join("WS01/Users/j.moreau/NTUSER.DAT")).unwrap();
    let stored = "uploads/auto/C%3A/Users/j.moreau/NTUSER.DAT";
    let host = |archive: &str, members: &[(&str, &[u8])]| {
        let folder = tempfile::tempdir().unwrap();
        write_zip(&folder.path().join(archive), members);
        let case = analyze(&[folder.path()], &[]);
        case.rows("timeline.csv")[0]["host"].clone()
    };
    let info = br#"{"client_id": "C.1", "hostname": "WS09"}"#.as_slice();
    assert_eq!(
        host("a.zip", &[(stored, &hive), ("client_info.json", info)]),
        "WS09"
    );
    let named = "Collection-WS08-2026-03-03T00_00_00Z.zip";
    assert_eq!(host(named, &[(stored, &hive)]), "WS08");
    assert_eq!(host("a.zip", &[(stored, &hive)]), "");
    // The SYSTEM hive of another collection beside it is another machine's.
    let system = std::fs::read(samples().join("WS01/Windows/System32/config/SYSTEM")).unwrap();
    let members: &[(&str, &[u8])] = &[
        ("A/C/Users/j.moreau/NTUSER.DAT", &hive),
        ("B/C/Windows/System32/config/SYSTEM", &system),
    ];
    let folder = tempfile::tempdir().unwrap();
    write_zip(&folder.path().join("both.zip"), members);
    let case = analyze(&[folder.path()], &[]);
    let rows = case.rows("timeline.csv");
    let of_user = rows
        .iter()
        .find(|row| row["message"].starts_with("Run dialog"));
    assert_eq!(of_user.unwrap()["host"], "");
}

/// Logs of a hive are found whatever their case, and after both were renamed.
#[test]
fn transaction_logs_are_found_by_name_and_by_where_they_were_loaded_from() {
    let read =
        |name: &str| std::fs::read(samples().join("WS01/Users/j.moreau").join(name)).unwrap();
    let (hive, first, second) = (
        read("NTUSER.DAT"),
        read("NTUSER.DAT.LOG1"),
        read("NTUSER.DAT.LOG2"),
    );
    for names in [
        ["NTUSER.DAT", "ntuser.dat.log1", "ntuser.DAT.LOG2"],
        ["evil.bin", "one.bin", "two.bin"],
        ["0001-ntuser", "0001-ntuser.LOG1", "ntuser.dat.LOG2"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in names.iter().zip([&hive, &first, &second]) {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let case = analyze(&[folder.path()], &[]);
        assert_eq!(case.code, 0, "{names:?}: {}", case.stderr);
        let rows = case.rows("timeline.csv");
        let typed = rows
            .iter()
            .find(|row| row["message"] == "Run dialog: mspaint");
        assert_eq!(typed.unwrap()["recovered"], "txlog", "{names:?}");
        let kinds: Vec<_> = case.manifest()["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|input| input["kind"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            kinds.iter().filter(|kind| *kind == "registry-log").count(),
            2
        );
    }
    // Of two hives that the logs may belong to, nobody knows which.
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        std::fs::write(folder.path().join(name), &hive).unwrap();
    }
    std::fs::write(folder.path().join("x.LOG1"), &first).unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 3);
    assert!(
        case.stdout.contains("no transaction log was collected"),
        "{}",
        case.stdout
    );
}
