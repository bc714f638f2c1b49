//! Leaves and conditions as text: for people who ask why a rule did not match, and as the key under
//! which equal leaves are found.

use std::fmt::{self, Display, Formatter};

use super::{Call, Condition, Expression, FieldComparison, Leaf};
use crate::print;

/// A field as a query writes it.
struct Name<'n>(&'n str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        print::field_name(self.0, f)
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(truth) => truth.fmt(f),
            Self::All(parts) => joined(parts, " and ", f),
            Self::Any(parts) => joined(parts, " or ", f),
            Self::Not(inner) if matches!(**inner, Self::Leaf(_)) => write!(f, "not ({inner})"),
            Self::Not(inner) => write!(f, "not {inner}"),
            Self::Leaf(leaf) => leaf.fmt(f),
        }
    }
}

impl Display for Leaf {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(field) => write!(f, "{} != null", Name(field)),
            Self::Test { field, predicate } => predicate.write(&Name(field), f),
            Self::Expression(expression) => expression.fmt(f),
        }
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => print::literal(value, f),
            Self::Field(name) => Name(name).fmt(f),
            Self::Iso(inner) => inner.fmt(f),
            Self::Call(call) => call.fmt(f),
            Self::Negate(inner) => write!(f, "-({inner})"),
            Self::Arithmetic(first, rest) => {
                write!(f, "({first}")?;
                let mut rest = rest.iter();
                rest.try_for_each(|(operator, operand)| {
                    write!(f, " {} {operand}", operator.symbol())
                })?;
                f.write_str(")")
            }
            Self::Test(inner, predicate) => match **inner {
                Self::Field(_) | Self::Call(_) | Self::Iso(_) | Self::Arithmetic(..) => {
                    predicate.write(inner, f)
                }
                _ => predicate.write(&format_args!("({inner})"), f),
            },
            Self::CompareFields(comparison) => comparison.fmt(f),
            Self::IsNull(inner) => write!(f, "({inner}) == null"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::All(parts) => joined(parts, " and ", f),
            Self::Any(parts) => joined(parts, " or ", f),
        }
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tilde = if self.fold_case { "~" } else { "" };
        write!(f, "{}{tilde}(", self.function.name)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            write!(f, "{}{argument}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl Display for FieldComparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (left, right) = (Name(&self.left), Name(&self.right));
        write!(f, "?{left} {} ?{right}", self.operator)
    }
}

fn joined<T: Display>(parts: &[T], operator: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        f.write_str(if index == 0 { "(" } else { operator })?;
        part.fmt(f)?;
    }
    f.write_str(")")
}
