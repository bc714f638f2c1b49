//! $UsnJrnl:$J: the change journal (`[MS-FSCC]` §2.3.62.1; USN_RECORD_V2, V3 and V4).

use std::io;

use timeline::Ticks;

use crate::{ReadAt, le};

/// What is told of a file.
pub mod reason {
    /// Content was overwritten.
    pub const DATA_OVERWRITE: u32 = 0x1;
    /// Content was appended.
    pub const DATA_EXTEND: u32 = 0x2;
    /// Content was cut.
    pub const DATA_TRUNCATION: u32 = 0x4;
    /// The file was made.
    pub const FILE_CREATE: u32 = 0x100;
    /// The file was deleted.
    pub const FILE_DELETE: u32 = 0x200;
    /// It had this name, and this parent.
    pub const RENAME_OLD_NAME: u32 = 0x1000;
    /// It has this name from then on.
    pub const RENAME_NEW_NAME: u32 = 0x2000;
    /// It was closed for the last time.
    pub const CLOSE: u32 = 0x8000_0000;

    /// All, as Windows calls them without `USN_REASON_`.
    pub const NAMES: [(u32, &str); 24] = [
        (0x1, "DATA_OVERWRITE"),
        (0x2, "DATA_EXTEND"),
        (0x4, "DATA_TRUNCATION"),
        (0x10, "NAMED_DATA_OVERWRITE"),
        (0x20, "NAMED_DATA_EXTEND"),
        (0x40, "NAMED_DATA_TRUNCATION"),
        (0x100, "FILE_CREATE"),
        (0x200, "FILE_DELETE"),
        (0x400, "EA_CHANGE"),
        (0x800, "SECURITY_CHANGE"),
        (0x1000, "RENAME_OLD_NAME"),
        (0x2000, "RENAME_NEW_NAME"),
        (0x4000, "INDEXABLE_CHANGE"),
        (0x8000, "BASIC_INFO_CHANGE"),
        (0x1_0000, "HARD_LINK_CHANGE"),
        (0x2_0000, "COMPRESSION_CHANGE"),
        (0x4_0000, "ENCRYPTION_CHANGE"),
        (0x8_0000, "OBJECT_ID_CHANGE"),
        (0x10_0000, "REPARSE_POINT_CHANGE"),
        (0x20_0000, "STREAM_CHANGE"),
        (0x40_0000, "TRANSACTED_CHANGE"),
        (0x80_0000, "INTEGRITY_CHANGE"),
        (0x100_0000, "DESIRED_STORAGE_CLASS_CHANGE"),
        (0x8000_0000, "CLOSE"),
    ];
}

/// A set of reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reasons(pub u32);

impl Reasons {
    /// Whether one of some is among them.
    #[must_use]
    pub fn any(self, of: u32) -> bool {
        self.0 & of != 0
    }

    /// What Windows calls them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let known = reason::NAMES.iter();
        known
            .filter(move |(bit, _)| self.any(*bit))
            .map(|(_, name)| *name)
    }
}

/// Longer records are none.
const LONGEST: usize = 0xffff;
/// The shortest that there is: of version 4 without extents.
const SHORTEST: usize = 0x38;
/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// One change of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsnRecord<'a> {
    /// Its version: 2 to 4.
    pub version: u16,
    /// The file's id: a reference on NTFS.
    pub file: u128,
    /// The directory's.
    pub parent: u128,
    /// Its number: where it was written in the journal.
    pub usn: u64,
    /// When; 0 in version 4, which has none.
    pub time: u64,
    /// What has happened since the file was opened.
    pub reasons: Reasons,
    /// Who did it, when it was the system for its own sake.
    pub source: u32,
    /// Which descriptor of $Secure the file has.
    pub security_id: u32,
    /// DOS attributes.
    pub attributes: u32,
    /// The name, UTF-16; empty in version 4.
    pub name: &'a [u8],
}

