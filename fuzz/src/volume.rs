//! What NTFS keeps of files around the fuzzer's bytes, and what must be true of every event of it.

use parsers::ntfs::{Volume, VolumeFiles};
use parsers::{Input, Parser};
use samples::ntfs::{FileReference, IN_USE, IS_FOLDER, MftRecord, protect};
use serde_json::{Map, Value as Json};

use crate::Watched;

/// Paths are cut at their front behind so many bytes; the name comes behind that.
const LONGEST_PATH: usize = 4200;
/// Bytes of the longest name: 255 characters, unpaired surrogates with six bytes each.
const LONGEST_NAME: usize = 255 * 6;
/// A name that is told takes at least so many bytes of evidence, and has at most nine events.
const PER_NAME: usize = 96;
const EVENTS_PER_NAME: usize = 9;
/// Where the attributes of a record of 1,024 bytes begin.
const ATTRIBUTES: usize = 0x38;

/// The volume of whoever starts: some folders and files, one with an attribute list, some deleted.
pub static SAMPLE: std::sync::LazyLock<samples::ntfs::Disk> = std::sync::LazyLock::new(|| {
    use samples::evtx::Sid;
    use samples::ntfs::{Deed, Volume, zone_identifier};
    use samples::time::{FileTime, Span};

    let (start, owner) = (FileTime::day(2026, 3, 2), Sid::new(5, [21, 1, 2, 3, 1_108]));
    let at = |seconds| start + Span::seconds(seconds);
    let mut volume = Volume::formatted(start);
    volume.folder(at(1), r"C:\Users\Ana", owner);
    volume.file(at(2), r"C:\Users\Ana\a long name.txt", owner, 9_000);
    let zone = zone_identifier("https://a.example/", "https://b.example/x");
    let stream = Deed::Stream("Zone.Identifier".into(), zone);
    volume.on(at(3), r"C:\Users\Ana\a long name.txt", stream);
    for number in 0..4 {
        let link = format!(r"C:\Users\Ana\another name that takes room {number}.txt");
        volume.on(at(4), r"C:\Users\Ana\a long name.txt", Deed::Link(link));
    }
    volume.moved(at(5), r"C:\Users\Ana", r"C:\Users\Anna");
    volume.file(at(6), r"C:\Users\Anna\b.exe", owner, 20);
    volume.removed(at(7), r"C:\Users\Anna\b.exe");
    volume.finish().expect("the deeds can be done")
});

/// A table of records whose headers are right, with the fuzzer's attributes. Each of its pieces begins with the
/// record's flags, its number, that of the one it continues, and the length of its attributes.
pub fn table(mut bytes: &[u8]) -> Vec<u8> {
    let mut table = SAMPLE.mft[..8 * 1024].to_vec();
    while let Some(([flags, number, base, low, high], rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes([*low, *high])) % (1024 - ATTRIBUTES);
        let (attributes, rest) = rest.split_at(length.min(rest.len()));
        bytes = rest;
        let mut record = MftRecord::new(FileReference::new((*number % 64).into(), 1));
        record.flags = u16::from(*flags) & (IN_USE | IS_FOLDER);
        if *flags & 0x80 != 0 {
            record.base = FileReference::new((*base % 64).into(), u16::from(*flags >> 2) % 4);
        }
        if *flags & 0x40 != 0 {
            record.sequence = 2;
        }
        let mut record = record.plain_bytes().expect("it has no attributes");
        record[0x18..0x1a].copy_from_slice(&1024_u16.to_le_bytes());
        record[ATTRIBUTES..ATTRIBUTES + attributes.len()].copy_from_slice(attributes);
        protect(&mut record, 7);
        table.extend(record);
    }
    table
}

/// Reads evidence of a volume, with little memory or all that there is.
pub fn watch_files(parser: &dyn Parser, bytes: &Vec<u8>, files: VolumeFiles<'_>, has_little: bool) {
    let memory = if has_little { 500 } else { u64::MAX };
    let files = VolumeFiles {
        letter: "D:",
        memory,
        ..files
    };
    let volume = Volume::read(files).expect("memory can be read");
    let input = Input {
        volume: Some(&volume),
        memory,
        ..Input::new(bytes)
    };
    watch_twice(parser, &input, bytes.len());
}

/// Reads evidence of `size` bytes twice, and looks at what must be true of it.
fn watch_twice(parser: &dyn Parser, input: &Input<'_>, size: usize) {
    let watched = Watched::of(parser, input);
    let events: Vec<Map<String, Json>> = watched.events().collect();
    let most = (size / PER_NAME + size / 512 + 1) * EVENTS_PER_NAME;
    assert!(
        events.len() <= most,
        "{} events of {size} bytes",
        events.len()
    );
    for event in &events {
        let file = &event["file"];
        for path in [&file["path"], &file["Ext"]["original"]["path"]] {
            let length = path.as_str().map_or(0, str::len);
            assert!(length < LONGEST_PATH + LONGEST_NAME, "{length}");
        }
    }
    let again = Watched::of(parser, input);
    assert!(
        again.events().eq(events),
        "it is read otherwise a second time"
    );
    assert_eq!(again.issues, watched.issues);
    assert_eq!(again.counts, watched.counts);
}
