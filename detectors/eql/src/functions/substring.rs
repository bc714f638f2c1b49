//! `substring(source, start[, end])`

use super::{Arguments, Function, Kind, Parameter, utf16};
use crate::value::Value;

pub(super) const SUBSTRING: Function = Function {
    name: "substring",
    parameters: &[
        Parameter::required("source", Kind::Text),
        Parameter::required("start", Kind::Integer),
        Parameter::null_is_absent("end", Kind::Integer),
    ],
    repeats: false,
    folds_case: false,
    returns: Kind::Text,
    summary: "The part from `start` up to, but not with, `end`; both count from 0, negative ones \
              from the end. What lies outside the text is cut off.",
    evaluate,
};

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    let source = arguments.text(0)?;
    let length = utf16::length(source);
    let start = position(arguments.int(1)?, length);
    let end = position(arguments.int_or(2, length)?, length);
    let first = utf16::byte_at_or_after(source, start);
    let last = utf16::byte_at_or_before(source, end);
    Some(Value::from(
        source.get(first..last).unwrap_or("").to_owned(),
    ))
}

/// A position as Python's slices take it, within the text.
fn position(index: i64, length: i64) -> i64 {
    let from_start = if index < 0 {
        index.saturating_add(length)
    } else {
        index
    };
    from_start.clamp(0, length)
}
