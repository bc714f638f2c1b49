//! Renamings in the change journal.

use samples::ntfs::{FileReference, UsnRecord, reason};

use crate::table::{FIRST, change, change_in, first, folder_change, journal, later};
use crate::told::{Collected, Event, Told, all, one};

use reason::{CLOSE, DATA_EXTEND, FILE_CREATE};
use reason::{RENAME_NEW_NAME as NEW, RENAME_OLD_NAME as OLD};

fn told(records: &[UsnRecord]) -> Told {
    Collected::journal(journal(records)).of_journal()
}

/// What was renamed into what.
fn renamed(told: &Told) -> Vec<(String, String)> {
    let is_renaming = |event: &&Event| all(event, "event.action").contains(&"rename".to_owned());
    let paths = |event| {
        (
            one(event, "file.Ext.original.path"),
            one(event, "file.path"),
        )
    };
    told.events.iter().filter(is_renaming).map(paths).collect()
}

#[track_caller]
fn check(records: &[UsnRecord], due: &[(&str, &str)]) {
    let renamed = renamed(&told(records));
    let renamed: Vec<(&str, &str)> = renamed
        .iter()
        .map(|(old, new)| (&old[..], &new[..]))
        .collect();
    assert_eq!(renamed, due);
}

#[test]
fn both_halves_are_one_event() {
    let told = told(&[
        change(FIRST, "draft.txt", OLD),
        change(FIRST, "final.docx", NEW),
        change(FIRST, "final.docx", NEW | CLOSE),
    ]);
    assert_eq!(told.events.len(), 1);
    let event = &told.events[0];
    for (field, value) in [
        ("file.path", r"C:\final.docx"),
        ("file.name", "final.docx"),
        ("file.Ext.original.path", r"C:\draft.txt"),
        ("file.Ext.original.name", "draft.txt"),
        ("file.Ext.original.extension", "txt"),
        ("event.Ext.certainty", "exact"),
        ("time", &later(1).to_string()),
    ] {
        assert_eq!(one(event, field), value, "{field}");
    }
    assert_eq!(all(event, "event.type"), ["change"]);
    assert_eq!(all(event, "event.action"), ["rename"]);
}

#[test]
fn halves_find_each_other_between_those_of_other_files() {
    check(
        &[
            change(FIRST, "a", OLD),
            change(FIRST + 1, "b", OLD),
            change(FIRST + 2, "other", FILE_CREATE),
            change(FIRST, "a2", NEW),
            change(FIRST + 1, "b2", NEW),
        ],
        &[(r"C:\a", r"C:\a2"), (r"C:\b", r"C:\b2")],
    );
}

#[test]
fn a_file_may_be_renamed_again_after_it_was_closed() {
    check(
        &[
            change(FIRST, "a", OLD),
            change(FIRST, "b", NEW),
            change(FIRST, "b", NEW | CLOSE),
            change(FIRST, "b", OLD),
            change(FIRST, "c", NEW),
            change(FIRST, "c", NEW | CLOSE),
        ],
        &[(r"C:\a", r"C:\b"), (r"C:\b", r"C:\c")],
    );
}

#[test]
fn a_file_that_is_kept_open_may_be_renamed_twice() {
    check(
        &[
            change(FIRST, "a", OLD),
            change(FIRST, "b", NEW),
            change(FIRST, "b", NEW | OLD),
            change(FIRST, "c", NEW),
            change(FIRST, "c", NEW | CLOSE),
        ],
        &[(r"C:\a", r"C:\b"), (r"C:\b", r"C:\c")],
    );
}

#[test]
fn a_half_alone_is_told() {
    check(&[change(FIRST, "a", OLD)], &[("", r"C:\a")]);
    check(&[change(FIRST, "b", NEW)], &[("", r"C:\b")]);
    check(
        &[change(FIRST, "a", OLD), change(FIRST, "a", OLD | CLOSE)],
        &[("", r"C:\a")],
    );
    check(
        &[
            change(FIRST, "a", OLD),
            change(FIRST, "a", OLD | CLOSE),
            change(FIRST, "b", OLD),
            change(FIRST, "c", NEW),
        ],
        &[("", r"C:\a"), (r"C:\b", r"C:\c")],
    );
}

#[test]
fn a_half_alone_tells_only_what_is_new() {
    let told = told(&[
        change(FIRST, "a", FILE_CREATE),
        change(FIRST, "a", FILE_CREATE | OLD),
    ]);
    assert_eq!(told.each("event.action"), ["creation", "rename"]);
}

