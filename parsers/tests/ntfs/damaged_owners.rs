//! Damaged security descriptors, and too little memory for what a volume has.

use parsers::ntfs::SecurityStream as Descriptors;
use parsers::{Input, Parser, ReadAt};
use samples::evtx::Sid;
use samples::ntfs::{FileReference, Mirror, SecurityStream};
use samples::regf::security_descriptor;

use crate::keep::Keep;
use crate::table::{FIRST, extension, file, first, folder, name, nameless, table, with_list};
use crate::told::{Collected, one};

const ROOT: FileReference = FileReference::ROOT;
/// Bytes of a block, which its copy follows.
const BLOCK: usize = 256 << 10;

/// Descriptors from 0x100 on, each of its own user.
fn stream(count: u32) -> SecurityStream {
    let mut stream = SecurityStream::default();
    for number in 0..count {
        let owner = Sid::new(5, [21, 1, 2, 3, 1_000 + number]);
        stream.id_of(security_descriptor(&[owner], 0));
    }
    stream
}

/// The owner of the one file, whose descriptor is the first.
fn owner(security: Vec<u8>) -> String {
    let collected = Collected {
        security: Some(security),
        ..Collected::table(table(&[file(FIRST, ROOT, "a")]))
    };
    let told = collected.of_table();
    one(told.first(r"C:\a"), "file.uid")
}

fn count(security: &dyn ReadAt) -> u64 {
    Keep::of(|keep| Descriptors.parse(&Input::new(security), keep))
        .counts
        .records
}

#[test]
fn descriptors_are_counted_once() {
    assert_eq!(count(&stream(7).bytes(Mirror::LeftOut)), 7);
    assert_eq!(count(&stream(7).bytes(Mirror::Written)), 7);
    // More than a block.
    assert_eq!(count(&stream(4_000).bytes(Mirror::Written)), 4_000);
    assert_eq!(count(&Vec::new()), 0);
}

#[test]
fn every_block_tells_owners() {
    let collected = Collected {
        security: Some(stream(4_000).bytes(Mirror::Written)),
        ..Collected::table(table(&[file(FIRST, ROOT, "a")]))
    };
    let mut record = file(FIRST, ROOT, "a");
    if let samples::ntfs::Form::Resident(content) = &mut record.attributes[0].form {
        content[0x34..0x38].copy_from_slice(&(0x100 + 3_999_u32).to_le_bytes());
    }
    let last = Collected {
        table: Some(table(&[record])),
        ..collected
    };
    assert_eq!(
        one(last.of_table().first(r"C:\a"), "file.uid"),
        "S-1-5-21-1-2-3-4999"
    );
}

#[test]
fn a_damaged_descriptor_is_read_in_the_copy() {
    let sound = stream(3).bytes(Mirror::Written);
    let due = "S-1-5-21-1-2-3-1000";
    for at in 0..100 {
        let mut bytes = sound.clone();
        bytes[at] ^= 0xff;
        assert_eq!(owner(bytes), due, "{at}");
    }
    let mut bytes = sound.clone();
    bytes[..BLOCK].fill(0x5a);
    assert_eq!(owner(bytes), due);
}

#[test]
fn a_place_or_a_hash_that_lies_makes_a_descriptor_none() {
    let sound = stream(3).bytes(Mirror::LeftOut);
    for at in [0, 8, 16, 20, 23, 40] {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x40;
        assert_eq!(owner(bytes.clone()), "", "{at}");
        assert_eq!(count(&bytes), 2, "{at}");
    }
}

#[test]
fn garbage_gives_no_owner_and_no_failure() {
    for bytes in [
        vec![],
        vec![0; 3],
        vec![0; BLOCK + 5],
        vec![0xff; 1_000],
        vec![1; 3 * BLOCK],
    ] {
        assert_eq!(owner(bytes), "");
    }
    let sound = stream(3).bytes(Mirror::LeftOut);
    for length in 0..sound.len() {
        owner(sound[..length].to_vec());
    }
    // Behind garbage of whole steps, entries tell other places.
    assert_eq!(owner([vec![0x5a; 16], sound.clone()].concat()), "");
}

#[test]
fn every_bit_that_is_damaged_costs_its_own_descriptor_at_most() {
    let sound = stream(3).bytes(Mirror::LeftOut);
    let second = sound.len() / 3;
    for at in second..sound.len() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << bit;
            assert_eq!(owner(bytes.clone()), "S-1-5-21-1-2-3-1000");
            assert!(count(&bytes) >= 2, "{at} {bit}");
        }
    }
}

#[test]
fn little_memory_is_a_loss_of_paths_and_owners_and_no_failure() {
    let folders = (0..100).map(|number| folder(FIRST + number, ROOT, &format!("{number}")));
    let mut records: Vec<_> = folders.collect();
    records.push(file(FIRST + 100, first(FIRST + 99), "a"));
    let other = extension(first(FIRST + 102), first(FIRST + 101)).with(name(ROOT, "far"));
    records.push(with_list(nameless(first(FIRST + 101)), &[&other]));
    records.push(other);
    let mut collected = Collected {
        security: Some(stream(50).bytes(Mirror::LeftOut)),
        ..Collected::table(table(&records))
    };
    let whole = collected.of_table();
    assert_eq!(whole.issues(), [""; 0]);
    assert!(whole.paths().contains(&r"C:\99\a".into()));
    for memory in [0, 64, 1_000] {
        collected.memory = Some(memory);
        let told = collected.of_table();
        assert_eq!(told.issues(), ["mft-directories", "sds-size"], "{memory}");
        assert_eq!(told.events.len(), whole.events.len());
        assert!(told.paths().contains(&r"C:\$Orphan\a".into()));
    }
    collected.memory = Some(100_000);
    assert_eq!(collected.of_table().lines(), whole.lines());
}
