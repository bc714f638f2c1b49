//! What the compiler must know about fields: their names and types, nothing else.

use std::collections::BTreeMap;

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldType {
    /// Text, compared by code point.
    Keyword,
    /// A whole number.
    Integer,
    /// A floating-point number.
    Double,
    /// `true` or `false`.
    Boolean,
    /// An address, given as text; compared by address, not by spelling.
    Ip,
    /// A time, given as ticks of 100 ns since 1601; compared with ISO 8601 constants.
    Date,
    /// A version, given as text; compared number by number.
    Version,
}

/// The fields that events can have.
pub trait Schema {
    /// The type of a field, or nothing if no event has it. An unknown field is a warning, its
    /// type is not checked, and it counts as missing.
    fn field_type(&self, name: &str) -> Option<FieldType>;

    /// All names, to suggest one for a misspelt field.
    fn names(&self) -> Vec<&str>;
}

impl Schema for BTreeMap<String, FieldType> {
    fn field_type(&self, name: &str) -> Option<FieldType> {
        self.get(name).copied()
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}