impl<'a> UsnRecord<'a> {
    /// Reads the record that begins here, and its length.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let length = le::u32(bytes, 0)? as usize;
        let version = le::u16(bytes, 4)?;
        if !(SHORTEST..=LONGEST).contains(&length)
            || !length.is_multiple_of(8)
            || le::u16(bytes, 6)? != 0
        {
            return None;
        }
        let record = bytes.get(..length)?;
        let read = match version {
            2 => Self::version_2(record),
            3 => Self::version_3(record),
            4 => Self::version_4(record),
            _ => None,
        };
        read.map(|read| (read, length))
    }

    fn version_2(record: &'a [u8]) -> Option<Self> {
        let ids = (le::u64(record, 8)?, le::u64(record, 0x10)?);
        Self::named(record, 2, (ids.0.into(), ids.1.into()), 0x18)
    }

    fn version_3(record: &'a [u8]) -> Option<Self> {
        let id = |at| le::array(record, at).map(u128::from_le_bytes);
        Self::named(record, 3, (id(8)?, id(0x18)?), 0x28)
    }

    /// What versions 2 and 3 have behind the ids.
    fn named(record: &'a [u8], version: u16, ids: (u128, u128), at: usize) -> Option<Self> {
        let length = usize::from(le::u16(record, at + 0x20)?);
        let start = usize::from(le::u16(record, at + 0x22)?);
        let time = le::u64(record, at + 8)?;
        // What only looks like a record has no such time, or no such name.
        let is_believable = Ticks::from_filetime(time).is_some()
            && length.is_multiple_of(2)
            && record.len() == (start + length).next_multiple_of(8);
        if start < at + 0x24 || !is_believable {
            return None;
        }
        Some(Self {
            version,
            file: ids.0,
            parent: ids.1,
            usn: le::u64(record, at)?,
            time,
            reasons: Reasons(le::u32(record, at + 0x10)?),
            source: le::u32(record, at + 0x14)?,
            security_id: le::u32(record, at + 0x18)?,
            attributes: le::u32(record, at + 0x1c)?,
            name: record.get(start..)?.get(..length)?,
        })
    }

    fn version_4(record: &'a [u8]) -> Option<Self> {
        let id = |at| le::array(record, at).map(u128::from_le_bytes);
        Some(Self {
            version: 4,
            file: id(8)?,
            parent: id(0x18)?,
            usn: le::u64(record, 0x28)?,
            time: 0,
            reasons: Reasons(le::u32(record, 0x30)?),
            source: le::u32(record, 0x34)?,
            security_id: 0,
            attributes: 0,
            name: &[],
        })
    }
}

/// What is at one place of a journal.
#[derive(Debug, PartialEq, Eq)]
pub enum UsnSlot<'s> {
    /// A record.
    Record(UsnRecord<'s>),
    /// Bytes that are none, so many.
    Damage(u64),
}

/// Reads a journal in its order. Zeros are passed over: pages end with them, and a sparse journal begins
/// with them.
pub struct UsnSlots<'a> {
    bytes: &'a dyn ReadAt,
    /// Where the piece begins in the journal.
    start: u64,
    piece: Vec<u8>,
    at: usize,
    is_ended: bool,
}

impl<'a> UsnSlots<'a> {
    /// From its start.
    #[must_use]
    pub fn new(bytes: &'a dyn ReadAt) -> Self {
        Self {
            bytes,
            start: 0,
            piece: Vec::new(),
            at: 0,
            is_ended: false,
        }
    }

    /// The next record, or damage, and its offset. `seen` is given each byte of the journal once, in order.
    pub fn next(&mut self, seen: &mut dyn FnMut(&[u8])) -> io::Result<Option<(u64, UsnSlot<'_>)>> {
        let mut damage: Option<u64> = None;
        loop {
            self.fill(seen)?;
            let left = self.piece.get(self.at..).unwrap_or_default();
            let offset = self.start + self.at as u64;
            if left.is_empty() {
                break;
            }
            let zeros = leading_zeros(left);
            let is_gap = zeros >= 8 || zeros == left.len();
            if is_gap && damage.is_none() {
                // Records begin at multiples of 8.
                self.at += if zeros == left.len() {
                    zeros
                } else {
                    zeros & !7
                };
                continue;
            }
            if is_gap || UsnRecord::read(left).is_some() {
                if damage.is_some() {
                    break;
                }
                let Some(length) = UsnRecord::read(left).map(|(_, length)| length) else {
                    continue;
                };
                let at = self.at;
                self.at += length;
                let record = self.piece.get(at..).and_then(UsnRecord::read);
                return Ok(record.map(|(record, _)| (offset, UsnSlot::Record(record))));
            }
            damage.get_or_insert(offset);
            self.at = (self.at + 8).min(self.piece.len());
        }
        let end = self.start + self.at as u64;
        Ok(damage.map(|start| (start, UsnSlot::Damage(end - start))))
    }

    /// Reads on when less than the longest record is at hand.
    fn fill(&mut self, seen: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        if self.is_ended || self.piece.len() - self.at > LONGEST {
            return Ok(());
        }
        self.piece.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let known = self.piece.len();
        self.piece.resize(known + PIECE, 0);
        let new = self.piece.get_mut(known..).unwrap_or_default();
        let count = self.bytes.read_at(self.start + known as u64, new)?;
        self.piece.truncate(known + count);
        self.is_ended = count == 0;
        seen(self.piece.get(known..).unwrap_or_default());
        Ok(())
    }
}

/// How many zeros bytes begin with.
fn leading_zeros(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<64>();
    let whole = blocks.iter().take_while(|block| **block == [0; 64]).count() * 64;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| **byte == 0).count()
}
