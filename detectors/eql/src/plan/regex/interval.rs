//! `<1-99>`: any number between two others.
//!
//! If both are written with the same number of digits, the number has that many, with leading
//! zeros; else it may have any number of leading zeros.

/// The pattern for what stands between `<` and `>`.
pub(super) fn translate(interval: &str) -> Option<String> {
    let (first, last) = interval.split_once('-')?;
    let (low, high) = (number(first)?, number(last)?);
    let (low, high) = (low.min(high), low.max(high));
    if first.len() == last.len() {
        let width = first.len();
        return Some(between(
            &format!("{low:0width$}"),
            &format!("{high:0width$}"),
        ));
    }
    let lengths = low.to_string().len()..=high.to_string().len();
    let patterns: Vec<_> = lengths.map(|length| of_length(length, low, high)).collect();
    Some(format!("(?:0*(?:{}))", patterns.join("|")))
}

fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Those of the numbers that have so many digits.
fn of_length(length: usize, low: u32, high: u32) -> String {
    let (low, high) = (low.to_string(), high.to_string());
    let least = if low.len() == length {
        low
    } else {
        format!("1{}", "0".repeat(length - 1))
    };
    let most = if high.len() == length {
        high
    } else {
        "9".repeat(length)
    };
    between(&least, &most)
}

/// Digits from `low` to `high`, which are equally long.
fn between(low: &str, high: &str) -> String {
    let (Some((first, low)), Some((last, high))) = (split(low), split(high)) else {
        return String::new();
    };
    if first == last {
        return format!("{first}{}", between(low, high));
    }
    let mut alternatives = vec![
        format!("{first}{}", at_least(low)),
        format!("{last}{}", at_most(high)),
    ];
    if last - first > 1 {
        alternatives.push(free(first + 1, last - 1, low.len()));
    }
    group(&alternatives)
}

fn at_least(digits: &str) -> String {
    let Some((first, rest)) = split(digits) else {
        return String::new();
    };
    let mut alternatives = vec![format!("{first}{}", at_least(rest))];
    if first < 9 {
        alternatives.push(free(first + 1, 9, rest.len()));
    }
    group(&alternatives)
}

fn at_most(digits: &str) -> String {
    let Some((first, rest)) = split(digits) else {
        return String::new();
    };
    let mut alternatives = vec![format!("{first}{}", at_most(rest))];
    if first > 0 {
        alternatives.push(free(0, first - 1, rest.len()));
    }
    group(&alternatives)
}

/// One digit from a range, then any digits.
fn free(first: u32, last: u32, further: usize) -> String {
    format!("[{first}-{last}][0-9]{{{further}}}")
}

fn group(alternatives: &[String]) -> String {
    format!("(?:{})", alternatives.join("|"))
}

fn split(digits: &str) -> Option<(u32, &str)> {
    let first = digits.chars().next()?.to_digit(10)?;
    Some((first, &digits[1..]))
}
