//! Little-endian fields at their places.

/// Writes a field.
pub(super) fn put<const N: usize>(bytes: &mut [u8], at: usize, field: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&field);
}

/// A length as a field of four bytes.
pub(super) fn long(length: usize) -> u32 {
    u32::try_from(length).expect("nothing in a record is 4 GiB long")
}

/// A length as a field of two bytes.
pub(super) fn short(length: usize) -> u16 {
    u16::try_from(length).expect("no part of a record is 64 KiB long")
}

/// A count of characters as a field of one byte.
pub(super) fn byte(length: usize) -> u8 {
    u8::try_from(length).expect("a name has at most 255 characters")
}
