//! What entries have beside names and times: content, streams, owners, links; and how records are stored.

use samples::evtx::Sid;
use samples::ntfs::{
    Attribute, FileReference, MftRecord, Mirror, NonResident, SecurityStream, Times, kind,
    mount_point, symbolic_link, unprotect, zone_identifier,
};
use samples::regf::security_descriptor;

use crate::table::{
    FIRST, TIME, as_folder, content, extension, file, first, information, name, stream, table,
    with_list,
};
use crate::told::{Collected, Told, all, one};

const ROOT: FileReference = FileReference::ROOT;

fn told(records: &[MftRecord]) -> Told {
    Collected::table(table(records)).of_table()
}

/// The values of a field of a file with these attributes.
fn of(attributes: &[Attribute], field: &str) -> Vec<String> {
    let mut record = file(FIRST, ROOT, "a.bin");
    for attribute in attributes {
        record.push(attribute.clone());
    }
    all(told(&[record]).first(r"C:\a.bin"), field)
}

fn in_clusters(first: u64, real: u64) -> Attribute {
    let content = NonResident {
        first,
        real,
        allocated: real,
        initialized: real,
        ..NonResident::default()
    };
    Attribute::non_resident(kind::DATA, content)
}

#[test]
fn the_size_is_that_of_the_content_wherever_it_is() {
    assert_eq!(of(&[], "file.size"), [""; 0]);
    assert_eq!(of(&[content(b"")], "file.size"), ["0"]);
    assert_eq!(of(&[content(b"hello")], "file.size"), ["5"]);
    assert_eq!(
        of(&[in_clusters(0, 1 << 40)], "file.size"),
        ["1099511627776"]
    );
    // Later parts of a file have no size; streams have one of their own.
    assert_eq!(
        of(&[in_clusters(0, 7), in_clusters(4, 0)], "file.size"),
        ["7"]
    );
    assert_eq!(
        of(&[content(b"ab"), stream("s", b"abcd")], "file.size"),
        ["2"]
    );
}

#[test]
fn the_size_may_stand_in_another_record() {
    let other = extension(first(FIRST + 1), first(FIRST)).with(in_clusters(0, 70_000));
    let third = extension(first(FIRST + 2), first(FIRST)).with(in_clusters(9, 1));
    let base = with_list(file(FIRST, ROOT, "a.bin"), &[&other, &third]);
    let told = told(&[base, third, other]);
    assert_eq!(one(told.first(r"C:\a.bin"), "file.size"), "70000");
}

#[test]
fn the_first_bytes_of_content_in_the_record_are_shown() {
    let field = "file.Ext.header_bytes";
    assert_eq!(of(&[content(b"MZ\x90")], field), ["4d5a90"]);
    assert_eq!(
        of(&[content(b"0123456789abcdefghij")], field),
        ["30313233343536373839616263646566"]
    );
    assert_eq!(of(&[content(b"")], field), [""; 0]);
    assert_eq!(of(&[in_clusters(0, 9)], field), [""; 0]);
}

#[test]
fn streams_are_named() {
    let clusters = in_clusters(0, 9).named("big");
    let later = in_clusters(5, 9).named("big");
    let told = of(
        &[content(b"x"), stream("ünï", b""), clusters, later],
        "file.Ext.stream",
    );
    assert_eq!(told, ["ünï", "big"]);
}

