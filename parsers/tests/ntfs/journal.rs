//! What the change journal becomes.

use samples::ntfs::{
    Extent, FileId, FileReference, Journal, UsnExtents, UsnForm, UsnRecord, reason,
};

use crate::table::{
    FIRST, TIME, change, change_in, file, first, folder, folder_change, journal, later, table,
};
use crate::told::{Collected, Event, Told, all, one};

use reason::{BASIC_INFO_CHANGE, CLOSE, DATA_EXTEND, FILE_CREATE, FILE_DELETE};

fn told(records: &[UsnRecord]) -> Told {
    Collected::journal(journal(records)).of_journal()
}

/// Path and actions of each event.
fn said(told: &Told) -> Vec<(String, String)> {
    let said = |event: &Event| {
        let actions = all(event, "event.action").join(" ");
        (one(event, "file.path"), actions)
    };
    told.events.iter().map(said).collect()
}

#[track_caller]
fn check(records: &[UsnRecord], due: &[(&str, &str)]) {
    let said = said(&told(records));
    let said: Vec<(&str, &str)> = said
        .iter()
        .map(|(path, said)| (&path[..], &said[..]))
        .collect();
    assert_eq!(said, due);
}

#[test]
fn each_reason_is_told_once_between_opening_and_closing() {
    let records = [
        change(FIRST, "a", FILE_CREATE),
        change(FIRST, "a", FILE_CREATE | DATA_EXTEND),
        change(FIRST, "a", FILE_CREATE | DATA_EXTEND | BASIC_INFO_CHANGE),
        change(
            FIRST,
            "a",
            FILE_CREATE | DATA_EXTEND | BASIC_INFO_CHANGE | CLOSE,
        ),
        change(FIRST, "a", DATA_EXTEND),
        change(FIRST, "a", DATA_EXTEND | CLOSE),
    ];
    let told = told(&records);
    let said: Vec<String> = told.each("event.action");
    assert_eq!(
        said,
        [
            "creation",
            "modification",
            "metadata-changed",
            "modification"
        ]
    );
    let times: Vec<String> = [0, 1, 2, 4].map(|second| later(second).to_string()).into();
    assert_eq!(told.each("time"), times);
    let event = &told.events[2];
    assert_eq!(
        all(event, "file.Ext.usn.reason"),
        ["DATA_EXTEND", "FILE_CREATE", "BASIC_INFO_CHANGE"]
    );
    for event in &told.events {
        assert_eq!(one(event, "event.kind"), "event");
        assert_eq!(one(event, "event.Ext.certainty"), "exact");
        assert_eq!(all(event, "event.Ext.timestamp_kind"), ["usn_record"]);
        assert_eq!(one(event, "event.provider"), "ntfs-usn");
    }
    assert_eq!(told.keep.counts.records, 6);
}

#[test]
fn files_that_are_open_at_once_are_told_apart() {
    let mut again = change(FIRST, "a", FILE_CREATE);
    again.file = FileReference::new(FIRST, 2).into();
    check(
        &[
            change(FIRST, "a", FILE_CREATE),
            change(FIRST + 1, "b", FILE_CREATE),
            again,
            change(FIRST + 1, "b", FILE_CREATE | DATA_EXTEND),
        ],
        &[
            (r"C:\a", "creation"),
            (r"C:\b", "creation"),
            (r"C:\a", "creation"),
            (r"C:\b", "modification"),
        ],
    );
}

#[test]
fn a_closing_alone_is_nothing() {
    check(&[change(FIRST, "a", CLOSE)], &[]);
}

#[test]
fn the_closing_of_what_was_opened_before_the_journal_begins_dates_nothing() {
    let told = told(&[change(FIRST, "a", FILE_CREATE | DATA_EXTEND | CLOSE)]);
    assert_eq!(
        said(&told),
        [(r"C:\a".into(), "creation modification".into())]
    );
    let event = &told.events[0];
    assert_eq!(one(event, "event.kind"), "state");
    assert_eq!(one(event, "event.Ext.certainty"), "upper_bound");
}

#[test]
fn what_had_happened_before_the_journal_begins_has_no_exact_time() {
    let told = told(&[change(FIRST, "a", FILE_CREATE | DATA_EXTEND)]);
    let is_exact = |event: &Event| one(event, "event.Ext.certainty") == "exact";
    let creations = told.events.iter();
    let mut creations =
        creations.filter(|event| all(event, "event.action").contains(&"creation".into()));
    assert!(!creations.any(is_exact));
}

