//! What a function takes and gives.

use std::fmt;

use super::Arguments;
use crate::value::Value;

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name, as the documentation writes it; a query may use any case.
    pub name: &'static str,
    /// What it takes, in order. Those that may be left out come last.
    pub parameters: &'static [Parameter],
    /// Whether the last parameter may be given many times.
    pub repeats: bool,
    /// Whether there is a form `name~` that disregards case.
    pub folds_case: bool,
    /// What it gives.
    pub returns: Kind,
    /// One sentence for the reference.
    pub summary: &'static str,
    pub(super) evaluate: Evaluate,
}

pub(super) type Evaluate = fn(&Arguments<'_, '_>) -> Option<Value<'static>>;

/// One parameter of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the reference.
    pub name: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// Whether it may be left out. A null then means that it was; elsewhere it makes the result
    /// null.
    pub presence: Presence,
    /// Whether it must be a constant.
    pub constant: bool,
}

/// Whether a parameter must be given, and what null means for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be given, and null gives null.
    Required,
    /// It may be left out, and null gives null.
    Optional,
    /// It may be left out, and null means that it was.
    NullIsAbsent,
}

/// What an argument must be or a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An address or its text.
    Address,
    /// Anything.
    Any,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Integer => "whole number",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Address => "ip or text",
            Self::Any => "anything",
        })
    }
}

impl Parameter {
    pub(super) const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            presence: Presence::Required,
            constant: false,
        }
    }

    pub(super) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self {
            presence: Presence::Optional,
            ..Self::required(name, kind)
        }
    }

    pub(super) const fn null_is_absent(name: &'static str, kind: Kind) -> Self {
        Self {
            presence: Presence::NullIsAbsent,
            ..Self::required(name, kind)
        }
    }

    pub(super) const fn constant(name: &'static str, kind: Kind) -> Self {
        Self {
            constant: true,
            ..Self::required(name, kind)
        }
    }
}

impl Function {
    /// The parameter of the argument at that place, or nothing if there is one too many.
    #[must_use]
    pub fn parameter(&self, index: usize) -> Option<&'static Parameter> {
        let last = self.parameters.last().filter(|_| self.repeats);
        self.parameters.get(index).or(last)
    }

    /// How many arguments must be given.
    #[must_use]
    pub fn fewest_arguments(&self) -> usize {
        self.parameters
            .iter()
            .filter(|parameter| parameter.presence == Presence::Required)
            .count()
    }

    /// How many arguments may be given, if there is a bound.
    #[must_use]
    pub fn most_arguments(&self) -> Option<usize> {
        (!self.repeats).then_some(self.parameters.len())
    }

    /// Whether a null at that place is not simply the end of it.
    pub(crate) fn allows_null(&self, index: usize) -> bool {
        self.parameter(index)
            .is_some_and(|parameter| parameter.presence == Presence::NullIsAbsent)
    }
}

/// Two functions are one if they have one name.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