#[test]
fn a_download_is_told_with_where_it_is_from() {
    let zone = zone_identifier("https://a.example/", "https://b.example/x.exe");
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(String::from_utf8(zone.clone()).unwrap().encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for coded in [zone, wide] {
        let zone = [stream("Zone.Identifier", &coded)];
        assert_eq!(of(&zone, "file.Ext.windows.zone_identifier"), ["3"]);
        assert_eq!(of(&zone, "file.origin_url"), ["https://b.example/x.exe"]);
        assert_eq!(
            of(&zone, "file.origin_referrer_url"),
            ["https://a.example/"]
        );
        assert_eq!(of(&zone, "file.Ext.stream"), ["Zone.Identifier"]);
    }
    let other = [stream("Zone", b"[ZoneTransfer]\r\nZoneId=3\r\n")];
    assert_eq!(of(&other, "file.Ext.windows.zone_identifier"), [""; 0]);
}

#[test]
fn no_stream_is_dropped_in_silence() {
    let mut record = MftRecord {
        size: 4096,
        ..file(FIRST, ROOT, "a.bin")
    };
    for number in 0..70 {
        record.push(stream(&format!("{number}"), b""));
    }
    let told = told(&[record]);
    let streams = all(told.first(r"C:\a.bin"), "file.Ext.stream").len();
    assert!(streams == 70 || !told.issues().is_empty(), "{streams}");
}

#[test]
fn links_are_told_with_what_they_lead_to() {
    let field = "file.target_path";
    assert_eq!(of(&[mount_point(r"C:\Users")], field), [r"C:\Users"]);
    assert_eq!(of(&[symbolic_link(r"D:\a b\c")], field), [r"D:\a b\c"]);
    let text = "Package\0App!Id\0C:\\Program Files\\App\\app.exe\0\x30\0";
    let mut app = 0x8000_001b_u32.to_le_bytes().to_vec();
    app.extend([0; 4]);
    app.extend(3_u32.to_le_bytes());
    app.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let app = Attribute::resident(kind::REPARSE_POINT, app);
    assert_eq!(of(&[app], field), [r"C:\Program Files\App\app.exe"]);
    // One that leads out of itself, and one of another kind.
    for broken in [
        vec![3, 0, 0, 0xa0, 8, 0, 0, 0, 0, 0, 9, 0, 9, 0, 9, 0],
        vec![1; 40],
    ] {
        let broken = Attribute::resident(kind::REPARSE_POINT, broken);
        assert_eq!(of(&[broken], field), [""; 0]);
    }
}

#[test]
fn the_owner_is_looked_up_in_the_security_descriptors() {
    let owner = Sid::new(5, [21, 1, 2, 3, 1_108]);
    let mut security = SecurityStream::default();
    security.id_of(security_descriptor(&[owner], 0));
    for mirror in [Mirror::LeftOut, Mirror::Written] {
        let collected = Collected {
            security: Some(security.bytes(mirror)),
            ..Collected::table(table(&[file(FIRST, ROOT, "a")]))
        };
        let told = collected.of_table();
        assert_eq!(one(told.first(r"C:\a"), "file.uid"), "S-1-5-21-1-2-3-1108");
        assert!(told.each("user.id").iter().all(String::is_empty));
    }
    assert_eq!(of(&[], "file.uid"), [""; 0]);
}

/// A file whose content lies across the ends of both sectors, so that fix-ups change it.
fn large() -> MftRecord {
    let bytes: Vec<u8> = (0..700_u32).map(|byte| (byte % 249) as u8 + 1).collect();
    MftRecord {
        update: 0x1234,
        ..file(FIRST, ROOT, "a").with(stream("s", &bytes))
    }
}

#[test]
fn fix_ups_that_were_undone_already_change_nothing() {
    let bytes = table(&[large()]);
    let mut undone = bytes.clone();
    for record in undone
        .chunks_mut(1024)
        .filter(|record| record.starts_with(b"FILE"))
    {
        unprotect(record);
    }
    assert_ne!(bytes, undone);
    let [told, same] = [bytes, undone].map(|bytes| Collected::table(bytes).of_table());
    assert_eq!(same.issues(), [""; 0]);
    let without_uid = |told: &Told| {
        let mut events = told.events.clone();
        for event in &mut events {
            event.remove("uid");
        }
        events
    };
    assert_eq!(without_uid(&told), without_uid(&same));
}

#[test]
fn fix_ups_are_undone_in_names() {
    // The name begins before the end of the first sector, and ends behind it.
    let long = "n".repeat(200);
    let padding = stream("p", &[7; 150]);
    let record = MftRecord::new(first(FIRST))
        .with(information(Times::all(TIME)))
        .with(padding)
        .with(name(ROOT, &long));
    assert!(record.needed() > 600);
    let told = told(&[record]);
    assert_eq!(told.paths()[1], format!(r"C:\{long}"));
}

#[test]
fn records_of_four_kibibytes_are_read() {
    let large = |record: MftRecord| MftRecord {
        size: 4096,
        ..record
    };
    let content = content(&[9; 3000]);
    let told = told(&[
        large(file(FIRST, first(FIRST + 1), "a.txt").with(content)),
        large(as_folder(file(FIRST + 1, ROOT, "d"))),
    ]);
    assert_eq!(told.paths(), [r"C:\", r"C:\d\a.txt", r"C:\d"]);
    let event = told.first(r"C:\d\a.txt");
    assert_eq!(one(event, "file.size"), "3000");
    assert_eq!(one(event, "offset"), (FIRST * 4096).to_string());
    assert_eq!(told.keep.counts.records, 3);
    assert_eq!(told.issues(), [""; 0]);
}

#[test]
fn attributes_are_named() {
    let mut information = information(Times::all(TIME));
    if let samples::ntfs::Form::Resident(content) = &mut information.form {
        content[32..36].copy_from_slice(&0x2_7d67_u32.to_le_bytes());
    }
    let record = MftRecord::new(first(FIRST))
        .with(information)
        .with(name(ROOT, "a"));
    assert_eq!(
        all(told(&[record]).first(r"C:\a"), "file.attributes"),
        [
            "readonly",
            "hidden",
            "system",
            "archive",
            "device",
            "temporary",
            "reparse_point",
            "compressed",
            "offline",
            "not_content_indexed",
            "encrypted",
            "no_scrub_data",
        ]
    );
}
