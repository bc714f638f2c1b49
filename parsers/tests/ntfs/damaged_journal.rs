//! Damaged journals: no panic, and one bad record costs no other.

use samples::ntfs::{UsnForm, UsnRecord, reason};

use crate::table::{FIRST, change, journal};
use crate::told::{Collected, Told, one};

/// Bytes of each record.
const LENGTH: usize = 80;

fn told(bytes: Vec<u8>) -> Told {
    Collected::journal(bytes).of_journal()
}

/// Records of equal length, each of its own file.
fn five() -> Vec<u8> {
    let record = |number| {
        change(
            FIRST + number,
            &format!("number {number}"),
            reason::FILE_CREATE,
        )
    };
    let records: Vec<UsnRecord> = (0..5).map(record).collect();
    let bytes = journal(&records);
    assert_eq!(bytes.len(), 5 * LENGTH);
    bytes
}

/// The same with something else in the third record.
fn changed(at: usize, value: &[u8]) -> Told {
    let mut bytes = five();
    let at = 2 * LENGTH + at;
    bytes[at..at + value.len()].copy_from_slice(value);
    told(bytes)
}

#[track_caller]
fn check_others(told: &Told) {
    for number in [0, 1, 3, 4] {
        let path = format!(r"C:\number {number}");
        assert_eq!(told.at(&path).len(), 1, "{path}: {:?}", told.paths());
    }
}

#[test]
fn what_holds_no_record_is_a_loss() {
    for bytes in [vec![], vec![0; 1 << 20], vec![0; 3]] {
        let told = told(bytes);
        assert_eq!((told.issues(), told.events.len()), (vec!["usn-empty"], 0));
    }
    let told = told(vec![0x5a; 10_000]);
    assert_eq!(told.issues(), ["usn-damage", "usn-empty"]);
    assert_eq!(told.keep.issues[0].found, "10000 bytes");
}

#[test]
fn a_length_that_cannot_be_costs_its_record_alone() {
    for length in [0_u32, 1, 7, 8, 56, 79, 81, 0x1_0000, u32::MAX] {
        let told = changed(0, &length.to_le_bytes());
        check_others(&told);
        assert_eq!(told.keep.counts.records, 4, "{length}");
        assert_eq!(told.issues(), ["usn-damage"]);
        let issue = &told.keep.issues[0];
        assert_eq!(issue.offset, Some(160));
        assert_eq!(issue.found, "80 bytes");
    }
}

#[test]
fn a_length_that_is_too_long_costs_no_other_record() {
    for length in [88_u32, 160, 240] {
        let told = changed(0, &length.to_le_bytes());
        check_others(&told);
        assert_eq!(told.issues(), ["usn-damage"], "{length}");
    }
}

#[test]
fn a_name_that_leads_out_is_none() {
    for (at, value) in [
        (0x38, 22_u16),
        (0x38, 0xfffe),
        (0x3a, 70),
        (0x3a, 0xffff),
        (0x3a, 0x20),
        (0x38, 5),
    ] {
        let told = changed(at, &value.to_le_bytes());
        check_others(&told);
        assert_eq!(told.issues(), ["usn-damage"], "{at:#x} {value}");
    }
}

#[test]
fn other_versions_are_none() {
    for version in [0_u16, 1, 5, 0xffff] {
        let told = changed(4, &version.to_le_bytes());
        check_others(&told);
        assert_eq!(told.issues(), ["usn-damage"]);
    }
    let told = changed(6, &[1]);
    check_others(&told);
    assert_eq!(told.issues(), ["usn-damage"]);
}

#[test]
fn a_time_that_cannot_be_leaves_the_record_undated() {
    for time in [0_u64, 1, i64::MAX.cast_unsigned()] {
        let told = changed(0x20, &time.to_le_bytes());
        check_others(&told);
        assert_eq!(one(told.first(r"C:\number 2"), "time"), "null");
        assert_eq!(told.issues(), [""; 0]);
    }
    let told = changed(0x20, &u64::MAX.to_le_bytes());
    check_others(&told);
    assert_eq!(told.issues(), ["usn-damage"]);
}

