//! One value of one field, a literal, or what an expression yields.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A value. Addresses and versions come as text, times as ticks of 100 ns since 1601.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing: the field is missing, or an operand was.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
}

impl Value<'_> {
    /// Whether there is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value if it is a text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value if it is a whole number.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The value if it is true or false.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The same value, borrowing its text.
    #[must_use]
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Int(number) => Value::Int(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
        }
    }

    /// The same value, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// How the two stand to each other: numbers of all kinds by size, text by code point, `false`
    /// before `true`. Values of different kinds do not compare, and null with nothing.
    #[must_use]
    pub fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            (Self::Int(left), Value::Int(right)) => Some(left.cmp(right)),
            (Self::Float(left), Value::Float(right)) => left.partial_cmp(right),
            (Self::Int(left), Value::Float(right)) => compare_mixed(*left, *right),
            (Self::Float(left), Value::Int(right)) => {
                compare_mixed(*right, *left).map(Ordering::reverse)
            }
            (Self::Text(left), Value::Text(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// The value as text, as `string()` and `concat()` write it; nothing for null.
    #[must_use]
    pub fn render(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Bool(truth) => Some(Cow::Owned(truth.to_string())),
            Self::Int(number) => Some(Cow::Owned(number.to_string())),
            // `{:?}` keeps the point of `5.0`, as Java does.
            Self::Float(number) => Some(Cow::Owned(format!("{number:?}"))),
            Self::Text(text) => Some(Cow::Borrowed(text)),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// Two to the 63rd: the first float beyond all whole numbers.
const BEYOND_INT: f64 = 9_223_372_036_854_775_808.0;

/// Exact, where turning the whole number into a float would round it.
fn compare_mixed(whole: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= BEYOND_INT {
        return Some(Ordering::Less);
    }
    if float < -BEYOND_INT {
        return Some(Ordering::Greater);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was just checked"
    )]
    let floor = float.floor() as i64;
    let fraction = float > float.floor();
    Some(whole.cmp(&floor).then(if fraction {
        Ordering::Less
    } else {
        Ordering::Equal
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &Value<'_>, right: &Value<'_>, expected: Option<Ordering>) {
        assert_eq!(left.compare(right), expected, "{left:?} {right:?}");
        assert_eq!(right.compare(left), expected.map(Ordering::reverse));
    }

    #[test]
    fn numbers_of_different_kinds_compare_by_size() {
        check(&Value::Int(3), &Value::Float(3.0), Some(Ordering::Equal));
        check(&Value::Int(3), &Value::Float(3.5), Some(Ordering::Less));
        check(
            &Value::Int(-3),
            &Value::Float(-3.5),
            Some(Ordering::Greater),
        );
        check(&Value::Int(3), &Value::Float(f64::NAN), None);
    }

    #[test]
    fn large_numbers_compare_exactly() {
        let float = Value::Float(9_007_199_254_740_992.0);
        check(
            &Value::Int(9_007_199_254_740_993),
            &float,
            Some(Ordering::Greater),
        );
        check(
            &Value::Int(i64::MAX),
            &Value::Float(BEYOND_INT),
            Some(Ordering::Less),
        );
        check(
            &Value::Int(i64::MIN),
            &Value::Float(-BEYOND_INT),
            Some(Ordering::Equal),
        );
    }

    #[test]
    fn different_kinds_do_not_compare() {
        check(&Value::Int(1), &Value::from("1"), None);
        check(&Value::Null, &Value::Null, None);
        check(&Value::Bool(true), &Value::from("true"), None);
    }
}
