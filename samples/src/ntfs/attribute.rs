//! Attributes of MFT records: a header, a name if there is one, and the content or where it is.

use super::field::{byte, long, put, short};
use super::runs::{Run, run_list};

/// Types of attributes.
#[expect(missing_docs, reason = "the names that the format gives them")]
pub mod kind {
    pub const STANDARD_INFORMATION: u32 = 0x10;
    pub const ATTRIBUTE_LIST: u32 = 0x20;
    pub const FILE_NAME: u32 = 0x30;
    pub const OBJECT_ID: u32 = 0x40;
    pub const SECURITY_DESCRIPTOR: u32 = 0x50;
    pub const VOLUME_NAME: u32 = 0x60;
    pub const VOLUME_INFORMATION: u32 = 0x70;
    pub const DATA: u32 = 0x80;
    pub const INDEX_ROOT: u32 = 0x90;
    pub const INDEX_ALLOCATION: u32 = 0xA0;
    pub const BITMAP: u32 = 0xB0;
    pub const REPARSE_POINT: u32 = 0xC0;
}

/// Bytes before the name of a resident attribute.
const RESIDENT_HEADER: usize = 0x18;
/// The same of a non-resident one, and of one that is compressed or sparse: its header ends with the bytes on
/// disk.
const OTHER_HEADER: usize = 0x40;
const SPARSE_HEADER: usize = 0x48;
/// Flags of attributes that have the longer header: compressed and sparse.
const COMPRESSED_OR_SPARSE: u16 = 0x80FF;
/// Sixteen clusters, as a power of two, which compressed and sparse attributes are stored in.
const COMPRESSION_UNIT: u16 = 4;

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its type, one of [`kind`].
    pub kind: u32,
    /// Its name in UTF-16, mostly none.
    pub name: Vec<u16>,
    /// 0x0001 compressed, 0x4000 encrypted, 0x8000 sparse.
    pub flags: u16,
    /// Its number in the record.
    pub id: u16,
    /// Its content.
    pub form: Form,
}

/// Where the content of an attribute is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the record.
    Resident(Vec<u8>),
    /// In clusters.
    NonResident(NonResident),
}

/// Content in clusters, or a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NonResident {
    /// The number of its first cluster in the content: not zero in the later parts of an attribute that is
    /// spread over records.
    pub first: u64,
    /// Its clusters.
    pub runs: Vec<Run>,
    /// Bytes of the clusters it reserves.
    pub allocated: u64,
    /// Bytes of content.
    pub real: u64,
    /// Bytes of content that were ever written.
    pub initialized: u64,
}

impl Attribute {
    /// A resident attribute without a name.
    #[must_use]
    pub fn resident(kind: u32, content: Vec<u8>) -> Self {
        Self::with(kind, Form::Resident(content))
    }

    /// A non-resident attribute without a name.
    #[must_use]
    pub fn non_resident(kind: u32, content: NonResident) -> Self {
        Self::with(kind, Form::NonResident(content))
    }

    fn with(kind: u32, form: Form) -> Self {
        Self {
            kind,
            name: Vec::new(),
            flags: 0,
            id: 0,
            form,
        }
    }

    /// The same with a name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.encode_utf16().collect();
        self
    }

    /// Its bytes in a record.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = match &self.form {
            Form::Resident(content) => self.resident_bytes(content),
            Form::NonResident(content) => self.non_resident_bytes(content),
        };
        let length = long(bytes.len());
        put(&mut bytes, 0, self.kind.to_le_bytes());
        put(&mut bytes, 4, length.to_le_bytes());
        bytes[9] = byte(self.name.len());
        put(&mut bytes, 12, self.flags.to_le_bytes());
        put(&mut bytes, 14, self.id.to_le_bytes());
        bytes
    }

    fn resident_bytes(&self, content: &[u8]) -> Vec<u8> {
        let mut bytes = self.header(RESIDENT_HEADER);
        let start = short(bytes.len());
        put(&mut bytes, 16, long(content.len()).to_le_bytes());
        put(&mut bytes, 20, start.to_le_bytes());
        // Names of files are also in the index of their folder.
        bytes[22] = u8::from(self.kind == kind::FILE_NAME);
        bytes.extend(content);
        padded(bytes)
    }

    fn non_resident_bytes(&self, content: &NonResident) -> Vec<u8> {
        let is_sparse = self.flags & COMPRESSED_OR_SPARSE != 0;
        let header = if is_sparse {
            SPARSE_HEADER
        } else {
            OTHER_HEADER
        };
        let mut bytes = self.header(header);
        let start = short(bytes.len());
        let count = |runs: &[Run]| runs.iter().map(|run| run.count).sum::<u64>();
        bytes[8] = 1;
        put(&mut bytes, 16, content.first.to_le_bytes());
        // Of no clusters, the last is the one before the first.
        let last = content
            .first
            .wrapping_add(count(&content.runs))
            .wrapping_sub(1);
        put(&mut bytes, 24, last.to_le_bytes());
        put(&mut bytes, 32, start.to_le_bytes());
        for (at, size) in [
            (40, content.allocated),
            (48, content.real),
            (56, content.initialized),
        ] {
            put(&mut bytes, at, size.to_le_bytes());
        }
        if is_sparse {
            put(&mut bytes, 34, COMPRESSION_UNIT.to_le_bytes());
            let stored = content.runs.iter().filter(|run| run.cluster.is_some());
            let stored = stored.map(|run| run.count).sum::<u64>() * super::CLUSTER;
            put(&mut bytes, 64, stored.to_le_bytes());
        }
        bytes.extend(run_list(&content.runs));
        padded(bytes)
    }

    /// An empty header of so many bytes, and the name behind it.
    fn header(&self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        put(&mut bytes, 10, short(length).to_le_bytes());
        bytes.extend(self.name.iter().flat_map(|unit| unit.to_le_bytes()));
        padded(bytes)
    }
}

/// Filled up to a multiple of eight bytes.
pub(super) fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}
