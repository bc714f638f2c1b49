//! An event that fits a stage of a sequence, as it is sorted and matched: small, without its fields.

use timeline::Ticks;

/// Where the event itself lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventRef {
    /// The segment of candidates.
    pub segment: u32,
    /// The row in it.
    pub row: u32,
}

/// The bit of the stage mask that stands for the `until` term.
pub(super) const UNTIL: u64 = 1 << 63;
/// How many stages a sequence can have: one bit each, beside [`UNTIL`].
pub(super) const MAX_STAGES: usize = 63;

/// A candidate of one rule and one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Its place among the candidates of its group, which come in the one order.
    pub(super) ordinal: u64,
    /// `@timestamp`.
    pub(super) time: Ticks,
    /// When it may have happened at the earliest (MATCHING.md §3).
    pub(super) low: Ticks,
    /// When at the latest.
    pub(super) high: Ticks,
    /// The stages it fits, as written.
    pub(super) stages: u64,
    /// The event.
    pub(super) event: EventRef,
    /// What it says about the far side of a movement: number of the entry, value.
    pub(super) far: Vec<(u16, String)>,
}

impl Candidate {
    /// Whether it may have happened earlier than it says.
    pub(super) fn is_late(&self) -> bool {
        self.low < self.high
    }

    pub(super) fn fits(&self, stage: usize) -> bool {
        self.stages >> stage & 1 == 1
    }

    /// For the sorter.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        for time in [self.time, self.low, self.high] {
            out.extend(time.0.to_le_bytes());
        }
        out.extend(self.stages.to_le_bytes());
        out.extend(self.event.segment.to_le_bytes());
        out.extend(self.event.row.to_le_bytes());
        for (entry, value) in &self.far {
            out.extend(entry.to_le_bytes());
            out.extend((value.len() as u64).to_le_bytes());
            out.extend(value.as_bytes());
        }
    }

    /// From the sorter. `None` for bytes that no candidate wrote.
    pub(super) fn decode(ordinal: u64, mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let times = [time(bytes)?, time(bytes)?, time(bytes)?];
        let stages = u64::from_le_bytes(array(bytes)?);
        let segment = u32::from_le_bytes(array(bytes)?);
        let row = u32::from_le_bytes(array(bytes)?);
        let mut far = Vec::new();
        while !bytes.is_empty() {
            let entry = u16::from_le_bytes(array(bytes)?);
            let length = usize::try_from(u64::from_le_bytes(array(bytes)?)).ok()?;
            let (value, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            far.push((entry, std::str::from_utf8(value).ok()?.to_owned()));
        }
        let [time, low, high] = times;
        Some(Self {
            ordinal,
            time,
            low,
            high,
            stages,
            event: EventRef { segment, row },
            far,
        })
    }
}

fn time(bytes: &mut &[u8]) -> Option<Ticks> {
    Some(Ticks(i64::from_le_bytes(array(bytes)?)))
}

fn array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_from_the_sorter() {
        let candidate = Candidate {
            ordinal: 3,
            time: Ticks(10),
            low: Ticks(-5),
            high: Ticks(10),
            stages: UNTIL | 5,
            event: EventRef { segment: 1, row: 2 },
            far: vec![(0, "10.0.0.1".into()), (2, String::new())],
        };
        let mut bytes = Vec::new();
        candidate.encode(&mut bytes);
        assert_eq!(Candidate::decode(3, &bytes), Some(candidate));
        assert!(Candidate::decode(3, &bytes[..bytes.len() - 1]).is_none());
    }
}
