//! `manifest.json`, read back: what a case consists of, and what it was made from (CASE.md).
//!
//! Whoever can write to a case can write anything into it: a path in it is compared, and never opened as it is.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::collect::EvidenceFile;
use crate::exit::UsageError;

/// The manifest's name: what makes a folder a case.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Its signature.
pub(crate) const SIGNATURE: &str = "manifest.json.minisig";
/// The largest that is read: a row for each of two million inputs has not half of it.
const MOST: u64 = 1 << 30;
/// What may lie in a case and is not listed: the manifest and its signature, and what `report --redact` adds.
const BESIDE: [&str; 4] = [
    MANIFEST,
    SIGNATURE,
    "report-redacted.html",
    "report-redacted.md",
];

/// What is read of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Manifest {
    tool: Tool,
    /// What the case is called; empty when nobody said.
    #[serde(default)]
    pub(crate) case_id: String,
    /// The evidence files.
    pub(crate) inputs: Vec<Input>,
    /// The archives that some of them lie in.
    #[serde(default)]
    pub(crate) archives: Vec<Listed>,
    /// The files of the case.
    pub(crate) outputs: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
struct Tool {
    name: String,
}

/// An evidence file.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    pub(crate) path: String,
    pub(crate) kind: String,
    pub(crate) size: u64,
    /// Empty when it could not be read.
    pub(crate) sha256: String,
    pub(crate) host: String,
}

/// A file of the case, or an archive.
#[derive(Debug, Deserialize)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) size: u64,
    /// Empty when an archive could not be read.
    pub(crate) sha256: String,
}

impl Manifest {
    /// The manifest of a case.
    pub(crate) fn read(case: &Path) -> anyhow::Result<Self> {
        Self::parse(case, &bytes(case)?)
    }

    /// The manifest of a case, of which these are the bytes. That of another program is none.
    pub(crate) fn parse(case: &Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let manifest: Self = serde_json::from_slice(bytes)
            .with_context(|| format!("{} is no manifest of a case", path(case).display()))?;
        if manifest.tool.name == env!("CARGO_PKG_NAME") {
            return Ok(manifest);
        }
        Err(UsageError::because(format!(
            "{}: no case: another program wrote the {MANIFEST} in it",
            case.display()
        )))
    }

    /// The hash that a file of the case was written with.
    pub(crate) fn sha256_of(&self, name: &str) -> Option<&str> {
        let mut outputs = self.outputs.iter();
        let output = outputs.find(|output| output.path == name)?;
        Some(&output.sha256)
    }

    /// A file of the case, as it was written: what somebody else put there is not told as the case's.
    pub(crate) fn file(&self, case: &Path, name: &str) -> anyhow::Result<File> {
        let sha256 = self.sha256_of(name).with_context(|| {
            format!("the case has no {name}: it was written by an older version")
        })?;
        let path = case.join(name);
        let reading = || format!("reading {}", path.display());
        // Neither a pipe nor a link.
        let is_file = path.symlink_metadata().with_context(reading)?.is_file();
        let hash = || EvidenceFile::open(&path).and_then(|file| file.sha256());
        anyhow::ensure!(
            is_file && hash().with_context(reading)?.0 == sha256,
            "{name} is not as it was written: `sidetrack verify` tells what else is not"
        );
        File::open(&path).with_context(reading)
    }
}

/// The bytes of a case's manifest.
pub(crate) fn bytes(case: &Path) -> anyhow::Result<Vec<u8>> {
    let path = path(case);
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    read.with_context(|| format!("reading {}", path.display()))?;
    anyhow::ensure!(
        bytes.len() as u64 <= MOST,
        "{} is larger than a manifest can be",
        path.display()
    );
    Ok(bytes)
}

/// Makes sure that a folder is a case. Its manifest is neither a pipe, which may never end, nor a link, which may
/// lead anywhere.
pub(crate) fn must_be_case(case: &Path) -> anyhow::Result<()> {
    let manifest = path(case).symlink_metadata();
    if manifest.is_ok_and(|file| file.is_file()) {
        return Ok(());
    }
    Err(UsageError::because(format!(
        "{}: no case: there is no {MANIFEST} in it",
        case.display()
    )))
}

/// Where the manifest of a case is.
pub(crate) fn path(case: &Path) -> PathBuf {
    case.join(MANIFEST)
}

/// Whether a file belongs to a case without being listed.
pub(crate) fn is_beside(name: &str) -> bool {
    BESIDE.contains(&name)
}
