//! What a record was decoded to: places of values, not values. The buffers hold no references, so
//! they serve record after record and chunk after chunk.

use super::extent::Extent;
use super::section::Section;
use super::system::Field;
use super::texts::{TextId, Texts};
use super::value::Value;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// In the chunk.
    Chunk(Extent),
    /// A text of the template.
    Text(TextId),
    /// In [`Output::text`].
    Composed { at: u32, size: u32 },
}

impl Stored {
    pub(super) const NULL: Self = Self::Chunk(Extent::ABSENT);

    /// Whether there is no value at all.
    pub(super) fn is_absent(self) -> bool {
        matches!(self, Self::Chunk(extent) if extent.size == 0 || extent.is_null())
    }
}

/// One value with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) section: Section,
    /// Empty, if it has none.
    pub(super) name: TextId,
    pub(super) value: Stored,
}

/// One decoded record.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) fields: [Stored; Field::COUNT],
    pub(super) data: Vec<Bound>,
    pub(super) section: Option<Section>,
    pub(super) section_name: Option<TextId>,
    /// Texts that were put together from pieces.
    pub(super) text: String,
}

impl Output {
    pub(super) fn new() -> Self {
        Self {
            fields: [Stored::NULL; Field::COUNT],
            data: Vec::new(),
            section: None,
            section_name: None,
            text: String::new(),
        }
    }

    /// Forgets the last record.
    pub(super) fn clear(&mut self) {
        self.fields = [Stored::NULL; Field::COUNT];
        self.data.clear();
        self.section = None;
        self.section_name = None;
        self.text.clear();
    }
}

/// A decoded record with all that its values are borrowed from.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) chunk: &'a [u8],
    pub(super) texts: &'a Texts,
    pub(super) output: &'a Output,
}

impl<'a> View<'a> {
    #[inline]
    pub(super) fn value(self, stored: Stored) -> Value<'a> {
        match stored {
            Stored::Chunk(extent) => extent.value(self.chunk),
            Stored::Text(id) => Value::Text(self.texts.get(id)),
            Stored::Composed { at, size } => {
                let start = at as usize;
                let range = start..start.saturating_add(size as usize);
                Value::Text(self.output.text.get(range).unwrap_or_default())
            }
        }
    }

    #[inline]
    pub(super) fn field(self, field: Field) -> Value<'a> {
        let stored = self.output.fields.get(field as usize);
        stored.map_or(Value::Null, |stored| self.value(*stored))
    }
}
