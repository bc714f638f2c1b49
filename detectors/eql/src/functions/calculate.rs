//! `add`, `subtract`, `multiply`, `divide`, `modulo`: the operators as functions.

use super::signature::Evaluate;
use super::{Arguments, Function, Kind, Parameter};
use crate::arithmetic::apply;
use crate::ast::ArithmeticOperator;
use crate::value::Value;

const PARAMETERS: &[Parameter] = &[
    Parameter::required("left", Kind::Number),
    Parameter::required("right", Kind::Number),
];

pub(super) const ADD: Function = function("add", "`left + right`.", |arguments| {
    calculate(ArithmeticOperator::Add, arguments)
});

pub(super) const SUBTRACT: Function = function("subtract", "`left - right`.", |arguments| {
    calculate(ArithmeticOperator::Subtract, arguments)
});

pub(super) const MULTIPLY: Function = function("multiply", "`left * right`.", |arguments| {
    calculate(ArithmeticOperator::Multiply, arguments)
});

pub(super) const DIVIDE: Function = function(
    "divide",
    "`left / right`, towards zero between whole numbers; null when dividing one by zero.",
    |arguments| calculate(ArithmeticOperator::Divide, arguments),
);

pub(super) const MODULO: Function = function(
    "modulo",
    "`left % right`, with the sign of `left`; null when dividing a whole number by zero.",
    |arguments| calculate(ArithmeticOperator::Modulo, arguments),
);

const fn function(name: &'static str, summary: &'static str, evaluate: Evaluate) -> Function {
    Function {
        name,
        parameters: PARAMETERS,
        repeats: false,
        folds_case: false,
        returns: Kind::Number,
        summary,
        evaluate,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form that the table wants")]
fn calculate(
    operator: ArithmeticOperator,
    arguments: &Arguments<'_, '_>,
) -> Option<Value<'static>> {
    Some(apply(operator, arguments.get(0), arguments.get(1)))
}
