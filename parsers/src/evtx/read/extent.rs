//! Where a value is in a chunk.

use super::budget::BYTES_PER_NODE;
use super::cursor::Cursor;
use super::fault::Fault;
use super::value::Value;
use super::value_type;

/// A stretch of a chunk and the type of the value in it: a substitution of an instance, or a
/// literal. It holds no reference, so it can stay in a buffer that outlives the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) at: u32,
    pub(super) size: u16,
    pub(super) value_type: u8,
}

impl Extent {
    /// What stands for a substitution that the instance does not have.
    pub(super) const ABSENT: Self = Self {
        at: 0,
        size: 0,
        value_type: value_type::NULL,
    };

    /// Takes the next `size` bytes.
    pub(super) fn take(cursor: &mut Cursor<'_>, value_type: u8, size: u16) -> Result<Self, Fault> {
        let at = place(cursor.position());
        cursor.take(usize::from(size))?;
        Ok(Self {
            at,
            size,
            value_type,
        })
    }

    /// Its bytes.
    #[inline]
    pub(super) fn bytes(self, chunk: &[u8]) -> &[u8] {
        let start = self.at as usize;
        chunk
            .get(start..start.saturating_add(usize::from(self.size)))
            .unwrap_or(&[])
    }

    /// Its value.
    #[inline]
    pub(super) fn value(self, chunk: &[u8]) -> Value<'_> {
        Value::decode(self.value_type, self.bytes(chunk))
    }

    /// What showing it once costs, in nodes of the budget: for an array at least its elements.
    #[inline]
    pub(super) fn cost(self) -> usize {
        let size = usize::from(self.size);
        if !self.is_array() {
            return size / BYTES_PER_NODE;
        }
        let element = match self.value_type & !value_type::ARRAY {
            value_type::UTF16 => 2,
            element => value_type::fixed_size(element).map_or(1, usize::from),
        };
        size.checked_div(element)
            .unwrap_or(size)
            .max(size / BYTES_PER_NODE)
    }

    /// Whether it is several values.
    #[inline]
    pub(super) fn is_array(self) -> bool {
        self.value_type & value_type::ARRAY != 0
    }

    /// Whether nothing is there, so that an element that depends on it is left out.
    pub(super) fn is_null(self) -> bool {
        self.value_type == value_type::NULL
    }

    /// Whether it is a fragment, whose elements stand in its place.
    pub(super) fn is_fragment(self) -> bool {
        self.value_type == value_type::BINXML
    }
}

/// A place in a chunk, which has 65,536 bytes.
#[expect(clippy::cast_possible_truncation, reason = "a chunk is small")]
pub(super) fn place(at: usize) -> u32 {
    at as u32
}
