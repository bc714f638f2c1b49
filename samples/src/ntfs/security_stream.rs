//! The stream `$Secure:$SDS`: every security descriptor of the volume once, by its number.

use super::field::long;

/// The number of the first descriptor of a volume.
pub const FIRST_SECURITY_ID: u32 = 0x100;

/// Bytes of a block, which its copy follows.
const BLOCK: usize = 0x4_0000;
/// Bytes before a descriptor.
const HEADER: usize = 20;

/// Whether the copy of each block is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirror {
    /// As on a disk: the copy follows the block, which is filled up.
    Written,
    /// The last block ends behind its last descriptor. Much shorter; no volume has it.
    LeftOut,
}

/// The descriptors of a volume.
#[derive(Clone, Debug, Default)]
pub struct SecurityStream {
    descriptors: Vec<Vec<u8>>,
}

impl SecurityStream {
    /// The number of a descriptor, which is added if it is new.
    pub fn id_of(&mut self, descriptor: Vec<u8>) -> u32 {
        let known = self
            .descriptors
            .iter()
            .position(|other| *other == descriptor);
        let index = known.unwrap_or_else(|| {
            self.descriptors.push(descriptor);
            self.descriptors.len() - 1
        });
        FIRST_SECURITY_ID + long(index)
    }

    /// The stream.
    #[must_use]
    pub fn bytes(&self, mirror: Mirror) -> Vec<u8> {
        let mut blocks = vec![Vec::new()];
        for (id, descriptor) in (FIRST_SECURITY_ID..).zip(&self.descriptors) {
            let last = blocks.len() - 1;
            if blocks[last].len() + HEADER + descriptor.len() > BLOCK {
                blocks.push(Vec::new());
            }
            let last = blocks.len() - 1;
            // The copies before this block count.
            let offset = 2 * BLOCK * last + blocks[last].len();
            blocks[last].extend(entry(id, offset, descriptor));
        }
        let count = blocks.len();
        let mut stream = Vec::new();
        for (number, mut block) in blocks.into_iter().enumerate() {
            if mirror == Mirror::Written || number + 1 < count {
                block.resize(BLOCK, 0);
                let copy = block.clone();
                block.extend(copy);
            }
            stream.extend(block);
        }
        stream
    }
}

fn entry(id: u32, offset: usize, descriptor: &[u8]) -> Vec<u8> {
    let mut bytes = hash(descriptor).to_le_bytes().to_vec();
    bytes.extend(id.to_le_bytes());
    bytes.extend((offset as u64).to_le_bytes());
    bytes.extend(long(HEADER + descriptor.len()).to_le_bytes());
    bytes.extend(descriptor);
    bytes.resize(bytes.len().next_multiple_of(16), 0);
    bytes
}

/// The hash by which NTFS finds a descriptor.
fn hash(descriptor: &[u8]) -> u32 {
    let (numbers, _) = descriptor.as_chunks::<4>();
    numbers.iter().fold(0, |hash: u32, number| {
        hash.rotate_left(3)
            .wrapping_add(u32::from_le_bytes(*number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_stored_once_and_copied_once() {
        let mut stream = SecurityStream::default();
        assert_eq!(stream.id_of(vec![1; 24]), 0x100);
        assert_eq!(stream.id_of(vec![2; 24]), 0x101);
        assert_eq!(stream.id_of(vec![1; 24]), 0x100);
        let (short, long) = (stream.bytes(Mirror::LeftOut), stream.bytes(Mirror::Written));
        assert_eq!(short.len(), 96);
        assert_eq!(long.len(), 2 * BLOCK);
        assert_eq!(long[..96], short);
        assert_eq!(long[BLOCK..BLOCK + 96], short);
    }

    #[test]
    fn a_block_that_is_full_is_followed_by_its_copy() {
        let mut stream = SecurityStream::default();
        for number in 0..20_u8 {
            stream.id_of(vec![number; 0x8000]);
        }
        let bytes = stream.bytes(Mirror::LeftOut);
        let eighth = 2 * BLOCK;
        assert_eq!(bytes[eighth + 4..eighth + 8], 0x107_u32.to_le_bytes());
        assert_eq!(
            bytes[eighth + 8..eighth + 16],
            (eighth as u64).to_le_bytes()
        );
    }
}
