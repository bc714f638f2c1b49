//! The texts of one segment, each kept once.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A text of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StringId(pub(crate) u32);

impl StringId {
    /// Its number: texts are numbered from 0 in the order of their arrival.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Distinct texts in one arena.
#[derive(Clone, Debug, Default)]
pub struct Strings {
    bytes: String,
    ends: Vec<usize>,
    ids: HashTable<Known>,
    hasher: DefaultHashBuilder,
}

/// A text that is there: half of its hash, so that texts are compared and hashed again only when they
/// are likely the same, and its number.
#[derive(Clone, Copy, Debug)]
struct Known {
    hash: u32,
    id: u32,
}

impl Known {
    /// Its hash for the table, which looks at the highest and the lowest bits.
    fn spread(self) -> u64 {
        u64::from(self.hash) << 32 | u64::from(self.hash)
    }
}

impl Strings {
    /// The id of a text, new or known.
    pub fn intern(&mut self, text: &str) -> StringId {
        let Self {
            bytes,
            ends,
            ids,
            hasher,
        } = self;
        let id = u32::try_from(ends.len()).expect("a segment is closed long before 2^32 texts");
        let new = Known {
            hash: (hasher.hash_one(text) >> 32) as u32,
            id,
        };
        let is_it = |known: &Known| known.hash == new.hash && slice(bytes, ends, known.id) == text;
        if let Some(known) = ids.find(new.spread(), is_it) {
            return StringId(known.id);
        }
        bytes.push_str(text);
        ends.push(bytes.len());
        ids.insert_unique(new.spread(), new, |known| known.spread());
        StringId(id)
    }

    /// The text of an id.
    #[must_use]
    pub fn get(&self, id: StringId) -> &str {
        slice(&self.bytes, &self.ends, id.0)
    }

    /// Where the text of an id lies among [`Strings::as_bytes`].
    #[must_use]
    pub fn range(&self, id: StringId) -> std::ops::Range<usize> {
        range(&self.ends, id.0)
    }

    /// All texts, one behind the other.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_bytes()
    }

    /// How many distinct texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Every text, in the order of its id.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| {
            let start = if index == 0 { 0 } else { self.ends[index - 1] };
            &self.bytes[start..self.ends[index]]
        })
    }

    /// Bytes held, near enough for a budget.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * 16
    }
}

fn slice<'a>(bytes: &'a str, ends: &[usize], id: u32) -> &'a str {
    &bytes[range(ends, id)]
}

fn range(ends: &[usize], id: u32) -> std::ops::Range<usize> {
    let id = id as usize;
    let start = if id == 0 { 0 } else { ends[id - 1] };
    start..ends[id]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_id() {
        let mut strings = Strings::default();
        let a = strings.intern("a");
        let empty = strings.intern("");
        assert_eq!(strings.intern("a"), a);
        assert_ne!(a, empty);
        assert_eq!((strings.get(a), strings.get(empty)), ("a", ""));
        assert_eq!(strings.iter().collect::<Vec<_>>(), ["a", ""]);
    }
}
