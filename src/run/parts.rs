//! What the first look leaves on disk: segments of one host and one evidence file each.

use std::collections::{BTreeMap, HashMap};

use timeline::{Segment, Spilled, StringId, Ticks};

/// A spilled segment.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Kind of the evidence.
    pub(crate) kind: &'static str,
    /// Key of the host.
    pub(crate) host: String,
    /// Events.
    pub(crate) events: usize,
    /// Bytes in memory, near enough.
    pub(crate) size: usize,
    /// Where it lies.
    pub(crate) spilled: Spilled,
    /// For each channel: which records and times it has.
    pub(crate) ranges: BTreeMap<String, Range>,
}

/// Records and times of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) records: (u64, u64),
    pub(crate) times: (Ticks, Ticks),
    /// A record number came twice, or after a greater one.
    pub(crate) disordered: bool,
}

impl Range {
    fn of(record: u64, time: Ticks) -> Self {
        Self {
            records: (record, record),
            times: (time, time),
            disordered: false,
        }
    }

    fn add(&mut self, record: u64, time: Ticks) {
        self.disordered |= record <= self.records.1;
        self.records = (self.records.0.min(record), self.records.1.max(record));
        self.times = (self.times.0.min(time), self.times.1.max(time));
    }

    /// Whether copies of one record can be in both (MATCHING.md §7).
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let records = self.records.0 <= other.records.1 && other.records.0 <= self.records.1;
        let times = self.times.0 <= other.times.1 && other.times.0 <= self.times.1;
        records && times
    }
}

/// The ranges of a segment's channels.
pub(crate) fn ranges(segment: &Segment) -> BTreeMap<String, Range> {
    let mut channels: HashMap<StringId, String> = HashMap::new();
    let mut ranges: BTreeMap<String, Range> = BTreeMap::new();
    for row in &segment.rows {
        let channel = channels
            .entry(row.channel)
            .or_insert_with(|| segment.strings.get(row.channel).to_lowercase());
        let (record, time) = (row.provenance.record, row.time.unwrap_or(Ticks(0)));
        if let Some(range) = ranges.get_mut(channel) {
            range.add(record, time);
        } else {
            ranges.insert(channel.clone(), Range::of(record, time));
        }
    }
    ranges
}
