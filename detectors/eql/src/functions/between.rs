//! `between(source, left, right[, greedy])`

use super::search::{Which, find};
use super::{Arguments, Function, Kind, Parameter};
use crate::value::Value;

pub(super) const BETWEEN: Function = Function {
    name: "between",
    parameters: &[
        Parameter::required("source", Kind::Text),
        Parameter::required("left", Kind::Text),
        Parameter::required("right", Kind::Text),
        Parameter::optional("greedy", Kind::Boolean),
    ],
    repeats: false,
    folds_case: true,
    returns: Kind::Text,
    summary: "What stands between the first `left` and the first `right` behind it (the last one \
              if `greedy`); empty if one of them is not there. If one of the texts is empty, it is \
              the whole source.",
    evaluate,
};

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    let (source, left, right) = (arguments.text(0)?, arguments.text(1)?, arguments.text(2)?);
    let which = if arguments.get(3).as_bool() == Some(true) {
        Which::Last
    } else {
        Which::First
    };
    if left.is_empty() || right.is_empty() {
        return Some(Value::from(source.to_owned()));
    }
    let part = part(source, left, right, arguments.fold_case, which);
    Some(Value::from(part.unwrap_or("").to_owned()))
}

fn part<'s>(
    source: &'s str,
    left: &str,
    right: &str,
    fold_case: bool,
    which: Which,
) -> Option<&'s str> {
    let after = &source[find(source, left, fold_case, Which::First)?.end..];
    let end = find(after, right, fold_case, which)?.start;
    Some(&after[..end])
}
