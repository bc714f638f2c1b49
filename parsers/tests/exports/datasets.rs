//! NXLog's lines in the corpus: recorded attacks, each a ZIP with one file of lines.

use std::io::Read;
use std::path::PathBuf;

use flate2::read::DeflateDecoder;
use walkdir::WalkDir;

use crate::keep::Keep;

const DATASETS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/corpus/OTRF+Security-Datasets"
);

/// The first member of a ZIP.
#[expect(clippy::disallowed_methods, reason = "a test opens files")]
fn member(zip: &PathBuf) -> Vec<u8> {
    let zip = std::fs::read(zip).unwrap();
    let length = |at: usize| usize::from(u16::from_le_bytes([zip[at], zip[at + 1]]));
    let start = 30 + length(26) + length(28);
    let mut text = Vec::new();
    let mut member = DeflateDecoder::new(&zip[start..]);
    member.read_to_end(&mut text).unwrap();
    text
}

#[test]
fn recorded_attacks_are_read_whole() {
    let files = WalkDir::new(DATASETS).sort_by_file_name().into_iter();
    let files = files.flatten().map(walkdir::DirEntry::into_path);
    let zips: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "zip"))
        .collect();
    if zips.is_empty() {
        println!("skipped: corpus not present");
        return;
    }
    let mut counts = Vec::new();
    for zip in zips {
        let keep = Keep::read(&member(&zip), "evtx-ndjson");
        let issues: Vec<_> = keep.issues.iter().map(|issue| &issue.message).collect();
        println!("{} {:?} {issues:?}", zip.display(), keep.counts);
        assert_eq!(keep.losses(), []);
        assert!(keep.segment.rows.iter().all(|row| row.time.is_some()));
        counts.push(keep.counts.events);
    }
    assert_eq!(counts, [811, 506, 3390, 2343, 2657]);
}
