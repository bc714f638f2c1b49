//! What an analysis found: the only thing that exports and reports read.

use std::collections::{BTreeMap, BTreeSet};

use detectors::Finding;
use detectors::crossing::Crossings;
use detectors::enrich::host_key;
use detectors::identity::{Account, Host};
use detectors::matching::EventRef;
use detectors::movement::{Coverage, Movement, Path, Way};
use timeline::parquet::EvidenceName;
use timeline::sort::Sorted;
use timeline::{Segment, Ticks};

/// The result of a run.
pub(crate) struct CaseResult {
    /// Every evidence file.
    pub(crate) inputs: Vec<Input>,
    /// The archives that some of them lie in.
    pub(crate) archives: Vec<HashedArchive>,
    /// What provenances call them.
    pub(crate) evidence: Vec<EvidenceName>,
    /// What each host is called, by the key of each name it had.
    pub(crate) hosts: BTreeMap<String, String>,
    /// The sessions by machine and time, until they are written.
    pub(crate) sessions: Option<Sorted>,
    /// What hosts recorded of each other.
    pub(crate) crossings: Crossings,
    /// The machines of the case, then hosts that others name.
    pub(crate) known_hosts: Vec<Host>,
    /// The accounts, by SID.
    pub(crate) accounts: Vec<Account>,
    /// The findings, in their order.
    pub(crate) findings: Vec<Finding>,
    /// The findings' events.
    pub(crate) events: Segment,
    /// The movements, in their order.
    pub(crate) movements: Vec<Movement>,
    /// The hosts that they lead between.
    pub(crate) ends: Ends,
    /// Those that follow each other.
    pub(crate) paths: Vec<Path>,
    /// Of each movement the paths that it is part of, with its place in each, from 1.
    pub(crate) on_paths: Vec<Vec<(usize, usize)>>,
    /// The events that corroborate them.
    pub(crate) corroborating: Corroborating,
    /// Which log covers which time.
    pub(crate) coverage: Coverage,
    /// What is wrong with the files that a log or a hive was read from, by host and channel.
    pub(crate) faults: BTreeMap<(String, String), Fault>,
    /// The timeline's lines, in order, until they are written.
    pub(crate) timeline: Option<Sorted>,
    /// The issues, in order.
    pub(crate) issues: Sorted,
    /// The first losses, once the issues are written.
    pub(crate) named_losses: Vec<NamedLoss>,
    /// Artefacts that no parser reads yet: how many of each kind.
    pub(crate) unread: BTreeMap<&'static str, u64>,
    /// Counts.
    pub(crate) counts: Counts,
}

impl CaseResult {
    /// How many hosts there are: one that was renamed is one.
    pub(crate) fn host_count(&self) -> u64 {
        let named = self.hosts.values().filter(|name| !name.is_empty());
        named.collect::<BTreeSet<_>>().len() as u64
    }

    /// What the host is called that recorded under this name.
    pub(crate) fn host_of<'a>(&'a self, recorded: &'a str) -> &'a str {
        self.hosts
            .get(&host_key(recorded))
            .map_or(recorded, String::as_str)
    }
}

/// The hosts that movements lead between.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends {
    /// The hosts, in the order in which movements reach them.
    pub(crate) all: Vec<End>,
    /// Of each movement, which of them it leads between.
    pub(crate) ways: Vec<Way>,
}

/// A host that a movement comes from or leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// What it is called: its name in this case, or as recorded, or its address.
    pub(crate) name: String,
    /// Whether there is evidence of it.
    pub(crate) is_collected: bool,
    /// Its place among the known hosts.
    pub(crate) known: Option<usize>,
    /// The addresses that movements name.
    pub(crate) addresses: Vec<String>,
}

/// What is wrong with files.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fault {
    /// Losses in them.
    pub(crate) losses: u64,
    /// They lack what was written to them last.
    pub(crate) is_behind: bool,
}

/// Events that corroborate movements, by their references.
pub(crate) struct Corroborating {
    pub(crate) events: Segment,
    pub(crate) places: BTreeMap<EventRef, u32>,
}

/// An evidence file, as the manifest lists it.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) path: String,
    pub(crate) kind: &'static str,
    pub(crate) size: u64,
    /// When it was last changed, as its archive says.
    pub(crate) modified: Option<Ticks>,
    pub(crate) sha256: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) records: u64,
    pub(crate) events: u64,
    pub(crate) by_fallback: u64,
    /// Those that were recovered beside its records.
    pub(crate) recovered: u64,
    pub(crate) duplicates: u64,
    pub(crate) status: Status,
}

/// An archive that was given, as the manifest lists it.
#[derive(Clone, Debug)]
pub(crate) struct HashedArchive {
    pub(crate) path: String,
    pub(crate) kind: &'static str,
    pub(crate) size: u64,
    /// Empty when it could not be read to its end.
    pub(crate) sha256: String,
}

/// How well an evidence file could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// In full.
    Ok,
    /// Something in it could not be read.
    Damaged,
    /// Not at all.
    Unreadable,
}

impl Status {
    /// The word in the manifest.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Damaged => "damaged",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Records that were recovered where the evidence keeps none any more.
    pub(crate) recovered: u64,
    /// Records that only the second reader knew how to read.
    pub(crate) by_fallback: u64,
    /// Files that nobody reads.
    pub(crate) unknown_files: u64,
    /// Records, copies included.
    pub(crate) records: u64,
    /// Events, copies included.
    pub(crate) events: u64,
    /// Events that are copies.
    pub(crate) duplicates: u64,
    /// Events outside of the period.
    pub(crate) filtered: u64,
    /// Script blocks that were put together from several events: events of their own.
    pub(crate) assembled: u64,
    /// Events without a believable time.
    pub(crate) undated: u64,
    /// Events of files that the timeline does not have, because they were not wanted there.
    pub(crate) untold: u64,
    /// Issues that are losses.
    pub(crate) losses: u64,
    /// Issues that are notes.
    pub(crate) notes: u64,
}

impl Counts {
    /// Events that the run looked at: neither copies nor left out by choice.
    pub(crate) fn looked_at(self) -> u64 {
        self.events - self.duplicates - self.filtered
    }

    /// What the chosen period left out, in words.
    pub(crate) fn left_out(self) -> String {
        match (self.filtered, self.looked_at()) {
            (0, _) => "no event lies outside of the chosen period".into(),
            (1, 0) => "the only event lies outside of the chosen period".into(),
            (filtered, 0) => format!("all {filtered} events lie outside of the chosen period"),
            (1, _) => "1 event outside of the chosen period was left out".into(),
            (filtered, _) => {
                format!("{filtered} events outside of the chosen period were left out")
            }
        }
    }
}

/// A loss that the report and the closing words name.
#[derive(Clone, Debug)]
pub(crate) struct NamedLoss {
    /// The evidence file.
    pub(crate) file: String,
    /// What was lost.
    pub(crate) message: String,
    /// How many losses of that file say so.
    pub(crate) times: u64,
}

impl NamedLoss {
    /// How often, where it is more than once.
    pub(crate) fn often(&self) -> String {
        match self.times {
            1 => String::new(),
            times => format!(" ({times} times)"),
        }
    }
}
