//! `startsWith(source, prefix)` and `endsWith(source, suffix)`

use super::{Arguments, Function, Kind, Parameter};
use crate::fold::fold_if;
use crate::value::Value;

pub(super) const STARTS_WITH: Function = Function {
    name: "startsWith",
    parameters: &[
        Parameter::required("source", Kind::Text),
        Parameter::required("prefix", Kind::Text),
    ],
    repeats: false,
    folds_case: true,
    returns: Kind::Boolean,
    summary: "Whether the text starts with the prefix, in which `*` is an asterisk.",
    evaluate: |arguments| compare(arguments, |source, prefix| source.starts_with(prefix)),
};

pub(super) const ENDS_WITH: Function = Function {
    name: "endsWith",
    parameters: &[
        Parameter::required("source", Kind::Text),
        Parameter::required("suffix", Kind::Text),
    ],
    repeats: false,
    folds_case: true,
    returns: Kind::Boolean,
    summary: "Whether the text ends with the suffix, in which `*` is an asterisk.",
    evaluate: |arguments| compare(arguments, |source, suffix| source.ends_with(suffix)),
};

fn compare(
    arguments: &Arguments<'_, '_>,
    holds: impl Fn(&str, &str) -> bool,
) -> Option<Value<'static>> {
    let source = fold_if(arguments.fold_case, arguments.text(0)?);
    let affix = fold_if(arguments.fold_case, arguments.text(1)?);
    Some(Value::Bool(holds(&source, &affix)))
}
