//! Chunks: 64 KiB each, readable on their own (libyal, "Chunk").

use timeline::Issue;

use crate::le;

/// What a chunk begins with.
pub(super) const MAGIC: &[u8; 8] = b"ElfChnk\0";
/// Bytes of a chunk.
pub(super) const SIZE: usize = 65_536;
/// Bytes before the first record: header, string table and template table.
pub(crate) const HEADER_SIZE: usize = 512;
/// Flag: checksums are not used.
const NO_CHECKSUM: u32 = 4;

/// What a chunk says about itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkHeader {
    /// Numbers of the first and the last record, as their headers have them.
    pub(super) first_record: u64,
    pub(super) last_record: u64,
    /// Where the records end.
    pub(super) free_space: usize,
    /// Whether the header's checksum is right, or said to be unused.
    pub(super) is_sound: bool,
    data_checksum: u32,
    header_checksums: (u32, u32),
    uses_checksums: bool,
}

impl ChunkHeader {
    /// Reads the header, whether the magic is right or not.
    pub(super) fn read(chunk: &[u8]) -> Option<Self> {
        let flags = le::u32(chunk, 120)?;
        let stored = le::u32(chunk, 124)?;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(chunk.get(..120)?);
        hasher.update(chunk.get(128..HEADER_SIZE)?);
        let computed = hasher.finalize();
        let uses_checksums = flags & NO_CHECKSUM == 0;
        Some(Self {
            first_record: le::u64(chunk, 24)?,
            last_record: le::u64(chunk, 32)?,
            free_space: le::u32(chunk, 48)? as usize,
            is_sound: !uses_checksums || stored == computed,
            data_checksum: le::u32(chunk, 52)?,
            header_checksums: (computed, stored),
            uses_checksums,
        })
    }

    /// Where the records of a chunk end, as far as the header can be believed.
    pub(super) fn records_end(&self, chunk: &[u8]) -> usize {
        if (HEADER_SIZE..=SIZE).contains(&self.free_space) {
            self.free_space.min(chunk.len())
        } else {
            chunk.len()
        }
    }

    /// What is wrong with the chunk's checksums. Records that can be read are read nevertheless.
    pub(super) fn check(&self, chunk: &[u8], offset: u64) -> Vec<Issue> {
        let mut issues = Vec::new();
        if !self.is_sound {
            let message = "The header of a chunk does not have its checksum.";
            let (computed, stored) = self.header_checksums;
            issues.push(checksum_note(message, offset, computed, stored));
        }
        let records = chunk.get(HEADER_SIZE..self.free_space);
        if let Some(records) = records.filter(|_| self.uses_checksums) {
            let computed = crc32fast::hash(records);
            if computed != self.data_checksum {
                let message = "The records of a chunk do not have their checksum.";
                let stored = self.data_checksum;
                issues.push(checksum_note(message, offset, computed, stored));
            }
        }
        issues
    }
}

fn checksum_note(message: &str, offset: u64, computed: u32, stored: u32) -> Issue {
    Issue::note("chunk-checksum", message)
        .at(offset)
        .expected(format!("{computed:#010x}"), format!("{stored:#010x}"))
}