#[test]
fn a_journal_cut_anywhere_gives_the_records_before() {
    let bytes = five();
    for length in 1..bytes.len() {
        let told = told(bytes[..length].to_vec());
        assert_eq!(told.events.len(), length / LENGTH, "{length}");
        assert_eq!(told.keep.counts.records, (length / LENGTH) as u64);
        let is_cut = length % LENGTH != 0;
        assert_eq!(told.issues().contains(&"usn-damage"), is_cut, "{length}");
    }
}

#[test]
fn garbage_between_records_is_told_by_its_place() {
    let bytes = five();
    for length in [8, 72, 4096, 100_000, 3 << 20] {
        let garbage = vec![0xa5; length];
        let (before, behind) = bytes.split_at(2 * LENGTH);
        let told = told([before, &garbage, behind].concat());
        assert_eq!(told.events.len(), 5);
        assert_eq!(told.issues(), ["usn-damage"]);
        assert_eq!(told.keep.issues[0].found, format!("{length} bytes"));
    }
}

#[test]
fn records_are_found_wherever_a_piece_of_the_file_ends() {
    let near = (1 << 20) - 4096;
    for zeros in (near..near + 4096)
        .step_by(8)
        .chain([(1 << 20) - 65_536, (2 << 20) - 40])
    {
        let bytes = [vec![0; zeros], five(), vec![0; 1 << 20], five()].concat();
        let told = told(bytes);
        assert_eq!(told.keep.counts.records, 10, "{zeros}");
        assert_eq!(told.issues(), [""; 0]);
    }
}

#[test]
fn many_damaged_places_end_in_one_line() {
    let record = five()[..LENGTH].to_vec();
    let piece = [&record[..], &[0x5a; 8]].concat();
    let told = told(piece.repeat(1_500));
    assert_eq!(told.keep.counts.records, 1_500);
    assert_eq!(told.keep.issues.len(), 1_001);
    assert_eq!(told.keep.issues[1_000].found, "1500 in all");
}

#[test]
fn every_bit_that_is_damaged_costs_its_own_record_at_most() {
    let bytes = five();
    let mut lost = Vec::new();
    for (at, byte) in bytes.iter().enumerate().skip(2 * LENGTH).take(LENGTH) {
        for bit in 0..8 {
            // It may become the record of another file, of which the same was told already.
            if (8..16).contains(&(at - 2 * LENGTH)) {
                continue;
            }
            let told = changed(at - 2 * LENGTH, &[byte ^ 1 << bit]);
            let is_there = |number| told.paths().contains(&format!(r"C:\number {number}"));
            if ![0, 1, 3, 4].into_iter().all(is_there) {
                lost.push((at - 2 * LENGTH, bit));
            }
        }
    }
    assert_eq!(lost, [(0, 0); 0]);
}

#[test]
fn nothing_panics_on_records_of_version_3_either() {
    let record = |number| UsnRecord {
        form: UsnForm::V3,
        ..change(
            FIRST + number,
            &format!("number {number}"),
            reason::FILE_CREATE,
        )
    };
    let records: Vec<UsnRecord> = (0..5).map(record).collect();
    let bytes = journal(&records);
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] = 0xff;
        let told = told(bytes);
        assert!(told.keep.counts.records >= 3 && told.events.len() <= 5);
    }
}

#[test]
fn little_memory_is_a_loss_of_paths_alone() {
    let records: Vec<UsnRecord> = (0..100)
        .map(|number| UsnRecord {
            attributes: 0x10,
            ..change(FIRST + number, &format!("{number}"), reason::FILE_CREATE)
        })
        .collect();
    let mut collected = Collected::journal(journal(&records));
    for memory in [0, 100, 1_000] {
        collected.memory = Some(memory);
        let told = collected.of_journal();
        assert_eq!(told.issues(), ["usn-directories"]);
        assert_eq!(told.events.len(), 100);
    }
    collected.memory = Some(100_000);
    assert_eq!(collected.of_journal().issues(), [""; 0]);
}
