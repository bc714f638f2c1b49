//! What an answer is made of, wherever the events come from.

use std::collections::BTreeMap;

use timeline::Spilled;
use timeline::parquet::EvidenceName;

use super::source::Source;
use super::{lines, stored};
use crate::collect;
use crate::plan::QueryPlan;
use crate::progress::Progress;
use crate::run::{self, Answers, Lines, Watch, Workshop};

/// Everything that asking the events gave.
pub(crate) struct Material {
    pub(crate) answers: Answers,
    /// The segments that candidates refer to.
    pub(crate) segments: Vec<Option<Spilled>>,
    /// The name of each host, by its key.
    pub(crate) hosts: BTreeMap<String, String>,
    /// The evidence files.
    pub(crate) evidence: Vec<EvidenceName>,
    /// What each of them is.
    pub(crate) kinds: Vec<String>,
}

/// Asks all events of the source.
pub(crate) fn gather(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    lines: Lines<'_>,
    watch: Option<&Watch<'_>>,
    progress: &Progress,
) -> anyhow::Result<Material> {
    match plan.kind {
        Source::Evidence => of_evidence(plan, shop, lines, watch, progress),
        Source::Case => stored::gather(plan, shop, lines, watch, progress),
        Source::Lines => lines::gather(plan, shop, lines, watch, progress),
    }
}

fn of_evidence(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    lines: Lines<'_>,
    watch: Option<&Watch<'_>>,
    progress: &Progress,
) -> anyhow::Result<Material> {
    let collection = collect::collect(
        &plan.reading,
        std::slice::from_ref(&plan.source),
        &shop.folder,
    );
    let looked = run::look(shop, &collection, None, lines, watch, progress)?;
    let kind = |file: &collect::Evidence| file.parser.kind().to_owned();
    Ok(Material {
        answers: looked.second.answers,
        segments: looked.second.segments,
        hosts: looked.hosts.machines(),
        evidence: looked.first.names(),
        kinds: collection.evidence.iter().map(kind).collect(),
    })
}
