//! The files that every volume begins with.

use super::file::{Data, File, stream_in_clusters};
use super::{Clusters, New};
use crate::ntfs::index_root::empty_view_index;
use crate::ntfs::{Attribute, FileReference, Run, kind};
use crate::time::FileTime;
use crate::windows::Account;

/// Hidden, and of the system.
const HIDDEN_SYSTEM: u32 = 0x6;
/// `$Secure` and the children of `$Extend` have indexes that are not of names.
const IS_VIEW_INDEX: u16 = 8;
const IS_EXTENSION: u16 = 4;

/// `$Secure`.
pub(super) const SECURE: usize = 9;
/// `$Extend`.
const EXTEND: usize = 11;
/// `$Extend\$UsnJrnl`.
pub(super) const JOURNAL: usize = 27;
/// The first entry that is for anybody's files. Those from 16 to 23 are kept free.
const FIRST_OF_EXTEND: usize = 24;

/// Names and lengths of the first files. Those of a disk of 64 GB.
const FIRST: [(&str, u64); 12] = [
    ("$MFT", 0),
    ("$MFTMirr", 4_096),
    ("$LogFile", 0x400_0000),
    ("$Volume", 0),
    ("$AttrDef", 2_560),
    (".", 0),
    ("$Bitmap", 0x1F_3E00),
    ("$Boot", 8_192),
    ("$BadClus", 0),
    ("$Secure", 0),
    ("$UpCase", 0x2_0000),
    ("$Extend", 0),
];
/// What `$Extend` has, each with its index and how that is sorted; the journal has none.
const OF_EXTEND: [(&str, &str, u32); 4] = [
    ("$Quota", "$Q", BY_NUMBER),
    ("$ObjId", "$O", BY_NUMBERS),
    ("$Reparse", "$R", BY_NUMBERS),
    ("$UsnJrnl", "", 0),
];
const BY_NUMBER: u32 = 0x10;
const BY_HASH: u32 = 0x12;
const BY_NUMBERS: u32 = 0x13;

/// Entry by entry what a volume has on its first day; none for those that are kept free.
pub(super) fn first_files(
    formatted: FileTime,
    clusters: &mut Clusters,
    security_id: u32,
) -> Vec<Option<File>> {
    let mut files: Vec<Option<File>> = (0..FIRST_OF_EXTEND).map(|_| None).collect();
    let make = |entry: usize, is_folder: bool| {
        let mut new = New::file(Account::SYSTEM.sid());
        (new.is_folder, new.attributes) = (is_folder, HIDDEN_SYSTEM);
        // What is there from the start counts from its own number, the first from one.
        let sequence = if entry < FIRST_OF_EXTEND {
            entry.max(1)
        } else {
            1
        };
        let sequence = u16::try_from(sequence).expect("less than 24");
        File::new(
            FileReference::new(entry as u64, sequence),
            formatted,
            &new,
            security_id,
        )
    };
    for (entry, (name, length)) in FIRST.into_iter().enumerate() {
        let is_folder = matches!(name, "." | "$Extend");
        let mut file = make(entry, is_folder);
        if length > 0 {
            let runs = clusters.take(length);
            file.data = Some(Data::InClusters { runs, real: length });
        }
        file.others.extend(other_attributes(entry));
        if entry == SECURE {
            file.flags = IS_VIEW_INDEX;
            file.data = None;
        }
        files[entry] = Some(file.called(name, FileReference::ROOT));
    }
    for (entry, slot) in files.iter_mut().enumerate().take(16).skip(FIRST.len()) {
        *slot = Some(make(entry, false));
    }
    let extend = FileReference::new(EXTEND as u64, 11);
    for (entry, (name, index, collation)) in (FIRST_OF_EXTEND..).zip(OF_EXTEND) {
        let mut file = make(entry, false);
        file.data = None;
        file.flags = IS_EXTENSION;
        if !index.is_empty() {
            file.flags |= IS_VIEW_INDEX;
            file.others = vec![empty_view_index(index, collation)];
        }
        files.push(Some(file.called(name, extend)));
    }
    files
}

/// What the first files have beside what all files have.
fn other_attributes(entry: usize) -> Vec<Attribute> {
    let label: Vec<u8> = "Windows"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    match entry {
        3 => vec![
            Attribute::resident(kind::VOLUME_NAME, label),
            // Version 3.1 at the end, no flags.
            Attribute::resident(
                kind::VOLUME_INFORMATION,
                vec![0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0],
            ),
        ],
        SECURE => vec![
            empty_view_index("$SDH", BY_HASH),
            empty_view_index("$SII", BY_NUMBER),
        ],
        _ => Vec::new(),
    }
}

/// `$UsnJrnl` with what its streams are in the end.
pub(super) fn journal_streams(
    formatted: FileTime,
    zeros: u64,
    length: u64,
    clusters: &mut Clusters,
) -> Vec<Attribute> {
    let mut runs = clusters.take(length - zeros);
    runs.insert(
        0,
        Run {
            cluster: None,
            count: zeros / crate::ntfs::CLUSTER,
        },
    );
    runs.retain(|run| run.count > 0);
    let mut records = stream_in_clusters("$J", runs, length);
    records.flags = 0x8000;
    // Greatest size, step of growth, the journal's id, and the first record that is left.
    let limits = [0x200_0000, 0x80_0000, formatted.0, zeros];
    let limits = limits.iter().flat_map(|number: &u64| number.to_le_bytes());
    let limits = Attribute::resident(kind::DATA, limits.collect()).named("$Max");
    vec![records, limits]
}
