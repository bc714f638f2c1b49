//! What the checker knows about the result of an expression.

use std::fmt;

use crate::functions::Kind;
use crate::schema::FieldType;
use crate::value::Value;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// An unknown field, or a part that was wrong: fits everywhere.
    Unknown,
    /// Always null: fits everywhere.
    Null,
    Boolean,
    Integer,
    Double,
    /// A number of whichever kind.
    Number,
    Text,
    Ip,
    Date,
    Version,
}

/// Types whose values can be compared with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Boolean,
    Number,
    Text,
    Ip,
    Date,
    Version,
}

impl Type {
    pub(super) fn of_value(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Int(_) => Self::Integer,
            Value::Float(_) => Self::Double,
            Value::Text(_) => Self::Text,
        }
    }

    pub(super) fn of_field(field_type: Option<FieldType>) -> Self {
        match field_type {
            None => Self::Unknown,
            Some(FieldType::Keyword) => Self::Text,
            Some(FieldType::Integer) => Self::Integer,
            Some(FieldType::Double) => Self::Double,
            Some(FieldType::Boolean) => Self::Boolean,
            Some(FieldType::Ip) => Self::Ip,
            Some(FieldType::Date) => Self::Date,
            Some(FieldType::Version) => Self::Version,
        }
    }

    pub(super) fn of_result(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Integer => Self::Integer,
            Kind::Number => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::Address => Self::Ip,
            Kind::Any => Self::Unknown,
        }
    }

    /// The field type whose comparison rules constants must be prepared for.
    pub(super) fn field_type(self) -> Option<FieldType> {
        match self {
            Self::Ip => Some(FieldType::Ip),
            Self::Date => Some(FieldType::Date),
            Self::Version => Some(FieldType::Version),
            _ => None,
        }
    }

    fn family(self) -> Option<Family> {
        Some(match self {
            Self::Unknown | Self::Null => return None,
            Self::Boolean => Family::Boolean,
            Self::Integer | Self::Double | Self::Number => Family::Number,
            Self::Text => Family::Text,
            Self::Ip => Family::Ip,
            Self::Date => Family::Date,
            Self::Version => Family::Version,
        })
    }

    /// Whether values of the two can be equal, as far as is known.
    pub(super) fn agrees_with(self, other: Self) -> bool {
        match (self.family(), other.family()) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// Whether a constant of that type can be compared with values of this one.
    pub(super) fn takes_constant(self, constant: Self) -> bool {
        let written_as_text = matches!(self, Self::Ip | Self::Date | Self::Version);
        self.agrees_with(constant)
            || (written_as_text && constant == Self::Text)
            || (self == Self::Date && constant == Self::Integer)
    }

    pub(super) fn is_boolean(self) -> bool {
        self.agrees_with(Self::Boolean)
    }

    pub(super) fn is_number(self) -> bool {
        self.agrees_with(Self::Number)
    }

    pub(super) fn is_text(self) -> bool {
        self.agrees_with(Self::Text)
    }

    /// Whether it fits a function's parameter.
    pub(super) fn fits(self, kind: Kind) -> bool {
        match kind {
            Kind::Any => true,
            Kind::Text => self.is_text(),
            Kind::Number => self.is_number(),
            Kind::Integer => self.is_number() && self != Self::Double,
            Kind::Boolean => self.is_boolean(),
            Kind::Address => self.is_text() || self == Self::Ip,
        }
    }
}

/// With an article, for messages.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "of unknown type",
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "a whole number",
            Self::Double => "a decimal number",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Ip => "an IP address",
            Self::Date => "a date",
            Self::Version => "a version",
        })
    }
}
