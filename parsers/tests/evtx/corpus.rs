//! The reader against every event log of the corpus, with the `evtx` crate as second opinion. The
//! corpus is not part of the project; without it there is nothing to compare.

use std::path::{Path, PathBuf};

use parsers::evtx::read::Reader;
use timeline::Severity;
use walkdir::WalkDir;

use crate::read::{Ours, compare};

/// Where the corpus is, if it is.
pub(crate) const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");
#[expect(clippy::disallowed_methods, reason = "a test opens files")]
pub(crate) fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// All event logs of the corpus.
pub(crate) fn logs() -> Vec<PathBuf> {
    let files = WalkDir::new(CORPUS).sort_by_file_name().into_iter();
    let files = files.flatten().map(walkdir::DirEntry::into_path);
    let logs: Vec<_> = files
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("evtx"))
        })
        .collect();
    if logs.is_empty() {
        println!("skipped: corpus not present");
    }
    logs
}

#[test]
fn reads_what_the_evtx_crate_reads() {
    let mut reader = Reader::new();
    let logs = logs();
    let count: usize = logs
        .iter()
        .map(|path| compare(&mut reader, bytes_of(path), &path.display().to_string()))
        .sum();
    println!("{count} records of {} logs are the same", logs.len());
}

/// What the corpus is known to hold: records, and the kinds of losses and of notes.
const KNOWN: &[(&str, usize, &[&str], &[&str])] = &[
    (
        "omerbenamram+evtx/samples/sample_with_a_bad_chunk_magic.evtx",
        301,
        &[
            "record-torn",
            "records-missing",
            "chunk-missing",
            "record-torn",
            "record-magic",
            "record-torn",
            "records-missing",
            "chunk-missing",
        ],
        &["chunk-checksum", "chunk-checksum", "chunk-checksum"],
    ),
    (
        "omerbenamram+evtx/samples/sysmon.evtx",
        358,
        &[],
        &["stale-header"],
    ),
    (
        "omerbenamram+evtx/samples/sample-with-zero-data-size-event.evtx",
        449,
        &["record-size"],
        &["chunk-checksum"],
    ),
    ("omerbenamram+evtx/samples/issue_201.evtx", 1, &[], &[]),
    (
        "omerbenamram+evtx/samples/Application_no_crc32.evtx",
        17,
        &[],
        &[],
    ),
    (
        "omerbenamram+evtx/samples/2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx",
        1910,
        &[
            "record-truncated",
            "record-magic",
            "record-truncated",
            "record-magic",
        ],
        &["chunk-checksum", "chunk-checksum"],
    ),
    (
        "log2timeline+plaso/test_data/evtx/System2.evtx",
        283,
        &["chunk-torn", "file-truncated"],
        &[],
    ),
    (
        "AndrewRathbun+DFIRArtifactMuseum/Windows/EventLogs/Win10/APTSimulatorVM/Security.evtx",
        5337,
        &[],
        &["stale-header"],
    ),
    (
        "AndrewRathbun+DFIRArtifactMuseum/Windows/EventLogs/Win10/RathbunVM/Security.evtx",
        5229,
        &[],
        &["stale-header"],
    ),
];

#[test]
fn says_what_is_wrong_with_each_damaged_log() {
    for (path, records, losses, notes) in KNOWN {
        let path = Path::new(CORPUS).join(path);
        if !path.exists() {
            println!("skipped: corpus not present");
            return;
        }
        let ours = Ours::of(&bytes_of(&path));
        assert_eq!(ours.count(), *records, "{}", path.display());
        assert_eq!(ours.kinds(Severity::Loss), *losses, "{}", path.display());
        assert_eq!(ours.kinds(Severity::Note), *notes, "{}", path.display());
    }
}

#[test]
fn most_logs_are_sound() {
    let mut reader = Reader::new();
    let silent = logs()
        .iter()
        .filter(|path| Ours::with(&mut reader, &bytes_of(path)).issues.is_empty())
        .count();
    assert!(
        silent == 0 || silent > 340,
        "{silent} logs without an issue"
    );
}
