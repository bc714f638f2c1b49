//! One record of the MFT.

use super::attribute::Attribute;
use super::error::Error;
use super::field::{long, put, short};
use super::reference::FileReference;

/// Flag of a record that is some file's.
pub const IN_USE: u16 = 1;
/// Flag of a folder.
pub const IS_FOLDER: u16 = 2;

/// Bytes of a record, on all volumes but those with sectors of 4 KiB.
const SIZE: usize = 1_024;
/// The last two bytes of so many are replaced on disk, to show that all of them were written.
const SECTOR: usize = 512;
/// Where the replaced bytes are kept.
const UPDATE_SEQUENCE: usize = 0x30;
/// Ends the attributes.
const END: [u8; 8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

/// A record as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MftRecord {
    /// Its number.
    pub number: u64,
    /// How often it was used, as its header has it: one more than in references to a file that was deleted.
    pub sequence: u16,
    /// How many names the file has in folders.
    pub links: u16,
    /// [`IN_USE`], [`IS_FOLDER`].
    pub flags: u16,
    /// The record that this one extends, or [`FileReference::NONE`].
    pub base: FileReference,
    /// The number of its last change in `$LogFile`.
    pub lsn: u64,
    /// What stands at the end of each sector.
    pub update: u16,
    /// Bytes of the record, 1,024 or 4,096.
    pub size: usize,
    /// The number that the next attribute would get.
    pub next_id: u16,
    /// Its attributes, in the order of their types.
    pub attributes: Vec<Attribute>,
}

impl MftRecord {
    /// A record of a file, without attributes.
    #[must_use]
    pub fn new(reference: FileReference) -> Self {
        Self {
            number: reference.entry,
            sequence: reference.sequence,
            links: 1,
            flags: IN_USE,
            base: FileReference::NONE,
            lsn: 0x10_0000 + reference.entry * 0x98,
            update: 1,
            size: SIZE,
            next_id: 0,
            attributes: Vec::new(),
        }
    }

    /// Adds an attribute behind the others, numbered.
    #[must_use]
    pub fn with(mut self, attribute: Attribute) -> Self {
        self.push(attribute);
        self
    }

    /// The same.
    pub fn push(&mut self, mut attribute: Attribute) {
        attribute.id = self.next_id;
        self.next_id += 1;
        self.attributes.push(attribute);
    }

    /// The reference to the file.
    #[must_use]
    pub fn reference(&self) -> FileReference {
        FileReference::new(self.number, self.sequence)
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn needed(&self) -> usize {
        let attributes = self
            .attributes
            .iter()
            .map(|attribute| attribute.bytes().len());
        self.first_attribute() + attributes.sum::<usize>() + END.len()
    }

    /// The record as it is on disk.
    ///
    /// # Errors
    /// When its attributes have no room in it.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = self.plain_bytes()?;
        protect(&mut bytes, self.update);
        Ok(bytes)
    }

    /// The record as it is in memory, before [`protect`]: to be damaged, for example.
    ///
    /// # Errors
    /// When its attributes have no room in it.
    pub fn plain_bytes(&self) -> Result<Vec<u8>, Error> {
        let needed = self.needed();
        if needed > self.size {
            return Err(Error::RecordFull {
                entry: self.number,
                needed,
                size: self.size,
            });
        }
        let mut bytes = vec![0; self.first_attribute()];
        self.put_header(&mut bytes, needed);
        for attribute in &self.attributes {
            bytes.extend(attribute.bytes());
        }
        bytes.extend(END);
        bytes.resize(self.size, 0);
        Ok(bytes)
    }

    fn put_header(&self, bytes: &mut [u8], used: usize) {
        put(bytes, 0, *b"FILE");
        put(bytes, 4, short(UPDATE_SEQUENCE).to_le_bytes());
        put(bytes, 6, short(self.size / SECTOR + 1).to_le_bytes());
        put(bytes, 8, self.lsn.to_le_bytes());
        for (at, number) in [
            (16, self.sequence),
            (18, self.links),
            (20, short(self.first_attribute())),
            (22, self.flags),
            (40, self.next_id),
        ] {
            put(bytes, at, number.to_le_bytes());
        }
        put(bytes, 24, long(used).to_le_bytes());
        put(bytes, 28, long(self.size).to_le_bytes());
        put(bytes, 32, self.base.to_u64().to_le_bytes());
        let [a, b, c, d, ..] = self.number.to_le_bytes();
        put(bytes, 44, [a, b, c, d]);
    }

    /// Behind the number that ends each sector, and what it replaced.
    fn first_attribute(&self) -> usize {
        (UPDATE_SEQUENCE + 2 * (self.size / SECTOR + 1)).next_multiple_of(8)
    }
}

/// Puts this number at the end of each sector of a record, and what was there into the record's header.
pub fn protect(record: &mut [u8], update: u16) {
    put(record, UPDATE_SEQUENCE, update.to_le_bytes());
    for sector in 0..record.len() / SECTOR {
        let (end, kept) = (
            sector * SECTOR + SECTOR - 2,
            UPDATE_SEQUENCE + 2 + 2 * sector,
        );
        record.copy_within(end..end + 2, kept);
        put(record, end, update.to_le_bytes());
    }
}

/// Takes back [`protect`], so that a record can be changed and protected again.
pub fn unprotect(record: &mut [u8]) {
    for sector in 0..record.len() / SECTOR {
        let (end, kept) = (
            sector * SECTOR + SECTOR - 2,
            UPDATE_SEQUENCE + 2 + 2 * sector,
        );
        record.copy_within(kept..kept + 2, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ntfs::kind;

    fn record(content: usize) -> MftRecord {
        let content = (0..=250).cycle().take(content).collect();
        MftRecord::new(FileReference::new(64, 3)).with(Attribute::resident(kind::DATA, content))
    }

    #[test]
    fn every_sector_ends_with_the_update_number() {
        let made = MftRecord {
            update: 0xBEEF,
            ..record(900)
        };
        let (plain, mut disk) = (made.plain_bytes().unwrap(), made.bytes().unwrap());
        assert_eq!(disk[510..512], [0xEF, 0xBE]);
        assert_eq!(disk[1_022..], [0xEF, 0xBE]);
        assert_ne!(plain[510..512], [0xEF, 0xBE]);
        assert_eq!(disk[0x32..0x34], plain[510..512]);
        unprotect(&mut disk);
        assert_eq!(disk[0x38..], plain[0x38..]);
    }

    #[test]
    fn a_record_takes_what_it_has_room_for() {
        let most = SIZE - 0x38 - 0x18 - END.len();
        assert_eq!(record(most).bytes().unwrap().len(), SIZE);
        let Err(Error::RecordFull { entry, needed, .. }) = record(most + 1).bytes() else {
            panic!("a byte too many was taken");
        };
        assert_eq!((entry, needed), (64, SIZE + 8));
        let large = MftRecord {
            size: 4_096,
            ..record(most + 1)
        };
        assert_eq!(large.bytes().unwrap()[20], 0x48);
    }
}
