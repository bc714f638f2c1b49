//! A constant, made comparable with the values of one field once, when the query is compiled.

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use super::version;
use crate::print;
use crate::schema::FieldType;
use crate::time;
use crate::value::Value;

/// A constant that a value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number, or the ticks of a date.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text, compared by code point.
    Text(String),
    /// An address: any spelling of it is equal.
    Address(IpAddr),
    /// A version, compared number by number.
    Version(String),
}

impl Constant {
    /// The constant in the form that values of such a field have; nothing if it has none, such as
    /// a text that is no date. Null is no constant.
    pub(crate) fn new(value: &Value<'_>, field_type: Option<FieldType>) -> Option<Self> {
        match (field_type, value) {
            (Some(FieldType::Ip), Value::Text(text)) => text.parse().ok().map(Self::Address),
            (Some(FieldType::Date), Value::Text(text)) => time::ticks_of(text).map(Self::Int),
            (Some(FieldType::Date), Value::Int(number)) => {
                time::ticks_of_unix_milliseconds(*number).map(Self::Int)
            }
            (Some(FieldType::Version), Value::Text(text)) => Some(Self::Version(text.to_string())),
            _ => Self::plain(value),
        }
    }

    /// The constant as it stands.
    pub(crate) fn plain(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Bool(truth) => Some(Self::Bool(*truth)),
            Value::Int(number) => Some(Self::Int(*number)),
            Value::Float(number) => Some(Self::Float(*number)),
            Value::Text(text) => Some(Self::Text(text.to_string())),
        }
    }

    /// How a value stands to this constant, or nothing if the two do not compare.
    #[must_use]
    pub fn order_of(&self, value: &Value<'_>) -> Option<Ordering> {
        match self {
            Self::Bool(truth) => value.compare(&Value::Bool(*truth)),
            Self::Int(number) => value.compare(&Value::Int(*number)),
            Self::Float(number) => value.compare(&Value::Float(*number)),
            Self::Text(text) => value.as_text().map(|value| value.cmp(text)),
            Self::Address(address) => {
                let value: IpAddr = value.as_text()?.parse().ok()?;
                Some(value.cmp(address))
            }
            Self::Version(version) => Some(version::compare(value.as_text()?, version)),
        }
    }
}

/// As a query writes it, except that dates are ticks.
impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Text(text) | Self::Version(text) => print::text(text, f),
            Self::Address(address) => print::text(&address.to_string(), f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(constant: &str, field_type: FieldType, value: &str, expected: Option<Ordering>) {
        let constant = Constant::new(&Value::from(constant), Some(field_type)).unwrap();
        let value = value.parse().map_or(Value::from(value), Value::Int);
        assert_eq!(constant.order_of(&value), expected, "{constant} {value:?}");
    }

    #[test]
    fn addresses_are_equal_in_any_spelling() {
        check(
            "::1",
            FieldType::Ip,
            "0:0:0:0:0:0:0:1",
            Some(Ordering::Equal),
        );
        check("FE80::1", FieldType::Ip, "fe80:0::1", Some(Ordering::Equal));
        check(
            "10.0.0.1",
            FieldType::Ip,
            "10.0.0.2",
            Some(Ordering::Greater),
        );
        check(
            "10.0.0.1",
            FieldType::Ip,
            "::ffff:10.0.0.1",
            Some(Ordering::Greater),
        );
        check("10.0.0.1", FieldType::Ip, "LOCAL", None);
    }

    #[test]
    fn dates_are_ticks() {
        check("1601-01-01", FieldType::Date, "0", Some(Ordering::Equal));
        check(
            "1601-01-01T00:00:00.0000002Z",
            FieldType::Date,
            "1",
            Some(Ordering::Less),
        );
        assert_eq!(
            Constant::new(&"yesterday".into(), Some(FieldType::Date)),
            None
        );
        let milliseconds = Constant::new(&Value::Int(0), Some(FieldType::Date)).unwrap();
        assert_eq!(milliseconds, Constant::Int(116_444_736_000_000_000));
    }

    #[test]
    fn versions_compare_by_number() {
        check(
            "10.0.9",
            FieldType::Version,
            "10.0.10",
            Some(Ordering::Greater),
        );
    }
}
