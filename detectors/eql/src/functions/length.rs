//! `length(source)`

use super::{Arguments, Function, Kind, Parameter, utf16};
use crate::value::Value;

pub(super) const LENGTH: Function = Function {
    name: "length",
    parameters: &[Parameter::required("source", Kind::Text)],
    repeats: false,
    folds_case: false,
    returns: Kind::Integer,
    summary: "The number of UTF-16 units of the text. It counts no elements: of a field with \
              several values each is measured.",
    evaluate,
};

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    Some(Value::Int(utf16::length(arguments.text(0)?)))
}
