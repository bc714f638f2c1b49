//! The store of a case, read back: its Parquet files, and what its manifest says of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

use detectors::enrich::{host_key, machine_of};
use sha2::{Digest, Sha256};
use timeline::Segment;
use timeline::parquet::{self, EvidenceName, EvidenceNames};

use crate::export::LineContext;
use crate::manifest::{self, Input, Listed, MANIFEST, Manifest};

/// A file that was analysed: how it can be told from any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Original {
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// A case's events, file by file.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// The files, relative to the case, in the order of the manifest.
    pub(crate) files: Vec<PathBuf>,
    /// The evidence files.
    pub(crate) evidence: Vec<EvidenceName>,
    /// What each of them is.
    pub(crate) kinds: Vec<String>,
    /// The name of each machine, by its identity.
    pub(crate) hosts: BTreeMap<String, String>,
    /// What was analysed: the evidence files, and the archives that they lay in.
    pub(crate) originals: Vec<Original>,
    /// SHA-256 of the manifest.
    pub(crate) manifest_sha256: String,
    /// What else the manifest says.
    pub(crate) manifest: Manifest,
    ids: EvidenceNames,
}

impl Store {
    /// Reads what the manifest says.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let bytes = manifest::bytes(folder)?;
        let mut manifest = Manifest::parse(folder, &bytes)?;
        // They can be many, and are kept as what is needed of them.
        let inputs = std::mem::take(&mut manifest.inputs);
        let archives = std::mem::take(&mut manifest.archives);
        let name = |input: &Input| EvidenceName {
            path: input.path.clone(),
            sha256: input.sha256.clone(),
        };
        let original = |size: u64, sha256: &str| Original {
            size,
            sha256: sha256.to_owned(),
        };
        let evidence: Vec<EvidenceName> = inputs.iter().map(name).collect();
        let archives = archives
            .iter()
            .map(|archive| original(archive.size, &archive.sha256));
        let originals = inputs
            .iter()
            .map(|input| original(input.size, &input.sha256));
        let originals = originals.chain(archives).collect();
        Ok(Self {
            folder: folder.to_owned(),
            files: files(&manifest.outputs)?,
            ids: EvidenceNames::new(&evidence),
            evidence,
            hosts: hosts(&inputs),
            originals,
            kinds: inputs.into_iter().map(|input| input.kind).collect(),
            manifest_sha256: timeline::hex(&Sha256::digest(&bytes)),
            manifest,
        })
    }

    /// The events of a file.
    pub(crate) fn read(&self, number: usize) -> anyhow::Result<Segment> {
        let path = self.folder.join(&self.files[number]);
        // A link would lead out of the case.
        anyhow::ensure!(path.symlink_metadata()?.is_file(), "it is no file");
        let file = File::open(path)?;
        Ok(parquet::read(file, &self.ids)?)
    }

    /// A file of the case that the manifest lists, as it was written: what somebody else put there is not told as
    /// the case's.
    pub(crate) fn listed(&self, name: &str) -> anyhow::Result<File> {
        self.manifest.file(&self.folder, name)
    }

    /// What lines of the events of a file need beside them. A file has the events of one machine.
    pub(crate) fn context(&self, number: usize, segment: &Segment) -> LineContext<'_> {
        let host = if segment.is_empty() {
            String::new()
        } else {
            machine_of(segment, 0)
        };
        LineContext {
            host: self.hosts.get(&host).map_or("", String::as_str),
            kind: kind(&self.files[number]),
            evidence: &self.evidence,
            timezone: None,
            json: false,
        }
    }
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

/// The kind of evidence in a file of the store: `evtx-000.parquet` has `evtx`.
fn kind(file: &Path) -> &str {
    let name = file.file_stem().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    name.rsplit_once('-').map_or(name, |(kind, _)| kind)
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
