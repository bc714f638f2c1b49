//! $STANDARD_INFORMATION.

use super::Times;
use crate::le;

/// What Windows shows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardInformation {
    /// Its times.
    pub times: Times,
    /// DOS attributes (`[MS-FSCC]` §2.6).
    pub attributes: u32,
    /// Which descriptor of $Secure it has; none before NTFS 3.0.
    pub security_id: Option<u32>,
    /// Its last record in the change journal; 0 when it has none.
    pub usn: u64,
}

impl StandardInformation {
    /// Reads the content of the attribute.
    #[must_use]
    pub fn read(content: &[u8]) -> Option<Self> {
        Some(Self {
            times: Times::read(content, 0)?,
            attributes: le::u32(content, 0x20)?,
            security_id: le::u32(content, 0x34),
            usn: le::u64(content, 0x40).unwrap_or_default(),
        })
    }
}
