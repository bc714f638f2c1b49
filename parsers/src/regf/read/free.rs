//! Keys and values in cells that are free, or that no way from the root leads to.

use std::ops::{ControlFlow, Range};

use timeline::Ticks;

use super::budget::Budget;
use super::cell::{Cell, Cells, SIZE};
use super::hive::Hive;
use super::key::Key;
use super::marks::{ALIGNMENT, Marks};
use super::value::ValueCell;
use super::walk::{At, Origin, Used, Visitor};
use crate::le;

/// Bytes of the header of a hive bin.
const BIN_HEADER: usize = 32;
/// Hive bins begin at multiples of this.
const PAGE: usize = 4096;
/// Names of keys and of values have at most so many bytes, and most have far fewer.
const LONGEST_KEY_NAME: usize = 510;
/// Stands above a key whose parents are gone.
pub const ORPHAN: &str = "$Orphan";
/// Parents are followed so far.
const DEEPEST: usize = 512;
/// No key has more values.
const MOST_VALUES: u32 = 1 << 16;

/// Visits what was deleted.
pub(super) fn recover<'h>(
    hive: &'h Hive,
    used: Used,
    visitor: &mut dyn Visitor<'h>,
) -> ControlFlow<()> {
    let cells = hive.cells();
    let mut recovery = Recovery {
        cells,
        root: hive.root().map_or(u32::MAX, |root| root.offset()),
        used: used.cells,
        budget: used.budget,
        claimed: Marks::new(cells.bytes().len()),
        values: Vec::new(),
        visitor,
    };
    regions(cells, hive.used(), &mut |region, is_free| {
        recovery.region(region, is_free)
    })?;
    recovery.lost_values()
}

/// Calls `each` with every cell's place and whether it is free, in order; what is left of a bin whose
/// cells cannot be followed counts as free.
fn regions(
    cells: Cells<'_>,
    end: usize,
    each: &mut dyn FnMut(Range<usize>, bool) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let bytes = cells.bytes();
    let mut bin = 0;
    while bin < end {
        let header = bytes.get(bin..).unwrap_or_default();
        let size = le::u32(header, 8).map_or(0, |size| size as usize);
        let is_bin = header.starts_with(b"hbin") && size >= PAGE && size.is_multiple_of(PAGE);
        if !is_bin {
            each(bin..(bin + PAGE).min(end), true)?;
            bin += PAGE;
            continue;
        }
        let bin_end = bin.saturating_add(size).min(end);
        let mut place = bin + BIN_HEADER;
        while place < bin_end {
            let size = le::array(bytes, place).map_or(0, i32::from_le_bytes);
            let length = size.unsigned_abs() as usize;
            let next = place.saturating_add(length);
            if length < ALIGNMENT || !length.is_multiple_of(ALIGNMENT) || next > bin_end {
                each(place..bin_end, true)?;
                break;
            }
            each(place..next, size > 0)?;
            place = next;
        }
        bin = bin_end;
    }
    ControlFlow::Continue(())
}

struct Recovery<'h, 'v> {
    cells: Cells<'h>,
    root: u32,
    used: Marks,
    budget: Budget,
    /// Values that a deleted key has.
    claimed: Marks,
    /// Values in free cells, in their order: where they begin, and where their room ends.
    values: Vec<(u32, u32)>,
    visitor: &'v mut dyn Visitor<'h>,
}

