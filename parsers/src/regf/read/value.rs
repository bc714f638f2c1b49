//! Values: `vk` cells and their data.

use std::borrow::Cow;

use super::cell::{Cell, Cells};
use super::fault::{Fault, FaultKind};
use super::key::NONE;
use super::name::name;
use crate::le;

/// Bytes before the name.
const HEADER: usize = 20;
/// Set in the size of data that lies in the place of its offset.
const RESIDENT: u32 = 0x8000_0000;
/// Data that is longer lies in segments of so many bytes.
const SEGMENT: usize = 16344;
/// The name is Latin-1.
const LATIN1: u16 = 0x01;

/// A value.
#[derive(Clone, Copy, Debug)]
pub struct ValueCell<'h> {
    cells: Cells<'h>,
    cell: Cell<'h>,
    header: &'h [u8; HEADER],
}

/// The data of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data<'h> {
    /// Its bytes, as far as they could be read.
    pub bytes: Cow<'h, [u8]>,
    /// Why that is not all.
    pub fault: Option<Fault>,
}

impl<'h> ValueCell<'h> {
    /// The value at a cell.
    pub(super) fn at(cells: Cells<'h>, offset: u32) -> Result<Self, Fault> {
        Self::of(cells, cells.signed(offset, "vk")?)
    }

    /// The value in a cell that is known to begin as one.
    pub(super) fn of(cells: Cells<'h>, cell: Cell<'h>) -> Result<Self, Fault> {
        let header = cell.header()?;
        Ok(Self {
            cells,
            cell,
            header,
        })
    }

    fn number(&self, at: usize) -> u32 {
        le::u32(self.header, at).unwrap_or(NONE)
    }

    /// Its cell.
    #[must_use]
    pub fn offset(&self) -> u32 {
        self.cell.offset
    }

    /// Whether its cell is in use.
    #[must_use]
    pub fn is_allocated(&self) -> bool {
        self.cell.is_allocated
    }

    fn name_bytes(&self) -> (&'h [u8], bool) {
        let rest = self.cell.content.get(HEADER..).unwrap_or_default();
        let length = usize::from(le::u16(self.header, 2).unwrap_or_default());
        let flags = le::u16(self.header, 16).unwrap_or_default();
        (rest.get(..length).unwrap_or(rest), flags & LATIN1 != 0)
    }

    /// Its name; empty for the key's own value.
    #[must_use]
    pub fn name(&self) -> Cow<'h, str> {
        let (bytes, is_latin1) = self.name_bytes();
        name(bytes, is_latin1)
    }

    /// Whether its cell has all of its name.
    #[must_use]
    pub fn has_whole_name(&self) -> bool {
        self.name_bytes().0.len() == usize::from(le::u16(self.header, 2).unwrap_or_default())
    }

    /// The number of its type.
    #[must_use]
    pub fn data_type(&self) -> u32 {
        self.number(12)
    }

    /// How many bytes of data it says it has.
    #[must_use]
    pub fn data_size(&self) -> u32 {
        self.number(4) & !RESIDENT
    }

    /// The cell of its data, if that lies in one.
    pub(super) fn data_cell(&self) -> Option<u32> {
        let is_apart = self.data_size() > 0 && self.number(4) & RESIDENT == 0;
        is_apart.then(|| self.number(8))
    }

    /// Its data. Never more is allocated than the hive has.
    #[must_use]
    pub fn data(&self) -> Data<'h> {
        let size = self.data_size() as usize;
        if size == 0 {
            return whole(&[]);
        }
        if self.number(4) & RESIDENT != 0 {
            let place = self.header.get(8..12).unwrap_or_default();
            return match place.get(..size) {
                Some(bytes) => whole(bytes),
                None => cut(place, self.cell.offset, FaultKind::Short),
            };
        }
        let offset = self.number(8);
        let cell = match self.cells.cell(offset) {
            Ok(cell) => cell,
            Err(fault) => return cut(&[], fault.cell, fault.kind),
        };
        if size > SEGMENT && cell.content.starts_with(b"db") {
            return self.segments(cell, size);
        }
        match cell.content.get(..size) {
            Some(bytes) => whole(bytes),
            None => cut(cell.content, offset, FaultKind::Short),
        }
    }

    /// Data in segments.
    fn segments(&self, cell: Cell<'h>, size: usize) -> Data<'h> {
        let count = le::u16(cell.content, 2).unwrap_or_default();
        let list = le::u32(cell.content, 4).unwrap_or(NONE);
        let list = match self.cells.cell(list) {
            Ok(list) => list,
            Err(fault) => return cut(&[], fault.cell, fault.kind),
        };
        let (offsets, _) = list.content.as_chunks::<4>();
        let most = size.min(self.cells.bytes().len());
        let mut bytes = Vec::new();
        let mut fault = None;
        for offset in offsets.iter().take(usize::from(count)) {
            let left = most.saturating_sub(bytes.len());
            if left == 0 {
                break;
            }
            match self.cells.cell(u32::from_le_bytes(*offset)) {
                Ok(segment) => {
                    let length = left.min(SEGMENT);
                    let part = segment.content.get(..length).unwrap_or(segment.content);
                    bytes.extend_from_slice(part);
                    if part.len() < length {
                        fault.get_or_insert(segment.short());
                    }
                }
                Err(error) => {
                    // What follows would stand in the wrong place.
                    fault.get_or_insert(error);
                    break;
                }
            }
        }
        if bytes.len() < size {
            fault.get_or_insert(cell.short());
        }
        Data {
            bytes: Cow::Owned(bytes),
            fault,
        }
    }
}

fn whole(bytes: &[u8]) -> Data<'_> {
    Data {
        bytes: Cow::Borrowed(bytes),
        fault: None,
    }
}

fn cut(bytes: &[u8], cell: u32, kind: FaultKind) -> Data<'_> {
    Data {
        bytes: Cow::Borrowed(bytes),
        fault: Some(Fault { cell, kind }),
    }
}
