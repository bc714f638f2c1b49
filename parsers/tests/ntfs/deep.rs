//! Folders in circles, and folders in folders without end.

use samples::ntfs::{FileReference, MftRecord};

use crate::table::{FIRST, change_in, file, first, folder, folder_change, journal, table};
use crate::told::{Collected, one};
use samples::ntfs::reason::FILE_CREATE;

/// Paths are cut at their front behind so many bytes; the name comes behind that.
const MOST: usize = 4200;

/// Folders, each in the next, the last in `top`.
fn chain(count: u64, top: FileReference, called: impl Fn(u64) -> String) -> Vec<MftRecord> {
    let parent = |number| {
        if number + 1 == count {
            top
        } else {
            first(FIRST + number + 1)
        }
    };
    let folders = 0..count;
    folders
        .map(|number| folder(FIRST + number, parent(number), &called(number)))
        .collect()
}

#[test]
fn a_circle_of_folders_is_told_once_and_keeps_its_entries() {
    for count in [1, 2, 3, 10_000] {
        let mut records = chain(count, first(FIRST), |number| format!("{number}"));
        records.push(file(FIRST + count, first(FIRST), "inside"));
        let told = Collected::table(table(&records)).of_table();
        assert_eq!(told.issues(), ["mft-cycle"], "{count}");
        assert_eq!(told.keep.issues[0].record.as_deref(), Some("30"));
        assert_eq!(told.events.len() as u64, count + 2);
        let path = one(told.events.last().unwrap(), "file.path");
        assert!(path.ends_with(r"0\inside"), "{path}");
        let top = if count < 1_000 {
            r"C:\$Orphan\"
        } else {
            r"C:\$Deep\"
        };
        assert!(path.starts_with(top), "{path}");
    }
}

#[test]
fn many_circles_are_told_in_one_line() {
    let own = |entry| folder(entry, first(entry), "self");
    let records: Vec<MftRecord> = (FIRST..FIRST + 300).map(own).collect();
    let told = Collected::table(table(&records)).of_table();
    assert_eq!(told.issues(), ["mft-cycle"; 101]);
    assert_eq!(told.keep.issues[100].found, "300 in all");
}

#[test]
fn a_path_has_an_end() {
    let name = "\u{20ac}".repeat(255);
    let told =
        Collected::table(table(&chain(2_000, FileReference::ROOT, |_| name.clone()))).of_table();
    assert_eq!(told.events.len(), 2_001);
    for event in &told.events {
        let path = one(event, "file.path");
        assert!(path.len() < MOST + name.len());
        assert!(one(event, "file.Ext.path_key").len() < MOST + name.len());
    }
    let deep = one(told.first(&one(&told.events[1], "file.path")), "file.path");
    assert!(deep.starts_with(r"C:\$Deep\"));
    let high = one(told.events.last().unwrap(), "file.path");
    assert_eq!(high, format!(r"C:\{name}"));
}

#[test]
fn twenty_thousand_folders_in_each_other_are_read() {
    let records = chain(20_000, FileReference::ROOT, |number| {
        format!("{number:05}{}", "n".repeat(90))
    });
    let told = Collected::table(table(&records)).of_table();
    assert_eq!(told.events.len(), 20_001);
    let is_short = |event| one(event, "file.path").len() < MOST + 95;
    assert!(told.events.iter().all(is_short));
    assert_eq!(told.issues(), [""; 0]);
}

#[test]
fn the_journal_has_circles_too() {
    let mut one_ = folder_change(FIRST, "one", FILE_CREATE);
    one_.parent = first(FIRST + 1).into();
    let mut two = folder_change(FIRST + 1, "two", FILE_CREATE);
    two.parent = first(FIRST).into();
    let inside = change_in(first(FIRST), FIRST + 2, "a", FILE_CREATE);
    let told = Collected::journal(journal(&[one_, two, inside])).of_journal();
    assert_eq!(
        told.each("file.path"),
        [
            r"C:\$Orphan\one\two\one",
            r"C:\$Orphan\two\one\two",
            r"C:\$Orphan\two\one\a"
        ]
    );
}
