//! Constant folding: what does not depend on the event is computed when the query is compiled.

use super::{Call, Expression};
use crate::value::Value;

impl Expression {
    /// The same, simpler if its operands (which are folded already) allow it.
    pub(crate) fn folded(self) -> Self {
        match self.constant() {
            Some(value) => Self::Literal(value),
            None => self,
        }
    }

    fn constant(&self) -> Option<Value<'static>> {
        let children = self.children();
        if !children.is_empty() && children.iter().all(|child| child.is_literal()) {
            return Some(self.evaluate(&mut |_| Value::Null).into_owned());
        }
        match self {
            Self::All(parts) => decided(parts, false),
            Self::Any(parts) => decided(parts, true),
            Self::Call(call) => call.is_always_null().then_some(Value::Null),
            _ => children
                .iter()
                .any(|child| child.is_null())
                .then_some(Value::Null),
        }
    }

    pub(crate) fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Literal(Value::Null))
    }
}

impl Call {
    fn is_always_null(&self) -> bool {
        let mut arguments = self.arguments.iter().enumerate();
        arguments.any(|(index, argument)| argument.is_null() && !self.function.allows_null(index))
    }
}

/// One constant part may decide an `and` or an `or` by itself.
fn decided(parts: &[Expression], decisive: bool) -> Option<Value<'static>> {
    let value = Expression::Literal(Value::Bool(decisive));
    parts.contains(&value).then_some(Value::Bool(decisive))
}
