//! The checked plan: what an engine runs.
//!
//! A [`Condition`] is a tree of two-valued logic over [`Leaf`] questions. An event without the
//! field makes a leaf false, never unknown, so `Not` is true there: that is what EQL means. Each leaf is
//! asked for every combination of the values of its fields, with [`Value::Null`] for a missing one,
//! and holds if it holds for any; so it can be asked once per distinct value.
//!
//! [`Value::Null`]: crate::Value::Null

mod comparison;
mod condition;
mod constant;
mod display;
mod expression;
mod folding;
mod leaf;
mod lower;
mod members;
mod networks;
mod predicate;
mod query;
mod regex;
mod version;
mod wildcard;
mod wildcards;

pub use crate::ast::{ArithmeticOperator, Category, Field as Key};
pub use comparison::{Comparison, Operator};
pub use condition::Condition;
pub use constant::Constant;
pub use expression::{Call, Expression, FieldComparison};
pub use leaf::Leaf;
pub use members::Members;
pub use networks::Networks;
pub use predicate::Predicate;
pub use query::{Filter, KeyedFilter, Pipe, Query, QueryKind, Sample, Sequence, Stage};
pub use regex::Regex;
pub use wildcard::Wildcard;
pub use wildcards::Wildcards;

pub(crate) use lower::lower;
