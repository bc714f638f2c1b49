//! Bad input is the normal case: a clear message, rows in issues.csv, and the good files in full.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::{Case, analyze, samples};

const SECURITY: &str = "SRV02/Windows/System32/winevt/Logs/Security.evtx";

/// Bytes that look random and are always the same.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

fn with_good_files(damaged: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, Case) {
    let folder = tempfile::tempdir().unwrap();
    for entry in walkdir::WalkDir::new(samples()) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let to = folder
                .path()
                .join(entry.path().strip_prefix(samples()).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
    for (name, bytes) in damaged {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let case = analyze(&[folder.path()], &[]);
    (folder, case)
}

fn losses(case: &Case, file: &str) -> usize {
    let rows = case.rows("issues.csv");
    rows.iter()
        .filter(|row| row["severity"] == "loss" && row["evidence_file"] == file)
        .count()
}

#[test]
fn damaged_files_cost_their_neighbours_nothing() {
    let good = std::fs::read(samples().join(SECURITY)).unwrap();
    let (_folder, case) = with_good_files(&[
        ("empty.evtx", Vec::new()),
        ("random.evtx", noise(200_000)),
        ("header-only.evtx", good[..100].to_vec()),
    ]);
    assert_eq!(case.code, 3, "{}", case.stderr);
    for file in ["empty.evtx", "random.evtx", "header-only.evtx"] {
        assert!(
            losses(&case, file) > 0,
            "{file}: {}",
            case.text("issues.csv")
        );
        assert!(case.stdout.contains(file), "{}", case.stdout);
    }
    let whole = analyze(&[&samples()], &[]);
    for name in ["movements.csv", "timeline.csv"] {
        assert_eq!(case.rows(name).len(), whole.rows(name).len(), "{name}");
    }
    let report = case.text("report.md");
    assert!(report.contains("## What could not be read"), "{report}");
}

#[test]
fn of_a_truncated_log_everything_before_the_cut_is_read() {
    let good = std::fs::read(samples().join(SECURITY)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cut = 4096 + 65_536 + 30_000;
    std::fs::write(folder.path().join("cut.evtx"), &good[..cut]).unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 3);
    assert!(losses(&case, "cut.evtx") > 0);
    let whole = analyze(&[&samples().join(SECURITY)], &[]);
    let uids = |case: &Case| -> Vec<String> {
        case.rows("timeline.csv")
            .iter()
            .map(|row| row["event_uid"].clone())
            .collect()
    };
    let (some, all) = (uids(&case), uids(&whole));
    assert!(
        some.len() > 90 && some.len() < all.len(),
        "{} of {}",
        some.len(),
        all.len()
    );
    assert!(some.iter().all(|uid| all.contains(uid)));
}

#[test]
fn an_empty_log_alone_is_a_loss() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.evtx"), "").unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 3);
    assert_eq!(losses(&case, "x.evtx"), 1);
    assert!(
        case.stdout.contains("The file is empty."),
        "{}",
        case.stdout
    );
    assert_eq!(case.manifest()["inputs"][0]["status"], "damaged");
}

#[test]
fn a_folder_without_evidence_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 4);
    assert!(
        case.stdout
            .contains("Nothing here was recognised as evidence"),
        "{}",
        case.stdout
    );
    assert!(case.rows("issues.csv").is_empty());
    assert_eq!(case.manifest()["counts"]["unknown_files"], 1);
}

#[test]
fn a_log_under_any_name_is_recognised_by_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        samples().join(SECURITY),
        folder.path().join("exhibit 7.bin"),
    )
    .unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 0);
    assert_eq!(case.rows("timeline.csv").len(), 258);
    assert_eq!(
        case.rows("timeline.csv")[0]["evidence_file"],
        "exhibit 7.bin"
    );
}

#[test]
fn the_case_may_lie_inside_the_evidence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        samples().join(SECURITY),
        folder.path().join("Security.evtx"),
    )
    .unwrap();
    let inside = folder.path().join("case");
    let run = |options: &[&str]| {
        let mut arguments = vec!["analyze", folder.path().to_str().unwrap(), "--output"];
        arguments.push(inside.to_str().unwrap());
        arguments.extend(options);
        common::sidetrack(&arguments).status.code()
    };
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&["--force"]), Some(0));
    let text = std::fs::read_to_string(inside.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        manifest["counts"]["unknown_files"], 0,
        "the old case is not looked at"
    );
}

/// Names and values that would be markup, formulas or terminal commands.
#[test]
fn what_attackers_choose_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("=1+1\u{1b}[31m`<b>|.evtx");
    hostile_log(&path);
    let case = analyze(&[folder.path()], &["--examiner", "`<script>|x"]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let rows = case.rows("timeline.csv");
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["host_raw"], "'=cmd|' /C calc'!A0");
    assert!(
        row["evidence_file"].starts_with("'=1+1\\x1b[31m"),
        "{}",
        row["evidence_file"]
    );
    let message = &row["message"];
    assert!(
        message.contains("\\n# owned\\u202egpj.\\x1b]0;x\\x07"),
        "{message}"
    );
    assert!(
        case.manifest()["counts"]["neutralised_cells"]
            .as_u64()
            .unwrap()
            >= 3
    );
    for text in [
        &case.stdout,
        &case.text("timeline.csv"),
        &case.text("report.md"),
    ] {
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text}"
        );
    }
    let report = case.text("report.md");
    assert!(report.contains("Examiner: `` `<script>|x ``"), "{report}");
    // The folder of the store has a name that any system takes.
    assert!(
        case.path
            .join("timeline/host=%3Dcmd%7C%27%20%2FC%20calc%27%21A0")
            .is_dir()
    );
}

fn hostile_log(path: &Path) {
    use samples::evtx::{Body, LogWriter, Record, Value};
    let file = std::fs::File::create(path).unwrap();
    let mut log = LogWriter::create(file).unwrap();
    let hostile = "\n# owned\u{202e}gpj.\u{1b}]0;x\u{7}<script>alert(1)</script>";
    let body = Body::EventData(vec![("=Name", Value::Text(hostile.into()))]);
    log.write(&Record {
        time: samples::time::FileTime(134_170_000_000_000_000),
        computer: "=cmd|' /C calc'!A0".into(),
        ..Record::plain("Evil", "Application", 1, body)
    })
    .unwrap();
    log.finish().unwrap();
}

/// A pipe would make a reader wait for ever.
#[cfg(unix)]
#[test]
fn sockets_and_pipes_are_noted_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 4);
    let issues = case.rows("issues.csv");
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0]["kind"], "special");
    assert_eq!(issues[0]["evidence_file"], "Security.evtx");
}

/// Whoever stops reading the closing words does not break the run.
#[cfg(unix)]
#[test]
fn a_closed_terminal_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_sidetrack"))
        .arg("analyze")
        .arg(common::samples())
        .arg("--output")
        .arg(folder.path().join("case"))
        .stdout(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
}
