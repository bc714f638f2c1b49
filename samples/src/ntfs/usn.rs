//! Records of the change journal: `USN_RECORD_V2`, `V3` and `V4` of `winioctl.h`.

use super::field::{long, short};
use super::reference::FileReference;
use crate::time::FileTime;

/// Why a record was written; several are summed up.
#[expect(missing_docs, reason = "the names that Windows gives them")]
pub mod reason {
    pub const DATA_OVERWRITE: u32 = 0x1;
    pub const DATA_EXTEND: u32 = 0x2;
    pub const DATA_TRUNCATION: u32 = 0x4;
    pub const NAMED_DATA_OVERWRITE: u32 = 0x10;
    pub const NAMED_DATA_EXTEND: u32 = 0x20;
    pub const FILE_CREATE: u32 = 0x100;
    pub const FILE_DELETE: u32 = 0x200;
    pub const SECURITY_CHANGE: u32 = 0x800;
    pub const RENAME_OLD_NAME: u32 = 0x1000;
    pub const RENAME_NEW_NAME: u32 = 0x2000;
    pub const BASIC_INFO_CHANGE: u32 = 0x8000;
    pub const HARD_LINK_CHANGE: u32 = 0x1_0000;
    pub const REPARSE_POINT_CHANGE: u32 = 0x10_0000;
    pub const STREAM_CHANGE: u32 = 0x20_0000;
    pub const CLOSE: u32 = 0x8000_0000;
}

/// Which file, in records of version 3 and later: of NTFS, a reference and zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileId(pub u128);

impl From<FileReference> for FileId {
    fn from(reference: FileReference) -> Self {
        Self(u128::from(reference.to_u64()))
    }
}

/// The version of a record with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsnForm {
    /// Version 2, what NTFS writes unless it is told otherwise.
    V2,
    /// Version 3, with files of 128 bits.
    V3,
}

/// A record with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsnRecord {
    /// Its version.
    pub form: UsnForm,
    /// The file.
    pub file: FileId,
    /// The folder it is in by this name.
    pub parent: FileId,
    /// When.
    pub time: FileTime,
    /// Why, of [`reason`].
    pub reasons: u32,
    /// 0 unless a service of the system says that it changed nothing of what the user made.
    pub source: u32,
    /// 0 in what NTFS of today writes.
    pub security_id: u32,
    /// Its attributes, 0x10 for a folder.
    pub attributes: u32,
    /// The name in UTF-16.
    pub name: Vec<u16>,
}

impl UsnRecord {
    /// The record at this place of the journal.
    #[must_use]
    pub fn bytes(&self, usn: u64) -> Vec<u8> {
        let (version, header) = match self.form {
            UsnForm::V2 => (2, 60),
            UsnForm::V3 => (3, 76),
        };
        let mut bytes = start(version);
        for id in [self.file, self.parent] {
            let id = id.0.to_le_bytes();
            let width = if self.form == UsnForm::V2 { 8 } else { 16 };
            bytes.extend(&id[..width]);
        }
        bytes.extend(usn.to_le_bytes());
        bytes.extend(self.time.0.to_le_bytes());
        for number in [self.reasons, self.source, self.security_id, self.attributes] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(short(2 * self.name.len()).to_le_bytes());
        bytes.extend(short(header).to_le_bytes());
        bytes.extend(self.name.iter().flat_map(|unit| unit.to_le_bytes()));
        finished(bytes)
    }
}

/// A stretch of a file that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Where it begins.
    pub offset: u64,
    /// How long it is.
    pub length: u64,
}

/// A record of version 4: where a file changed. It has neither name nor time; those are in the record of version
/// 3 that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsnExtents {
    /// The file.
    pub file: FileId,
    /// Its folder.
    pub parent: FileId,
    /// Why, of [`reason`].
    pub reasons: u32,
    /// As in [`UsnRecord`].
    pub source: u32,
    /// How many more are in the records that follow.
    pub remaining: u32,
    /// Where it changed.
    pub extents: Vec<Extent>,
}

impl UsnExtents {
    /// The record at this place of the journal.
    #[must_use]
    pub fn bytes(&self, usn: u64) -> Vec<u8> {
        let mut bytes = start(4);
        for id in [self.file, self.parent] {
            bytes.extend(id.0.to_le_bytes());
        }
        bytes.extend(usn.to_le_bytes());
        for number in [self.reasons, self.source, self.remaining] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(short(self.extents.len()).to_le_bytes());
        bytes.extend(16_u16.to_le_bytes());
        for extent in &self.extents {
            bytes.extend(extent.offset.to_le_bytes());
            bytes.extend(extent.length.to_le_bytes());
        }
        finished(bytes)
    }
}

/// Room for the length, and the version.
fn start(version: u16) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(version.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

fn finished(bytes: Vec<u8>) -> Vec<u8> {
    let mut bytes = super::attribute::padded(bytes);
    let length = long(bytes.len()).to_le_bytes();
    super::field::put(&mut bytes, 0, length);
    bytes
}
