//! Lists of subkeys and of values.

use super::cell::Cells;
use super::fault::{Fault, FaultKind};
use super::key::{Key, NONE};
use super::value::ValueCell;
use crate::le;

/// Lists of lists of subkeys lie one in the other at most so deep. Windows makes two levels.
const DEEPEST: usize = 4;

/// The subkeys of a key, in the order of its list. What cannot be read is an error in its place, and the
/// next follows.
#[derive(Clone, Debug)]
pub struct Subkeys<'h> {
    cells: Cells<'h>,
    /// Lists that were begun, the innermost last.
    open: [Open<'h>; DEEPEST],
    depth: usize,
    first: Option<u32>,
    /// How many entries may still come: no hive has more keys than there is room for.
    left: u32,
}

/// A list that was begun.
#[derive(Clone, Copy, Debug, Default)]
struct Open<'h> {
    cell: u32,
    entries: &'h [u8],
    /// Bytes of an entry.
    step: usize,
    /// Whether entries are lists.
    is_index: bool,
    /// Whether the list is shorter than it says.
    is_cut: bool,
}

/// How many keys a hive has room for: one takes 80 bytes.
fn most_keys(cells: Cells<'_>) -> u32 {
    u32::try_from(cells.bytes().len() / 80).unwrap_or(u32::MAX)
}

impl<'h> Subkeys<'h> {
    pub(super) fn new(cells: Cells<'h>, list: u32, count: u32) -> Self {
        Self {
            cells,
            open: [Open::default(); DEEPEST],
            depth: 0,
            first: (list != NONE).then_some(list),
            left: most_keys(cells)
                .min(count.saturating_mul(2))
                .saturating_add(1024),
        }
    }

    fn open(&mut self, offset: u32) -> Result<(), Fault> {
        let fault = |kind| Fault { cell: offset, kind };
        let cell = self.cells.cell(offset)?;
        let (step, is_index) = match &cell.signature() {
            b"lf" | b"lh" => (8, false),
            b"li" => (4, false),
            b"ri" => (4, true),
            found => {
                let (expected, found) = ("lf, lh, li or ri", *found);
                return Err(fault(FaultKind::Signature { expected, found }));
            }
        };
        let count = le::u16(cell.content, 2).ok_or(fault(FaultKind::Short))?;
        let entries = cell.content.get(4..).unwrap_or_default();
        let length = usize::from(count) * step;
        let open = Open {
            cell: offset,
            entries: entries.get(..length).unwrap_or(entries),
            step,
            is_index,
            is_cut: length > entries.len(),
        };
        let place = self.open.get_mut(self.depth);
        *place.ok_or(fault(FaultKind::Deep))? = open;
        self.depth += 1;
        Ok(())
    }

    /// The next entry of the innermost list.
    fn entry(&mut self) -> Option<Result<(u32, bool), Fault>> {
        while let Some(last) = self.depth.checked_sub(1) {
            let open = self.open.get_mut(last)?;
            if let Some(offset) = le::u32(open.entries, 0) {
                open.entries = open.entries.get(open.step..).unwrap_or_default();
                return Some(Ok((offset, open.is_index)));
            }
            self.depth = last;
            if open.is_cut {
                let cell = open.cell;
                let kind = FaultKind::Count;
                return Some(Err(Fault { cell, kind }));
            }
        }
        None
    }
}

impl<'h> Iterator for Subkeys<'h> {
    type Item = Result<Key<'h>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(list) = self.first.take()
            && let Err(fault) = self.open(list)
        {
            return Some(Err(fault));
        }
        loop {
            self.left = self.left.checked_sub(1)?;
            let (offset, is_index) = match self.entry()? {
                Ok(entry) => entry,
                Err(fault) => return Some(Err(fault)),
            };
            if !is_index {
                return Some(Key::at(self.cells, offset));
            }
            if let Err(fault) = self.open(offset) {
                return Some(Err(fault));
            }
        }
    }
}

/// The values of a key, in the order of its list.
#[derive(Clone, Debug)]
pub struct Values<'h> {
    cells: Cells<'h>,
    list: u32,
    entries: &'h [u8],
    fault: Option<Fault>,
}

impl<'h> Values<'h> {
    pub(super) fn new(cells: Cells<'h>, list: u32, count: u32) -> Self {
        let mut values = Self {
            cells,
            list,
            entries: &[],
            fault: None,
        };
        if list == NONE {
            return values;
        }
        match cells.cell(list) {
            Ok(cell) => {
                let length = (count as usize).saturating_mul(4);
                values.entries = cell.content.get(..length).unwrap_or(cell.content);
                if length > cell.content.len() {
                    values.fault = Some(values.fault(FaultKind::Count));
                }
            }
            Err(fault) => values.fault = Some(fault),
        }
        values
    }

    /// What stands in a list behind its entries.
    pub(super) fn beyond(cells: Cells<'h>, list: u32, count: u32) -> Self {
        let cell = (list != NONE).then(|| cells.cell(list).ok()).flatten();
        let content = cell.map_or(&[][..], |cell| cell.content);
        let length = (count as usize).saturating_mul(4);
        Self {
            cells,
            list,
            entries: content.get(length..).unwrap_or_default(),
            fault: None,
        }
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        let cell = self.list;
        Fault { cell, kind }
    }
}

impl<'h> Iterator for Values<'h> {
    type Item = Result<ValueCell<'h>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(offset) = le::u32(self.entries, 0) else {
            return self.fault.take().map(Err);
        };
        self.entries = self.entries.get(4..).unwrap_or_default();
        Some(ValueCell::at(self.cells, offset))
    }
}
