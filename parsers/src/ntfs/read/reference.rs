//! References to entries of the table.

use std::fmt;

/// Number and sequence of an entry (a file id of 64 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Reference(pub u64);

impl Reference {
    /// The root directory's entry.
    pub const ROOT: u64 = 5;

    /// From its parts.
    #[must_use]
    pub fn new(entry: u64, sequence: u16) -> Self {
        Self(entry & ENTRY | u64::from(sequence) << 48)
    }

    /// The number of the entry: 48 bits.
    #[must_use]
    pub fn entry(self) -> u64 {
        self.0 & ENTRY
    }

    /// How often the entry was used, when the reference was made.
    #[must_use]
    pub fn sequence(self) -> u16 {
        (self.0 >> 48) as u16
    }
}

const ENTRY: u64 = (1 << 48) - 1;

/// `ENTRY-SEQUENCE`, decimal.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.entry(), self.sequence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_reference() {
        let reference = Reference(0x0005_0000_0000_0005);
        assert_eq!((reference.entry(), reference.sequence()), (5, 5));
        assert_eq!(Reference::new(5, 5), reference);
        assert_eq!(Reference::new(70_000, 12).to_string(), "70000-12");
    }
}
