//! $FILE_NAME.

use super::{Attributes, Reference, Times, kind};
use crate::le;

/// Where the name begins.
const NAME: usize = 0x42;

/// For whom a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Namespace {
    /// Long, and short enough for DOS.
    Both,
    /// Long.
    Win32,
    /// Case counts, almost all characters are allowed. Hard links have it, too.
    Posix,
    /// 8.3.
    Dos,
}

/// A name of an entry in one directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileName<'a> {
    /// The directory.
    pub parent: Reference,
    /// The times that $STANDARD_INFORMATION had when the name was written.
    pub times: Times,
    /// The size then: often 0.
    pub size: u64,
    /// DOS attributes then.
    pub attributes: u32,
    /// For whom it is.
    pub namespace: Namespace,
    /// The name, UTF-16.
    pub name: &'a [u8],
}

impl<'a> FileName<'a> {
    /// The names among attributes, those that can be read.
    pub fn among(mut attributes: Attributes<'a>) -> impl Iterator<Item = Self> {
        std::iter::from_fn(move || attributes.next_of(kind::FILE_NAME))
            .filter_map(|attribute| Self::read(attribute.resident()?))
    }

    /// Reads the content of the attribute.
    #[must_use]
    pub fn read(content: &'a [u8]) -> Option<Self> {
        let [units, namespace] = le::array::<2>(content, 0x40)?;
        Some(Self {
            parent: Reference(le::u64(content, 0)?),
            times: Times::read(content, 8)?,
            size: le::u64(content, 0x30)?,
            attributes: le::u32(content, 0x38)?,
            namespace: match namespace {
                1 => Namespace::Win32,
                2 => Namespace::Dos,
                3 => Namespace::Both,
                _ => Namespace::Posix,
            },
            name: content.get(NAME..)?.get(..usize::from(units) * 2)?,
        })
    }
}
