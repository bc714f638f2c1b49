//! The bytes of one chunk while they grow, little-endian.

use super::sid::Sid;

/// A chunk's bytes. They may outgrow the chunk while a record is tried; `Chunk` then takes it back.
pub(super) struct Page(Vec<u8>);

impl Page {
    pub(super) fn zeroed(length: usize, capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity);
        bytes.resize(length, 0);
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Where the next byte goes.
    pub(super) fn position(&self) -> u32 {
        narrow(self.0.len())
    }

    /// Cuts or fills up with zeros.
    pub(super) fn resize(&mut self, length: usize) {
        self.0.resize(length, 0);
    }

    pub(super) fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    pub(super) fn u16(&mut self, number: u16) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn sid(&mut self, sid: &Sid) {
        sid.append_to(&mut self.0);
    }

    /// UTF-16 without a closing zero.
    pub(super) fn text(&mut self, text: &str) {
        for unit in text.encode_utf16() {
            self.u16(unit);
        }
    }

    pub(super) fn text_with_zero(&mut self, text: &str) {
        self.text(text);
        self.u16(0);
    }

    /// The number of UTF-16 units, then the units.
    pub(super) fn counted_text(&mut self, text: &str) {
        let count = self.reserve(2);
        self.text(text);
        self.put(
            count,
            &narrow_u16((self.len() - count - 2) / 2).to_le_bytes(),
        );
    }

    /// Leaves room for a number that is known later, and says where.
    pub(super) fn reserve(&mut self, length: usize) -> usize {
        let here = self.len();
        self.resize(here + length);
        here
    }

    /// Overwrites what is there.
    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Fills a four-byte room with the number of bytes written since it ended.
    pub(super) fn put_length_since(&mut self, room: usize) {
        let length = narrow(self.len() - room - 4);
        self.put(room, &length.to_le_bytes());
    }

    pub(super) fn u32_at(&self, at: usize) -> u32 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.0[at..at + 4]);
        u32::from_le_bytes(bytes)
    }
}

/// A length as the format stores it. Longer ones do not fit a chunk anyway, so the record that has
/// one is refused by `Chunk::append`, whatever was written here.
pub(super) fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The same for two-byte lengths.
pub(super) fn narrow_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
