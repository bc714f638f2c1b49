//! $MFT: records one after the other, read in pieces.

use std::io;

use super::{Fault, Record};
use crate::{ReadAt, le};

/// Sizes that records can have, the usual first.
pub const RECORD_SIZES: [usize; 4] = [1024, 4096, 512, 2048];
/// Bytes read at once: a multiple of every size.
const PIECE: usize = 1 << 20;

/// The size of the records of a table that begins with these bytes; none when it does not begin with one.
#[must_use]
pub fn record_size(head: &[u8]) -> Option<usize> {
    let is_one = head.starts_with(b"FILE") || head.starts_with(b"BAAD");
    let size = le::u32(head, 0x1c)? as usize;
    RECORD_SIZES
        .into_iter()
        .find(|known| is_one && *known == size)
}

/// A table.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    bytes: &'a dyn ReadAt,
    /// Bytes of a record.
    pub record_size: usize,
}

impl<'a> Table<'a> {
    /// Of records of the size that the first sound one of its start has. None when there is no record.
    pub fn open(bytes: &'a dyn ReadAt) -> io::Result<Option<Self>> {
        let mut head = vec![0; 64 << 10];
        let count = bytes.read_at(0, &mut head)?;
        head.truncate(count);
        let mut starts = (0..head.len()).step_by(512);
        let record_size = starts.find_map(|start| record_size(head.get(start..)?));
        Ok(record_size.map(|record_size| Self { bytes, record_size }))
    }

    /// How many records it has room for.
    #[must_use]
    pub fn slots(&self) -> u64 {
        self.bytes.len().div_ceil(self.record_size as u64)
    }

    /// Reads the slots from one on up to but without another.
    #[must_use]
    pub fn read(&self, from: u64, to: u64) -> Slots<'a> {
        Slots {
            table: *self,
            next: from,
            end: to.min(self.slots()),
            piece: Vec::new(),
            at: 0,
        }
    }
}

/// What is in the place of a record.
#[derive(Debug)]
pub enum Slot<'s> {
    /// Nothing but zeros: it was never used.
    Empty,
    /// A record.
    Record(Record<'s>),
    /// Something that is none.
    Unreadable(Fault),
    /// A record that was not asked for.
    Passed,
    /// The table ends within it.
    Cut,
}

/// Reads slots in their order.
pub struct Slots<'a> {
    table: Table<'a>,
    next: u64,
    end: u64,
    piece: Vec<u8>,
    at: usize,
}

impl Slots<'_> {
    /// The bytes that were read last, until the next slot: whoever hashes a table takes them before they are
    /// changed.
    pub fn next_piece(&mut self) -> io::Result<Option<&[u8]>> {
        if self.at < self.piece.len() || self.next >= self.end {
            return Ok(None);
        }
        let size = self.table.record_size as u64;
        let left = (self.end - self.next).saturating_mul(size);
        let length = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        if self.piece.is_empty() {
            // Zeroed by the system, where it comes from there.
            self.piece = vec![0; length];
        }
        self.piece.resize(length, 0);
        let count = self
            .table
            .bytes
            .read_at(self.next.saturating_mul(size), &mut self.piece)?;
        self.piece.truncate(count);
        self.at = 0;
        if count == 0 {
            // It is shorter than it said.
            self.next = self.end;
        }
        Ok(Some(&self.piece))
    }

    /// The next slot, and its place in the table.
    #[expect(
        clippy::should_implement_trait,
        reason = "each slot borrows the piece that was read"
    )]
    pub fn next(&mut self) -> io::Result<Option<(u64, Slot<'_>)>> {
        self.next_if(|_| true)
    }

    /// The same, but records whose bytes are of no use are passed over: fix-ups are not undone in them.
    pub fn next_if(
        &mut self,
        is_wanted: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Option<(u64, Slot<'_>)>> {
        self.next_piece()?;
        if self.next >= self.end {
            return Ok(None);
        }
        let place = self.next;
        let start = self.at;
        self.next += 1;
        self.at = (start + self.table.record_size).min(self.piece.len());
        let end = self.at;
        let bytes = self.piece.get_mut(start..end).unwrap_or_default();
        if bytes.len() < self.table.record_size {
            return Ok(Some((place, Slot::Cut)));
        }
        let is_empty = bytes.first_chunk() == Some(&[0; 4]) && bytes.iter().all(|byte| *byte == 0);
        if is_empty {
            return Ok(Some((place, Slot::Empty)));
        }
        if !is_wanted(bytes) {
            return Ok(Some((place, Slot::Passed)));
        }
        let slot = match Record::open(bytes) {
            Ok(record) => Slot::Record(record),
            Err(fault) => Slot::Unreadable(fault),
        };
        Ok(Some((place, slot)))
    }
}