#[test]
fn what_else_was_done_is_told_beside_a_renaming() {
    let told = told(&[
        change(FIRST, "a", FILE_CREATE),
        change(FIRST, "a", FILE_CREATE | OLD),
        change(FIRST, "b", FILE_CREATE | NEW),
        change(FIRST, "b", FILE_CREATE | NEW | DATA_EXTEND),
        change(FIRST, "b", FILE_CREATE | NEW | DATA_EXTEND | CLOSE),
    ]);
    assert_eq!(
        told.each("event.action"),
        ["creation", "rename", "modification"]
    );
}

#[test]
fn more_renamings_than_are_kept_open_lose_no_name() {
    let mut records: Vec<UsnRecord> = (0..100)
        .map(|number| change(FIRST + number, &format!("old {number}"), OLD))
        .collect();
    records.extend((0..100).map(|number| change(FIRST + number, &format!("new {number}"), NEW)));
    let told = told(&records);
    let paths = told.paths();
    let originals = told.each("file.Ext.original.path");
    for number in 0..100 {
        let (old, new) = (format!(r"C:\old {number}"), format!(r"C:\new {number}"));
        assert!(paths.contains(&old) || originals.contains(&old));
        assert!(paths.contains(&new));
    }
}

fn inside(entry: u64, name: &str, reasons: u32) -> UsnRecord {
    change_in(first(FIRST), entry, name, reasons)
}

#[test]
fn a_folder_that_is_renamed_names_its_files_by_their_time() {
    let told = told(&[
        inside(FIRST + 1, "a", FILE_CREATE),
        folder_change(FIRST, "old", OLD),
        folder_change(FIRST, "new", NEW),
        folder_change(FIRST, "new", NEW | CLOSE),
        inside(FIRST + 2, "b", FILE_CREATE),
        folder_change(FIRST, "new", OLD),
        folder_change(FIRST, "old", NEW),
        inside(FIRST + 3, "c", FILE_CREATE),
    ]);
    assert_eq!(
        told.each("file.path"),
        [r"C:\old\a", r"C:\new", r"C:\new\b", r"C:\old", r"C:\old\c"]
    );
}

#[test]
fn a_folder_that_is_moved_takes_what_is_in_it_along() {
    let mut moved = folder_change(FIRST, "d", NEW);
    moved.parent = first(FIRST + 9).into();
    check(
        &[
            folder_change(FIRST + 9, "below", FILE_CREATE),
            inside(FIRST + 1, "a", OLD),
            inside(FIRST + 1, "b", NEW | CLOSE),
            folder_change(FIRST, "d", OLD),
            moved,
            inside(FIRST + 1, "b", OLD),
            inside(FIRST + 1, "c", NEW),
        ],
        &[
            (r"C:\d\a", r"C:\d\b"),
            (r"C:\d", r"C:\below\d"),
            (r"C:\below\d\b", r"C:\below\d\c"),
        ],
    );
}

#[test]
fn a_folder_may_be_renamed_between_the_halves_of_another_renaming() {
    let told = told(&[
        inside(FIRST + 1, "a", OLD),
        folder_change(FIRST, "old", OLD),
        folder_change(FIRST, "new", NEW),
        inside(FIRST + 1, "b", NEW),
        inside(FIRST + 2, "c", FILE_CREATE),
    ]);
    assert_eq!(
        renamed(&told),
        [
            (r"C:\old".into(), r"C:\new".into()),
            (r"C:\old\a".into(), r"C:\new\b".to_owned()),
        ]
    );
    assert_eq!(told.paths().last().unwrap(), r"C:\new\c");
}

#[test]
fn a_half_alone_has_the_folder_of_its_own_time() {
    let told = told(&[
        inside(FIRST + 1, "a", OLD),
        folder_change(FIRST, "old", OLD),
        folder_change(FIRST, "new", NEW),
        inside(FIRST + 2, "b", FILE_CREATE),
    ]);
    assert!(
        told.paths().contains(&r"C:\old\a".into()),
        "{:?}",
        told.paths()
    );
    assert!(told.paths().contains(&r"C:\new\b".into()));
}

#[test]
fn the_root_stays_the_root() {
    let mut record = folder_change(0, ".", reason::SECURITY_CHANGE);
    record.file = FileReference::ROOT.into();
    let told = told(&[record]);
    assert_eq!(told.paths(), [r"C:\"]);
}
