//! Arithmetic on values: the operators and the functions `add`, `divide` … are the same thing.
//!
//! Two whole numbers give a whole number, anything with a decimal a decimal. What has no answer
//! (division by zero, a result beyond 64 bits, an operand that is no number) is null, where
//! Elasticsearch would fail the search.

use crate::ast::ArithmeticOperator;
use crate::value::Value;

/// `left operator right`
pub(crate) fn apply(
    operator: ArithmeticOperator,
    left: &Value<'_>,
    right: &Value<'_>,
) -> Value<'static> {
    let result = match (left, right) {
        (Value::Int(left), Value::Int(right)) => whole(operator, *left, *right).map(Value::Int),
        _ => decimal(operator, left, right).map(Value::Float),
    };
    result.unwrap_or(Value::Null)
}

/// `-operand`
pub(crate) fn negate(operand: &Value<'_>) -> Value<'static> {
    match operand {
        Value::Int(number) => number.checked_neg().map_or(Value::Null, Value::Int),
        Value::Float(number) => Value::Float(-number),
        _ => Value::Null,
    }
}

fn whole(operator: ArithmeticOperator, left: i64, right: i64) -> Option<i64> {
    match operator {
        ArithmeticOperator::Add => left.checked_add(right),
        ArithmeticOperator::Subtract => left.checked_sub(right),
        ArithmeticOperator::Multiply => left.checked_mul(right),
        // Towards zero, as Java divides.
        ArithmeticOperator::Divide => left.checked_div(right),
        // The sign of the dividend. The checked form would refuse the smallest number modulo -1.
        ArithmeticOperator::Modulo => (right != 0).then(|| left.wrapping_rem(right)),
    }
}

fn decimal(operator: ArithmeticOperator, left: &Value<'_>, right: &Value<'_>) -> Option<f64> {
    let (left, right) = (float(left)?, float(right)?);
    Some(match operator {
        ArithmeticOperator::Add => left + right,
        ArithmeticOperator::Subtract => left - right,
        ArithmeticOperator::Multiply => left * right,
        ArithmeticOperator::Divide => left / right,
        ArithmeticOperator::Modulo => left % right,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a whole number beside a decimal becomes one, as in Java"
)]
fn float(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ArithmeticOperator::{Add, Divide, Modulo, Multiply, Subtract};
    use Value::{Float, Int, Null};

    fn check(operator: ArithmeticOperator, left: i64, right: i64, expected: Option<i64>) {
        let expected = expected.map_or(Null, Int);
        assert_eq!(
            apply(operator, &Int(left), &Int(right)),
            expected,
            "{left} {right}"
        );
    }

    #[test]
    fn whole_numbers_divide_towards_zero() {
        check(Divide, 7, 2, Some(3));
        check(Divide, -7, 2, Some(-3));
        check(Modulo, -7, 3, Some(-1));
    }

    #[test]
    fn a_decimal_makes_a_decimal() {
        assert_eq!(apply(Divide, &Int(7), &Float(2.0)), Float(3.5));
    }

    #[test]
    fn what_has_no_answer_is_null() {
        check(Divide, 1, 0, None);
        check(Modulo, 1, 0, None);
        check(Add, i64::MAX, 1, None);
        check(Multiply, i64::MAX, 2, None);
        check(Subtract, i64::MIN, 1, None);
        check(Divide, i64::MIN, -1, None);
        check(Modulo, i64::MIN, -1, Some(0));
        assert_eq!(apply(Add, &Int(1), &Value::from("1")), Null);
        assert_eq!(apply(Add, &Int(1), &Null), Null);
        assert_eq!(negate(&Int(i64::MIN)), Null);
    }
}
