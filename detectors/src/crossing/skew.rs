//! How far apart the clocks of two hosts are, by what both recorded of one connection (EVIDENCE.md §3.2).
//!
//! Recorded times are never changed: windows across two hosts are moved by the difference, and it is told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use timeline::TICKS_PER_SECOND;
use timeline::sort::Item;

use super::connection::{CONNECTION, End, Record, read};

/// Clocks that are further apart are not told from ports that are used again.
pub(super) const MOST_APART: i64 = 600 * TICKS_PER_SECOND;
/// A difference that could be one port used twice is believed when another connection has it, too, as close as this.
const AGREE: i64 = 5 * TICKS_PER_SECOND;
/// Connections of two hosts that are looked at.
const MOST_ANCHORS: usize = 256;
/// Pairs of hosts that are looked at.
const MOST_PAIRS: usize = 16 * 1024;
/// Records of one address and port that are looked at together.
const MOST_RECORDS: usize = 256;

/// How far one clock is ahead of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    /// The median, in ticks of 100 ns.
    pub ticks: i64,
    /// The median distance from it, in ticks.
    pub spread: i64,
    /// By how many connections.
    pub anchors: usize,
}

impl Offset {
    /// One connection is enough for clocks that agree, as most do.
    fn is_believed(self) -> bool {
        self.ticks.abs() <= AGREE || (self.anchors > 1 && self.spread <= AGREE)
    }
}

/// The differences of clocks that are known.
#[derive(Clone, Debug, Default)]
pub struct Skew(BTreeMap<(String, String), Offset>);

impl Skew {
    /// How far the clock of the second machine is ahead of the first's.
    #[must_use]
    pub fn between(&self, first: &str, second: &str) -> Option<Offset> {
        let of = |a: &str, b: &str| self.0.get(&(a.to_owned(), b.to_owned())).copied();
        if first <= second {
            return of(first, second);
        }
        let offset = of(second, first)?;
        Some(Offset {
            ticks: -offset.ticks,
            ..offset
        })
    }

    /// The same; where it is not known the clocks are taken to agree.
    #[must_use]
    pub fn assumed(&self, first: &str, second: &str) -> Offset {
        self.between(first, second).unwrap_or_default()
    }

    /// How far the clock of each machine is ahead of that of its reference, in ticks: of the machines that are tied to each
    /// other, the one with the highest rank, or else with the most ties. What is tied to none has no offset.
    #[must_use]
    pub fn of_machines(&self, rank: impl Fn(&str) -> u8) -> BTreeMap<String, i64> {
        let mut ties: BTreeMap<&str, Vec<(&str, i64, usize)>> = BTreeMap::new();
        for ((a, b), offset) in &self.0 {
            ties.entry(a)
                .or_default()
                .push((b, offset.ticks, offset.anchors));
            ties.entry(b)
                .or_default()
                .push((a, -offset.ticks, offset.anchors));
        }
        let anchors = |machine: &str| -> usize {
            let own = ties.get(machine).into_iter().flatten();
            own.map(|(_, _, anchors)| anchors).sum()
        };
        let mut order: Vec<&str> = ties.keys().copied().collect();
        order.sort_by_cached_key(|&machine| {
            (
                std::cmp::Reverse((rank(machine), anchors(machine))),
                machine,
            )
        });
        let mut offsets: BTreeMap<String, i64> = BTreeMap::new();
        for reference in order {
            if offsets.contains_key(reference) {
                continue;
            }
            offsets.insert(reference.to_owned(), 0);
            let mut next = VecDeque::from([(reference, 0_i64)]);
            while let Some((machine, own)) = next.pop_front() {
                for &(other, ahead, _) in ties.get(machine).into_iter().flatten() {
                    if !offsets.contains_key(other) {
                        let offset = own.saturating_add(ahead);
                        offsets.insert(other.to_owned(), offset);
                        next.push_back((other, offset));
                    }
                }
            }
        }
        offsets
    }
}

/// Finds the connections that two hosts recorded, in notes that come sorted.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    /// The records of one address and port.
    records: Vec<Record>,
    anchors: BTreeMap<(String, String), Vec<i64>>,
}

impl Pairing {
    pub(super) fn see(&mut self, item: &Item) {
        let record = Some(item)
            .filter(|item| item.key.first() == Some(&CONNECTION))
            .and_then(|item| read(&item.key, &item.payload));
        let Some(record) = record else {
            return;
        };
        if (self.records.first()).is_some_and(|first| first.opener != record.opener) {
            self.pair();
        }
        if self.records.len() < MOST_RECORDS {
            self.records.push(record);
        }
    }

