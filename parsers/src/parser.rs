//! The one trait that parsers plug in by, and their list.

use std::collections::BTreeMap;
use std::io;

use timeline::{EvidenceId, Sink};

use crate::ReadAt;
use crate::evtx::{Evtx, Profile};
use crate::evtx_ndjson::EvtxNdjson;
use crate::evtx_xml::EvtxXml;
use crate::ntfs::{ChangeJournal, MasterFileTable, SecurityStream, Volume};
use crate::regf::{RegistryHive, RegistryLog};
use crate::task::{Steps, TaskFile};

/// What a parser read of one evidence file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records, duplicates included.
    pub records: u64,
    /// Records that were recovered beside them.
    pub recovered: u64,
    /// Events made of both.
    pub events: u64,
    /// Those of the records that our own decoder declined and the fallback read.
    pub by_fallback: u64,
    /// Whether it lacks what was written to it last: a hive without the logs that have it.
    pub is_behind: bool,
}

/// Why an evidence file could not be read to its end. What was read before is in the sink.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Its bytes could not be had.
    #[error("cannot read at offset {offset:#x}")]
    Read {
        /// Where.
        offset: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The sink could not take an event.
    #[error("cannot store an event")]
    Store(#[source] io::Error),
}

/// One evidence file, and what else a parser may know of it.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Its bytes.
    pub bytes: &'a dyn ReadAt,
    /// Its number in the run.
    pub evidence: EvidenceId,
    /// Its path in the case, with `/`: what it is called says what it is where its bytes do not.
    pub path: &'a str,
    /// Whose view of events is mapped.
    pub profile: Profile,
    /// What belongs to it: the transaction logs of a hive.
    pub companions: &'a [&'a dyn ReadAt],
    /// The machine that it is of, for evidence that names none.
    pub machine: &'a Machine,
    /// Which keys of a hive become events.
    pub registry: Registry,
    /// Bytes of memory that may be taken for evidence that must be held as a whole.
    pub memory: u64,
    /// What is known of the volume that it is a part of: for what NTFS itself keeps.
    pub volume: Option<&'a Volume>,
    /// Which of its [`Parser::shares`] is to be read; all of them when nothing is said.
    pub share: Option<u64>,
}

impl<'a> Input<'a> {
    /// Bytes alone.
    #[must_use]
    pub fn new(bytes: &'a dyn ReadAt) -> Self {
        Self {
            bytes,
            evidence: EvidenceId(0),
            path: "",
            profile: Profile::Ours,
            companions: &[],
            machine: &UNKNOWN,
            registry: Registry::Artefacts,
            memory: u64::MAX,
            volume: None,
            share: None,
        }
    }
}

/// Which keys of a hive become events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// Those that are known to tell something.
    Artefacts,
    /// Every key and value.
    Full,
}

/// What is known of a machine before its evidence is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Machine {
    /// Its name, as it calls itself in event logs. Empty when nobody knows it.
    pub host: String,
    /// Its users' profiles.
    pub profiles: Vec<UserProfile>,
    /// Whether Windows keeps when files were last accessed; nothing when nobody knows.
    pub keeps_last_access: Option<bool>,
    /// What its tasks do, by their paths in lower case: as the registry has them.
    pub registered_tasks: BTreeMap<String, Steps>,
    /// The same as the files below System32\\Tasks have them.
    pub task_files: BTreeMap<String, Steps>,
}

/// A user's profile: where it lies and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserProfile {
    /// Its folder, as the machine spells it: `C:\Users\j.moreau`.
    pub folder: String,
    /// The SID of its user.
    pub sid: String,
}

/// A machine of which nothing is known.
static UNKNOWN: Machine = Machine {
    host: String::new(),
    profiles: Vec::new(),
    keeps_last_access: None,
    registered_tasks: BTreeMap::new(),
    task_files: BTreeMap::new(),
};

/// Reads one kind of evidence.
pub trait Parser: Sync {
    /// Its name: source type in the timeline, first part of file names in the store.
    fn kind(&self) -> &'static str;

    /// What it reads, for people.
    fn describe(&self) -> &'static str;

    /// Whether a file that begins with these bytes is of this kind. At least the first 512 are
    /// given, as far as the file has them.
    fn recognises(&self, head: &[u8]) -> bool;

    /// Whether a file of this name is evidence of this kind, whatever its bytes are.
    fn is_known_name(&self, name: &str) -> bool;

    /// In how many shares the file can be read, each by another thread: what they give, in their order, is
    /// what the whole file gives.
    fn shares(&self, input: &Input<'_>) -> u64 {
        let _ = input;
        1
    }

    /// Hands every event and every issue of the file, or of one share of it, to the sink.
    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError>;
}

/// Every parser. The first that recognises a file reads it.
pub const PARSERS: &[&dyn Parser] = &[
    &Evtx,
    &RegistryHive,
    &RegistryLog,
    &MasterFileTable,
    &ChangeJournal,
    &SecurityStream,
    &TaskFile,
    &EvtxXml,
    &EvtxNdjson,
];

/// The parser for a file: by its bytes, or else by its name.
#[must_use]
pub fn parser_of(head: &[u8], name: &str) -> Option<&'static dyn Parser> {
    let by_bytes = PARSERS.iter().find(|parser| parser.recognises(head));
    let parser = by_bytes.or_else(|| PARSERS.iter().find(|parser| parser.is_known_name(name)));
    parser.copied()
}
