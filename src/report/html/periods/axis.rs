//! The axis: which time is drawn, where, and with which marks.
//!
//! One file table whose oldest file is of 2001, or one log with a wrong clock, must not make of the night in
//! question a line one pixel wide. So the axis is about the movements, and what begins before it says so.

use chrono::{Datelike, NaiveDate};
use timeline::{TICKS_PER_SECOND, Ticks};

use super::super::super::document::Period;

const MINUTE: i64 = 60 * TICKS_PER_SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// How far apart marks can be, as long as days are of one length.
const STEPS: [i64; 12] = [
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
];
/// How many months then.
const MONTHS: [i32; 8] = [1, 2, 3, 6, 12, 24, 60, 120];
/// How many marks there are at most.
const MARKS: i64 = 8;
/// How wide the axis is, in pixels.
pub(super) const WIDE: i64 = 620;

/// The time that is drawn.
pub(super) struct Axis {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Axis {
    /// About the movements, or without them about most of the logs; none where there is nothing to draw.
    pub(super) fn new(periods: &[Period], movements: &[i64]) -> Option<Self> {
        let begins = sorted(periods.iter().map(|period| period.from));
        let ends = sorted(periods.iter().map(|period| period.to));
        let (begin, end) = (*begins.first()?, *ends.last()?);
        let movements = sorted(movements.iter().copied());
        let (first, last) = match (movements.first(), movements.last()) {
            (Some(first), Some(last)) => (*first, *last),
            // Half of the logs begin later, and half end earlier.
            _ => (begins[begins.len() / 2], ends[ends.len() / 2]),
        };
        let (first, last) = (first.min(last), first.max(last));
        // As long again before as it is, and some after: what was before is what one asks next.
        let long = last.saturating_sub(first).max(DAY);
        let from = first.saturating_sub(long).max(begin.min(first));
        let to = last.saturating_add(long / 4).min(end.max(last));
        let margin = (to.saturating_sub(from) / 40).max(MINUTE);
        Some(Self {
            from: from.saturating_sub(margin),
            to: to.saturating_add(margin),
        })
    }

    /// Where a time is, from 0 to [`WIDE`]; outside of the axis, at its ends.
    pub(super) fn place(&self, time: i64) -> i64 {
        let time = time.clamp(self.from, self.to);
        let part = i128::from(time - self.from) * i128::from(WIDE);
        i64::try_from(part / i128::from(self.to - self.from)).unwrap_or(0)
    }

    /// Times with marks, and what they say.
    pub(super) fn marks(&self) -> Vec<(i64, String)> {
        let long = self.to - self.from;
        if let Some(step) = STEPS.into_iter().find(|step| long / step <= MARKS) {
            let first = self.from.div_euclid(step) + 1;
            let last = self.to.div_euclid(step);
            return (first..=last)
                .map(|at| (at * step, label(at * step)))
                .collect();
        }
        let months = |months: &i32| long / (i64::from(*months) * 30 * DAY) <= MARKS;
        self.months(MONTHS.into_iter().find(months).unwrap_or(120))
    }

    /// The first days of every so many months.
    fn months(&self, step: i32) -> Vec<(i64, String)> {
        let Some(from) = Ticks(self.from).to_utc() else {
            return Vec::new();
        };
        let mut month = from.year() * 12 + from.month0().cast_signed();
        month = (month.div_euclid(step) + 1) * step;
        let mut marks = Vec::new();
        while let Some(time) = first_of(month).filter(|time| *time <= self.to) {
            let text = if step % 12 == 0 {
                format!("{}", month.div_euclid(12))
            } else {
                format!("{}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
            };
            marks.push((time, text));
            month += step;
        }
        marks
    }
}

/// Times in their order. A clock that says anything else than our years is drawn at their ends.
fn sorted(times: impl Iterator<Item = i64>) -> Vec<i64> {
    let years = Ticks::EARLIEST.0..=Ticks::LATEST.0;
    let mut times: Vec<i64> = times
        .map(|time| time.clamp(*years.start(), *years.end()))
        .collect();
    times.sort_unstable();
    times
}

/// When a month begins, counted from the year 0.
fn first_of(month: i32) -> Option<i64> {
    let of_year = month.rem_euclid(12).cast_unsigned() + 1;
    let date = NaiveDate::from_ymd_opt(month.div_euclid(12), of_year, 1)?;
    let seconds = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
    Some(Ticks::from_unix(seconds, 0)?.0)
}

/// The date where a day begins, and the time of day elsewhere.
fn label(time: i64) -> String {
    let text = Ticks(time).to_string();
    let range = if time.rem_euclid(DAY) == 0 {
        0..10
    } else {
        11..16
    };
    text.get(range).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> i64 {
        Ticks::parse(text).unwrap().0
    }

    fn period(from: &str, to: &str) -> Period {
        Period {
            host: String::new(),
            log: String::new(),
            from: time(from),
            to: time(to),
            cleared: Vec::new(),
        }
    }

    #[test]
    fn the_axis_is_about_the_movements() {
        let periods = [
            period("1601-01-01", "2026-03-03"),
            period("2026-02-01", "2035-01-01"),
        ];
        let movements = [time("2026-03-01T10:00:00Z"), time("2026-03-02T22:00:00Z")];
        let axis = Axis::new(&periods, &movements).unwrap();
        assert!(axis.from > time("2026-02-27") && axis.to < time("2026-03-04"));
        assert_eq!(axis.place(time("1601-01-01")), 0);
        assert_eq!(axis.place(time("2035-01-01")), WIDE);
        let span = axis.place(movements[1]) - axis.place(movements[0]);
        assert!(span > WIDE / 4, "{span}");
    }

    #[test]
    fn marks_are_even_and_few() {
        for (from, to, expected) in [
            (
                "2026-03-01T22:10:00Z",
                "2026-03-02T03:00:00Z",
                &["23:00", "2026-03-02", "01:00", "02:00", "03:00"][..],
            ),
            (
                "2026-02-26T01:00:00Z",
                "2026-03-02T01:00:00Z",
                &[
                    "12:00",
                    "2026-02-27",
                    "12:00",
                    "2026-02-28",
                    "12:00",
                    "2026-03-01",
                    "12:00",
                    "2026-03-02",
                ],
            ),
            (
                "2025-11-20",
                "2026-05-02",
                &[
                    "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05",
                ],
            ),
            (
                "2014-05-01",
                "2024-05-01",
                &["2016", "2018", "2020", "2022", "2024"],
            ),
        ] {
            let axis = Axis {
                from: time(from),
                to: time(to),
            };
            let marks: Vec<String> = axis.marks().into_iter().map(|(_, text)| text).collect();
            assert_eq!(marks, expected);
        }
    }

    #[test]
    fn there_is_an_axis_without_movements_and_none_without_logs() {
        assert!(Axis::new(&[], &[]).is_none());
        let one = period("2026-03-01", "2026-03-01");
        let axis = Axis::new(&[one], &[]).unwrap();
        assert!(axis.from < axis.to);
        let all = Axis::new(&[period("1601-01-01", "9999-12-31")], &[i64::MIN, i64::MAX]).unwrap();
        assert!(all.marks().len() < 20);
    }
}