    /// The first record of an opener and the first one of the other end are of one connection, if nothing else can be.
    fn pair(&mut self) {
        let records = std::mem::take(&mut self.records);
        let of = |end| records.iter().filter(move |record| record.end == end);
        let apart = |a: &Record, b: &Record| a.time.0.saturating_sub(b.time.0).saturating_abs();
        // Several logs of one host tell of one connection.
        let is_same =
            |a: &Record, b: &Record| a.opened.machine == b.opened.machine && apart(a, b) <= AGREE;
        let mut before: Option<&Record> = None;
        for opened in of(End::Opener) {
            if before
                .replace(opened)
                .is_some_and(|before| is_same(before, opened))
            {
                continue;
            }
            let near = |record: &&Record| apart(record, opened) <= MOST_APART;
            let is_only = of(End::Opener)
                .filter(near)
                .all(|other| is_same(opened, other));
            let accepted: Vec<&Record> = of(End::Acceptor)
                .filter(near)
                .filter(|record| record.opened.machine != opened.opened.machine)
                .collect();
            let machines: BTreeSet<&str> = accepted
                .iter()
                .map(|record| record.opened.machine.as_str())
                .collect();
            if let (true, 1, Some(first)) = (is_only, machines.len(), accepted.first()) {
                let ahead = first.time.0.saturating_sub(opened.time.0);
                self.anchor(&opened.opened.machine, &first.opened.machine, ahead);
            }
        }
    }

    fn anchor(&mut self, opener: &str, acceptor: &str, ahead: i64) {
        let (pair, ahead) = if opener <= acceptor {
            ((opener.to_owned(), acceptor.to_owned()), ahead)
        } else {
            ((acceptor.to_owned(), opener.to_owned()), -ahead)
        };
        if self.anchors.len() == MOST_PAIRS && !self.anchors.contains_key(&pair) {
            return;
        }
        let all = self.anchors.entry(pair).or_default();
        if all.len() < MOST_ANCHORS {
            all.push(ahead);
        }
    }

    pub(super) fn finish(mut self) -> Skew {
        self.pair();
        let offsets = self.anchors.into_iter().filter_map(|(pair, mut all)| {
            let ticks = median(&mut all)?;
            let mut distances: Vec<i64> = all.iter().map(|own| (own - ticks).abs()).collect();
            let offset = Offset {
                ticks,
                spread: median(&mut distances)?,
                anchors: all.len(),
            };
            Some((pair, offset)).filter(|(_, offset)| offset.is_believed())
        });
        Skew(offsets.collect())
    }
}

fn median(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = TICKS_PER_SECOND;

    fn skew(pairs: &[(&str, &str, &[i64])]) -> Skew {
        let mut pairing = Pairing::default();
        for (opener, acceptor, all) in pairs {
            for ahead in *all {
                pairing.anchor(opener, acceptor, *ahead);
            }
        }
        pairing.finish()
    }

    #[test]
    fn the_median_stands_and_has_a_direction() {
        let skew = skew(&[("ws01", "dc01", &[3, 4, 900]), ("dc01", "ws01", &[-5])]);
        let offset = skew.between("ws01", "dc01").unwrap();
        assert_eq!((offset.ticks, offset.spread, offset.anchors), (4, 1, 4));
        assert_eq!(skew.between("dc01", "ws01").unwrap().ticks, -4);
        assert_eq!(skew.between("dc01", "srv02"), None);
    }

    /// One port may be used twice, and that looks like clocks that differ.
    #[test]
    fn a_large_difference_needs_two_connections_that_agree() {
        for (all, known) in [
            (&[4 * SECOND][..], true),
            (&[20 * SECOND], false),
            (&[20 * SECOND, 21 * SECOND], true),
            (&[20 * SECOND, 90 * SECOND], false),
        ] {
            let skew = skew(&[("ws01", "dc01", all)]);
            assert_eq!(skew.between("ws01", "dc01").is_some(), known, "{all:?}");
        }
    }

    #[test]
    fn offsets_are_against_one_reference() {
        let skew = skew(&[
            ("ws01", "srv02", &[2 * SECOND]),
            ("srv02", "dc01", &[SECOND]),
            ("a", "b", &[7, 7]),
        ]);
        let all = skew.of_machines(|machine| u8::from(machine == "dc01"));
        let of = |machine: &str| all.get(machine).copied();
        assert_eq!(of("dc01"), Some(0));
        assert_eq!(of("srv02"), Some(-SECOND));
        assert_eq!(of("ws01"), Some(-3 * SECOND));
        assert_eq!((of("a"), of("b")), (Some(0), Some(7)));
        assert_eq!(of("fs03"), None);
    }
}
