//! The hosts that movements lead between: who is the same host, and which come first.

use std::collections::BTreeMap;

use detectors::movement::Movement;
use timeline::Ticks;

use super::super::document::Lane;
use super::answer::is_a_state;
use crate::case::CaseResult;

/// Pieces of time of one lane that are drawn.
const MOST_PIECES: usize = 200;

/// The hosts, and which movement leads from which to which.
pub(super) struct Lanes {
    /// The hosts, in the order in which movements reach them.
    pub(super) all: Vec<Lane>,
    /// Of each movement, which of them it leads between.
    pub(super) ways: Vec<Way>,
}

/// Where a movement leads from and to, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) from: Option<usize>,
    pub(super) to: Option<usize>,
}

impl Lanes {
    pub(super) fn of(case: &CaseResult) -> Self {
        let mut finder = Finder::of(case);
        let ways = case.movements.iter().map(|movement| finder.way(movement));
        let ways = ways.collect();
        let mut all = finder.lanes;
        cover(case, &mut all);
        Self { all, ways }
    }
}

/// Finds the lane of a host by what it is called.
struct Finder<'c> {
    case: &'c CaseResult,
    /// Places among the known hosts, by each name in lower case; those with evidence before others.
    by_name: BTreeMap<String, usize>,
    places: BTreeMap<String, usize>,
    lanes: Vec<Lane>,
}

impl<'c> Finder<'c> {
    fn of(case: &'c CaseResult) -> Self {
        let mut by_name = BTreeMap::new();
        for (place, host) in case.known_hosts.iter().enumerate() {
            for name in &host.names {
                by_name.entry(name.to_lowercase()).or_insert(place);
            }
        }
        Self {
            case,
            by_name,
            places: BTreeMap::new(),
            lanes: Vec::new(),
        }
    }

    fn way(&mut self, movement: &Movement) -> Way {
        Way {
            from: self.lane(&movement.source_host, &movement.source_ip),
            to: self.lane(&movement.target_host, &movement.target_ip),
        }
    }

    fn lane(&mut self, host: &str, ip: &str) -> Option<usize> {
        let recorded = if host.is_empty() { ip } else { host };
        if recorded.is_empty() {
            return None;
        }
        let known = self.by_name.get(&recorded.to_lowercase());
        let known = known.map(|&place| &self.case.known_hosts[place]);
        let is_collected = known.is_some_and(|host| !host.machine.is_empty());
        let name = match known {
            Some(host) if is_collected => self.case.host_of(&host.machine),
            _ => recorded,
        };
        let key = name.to_lowercase();
        let place = *self.places.entry(key).or_insert(self.lanes.len());
        if place == self.lanes.len() {
            self.lanes.push(Lane {
                name: name.to_owned(),
                is_collected,
                skew: known
                    .and_then(|host| host.skew)
                    .map(skew)
                    .unwrap_or_default(),
                covered: Vec::new(),
                cleared: Vec::new(),
            });
        }
        Some(place)
    }
}

/// How far a clock is ahead of the reference of the case.
pub(super) fn skew(ticks: i64) -> String {
    let milliseconds = ticks / (timeline::TICKS_PER_SECOND / 1000);
    match milliseconds {
        0 => "clock as the reference".to_owned(),
        behind if behind < 0 => format!("clock {} behind", span(behind.saturating_neg())),
        ahead => format!("clock {} ahead", span(ahead)),
    }
}

/// Milliseconds as people say them.
fn span(milliseconds: i64) -> String {
    match milliseconds {
        0..10_000 => format!("{milliseconds} ms"),
        10_000..600_000 => format!("{} s", milliseconds / 1000),
        600_000..36_000_000 => format!("{} min", milliseconds / 60_000),
        _ => format!("{} h", milliseconds / 3_600_000),
    }
}

/// When logs of each host have events, and when they were cleared.
fn cover(case: &CaseResult, lanes: &mut [Lane]) {
    let mut pieces: BTreeMap<String, Vec<(Ticks, Ticks)>> = BTreeMap::new();
    let mut cleared: BTreeMap<String, Vec<Ticks>> = BTreeMap::new();
    for covered in case.coverage.iter() {
        let host = case.host_of(&covered.host).to_lowercase();
        if !is_a_state(&covered.channel) {
            pieces
                .entry(host.clone())
                .or_default()
                .extend(covered.spans());
        }
        if let Some(log) = case.coverage.logging().log(&covered.host, &covered.channel) {
            cleared
                .entry(host)
                .or_default()
                .extend(log.cleared.iter().copied());
        }
    }
    for lane in lanes.iter_mut().filter(|lane| lane.is_collected) {
        let key = lane.name.to_lowercase();
        let spans = pieces.remove(&key).unwrap_or_default();
        lane.covered = merged(spans)
            .into_iter()
            .map(|(from, to)| (from.0, to.0))
            .collect();
        let mut times: Vec<i64> = cleared
            .remove(&key)
            .unwrap_or_default()
            .iter()
            .map(|time| time.0)
            .collect();
        times.sort_unstable();
        times.dedup();
        times.truncate(MOST_PIECES);
        lane.cleared = times;
    }
}

/// The times that any of the pieces covers; of too many, those that lie closest together are taken as one.
fn merged(mut spans: Vec<(Ticks, Ticks)>) -> Vec<(Ticks, Ticks)> {
    spans.sort_unstable();
    let mut all: Vec<(Ticks, Ticks)> = Vec::new();
    for (from, to) in spans {
        match all.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => all.push((from, to)),
        }
    }
    if all.len() > MOST_PIECES {
        let mut gaps: Vec<(i64, usize)> = (1..all.len())
            .map(|place| (all[place].0.0.saturating_sub(all[place - 1].1.0), place))
            .collect();
        gaps.sort_unstable_by(|a, b| b.cmp(a));
        let mut cuts: Vec<usize> = gaps
            .iter()
            .take(MOST_PIECES - 1)
            .map(|(_, place)| *place)
            .collect();
        cuts.sort_unstable();
        let begins = std::iter::once(0).chain(cuts.iter().copied());
        let ends = cuts.iter().copied().chain([all.len()]);
        all = begins
            .zip(ends)
            .map(|(begin, end)| (all[begin].0, all[end - 1].1))
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_touch_are_one_and_many_become_few() {
        let span = |from: i64, to: i64| (Ticks(from), Ticks(to));
        assert_eq!(
            merged(vec![span(5, 9), span(1, 3), span(2, 4), span(9, 12)]),
            [span(1, 4), span(5, 12)]
        );
        let many = (0..1000).map(|place| span(place * 100, place * 100 + 1));
        let many: Vec<_> = many.chain([span(1_000_000, 1_000_001)]).collect();
        let few = merged(many);
        assert_eq!(few.len(), MOST_PIECES);
        assert_eq!(few[0].0, Ticks(0));
        assert_eq!(
            few[MOST_PIECES - 1],
            span(1_000_000, 1_000_001),
            "the widest gap stays"
        );
    }

    #[test]
    fn clocks_are_said_in_fitting_units() {
        for (ticks, expected) in [
            (0, "clock as the reference"),
            (20_000, "clock 2 ms ahead"),
            (-300_000_000, "clock 30 s behind"),
            (36_000_000_000 * 11, "clock 11 h ahead"),
        ] {
            assert_eq!(skew(ticks), expected);
        }
    }
}
