//! The base block: the first 4096 bytes of a hive, the first 512 of a transaction log.

use timeline::Ticks;

use crate::le;

/// Bytes of the base block that its checksum is of.
const CHECKED: usize = 508;
/// Bytes of it that logs have, too.
pub(super) const SECTOR: usize = 512;

/// What the base block says of a hive or a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseBlock {
    /// Counted up before the hive is written.
    pub primary_sequence: u32,
    /// Counted up after it was written: when it is behind, the hive is dirty.
    pub secondary_sequence: u32,
    /// When the hive was last written.
    pub last_written: Option<Ticks>,
    /// Version of the format: 1.3 and 1.5 are usual.
    pub version: (u32, u32),
    /// What the file is.
    pub file_type: FileType,
    /// The cell of the root key.
    pub root: u32,
    /// Bytes of hive bins.
    pub bins_size: u32,
    /// The end of the path that the hive was loaded from.
    pub file_name: String,
    /// Whether its checksum is right.
    pub is_intact: bool,
}

/// What a file with a base block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// A hive.
    Hive,
    /// A transaction log: dirty pages and a bitmap of them (until Windows 8).
    OldLog,
    /// A transaction log: entries with dirty pages (since Windows 8.1).
    NewLog,
    /// What nothing else is known of.
    Other(u32),
}

impl BaseBlock {
    /// Reads it from the first bytes of a file, if they are one.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(b"regf") {
            return None;
        }
        let number = |at| le::u32(bytes, at);
        let file_type = match number(28)? {
            0 => FileType::Hive,
            1 | 2 => FileType::OldLog,
            6 => FileType::NewLog,
            other => FileType::Other(other),
        };
        Some(Self {
            primary_sequence: number(4)?,
            secondary_sequence: number(8)?,
            last_written: le::u64(bytes, 12).and_then(Ticks::from_filetime),
            version: (number(20)?, number(24)?),
            file_type,
            root: number(36)?,
            bins_size: number(40)?,
            file_name: file_name(bytes.get(48..112)?),
            is_intact: number(CHECKED)? == checksum(bytes)?,
        })
    }

    /// Whether the hive was being written when it was copied: what is newest is in its logs.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.primary_sequence != self.secondary_sequence || !self.is_intact
    }
}

/// The exclusive or of the first 127 numbers, but for two results that mean something else.
fn checksum(bytes: &[u8]) -> Option<u32> {
    let (numbers, _) = bytes.get(..CHECKED)?.as_chunks::<4>();
    let sum = numbers
        .iter()
        .fold(0, |sum, number| sum ^ u32::from_le_bytes(*number));
    Some(match sum {
        u32::MAX => u32::MAX - 1,
        0 => 1,
        sum => sum,
    })
}

fn file_name(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    let name = units.take_while(|&unit| unit != 0);
    char::decode_utf16(name)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}
