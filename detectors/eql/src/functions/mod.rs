//! The functions of the language: one small file each, and one ordered list of them.
//!
//! The list is the only source of names, arities, types and null behaviour: checking, folding,
//! evaluation and `FUNCTIONS.md` all read it. To add a function, copy the smallest neighbour and
//! add its line to [`FUNCTIONS`].
//!
//! Positions and lengths are counted in UTF-16 units throughout, as Elasticsearch counts them.

mod affix;
mod between;
mod calculate;
mod cidr_match;
mod concat;
mod index_of;
mod length;
mod number;
mod reference;
mod search;
mod signature;
mod string;
mod string_contains;
mod substring;
mod utf16;

pub(crate) use cidr_match::CIDR_MATCH;
pub use reference::reference;
pub use signature::{Function, Kind, Parameter, Presence};

use crate::value::Value;

/// All functions, by name.
pub const FUNCTIONS: &[Function] = &[
    calculate::ADD,
    between::BETWEEN,
    CIDR_MATCH,
    concat::CONCAT,
    calculate::DIVIDE,
    affix::ENDS_WITH,
    index_of::INDEX_OF,
    length::LENGTH,
    calculate::MODULO,
    calculate::MULTIPLY,
    number::NUMBER,
    affix::STARTS_WITH,
    string::STRING,
    string_contains::STRING_CONTAINS,
    substring::SUBSTRING,
    calculate::SUBTRACT,
];

/// Functions of the original engine that Elasticsearch does not have, and what to write instead.
const ABSENT: [(&str, &str); 7] = [
    ("wildcard", "write `field : \"…\"` or `field like \"…\"`"),
    ("match", "write `field regex~ \"…\"`"),
    ("matchLite", "write `field regex~ \"…\"`"),
    ("safe", "leave it out: what has no answer is null here"),
    (
        "arrayContains",
        "write `field : \"…\"`: any value of the field may match",
    ),
    ("arrayCount", "the values of a field cannot be counted"),
    (
        "arraySearch",
        "write a condition on the field: any value may match",
    ),
];

/// The function of that name, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS
        .iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

/// What to write instead of a function that only the original engine has.
pub(crate) fn instead_of(name: &str) -> Option<&'static str> {
    ABSENT
        .iter()
        .find(|(absent, _)| absent.eq_ignore_ascii_case(name))
        .map(|(_, advice)| *advice)
}

/// The arguments of one call, none of them null where a null must give null.
pub(crate) struct Arguments<'c, 'v> {
    values: &'c [Value<'v>],
    /// Whether the name was written with `~`.
    fold_case: bool,
}

impl<'c, 'v> Arguments<'c, 'v> {
    fn get(&self, index: usize) -> &'c Value<'v> {
        self.values.get(index).unwrap_or(&Value::Null)
    }

    fn text(&self, index: usize) -> Option<&'c str> {
        self.get(index).as_text()
    }

    fn int(&self, index: usize) -> Option<i64> {
        self.get(index).as_int()
    }

    /// A number that may be left out.
    fn int_or(&self, index: usize, absent: i64) -> Option<i64> {
        match self.get(index) {
            Value::Null => Some(absent),
            given => given.as_int(),
        }
    }
}

impl Function {
    /// The result for one value per argument. A value of the wrong kind gives null.
    pub(crate) fn call(&self, values: &[Value<'_>], fold_case: bool) -> Value<'static> {
        let null = values
            .iter()
            .enumerate()
            .any(|(index, value)| value.is_null() && !self.allows_null(index));
        if null {
            return Value::Null;
        }
        (self.evaluate)(&Arguments { values, fold_case }).unwrap_or(Value::Null)
    }
}

#[cfg(test)]
mod tests;
