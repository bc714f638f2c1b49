//! Transaction logs: what was to be written to a hive, and was written here first.

use std::io;

use super::base_block::{BaseBlock, SECTOR};
use super::marvin32;
use crate::ReadAt;
use crate::le;

/// Bytes of the header of an entry.
const HEADER: usize = 40;
/// Bytes of a page reference.
const REFERENCE: usize = 8;
/// Bytes that a bit in the bitmap of an old log stands for.
const OLD_PAGE: u32 = 512;
/// Hives grow by so many bytes.
const BIN: u32 = 4096;
/// No genuine entry is longer.
const LONGEST: u32 = 256 << 20;

/// A transaction log that has a base block.
pub(super) struct Log<'l> {
    pub(super) bytes: &'l dyn ReadAt,
    pub(super) base: BaseBlock,
}

impl<'l> Log<'l> {
    /// Reads the base block of a log, if it has one.
    pub(super) fn read(bytes: &'l dyn ReadAt) -> io::Result<Option<Self>> {
        let mut sector = vec![0; SECTOR];
        let count = bytes.read_at(0, &mut sector)?;
        sector.truncate(count);
        Ok(BaseBlock::read(&sector).map(|base| Self { bytes, base }))
    }

    /// The entries from the first on, each one more than the one before, up to the first that is broken
    /// or of an earlier time.
    pub(super) fn entries(&self) -> io::Result<Run> {
        let mut run = Run::default();
        let mut offset = SECTOR as u64;
        loop {
            let Some(entry) = Entry::read(self.bytes, offset)? else {
                return Ok(run);
            };
            let last = run.entries.last();
            if last.is_some_and(|last| entry.sequence != last.sequence.wrapping_add(1)) {
                // It is from before: logs are written over from their start on.
                return Ok(run);
            }
            if !entry.is_whole(self.bytes)? {
                run.broken = Some(entry);
                return Ok(run);
            }
            offset += u64::from(entry.size);
            run.entries.push(entry);
        }
    }
}

/// Entries that follow each other.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) entries: Vec<Entry>,
    /// The next one, if it is cut or its hashes are wrong.
    pub(super) broken: Option<Entry>,
}

impl Run {
    /// The sequence numbers of the first and the last entry.
    pub(super) fn sequences(&self) -> Option<(u32, u32)> {
        let (first, last) = (self.entries.first()?, self.entries.last()?);
        Some((first.sequence, last.sequence))
    }
}

/// Where an entry of a new log lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) offset: u64,
    pub(super) size: u32,
    pub(super) sequence: u32,
    /// Bytes of hive bins after it.
    pub(super) bins_size: u32,
    pages: u32,
}

impl Entry {
    /// The entry at a place, if one is there.
    fn read(log: &dyn ReadAt, offset: u64) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER];
        if log.read_at(offset, &mut header)? < HEADER || !header.starts_with(b"HvLE") {
            return Ok(None);
        }
        let number = |at| le::u32(&header, at).unwrap_or_default();
        Ok(Some(Self {
            offset,
            size: number(4),
            sequence: number(12),
            bins_size: number(16),
            pages: number(20),
        }))
    }

    /// Whether all of it is there, and its hashes are right.
    fn is_whole(&self, log: &dyn ReadAt) -> io::Result<bool> {
        let fits = self.offset + u64::from(self.size) <= log.len();
        let is_sized = self.size as usize >= SECTOR && (self.size as usize).is_multiple_of(SECTOR);
        if !fits || !is_sized || self.size > LONGEST || !self.bins_size.is_multiple_of(BIN) {
            return Ok(false);
        }
        let bytes = self.bytes(log)?;
        let hashes = [le::u64(&bytes, 24), le::u64(&bytes, 32)];
        let own = [bytes.get(HEADER..), bytes.get(..32)].map(|part| part.map(marvin32::hash));
        Ok(hashes == own)
    }

    fn bytes(&self, log: &dyn ReadAt) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.size as usize];
        let count = log.read_at(self.offset, &mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    /// Hands every page to `put`: its place in the hive bins and its bytes. Whether they were all there.
    pub(super) fn pages(
        &self,
        log: &dyn ReadAt,
        put: &mut dyn FnMut(u32, &[u8]),
    ) -> io::Result<bool> {
        let bytes = self.bytes(log)?;
        let references = bytes.get(HEADER..).unwrap_or_default();
        let length = (self.pages as usize).saturating_mul(REFERENCE);
        let Some((references, mut pages)) = references.split_at_checked(length) else {
            return Ok(false);
        };
        for reference in references.as_chunks::<REFERENCE>().0 {
            let (Some(place), Some(size)) = (le::u32(reference, 0), le::u32(reference, 4)) else {
                return Ok(false);
            };
            let Some((page, rest)) = pages.split_at_checked(size as usize) else {
                return Ok(false);
            };
            put(place, page);
            pages = rest;
        }
        Ok(true)
    }
}

/// Hands every dirty page of an old log to `put`. Whether they were all there; nothing when it does not say
/// which there are.
pub(super) fn old_pages(
    log: &Log<'_>,
    put: &mut dyn FnMut(u32, &[u8]),
) -> io::Result<Option<bool>> {
    let mut signature = [0; 4];
    let start = SECTOR as u64;
    if log.bytes.read_at(start, &mut signature)? < 4 || &signature != b"DIRT" {
        return Ok(None);
    }
    let length = u64::from(log.base.bins_size / BIN).min(log.bytes.len());
    let mut bitmap = vec![0; usize::try_from(length).unwrap_or_default()];
    let count = log.bytes.read_at(start + 4, &mut bitmap)?;
    let is_whole = count == bitmap.len();
    bitmap.truncate(count);
    let mut from = (start + 4 + length).next_multiple_of(SECTOR as u64);
    let mut page = [0; OLD_PAGE as usize];
    let mut place = 0_u32;
    for byte in bitmap {
        for bit in 0..8 {
            if byte >> bit & 1 != 0 {
                if log.bytes.read_at(from, &mut page)? < page.len() {
                    return Ok(Some(false));
                }
                put(place, &page);
                from += u64::from(OLD_PAGE);
            }
            place = place.saturating_add(OLD_PAGE);
        }
    }
    Ok(Some(is_whole))
}
