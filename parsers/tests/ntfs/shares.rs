//! A table in shares is the whole table.

use samples::ntfs::FileReference;
use timeline::Issue;

use crate::table::{FIRST, deleted, file, first, folder, name, place, put, table};
use crate::told::Collected;

/// Bytes of a share.
const SHARE: usize = 16 << 20;
/// Records of a share.
const BORDER: u32 = 16 << 10;

/// A table of a little more than two shares. There are files at its start, its end, and at the borders.
fn large() -> Vec<u8> {
    let pattern = [
        folder(0, FileReference::ROOT, "folder"),
        file(0, first(FIRST), "a file.txt").with(name(first(FIRST + 3), "a link.txt")),
        deleted(file(0, first(FIRST), "gone")),
    ]
    .map(|record| record.bytes().expect("it has room"));
    let mut bytes = table(&[folder(FIRST, FileReference::ROOT, "folder")]);
    let border = BORDER;
    let ranges = [
        30..300,
        border - 300..border + 300,
        2 * border - 10..2 * border + 100,
    ];
    for number in ranges.into_iter().flatten() {
        let mut record = pattern[number as usize % 3].clone();
        record[44..48].copy_from_slice(&number.to_le_bytes());
        put(&mut bytes, number.into(), &record);
    }
    bytes
}

fn in_short(issues: &[Issue]) -> Vec<(&'static str, String)> {
    let short = |issue: &Issue| (issue.kind, issue.record.clone().unwrap_or_default());
    issues.iter().map(short).collect()
}

/// Reads both ways, and gives the issues of the whole.
#[track_caller]
fn check(bytes: Vec<u8>) -> Vec<&'static str> {
    let collected = Collected::table(bytes);
    let whole = collected.of_table();
    let (mut lines, mut issues) = (Vec::new(), Vec::new());
    let (mut records, mut events) = (0, 0);
    for share in 0..collected.shares() {
        let told = collected.of_share(Some(share));
        lines.extend(told.lines());
        records += told.keep.counts.records;
        events += told.keep.counts.events;
        issues.extend(told.keep.issues);
    }
    assert!(whole.lines() == lines, "events differ");
    let (short, shares) = (in_short(&whole.keep.issues), in_short(&issues));
    let differ = short.iter().zip(&shares).find(|(one, other)| one != other);
    assert_eq!(differ, None);
    assert_eq!(short.len(), shares.len());
    assert!(whole.keep.issues == issues);
    let counts = whole.keep.counts;
    assert_eq!((counts.records, counts.events), (records, events));
    whole.issues()
}

#[test]
fn shares_in_their_order_are_the_whole() {
    let bytes = large();
    assert_eq!(Collected::table(bytes.clone()).shares(), 3);
    assert_eq!(check(bytes), [""; 0]);
}

#[test]
fn issues_of_the_volume_are_told_once() {
    let mut bytes = large();
    let own = folder(90, first(90), "own parent");
    put(&mut bytes, 90, &own.bytes().unwrap());
    bytes[place(16_400)] = b'!';
    bytes.truncate(2 * SHARE + 1024 * 50 + 7);
    assert_eq!(check(bytes), ["mft-cycle", "mft-signature", "mft-cut"]);
}

#[test]
fn a_small_table_is_one_share_and_an_empty_one_too() {
    for (bytes, issues) in [
        (table(&[file(FIRST, FileReference::ROOT, "a")]), vec![]),
        (Vec::new(), vec!["not-a-table"]),
    ] {
        assert_eq!(Collected::table(bytes.clone()).shares(), 1);
        assert_eq!(check(bytes), issues);
    }
}

#[test]
fn garbage_across_a_border_is_one_issue() {
    let mut bytes = large();
    bytes[SHARE - 2048..SHARE + 2048].fill(0x5a);
    assert_eq!(check(bytes), ["mft-signature"]);
}

#[test]
fn more_damage_than_is_told_one_by_one_is_told_alike() {
    let mut bytes = large();
    for entry in (0..3000).map(|number| 40 + number * 10) {
        bytes[place(entry)] = b'!';
        bytes[place(entry + 1)..place(entry + 2)].fill(0);
    }
    check(bytes);
}

#[test]
fn identities_are_of_the_evidence_alone() {
    let collected = Collected::table(large());
    let [first, again] = [(); 2].map(|()| collected.of_share(Some(1)).each("uid"));
    assert!(first == again);
    let mut uids = collected.of_table().each("uid");
    let count = uids.len();
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len(), count);
    assert!(first.iter().all(|uid| uids.contains(uid)));
}
