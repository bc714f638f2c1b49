//! The stream `$UsnJrnl:$J`: records one behind the other, at the offsets that are their numbers.

use super::usn::{UsnExtents, UsnRecord};

/// No record lies across a border of so many bytes.
const PAGE: usize = 4_096;

/// A journal.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    bytes: Vec<u8>,
    base: u64,
}

impl Journal {
    /// A journal whose first bytes were freed: so many zeros, as copies of the stream have them.
    #[must_use]
    pub fn behind_zeros(count: usize) -> Self {
        Self {
            bytes: vec![0; count],
            base: 0,
        }
    }

    /// A journal that begins at this number, a multiple of 4,096: what collectors copy that leave out the
    /// freed start.
    #[must_use]
    pub fn cut_before(usn: u64) -> Self {
        Self {
            bytes: Vec::new(),
            base: usn,
        }
    }

    /// Adds a record and gives its number.
    pub fn push(&mut self, record: &UsnRecord) -> u64 {
        self.place(|usn| record.bytes(usn))
    }

    /// Adds a record of version 4.
    pub fn push_extents(&mut self, record: &UsnExtents) -> u64 {
        self.place(|usn| record.bytes(usn))
    }

    /// Adds any bytes where a record of their length would lie, and gives that place.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> u64 {
        self.place(|_| bytes.to_vec())
    }

    /// The number that the next record gets if it fits into its page.
    #[must_use]
    pub fn next_usn(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// The stream.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn place(&mut self, bytes: impl Fn(u64) -> Vec<u8>) -> u64 {
        let room = PAGE - self.bytes.len() % PAGE;
        if bytes(0).len() > room {
            self.bytes.resize(self.bytes.len() + room, 0);
        }
        let usn = self.next_usn();
        self.bytes.extend(bytes(usn));
        usn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ntfs::{FileReference, UsnForm, reason, utf16};
    use crate::time::FileTime;

    fn record(form: UsnForm, name: &str) -> UsnRecord {
        UsnRecord {
            form,
            file: FileReference::new(40, 2).into(),
            parent: FileReference::ROOT.into(),
            time: FileTime::day(2026, 3, 2),
            reasons: reason::FILE_CREATE,
            source: 0,
            security_id: 0,
            attributes: 0x20,
            name: utf16(name),
        }
    }

    #[test]
    fn no_record_lies_across_a_border_of_pages() {
        let mut journal = Journal::behind_zeros(8_192);
        let usns: Vec<u64> = (0..200)
            .map(|_| journal.push(&record(UsnForm::V2, "a name.txt")))
            .collect();
        assert_eq!(usns[0], 8_192);
        let bytes = journal.bytes();
        for usn in usns {
            let at = usize::try_from(usn).unwrap();
            assert_eq!(bytes[at..at + 4], 80_u32.to_le_bytes());
            assert_eq!(bytes[at + 24..at + 32], usn.to_le_bytes());
            assert!(at % 4_096 + 80 <= 4_096);
        }
    }

    #[test]
    fn a_cut_journal_keeps_its_numbers() {
        let mut journal = Journal::cut_before(0x2000_0000);
        assert_eq!(journal.push(&record(UsnForm::V3, "x")), 0x2000_0000);
        assert_eq!(journal.push(&record(UsnForm::V3, "x")), 0x2000_0050);
        assert_eq!(journal.bytes().len(), 0xA0);
    }
}
