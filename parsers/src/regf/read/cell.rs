//! Cells: the pieces that a hive is made of.

use super::BINS;
use super::fault::{Fault, FaultKind};
use crate::le;

/// Bytes of the size that stands before the content of a cell.
pub(super) const SIZE: usize = 4;

/// Hive bins: the bytes of a hive behind its base block. A cell is named by its place in them.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'h> {
    bins: &'h [u8],
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'h> {
    /// Its place.
    pub offset: u32,
    /// Whether it is in use.
    pub is_allocated: bool,
    /// What it holds, up to its end: often some bytes more than were asked for.
    pub content: &'h [u8],
}

impl<'h> Cells<'h> {
    /// The cells in the bins of a hive.
    #[must_use]
    pub fn new(bins: &'h [u8]) -> Self {
        Self { bins }
    }

    /// All bytes.
    pub(super) fn bytes(self) -> &'h [u8] {
        self.bins
    }

    /// The cell at a place, whether or not it is in use.
    pub fn cell(self, offset: u32) -> Result<Cell<'h>, Fault> {
        let fault = |kind| Fault { cell: offset, kind };
        let start = usize::try_from(offset).map_err(|_| fault(FaultKind::Outside))?;
        let rest = self.bins.get(start..).ok_or(fault(FaultKind::Outside))?;
        let size = le::array(rest, 0).map(i32::from_le_bytes);
        let size = size.ok_or(fault(FaultKind::Outside))?;
        let length = size.unsigned_abs() as usize;
        if length < SIZE + 4 {
            return Err(fault(FaultKind::Size));
        }
        let content = rest.get(SIZE..length);
        Ok(Cell {
            offset,
            is_allocated: size < 0,
            content: content.ok_or(fault(FaultKind::Outside))?,
        })
    }

    /// What lies at a place in a free cell, with so many bytes behind its size.
    pub(super) fn free(self, offset: u32, length: u32) -> Result<Cell<'h>, Fault> {
        let start = (offset as usize).saturating_add(SIZE);
        let end = start.saturating_add(length as usize);
        let content = self.bins.get(start..end).ok_or(Fault {
            cell: offset,
            kind: FaultKind::Outside,
        })?;
        Ok(Cell {
            offset,
            is_allocated: false,
            content,
        })
    }

    /// The cell in use that begins with two letters.
    pub(super) fn signed(self, offset: u32, expected: &'static str) -> Result<Cell<'h>, Fault> {
        let cell = self.cell(offset)?;
        if cell.content.starts_with(expected.as_bytes()) {
            return Ok(cell);
        }
        let found = cell.signature();
        let kind = FaultKind::Signature { expected, found };
        Err(Fault { cell: offset, kind })
    }
}

impl<'h> Cell<'h> {
    /// The first `N` bytes of its content.
    pub(super) fn header<const N: usize>(&self) -> Result<&'h [u8; N], Fault> {
        self.content.first_chunk().ok_or(self.short())
    }

    /// What is said of it when it ends before what it holds.
    pub(super) fn short(&self) -> Fault {
        Fault {
            cell: self.offset,
            kind: FaultKind::Short,
        }
    }

    /// Its first two bytes.
    pub(super) fn signature(&self) -> [u8; 2] {
        le::array(self.content, 0).unwrap_or_default()
    }

    /// Its place in the file.
    #[must_use]
    pub fn file_offset(&self) -> u64 {
        BINS + u64::from(self.offset)
    }
}
