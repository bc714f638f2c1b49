//! A case as a source: its store, read back.

use anyhow::Context;
use rayon::prelude::*;
use timeline::{Segment, Spilled};

use super::material::Material;
use crate::plan::{Period, QueryPlan};
use crate::progress::Progress;
use crate::run::{Asking, Lines, Watch, Workshop};
use crate::store::Store;

/// Asks all events of a case.
pub(super) fn gather(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    lines: Lines<'_>,
    watch: Option<&Watch<'_>>,
    progress: &Progress,
) -> anyhow::Result<Material> {
    let store = Store::open(&plan.source)?;
    let asking = Asking::new(shop, lines, watch);
    progress.stage("Asking the case", store.files.len() as u64, false);
    let segments = (0..store.files.len())
        .into_par_iter()
        .map(|number| {
            let spilled = ask(&store, number, plan.reading.period, &asking);
            progress.advance(1);
            spilled.with_context(|| store.files[number].display().to_string())
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Material {
        answers: asking.finish().context("sorting")?,
        segments,
        hosts: store.hosts,
        evidence: store.evidence,
        kinds: store.kinds,
    })
}

fn ask(
    store: &Store,
    number: usize,
    period: Period,
    asking: &Asking<'_>,
) -> anyhow::Result<Option<Spilled>> {
    let segment = within(store.read(number)?, period);
    if segment.is_empty() {
        return Ok(None);
    }
    let context = store.context(number, &segment);
    Ok(asking.ask(&segment, number, context)?.candidates)
}

/// The events of a period.
pub(super) fn within(segment: Segment, period: Period) -> Segment {
    if period.is_everything() {
        return segment;
    }
    let rows = (0u32..).zip(&segment.rows);
    let rows: Vec<u32> = rows
        .filter(|(_, own)| period.contains(own.time))
        .map(|(row, _)| row)
        .collect();
    segment.keep(&rows)
}
