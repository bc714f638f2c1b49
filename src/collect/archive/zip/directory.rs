//! The directory at the end of an archive, and the records that lead to it.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use memchr::memmem;

use super::{END, Entry, LOCAL, STEP, modified, name_text, read, u16_at, u32_at, u64_at, wide};
use crate::collect::bytes::{Cursor, Shared};

const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR64: &[u8; 4] = b"PK\x06\x07";
/// The end record, and the longest comment behind it.
const END_SIZE: u64 = 22;
const MOST_COMMENT: u64 = 0xffff;

/// Where the directory is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    start: u64,
    entries: u64,
    /// What the archive's offsets count from: something may stand before it.
    base: u64,
}

pub(super) fn find_directory(bytes: &Shared) -> io::Result<Option<Place>> {
    let length = bytes.len();
    let tail = length.saturating_sub(END_SIZE + MOST_COMMENT + 1);
    let last = read(bytes, tail, usize::try_from(length - tail).unwrap_or(0))?;
    for at in memmem::rfind_iter(&last, END) {
        let Some(end) = last.get(at..at + 22) else {
            continue;
        };
        let place = tail + at as u64;
        let mut entries = u64::from(u16_at(end, 10));
        let mut size = u64::from(u32_at(end, 12));
        let mut offset = u64::from(u32_at(end, 16));
        let mut before = place;
        if let Some((end64, found)) = find_end64(bytes, place)? {
            before = end64;
            [entries, size, offset] = found;
        }
        let Some(start) = before.checked_sub(size) else {
            continue;
        };
        // Something may stand before the archive, or between the directory and its end.
        for (start, base) in [
            (Some(start), start.checked_sub(offset)),
            (Some(offset), Some(0)),
        ] {
            let (Some(start), Some(base)) = (start, base) else {
                continue;
            };
            if entries == 0 || leads_to_a_member(bytes, start, base)? {
                return Ok(Some(Place {
                    start,
                    entries,
                    base,
                }));
            }
        }
    }
    Ok(None)
}

/// Whether a directory begins there, and its first entry leads to a member.
fn leads_to_a_member(bytes: &Shared, start: u64, base: u64) -> io::Result<bool> {
    let first = read(bytes, start, 46)?;
    if first.len() < 46 || !first.starts_with(CENTRAL) {
        return Ok(false);
    }
    let header = u64::from(u32_at(&first, 42));
    // What needs 64 bits stands behind the name.
    Ok(header == 0xffff_ffff || read(bytes, base.saturating_add(header), 4)? == LOCAL)
}

/// The place of the end record of ZIP64, and entries, size and offset of the directory.
fn find_end64(bytes: &Shared, end: u64) -> io::Result<Option<(u64, [u64; 3])>> {
    let Some(at) = end.checked_sub(20) else {
        return Ok(None);
    };
    let locator = read(bytes, at, 20)?;
    if !locator.starts_with(LOCATOR64) {
        return Ok(None);
    }
    // Its own offset is wrong when something stands before the archive; then it ends at the locator.
    for place in [Some(u64_at(&locator, 8)), at.checked_sub(56)]
        .into_iter()
        .flatten()
    {
        let record = read(bytes, place, 56)?;
        if record.len() == 56 && record.starts_with(END64) {
            return Ok(Some((
                place,
                [32, 40, 48].map(|field| u64_at(&record, field)),
            )));
        }
    }
    Ok(None)
}

/// How far a directory was read.
pub(super) enum Walked {
    All,
    Stopped,
    Damaged,
}

pub(super) fn walk_directory(
    bytes: &Shared,
    place: Place,
    each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<Walked> {
    let mut reader =
        io::BufReader::with_capacity(STEP, Cursor::new(Arc::clone(bytes), place.start));
    let mut fixed = [0; 46];
    let mut rest = Vec::new();
    let mut count = 0_u64;
    loop {
        // The count has 16 bits in archives of tools that do not know ZIP64: the signature decides.
        match reader.read_exact(&mut fixed) {
            Ok(()) if fixed.starts_with(CENTRAL) => {}
            Ok(()) if count >= place.entries => return Ok(Walked::All),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(if count >= place.entries {
                    Walked::All
                } else {
                    Walked::Damaged
                });
            }
            Err(error) => return Err(error),
            Ok(()) => return Ok(Walked::Damaged),
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(&fixed, at)));
        rest.resize(name + extra + comment, 0);
        match reader.read_exact(&mut rest) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(Walked::Damaged);
            }
            read => read?,
        }
        count += 1;
        let entry = central_entry(&fixed, &rest[..name], &rest[name..name + extra], place.base);
        if each(entry).is_break() {
            return Ok(Walked::Stopped);
        }
    }
}

fn central_entry(fixed: &[u8; 46], name: &[u8], extra: &[u8], base: u64) -> Entry {
    let mut sizes = [24, 20, 42].map(|at| u64::from(u32_at(fixed, at)));
    wide(extra, &mut sizes);
    let [size, compressed, header] = sizes;
    let flags = u16_at(fixed, 8);
    Entry {
        name: name_text(name, extra),
        header: base.saturating_add(header),
        compressed,
        size: Some(size),
        crc: u32_at(fixed, 16),
        method: u16_at(fixed, 10),
        modified: modified(extra),
        is_encrypted: flags & 1 != 0,
    }
}
