//! Times as Windows keeps them: ticks of 100 ns since 1601-01-01, UTC.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

/// Ticks in one second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks in one millisecond.
pub const TICKS_PER_MILLISECOND: i64 = 10_000;
/// Seconds from 1601-01-01 to 1970-01-01.
const UNIX_EPOCH_SECONDS: i64 = 11_644_473_600;

/// A point in time, exact to the tick, as a FILETIME counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(pub i64);

impl Ticks {
    /// The first time that evidence can believably carry: 1980-01-01 (ECS.md §9.2).
    pub const EARLIEST: Self = Self(119_600_064_000_000_000);
    /// The first time too late to be believed: 2077-01-01.
    pub const LATEST: Self = Self(150_211_584_000_000_000);

    /// From a FILETIME. One above `i64::MAX` (year 30828) is out of range.
    #[must_use]
    pub fn from_filetime(filetime: u64) -> Option<Self> {
        i64::try_from(filetime).ok().map(Self)
    }

    /// From seconds since 1970 and nanoseconds within the second, cut to the tick.
    #[must_use]
    pub fn from_unix(seconds: i64, nanoseconds: u32) -> Option<Self> {
        seconds
            .checked_add(UNIX_EPOCH_SECONDS)?
            .checked_mul(TICKS_PER_SECOND)?
            .checked_add(i64::from(nanoseconds / 100))
            .map(Self)
    }

    /// Seconds since 1970 (rounded down) and the ticks within that second.
    #[must_use]
    pub fn to_unix(self) -> (i64, i64) {
        (
            self.0.div_euclid(TICKS_PER_SECOND) - UNIX_EPOCH_SECONDS,
            self.0.rem_euclid(TICKS_PER_SECOND),
        )
    }

    /// Whether the time lies between 1980 and 2076, where evidence can be from.
    #[must_use]
    pub fn is_believable(self) -> bool {
        Self::EARLIEST <= self && self < Self::LATEST
    }

    /// Reads ISO 8601 with a date, an optional time, an optional fraction of any length (cut to the
    /// tick), and `Z` or an offset; without one it is UTC. `T` may be a blank, as Sysmon writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Self::from_naive(date.and_hms_opt(0, 0, 0)?);
        }
        let iso = text.replacen(' ', "T", 1);
        if let Ok(zoned) = DateTime::parse_from_rfc3339(&iso) {
            return Self::from_naive(zoned.naive_utc());
        }
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(iso.trim_end_matches('Z'), form).ok())
            .and_then(Self::from_naive)
    }

    fn from_naive(time: NaiveDateTime) -> Option<Self> {
        let utc = time.and_utc();
        Self::from_unix(utc.timestamp(), utc.timestamp_subsec_nanos())
    }

    /// The calendar time, or `None` beyond the calendar's range.
    #[must_use]
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        let (seconds, ticks) = self.to_unix();
        let nanoseconds = u32::try_from(ticks * 100).ok()?;
        DateTime::from_timestamp(seconds, nanoseconds)
    }
}

/// ISO 8601 UTC with seven fractional digits and `Z`: `2026-03-01T10:15:42.1234567Z`.
impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(time) = self.to_utc() else {
            return write!(f, "{}", self.0);
        };
        let (date, clock) = (time.date_naive(), time.num_seconds_from_midnight());
        let mut text = *b"0000-00-00T00:00:00.0000000Z";
        let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999);
        let numbers = [
            (year.unwrap_or_default(), 0..4),
            (date.month(), 5..7),
            (date.day(), 8..10),
            (clock / 3600, 11..13),
            (clock / 60 % 60, 14..16),
            (clock % 60, 17..19),
            (u32::try_from(self.to_unix().1).unwrap_or(0), 20..27),
        ];
        for (mut number, digits) in numbers {
            for digit in text[digits].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        let text = std::str::from_utf8(&text).map_err(|_| fmt::Error)?;
        if year.is_some() {
            return f.write_str(text);
        }
        // A year beyond four digits takes as many as it has.
        write!(f, "{:04}{}", date.year(), &text[4..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_seven_digits() {
        assert_eq!(Ticks(0).to_string(), "1601-01-01T00:00:00.0000000Z");
        let time = Ticks::from_unix(1_772_360_142, 123_456_789).unwrap();
        assert_eq!(time.to_string(), "2026-03-01T10:15:42.1234567Z");
    }

    #[test]
    fn bounds_are_the_years_they_say() {
        assert_eq!(Ticks::EARLIEST.to_string(), "1980-01-01T00:00:00.0000000Z");
        assert_eq!(Ticks::LATEST.to_string(), "2077-01-01T00:00:00.0000000Z");
    }

    #[test]
    fn reads_every_iso_form() {
        let whole = "2026-03-01T10:15:42.0000000Z";
        for text in [
            "2026-03-01T10:15:42Z",
            "2026-03-01 10:15:42",
            "2026-03-01 10:15:42.000",
            "2026-03-01T12:15:42+02:00",
            "2026-03-01T10:15:42.00000009Z",
        ] {
            assert_eq!(
                Ticks::parse(text).map(|t| t.to_string()).as_deref(),
                Some(whole),
                "{text}"
            );
        }
        assert_eq!(
            Ticks::parse("2026-03-01").map(|t| t.to_string()).as_deref(),
            Some("2026-03-01T00:00:00.0000000Z")
        );
        assert_eq!(Ticks::parse("yesterday"), None);
    }

    #[test]
    fn survives_times_beyond_the_calendar() {
        assert_eq!(Ticks(i64::MAX).to_string(), "30828-09-14T02:48:05.4775807Z");
        assert!(!Ticks(i64::MIN).is_believable());
        assert_eq!(Ticks::from_filetime(u64::MAX), None);
    }
}
