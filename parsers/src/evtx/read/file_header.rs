//! The header block at the start of a log (libyal, "File header").

use crate::le;

/// What a log begins with.
pub(super) const MAGIC: &[u8; 8] = b"ElfFile\0";
/// Bytes of the header block, as all versions of Windows write it.
pub(super) const BLOCK_SIZE: usize = 4096;
/// Bytes that the checksum covers.
const CHECKED: usize = 120;

/// What the file header says. None of it is needed to find the chunks, and in a log copied from a
/// running machine it is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// Number of the chunk with the oldest records.
    pub first_chunk: u64,
    /// Number of the chunk that was written last.
    pub last_chunk: u64,
    /// Number that the next record would get.
    pub next_record: u64,
    /// Major and minor version of the format.
    pub version: (u16, u16),
    /// How many chunks are in use.
    pub chunk_count: u16,
    /// Whether the log was not closed: the header is older than the chunks.
    pub is_dirty: bool,
    /// Whether the log had reached its maximum size.
    pub is_full: bool,
    /// Whether the stored checksum is the right one, or said to be unused.
    pub is_sound: bool,
    /// Where the chunks begin.
    pub(super) block_size: u16,
    pub(super) checksum: (u32, u32),
}

impl FileHeader {
    const DIRTY: u32 = 1;
    const FULL: u32 = 2;
    const NO_CHECKSUM: u32 = 4;

    /// Reads the header from the first bytes of a file, if they are one.
    pub(super) fn read(block: &[u8]) -> Option<Self> {
        if !block.starts_with(MAGIC) {
            return None;
        }
        let flags = le::u32(block, 120)?;
        let stored = le::u32(block, 124)?;
        let computed = crc32fast::hash(block.get(..CHECKED)?);
        Some(Self {
            first_chunk: le::u64(block, 8)?,
            last_chunk: le::u64(block, 16)?,
            next_record: le::u64(block, 24)?,
            version: (le::u16(block, 38)?, le::u16(block, 36)?),
            block_size: le::u16(block, 40)?,
            chunk_count: le::u16(block, 42)?,
            is_dirty: flags & Self::DIRTY != 0,
            is_full: flags & Self::FULL != 0,
            is_sound: flags & Self::NO_CHECKSUM != 0 || stored == computed,
            checksum: (computed, stored),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fields_and_checks_them() {
        let mut block = vec![0; BLOCK_SIZE];
        block[..8].copy_from_slice(MAGIC);
        block[16] = 7;
        block[24] = 99;
        block[36..44].copy_from_slice(&[1, 0, 3, 0, 0, 16, 8, 0]);
        block[120] = 1;
        let checksum = crc32fast::hash(&block[..120]);
        block[124..128].copy_from_slice(&checksum.to_le_bytes());
        let header = FileHeader::read(&block).unwrap();
        assert_eq!((header.last_chunk, header.next_record), (7, 99));
        assert_eq!((header.version, header.chunk_count), ((3, 1), 8));
        assert!(header.is_sound && header.is_dirty && !header.is_full);
        block[24] = 98;
        assert!(!FileHeader::read(&block).unwrap().is_sound);
        block[120] = 4;
        assert!(FileHeader::read(&block).unwrap().is_sound);
        assert_eq!(FileHeader::read(&block[..127]), None);
    }
}
