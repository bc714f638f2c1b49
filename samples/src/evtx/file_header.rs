//! The file's header: one page of 4096 bytes, of which the first 128 say something.

const MAGIC: [u8; 8] = *b"ElfFile\0";
const MINOR_VERSION: u16 = 1;
const MAJOR_VERSION: u16 = 3;
const STATED_LENGTH: u32 = 128;
/// The log was not closed: what the header says may be too little.
const DIRTY: u32 = 1;

/// What the header says about the log.
pub(super) struct FileHeader {
    pub(super) chunks: u16,
    pub(super) next_id: u64,
    pub(super) dirty: bool,
}

impl FileHeader {
    pub(super) const SIZE: u16 = 4096;

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(usize::from(Self::SIZE));
        bytes.extend(MAGIC);
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend(u64::from(self.chunks.saturating_sub(1)).to_le_bytes());
        bytes.extend(self.next_id.to_le_bytes());
        bytes.extend(STATED_LENGTH.to_le_bytes());
        for number in [MINOR_VERSION, MAJOR_VERSION, Self::SIZE, self.chunks] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.resize(120, 0);
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(if self.dirty { DIRTY } else { 0 }.to_le_bytes());
        bytes.extend(checksum.to_le_bytes());
        bytes.resize(usize::from(Self::SIZE), 0);
        bytes
    }
}
