//! The base block of hives and logs.

use super::key::utf16;
use crate::time::FileTime;

/// Bytes of it in a hive; a log has the first 512.
pub(super) const LENGTH: usize = 4096;

/// What is to be written there.
#[derive(Clone, Debug)]
pub(super) struct BaseBlock<'a> {
    /// Primary and secondary.
    pub(super) sequences: (u32, u32),
    pub(super) written: FileTime,
    pub(super) minor: u32,
    /// 0 is a hive, 1 a log of the old format, 6 one of the new.
    pub(super) file_type: u32,
    pub(super) root: u32,
    pub(super) bins_size: u32,
    pub(super) file_name: &'a str,
}

impl BaseBlock<'_> {
    pub(super) fn bytes(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..4].copy_from_slice(b"regf");
        let mut put = |at: usize, number: u32| {
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        };
        put(4, self.sequences.0);
        put(8, self.sequences.1);
        put(20, 1);
        put(24, self.minor);
        put(28, self.file_type);
        put(32, 1);
        put(36, self.root);
        put(40, self.bins_size);
        put(44, 1);
        bytes[12..20].copy_from_slice(&self.written.0.to_le_bytes());
        // The last characters of the path that the hive was loaded from, and a NUL.
        let name = utf16(self.file_name);
        let name = &name[name.len().saturating_sub(62)..];
        bytes[48..48 + name.len()].copy_from_slice(name);
        seal(&mut bytes);
        bytes
    }
}

/// Puts the checksum.
pub(super) fn seal(bytes: &mut [u8]) {
    let (numbers, _) = bytes[..508].as_chunks::<4>();
    let sum = numbers
        .iter()
        .fold(0, |sum, number| sum ^ u32::from_le_bytes(*number));
    let sum = match sum {
        u32::MAX => u32::MAX - 1,
        0 => 1,
        sum => sum,
    };
    bytes[508..512].copy_from_slice(&sum.to_le_bytes());
}
