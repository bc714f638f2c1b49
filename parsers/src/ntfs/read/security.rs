//! $Secure:$SDS: the security descriptors of a volume.

use crate::le;

/// Bytes of a block of the stream; a copy of each lies behind it.
pub const SECURITY_BLOCK: usize = 256 << 10;
/// What stands before a descriptor.
const HEADER: usize = 20;

/// One descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityEntry<'a> {
    /// Its number: $STANDARD_INFORMATION refers to it.
    pub id: u32,
    /// The descriptor, self-relative.
    pub descriptor: &'a [u8],
}

/// The entries of one block of the stream, in which each begins at a multiple of 16 bytes. `offset` is where
/// the block begins in the stream: an entry tells its own place, and one that tells another is none. Each
/// block of 256 KiB has a copy behind it, whose entries tell the places of the first: they are told apart by
/// that, and read when the first is damaged.
pub fn security_entries(block: &[u8], offset: u64) -> impl Iterator<Item = SecurityEntry<'_>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at + HEADER <= block.len() {
            let here = at;
            if let Some(entry) = entry(block, here, offset) {
                at = (here + HEADER + entry.descriptor.len()).next_multiple_of(16);
                return Some(entry);
            }
            at += 16;
        }
        None
    })
}

fn entry(block: &[u8], at: usize, offset: u64) -> Option<SecurityEntry<'_>> {
    let place = le::u64(block, at + 8)?;
    let size = le::u32(block, at + 16)? as usize;
    if place != offset.checked_add(at as u64)? || size <= HEADER {
        return None;
    }
    let descriptor = block.get(at..)?.get(HEADER..size)?;
    // Revision 1 and a descriptor that is self-relative.
    let is_one = descriptor.first() == Some(&1) && le::u16(descriptor, 2)? & 0x8000 != 0;
    let hash = le::u32(block, at)?;
    (is_one && hash == hash_of(descriptor)).then_some(SecurityEntry {
        id: le::u32(block, at + 4)?,
        descriptor,
    })
}

/// The hash that NTFS keeps of a descriptor: rotated by three bits, and added, word by word.
fn hash_of(descriptor: &[u8]) -> u32 {
    let (words, _) = descriptor.as_chunks::<4>();
    words.iter().fold(0, |hash: u32, word| {
        hash.rotate_left(3).wrapping_add(u32::from_le_bytes(*word))
    })
}
