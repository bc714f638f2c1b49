//! `value == constant` and its relatives.

use std::cmp::Ordering;
use std::fmt;

use super::Constant;
use crate::value::Value;

/// An operator that compares. There is no `!=`: the plan negates `==` instead, because that is
/// what it means for events without the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `==`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Operator {
    /// Whether it holds for things in that order.
    #[must_use]
    pub const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The operator for swapped sides.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

/// A comparison with a constant on its right.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// How the two are compared.
    pub operator: Operator,
    /// The right side.
    pub constant: Constant,
}

impl Comparison {
    /// Whether it holds for a value, or nothing if the two do not compare.
    #[must_use]
    pub fn test(&self, value: &Value<'_>) -> Option<bool> {
        let order = self.constant.order_of(value)?;
        Some(self.operator.holds(order))
    }
}
