//! Small tables and journals for the tests.

use samples::ntfs::{
    Attribute, FileId, FileName, FileReference, IN_USE, IS_FOLDER, Journal, MftRecord, Namespace,
    StandardInformation, Times, UsnForm, UsnRecord, attribute_list, kind, utf16,
};
use samples::time::{FileTime, Span};

/// When everything happens, unless it is said otherwise.
pub(crate) const TIME: FileTime = FileTime::day(2026, 3, 2).at(9, 30, 0, 123);
/// Entries below are the system's own.
pub(crate) const FIRST: u64 = 30;

/// So many seconds later.
pub(crate) const fn later(seconds: u64) -> FileTime {
    FileTime(TIME.0 + Span::seconds(seconds).0)
}

/// So many seconds earlier.
pub(crate) const fn earlier(seconds: u64) -> FileTime {
    FileTime(TIME.0 - Span::seconds(seconds).0)
}

/// The first use of an entry.
pub(crate) const fn first(entry: u64) -> FileReference {
    FileReference::new(entry, 1)
}

/// $STANDARD_INFORMATION with these times.
pub(crate) fn information(times: Times) -> Attribute {
    let information = StandardInformation {
        times,
        attributes: 0x20,
        security_id: 0x100,
        usn: 0,
    };
    information.attribute()
}

/// A name with these times.
pub(crate) fn name_at(
    parent: FileReference,
    name: &str,
    namespace: Namespace,
    times: Times,
) -> Attribute {
    let name = FileName {
        parent,
        times,
        allocated: 0,
        real: 0,
        attributes: 0x20,
        reparse_tag: 0,
        namespace,
        name: utf16(name),
    };
    name.attribute()
}

/// A name for Windows, of [`TIME`].
pub(crate) fn name(parent: FileReference, name: &str) -> Attribute {
    name_at(parent, name, Namespace::Win32AndDos, Times::all(TIME))
}

/// An entry with its times, and nothing else.
pub(crate) fn nameless(reference: FileReference) -> MftRecord {
    MftRecord::new(reference).with(information(Times::all(TIME)))
}

/// A file.
pub(crate) fn file(entry: u64, parent: FileReference, called: &str) -> MftRecord {
    nameless(first(entry)).with(name(parent, called))
}

/// A file with these times in both attributes.
pub(crate) fn timed(entry: u64, called: &str, information_: Times, named: Times) -> MftRecord {
    let record = MftRecord::new(first(entry)).with(information(information_));
    let root = FileReference::ROOT;
    record.with(name_at(root, called, Namespace::Win32AndDos, named))
}

/// A folder.
pub(crate) fn folder(entry: u64, parent: FileReference, called: &str) -> MftRecord {
    as_folder(file(entry, parent, called))
}

pub(crate) fn as_folder(mut record: MftRecord) -> MftRecord {
    record.flags |= IS_FOLDER;
    record
}

/// The same, deleted: its sequence counts one more.
pub(crate) fn deleted(mut record: MftRecord) -> MftRecord {
    record.flags &= !IN_USE;
    record.sequence += 1;
    record
}

/// A record that continues another.
pub(crate) fn extension(own: FileReference, base: FileReference) -> MftRecord {
    let mut record = MftRecord::new(own);
    (record.base, record.links) = (base, 0);
    record
}

/// Content in the record.
pub(crate) fn content(bytes: &[u8]) -> Attribute {
    Attribute::resident(kind::DATA, bytes.to_vec())
}

/// A stream in the record.
pub(crate) fn stream(name: &str, bytes: &[u8]) -> Attribute {
    content(bytes).named(name)
}

/// The list of what these records have, in a record that is put in front of its other attributes.
pub(crate) fn with_list(mut record: MftRecord, others: &[&MftRecord]) -> MftRecord {
    let own = record.reference();
    let mut places: Vec<(FileReference, &Attribute)> = Vec::new();
    places.extend(record.attributes.iter().map(|attribute| (own, attribute)));
    for other in others {
        let place = |attribute| (other.reference(), attribute);
        places.extend(other.attributes.iter().map(place));
    }
    let list = attribute_list(&places);
    record.push(list);
    record.attributes.sort_by_key(|attribute| attribute.kind);
    record
}

/// The root.
pub(crate) fn root() -> MftRecord {
    let record = nameless(FileReference::ROOT).with(name(FileReference::ROOT, "."));
    as_folder(record)
}

/// A table of these records and the root, each in its place.
pub(crate) fn table(records: &[MftRecord]) -> Vec<u8> {
    let size = records.first().map_or(1024, |record| record.size);
    let mut root = root();
    root.size = size;
    let placed = std::iter::once(&root).chain(records);
    let mut bytes = Vec::new();
    for record in placed {
        let record = (record.number, record.bytes().expect("it has room"));
        put(&mut bytes, record.0, &record.1);
    }
    bytes
}

/// Puts a record into its place.
pub(crate) fn put(table: &mut Vec<u8>, place: u64, record: &[u8]) {
    let start = usize::try_from(place).expect("tables are small") * record.len();
    if table.len() < start + record.len() {
        table.resize(start + record.len(), 0);
    }
    table[start..start + record.len()].copy_from_slice(record);
}

/// Where a record of 1,024 bytes lies.
pub(crate) fn place(entry: u64) -> usize {
    usize::try_from(entry).expect("tables are small") * 1024
}

/// A record of the journal about a file in the root.
pub(crate) fn change(entry: u64, name: &str, reasons: u32) -> UsnRecord {
    change_in(FileReference::ROOT, entry, name, reasons)
}

/// The same in a folder.
pub(crate) fn change_in(parent: FileReference, entry: u64, name: &str, reasons: u32) -> UsnRecord {
    UsnRecord {
        form: UsnForm::V2,
        file: FileId::from(first(entry)),
        parent: FileId::from(parent),
        time: TIME,
        reasons,
        source: 0,
        security_id: 0,
        attributes: 0x20,
        name: utf16(name),
    }
}

/// The same of a folder.
pub(crate) fn folder_change(entry: u64, name: &str, reasons: u32) -> UsnRecord {
    UsnRecord {
        attributes: 0x10,
        ..change(entry, name, reasons)
    }
}

/// A journal of these records, each a second after the one before.
pub(crate) fn journal(records: &[UsnRecord]) -> Vec<u8> {
    let mut journal = Journal::default();
    for (second, record) in (0..).zip(records) {
        let time = FileTime(record.time.0 + Span::seconds(second).0);
        journal.push(&UsnRecord {
            time,
            ..record.clone()
        });
    }
    journal.bytes()
}
