//! Finding evidence: paths in, evidence files out.

mod archive;
mod bytes;
mod client;
mod companions;
mod file;
mod known;
mod layout;
mod limits;
mod listed;
mod password;
mod roots;
mod spool;
mod streamed;
mod uploads;
mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parsers::Parser;
use timeline::{Issue, Ticks};

use crate::plan::Reading;

pub(crate) use file::{EvidenceFile, Source};
pub(crate) use known::ARTEFACTS;
pub(crate) use layout::{collection_root, host_of_archive, volume_letter};
pub(crate) use limits::Limits;
pub(crate) use listed::Listed;
pub(crate) use password::Password;

/// A file that a parser reads.
pub(crate) struct Evidence {
    /// Where its bytes are.
    pub(crate) source: Source,
    /// What it is called in the case: relative to the evidence root, with `/`; in an archive, behind its
    /// name and `!`.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// When it was last changed, as its archive says.
    pub(crate) modified: Option<Ticks>,
    /// What reads it.
    pub(crate) parser: &'static dyn Parser,
    /// The path that a hive was loaded from, in lower case; empty for what is no hive or does not say.
    pub(crate) loaded_from: String,
    /// Places of the files that belong to it.
    pub(crate) companions: Vec<usize>,
    /// Checksum of its first bytes: files that differ there are not compared.
    pub(crate) head_checksum: u32,
    /// The stream it is a part of, and its turn there, if it can only be read in that order.
    pub(crate) turn: Option<(usize, u64)>,
}

/// An archive that is a file.
pub(crate) struct ArchiveFile {
    pub(crate) source: Source,
    pub(crate) path: String,
    pub(crate) kind: &'static str,
}

/// An artefact that no parser reads yet.
#[derive(Clone, Debug)]
pub(crate) struct Recognised {
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) size: u64,
}

/// Finds all evidence in files, folders and archives, however deep. `leave_out` is the case to be written:
/// it may lie inside the evidence, and is none; what must be unpacked to be read lies there for so long.
pub(crate) fn collect(reading: &Reading, evidence: &[PathBuf], leave_out: &Path) -> Collection {
    walk::collect(evidence, leave_out, reading)
}

/// Finds what is listed of evidence that was analysed once, below its root. What must be unpacked to be read
/// lies in `spool` for so long.
pub(crate) fn find(
    reading: &Reading,
    root: &Path,
    listed: &Listed<'_>,
    spool: &Path,
) -> Collection {
    walk::find(root, listed, spool, reading)
}

/// What was found.
#[derive(Default)]
pub(crate) struct Collection {
    /// Evidence, in the order of its paths.
    pub(crate) evidence: Vec<Evidence>,
    /// Archives that were looked into, those that lie in others included.
    pub(crate) archives: u64,
    /// What is listed and was found, and is no evidence any more: path and bytes.
    pub(crate) changed: Vec<(String, Source)>,
    /// The archives that were found as files.
    pub(crate) archive_files: Vec<ArchiveFile>,
    /// Artefacts that no parser reads yet, as many as there is memory for.
    pub(crate) recognised: Vec<Recognised>,
    /// How many of each kind there are.
    pub(crate) unread: BTreeMap<&'static str, u64>,
    /// The hosts that collectors say they collected from, by the roots of their collections.
    pub(crate) clients: BTreeMap<String, String>,
    /// Files that nobody reads.
    pub(crate) unknown: u64,
    /// What could not be looked at: path and issue.
    pub(crate) issues: Vec<(String, Issue)>,
}

/// The places of some evidence files, in groups: those of one group are read one after the other.
pub(crate) fn turns(evidence: &[Evidence], places: &[usize]) -> Vec<Vec<usize>> {
    let mut alone = Vec::new();
    let mut streams: BTreeMap<usize, Vec<(u64, usize)>> = BTreeMap::new();
    for &place in places {
        match evidence[place].turn {
            Some((stream, turn)) => streams.entry(stream).or_default().push((turn, place)),
            None => alone.push(vec![place]),
        }
    }
    let in_order = streams.into_values().map(|mut of_stream| {
        of_stream.sort_unstable();
        of_stream.into_iter().map(|(_, place)| place).collect()
    });
    // What takes longest begins first.
    in_order.chain(alone).collect()
}
