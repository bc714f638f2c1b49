//! Values of an event, and their text.

use timeline::Ticks;

use super::array::{Array, Elements};
use super::date::{SystemTime, write_filetime};
use super::text::Text;
use super::utf16::Utf16;
use super::value_type as kind;
use super::{ansi, guid, number, sid};

/// One value, borrowed from the log. Nothing is converted before somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say what the numbers are")]
pub enum Value<'a> {
    /// No value.
    Null,
    /// Text of the event's template, or composed from several pieces.
    Text(&'a str),
    /// UTF-16LE text without trailing NULs.
    Utf16(Utf16<'a>),
    /// Text of an unknown code page without trailing NULs; read as Windows-1252.
    Ansi(&'a [u8]),
    I8(i8),
    U8(u8),
    I16(i16),
    U16(u16),
    I32(i32),
    U32(u32),
    I64(i64),
    U64(u64),
    F32(f32),
    F64(f64),
    /// A truth value. Windows keeps 32 bits; any other number than 0 and 1 is an `I32`.
    Bool(bool),
    /// Any bytes. Also a value whose size does not suit its type, so that it is not lost.
    Binary(&'a [u8]),
    /// A GUID as stored: the first three groups are little-endian.
    Guid(&'a [u8; 16]),
    /// A FILETIME as stored.
    FileTime(u64),
    SystemTime(SystemTime),
    /// A security identifier as stored.
    Sid(&'a [u8]),
    /// A number to be shown in hexadecimal. An address of 32 bits (`SizeT`) is one, too.
    Hex32(u32),
    /// A number to be shown in hexadecimal. An address of 64 bits (`SizeT`) is one, too.
    Hex64(u64),
    /// Several values: Windows shows their element once for each.
    Array(Array<'a>),
}

impl<'a> Value<'a> {
    /// The value of a type in its bytes. Every pair of type and bytes gives one.
    #[inline]
    pub(super) fn decode(value_type: u8, bytes: &'a [u8]) -> Self {
        match value_type {
            kind::NULL => Self::Null,
            kind::UTF16 => Self::Utf16(Utf16::new(bytes)),
            kind::UINT8 => sized(bytes, |bytes| Self::U8(u8::from_le_bytes(*bytes))),
            kind::UINT16 => sized(bytes, |bytes| Self::U16(u16::from_le_bytes(*bytes))),
            kind::INT32 => sized(bytes, |bytes| Self::I32(i32::from_le_bytes(*bytes))),
            kind::UINT32 => sized(bytes, |bytes| Self::U32(u32::from_le_bytes(*bytes))),
            kind::UINT64 => sized(bytes, |bytes| Self::U64(u64::from_le_bytes(*bytes))),
            kind::GUID => sized(bytes, Self::Guid),
            kind::FILETIME => sized(bytes, |bytes| Self::FileTime(u64::from_le_bytes(*bytes))),
            kind::SID => Self::decode_sid(bytes),
            kind::HEX32 => sized(bytes, |bytes| Self::Hex32(u32::from_le_bytes(*bytes))),
            kind::HEX64 => sized(bytes, |bytes| Self::Hex64(u64::from_le_bytes(*bytes))),
            _ => Self::decode_rare(value_type, bytes),
        }
    }

    /// The types that are seldom used.
    #[inline(never)]
    fn decode_rare(value_type: u8, bytes: &'a [u8]) -> Self {
        match value_type {
            kind::XML => Self::Utf16(Utf16::new(bytes)),
            kind::ANSI => Self::Ansi(ansi::trimmed(bytes)),
            kind::BINARY => Self::Binary(bytes),
            kind::INT8 => sized(bytes, |bytes| Self::I8(i8::from_le_bytes(*bytes))),
            kind::INT16 => sized(bytes, |bytes| Self::I16(i16::from_le_bytes(*bytes))),
            kind::INT64 => sized(bytes, |bytes| Self::I64(i64::from_le_bytes(*bytes))),
            kind::REAL32 => sized(bytes, |bytes| Self::F32(f32::from_le_bytes(*bytes))),
            kind::REAL64 => sized(bytes, |bytes| Self::F64(f64::from_le_bytes(*bytes))),
            kind::BOOL => sized(bytes, |bytes| match i32::from_le_bytes(*bytes) {
                0 => Self::Bool(false),
                1 => Self::Bool(true),
                other => Self::I32(other),
            }),
            kind::SYSTEMTIME => sized(bytes, |bytes| Self::SystemTime(SystemTime::new(bytes))),
            kind::SIZE_T if bytes.len() == 4 => Self::decode(kind::HEX32, bytes),
            kind::SIZE_T => Self::decode(kind::HEX64, bytes),
            _ if bytes.is_empty() => Self::Null,
            _ if value_type & kind::ARRAY != 0 => {
                let array = Array::new(value_type & !kind::ARRAY, bytes);
                array.map_or(Self::Binary(bytes), Self::Array)
            }
            _ => Self::Binary(bytes),
        }
    }

    fn decode_sid(bytes: &'a [u8]) -> Self {
        match sid::split(bytes) {
            Some((sid, [])) => Self::Sid(sid),
            _ => misfit(bytes),
        }
    }

    /// Whether the value is absent or an empty text, so that an optional substitution leaves
    /// nothing behind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Utf16(text) => text.is_empty(),
            Self::Ansi(bytes) | Self::Binary(bytes) => bytes.is_empty(),
            _ => false,
        }
    }

    /// Appends the value as the field's tools write it: integers decimal, hexadecimal types
    /// `0x3e7`, truth `true` and `false`, GUIDs `{UPPER-CASE}`, security identifiers `S-1-5-18`,
    /// times ISO 8601 with seven fractional digits and `Z`, bytes as upper-case hexadecimal, nothing
    /// for no value. The elements of an array are joined with commas; ask [`Value::elements`] for
    /// them one by one.
    pub fn write_text(&self, out: &mut impl Text) {
        match *self {
            Self::Null => {}
            Self::Text(text) => out.push_str(text),
            Self::Utf16(text) => text.write_text(out),
            Self::Ansi(bytes) => ansi::write_text(bytes, out),
            Self::F32(number) => number::write_float32(number, out),
            Self::F64(number) => number::write_float(number, out),
            Self::Bool(truth) => out.push_str(if truth { "true" } else { "false" }),
            Self::Binary(bytes) => number::write_bytes(bytes, out),
            Self::Guid(bytes) => guid::write_text(bytes, out),
            Self::FileTime(filetime) => write_filetime(filetime, out),
            Self::SystemTime(time) => time.write_text(out),
            Self::Sid(bytes) => sid::write_text(bytes, out),
            Self::Hex32(number) => number::write_hex(number.into(), out),
            Self::Hex64(number) => number::write_hex(number, out),
            Self::Array(array) => write_joined(array, out),
            Self::I8(number) => number::write_signed(number.into(), out),
            Self::I16(number) => number::write_signed(number.into(), out),
            Self::I32(number) => number::write_signed(number.into(), out),
            Self::I64(number) => number::write_signed(number, out),
            Self::U8(number) => number::write_unsigned(number.into(), out),
            Self::U16(number) => number::write_unsigned(number.into(), out),
            Self::U32(number) => number::write_unsigned(number.into(), out),
            Self::U64(number) => number::write_unsigned(number, out),
        }
    }

    /// The values that Windows would each give an element of their own: those of an array (one that
    /// is absent, if it is empty), otherwise the value itself.
    #[must_use]
    #[inline]
    pub fn elements(self) -> Elements<'a> {
        match self {
            Self::Array(array) => array.into_iter(),
            other => Elements::one(other),
        }
    }

    /// The value as a number: integers, hexadecimal numbers, truth, and text that is a decimal or a
    /// `0x` number, because forwarded and template-less records keep everything as text.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        match *self {
            Self::Bool(truth) => Some(truth.into()),
            Self::Hex32(number) => Some(number.into()),
            Self::Hex64(number) => Some(number),
            Self::Text(text) => parse_number(text),
            Self::Utf16(_) | Self::Ansi(_) => parse_number(&self.to_text()),
            _ => match self.unsigned() {
                None => self.signed().and_then(|number| number.try_into().ok()),
                unsigned => unsigned,
            },
        }
    }

    /// The value as a time: FILETIME, SYSTEMTIME, or text that is a date.
    #[must_use]
    pub fn to_ticks(&self) -> Option<Ticks> {
        match *self {
            Self::FileTime(filetime) => Ticks::from_filetime(filetime),
            Self::SystemTime(time) => time.to_ticks(),
            Self::Text(text) => Ticks::parse(text),
            Self::Utf16(_) | Self::Ansi(_) => Ticks::parse(&self.to_text()),
            _ => None,
        }
    }

    /// The text in a string of its own.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text);
        text
    }

    fn unsigned(&self) -> Option<u64> {
        match *self {
            Self::U8(number) => Some(number.into()),
            Self::U16(number) => Some(number.into()),
            Self::U32(number) => Some(number.into()),
            Self::U64(number) => Some(number),
            _ => None,
        }
    }

    fn signed(&self) -> Option<i64> {
        match *self {
            Self::I8(number) => Some(number.into()),
            Self::I16(number) => Some(number.into()),
            Self::I32(number) => Some(number.into()),
            Self::I64(number) => Some(number),
            _ => None,
        }
    }
}

