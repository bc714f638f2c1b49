//! Times as Windows stores them. A type of our own on purpose: the samples judge the program's
//! readers, so they share no code with them.

use std::fmt;
use std::ops::{Add, Sub};

const TICKS_PER_MILLISECOND: u64 = 10_000;
const TICKS_PER_SECOND: u64 = 10_000_000;
const SECONDS_PER_DAY: u64 = 86_400;
/// Seconds from 1601-01-01 to 1970-01-01.
const UNIX_EPOCH: u64 = 11_644_473_600;
/// Days from 0000-03-01, where the calendar sums below count from, to 1601-01-01.
const DAYS_BEFORE_1601: u64 = 584_694;
/// Days in 400 years, after which the calendar repeats.
const DAYS_PER_ERA: u64 = 146_097;

/// A FILETIME: ticks of 100 ns since 1601-01-01, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileTime(pub u64);

/// A length of time in ticks of 100 ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u64);

impl Span {
    /// So many milliseconds.
    #[must_use]
    pub const fn milliseconds(count: u64) -> Self {
        Self(count * TICKS_PER_MILLISECOND)
    }

    /// So many seconds.
    #[must_use]
    pub const fn seconds(count: u64) -> Self {
        Self(count * TICKS_PER_SECOND)
    }
}

impl FileTime {
    /// Midnight of a day, UTC, from year 1601 on.
    #[must_use]
    pub const fn day(year: u64, month: u64, day: u64) -> Self {
        // The year starts in March here, so that the leap day is its last.
        let (year, month) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let (era, of_era) = (year / 400, year % 400);
        let day_of_year = (153 * month + 2) / 5 + day - 1;
        let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
        let days = era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1601;
        Self(days * SECONDS_PER_DAY * TICKS_PER_SECOND)
    }

    /// The same day at this time of it, to the millisecond.
    #[must_use]
    pub const fn at(self, hour: u64, minute: u64, second: u64, millisecond: u64) -> Self {
        let seconds = (hour * 60 + minute) * 60 + second;
        Self(self.0 + seconds * TICKS_PER_SECOND + millisecond * TICKS_PER_MILLISECOND)
    }

    /// Whole seconds since 1970, as Sysmon puts them into its GUIDs; zero for earlier times.
    #[must_use]
    pub const fn unix_seconds(self) -> u64 {
        (self.0 / TICKS_PER_SECOND).saturating_sub(UNIX_EPOCH)
    }

    /// Cut to the millisecond, as Sysmon's `UtcTime` is.
    #[must_use]
    pub const fn to_millisecond(self) -> Self {
        Self(self.0 - self.0 % TICKS_PER_MILLISECOND)
    }

    /// `2026-03-02 21:14:02.871`, the form of Sysmon's `UtcTime`.
    #[must_use]
    pub fn to_sysmon_text(self) -> String {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.clock();
        let millisecond = self.0 % TICKS_PER_SECOND / TICKS_PER_MILLISECOND;
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millisecond:03}")
    }

    fn date(self) -> (u64, u64, u64) {
        let days = self.0 / TICKS_PER_SECOND / SECONDS_PER_DAY + DAYS_BEFORE_1601;
        let (era, of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let year = era * 400 + year_of_era;
        if from_march < 10 {
            (year, from_march + 3, day)
        } else {
            (year + 1, from_march - 9, day)
        }
    }

    fn clock(self) -> (u64, u64, u64) {
        let seconds = self.0 / TICKS_PER_SECOND % SECONDS_PER_DAY;
        (seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }
}

impl Add<Span> for FileTime {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0 + span.0)
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub<Span> for FileTime {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0 - span.0)
    }
}

impl fmt::Display for FileTime {
    /// ISO 8601 with all seven digits: `2026-03-02T21:14:02.8710000Z`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.clock();
        let ticks = self.0 % TICKS_PER_SECOND;
        write!(
            out,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ticks:07}Z"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_agrees_with_known_ticks() {
        for (time, ticks, text) in [
            (FileTime::day(1601, 1, 1), 0, "1601-01-01T00:00:00.0000000Z"),
            (
                FileTime::day(1970, 1, 1),
                116_444_736_000_000_000,
                "1970-01-01T00:00:00.0000000Z",
            ),
            (
                FileTime::day(2024, 2, 29).at(23, 59, 59, 999),
                133_537_247_999_990_000,
                "2024-02-29T23:59:59.9990000Z",
            ),
        ] {
            assert_eq!(time.0, ticks, "{text}");
            assert_eq!(time.to_string(), text);
        }
    }

    #[test]
    fn a_day_said_in_words_is_the_day_printed() {
        for days in 0..400_000 {
            let time = FileTime(days * SECONDS_PER_DAY * TICKS_PER_SECOND);
            let (year, month, day) = time.date();
            assert_eq!(FileTime::day(year, month, day), time);
        }
    }
}
