//! `$FILE_NAME`: a name of a file in a folder, and times that only the system sets.

use super::attribute::{Attribute, kind};
use super::field::byte;
use super::reference::FileReference;
use super::standard_information::Times;

/// Which programs a name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names that the format gives them")]
pub enum Namespace {
    Posix = 0,
    Win32 = 1,
    Dos = 2,
    Win32AndDos = 3,
}

/// A name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The folder.
    pub parent: FileReference,
    /// The times that the file had when it got the name.
    pub times: Times,
    /// The sizes that it had then.
    pub allocated: u64,
    /// The same of its content.
    pub real: u64,
    /// Its attributes; 0x1000_0000 for folders.
    pub attributes: u32,
    /// The tag of a reparse point, else 0.
    pub reparse_tag: u32,
    /// For whom it is.
    pub namespace: Namespace,
    /// The name in UTF-16.
    pub name: Vec<u16>,
}

impl FileName {
    /// The attribute.
    #[must_use]
    pub fn attribute(&self) -> Attribute {
        let mut content = self.parent.to_u64().to_le_bytes().to_vec();
        content.extend(self.times.bytes());
        content.extend(self.allocated.to_le_bytes());
        content.extend(self.real.to_le_bytes());
        content.extend(self.attributes.to_le_bytes());
        content.extend(self.reparse_tag.to_le_bytes());
        content.extend([byte(self.name.len()), self.namespace as u8]);
        content.extend(self.name.iter().flat_map(|unit| unit.to_le_bytes()));
        Attribute::resident(kind::FILE_NAME, content)
    }

    /// The name as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf16_lossy(&self.name)
    }
}

/// A text in UTF-16.
#[must_use]
pub fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Whether a name is one that DOS can have: eight characters, a point, three.
#[must_use]
pub fn is_short(name: &str) -> bool {
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let fits = |part: &str| part.chars().all(is_dos_character);
    let is_dot = matches!(name, "." | "..");
    is_dot
        || (1..=8).contains(&stem.len())
            && ending.len() <= 3
            && !name.ends_with('.')
            && fits(stem)
            && fits(ending)
}

/// Whether DOS has this character in names.
pub(super) fn is_dos_character(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'()-@^_`{}~".contains(char)
}
