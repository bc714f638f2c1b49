//! A GUID: its first three fields little-endian, the other eight bytes in order.

use std::fmt;

/// A GUID, held as the bytes that are on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid([u8; 16]);

impl Guid {
    /// `{00000000-0000-0000-0000-000000000000}`, which Windows writes for "none".
    pub const ZERO: Self = Self([0; 16]);

    /// From the fields in the order in which a GUID is printed.
    #[must_use]
    pub const fn new(first: u32, second: u16, third: u16, rest: [u8; 8]) -> Self {
        let (a, b, c) = (
            first.to_le_bytes(),
            second.to_le_bytes(),
            third.to_le_bytes(),
        );
        Self([
            a[0], a[1], a[2], a[3], b[0], b[1], c[0], c[1], rest[0], rest[1], rest[2], rest[3],
            rest[4], rest[5], rest[6], rest[7],
        ])
    }

    /// From the bytes as they are on disk.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes as they are on disk.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for Guid {
    /// Capitals in braces, as Windows prints it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The fields that are numbers are stored with their last digits first.
        const PRINTED: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        write!(out, "{{")?;
        for (place, index) in PRINTED.into_iter().enumerate() {
            let dash = if matches!(place, 4 | 6 | 8 | 10) {
                "-"
            } else {
                ""
            };
            write!(out, "{dash}{:02X}", self.0[index])?;
        }
        write!(out, "}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_prints_its_fields_in_order() {
        let guid = Guid::new(
            0x5770_385F,
            0xC22A,
            0x43E0,
            [0xBF, 0x4C, 0x06, 0xF5, 0x69, 0x8F, 0xFB, 0xD9],
        );
        assert_eq!(guid.to_string(), "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}");
        assert_eq!(guid.to_bytes()[..4], [0x5F, 0x38, 0x70, 0x57]);
    }
}