impl<'h> Recovery<'h, '_> {
    /// Looks for keys and values in one cell. In a free one, others may have been that were joined to it.
    fn region(&mut self, region: Range<usize>, is_free: bool) -> ControlFlow<()> {
        let bytes = self.cells.bytes();
        let Some(region_bytes) = bytes.get(region.clone()) else {
            return ControlFlow::Continue(());
        };
        if !is_free {
            return self.place(region.start, region_bytes, false);
        }
        for (number, _) in region_bytes.chunks(ALIGNMENT).enumerate() {
            let at = number * ALIGNMENT;
            let rest = region_bytes.get(at..).unwrap_or_default();
            self.place(region.start + at, rest, true)?;
        }
        ControlFlow::Continue(())
    }

    /// Looks at one place; most hold neither.
    fn place(&mut self, place: usize, bytes: &'h [u8], is_free: bool) -> ControlFlow<()> {
        let signature = le::array::<2>(bytes, SIZE);
        let is_key = signature == Some(*b"nk");
        if !is_key && signature != Some(*b"vk") {
            return ControlFlow::Continue(());
        }
        let (Ok(offset), Some(content)) = (u32::try_from(place), bytes.get(SIZE..)) else {
            return ControlFlow::Continue(());
        };
        if self.used.has(offset) {
            return ControlFlow::Continue(());
        }
        let cell = Cell {
            offset,
            is_allocated: !is_free,
            content,
        };
        if is_key {
            return self.key(cell);
        }
        self.value(cell);
        ControlFlow::Continue(())
    }

    fn key(&mut self, cell: Cell<'h>) -> ControlFlow<()> {
        let Ok(key) = Key::of(self.cells, cell) else {
            return ControlFlow::Continue(());
        };
        if !is_plausible_key(&key) {
            return ControlFlow::Continue(());
        }
        let claimed = &mut self.claimed;
        let may_be_read = self
            .budget
            .values(&key, |value| claimed.mark(value.offset()));
        let key = if may_be_read {
            key
        } else {
            key.without_values()
        };
        let path = self.path(&key);
        self.visitor.key(&At {
            path: &path,
            key,
            before: None,
            origin: if cell.is_allocated {
                Origin::Orphan
            } else {
                Origin::Free
            },
        })
    }

    fn value(&mut self, cell: Cell<'h>) {
        if let Ok(value) = ValueCell::of(self.cells, cell)
            && is_plausible_value(&value, self.cells)
        {
            let length = u32::try_from(cell.content.len()).unwrap_or(u32::MAX);
            let length = if cell.is_allocated { 0 } else { length };
            self.values.push((cell.offset, length));
        }
    }

    /// Hands over the values that no key claims.
    fn lost_values(self) -> ControlFlow<()> {
        let Self {
            cells,
            claimed,
            values,
            visitor,
            ..
        } = self;
        for (offset, length) in values {
            if claimed.has(offset) {
                continue;
            }
            let value = match length {
                // In use, with a size of its own.
                0 => cells.cell(offset),
                _ => cells.free(offset, length),
            };
            if let Ok(value) = value.and_then(|cell| ValueCell::of(cells, cell)) {
                visitor.lost_value(value)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The path of a key below the root, as its parents tell it.
    fn path(&mut self, key: &Key<'h>) -> String {
        let mut names = vec![key.name()];
        let mut parent = key.parent();
        while parent != self.root {
            let above = Key::at(self.cells, parent).ok();
            let may_go_on = names.len() < DEEPEST && self.budget.subkey();
            let Some(above) = above.filter(|_| may_go_on) else {
                names.push(ORPHAN.into());
                break;
            };
            names.push(above.name());
            parent = above.parent();
        }
        names.reverse();
        names.join("\\")
    }
}

fn is_plausible_key(key: &Key<'_>) -> bool {
    let name = key.name();
    let is_name = !name.is_empty()
        && name.len() <= LONGEST_KEY_NAME * 2
        && key.has_whole_name()
        && !name.contains(['\\', '\0']);
    let is_dated = key.last_written().is_some_and(Ticks::is_believable);
    let is_below =
        (key.parent() as usize).is_multiple_of(ALIGNMENT) && key.parent() != key.offset();
    is_name && is_dated && is_below && key.value_count() < MOST_VALUES
}

fn is_plausible_value(value: &ValueCell<'_>, cells: Cells<'_>) -> bool {
    let is_named = value.has_whole_name() && !value.name().contains('\0');
    // Types beyond the usual are devices' properties, which have the highest half set.
    let is_typed = value.data_type() <= 11 || value.data_type() >> 16 == 0xffff;
    is_named && is_typed && value.data_size() as usize <= cells.bytes().len()
}

/// Values that a key had: its list has room for more than it counts, and what stood there last stands there
/// still.
pub fn former_values<'h>(key: &Key<'h>) -> impl Iterator<Item = ValueCell<'h>> {
    let values = key.beyond_values();
    values
        .filter_map(Result::ok)
        .filter(|value| !value.is_allocated() && value.has_whole_name())
}
