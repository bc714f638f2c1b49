//! `indexOf(source, substring[, start])`

use super::search::{Which, find};
use super::{Arguments, Function, Kind, Parameter, utf16};
use crate::value::Value;

pub(super) const INDEX_OF: Function = Function {
    name: "indexOf",
    parameters: &[
        Parameter::required("source", Kind::Text),
        Parameter::required("substring", Kind::Text),
        Parameter::null_is_absent("start", Kind::Integer),
    ],
    repeats: false,
    folds_case: true,
    returns: Kind::Integer,
    summary: "Where the other text first stands, at or behind `start`, counted from 0; null if \
              nowhere.",
    evaluate,
};

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    let source = arguments.text(0)?;
    let substring = arguments.text(1)?;
    let start = arguments.int_or(2, 0)?.max(0);
    if start > utf16::length(source) {
        return None;
    }
    if substring.is_empty() {
        return Some(Value::Int(start));
    }
    let skipped = utf16::byte_at_or_after(source, start);
    let found = find(
        &source[skipped..],
        substring,
        arguments.fold_case,
        Which::First,
    )?;
    Some(Value::Int(utf16::length(&source[..skipped + found.start])))
}
