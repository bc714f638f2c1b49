//! Members of an archive without a sound directory, by their own headers.

use std::io;
use std::ops::ControlFlow;

use super::{Entry, LOCAL, ZSTD, find, modified, name_text, read, u16_at, u32_at, u64_at, wide};
use crate::collect::bytes::Shared;

const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";

/// Finds members by their own headers, from a place on.
pub(super) fn salvage(
    bytes: &Shared,
    from: u64,
    each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut at = from;
    while let Some(header) = find(bytes, *LOCAL, at)? {
        let Some((entry, end)) = local_entry(bytes, header)? else {
            at = header + 1;
            continue;
        };
        at = end.max(header + 1);
        if each(entry).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The member of a local header, and where it ends; none when the bytes only look like one.
fn local_entry(bytes: &Shared, header: u64) -> io::Result<Option<(Entry, u64)>> {
    let fixed = read(bytes, header, 30)?;
    if fixed.len() < 30 {
        return Ok(None);
    }
    let (flags, method) = (u16_at(&fixed, 6), u16_at(&fixed, 8));
    let [name, extra] = [26, 28].map(|at| usize::from(u16_at(&fixed, at)));
    let is_known = matches!(method, 0 | 8 | 9 | ZSTD | 99);
    if u16_at(&fixed, 4) > 63 || !is_known || name == 0 {
        return Ok(None);
    }
    let rest = read(bytes, header + 30, name + extra)?;
    if rest.len() < name + extra {
        return Ok(None);
    }
    let (name, extra) = rest.split_at(name);
    let start = header + 30 + rest.len() as u64;
    let mut sizes = [22, 18].map(|at| u64::from(u32_at(&fixed, at)));
    wide(extra, &mut sizes);
    let [size, compressed] = sizes;
    let mut entry = Entry {
        name: name_text(name, extra),
        header,
        compressed,
        size: Some(size),
        crc: u32_at(&fixed, 14),
        method,
        modified: modified(extra),
        is_encrypted: flags & 1 != 0,
    };
    if flags & 8 != 0 {
        let Some(end) = find_descriptor(bytes, start, &mut entry)? else {
            // The archive ends before the member does.
            entry.compressed = bytes.len().saturating_sub(start);
            entry.size = None;
            return Ok(Some((entry, bytes.len())));
        };
        return Ok(Some((entry, end)));
    }
    let end = start.saturating_add(compressed);
    Ok(Some((entry, end.min(bytes.len()))))
}

/// The descriptor behind a member whose sizes the header does not say: the one that tells the distance.
fn find_descriptor(bytes: &Shared, start: u64, entry: &mut Entry) -> io::Result<Option<u64>> {
    let mut at = start;
    while let Some(place) = find(bytes, *DESCRIPTOR, at)? {
        let found = read(bytes, place, 24)?;
        let distance = place - start;
        if found.len() >= 16 && u64::from(u32_at(&found, 8)) == distance {
            entry.crc = u32_at(&found, 4);
            entry.compressed = distance;
            entry.size = Some(u64::from(u32_at(&found, 12)));
            return Ok(Some(place + 16));
        }
        if found.len() == 24 && u64_at(&found, 8) == distance {
            entry.crc = u32_at(&found, 4);
            entry.compressed = distance;
            entry.size = Some(u64_at(&found, 16));
            return Ok(Some(place + 24));
        }
        at = place + 1;
    }
    Ok(None)
}
