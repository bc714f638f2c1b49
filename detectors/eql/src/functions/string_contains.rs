//! `stringContains(source, substring)`

use super::{Arguments, Function, Kind, Parameter};
use crate::fold::fold_if;
use crate::value::Value;

pub(super) const STRING_CONTAINS: Function = Function {
    name: "stringContains",
    parameters: &[
        Parameter::required("source", Kind::Text),
        Parameter::required("substring", Kind::Text),
    ],
    repeats: false,
    folds_case: true,
    returns: Kind::Boolean,
    summary: "Whether the text contains the other; an empty text contains nothing and is contained \
              in nothing.",
    evaluate,
};

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    let source = fold_if(arguments.fold_case, arguments.text(0)?);
    let substring = fold_if(arguments.fold_case, arguments.text(1)?);
    let contains = !substring.is_empty() && source.contains(&*substring);
    Some(Value::Bool(contains))
}
