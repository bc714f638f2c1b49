//! Names and paths of entries.

use samples::ntfs::{
    Attribute, FileName, FileReference, MftRecord, Namespace, Times, kind, mount_point,
};

use crate::table::{
    FIRST, TIME, as_folder, content, deleted, extension, file, first, folder, name, name_at,
    nameless, table, with_list,
};
use crate::told::{Collected, Told, all, one};

const ROOT: FileReference = FileReference::ROOT;

fn told(records: &[MftRecord]) -> Told {
    Collected::table(table(records)).of_table()
}

fn paths(records: &[MftRecord]) -> Vec<String> {
    let mut paths = told(records).paths();
    assert_eq!(paths.remove(0), r"C:\");
    paths
}

#[test]
fn a_path_is_told_in_parts() {
    let collected = Collected {
        letter: "F:",
        ..Collected::table(table(&[
            file(FIRST, first(FIRST + 1), "Report.Final.DOCX"),
            folder(FIRST + 1, ROOT, "Über uns"),
        ]))
    };
    let told = collected.of_table();
    let event = told.first(r"F:\Über uns\Report.Final.DOCX");
    for (field, value) in [
        ("file.name", "Report.Final.DOCX"),
        ("file.directory", r"F:\Über uns"),
        ("file.extension", "DOCX"),
        ("file.Ext.path_key", r"f:\über uns\report.final.docx"),
        ("file.type", "file"),
        ("file.Ext.mft.parent", "31-1"),
        ("file.inode", "30"),
        ("file.Ext.mft.entry", "30"),
        ("file.Ext.mft.sequence", "1"),
        ("event.provider", "ntfs-mft"),
        ("event.dataset", "offline.mft"),
    ] {
        assert_eq!(one(event, field), value, "{field}");
    }
    assert_eq!(all(event, "event.category"), ["file"]);
    let root = told.first(r"F:\");
    assert_eq!(one(root, "file.type"), "dir");
    assert_eq!(one(root, "file.name"), "");
}

#[test]
fn an_extension_is_what_follows_the_last_dot() {
    let told = told(&[file(FIRST, ROOT, ".exe"), file(FIRST + 1, ROOT, "end.")]);
    assert_eq!(one(told.first(r"C:\end."), "file.extension"), "");
    assert_eq!(one(told.first(r"C:\.exe"), "file.extension"), "exe");
}

#[test]
fn each_link_has_its_path() {
    let record = file(FIRST, ROOT, "a.txt")
        .with(name(first(FIRST + 1), "b.txt"))
        .with(name_at(
            first(FIRST + 1),
            "c",
            Namespace::Posix,
            Times::all(TIME),
        ));
    let told = told(&[record, folder(FIRST + 1, ROOT, "d")]);
    assert_eq!(
        told.paths(),
        [r"C:\", r"C:\a.txt", r"C:\d\b.txt", r"C:\d\c", r"C:\d"]
    );
    let mut uids = told.each("uid");
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len(), told.events.len());
}

#[test]
fn names_of_eight_and_three_stand_beside_the_long_ones_of_their_folder() {
    let dos = |parent, text| name_at(parent, text, Namespace::Dos, Times::all(TIME));
    let long = |parent, text| name_at(parent, text, Namespace::Win32, Times::all(TIME));
    let record = nameless(first(FIRST))
        .with(dos(ROOT, "LONGNA~1.TXT"))
        .with(long(ROOT, "long name.text"))
        .with(dos(first(FIRST + 1), "OTHER~1.TXT"))
        .with(long(first(FIRST + 1), "other name.text"));
    let told = told(&[record, folder(FIRST + 1, ROOT, "d")]);
    assert_eq!(
        told.paths(),
        [
            r"C:\",
            r"C:\long name.text",
            r"C:\d\other name.text",
            r"C:\d"
        ]
    );
    let short = |path| all(told.first(path), "file.Ext.mft.short_name");
    assert_eq!(short(r"C:\long name.text"), ["LONGNA~1.TXT"]);
    assert_eq!(short(r"C:\d\other name.text"), ["OTHER~1.TXT"]);
}

#[test]
fn an_entry_with_nothing_but_a_short_name_is_called_that() {
    let dos = name_at(ROOT, "ONLY~1.TXT", Namespace::Dos, Times::all(TIME));
    let told = told(&[nameless(first(FIRST)).with(dos)]);
    let event = told.first(r"C:\ONLY~1.TXT");
    assert_eq!(all(event, "file.Ext.mft.short_name"), [""; 0]);
}

#[test]
fn folders_are_called_by_their_long_names() {
    let record = nameless(first(FIRST))
        .with(name_at(ROOT, "PROGRA~1", Namespace::Dos, Times::all(TIME)))
        .with(name_at(
            ROOT,
            "Program Files",
            Namespace::Win32,
            Times::all(TIME),
        ));
    let paths = paths(&[as_folder(record), file(FIRST + 1, first(FIRST), "a")]);
    assert_eq!(paths, [r"C:\Program Files", r"C:\Program Files\a"]);
}

#[test]
fn names_that_windows_would_not_take_are_kept() {
    let posix = name_at(ROOT, "a:b|c*", Namespace::Posix, Times::all(TIME));
    let unpaired = FileName {
        parent: ROOT,
        times: Times::all(TIME),
        allocated: 0,
        real: 0,
        attributes: 0,
        reparse_tag: 0,
        namespace: Namespace::Posix,
        name: vec![u16::from(b'x'), 0xd83d, u16::from(b'y'), 0xdc00],
    };
    let pair = name(ROOT, "\u{1f600}.txt");
    let paths = paths(&[
        nameless(first(FIRST)).with(posix),
        nameless(first(FIRST + 1)).with(unpaired.attribute()),
        nameless(first(FIRST + 2)).with(pair),
    ]);
    assert_eq!(
        paths,
        [r"C:\a:b|c*", r"C:\x\ud83dy\udc00", "C:\\\u{1f600}.txt"]
    );
}

#[test]
fn a_deleted_folder_still_names_what_is_in_it() {
    let paths = paths(&[
        file(FIRST, first(FIRST + 1), "a"),
        deleted(folder(FIRST + 1, ROOT, "gone")),
        deleted(file(FIRST + 2, first(FIRST + 1), "b")),
    ]);
    assert_eq!(paths, [r"C:\gone\a", r"C:\gone", r"C:\gone\b"]);
}

#[test]
fn a_folder_that_was_used_again_does_not_name_what_was_in_it() {
    let mut again = folder(FIRST + 1, ROOT, "again");
    again.sequence = 2;
    let mut twice = deleted(folder(FIRST + 2, ROOT, "twice"));
    twice.sequence = 3;
    let mut taken = file(FIRST + 3, ROOT, "taken");
    taken.sequence = 2;
    let paths = paths(&[
        file(FIRST, first(FIRST + 1), "a"),
        again,
        twice,
        taken,
        folder(FIRST + 4, first(FIRST + 2), "b"),
        file(FIRST + 5, first(FIRST + 4), "c"),
        file(FIRST + 6, first(FIRST + 3), "d"),
        file(FIRST + 7, FileReference::new(FIRST + 1, 2), "e"),
    ]);
    assert_eq!(
        paths,
        [
            r"C:\$Orphan\a",
            r"C:\again",
            r"C:\twice",
            r"C:\taken",
            r"C:\$Orphan\b",
            r"C:\$Orphan\b\c",
            r"C:\$Orphan\d",
            r"C:\again\e",
        ]
    );
}

#[test]
fn a_sequence_begins_again_behind_its_last() {
    let old = FileReference::new(FIRST, u16::MAX);
    let mut gone = folder(FIRST, ROOT, "gone");
    (gone.flags, gone.sequence) = (2, 1);
    assert_eq!(
        paths(&[gone, file(FIRST + 1, old, "a")]),
        [r"C:\gone", r"C:\gone\a"]
    );
}

/// A base record whose name is in another, and that other.
fn spread(base: u64, other: u64) -> (MftRecord, MftRecord) {
    let other = extension(first(other), first(base)).with(name(ROOT, "far.txt"));
    let base = with_list(nameless(first(base)).with(content(b"abc")), &[&other]);
    (base, other)
}

#[test]
fn a_name_in_another_record_is_found_before_and_behind_its_entry() {
    for (base, other) in [(FIRST, FIRST + 9), (FIRST + 9, FIRST)] {
        let (base, other) = spread(base, other);
        let told = told(&[base, other]);
        assert_eq!(told.paths(), [r"C:\", r"C:\far.txt"]);
        let event = told.first(r"C:\far.txt");
        assert_eq!(one(event, "file.size"), "3");
        assert_eq!(one(event, "file.created"), TIME.to_string());
        assert_eq!(told.keep.counts.records, 3);
        assert_eq!(told.issues(), [""; 0]);
    }
}

#[test]
fn a_record_that_is_not_of_this_entry_adds_nothing() {
    let unnamed = [r"C:\$Orphan\$Unnamed-30"];
    // It continues an earlier file of the entry.
    let (base, mut other) = spread(FIRST, FIRST + 1);
    other.base = FileReference::new(FIRST, 7);
    assert_eq!(paths(&[base.clone(), other.clone()]), unnamed);
    // The list has an earlier use of the record.
    other.base = first(FIRST);
    other.sequence = 2;
    assert_eq!(paths(&[base, other.clone()]), unnamed);
    // The list has none of it.
    let alone = nameless(first(FIRST));
    let base = with_list(alone.clone().with(content(b"abc")), &[]);
    other.sequence = 1;
    assert_eq!(paths(&[base, other.clone()]), unnamed);
    // It is free, and the entry is not.
    let (base, other) = spread(FIRST, FIRST + 1);
    let free = MftRecord { flags: 0, ..other };
    assert_eq!(paths(&[base, free]), unnamed);
}

#[test]
fn a_list_in_clusters_is_not_needed() {
    let (_, other) = spread(FIRST, FIRST + 1);
    let list = Attribute::non_resident(kind::ATTRIBUTE_LIST, samples::ntfs::NonResident::default());
    let base = nameless(first(FIRST)).with(list);
    assert_eq!(paths(&[base, other]), [r"C:\far.txt"]);
}

#[test]
fn a_deleted_entry_keeps_its_name_in_another_record() {
    let (base, other) = spread(FIRST, FIRST + 1);
    let paths = paths(&[deleted(base), deleted(other)]);
    assert_eq!(paths, [r"C:\far.txt"]);
}

#[test]
fn a_folder_may_have_its_name_in_another_record() {
    let (base, other) = spread(FIRST, FIRST + 9);
    let inside = file(FIRST + 1, first(FIRST), "a");
    let reparse = mount_point(r"D:\elsewhere");
    let told = told(&[as_folder(base), inside, other.with(reparse)]);
    assert_eq!(told.paths(), [r"C:\", r"C:\far.txt", r"C:\far.txt\a"]);
    let folder = told.first(r"C:\far.txt");
    assert_eq!(one(folder, "file.target_path"), r"D:\elsewhere");
}

#[test]
fn a_record_that_is_not_in_the_list_of_a_folder_does_not_name_it() {
    let own =
        nameless(first(FIRST)).with(name_at(ROOT, "real", Namespace::Win32, Times::all(TIME)));
    let stale = extension(first(FIRST + 1), first(FIRST)).with(name(ROOT, "stale"));
    let paths = paths(&[
        as_folder(with_list(own, &[])),
        stale,
        file(FIRST + 2, first(FIRST), "a"),
    ]);
    assert_eq!(paths, [r"C:\real", r"C:\real\a"]);
}

#[test]
fn the_number_in_the_header_counts() {
    let mut bytes = table(&[folder(FIRST, ROOT, "d")]);
    let moved = file(FIRST + 1, first(FIRST), "a").bytes().unwrap();
    crate::table::put(&mut bytes, 60, &moved);
    let told = Collected::table(bytes).of_table();
    let event = told.first(r"C:\d\a");
    assert_eq!(one(event, "file.inode"), "31");
    assert_eq!(one(event, "offset"), (60 * 1024).to_string());
}

#[test]
fn a_record_out_of_its_place_does_not_name_what_is_in_the_folder_of_its_number() {
    let mut bytes = table(&[
        folder(FIRST, ROOT, "real"),
        file(FIRST + 1, first(FIRST), "a"),
    ]);
    let stray = folder(FIRST, ROOT, "stray").bytes().unwrap();
    crate::table::put(&mut bytes, 60, &stray);
    let paths = Collected::table(bytes).of_table().paths();
    assert_eq!(paths, [r"C:\", r"C:\real", r"C:\real\a", r"C:\stray"]);
}
