//! Hive bins while they are filled with cells.

/// Hive bins are multiples of this.
const PAGE: usize = 4096;
/// Bytes of the header of a bin.
const HEADER: usize = 32;
/// Bytes of the size before a cell.
const SIZE: usize = 4;
/// Stands for no cell.
pub(super) const NONE: u32 = u32::MAX;

/// The bins of a hive.
#[derive(Debug, Default)]
pub(super) struct Bins {
    bytes: Vec<u8>,
    /// Where the next cell goes.
    next: usize,
}

impl Bins {
    /// Puts a cell with this content and gives its place.
    pub(super) fn put(&mut self, content: &[u8]) -> u32 {
        let length = (content.len() + SIZE).next_multiple_of(8).max(16);
        if self.next + length > self.bytes.len() {
            self.close();
            self.open(length);
        }
        let place = self.next;
        let size = i32::try_from(length).expect("a cell is smaller than 2 GiB");
        self.bytes[place..place + SIZE].copy_from_slice(&(-size).to_le_bytes());
        self.bytes[place + SIZE..place + SIZE + content.len()].copy_from_slice(content);
        self.next += length;
        u32::try_from(place).expect("a hive is smaller than 4 GiB")
    }

    /// Writes over content at a place in a cell.
    pub(super) fn patch(&mut self, cell: u32, at: usize, bytes: &[u8]) {
        let start = cell as usize + SIZE + at;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// Frees a cell: its content stays.
    pub(super) fn free(&mut self, cell: u32) {
        let place = cell as usize;
        let size = i32::from_le_bytes(
            self.bytes[place..place + SIZE]
                .try_into()
                .expect("four bytes"),
        );
        self.bytes[place..place + SIZE].copy_from_slice(&size.abs().to_le_bytes());
    }

    /// All bins.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.close();
        self.bytes
    }

    /// What is left of the last bin is one free cell.
    fn close(&mut self) {
        let rest = self.bytes.len() - self.next;
        if rest > 0 {
            let size = i32::try_from(rest).expect("less than a bin");
            self.bytes[self.next..self.next + SIZE].copy_from_slice(&size.to_le_bytes());
            self.next = self.bytes.len();
        }
    }

    fn open(&mut self, length: usize) {
        let start = self.bytes.len();
        let size = (length + HEADER).next_multiple_of(PAGE);
        self.bytes.resize(start + size, 0);
        let header = &mut self.bytes[start..start + HEADER];
        header[..4].copy_from_slice(b"hbin");
        let number = |number: usize| u32::try_from(number).expect("a hive is smaller than 4 GiB");
        header[4..8].copy_from_slice(&number(start).to_le_bytes());
        header[8..12].copy_from_slice(&number(size).to_le_bytes());
        self.next = start + HEADER;
    }
}
