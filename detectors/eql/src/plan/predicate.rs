//! A question that can be asked of one value.

use std::fmt::{self, Display, Formatter};

use super::{Comparison, Members, Networks, Regex, Wildcards};
use crate::value::Value;

/// A question about one value, to be asked once for each distinct value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// `value == constant`, `value < constant` …
    Compare(Comparison),
    /// `value in (…)`, and patterns without wildcards
    In(Members),
    /// `value : (…)`, `value like (…)`
    Wildcard(Wildcards),
    /// `value regex (…)`
    Regex(Regex),
    /// `cidrMatch(value, …)`
    Cidr(Networks),
}

impl Predicate {
    /// The answer, or nothing if the value is null or of a kind that the question does not suit.
    #[must_use]
    pub fn test(&self, value: &Value<'_>) -> Option<bool> {
        match self {
            Self::Compare(comparison) => comparison.test(value),
            Self::In(members) => members.test(value),
            Self::Wildcard(wildcards) => wildcards.test(value),
            Self::Regex(regex) => regex.test(value),
            Self::Cidr(networks) => networks.test(value),
        }
    }

    /// The question as text, about `subject`.
    pub(crate) fn write(&self, subject: &dyn Display, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(Comparison { operator, constant }) => {
                write!(f, "{subject} {operator} {constant}")
            }
            Self::In(members) => write!(f, "{subject} {members}"),
            Self::Wildcard(wildcards) => write!(f, "{subject} {wildcards}"),
            Self::Regex(regex) => write!(f, "{subject} {regex}"),
            Self::Cidr(networks) => write!(f, "cidrMatch({subject}, {networks})"),
        }
    }
}
