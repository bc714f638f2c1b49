//! Attributes of a record.

use crate::le;

/// Types of attributes.
pub mod kind {
    /// $STANDARD_INFORMATION.
    pub const STANDARD_INFORMATION: u32 = 0x10;
    /// $ATTRIBUTE_LIST.
    pub const ATTRIBUTE_LIST: u32 = 0x20;
    /// $FILE_NAME.
    pub const FILE_NAME: u32 = 0x30;
    /// $DATA.
    pub const DATA: u32 = 0x80;
    /// $REPARSE_POINT.
    pub const REPARSE_POINT: u32 = 0xc0;
    /// Behind the last attribute.
    pub const END: u32 = 0xffff_ffff;
}

/// What an attribute has at least.
const HEADER: usize = 0x10;
/// What stands behind the last attribute.
const MARK: usize = 8;
const RESIDENT_HEADER: usize = 0x18;
const NON_RESIDENT_HEADER: usize = 0x40;

/// One attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// What it is.
    pub kind: u32,
    /// Its name in UTF-16; of $DATA that of the stream.
    pub name: &'a [u8],
    /// Compressed, encrypted, sparse.
    pub flags: u16,
    /// Where its content is.
    pub form: Form<'a>,
    /// All of its bytes.
    pub bytes: &'a [u8],
}

/// Where the content of an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form<'a> {
    /// In the record.
    Resident(&'a [u8]),
    /// In clusters of the volume.
    NonResident {
        /// The first cluster that this part of it has: the sizes stand in the part that has the first.
        first_cluster: u64,
        /// Its size.
        size: u64,
        /// How much of that was ever written.
        initialized: u64,
    },
}

impl<'a> Attribute<'a> {
    /// Its content, if it is in the record.
    #[must_use]
    pub fn resident(&self) -> Option<&'a [u8]> {
        match self.form {
            Form::Resident(content) => Some(content),
            Form::NonResident { .. } => None,
        }
    }

    /// Whether it is the part that has its sizes: the whole, or the first of several.
    #[must_use]
    pub fn is_first_part(&self) -> bool {
        !matches!(
            self.form,
            Form::NonResident {
                first_cluster: 1..,
                ..
            }
        )
    }

    /// Its content in the record with all that stands behind it, up to the end of the attribute.
    #[must_use]
    pub fn resident_to_end(&self) -> Option<&'a [u8]> {
        self.resident()?;
        self.bytes.get(usize::from(le::u16(self.bytes, 0x14)?)..)
    }

    #[inline]
    fn read(bytes: &'a [u8], kind: u32) -> Option<Self> {
        let form = if le::array::<1>(bytes, 8)? == [0] {
            let length = le::u32(bytes, 0x10)? as usize;
            let start = usize::from(le::u16(bytes, 0x14)?);
            if start < RESIDENT_HEADER && length > 0 {
                return None;
            }
            Form::Resident(bytes.get(start..)?.get(..length)?)
        } else {
            let first_cluster = le::u64(bytes, 0x10)?;
            // Further parts of a stream have no sizes of their own that would mean anything.
            let sizes = bytes.len() >= NON_RESIDENT_HEADER;
            Form::NonResident {
                first_cluster,
                size: le::u64(bytes, 0x30).filter(|_| sizes)?,
                initialized: le::u64(bytes, 0x38).filter(|_| sizes)?,
            }
        };
        let [units] = le::array::<1>(bytes, 9)?;
        let name = if units == 0 {
            &[]
        } else {
            let start = usize::from(le::u16(bytes, 0x0a)?);
            bytes.get(start..)?.get(..usize::from(units) * 2)?
        };
        Some(Self {
            kind,
            name,
            flags: le::u16(bytes, 0x0c)?,
            form,
            bytes,
        })
    }
}

/// Walks through attributes. One that leads out of its record ends the walk.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    rest: &'a [u8],
    /// Bytes behind those that are in use.
    unused: usize,
    /// Whether it ended before the mark that stands behind the last attribute, and before the bytes in use did.
    pub is_cut: bool,
}

impl<'a> Attributes<'a> {
    /// Of the bytes from the first attribute on, so many of which are said to be in use.
    #[must_use]
    pub fn new(bytes: &'a [u8], used: usize) -> Self {
        Self {
            rest: bytes,
            unused: bytes.len().saturating_sub(used),
            is_cut: false,
        }
    }
}

impl<'a> Attributes<'a> {
    /// The next of a type. The others are passed over: what is in them is not looked at.
    #[inline]
    pub fn next_of(&mut self, wanted: u32) -> Option<Attribute<'a>> {
        loop {
            let before = self.rest;
            let (kind, bytes) = self.step()?;
            if kind == wanted {
                return self.read(before, kind, bytes);
            }
        }
    }

    /// Type and bytes of the next.
    #[inline]
    fn step(&mut self) -> Option<(u32, &'a [u8])> {
        let kind = le::u32(self.rest, 0);
        let length = le::u32(self.rest, 4);
        let whole = kind.zip(length).and_then(|(kind, length)| {
            let length = length as usize;
            let known = kind != kind::END && length >= HEADER && length.is_multiple_of(8);
            let (bytes, rest) = self.rest.split_at_checked(length).filter(|_| known)?;
            Some((kind, bytes, rest))
        });
        let Some((kind, bytes, rest)) = whole else {
            self.end(kind);
            return None;
        };
        self.rest = rest;
        Some((kind, bytes))
    }

    #[inline]
    fn read(&mut self, before: &'a [u8], kind: u32, bytes: &'a [u8]) -> Option<Attribute<'a>> {
        let attribute = Attribute::read(bytes, kind);
        if attribute.is_none() {
            self.rest = before;
            self.end(Some(kind));
        }
        attribute
    }

    /// Ends the walk before what has this type.
    fn end(&mut self, kind: Option<u32>) {
        let left = self.rest.len().saturating_sub(self.unused);
        self.is_cut = kind != Some(kind::END) && left >= MARK;
        self.rest = &[];
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    #[inline]
    fn next(&mut self) -> Option<Attribute<'a>> {
        let before = self.rest;
        let (kind, bytes) = self.step()?;
        self.read(before, kind, bytes)
    }
}
