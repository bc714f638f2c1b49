//! $UsnJrnl:$J, on any bytes. The first byte says what the others are: a journal; records that are sound, a few
//! files and folders over and over; and whether there is a table.

#![no_main]

use fuzz::{SAMPLE, watch_files};
use libfuzzer_sys::fuzz_target;
use parsers::ntfs::{ChangeJournal, VolumeFiles};
use samples::ntfs::{FileReference, Journal, UsnForm, UsnRecord, utf16};
use samples::time::{FileTime, Span};

/// Records of a journal of those that are sound: more make the fuzzer slow.
const MOST: u64 = 200;

fuzz_target!(|bytes: &[u8]| {
    let Some((form, bytes)) = bytes.split_first() else {
        return;
    };
    let journal = if form & 1 == 0 {
        bytes.to_vec()
    } else {
        sound(bytes)
    };
    let files = VolumeFiles {
        table: (form & 2 != 0).then_some(&SAMPLE.mft),
        ..VolumeFiles::default()
    };
    watch_files(&ChangeJournal, &journal, files, form & 0x80 != 0);
});

/// A record of each seven bytes.
fn sound(bytes: &[u8]) -> Vec<u8> {
    let mut journal = Journal::default();
    let (pieces, _) = bytes.as_chunks::<7>();
    for (second, [file, parent, name, a, b, c, d]) in (0..MOST).zip(pieces) {
        let is_folder = file % 16 < 8;
        let id = |number: u8| {
            FileReference::new(28 + u64::from(number % 16), 1 + u16::from(number >> 6))
        };
        let reference = if parent % 16 == 15 {
            FileReference::ROOT
        } else {
            id(*parent)
        };
        journal.push(&UsnRecord {
            form: if file & 0x20 == 0 {
                UsnForm::V2
            } else {
                UsnForm::V3
            },
            file: id(*file).into(),
            parent: reference.into(),
            time: FileTime::day(2026, 3, 2) + Span::seconds(second),
            reasons: u32::from_le_bytes([*a, *b, *c, *d]),
            source: 0,
            security_id: 0,
            attributes: if is_folder { 0x10 } else { 0x20 },
            name: utf16(&"n".repeat((name % 64).into())),
        });
    }
    journal.bytes()
}
