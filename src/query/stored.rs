//! A case as a source: its store, read back.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use detectors::enrich::{host_key, machine_of};
use rayon::prelude::*;
use timeline::parquet::{self, EvidenceName, EvidenceNames};
use timeline::{Segment, Spilled};

use super::material::Material;
use crate::export::LineContext;
use crate::manifest::{Input, Listed, MANIFEST, Manifest};
use crate::plan::{Period, QueryPlan};
use crate::progress::Progress;
use crate::run::{Asking, Lines, Watch, Workshop};

/// Asks all events of a case.
pub(super) fn gather(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    lines: Lines<'_>,
    watch: Option<&Watch<'_>>,
    progress: &Progress,
) -> anyhow::Result<Material> {
    let manifest = Manifest::read(&plan.source)?;
    let name = |input: &Input| EvidenceName {
        path: input.path.clone(),
        sha256: input.sha256.clone(),
    };
    let store = Store {
        folder: &plan.source,
        evidence: manifest.inputs.iter().map(name).collect(),
        hosts: hosts(&manifest.inputs),
        period: plan.reading.period,
    };
    let ids = EvidenceNames::new(&store.evidence);
    let asking = Asking::new(shop, lines, watch);
    let files = files(&manifest.outputs)?;
    progress.stage("Asking the case", files.len() as u64, false);
    let segments = files
        .par_iter()
        .enumerate()
        .map(|(number, file)| {
            let spilled = store.ask(file, number, &ids, &asking);
            progress.advance(1);
            spilled.with_context(|| file.display().to_string())
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Material {
        answers: asking.finish().context("sorting")?,
        segments,
        hosts: store.hosts,
        evidence: store.evidence,
        kinds: manifest
            .inputs
            .into_iter()
            .map(|input| input.kind)
            .collect(),
    })
}

/// The files of the store, in the order of the manifest.
fn files(outputs: &[Listed]) -> anyhow::Result<Vec<PathBuf>> {
    let of_store = outputs.iter().map(|output| Path::new(&output.path));
    let of_store = of_store.filter(|path| path.starts_with("timeline"));
    of_store
        .map(|path| {
            // Who changed the manifest must not make us read elsewhere.
            let plain = path
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            anyhow::ensure!(plain, "{MANIFEST} names {}", path.display());
            Ok(path.to_owned())
        })
        .collect()
}

/// The name of each machine, by its identity.
fn hosts(inputs: &[Input]) -> BTreeMap<String, String> {
    let names = inputs.iter().flat_map(|input| input.host.split(';'));
    names
        .filter(|name| !name.is_empty())
        .map(|name| (host_key(name), name.to_owned()))
        .collect()
}

struct Store<'a> {
    folder: &'a Path,
    evidence: Vec<EvidenceName>,
    hosts: BTreeMap<String, String>,
    period: Period,
}

impl Store<'_> {
    fn ask(
        &self,
        file: &Path,
        number: usize,
        ids: &EvidenceNames,
        asking: &Asking<'_>,
    ) -> anyhow::Result<Option<Spilled>> {
        let segment = parquet::read(File::open(self.folder.join(file))?, ids)?;
        let segment = within(segment, self.period);
        if segment.is_empty() {
            return Ok(None);
        }
        let host = machine_of(&segment, 0);
        let context = LineContext {
            host: self.hosts.get(&host).map_or("", String::as_str),
            kind: kind(file),
            evidence: &self.evidence,
            timezone: None,
            json: false,
        };
        Ok(asking.ask(&segment, number, context)?.candidates)
    }
}

/// The kind of evidence in a file of the store: `evtx-000.parquet` has `evtx`.
fn kind(file: &Path) -> &str {
    let name = file.file_stem().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    name.rsplit_once('-').map_or(name, |(kind, _)| kind)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_below_the_case_are_read() {
        let of = |path: &str| {
            files(&[Listed {
                path: path.into(),
                size: 0,
                sha256: String::new(),
            }])
        };
        assert_eq!(of("timeline/host=A/evtx-000.parquet").unwrap().len(), 1);
        assert!(of("report.md").unwrap().is_empty());
        assert!(of("timeline/../../x.parquet").is_err());
        assert_eq!(
            kind(Path::new("timeline/host=A/evtx-xml-012.parquet")),
            "evtx-xml"
        );
    }
}
