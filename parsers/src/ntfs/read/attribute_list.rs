//! $ATTRIBUTE_LIST: which record has which attribute of a large entry.

use super::Reference;
use crate::le;

/// Where one attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// What it is.
    pub kind: u32,
    /// The record that has it.
    pub record: Reference,
}

/// The entries of a list, up to one that leads out of it.
pub fn list_entries(content: &[u8]) -> impl Iterator<Item = ListEntry> + '_ {
    let mut rest = content;
    std::iter::from_fn(move || {
        let entry = ListEntry {
            kind: le::u32(rest, 0)?,
            record: Reference(le::u64(rest, 0x10)?),
        };
        let length = usize::from(le::u16(rest, 4)?);
        // The shortest has no name.
        rest = rest.get(length..).filter(|_| length >= 0x1a)?;
        Some(entry)
    })
}