#[test]
fn a_deletion_is_exact_whatever_was_before() {
    check(
        &[
            change(FIRST, "a", FILE_DELETE | CLOSE),
            change(FIRST + 1, "b", DATA_EXTEND),
            change(FIRST + 1, "b", DATA_EXTEND | FILE_DELETE | CLOSE),
        ],
        &[
            (r"C:\a", "deletion"),
            (r"C:\b", "modification"),
            (r"C:\b", "deletion"),
        ],
    );
    let told = told(&[change(FIRST, "a", DATA_EXTEND | FILE_DELETE | CLOSE)]);
    let event = &told.events[0];
    assert_eq!(all(event, "event.action"), ["deletion"]);
    assert_eq!(all(event, "event.type"), ["deletion"]);
    assert_eq!(one(event, "event.Ext.certainty"), "exact");
}

#[test]
fn content_that_was_cut_off_is_told_as_such() {
    check(
        &[
            change(FIRST, "a.evtx", reason::DATA_TRUNCATION),
            change(
                FIRST,
                "a.evtx",
                reason::DATA_TRUNCATION | reason::DATA_OVERWRITE | CLOSE,
            ),
        ],
        &[
            (r"C:\a.evtx", "modification truncation"),
            (r"C:\a.evtx", "overwrite"),
        ],
    );
}

#[test]
fn every_reason_is_an_action_or_nothing() {
    for bit in 0..31 {
        if matches!(1 << bit, reason::RENAME_OLD_NAME) {
            continue;
        }
        let told = told(&[change(FIRST, "a", 1 << bit)]);
        for event in &told.events {
            assert_ne!(all(event, "event.action"), [""; 0], "{:#x}", 1_u32 << bit);
            assert_ne!(all(event, "event.type"), [""; 0]);
        }
    }
}

#[test]
fn what_the_system_did_for_itself_is_said() {
    let record = UsnRecord {
        source: 3,
        ..change(FIRST, "a", DATA_EXTEND)
    };
    assert_eq!(
        all(&told(&[record]).events[0], "file.Ext.usn.source"),
        ["DATA_MANAGEMENT", "AUXILIARY_DATA"]
    );
}

#[test]
fn ids_of_128_bits_are_references_when_their_upper_half_is_empty() {
    let form = UsnForm::V3;
    let own = UsnRecord {
        form,
        ..folder_change(FIRST, "d", FILE_CREATE)
    };
    let inside = change_in(first(FIRST), FIRST + 1, "a", FILE_CREATE);
    let foreign = UsnRecord {
        form,
        file: FileId((1 << 64) + 77),
        parent: FileId((1 << 64) + 76),
        ..change(0, "b", FILE_CREATE)
    };
    let told = told(&[own, UsnRecord { form, ..inside }, foreign]);
    assert_eq!(told.paths(), [r"C:\d", r"C:\d\a", r"C:\$Orphan\b"]);
    assert_eq!(one(&told.events[1], "file.Ext.mft.parent"), "30-1");
    assert_eq!(one(&told.events[1], "file.Ext.mft.entry"), "31");
    assert_eq!(
        one(&told.events[2], "file.inode"),
        ((1_u128 << 64) + 77).to_string()
    );
    assert_eq!(one(&told.events[2], "file.Ext.mft.entry"), "");
}

#[test]
fn records_of_version_4_are_counted_and_what_follows_them_is_read() {
    let mut journal = Journal::default();
    for number in 0..50 {
        let extents = UsnExtents {
            file: first(FIRST + number).into(),
            parent: FileReference::ROOT.into(),
            reasons: DATA_EXTEND,
            source: 0,
            remaining: 0,
            extents: vec![
                Extent {
                    offset: 0,
                    length: 9
                };
                usize::try_from(number % 4).unwrap()
            ],
        };
        journal.push_extents(&extents);
        journal.push(&change(FIRST + number, &format!("{number}"), DATA_EXTEND));
    }
    let told = Collected::journal(journal.bytes()).of_journal();
    assert_eq!(told.keep.counts.records, 100);
    assert_eq!(told.events.len(), 50);
    assert_eq!(told.issues(), [""; 0]);
}

#[test]
fn zeros_before_the_first_record_are_passed_over() {
    for zeros in [8, 4096, 3 << 20] {
        let mut journal = Journal::behind_zeros(zeros);
        let usn = journal.push(&change(FIRST, "a", FILE_CREATE));
        let told = Collected::journal(journal.bytes()).of_journal();
        assert_eq!(one(&told.events[0], "record"), usn.to_string());
        assert_eq!(one(&told.events[0], "offset"), zeros.to_string());
        assert_eq!(told.issues(), [""; 0]);
    }
}

