//! The numbers of the value types ([MS-EVEN6] §2.2.12, libyal's EVTX documentation "Value type").

/// No value.
pub(super) const NULL: u8 = 0x00;
/// UTF-16LE text.
pub(super) const UTF16: u8 = 0x01;
/// Text of the machine's code page.
pub(super) const ANSI: u8 = 0x02;
/// Signed 8 bits.
pub(super) const INT8: u8 = 0x03;
/// Unsigned 8 bits.
pub(super) const UINT8: u8 = 0x04;
/// Signed 16 bits.
pub(super) const INT16: u8 = 0x05;
/// Unsigned 16 bits.
pub(super) const UINT16: u8 = 0x06;
/// Signed 32 bits.
pub(super) const INT32: u8 = 0x07;
/// Unsigned 32 bits.
pub(super) const UINT32: u8 = 0x08;
/// Signed 64 bits.
pub(super) const INT64: u8 = 0x09;
/// Unsigned 64 bits.
pub(super) const UINT64: u8 = 0x0a;
/// 32-bit floating point.
pub(super) const REAL32: u8 = 0x0b;
/// 64-bit floating point.
pub(super) const REAL64: u8 = 0x0c;
/// 32-bit truth value.
pub(super) const BOOL: u8 = 0x0d;
/// Any bytes.
pub(super) const BINARY: u8 = 0x0e;
/// GUID.
pub(super) const GUID: u8 = 0x0f;
/// An address, 32 or 64 bits.
pub(super) const SIZE_T: u8 = 0x10;
/// FILETIME.
pub(super) const FILETIME: u8 = 0x11;
/// SYSTEMTIME.
pub(super) const SYSTEMTIME: u8 = 0x12;
/// Security identifier.
pub(super) const SID: u8 = 0x13;
/// Unsigned 32 bits, shown in hexadecimal.
pub(super) const HEX32: u8 = 0x14;
/// Unsigned 64 bits, shown in hexadecimal.
pub(super) const HEX64: u8 = 0x15;
/// A BinXML fragment, to be spliced in.
pub(super) const BINXML: u8 = 0x21;
/// XML as text.
pub(super) const XML: u8 = 0x23;
/// Marks an array of the type in the other bits.
pub(super) const ARRAY: u8 = 0x80;

/// Whether a value of that type and size can be: the type is known, and one of fixed size has it.
pub(super) fn can_be(kind: u8, size: u16) -> bool {
    match fixed_size(kind) {
        Some(fixed) => size == 0 || size == fixed,
        // Among them all arrays.
        None => matches!(kind & !ARRAY, NULL..=HEX64 | BINXML | XML),
    }
}

/// The size of a value, for the types that have one size only.
pub(super) fn fixed_size(kind: u8) -> Option<u16> {
    match kind {
        INT8 | UINT8 => Some(1),
        INT16 | UINT16 => Some(2),
        INT32 | UINT32 | REAL32 | BOOL | HEX32 => Some(4),
        INT64 | UINT64 | REAL64 | FILETIME | HEX64 => Some(8),
        GUID | SYSTEMTIME => Some(16),
        _ => None,
    }
}
