//! Between ISO 8601 text and the ticks of 100 ns since 1601 that date fields carry.

const TICKS_PER_SECOND: i64 = 10_000_000;
const TICKS_PER_MILLISECOND: i64 = 10_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// Seconds from 1601-01-01 to 1970-01-01.
const UNIX_EPOCH_SECONDS: i64 = 11_644_473_600;
/// Days from 0000-03-01, where the calendar arithmetic starts, to 1970-01-01. Years are counted
/// from March because the leap day then is the last.
const UNIX_EPOCH_DAYS: i64 = 719_468;
/// Days in 400 years, after which the calendar repeats.
const DAYS_PER_ERA: i64 = 146_097;

/// The ticks of a date constant: `2024`, `2024-01`, `2024-01-31`, each of them with a time such as
/// `T12:00`, with or without seconds and a fraction (cut to the tick), and `Z` or an offset;
/// without one it is UTC.
pub(crate) fn ticks_of(text: &str) -> Option<i64> {
    let mut reader = Reader { rest: text };
    let days = reader.date()?;
    let ticks = reader.time()?;
    let offset = reader.offset()?;
    let seconds = days * SECONDS_PER_DAY + UNIX_EPOCH_SECONDS - offset;
    reader
        .rest
        .is_empty()
        .then_some(seconds * TICKS_PER_SECOND + ticks)
}

/// The ticks of a number constant, which Elasticsearch takes for milliseconds since 1970.
pub(crate) fn ticks_of_unix_milliseconds(milliseconds: i64) -> Option<i64> {
    milliseconds
        .checked_mul(TICKS_PER_MILLISECOND)?
        .checked_add(UNIX_EPOCH_SECONDS * TICKS_PER_SECOND)
}

/// Ticks as ISO 8601 in UTC with all seven digits.
pub(crate) fn iso(ticks: i64) -> String {
    let seconds = ticks.div_euclid(TICKS_PER_SECOND) - UNIX_EPOCH_SECONDS;
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_PER_DAY));
    let clock = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    let fraction = ticks.rem_euclid(TICKS_PER_SECOND);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:07}Z")
}

/// Days since 1970 of a day in the Gregorian calendar.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - UNIX_EPOCH_DAYS
}

/// Year, month and day of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + UNIX_EPOCH_DAYS;
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12 + 1;
    let year = days.div_euclid(DAYS_PER_ERA) * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

fn days_in(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    days_since_epoch(next_year, next_month, 1) - days_since_epoch(year, month, 1)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn accept(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Exactly `count` digits of a number between the bounds.
    fn number(&mut self, count: usize, least: i64, most: i64) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        self.rest = rest;
        let number = all_digits.then(|| digits.parse().ok())??;
        (least..=most).contains(&number).then_some(number)
    }

    fn date(&mut self) -> Option<i64> {
        let year = self.number(4, 0, 9_999)?;
        let month = self.date_part(12)?;
        let day = self.date_part(days_in(year, month))?;
        Some(days_since_epoch(year, month, day))
    }

    fn date_part(&mut self, most: i64) -> Option<i64> {
        if self.accept('-') {
            self.number(2, 1, most)
        } else {
            Some(1)
        }
    }

    fn time(&mut self) -> Option<i64> {
        if !self.accept('T') && !self.accept(' ') {
            return Some(0);
        }
        let hour = self.number(2, 0, 23)?;
        let minute = self.time_part()?;
        let second = self.time_part()?;
        let fraction = self.fraction()?;
        Some((hour * 3_600 + minute * 60 + second) * TICKS_PER_SECOND + fraction)
    }

    fn time_part(&mut self) -> Option<i64> {
        if self.accept(':') {
            self.number(2, 0, 59)
        } else {
            Some(0)
        }
    }

    fn fraction(&mut self) -> Option<i64> {
        if !self.accept('.') {
            return Some(0);
        }
        let after = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &self.rest[..self.rest.len() - after.len()];
        self.rest = after;
        let kept = &digits[..digits.len().min(7)];
        format!("{kept:0<7}")
            .parse()
            .ok()
            .filter(|_| !kept.is_empty())
    }

    /// Seconds east of Greenwich.
    fn offset(&mut self) -> Option<i64> {
        if self.accept('Z') {
            return Some(0);
        }
        let east = self.accept('+');
        if !east && !self.accept('-') {
            return Some(0);
        }
        let hours = self.number(2, 0, 23)?;
        self.accept(':');
        let seconds = hours * 3_600 + self.number(2, 0, 59)? * 60;
        Some(if east { seconds } else { -seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let ticks = ticks_of(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(iso(ticks), expected, "{text}");
    }

    #[test]
    fn the_first_tick_is_1601() {
        assert_eq!(ticks_of("1601-01-01T00:00:00Z"), Some(0));
        assert_eq!(ticks_of("1970-01-01"), Some(116_444_736_000_000_000));
        assert_eq!(ticks_of_unix_milliseconds(0), ticks_of("1970"));
    }

    #[test]
    fn all_parts_count() {
        check(
            "2024-02-29T23:59:58.1234567Z",
            "2024-02-29T23:59:58.1234567Z",
        );
        check("2024-02-29 23:59:58.12", "2024-02-29T23:59:58.1200000Z");
        check("2024-01-01T00:30+01:00", "2023-12-31T23:30:00.0000000Z");
        check(
            "2024-01-01T00:00:00.123456789-0130",
            "2024-01-01T01:30:00.1234567Z",
        );
        check("2024-12", "2024-12-01T00:00:00.0000000Z");
        check("0000-03-01", "0000-03-01T00:00:00.0000000Z");
        check(
            "9999-12-31T23:59:59.9999999Z",
            "9999-12-31T23:59:59.9999999Z",
        );
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            "now",
            "2023-02-29",
            "2024-13-01",
            "2024-1-1",
            "2024-01-01T",
            "2024-01-01T25:00",
            "2024-01-01x",
            "2024-01-01T00:00:00.",
            "２０２４-01-01",
            "+024-01-01",
            "2024-01-01T00:00+1",
        ] {
            assert_eq!(ticks_of(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_comes_back() {
        for day in -700_000..700_000 {
            let (year, month, date) = civil(day);
            assert_eq!(days_since_epoch(year, month, date), day);
        }
    }
}
