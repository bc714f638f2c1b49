//! One record of the table: its header, and its fix-ups.

use super::{Attributes, Reference};
use crate::le;

/// Bytes that one fix-up protects.
const SECTOR: usize = 512;
/// A header without the number of its record, as before Windows XP.
const OLD_HEADER: usize = 0x2a;
const HEADER: usize = 0x30;
const IN_USE: u16 = 1;
const DIRECTORY: u16 = 2;

/// What a record begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// `FILE`.
    File,
    /// `BAAD`: Windows found it torn.
    Bad,
}

/// Why a record cannot be trusted as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not begin like a record.
    Signature,
    /// Its header leads out of it.
    Header,
    /// A sector ends otherwise than the others: it was written at another time. What lies before `sound`
    /// bytes is of one writing.
    FixUp {
        /// So many bytes are sound.
        sound: usize,
        /// How the sector should end.
        expected: u16,
        /// How it ends.
        found: u16,
    },
    /// Windows marked it as torn.
    Bad,
}

/// A record, its fix-ups undone.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    bytes: &'a [u8],
    /// What it begins with.
    pub signature: Signature,
    /// Its own number, as its header has it; none before Windows XP.
    pub number: Option<u32>,
    /// How often it was used.
    pub sequence: u16,
    /// How many directories name it.
    pub links: u16,
    /// Whether it is in use.
    pub is_in_use: bool,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// The record that this one continues; nobody's when it stands for itself.
    pub base: Reference,
    /// Sequence number in $LogFile of its last change.
    pub lsn: u64,
    /// What is wrong within the bytes that it uses.
    pub fault: Option<Fault>,
    first: usize,
    used: usize,
}

impl<'a> Record<'a> {
    /// Reads a record in place: fix-ups are undone in `bytes`. An error when nothing can be read.
    pub fn open(bytes: &'a mut [u8]) -> Result<Self, Fault> {
        let signature = match bytes.first_chunk::<4>() {
            Some(b"FILE") => Signature::File,
            Some(b"BAAD") => Signature::Bad,
            _ => return Err(Fault::Signature),
        };
        let broken = match signature {
            Signature::File => Fault::Header,
            Signature::Bad => Fault::Bad,
        };
        let word = |at| le::u16(bytes, at).ok_or(broken);
        let (fix_ups, count) = (usize::from(word(4)?), usize::from(word(6)?));
        let first = usize::from(word(0x14)?);
        let flags = word(0x16)?;
        let used = le::u32(bytes, 0x18).ok_or(broken)? as usize;
        let sequence = word(0x10)?;
        let links = word(0x12)?;
        let lsn = le::u64(bytes, 8).ok_or(broken)?;
        let base = Reference(le::u64(bytes, 0x20).ok_or(broken)?);
        if fix_ups < OLD_HEADER || first < fix_ups || first % 8 != 0 || first >= bytes.len() {
            return Err(broken);
        }
        let number = le::u32(bytes, 0x2c).filter(|_| fix_ups >= HEADER);
        let fault = undo(bytes, fix_ups, count, used);
        // Not the size in the header: there are records whose last attributes lie behind it, and the mark
        // behind the last attribute ends the walk.
        let end = match fault {
            Some(Fault::FixUp { sound, .. }) => sound,
            _ => bytes.len(),
        };
        let fault = fault.or((signature == Signature::Bad).then_some(Fault::Bad));
        Ok(Self {
            bytes: bytes.get(..end).unwrap_or(bytes),
            signature,
            number,
            sequence,
            links,
            is_in_use: flags & IN_USE != 0,
            is_directory: flags & DIRECTORY != 0,
            base,
            lsn,
            fault,
            first,
            used,
        })
    }

    /// Its attributes, in their order.
    #[must_use]
    pub fn attributes(&self) -> Attributes<'a> {
        let used = self.used.saturating_sub(self.first);
        Attributes::new(self.bytes.get(self.first..).unwrap_or(&[]), used)
    }

    /// Whether it stands for itself: it does not continue another.
    #[must_use]
    pub fn is_base(&self) -> bool {
        self.base.0 == 0
    }
}

/// Puts back the last two bytes of each sector. Some tools write tables whose fix-ups are undone already: such a
/// sector ends as it should.
fn undo(bytes: &mut [u8], fix_ups: usize, count: usize, used: usize) -> Option<Fault> {
    let sectors = bytes.len() / SECTOR;
    let expected = le::u16(bytes, fix_ups)?;
    // Fewer fix-ups than sectors: the rest is not protected.
    let sectors = sectors.min(count.saturating_sub(1));
    let saved = |bytes: &[u8], sector: usize| le::u16(bytes, fix_ups + 2 + 2 * sector);
    let end = |sector: usize| (sector + 1) * SECTOR - 2;
    let mut fault = None;
    for sector in 0..sectors {
        let (Some(found), Some(value)) = (le::u16(bytes, end(sector)), saved(bytes, sector)) else {
            break;
        };
        if found == expected {
            if let Some(place) = bytes
                .get_mut(end(sector)..)
                .and_then(|rest| rest.first_chunk_mut::<2>())
            {
                *place = value.to_le_bytes();
            }
        } else if found != value && fault.is_none() && sector * SECTOR < used {
            // The header is in the first sector: only its end is not believed.
            let sound = if sector == 0 {
                SECTOR - 2
            } else {
                sector * SECTOR
            };
            fault = Some(Fault::FixUp {
                sound,
                expected,
                found,
            });
        }
    }
    fault
}
