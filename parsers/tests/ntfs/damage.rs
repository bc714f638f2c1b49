//! Damaged tables: no panic, what is sound is told, and what is not is a loss.

use samples::ntfs::{Attribute, FileReference, protect, unprotect};

use crate::table::{
    FIRST, TIME, content, extension, file, first, folder, name, nameless, place, put, stream,
    table, with_list,
};
use crate::told::{Collected, Told, all, one};

const ROOT: FileReference = FileReference::ROOT;
/// Where the first attribute of a record of 1,024 bytes begins, and the second behind $STANDARD_INFORMATION.
const ATTRIBUTES: usize = 0x38;
const SECOND: usize = ATTRIBUTES + 0x60;

fn told(bytes: Vec<u8>) -> Told {
    Collected::table(bytes).of_table()
}

/// Three files, the one in the middle at [`FIRST`] + 1.
fn three() -> Vec<u8> {
    table(&[
        file(FIRST, ROOT, "before"),
        file(FIRST + 1, ROOT, "a").with(content(b"abc")),
        file(FIRST + 2, ROOT, "behind"),
    ])
}

/// The same, the record in the middle changed before it is protected.
fn changed(change: impl Fn(&mut [u8])) -> Told {
    let mut bytes = three();
    let record = &mut bytes[place(FIRST + 1)..place(FIRST + 2)];
    unprotect(record);
    change(record);
    protect(record, 1);
    told(bytes)
}

/// The neighbours are told as ever.
#[track_caller]
fn check_neighbours(told: &Told) {
    for path in [r"C:\", r"C:\before", r"C:\behind"] {
        assert_eq!(told.at(path).len(), 1, "{path}");
        assert_eq!(all(told.first(path), "event.Ext.damaged"), [""; 0]);
    }
}

