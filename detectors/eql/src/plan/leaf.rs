//! One question to the values of an event.

use super::{Expression, Predicate};
use crate::value::Value;

/// A question that is true or false. Two leaves that ask the same are equal and have the same
/// text, so an engine that runs many rules can ask once.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf {
    /// The field has a value. Its opposite is `field == null`.
    Exists(String),
    /// Some value of the field passes the test.
    Test {
        /// The field's name.
        field: String,
        /// The test.
        predicate: Predicate,
    },
    /// Some combination of values makes the expression true.
    Expression(Expression),
}

impl Leaf {
    /// The fields that are read, each once, in the order of the text.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Exists(field) | Self::Test { field, .. } => vec![field],
            Self::Expression(expression) => expression.fields(),
        }
    }

    /// The answer for one value per field, null for a field that is missing.
    pub fn holds<'v>(&self, values: &mut dyn FnMut(&str) -> Value<'v>) -> bool {
        match self {
            Self::Exists(field) => !values(field).is_null(),
            Self::Test { field, predicate } => predicate.test(&values(field)) == Some(true),
            Self::Expression(expression) => expression.evaluate(values) == Value::Bool(true),
        }
    }
}