/// A value of a type that has one size only.
#[inline]
fn sized<'a, const N: usize>(
    bytes: &'a [u8],
    value: impl FnOnce(&'a [u8; N]) -> Value<'a>,
) -> Value<'a> {
    match bytes.try_into() {
        Ok(bytes) => value(bytes),
        Err(_) => misfit(bytes),
    }
}

/// Bytes that do not suit their type are kept as they are, unless there are none.
#[cold]
fn misfit(bytes: &[u8]) -> Value<'_> {
    if bytes.is_empty() {
        Value::Null
    } else {
        Value::Binary(bytes)
    }
}

fn write_joined(array: Array<'_>, out: &mut impl Text) {
    for (index, element) in array.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        element.write_text(out);
    }
}

fn parse_number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value_type: u8, bytes: &[u8], expected: &str) {
        assert_eq!(Value::decode(value_type, bytes).to_text(), expected);
    }

    #[test]
    fn every_type_has_its_text() {
        check(kind::NULL, &[1, 2], "");
        check(kind::UTF16, b"a\0b\0\0\0", "ab");
        check(kind::XML, b"<\0", "<");
        check(kind::ANSI, b"ab\0", "ab");
        check(kind::INT8, &[0xff], "-1");
        check(kind::UINT8, &[0xff], "255");
        check(kind::INT16, &[0xfe, 0xff], "-2");
        check(kind::UINT16, &[0xfe, 0xff], "65534");
        check(kind::INT32, &[0xff; 4], "-1");
        check(kind::UINT32, &[0xff; 4], "4294967295");
        check(kind::INT64, &[0xff; 8], "-1");
        check(kind::UINT64, &[0xff; 8], "18446744073709551615");
        check(kind::REAL32, &1.5_f32.to_le_bytes(), "1.5");
        check(kind::REAL64, &1.5_f64.to_le_bytes(), "1.5");
        check(kind::BOOL, &[1, 0, 0, 0], "true");
        check(kind::BOOL, &[0, 0, 0, 0], "false");
        check(kind::BOOL, &[2, 0, 0, 0], "2");
        check(kind::BINARY, &[0xab, 1], "AB01");
        check(
            kind::GUID,
            &[0; 16],
            "{00000000-0000-0000-0000-000000000000}",
        );
        check(kind::SIZE_T, &[0xe7, 3, 0, 0], "0x3e7");
        check(
            kind::SIZE_T,
            &[0xe7, 3, 0, 0, 0, 0, 0, 1],
            "0x1000000000003e7",
        );
        check(kind::FILETIME, &[0; 8], "1601-01-01T00:00:00.0000000Z");
        check(kind::SYSTEMTIME, &[0; 16], "1601-01-01T00:00:00.0000000Z");
        check(
            kind::SID,
            &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0],
            "S-1-5-18",
        );
        check(kind::HEX32, &[0xef, 0xbe, 0, 0], "0xbeef");
        check(kind::HEX64, &[0; 8], "0x0");
    }

    #[test]
    fn what_does_not_suit_its_type_is_shown_as_bytes() {
        check(kind::UINT32, &[1, 2], "0102");
        check(kind::SID, &[1, 9, 0], "010900");
        check(0x20, &[7], "07");
        check(kind::UINT32, &[], "");
    }

    #[test]
    fn text_can_be_a_number_or_a_time() {
        assert_eq!(Value::Text("4624").to_u64(), Some(4624));
        assert_eq!(Value::decode(kind::UTF16, b"0\0x\0A\0").to_u64(), Some(10));
        assert_eq!(Value::I32(-1).to_u64(), None);
        assert_eq!(Value::Bool(true).to_u64(), Some(1));
        let time = Value::Text("1601-01-01T00:00:00.0000001Z");
        assert_eq!(time.to_ticks(), Some(Ticks(1)));
        assert_eq!(Value::FileTime(5).to_ticks(), Some(Ticks(5)));
    }
}
