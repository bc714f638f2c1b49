//! From three-valued expressions to the two-valued condition that selects events.
//!
//! This is the step where missing values become false at the leaves, so that `not` above them is
//! true.

use super::{Comparison, Condition, Constant, Expression, Leaf, Operator, Predicate};
use crate::functions::Kind;
use crate::value::Value;

/// The condition that an expression is when it selects events. What folded to null selects none.
pub(crate) fn lower(expression: Expression) -> Condition {
    match expression {
        Expression::Literal(value) => Condition::Constant(value == Value::Bool(true)),
        Expression::Field(field) => Condition::Leaf(Leaf::Test {
            field,
            predicate: is_true(),
        }),
        Expression::Not(inner) => lower(*inner).negated(),
        Expression::All(parts) => Condition::all(parts.into_iter().map(lower)),
        Expression::Any(parts) => Condition::any(parts.into_iter().map(lower)),
        Expression::Test(inner, predicate) => test(*inner, predicate),
        Expression::IsNull(inner) => is_null(*inner),
        other => Condition::Leaf(Leaf::Expression(other)),
    }
}

fn is_true() -> Predicate {
    Predicate::Compare(Comparison {
        operator: Operator::Equal,
        constant: Constant::Bool(true),
    })
}

fn is_null(inner: Expression) -> Condition {
    match inner {
        Expression::Field(field) => Condition::Leaf(Leaf::Exists(field)).negated(),
        inner => Condition::Leaf(Leaf::Expression(Expression::IsNull(inner.into()))),
    }
}

fn test(inner: Expression, predicate: Predicate) -> Condition {
    match (inner, equals_truth(&predicate)) {
        (Expression::Field(field), _) => Condition::Leaf(Leaf::Test { field, predicate }),
        (inner, Some(true)) if is_boolean(&inner) => lower(inner),
        (inner, Some(false)) if is_boolean(&inner) => lower(inner).negated(),
        (inner, _) => Condition::Leaf(Leaf::Expression(Expression::Test(inner.into(), predicate))),
    }
}

/// The truth that the predicate compares with, if it is `== true` or `== false`.
fn equals_truth(predicate: &Predicate) -> Option<bool> {
    match predicate {
        Predicate::Compare(Comparison {
            operator: Operator::Equal,
            constant: Constant::Bool(truth),
        }) => Some(*truth),
        _ => None,
    }
}

fn is_boolean(expression: &Expression) -> bool {
    match expression {
        Expression::Call(call) => call.function.returns == Kind::Boolean,
        Expression::Test(..)
        | Expression::CompareFields(_)
        | Expression::IsNull(_)
        | Expression::Not(_)
        | Expression::All(_)
        | Expression::Any(_) => true,
        _ => false,
    }
}
