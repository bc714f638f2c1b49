//! A position in a chunk that can only move forward and never past its end.

use super::fault::{Fault, FaultKind};

/// Reads little-endian values one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'c> {
    rest: &'c [u8],
    /// Chunk offset at which `rest` ends.
    end: usize,
}

impl<'c> Cursor<'c> {
    /// Over `chunk[start..end]`. An end past the chunk is cut; a start past the end gives nothing.
    pub(super) fn new(chunk: &'c [u8], start: usize, end: usize) -> Self {
        let end = end.min(chunk.len());
        let rest = chunk.get(start..end).unwrap_or(&[]);
        Self { rest, end }
    }

    /// Chunk offset of the next byte.
    pub(super) fn position(&self) -> usize {
        self.end.saturating_sub(self.rest.len())
    }

    /// Chunk offset of the end.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// How many bytes are left.
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next byte, without moving.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next `count` bytes.
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'c [u8], Fault> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| self.short(count))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<&'c [u8; N], Fault> {
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| self.short(N))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    #[inline]
    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(|&[byte]| byte)
    }

    /// The next two bytes.
    #[inline]
    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(|bytes| u16::from_le_bytes(*bytes))
    }

    /// The next four bytes.
    #[inline]
    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The next four bytes as a place in the chunk.
    #[inline]
    pub(super) fn offset(&mut self) -> Result<usize, Fault> {
        self.u32().map(|offset| offset as usize)
    }

    #[cold]
    fn short(&self, wanted: usize) -> Fault {
        let missing = wanted.saturating_sub(self.rest.len());
        Fault::new(FaultKind::Truncated, self.position(), missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_place_and_never_passes_the_end() {
        let chunk = [0, 1, 2, 3, 4, 5, 6, 7];
        let mut cursor = Cursor::new(&chunk, 2, 7);
        assert_eq!(cursor.u16().unwrap(), 0x0302);
        assert_eq!(cursor.position(), 4);
        assert_eq!(cursor.u32().unwrap_err().at, 4);
        assert_eq!(cursor.take(3).unwrap(), [4, 5, 6]);
        assert_eq!(cursor.peek(), None);
    }

    #[test]
    fn impossible_ranges_are_empty() {
        assert_eq!(Cursor::new(&[1, 2], 5, 9).remaining(), 0);
        assert_eq!(Cursor::new(&[1, 2], 1, usize::MAX).remaining(), 1);
    }
}
