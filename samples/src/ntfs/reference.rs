//! Which file: the number of its MFT entry, and how often that entry was used before.

/// A file reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileReference {
    /// The number of the entry, of 48 bits.
    pub entry: u64,
    /// The sequence number that the entry had for this file.
    pub sequence: u16,
}

impl FileReference {
    /// No file: zero, as base records have it for their base.
    pub const NONE: Self = Self::new(0, 0);
    /// The folder of the volume, `.`.
    pub const ROOT: Self = Self::new(5, 5);

    /// The reference to an entry.
    #[must_use]
    pub const fn new(entry: u64, sequence: u16) -> Self {
        Self { entry, sequence }
    }

    /// As it is stored: the sequence number in the upper sixteen bits.
    #[must_use]
    pub const fn to_u64(self) -> u64 {
        self.entry & 0xFFFF_FFFF_FFFF | (self.sequence as u64) << 48
    }
}
