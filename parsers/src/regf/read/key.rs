//! Keys: `nk` cells.

use std::borrow::Cow;

use timeline::Ticks;

use super::cell::{Cell, Cells};
use super::fault::Fault;
use super::list::{Subkeys, Values};
use super::name::{name, utf16};
use super::security;
use super::value::ValueCell;
use crate::le;
use crate::security_descriptor::SecurityDescriptor;

/// Bytes before the name.
const HEADER: usize = 76;
/// Stands for no cell.
pub(super) const NONE: u32 = u32::MAX;

/// The name is Latin-1.
const LATIN1: u16 = 0x20;
/// The key is the root of its hive.
const ROOT: u16 = 0x04;

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key<'h> {
    pub(super) cells: Cells<'h>,
    cell: Cell<'h>,
    header: &'h [u8; HEADER],
    /// Whether its values are left out: they are others', too, and were read.
    is_without_values: bool,
}

impl<'h> Key<'h> {
    /// The key at a cell.
    pub fn at(cells: Cells<'h>, offset: u32) -> Result<Self, Fault> {
        Self::of(cells, cells.signed(offset, "nk")?)
    }

    /// The key in a cell that is known to begin as one.
    pub(super) fn of(cells: Cells<'h>, cell: Cell<'h>) -> Result<Self, Fault> {
        let header = cell.header()?;
        Ok(Self {
            cells,
            cell,
            header,
            is_without_values: false,
        })
    }

    /// The same key without its values.
    pub(super) fn without_values(self) -> Self {
        Self {
            is_without_values: true,
            ..self
        }
    }

    /// The cells that it is among.
    pub(crate) fn cells(&self) -> Cells<'h> {
        self.cells
    }

    fn number(&self, at: usize) -> u32 {
        le::u32(self.header, at).unwrap_or(NONE)
    }

    fn short(&self, at: usize) -> u16 {
        le::u16(self.header, at).unwrap_or_default()
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

    /// Whether it says that it is the root of its hive.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.short(2) & ROOT != 0
    }

    /// When the key, its values or the list of its subkeys last changed.
    #[must_use]
    pub fn last_written(&self) -> Option<Ticks> {
        le::u64(self.header, 4).and_then(Ticks::from_filetime)
    }

    /// The cell of its parent.
    #[must_use]
    pub fn parent(&self) -> u32 {
        self.number(16)
    }

    /// How many subkeys it says it has.
    #[must_use]
    pub fn subkey_count(&self) -> u32 {
        self.number(20)
    }

    /// How many values it says it has.
    #[must_use]
    pub fn value_count(&self) -> u32 {
        self.number(36)
    }

    /// The bytes of its name, as many as there are, and whether they are Latin-1.
    fn name_bytes(&self) -> (&'h [u8], bool) {
        let rest = self.cell.content.get(HEADER..).unwrap_or_default();
        let length = usize::from(self.short(72));
        (
            rest.get(..length).unwrap_or(rest),
            self.short(2) & LATIN1 != 0,
        )
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Cow<'h, str> {
        let (bytes, is_latin1) = self.name_bytes();
        name(bytes, is_latin1)
    }

    /// Whether its cell has all of its name.
    #[must_use]
    pub fn has_whole_name(&self) -> bool {
        self.name_bytes().0.len() == usize::from(self.short(72))
    }

    /// Whether both have the same bytes for their names.
    pub(super) fn has_name_of(&self, other: &Key<'_>) -> bool {
        self.name_bytes() == other.name_bytes()
    }

    /// Its class name: a text that hardly anything but the system key uses.
    #[must_use]
    pub fn class_name(&self) -> Option<String> {
        let length = usize::from(self.short(74));
        let offset = self.number(48);
        if length == 0 || offset == NONE {
            return None;
        }
        let content = self.cells.cell(offset).ok()?.content;
        Some(utf16(content.get(..length).unwrap_or(content)))
    }

    /// The cell of its security descriptor, which many keys share.
    #[must_use]
    pub fn security_cell(&self) -> u32 {
        self.number(44)
    }

    /// Its security descriptor.
    #[must_use]
    pub fn security(&self) -> Option<SecurityDescriptor<'h>> {
        security::descriptor(self.cells, self.security_cell()).ok()
    }

    /// Its subkeys.
    #[must_use]
    pub fn subkeys(&self) -> Subkeys<'h> {
        let count = self.subkey_count();
        let list = if count == 0 { NONE } else { self.number(28) };
        Subkeys::new(self.cells, list, count)
    }

    /// Its values.
    #[must_use]
    pub fn values(&self) -> Values<'h> {
        let count = self.value_count();
        let is_empty = count == 0 || self.is_without_values;
        let list = if is_empty { NONE } else { self.number(40) };
        Values::new(self.cells, list, count)
    }

    /// What stands in its list of values behind those that it counts.
    pub(super) fn beyond_values(&self) -> Values<'h> {
        Values::beyond(self.cells, self.number(40), self.value_count())
    }

    /// The subkey of a name, whatever its case.
    #[must_use]
    pub fn subkey(&self, name: &str) -> Option<Key<'h>> {
        self.subkeys()
            .filter_map(Result::ok)
            .find(|key| same_name(&key.name(), name))
    }

    /// The key below this one at a path.
    #[must_use]
    pub fn descendant(&self, path: &str) -> Option<Key<'h>> {
        path.split('\\')
            .try_fold(*self, |key, name| key.subkey(name))
    }

    /// The value of a name, whatever its case; the key's own value has none.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<ValueCell<'h>> {
        self.values()
            .filter_map(Result::ok)
            .find(|value| same_name(&value.name(), name))
    }
}

/// Names are the same whatever their case.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || (!(a.is_ascii() && b.is_ascii()) && a.chars().map(upper).eq(b.chars().map(upper)))
}

/// A name in capitals, as names are compared.
pub(crate) fn upper_name(name: &str) -> String {
    name.chars().map(upper).collect()
}

/// Windows makes one capital of one letter, or none.
fn upper(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => letter,
    }
}
