//! Keys and values, as they are to be written.

use crate::time::FileTime;

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Its last-written time.
    pub written: FileTime,
    /// Its class name, if it has one.
    pub class: Option<String>,
    /// Its values, in the order of its list.
    pub values: Vec<Value>,
    /// Its subkeys.
    pub keys: Vec<Self>,
    /// Whether its cells are freed after they were written: no list leads to it.
    pub is_deleted: bool,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its name; empty for the key's own.
    pub name: String,
    /// Its data.
    pub data: Data,
    /// Whether its cells are freed after they were written: it stays behind the end of its key's list.
    pub is_deleted: bool,
}

/// The data of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the types of the registry")]
pub enum Data {
    None,
    Sz(String),
    ExpandSz(String),
    MultiSz(Vec<String>),
    Dword(u32),
    Qword(u64),
    Binary(Vec<u8>),
    /// Another type, by its number.
    Other(u32, Vec<u8>),
}

impl Data {
    pub(super) fn kind(&self) -> u32 {
        match self {
            Self::None => 0,
            Self::Sz(_) => 1,
            Self::ExpandSz(_) => 2,
            Self::Binary(_) => 3,
            Self::Dword(_) => 4,
            Self::MultiSz(_) => 7,
            Self::Qword(_) => 11,
            Self::Other(kind, _) => *kind,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::None => Vec::new(),
            Self::Sz(text) | Self::ExpandSz(text) => utf16(&format!("{text}\0")),
            Self::MultiSz(texts) => utf16(&format!("{}\0\0", texts.join("\0"))),
            Self::Dword(number) => number.to_le_bytes().to_vec(),
            Self::Qword(number) => number.to_le_bytes().to_vec(),
            Self::Binary(bytes) | Self::Other(_, bytes) => bytes.clone(),
        }
    }
}

impl Key {
    /// A key without values.
    #[must_use]
    pub fn new(name: &str, written: FileTime) -> Self {
        Self {
            name: name.to_owned(),
            written,
            class: None,
            values: Vec::new(),
            keys: Vec::new(),
            is_deleted: false,
        }
    }

    /// The key below this one at a path; what is missing of it is made, last written when this key was.
    pub fn at(&mut self, path: &str) -> &mut Self {
        let written = self.written;
        path.split('\\').fold(self, |key, name| {
            let place = key.keys.iter().position(|key| key.name == name);
            let place = place.unwrap_or_else(|| {
                key.keys.push(Self::new(name, written));
                key.keys.len() - 1
            });
            &mut key.keys[place]
        })
    }

    /// Sets when the key was last written.
    pub fn written(&mut self, time: FileTime) -> &mut Self {
        self.written = time;
        self
    }

    /// Adds a value, or replaces the one of its name.
    pub fn set(&mut self, name: &str, data: Data) -> &mut Self {
        let value = Value {
            name: name.to_owned(),
            data,
            is_deleted: false,
        };
        match self.values.iter_mut().find(|value| value.name == name) {
            Some(old) => *old = value,
            None => self.values.push(value),
        }
        self
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.set(name, Data::Sz(text.to_owned()))
    }

    /// Adds a number.
    pub fn number(&mut self, name: &str, number: u32) -> &mut Self {
        self.set(name, Data::Dword(number))
    }
}

/// UTF-16LE.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A name as hives store it: Latin-1 when that suffices. And whether it does.
pub(super) fn stored_name(name: &str) -> (Vec<u8>, bool) {
    let latin1: Option<Vec<u8>> = name.chars().map(|char| u8::try_from(char).ok()).collect();
    latin1.map_or_else(|| (utf16(name), false), |name| (name, true))
}
