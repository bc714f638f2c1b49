//! Which files are taken for what, by their bytes and by their names.

use parsers::parser_of;
use samples::ntfs::{
    Extent, FileReference, Journal, MftRecord, Mirror, SecurityStream, UsnExtents, UsnForm,
    UsnRecord, reason,
};
use samples::regf::security_descriptor;

use crate::table::{FIRST, change, file, first, journal, table};

/// By the first bytes of a file, as many as are read at least.
fn kind_of(bytes: &[u8], name: &str) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(512)];
    parser_of(head, name).map(parsers::Parser::kind)
}

#[test]
fn tables_are_known_by_their_records_whatever_their_name() {
    let file = file(0, FileReference::ROOT, "$MFT");
    for size in [1024, 4096] {
        let record = MftRecord {
            size,
            ..file.clone()
        };
        assert_eq!(kind_of(&table(&[record]), "image.bin"), Some("mft"));
    }
    let mut bad = table(&[file]);
    bad[..4].copy_from_slice(b"BAAD");
    assert_eq!(kind_of(&bad, "x"), Some("mft"));
    assert_eq!(kind_of(&b"FILE".repeat(300), "x"), None);
    for name in ["C/$MFT", "a.zip!C/$MFT", "$mft", "D/$MFTMirr"] {
        assert_eq!(kind_of(&[0; 512], name), Some("mft"), "{name}");
    }
    assert_eq!(kind_of(&[0; 512], "C/$MFT.txt"), None);
}

#[test]
fn journals_are_known_by_their_records_and_by_their_names() {
    for form in [UsnForm::V2, UsnForm::V3] {
        let record = UsnRecord {
            form,
            ..change(FIRST, "a", reason::FILE_CREATE)
        };
        let bytes = journal(&[record]);
        assert_eq!(kind_of(&bytes, "UsnJrnl.raw"), Some("usn"));
        assert_eq!(kind_of(&[vec![0; 400], bytes].concat(), "x"), Some("usn"));
    }
    for name in [
        "C/$Extend/$J",
        "$UsnJrnl%3A$J",
        "$UsnJrnl:$J",
        "C_$UsnJrnl-$J",
        "$UsnJrnl",
    ] {
        assert_eq!(kind_of(&[0; 512], name), Some("usn"), "{name}");
    }
    assert_eq!(kind_of(&[0; 512], "J"), None);
}

#[test]
fn owners_are_known_by_their_descriptors_and_by_their_names() {
    let mut stream = SecurityStream::default();
    let system = samples::evtx::Sid::new(5, [18]);
    stream.id_of(security_descriptor(&[system], 0));
    let bytes = stream.bytes(Mirror::Written);
    assert_eq!(kind_of(&bytes, "x"), Some("secure"));
    for name in ["C/$Secure_$SDS", "$Secure%3A$SDS", "$SDS"] {
        assert_eq!(kind_of(&[0; 512], name), Some("secure"), "{name}");
    }
}

#[test]
fn a_journal_that_begins_within_a_record_is_known_too() {
    let records = [(); 5].map(|()| change(FIRST, "a", reason::FILE_CREATE));
    let bytes = journal(&records);
    assert_eq!(kind_of(&bytes[24..], "UsnJrnl.raw"), Some("usn"));
}

#[test]
fn a_journal_that_begins_with_version_4_is_known_too() {
    let mut journal = Journal::default();
    let extents = UsnExtents {
        file: first(FIRST).into(),
        parent: FileReference::ROOT.into(),
        reasons: reason::DATA_EXTEND,
        source: 0,
        remaining: 0,
        extents: vec![Extent {
            offset: 0,
            length: 9,
        }],
    };
    journal.push_extents(&extents);
    journal.push(&change(FIRST, "a", reason::DATA_EXTEND));
    assert_eq!(kind_of(&journal.bytes(), "UsnJrnl.raw"), Some("usn"));
}
