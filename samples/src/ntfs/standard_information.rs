//! `$STANDARD_INFORMATION`: the times that programs see and can set, attributes, owner, place in the journal.

use super::attribute::{Attribute, kind};
use crate::time::FileTime;

/// The four times of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Created.
    pub created: FileTime,
    /// Its content was modified.
    pub modified: FileTime,
    /// Its MFT entry was changed.
    pub changed: FileTime,
    /// Accessed.
    pub accessed: FileTime,
}

impl Times {
    /// All four the same.
    #[must_use]
    pub const fn all(time: FileTime) -> Self {
        Self {
            created: time,
            modified: time,
            changed: time,
            accessed: time,
        }
    }

    /// In the order in which all attributes store them.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let times = [self.created, self.modified, self.changed, self.accessed];
        times.iter().flat_map(|time| time.0.to_le_bytes()).collect()
    }
}

/// The attribute of NTFS 3.1, 72 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardInformation {
    /// Its times.
    pub times: Times,
    /// Read-only 0x1, hidden 0x2, system 0x4, archive 0x20, reparse point 0x400 …
    pub attributes: u32,
    /// Its descriptor in `$Secure:$SDS`.
    pub security_id: u32,
    /// Its last record in the journal, or 0.
    pub usn: u64,
}

impl StandardInformation {
    /// The attribute.
    #[must_use]
    pub fn attribute(&self) -> Attribute {
        let mut content = self.times.bytes();
        content.extend(self.attributes.to_le_bytes());
        // Versions and class, which nobody uses, and the owner of quotas.
        content.extend([0; 16]);
        content.extend(self.security_id.to_le_bytes());
        content.extend([0; 8]);
        content.extend(self.usn.to_le_bytes());
        Attribute::resident(kind::STANDARD_INFORMATION, content)
    }
}
