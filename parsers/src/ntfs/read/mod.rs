//! NTFS structures as they are on disk. Nothing is allocated per attribute, and no place that a structure
//! names is trusted.
//!
//! Source: the public descriptions of NTFS (Linux-NTFS documentation, libfsntfs; `[MS-FSCC]` §2.4 and §2.7 for
//! attributes' flags, reparse points and USN records), held against real tables.

mod attribute;
mod attribute_list;
mod file_name;
mod record;
mod reference;
mod reparse;
mod security;
mod standard;
mod table;
mod usn;

pub use attribute::{Attribute, Attributes, Form, kind};
pub use attribute_list::{ListEntry, list_entries};
pub use file_name::{FileName, Namespace};
pub use record::{Fault, Record, Signature};
pub use reference::Reference;
pub use reparse::{ReparsePoint, reparse_point};
pub use security::{SECURITY_BLOCK, SecurityEntry, security_entries};
pub use standard::StandardInformation;
pub use table::{RECORD_SIZES, Slot, Slots, Table, record_size};
pub use usn::{Reasons, UsnRecord, UsnSlot, UsnSlots, reason};

use timeline::Ticks;

use crate::le;

/// Four times, in the order in which $STANDARD_INFORMATION and $FILE_NAME have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Created (B).
    pub created: u64,
    /// Content last changed (M).
    pub modified: u64,
    /// Record last changed (C).
    pub changed: u64,
    /// Last accessed (A).
    pub accessed: u64,
}

impl Times {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        Some(Self {
            created: le::u64(bytes, at)?,
            modified: le::u64(bytes, at + 8)?,
            changed: le::u64(bytes, at + 16)?,
            accessed: le::u64(bytes, at + 24)?,
        })
    }
}

/// A FILETIME as a time: nothing for zero, and for one that evidence cannot be from.
#[must_use]
pub fn time(filetime: u64) -> Option<Ticks> {
    Ticks::from_filetime(filetime).filter(|time| time.is_believable())
}