#[track_caller]
fn check(told: &Told, issues: &[&str], paths: &[&str]) {
    check_neighbours(told);
    assert_eq!(told.issues(), issues);
    let mut found = told.paths();
    found.retain(|path| ![r"C:\", r"C:\before", r"C:\behind"].contains(&&path[..]));
    assert_eq!(found, paths);
    let of_record = told.keep.issues.iter().all(|issue| {
        let record = issue.record.as_deref().unwrap_or_default();
        record == "31" || record == "31-1"
    });
    assert!(of_record, "{:?}", told.keep.issues);
}

#[test]
fn what_holds_no_record_is_a_loss() {
    for bytes in [
        vec![],
        vec![0; 4096],
        vec![0; 7],
        b"FILE".to_vec(),
        vec![0x46; 5000],
    ] {
        let told = told(bytes);
        assert_eq!((told.issues(), told.events.len()), (vec!["not-a-table"], 0));
    }
}

#[test]
fn zeros_are_entries_that_were_never_used() {
    let told = told(table(&[file(FIRST, ROOT, "a")]));
    assert_eq!(told.keep.counts.records, 2);
    assert_eq!(told.issues(), [""; 0]);
}

#[test]
fn a_table_may_begin_with_zeros_or_garbage() {
    let mut bytes = three();
    bytes[..1024].fill(0x5a);
    let told = told(bytes);
    assert_eq!(told.issues(), ["mft-signature"]);
    check_neighbours(&told);
}

#[test]
fn a_table_cut_anywhere_gives_the_entries_before() {
    let bytes = three();
    for length in (place(FIRST)..bytes.len()).step_by(97) {
        let told = told(bytes[..length].to_vec());
        let whole = length / 1024;
        let is_cut = length % 1024 != 0;
        let issues = if is_cut { vec!["mft-cut"] } else { vec![] };
        assert_eq!(told.issues(), issues, "{length}");
        assert_eq!(told.paths().len(), whole.saturating_sub(29).max(1));
        if is_cut {
            assert_eq!(told.keep.issues[0].record, Some(whole.to_string()));
        }
    }
}

#[test]
fn garbage_between_records_is_told_by_its_places() {
    let mut bytes = three();
    bytes[place(FIRST + 1)..place(FIRST + 2)].fill(0x5a);
    let told_ = told(bytes.clone());
    check(&told_, &["mft-signature"], &[]);
    assert_eq!(told_.keep.counts.records, 3);
    bytes[place(10)..place(13)].fill(0x5a);
    let told = told(bytes);
    assert_eq!(told.issues(), ["mft-signature"; 2]);
    let first = &told.keep.issues[0];
    assert_eq!(first.record.as_deref(), Some("10 to 12"));
    assert_eq!(first.offset, Some(10 * 1024));
}

#[test]
fn a_record_that_windows_marked_is_read_and_told() {
    let told = changed(|record| record[..4].copy_from_slice(b"BAAD"));
    check(&told, &["mft-bad"], &[r"C:\a"]);
    assert_eq!(one(told.first(r"C:\a"), "event.Ext.damaged"), "true");
    assert_eq!(told.keep.counts.records, 4);
    let empty = changed(|record| {
        record[..4].copy_from_slice(b"BAAD");
        record[4..].fill(0xff);
    });
    check(&empty, &["mft-bad"], &[]);
    assert_eq!(empty.keep.counts.records, 4);
}

#[test]
fn a_header_that_leads_out_is_a_loss() {
    for (at, value) in [
        (4, 3_u16),
        (0x14, 0xfff8),
        (0x14, 1024),
        (0x14, 0x39),
        (0x14, 0x10),
    ] {
        let mut bytes = three();
        let at = place(FIRST + 1) + at;
        bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
        let told = told(bytes);
        check(&told, &["mft-header"], &[]);
        assert_eq!(told.keep.counts.records, 4);
    }
}

/// A file with a name in each of its two sectors.
fn two_sectors() -> Vec<u8> {
    let record = file(FIRST + 1, ROOT, "a")
        .with(stream("s", &[7; 300]))
        .with(name(ROOT, "second"));
    assert!(record.needed() > 600);
    table(&[
        file(FIRST, ROOT, "before"),
        record,
        file(FIRST + 2, ROOT, "behind"),
    ])
}

#[test]
fn a_torn_sector_ends_what_is_read_of_its_record() {
    let bytes = two_sectors();
    assert_eq!(told(bytes.clone()).paths().len(), 5);
    let mut second = bytes.clone();
    second[place(FIRST + 2) - 1] ^= 0xff;
    let told_ = told(second);
    check(&told_, &["mft-fix-up"], &[r"C:\a"]);
    assert_eq!(one(told_.first(r"C:\a"), "event.Ext.damaged"), "true");
    let issue = &told_.keep.issues[0];
    assert_eq!(
        (&issue.expected[..], &issue.found[..]),
        ("0x0001", "0xff01")
    );
    let mut first = bytes;
    first[place(FIRST + 1) + 510] ^= 0xff;
    check(&told(first), &["mft-fix-up"], &[r"C:\a"]);
}

#[test]
fn a_torn_sector_behind_what_is_used_costs_nothing() {
    let mut bytes = three();
    bytes[place(FIRST + 2) - 1] ^= 0xff;
    let told = told(bytes);
    check(&told, &[], &[r"C:\a"]);
    assert_eq!(all(told.first(r"C:\a"), "event.Ext.damaged"), [""; 0]);
}

#[test]
fn an_attribute_that_leads_out_ends_its_record() {
    for length in [0_u32, 4, 0x61, 0x1_0000, 0xffff_fff8] {
        let told =
            changed(|record| record[SECOND + 4..SECOND + 8].copy_from_slice(&length.to_le_bytes()));
        check(&told, &["mft-attributes"], &[r"C:\$Orphan\$Unnamed-31"]);
    }
}

#[test]
fn content_that_leads_out_of_its_attribute_is_a_loss() {
    for (at, value) in [(0x10, 0xffff_u32), (0x14, 0xffff), (0x14, 0)] {
        let told = changed(|record| {
            record[SECOND + at..SECOND + at + 2].copy_from_slice(&value.to_le_bytes()[..2]);
        });
        check_neighbours(&told);
        assert_eq!(told.issues(), ["mft-attributes"]);
    }
}

#[test]
fn a_name_that_leads_out_of_its_attribute_is_a_loss() {
    let told = changed(|record| record[SECOND + 0x18 + 0x40] = 200);
    check(&told, &["mft-attributes"], &[r"C:\$Orphan\$Unnamed-31"]);
}

#[test]
fn an_attribute_that_leads_out_of_a_further_record_is_a_loss() {
    let other = extension(first(FIRST + 3), first(FIRST + 1)).with(name(ROOT, "far"));
    let base = with_list(nameless(first(FIRST + 1)), &[&other]);
    let mut bytes = three();
    put(&mut bytes, FIRST + 1, &base.bytes().unwrap());
    let mut record = other.plain_bytes().unwrap();
    record[ATTRIBUTES + 4] = 0xff;
    protect(&mut record, 1);
    put(&mut bytes, FIRST + 3, &record);
    let told = told(bytes);
    check_neighbours(&told);
    assert_eq!(told.issues(), ["mft-attributes"]);
}

#[test]
fn an_attribute_list_may_lead_to_itself_or_nowhere() {
    let own = nameless(first(FIRST + 1)).with(name(ROOT, "a"));
    let nowhere = extension(first(999), first(FIRST + 1)).with(name(ROOT, "b"));
    let mut listed = with_list(own, &[&nowhere]);
    // Every entry of the list is of the base record itself.
    for record in [listed.clone(), {
        if let samples::ntfs::Form::Resident(content) = &mut listed.attributes[1].form {
            content.fill(0);
        }
        listed
    }] {
        let mut bytes = three();
        put(&mut bytes, FIRST + 1, &record.bytes().unwrap());
        check(&told(bytes), &[], &[r"C:\a"]);
    }
}

#[test]
fn a_record_that_continues_itself_or_another_that_does_is_nobodys() {
    let mut bytes = three();
    let own = extension(first(FIRST + 3), first(FIRST + 3)).with(name(ROOT, "x"));
    let pair = extension(first(FIRST + 4), first(FIRST + 3)).with(name(ROOT, "y"));
    for record in [own, pair] {
        put(&mut bytes, record.number, &record.bytes().unwrap());
    }
    let told = told(bytes);
    check(&told, &[], &[r"C:\a"]);
    assert_eq!(told.keep.counts.records, 6);
}

#[test]
fn a_size_that_the_header_does_not_know_is_that_of_the_others() {
    let mut bytes = three();
    for entry in [5, FIRST + 1] {
        let at = place(entry) + 0x1c;
        bytes[at..at + 4].copy_from_slice(&777_u32.to_le_bytes());
    }
    check(&told(bytes), &[], &[r"C:\a"]);
}

#[test]
fn a_used_size_that_is_wrong_costs_no_attribute() {
    for used in [0_u32, 0x40, 1024, u32::MAX] {
        let told = changed(|record| record[0x18..0x1c].copy_from_slice(&used.to_le_bytes()));
        check(&told, &[], &[r"C:\a"]);
        assert_eq!(one(told.first(r"C:\a"), "file.size"), "3");
    }
}

#[test]
fn every_byte_that_is_damaged_costs_its_own_entry_at_most() {
    let records = [
        folder(FIRST, ROOT, "before"),
        with_list(
            file(FIRST + 1, first(FIRST), "a")
                .with(stream("Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\n"))
                .with(samples::ntfs::mount_point(r"C:\x")),
            &[&extension(first(FIRST + 2), first(FIRST + 1)).with(name(ROOT, "b"))],
        ),
        extension(first(FIRST + 2), first(FIRST + 1)).with(name(ROOT, "b")),
        file(FIRST + 3, first(FIRST), "behind"),
    ];
    let sound = table(&records);
    let sides = |told: &Told| -> Vec<String> {
        let is_other = |entry: &str| entry != "31" && entry != "32";
        let lines = told
            .events
            .iter()
            .filter(|event| is_other(&one(event, "file.inode")));
        let line = |event| format!("{} {}", one(event, "time"), one(event, "file.path"));
        lines.map(line).collect()
    };
    let due = sides(&told(sound.clone()));
    for at in place(FIRST + 1)..place(FIRST + 3) {
        // What the header says of its own number, or of whom it continues, can be anybody's.
        let in_record = at % 1024;
        if (0x10..0x12).contains(&in_record) || (0x20..0x30).contains(&in_record) {
            continue;
        }
        let is_used = in_record < 0x200;
        let flips: Vec<u8> = (0..8).map(|bit| 1 << bit).collect();
        let flips = if is_used { flips } else { vec![0xff] };
        for flip in flips {
            let mut bytes = sound.clone();
            bytes[at] ^= flip;
            let told = told(bytes);
            assert!(sides(&told) == due, "{at:#x} {flip:#x}: {:?}", told.paths());
        }
    }
}

#[test]
fn an_attribute_without_content_is_none() {
    let none = |kind| Attribute::resident(kind, Vec::new());
    let record = nameless(first(FIRST + 1))
        .with(none(0x10))
        .with(name(ROOT, "a"))
        .with(none(0xc0))
        .with(none(0x20))
        .with(none(0x1234));
    let mut bytes = three();
    put(&mut bytes, FIRST + 1, &record.bytes().unwrap());
    let told = told(bytes);
    check(&told, &[], &[r"C:\a"]);
    assert_eq!(one(told.first(r"C:\a"), "file.created"), TIME.to_string());
}