#[test]
fn numbers_are_those_of_the_records_not_of_the_places() {
    let mut journal = Journal::cut_before(0x12_3456_7000);
    let usn = journal.push(&change(FIRST, "a", FILE_CREATE));
    let told = Collected::journal(journal.bytes()).of_journal();
    assert_eq!(usn, 0x12_3456_7000);
    assert_eq!(one(&told.events[0], "record"), usn.to_string());
    assert_eq!(one(&told.events[0], "event.sequence"), usn.to_string());
    assert_eq!(one(&told.events[0], "offset"), "0");
}

#[test]
fn an_export_may_begin_within_a_record() {
    let records: Vec<UsnRecord> = (0..120)
        .map(|number| change(FIRST + number, &format!("file {number:03}"), FILE_CREATE))
        .collect();
    let mut bytes = journal(&records);
    bytes.drain(..2048 + 24);
    let told = Collected::journal(bytes).of_journal();
    assert_eq!(told.issues(), ["usn-damage"]);
    assert_eq!(told.keep.issues[0].offset, Some(0));
    assert_eq!(told.paths().last().unwrap(), r"C:\file 119");
    // 80 bytes each: the 26th is cut.
    assert_eq!(told.events.len(), 94);
}

#[test]
fn a_journal_alone_knows_the_root_and_the_folders_it_names() {
    check(
        &[
            change_in(first(FIRST), FIRST + 1, "before", FILE_CREATE),
            folder_change(FIRST, "d", BASIC_INFO_CHANGE),
            change_in(first(FIRST), FIRST + 2, "behind", FILE_CREATE),
            change_in(first(99), FIRST + 3, "lost", FILE_CREATE),
        ],
        &[
            (r"C:\d\before", "creation"),
            (r"C:\d", "metadata-changed"),
            (r"C:\d\behind", "creation"),
            (r"C:\$Orphan\lost", "creation"),
        ],
    );
}

#[test]
fn the_table_names_folders_that_the_journal_does_not() {
    let collected = Collected {
        table: Some(table(&[
            folder(FIRST, FileReference::ROOT, "of table"),
            folder(FIRST + 1, FileReference::ROOT, "new name"),
            file(FIRST + 2, FileReference::ROOT, "x"),
        ])),
        letter: "G:",
        ..Collected::journal(journal(&[
            change_in(first(FIRST), FIRST + 3, "a", FILE_CREATE),
            change_in(FileReference::new(FIRST, 2), FIRST + 3, "b", DATA_EXTEND),
            folder_change(FIRST + 1, "old name", BASIC_INFO_CHANGE),
            change_in(first(FIRST + 1), FIRST + 4, "c", FILE_CREATE),
        ]))
    };
    assert_eq!(
        collected.of_journal().paths(),
        [
            r"G:\of table\a",
            r"G:\$Orphan\b",
            r"G:\old name",
            r"G:\old name\c"
        ]
    );
}

#[test]
fn the_same_journal_has_the_same_identities_and_each_event_its_own() {
    let records: Vec<UsnRecord> = (0..40)
        .map(|number| {
            change(
                FIRST,
                "a",
                1 << (number % 8) | if number % 8 == 7 { CLOSE } else { 0 },
            )
        })
        .collect();
    let (one, two) = (told(&records), told(&records));
    assert_eq!(one.lines(), two.lines());
    let mut uids = one.each("uid");
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len(), one.events.len());
    let other = told(&records[1..]);
    assert!(other.each("uid").iter().all(|uid| !uids.contains(uid)));
}

#[test]
fn times_that_cannot_be_are_kept_beside_the_event() {
    let mut early = change(FIRST, "a", FILE_CREATE);
    early.time.0 = 0;
    let mut far = change(FIRST + 1, "b", FILE_CREATE);
    far.time.0 = i64::MAX.cast_unsigned() - 10_000_000_000;
    let told = told(&[early, far, change(FIRST + 2, "c", FILE_CREATE)]);
    assert_eq!(told.each("time")[..2], ["null", "null"]);
    assert_eq!(
        told.each("event.created")[0],
        "1601-01-01T00:00:00.0000000Z"
    );
    assert_ne!(told.each("event.created")[1], "");
    assert_eq!(told.each("time")[2], later(2).to_string());
    assert_eq!(TIME, later(0));
}
