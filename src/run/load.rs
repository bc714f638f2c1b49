//! Events that were set aside, read again by their references.

use std::collections::BTreeMap;

use anyhow::Context;
use detectors::matching::EventRef;
use timeline::{Segment, Spilled};

use super::workshop::Workshop;

/// The events, each once, in the order of their references, and the row of each. Every segment is
/// read once.
pub(super) fn load(
    shop: &Workshop<'_>,
    segments: &[Option<Spilled>],
    mut wanted: Vec<EventRef>,
) -> anyhow::Result<(Segment, BTreeMap<EventRef, u32>)> {
    wanted.sort_unstable();
    wanted.dedup();
    let mut events = Segment::default();
    let mut places = BTreeMap::new();
    for of_segment in wanted.chunk_by(|a, b| a.segment == b.segment) {
        let spilled = segments
            .get(of_segment[0].segment as usize)
            .copied()
            .flatten();
        let spilled = spilled.context("a reference names no segment")?;
        let segment = shop.spill.read(spilled).context("reading the spill file")?;
        let rows: Vec<u32> = of_segment.iter().map(|event| event.row).collect();
        let first = u32::try_from(events.len()).context("too many events in findings")?;
        events.append(&segment, &rows);
        places.extend(of_segment.iter().copied().zip(first..));
    }
    Ok((events, places))
}
