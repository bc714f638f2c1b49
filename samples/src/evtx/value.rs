//! The typed values that fill a template's slots.

use super::guid::Guid;
use super::page::Page;
use super::sid::Sid;
use crate::time::FileTime;

/// One value, of the types that Windows uses in event data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value: the slot is declared as text and filled with type NULL.
    Null,
    /// Text, stored as UTF-16 with a closing zero.
    Text(String),
    /// An unsigned byte.
    UInt8(u8),
    /// An unsigned 16-bit number.
    UInt16(u16),
    /// An unsigned 32-bit number.
    UInt32(u32),
    /// An unsigned 64-bit number.
    UInt64(u64),
    /// A 32-bit number that is printed in hexadecimal.
    HexInt32(u32),
    /// A 64-bit number that is printed in hexadecimal.
    HexInt64(u64),
    /// A number as wide as an address (process ids of the Security log): declared with a type of
    /// its own and stored as `HexInt64`.
    Pointer(u64),
    /// A truth value.
    Boolean(bool),
    /// Bytes.
    Binary(Vec<u8>),
    /// A GUID.
    Guid(Guid),
    /// A security identifier.
    Sid(Sid),
    /// A time.
    FileTime(FileTime),
    /// An array of texts: readers repeat the element around the slot for each one.
    Texts(Vec<String>),
}

/// The type codes of BinXML.
pub(super) mod code {
    pub(crate) const NULL: u8 = 0x00;
    pub(crate) const TEXT: u8 = 0x01;
    pub(crate) const UINT8: u8 = 0x04;
    pub(crate) const UINT16: u8 = 0x06;
    pub(crate) const UINT32: u8 = 0x08;
    pub(crate) const UINT64: u8 = 0x0A;
    pub(crate) const BOOLEAN: u8 = 0x0D;
    pub(crate) const BINARY: u8 = 0x0E;
    pub(crate) const GUID: u8 = 0x0F;
    pub(crate) const POINTER: u8 = 0x10;
    pub(crate) const FILETIME: u8 = 0x11;
    pub(crate) const SID: u8 = 0x13;
    pub(crate) const HEX_INT32: u8 = 0x14;
    pub(crate) const HEX_INT64: u8 = 0x15;
    pub(crate) const BINXML: u8 = 0x21;
    pub(crate) const TEXTS: u8 = 0x81;
}

impl Value {
    /// The type that the template declares for the slot.
    pub(super) fn declared(&self) -> u8 {
        match self {
            Self::Null => code::TEXT,
            Self::Pointer(_) => code::POINTER,
            _ => self.stored(),
        }
    }

    /// The type of the bytes in the record.
    pub(super) fn stored(&self) -> u8 {
        match self {
            Self::Null => code::NULL,
            Self::Text(_) => code::TEXT,
            Self::UInt8(_) => code::UINT8,
            Self::UInt16(_) => code::UINT16,
            Self::UInt32(_) => code::UINT32,
            Self::UInt64(_) => code::UINT64,
            Self::HexInt32(_) => code::HEX_INT32,
            Self::HexInt64(_) | Self::Pointer(_) => code::HEX_INT64,
            Self::Boolean(_) => code::BOOLEAN,
            Self::Binary(_) => code::BINARY,
            Self::Guid(_) => code::GUID,
            Self::Sid(_) => code::SID,
            Self::FileTime(_) => code::FILETIME,
            Self::Texts(_) => code::TEXTS,
        }
    }

    pub(super) fn write(&self, page: &mut Page) {
        match self {
            Self::Null => {}
            Self::Text(text) => page.text_with_zero(text),
            Self::UInt8(number) => page.u8(*number),
            Self::UInt16(number) => page.u16(*number),
            Self::UInt32(number) | Self::HexInt32(number) => page.u32(*number),
            Self::UInt64(number) | Self::HexInt64(number) | Self::Pointer(number) => {
                page.u64(*number);
            }
            Self::Boolean(truth) => page.u32(u32::from(*truth)),
            Self::Binary(bytes) => page.bytes(bytes),
            Self::Guid(guid) => page.bytes(&guid.to_bytes()),
            Self::Sid(sid) => page.sid(sid),
            Self::FileTime(time) => page.u64(time.0),
            Self::Texts(texts) => texts.iter().for_each(|text| page.text_with_zero(text)),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
