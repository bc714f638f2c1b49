//! A chunk: 64 KiB with a header of its own, readable without the rest of the file.

use super::page::{Page, narrow};
use super::record::Record;

const MAGIC: [u8; 8] = *b"ElfChnk\0";
/// The length of the header's fixed part, which it also states.
const FIXED_HEADER: u32 = 128;
/// The whole header, with the tables of names and templates.
const HEADER: usize = 512;
/// Windows leaves at least these bytes free at the end: no chunk of the logs we have seen is full to
/// the last byte, and libevtx overlooks a record that ends there.
const SPARE: usize = 8;
/// What every chunk of the logs we have seen states at offset 120.
const FLAGS: u32 = 1;

/// The bytes of a chunk and the little that its header says about them.
pub(super) struct Chunk {
    page: Page,
    first_id: u64,
    next_id: u64,
    last_record: usize,
}

impl Chunk {
    pub(super) const SIZE: usize = 0x1_0000;

    pub(super) fn starting_at(first_id: u64) -> Self {
        Self {
            page: Page::zeroed(HEADER, Self::SIZE * 2),
            first_id,
            next_id: first_id,
            last_record: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.next_id == self.first_id
    }

    pub(super) fn next_id(&self) -> u64 {
        self.next_id
    }

    /// Appends a record and says whether it fitted. One that did not leaves no trace: the tables
    /// in the header are all that knows of the names and templates it brought.
    pub(super) fn append(&mut self, record: &Record) -> bool {
        let mut header = [0; HEADER];
        header.copy_from_slice(&self.page.as_bytes()[..HEADER]);
        let start = self.page.len();
        record.write(&mut self.page, self.next_id);
        if self.page.len() + SPARE > Self::SIZE {
            self.page.resize(start);
            self.page.put(0, &header);
            return false;
        }
        self.last_record = start;
        self.next_id += 1;
        true
    }

    /// Fills in the header. The chunk takes no more records after that.
    pub(super) fn seal(&mut self) -> &[u8] {
        let free = self.page.len();
        let records = crc32fast::hash(&self.page.as_bytes()[HEADER..]);
        self.page.resize(Self::SIZE);
        let last_id = self.next_id - 1;
        self.page.put(0, &MAGIC);
        // Windows numbers records within the file and, besides, by id. They are the same as long
        // as the log was never cleared.
        for (at, id) in [
            (8, self.first_id),
            (16, last_id),
            (24, self.first_id),
            (32, last_id),
        ] {
            self.page.put(at, &id.to_le_bytes());
        }
        for (at, number) in [
            (40, FIXED_HEADER),
            (44, narrow(self.last_record)),
            (48, narrow(free)),
            (52, records),
            (120, FLAGS),
        ] {
            self.page.put(at, &number.to_le_bytes());
        }
        let header = self.header_checksum();
        self.page.put(124, &header.to_le_bytes());
        self.page.as_bytes()
    }

    /// The fixed part up to the flags, then the two tables.
    fn header_checksum(&self) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        sum.update(&self.page.as_bytes()[..120]);
        sum.update(&self.page.as_bytes()[128..HEADER]);
        sum.finalize()
    }
}
