//! `number(source[, base])`

use super::{Arguments, Function, Kind, Parameter};
use crate::value::Value;

pub(super) const NUMBER: Function = Function {
    name: "number",
    parameters: &[
        Parameter::required("source", Kind::Text),
        Parameter::null_is_absent("base", Kind::Integer),
    ],
    repeats: false,
    folds_case: false,
    returns: Kind::Number,
    summary: "The number that the text says. Without a base, `0x` means base 16, all else base 10, \
              where decimals are allowed; null if it says none.",
    evaluate,
};

/// Stands for a base that was left out.
const UNSAID: i64 = i64::MIN;

fn evaluate(arguments: &Arguments<'_, '_>) -> Option<Value<'static>> {
    let text = arguments.text(0)?.trim();
    let base = arguments.int_or(1, UNSAID)?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let mut prefixes = ["0x", "0X"].iter();
    let hexadecimal = prefixes.find_map(|prefix| unsigned.strip_prefix(prefix));
    match (hexadecimal, base) {
        (Some(digits), UNSAID | 16) => whole(sign, digits, 16),
        (_, UNSAID | 10) => decimal(sign, unsigned),
        (_, base) => whole(sign, unsigned, base),
    }
}

fn whole(sign: &str, digits: &str, base: i64) -> Option<Value<'static>> {
    let base = u32::try_from(base)
        .ok()
        .filter(|base| (2..=36).contains(base))?;
    let valid = digits.chars().all(|digit| digit.is_digit(base));
    let number = i64::from_str_radix(&format!("{sign}{digits}"), base).ok();
    number.filter(|_| valid).map(Value::Int)
}

fn decimal(sign: &str, digits: &str) -> Option<Value<'static>> {
    if let Some(number) = whole(sign, digits, 10) {
        return Some(number);
    }
    // Rust also reads `inf` and `nan`, which are words, not numbers.
    let valid = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let number: f64 = format!("{sign}{digits}").parse().ok()?;
    (digits.chars().all(valid) && number.is_finite()).then_some(Value::Float(number))
}
