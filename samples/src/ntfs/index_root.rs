//! `$INDEX_ROOT`: what makes a record a folder, or one of the lists that the system keeps of other things.

use super::attribute::{Attribute, kind};
use super::field::put;

/// How names of files are sorted; lists of other things have other numbers.
const BY_FILE_NAME: u32 = 1;

/// The index of a folder without a list of its files. Nothing here reads the index: names lead from files to
/// folders.
#[must_use]
pub fn empty_index_root() -> Attribute {
    empty_index(kind::FILE_NAME, BY_FILE_NAME).named("$I30")
}

/// An index of something else than an attribute, such as `$SII`.
pub(super) fn empty_view_index(name: &str, collation: u32) -> Attribute {
    empty_index(0, collation).named(name)
}

fn empty_index(of: u32, collation: u32) -> Attribute {
    let mut content = vec![0; 0x30];
    put(&mut content, 0, of.to_le_bytes());
    put(&mut content, 4, collation.to_le_bytes());
    // Bytes and clusters of an index block.
    put(&mut content, 8, 4_096_u32.to_le_bytes());
    content[12] = 1;
    // Where the entries begin, and how long they and their room are.
    for (at, length) in [(16, 0x10_u32), (20, 0x20), (24, 0x20)] {
        put(&mut content, at, length.to_le_bytes());
    }
    // The one entry is the last.
    put(&mut content, 0x28, 0x10_u16.to_le_bytes());
    put(&mut content, 0x2C, 2_u16.to_le_bytes());
    Attribute::resident(kind::INDEX_ROOT, content)
}
