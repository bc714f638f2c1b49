//! Durations as rules and the command line write them: `50ms`, `2s`, `1m`, `3h`, `1d`.

use std::fmt;
use std::str::FromStr;

use timeline::TICKS_PER_MILLISECOND;

/// A length of time, in ticks. Never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From milliseconds; what does not fit is as long as time gets.
    #[must_use]
    pub fn from_milliseconds(milliseconds: u64) -> Self {
        let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
        Self(milliseconds.saturating_mul(TICKS_PER_MILLISECOND))
    }

    /// From hours.
    #[must_use]
    pub const fn from_hours(hours: u32) -> Self {
        Self(hours as i64 * 3600 * timeline::TICKS_PER_SECOND)
    }

    /// Its length in ticks.
    #[must_use]
    pub fn ticks(self) -> i64 {
        self.0
    }
}

/// A duration that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number and one of ms, s, m, h, d, such as 30s; found `{0}`")]
pub struct InvalidSpan(String);

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let invalid = || InvalidSpan(text.to_owned());
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| invalid())?;
        let milliseconds = match unit.trim() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "" if number == 0 => 1,
            _ => return Err(invalid()),
        };
        Ok(Self::from_milliseconds(number.saturating_mul(milliseconds)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0 / TICKS_PER_MILLISECOND;
        for (unit, size) in [
            ("d", 86_400_000),
            ("h", 3_600_000),
            ("m", 60_000),
            ("s", 1000),
        ] {
            if milliseconds != 0 && milliseconds % size == 0 {
                return write!(f, "{}{unit}", milliseconds / size);
            }
        }
        write!(f, "{milliseconds}ms")
    }
}

impl<'de> serde::Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_every_unit() {
        for text in ["50ms", "2s", "1m", "3h", "1d", "90s", "0ms"] {
            assert_eq!(
                text.parse::<Span>().map(|span| span.to_string()).as_deref(),
                Ok(text)
            );
        }
        assert_eq!("0".parse(), Ok(Span::ZERO));
        for text in ["", "s", "5", "5 weeks", "-1s", "1.5s"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_very_long() {
        let long: Span = "99999999999999d".parse().unwrap();
        assert_eq!(long.ticks(), i64::MAX);
    }
}
