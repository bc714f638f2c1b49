//! `string(value)`

use super::{Arguments, Function, Kind, Parameter};
use crate::value::Value;

pub(super) const STRING: Function = Function {
    name: "string",
    parameters: &[Parameter::required("value", Kind::Any)],
    repeats: false,
    folds_case: false,
    returns: Kind::Text,
    summary: "The value as text: `1`, `2.5`, `true`, a time as ISO 8601.",
    evaluate,
};

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    Some(Value::from(arguments.get(0).render()?.into_owned()))
}
