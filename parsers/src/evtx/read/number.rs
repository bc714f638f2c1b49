//! Numbers as text, without the detour through `format!`.

use std::ops::Range;

use super::ascii::{Ascii, Backwards, Case, digit, hex, pair};
use super::text::Text;

/// Appends a decimal number.
pub(super) fn write_unsigned(number: u64, out: &mut impl Text) {
    match number {
        0..10 => push_digit(number, out),
        10..100 => push_digits(number, out),
        100..1000 => {
            push_digit(number / 100, out);
            push_digits(number % 100, out);
        }
        1000..10_000 => {
            push_digits(number / 100, out);
            push_digits(number % 100, out);
        }
        _ => write_long(number, out),
    }
}

#[inline]
fn push_digit(number: u64, out: &mut impl Text) {
    out.push(char::from(digit(number)));
}

/// Appends a number below one hundred.
#[inline]
fn push_digits(number: u64, out: &mut impl Text) {
    let [tens, ones] = pair(number);
    out.push(char::from(tens));
    out.push(char::from(ones));
}

fn write_long(number: u64, out: &mut impl Text) {
    let mut text = Backwards::<32>::new();
    text.push_decimal(number);
    text.append(out);
}

/// Appends a decimal number with its sign.
pub(super) fn write_signed(number: i64, out: &mut impl Text) {
    let mut text = Backwards::<32>::new();
    text.push_decimal(number.unsigned_abs());
    if number < 0 {
        text.push(b'-');
    }
    text.append(out);
}

/// Appends `0x` and a hexadecimal number in lower case without leading zeros.
pub(super) fn write_hex(number: u64, out: &mut impl Text) {
    let bytes = number.to_be_bytes();
    let (fours, _) = bytes.as_chunks::<4>();
    let mut text = Ascii([b'0'; 32]);
    // Sixteen digits in the second half; the first half makes room for the prefix.
    let (_, half) = text.0.split_at_mut(16);
    for (target, four) in half.as_chunks_mut::<8>().0.iter_mut().zip(fours) {
        *target = hex(*four, Case::Lower);
    }
    // The prefix goes over the last leading zeros. Zero itself has one digit, too.
    let zeros = (number.leading_zeros() / 4).min(15) as usize;
    let start = zeros.saturating_add(14);
    if let Some(prefix) = text.0.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *prefix = *b"0x";
    }
    out.push_ascii(&text, start, 32);
}

/// Appends bytes as upper-case hexadecimal without separators.
pub(super) fn write_bytes(bytes: &[u8], out: &mut impl Text) {
    let (fours, rest) = bytes.as_chunks::<4>();
    for some in fours.chunks(4) {
        let mut text = Ascii([b'0'; 32]);
        let (targets, _) = text.0.as_chunks_mut::<8>();
        for (target, four) in targets.iter_mut().zip(some) {
            *target = hex(*four, Case::Upper);
        }
        out.push_ascii(&text, 0, some.len().saturating_mul(8));
    }
    for byte in rest {
        let [.., high, low] = hex([0, 0, 0, *byte], Case::Upper);
        out.push(char::from(high));
        out.push(char::from(low));
    }
}

/// Appends a floating point number: the shortest decimal digits that give it back, with a fraction
/// (`1.0`), and an exponent only from `1e+16` up and below `1e-5`. That is what the `evtx` crate
/// prints, and with it every tool built on it.
pub(super) fn write_float(number: f64, out: &mut impl Text) {
    write_shortest(&format!("{number:e}"), -5..16, out);
}

/// The same for one of 32 bits: fewer digits give it back, and the exponent comes earlier.
pub(super) fn write_float32(number: f32, out: &mut impl Text) {
    write_shortest(&format!("{number:e}"), -6..13, out);
}

/// Writes out what has a decimal exponent in `plain`.
fn write_shortest(scientific: &str, plain: Range<i32>, out: &mut impl Text) {
    let text = match scientific.split_once('e') {
        Some((mantissa, exponent)) => match exponent.parse() {
            Ok(exponent) if plain.contains(&exponent) => written_out(mantissa, exponent),
            Ok(exponent) if exponent > 0 => format!("{mantissa}e+{exponent}"),
            _ => scientific.to_owned(),
        },
        None => scientific.to_owned(),
    };
    out.push_str(&text);
}

/// Writes out `-1.25` and `3` as `-1250.0`.
fn written_out(mantissa: &str, exponent: i32) -> String {
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let Ok(point) = usize::try_from(exponent.saturating_add(1)) else {
        let zeros = usize::try_from(exponent.saturating_add(1).unsigned_abs()).unwrap_or(0);
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    };
    let (whole, fraction) = digits.split_at_checked(point).unwrap_or((&digits, ""));
    let padding = "0".repeat(point.saturating_sub(whole.len()));
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    format!("{sign}{whole}{padding}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn numbers_print_as_format_prints_them() {
        let powers = (0..20).map(|exponent| 10_u64.pow(exponent));
        let edges = powers.flat_map(|power| [power - 1, power, power + 1]);
        for number in edges.chain([u64::from(u32::MAX), u64::MAX, 4624]) {
            assert_eq!(text(|out| write_unsigned(number, out)), number.to_string());
            assert_eq!(text(|out| write_hex(number, out)), format!("{number:#x}"));
        }
        for number in [0, -1, 42, i64::MIN, i64::MAX] {
            assert_eq!(text(|out| write_signed(number, out)), number.to_string());
        }
    }

    #[test]
    fn bytes_are_upper_case() {
        let bytes: Vec<u8> = (0..=255).collect();
        let written = text(|out| write_bytes(&bytes, out));
        assert_eq!(written.len(), 512);
        for (byte, digits) in bytes.iter().zip(written.as_bytes().chunks(2)) {
            assert_eq!(digits, format!("{byte:02X}").as_bytes());
        }
        assert_eq!(text(|out| write_bytes(&[0xab], out)), "AB");
    }

    #[test]
    fn floats_print_as_the_evtx_crate_prints_them() {
        for (number, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1250.0, "-1250.0"),
            (0.25, "0.25"),
            (0.001_25, "0.00125"),
            (0.000_012, "0.000012"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e-7, "1.5e-7"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(text(|out| write_float(number, out)), expected);
        }
        for (number, expected) in [(0.1, "0.1"), (1e12, "1000000000000.0"), (1e13, "1e+13")] {
            assert_eq!(text(|out| write_float32(number, out)), expected);
        }
    }
}
