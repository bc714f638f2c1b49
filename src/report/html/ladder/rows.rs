//! The rows of the ladder, in the order of time: movements, and logs that were cleared around them.

use timeline::{TICKS_PER_SECOND, Ticks};

use super::super::super::document::{Arrow, Lane};

/// How long after another something has to come for a break between them.
const LONG: i64 = 3 * 3600 * TICKS_PER_SECOND;
/// Logs of one host that are cleared within that time are cleared at once.
const AT_ONCE: i64 = 60 * TICKS_PER_SECOND;
/// How far from all movements a log can be cleared and still be of interest to them.
const NEAR: i64 = 7 * 86_400 * TICKS_PER_SECOND;
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
    let times = || arrows.iter().filter_map(|arrow| arrow.time);
    let mut things: Vec<(Option<i64>, What<'a>)> = arrows
        .iter()
        .map(|&arrow| (arrow.time, What::Arrow(arrow)))
        .collect();
    if let (Some(first), Some(last)) = (times().min(), times().max()) {
        let near = first.saturating_sub(NEAR)..=last.saturating_add(NEAR);
        let of_lane = |(place, lane): (usize, &Lane)| {
            let times: Vec<i64> = lane
                .cleared
                .iter()
                .copied()
                .filter(|time| near.contains(time))
                .collect();
            at_once(times)
                .into_iter()
                .map(move |(time, logs)| (Some(time), What::Cleared(place, logs)))
        };
        things.extend(lanes.iter().enumerate().flat_map(of_lane).take(CLEARED));
    }
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
