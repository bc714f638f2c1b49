//! Finding evidence: paths in, evidence files out.

mod file;
mod roots;
mod walk;

use std::path::PathBuf;

use parsers::Parser;
use timeline::Issue;

pub(crate) use file::EvidenceFile;
pub(crate) use walk::collect;

/// A file that a parser reads.
pub(crate) struct Evidence {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// What it is called in the case: relative to the evidence root, with `/`.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// What reads it.
    pub(crate) parser: &'static dyn Parser,
}

/// What was found.
#[derive(Default)]
pub(crate) struct Collection {
    /// Evidence, in the order of its paths.
    pub(crate) evidence: Vec<Evidence>,
    /// Files that nobody reads.
    pub(crate) unknown: u64,
    /// What could not be looked at: path and issue.
    pub(crate) issues: Vec<(String, Issue)>,
}
