//! What ../shared/corpus/FACTS.md says of its tables and journals. `scripts/judge-ntfs` holds them against other
//! readers entry by entry.

use std::collections::BTreeSet;
use std::path::Path;

use parsers::ntfs::read::{Record, Signature, Slot, Table, UsnSlot, UsnSlots};
use parsers::{Parser, ReadAt, parser_of};
use samples::time::FileTime;

use crate::told::{Collected, Told, one};

const ZIMMERMAN: &str = "EricZimmerman+MFT/MFT.Test/TestFiles";
const SUHANOV: &str = "msuhanov+dfir_ntfs/test_data";

/// A file of the corpus, where there is one.
#[expect(clippy::disallowed_methods, reason = "a test opens files")]
fn bytes_of(path: &str) -> Option<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let is_there = corpus.is_dir();
    is_there.then(|| std::fs::read(corpus.join(path)).expect("the file can be read"))
}

/// Which parser knows it by its bytes.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    parser_of(bytes, "x").map(Parser::kind)
}

/// The entries that are told, in use or not.
fn entries(told: &Told, in_use: &str) -> usize {
    let of = told
        .events
        .iter()
        .filter(|event| one(event, "file.Ext.mft.in_use") == in_use);
    let entries: BTreeSet<String> = of.map(|event| one(event, "file.inode")).collect();
    entries.len()
}

/// How many records of a table are so.
fn count(bytes: &dyn ReadAt, is_so: impl Fn(&Record<'_>) -> bool) -> usize {
    let table = Table::open(bytes)
        .expect("memory can be read")
        .expect("it is a table");
    let mut slots = table.read(0, table.slots());
    let mut count = 0;
    while let Some((_, slot)) = slots.next().expect("memory can be read") {
        count += usize::from(matches!(slot, Slot::Record(record) if is_so(&record)));
    }
    count
}

#[test]
fn every_torn_record_is_told_and_what_is_sound_of_it_too() {
    let Some(bytes) = bytes_of(&format!("{ZIMMERMAN}/xw/$MFT")) else {
        eprintln!("skipped: no corpus");
        return;
    };
    assert_eq!(kind_of(&bytes), Some("mft"));
    let is_file = |record: &Record<'_>| record.signature == Signature::File;
    assert_eq!(
        count(&bytes, |record| is_file(record) && record.is_in_use),
        467
    );
    assert_eq!(
        count(&bytes, |record| is_file(record) && !record.is_in_use),
        159
    );
    assert_eq!(
        count(&bytes, |record| !record.is_base() && record.is_in_use),
        1
    );
    let told = Collected::table(bytes).of_table();
    assert_eq!(told.keep.counts.records, 628);
    let of_kind = |kind: &str| -> BTreeSet<u32> {
        let issues = told.keep.issues.iter().filter(|issue| issue.kind == kind);
        let records = issues.filter_map(|issue| issue.record.as_deref());
        let entries = records.map(|record| record.split('-').next().unwrap_or_default());
        entries.map(|entry| entry.parse().unwrap()).collect()
    };
    // The torn sector of 616 lies behind what it uses.
    let torn = [179, 540, 546, 551, 554, 566, 567, 568, 586];
    let bad = [500, 565];
    let all: BTreeSet<u32> = of_kind("mft-fix-up")
        .union(&of_kind("mft-bad"))
        .copied()
        .collect();
    assert_eq!(all, torn.into_iter().chain(bad).collect());
    assert!(of_kind("mft-fix-up").is_superset(&torn.into()));
    // Here attributes end otherwise than with the mark; the name of 560 is longer than its attribute.
    assert_eq!(of_kind("mft-attributes"), [560, 612, 613, 619].into());
    // Without those that have no attributes. The headers of some records have
    // the numbers of others: 605 says that it is 43, 598 and 604 that they are 35.
    assert_eq!(
        (entries(&told, "true"), entries(&told, "false")),
        (465, 151)
    );
}

#[test]
fn small_tables_have_the_entries_that_they_are_known_for() {
    for (path, slots, size, in_use, free) in [
        (format!("{ZIMMERMAN}/NIST/DFR-16/$MFT"), 154, 1024, 117, 0),
        (format!("{SUHANOV}/4k-large.mft"), 256, 4096, 36, 0),
        (format!("{SUHANOV}/deleted.mft"), 256, 1024, 35, 6),
        (format!("{SUHANOV}/orphan.mft"), 256, 1024, 36, 4),
        (format!("{SUHANOV}/slack.mft"), 256, 1024, 55, 0),
    ] {
        let Some(bytes) = bytes_of(&path) else {
            eprintln!("skipped: no corpus");
            return;
        };
        assert_eq!(bytes.len(), slots * size, "{path}");
        let told = Collected::table(bytes).of_table();
        assert_eq!(
            (entries(&told, "true"), entries(&told, "false")),
            (in_use, free)
        );
        assert_eq!(told.keep.counts.records, (in_use + free) as u64);
        assert_eq!(told.issues(), [""; 0]);
    }
}

#[test]
fn files_whose_folder_was_used_again_are_orphans() {
    let Some(bytes) = bytes_of(&format!("{SUHANOV}/orphan.mft")) else {
        eprintln!("skipped: no corpus");
        return;
    };
    let mut paths = Collected::table(bytes).of_table().paths();
    paths.retain(|path| path.contains("$Orphan") && !path.contains("$Unnamed"));
    let due = ["2.txt", "3.txt", "4.txt", "5.txt"];
    assert_eq!(paths, due.map(|name| format!(r"C:\$Orphan\{name}")));
}

#[test]
fn journals_have_the_records_that_they_are_known_for() {
    for (path, [two, four], first, last) in [
        (
            format!("{SUHANOV}/usnjrnlj.bin"),
            [264, 7],
            "2019-01-22T21:36:10.9243619Z",
            "2019-01-22T21:41:12.8058731Z",
        ),
        (
            "log2timeline+plaso/test_data/UsnJrnl.raw".into(),
            [19, 0],
            "2015-11-30T21:15:27.2031250Z",
            "2015-11-30T21:16:02.0312500Z",
        ),
    ] {
        let Some(bytes) = bytes_of(&path) else {
            eprintln!("skipped: no corpus");
            return;
        };
        assert_eq!(kind_of(&bytes), Some("usn"));
        let mut slots = UsnSlots::new(&bytes);
        let (mut versions, mut times) = ([0, 0], Vec::new());
        while let Some((offset, slot)) = slots.next(&mut |_| ()).unwrap() {
            let UsnSlot::Record(record) = slot else {
                panic!("damage at {offset}");
            };
            versions[usize::from(record.version / 4)] += 1;
            times.extend((record.version < 4).then(|| FileTime(record.time).to_string()));
        }
        assert_eq!(versions, [two, four], "{path}");
        assert_eq!(times.iter().min().map(String::as_str), Some(first));
        assert_eq!(times.iter().max().map(String::as_str), Some(last));
        let told = Collected::journal(bytes).of_journal();
        assert_eq!(told.keep.counts.records, two + four);
        assert_eq!(told.issues(), [""; 0]);
        let is_of_it = |time: &String| first <= &time[..] && &time[..] <= last;
        assert!(told.each("time").iter().all(is_of_it));
    }
}
