//! The lanes of the hosts that movements lead between: when their logs have events, and how their clocks go.

use std::collections::BTreeMap;

use timeline::Ticks;

use super::super::collected::is_a_state;
use super::super::document::Lane;
use crate::case::CaseResult;

/// Pieces of time of one lane that are drawn.
const MOST_PIECES: usize = 200;

/// The lanes of hosts that movements lead between.
pub(super) fn lanes(case: &CaseResult) -> Vec<Lane> {
    let ends = case.ends.all.iter();
    let lanes = ends.map(|end| {
        let known = end.known.map(|place| &case.known_hosts[place]);
        Lane {
            name: end.name.clone(),
            is_collected: end.is_collected,
            skew: known
                .and_then(|host| host.skew)
                .map(skew)
                .unwrap_or_default(),
            covered: Vec::new(),
            cleared: Vec::new(),
        }
    });
    let mut lanes = lanes.collect::<Vec<_>>();
    cover(case, &mut lanes);
    lanes
}

/// How far a clock is ahead of the reference of the case.
pub(super) fn skew(ticks: i64) -> String {
    let milliseconds = ticks / (timeline::TICKS_PER_SECOND / 1000);
    match milliseconds {
        0 => "as the reference".to_owned(),
        behind if behind < 0 => format!("{} behind", span(behind.saturating_neg())),
        ahead => format!("{} ahead", span(ahead)),
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
            (0, "as the reference"),
            (20_000, "2 ms ahead"),
            (-300_000_000, "30 s behind"),
            (36_000_000_000 * 11, "11 h ahead"),
        ] {
            assert_eq!(skew(ticks), expected);
        }
    }
}
