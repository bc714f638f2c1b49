//! `concat(value, …)`

use super::{Arguments, Function, Kind, Parameter};
use crate::value::Value;

pub(super) const CONCAT: Function = Function {
    name: "concat",
    parameters: &[Parameter::required("value", Kind::Any)],
    repeats: true,
    folds_case: false,
    returns: Kind::Text,
    summary: "All values one behind the other, as `string` writes them.",
    evaluate,
};

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    let parts: Option<Vec<_>> = arguments.values.iter().map(Value::render).collect();
    Some(Value::from(parts?.concat()))
}
