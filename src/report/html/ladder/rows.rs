//! The rows of the ladder, in the order of time: movements, and logs that were cleared around them.

use timeline::{TICKS_PER_SECOND, Ticks};

use super::super::super::document::{Arrow, Lane};

/// How long after another something has to come for a break between them.
const LONG: i64 = 3 * 3600 * TICKS_PER_SECOND;
/// Logs of one host that are cleared within that time are cleared at once.
const AT_ONCE: i64 = 60 * TICKS_PER_SECOND;
/// How far from every movement a log can be cleared and still be of interest to one.
const NEAR: i64 = 3 * 86_400 * TICKS_PER_SECOND;
/// How many marks of cleared logs there are at most.
const CLEARED: usize = 60;

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    /// When it was; none where nobody knows.
    pub(super) time: Option<i64>,
    /// What comes before it, in words: another day, or how much later it is.
    pub(super) later: String,
    /// Whether it is of another day than the row before it.
    pub(super) is_day: bool,
    /// What it is.
    pub(super) what: What<'a>,
}

/// What a row is.
#[derive(Clone, Debug)]
pub(super) enum What<'a> {
    /// A movement.
    Arrow(&'a Arrow),
    /// That many logs of a lane were cleared.
    Cleared(usize, usize),
}

impl Row<'_> {
    /// The lanes that it needs.
    pub(super) fn lanes(&self) -> Vec<usize> {
        match self.what {
            What::Arrow(arrow) => arrow.from.into_iter().chain(arrow.to).collect(),
            What::Cleared(lane, _) => vec![lane],
        }
    }
}

/// All rows. Movements that lead from or to no lane that there is, lead from or to nowhere.
pub(super) fn rows<'a>(lanes: &[Lane], arrows: &[&'a Arrow]) -> Vec<Row<'a>> {
    let mut things: Vec<(Option<i64>, What<'a>)> = arrows
        .iter()
        .map(|&arrow| (arrow.time, What::Arrow(arrow)))
        .collect();
    let mut times: Vec<i64> = arrows.iter().filter_map(|arrow| arrow.time).collect();
    times.sort_unstable();
    let of_lane = |(place, lane): (usize, &Lane)| {
        let near = lane
            .cleared
            .iter()
            .copied()
            .filter(|time| is_near(&times, *time));
        at_once(near.collect())
            .into_iter()
            .map(move |(time, logs)| (Some(time), What::Cleared(place, logs)))
    };
    things.extend(lanes.iter().enumerate().flat_map(of_lane).take(CLEARED));
    // What has no time comes last. Of equal times, each keeps its place.
    things.sort_by_key(|(time, _)| time.map_or((true, 0), |time| (false, time)));
    let mut before: Option<i64> = None;
    let row = |(time, what): (Option<i64>, What<'a>)| {
        let row = Row {
            time,
            later: time.zip(before).map(later).unwrap_or_default(),
            is_day: time.map(day) != before.map(day),
            what,
        };
        before = time;
        row
    };
    things.into_iter().map(row).collect()
}

/// Whether one of the times, which are sorted, is not far away.
fn is_near(times: &[i64], time: i64) -> bool {
    let first = times.partition_point(|known| *known < time.saturating_sub(NEAR));
    times
        .get(first)
        .is_some_and(|known| *known <= time.saturating_add(NEAR))
}

/// Times that are close together as one, and how many they are.
fn at_once(mut times: Vec<i64>) -> Vec<(i64, usize)> {
    times.sort_unstable();
    let mut all: Vec<(i64, usize)> = Vec::new();
    for time in times {
        match all.last_mut() {
            Some((first, logs)) if time.saturating_sub(*first) <= AT_ONCE => *logs += 1,
            _ => all.push((time, 1)),
        }
    }
    all
}

fn day(time: i64) -> i64 {
    time.div_euclid(86_400 * TICKS_PER_SECOND)
}

/// `4 d 6 h later`, if that is long.
fn later((time, before): (i64, i64)) -> String {
    let long = time.saturating_sub(before);
    if long < LONG {
        return String::new();
    }
    let hours = long / (3600 * TICKS_PER_SECOND);
    match (hours / 24, hours % 24) {
        (0, hours) => format!("{hours} h later"),
        (days, 0) => format!("{days} d later"),
        (days, hours) if days < 60 => format!("{days} d {hours} h later"),
        (days, _) => format!("{days} d later"),
    }
}

/// The date and the time of day.
pub(super) fn clock(time: i64) -> (String, String) {
    let text = Ticks(time).to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or(&text).to_owned();
    (part(0..10), part(11..19))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        Ticks::parse(text).unwrap().0
    }

    fn arrow(id: &str, time: Option<&str>) -> Arrow {
        Arrow {
            id: id.into(),
            is_told: true,
            from: None,
            to: Some(0),
            time: time.map(at),
            account: String::new(),
            technique: String::new(),
            grade: String::new(),
        }
    }

    #[test]
    fn rows_are_in_the_order_of_time_with_breaks_and_cleared_logs() {
        let arrows = [
            arrow("none", None),
            arrow("a", Some("2026-02-26T15:00:00Z")),
            arrow("b", Some("2026-03-02T21:00:00Z")),
            arrow("c", Some("2026-03-02T21:00:00Z")),
        ];
        let cleared = [
            "2026-03-02T22:00:00Z",
            "2026-03-02T22:00:50Z",
            "2026-03-03T01:00:01Z",
            "2025-03-03",
        ];
        let lane = Lane {
            name: String::new(),
            is_collected: true,
            skew: String::new(),
            covered: Vec::new(),
            cleared: cleared.iter().map(|time| at(time)).collect(),
        };
        let arrows: Vec<&Arrow> = arrows.iter().collect();
        let rows = rows(&[lane], &arrows);
        let said: Vec<(String, &str, bool)> = rows
            .iter()
            .map(|row| {
                let what = match row.what {
                    What::Arrow(arrow) => arrow.id.clone(),
                    What::Cleared(lane, logs) => format!("{logs} of {lane}"),
                };
                (what, row.later.as_str(), row.is_day)
            })
            .collect();
        let expected = [
            ("a", "", true),
            ("b", "4 d 6 h later", true),
            ("c", "", false),
            ("2 of 0", "", false),
            ("1 of 0", "3 h later", true),
            ("none", "", true),
        ];
        let expected = expected.map(|(what, later, is_day)| (what.to_owned(), later, is_day));
        assert_eq!(said, expected);
    }
}
