//! Times as text: ISO 8601, UTC, seven fractional digits.

use timeline::{TICKS_PER_MILLISECOND, Ticks};

use super::ascii::{Ascii, pair};
use super::number::write_unsigned;
use super::text::Text;
use crate::le;

const TICKS_PER_SECOND: u64 = 10_000_000;
const SECONDS_PER_DAY: u64 = 86_400;
/// Days from 0000-03-01 to 1601-01-01 in the Gregorian calendar.
const DAYS_TO_1601: u64 = 584_694;
/// Days in 400 years.
const DAYS_PER_ERA: u64 = 146_097;

/// Eight 16-bit fields that Windows calls SYSTEMTIME.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemTime {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u16,
    /// The day of the week, from Sunday = 0.
    pub day_of_week: u16,
    /// The day of the month.
    pub day: u16,
    /// The hour.
    pub hour: u16,
    /// The minute.
    pub minute: u16,
    /// The second.
    pub second: u16,
    /// The millisecond.
    pub millisecond: u16,
}

impl SystemTime {
    pub(super) fn new(bytes: &[u8; 16]) -> Self {
        let field = |index: usize| le::u16(bytes, index.saturating_mul(2)).unwrap_or_default();
        Self {
            year: field(0),
            month: field(1),
            day_of_week: field(2),
            day: field(3),
            hour: field(4),
            minute: field(5),
            second: field(6),
            millisecond: field(7),
        }
    }

    /// The point in time, if the fields name one.
    #[must_use]
    pub fn to_ticks(self) -> Option<Ticks> {
        let in_range = (1601..=30_827).contains(&self.year)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.millisecond < 1000;
        in_range.then(|| self.ticks())
    }

    /// Ticks of fields that are in range, where nothing can overflow.
    fn ticks(self) -> Ticks {
        let days = days_since_1601(self.year, self.month, self.day);
        let hours = days.saturating_mul(24).saturating_add(self.hour.into());
        let minutes = hours.saturating_mul(60).saturating_add(self.minute.into());
        let seconds = minutes
            .saturating_mul(60)
            .saturating_add(self.second.into());
        let milliseconds = seconds
            .saturating_mul(1000)
            .saturating_add(self.millisecond.into());
        Ticks(milliseconds.saturating_mul(TICKS_PER_MILLISECOND))
    }

    /// Appends the time. Fields that name no time stay visible as they are; only the unset time, all
    /// zero, becomes 1601-01-01, as Windows shows it.
    pub(super) fn write_text(self, out: &mut impl Text) {
        let unset = self.year == 0 && self.month == 0 && self.day == 0;
        let (year, month, day) = if unset {
            (1601, 1, 1)
        } else {
            (self.year, self.month, self.day)
        };
        Fields {
            year: year.into(),
            month: month.into(),
            day: day.into(),
            hour: self.hour.into(),
            minute: self.minute.into(),
            second: self.second.into(),
            ticks: u64::from(self.millisecond).saturating_mul(10_000),
        }
        .write_text(out);
    }
}

/// Appends a FILETIME. One that is no time (beyond the year 30828) is shown as the number it is.
pub(super) fn write_filetime(filetime: u64, out: &mut impl Text) {
    if i64::try_from(filetime).is_ok() {
        Fields::from_filetime(filetime).write_text(out);
    } else {
        write_unsigned(filetime, out);
    }
}

struct Fields {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    ticks: u64,
}

impl Fields {
    /// By Howard Hinnant's `civil_from_days`, with years that begin in March.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "all operands are far below 2^64 for any filetime, and each subtrahend is smaller"
    )]
    fn from_filetime(filetime: u64) -> Self {
        let seconds = filetime / TICKS_PER_SECOND;
        let second_of_day = seconds % SECONDS_PER_DAY;
        let day = seconds / SECONDS_PER_DAY + DAYS_TO_1601;
        let (era, day) = (day / DAYS_PER_ERA, day % DAYS_PER_ERA);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let next_year = u64::from(month >= 10);
        Self {
            year: era * 400 + year + next_year,
            month: month + 3 - 12 * next_year,
            day: day - (153 * month + 2) / 5 + 1,
            hour: second_of_day / 3600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
            ticks: filetime % TICKS_PER_SECOND,
        }
    }

    #[expect(clippy::arithmetic_side_effects, reason = "a digit times ten")]
    fn write_text(&self, out: &mut impl Text) {
        let mut text = Ascii(*b"0000-00-00T00:00:00.0000000Z0000");
        let pairs = [
            (0, self.year / 100 % 100),
            (2, self.year % 100),
            (5, self.month),
            (8, self.day),
            (11, self.hour),
            (14, self.minute),
            (17, self.second),
            (20, self.ticks / 100_000),
            (22, self.ticks / 1000 % 100),
            (24, self.ticks / 10 % 100),
            // Only its first digit stays.
            (26, self.ticks % 10 * 10),
        ];
        for (place, number) in pairs {
            let target = text.0.get_mut(place..).and_then(<[u8]>::first_chunk_mut);
            if let Some(target) = target {
                *target = pair(number);
            }
        }
        if let Some(zone) = text.0.get_mut(27) {
            *zone = b'Z';
        }
        if self.year > 9999 {
            write_unsigned(self.year / 10_000, out);
        }
        out.push_ascii(&text, 0, 28);
    }
}

fn days_in_month(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Howard Hinnant's `days_from_civil` for a date from 1601 on.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the year is from 1601 to 30827, month and day are in range"
)]
fn days_since_1601(year: u16, month: u16, day: u16) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 584_694
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
    fn filetimes_print_as_ticks_print() {
        let step = 1_000_000_000_000_037;
        for filetime in (0..9_223_372_036_854_775_807).step_by(step) {
            let expected = Ticks::from_filetime(filetime).unwrap().to_string();
            // The calendar of `Ticks` writes a year above 9999 as it is, and so do we.
            assert_eq!(text(|out| write_filetime(filetime, out)), expected);
        }
        assert_eq!(
            text(|out| write_filetime(u64::MAX, out)),
            u64::MAX.to_string()
        );
    }

    fn system_time(fields: [u16; 8]) -> SystemTime {
        SystemTime::new(&fields.map(u16::to_le_bytes).concat().try_into().unwrap())
    }

    #[test]
    fn system_times_are_points_in_time() {
        let time = system_time([2020, 2, 6, 29, 12, 34, 56, 789]);
        assert_eq!(
            text(|out| time.write_text(out)),
            "2020-02-29T12:34:56.7890000Z"
        );
        let ticks = time.to_ticks().unwrap();
        assert_eq!(ticks.to_string(), "2020-02-29T12:34:56.7890000Z");
        assert_eq!(
            system_time([1601, 1, 1, 1, 0, 0, 0, 0]).to_ticks(),
            Some(Ticks(0))
        );
    }

    #[test]
    fn impossible_system_times_stay_visible() {
        let time = system_time([2019, 2, 0, 29, 25, 0, 0, 0]);
        assert_eq!(time.to_ticks(), None);
        assert_eq!(
            text(|out| time.write_text(out)),
            "2019-02-29T25:00:00.0000000Z"
        );
        let unset = system_time([0; 8]);
        assert_eq!(
            text(|out| unset.write_text(out)),
            "1601-01-01T00:00:00.0000000Z"
        );
    }
}
