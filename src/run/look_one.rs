//! Look one: every evidence file is parsed and mapped, its segments are spilled, facts gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use detectors::enrich::Facts;
use parsers::{Counts, Input, Machine, ParseError, ReadAt};
use rayon::prelude::*;
use timeline::parquet::EvidenceName;
use timeline::{EvidenceId, Issue, Sink};

use super::evidence_sink::EvidenceSink;
use super::machines::{Machines, needs, open_companions};
use super::parts::Part;
use super::twins::Twins;
use super::workshop::{SharedSorter, Workshop};
use crate::collect::{Collection, Evidence, EvidenceFile, turns};
use crate::progress::Progress;

/// What look one leaves.
pub(crate) struct FirstLook {
    /// The evidence files, in their order.
    pub(crate) files: Vec<FileLook>,
    facts: Mutex<Option<SharedSorter>>,
}

/// What became of one evidence file.
pub(crate) struct FileLook {
    pub(crate) path: String,
    pub(crate) sha256: String,
    /// How many bytes were hashed.
    pub(crate) size: u64,
    pub(crate) counts: Counts,
    pub(crate) losses: u64,
    pub(crate) unreadable: bool,
    pub(crate) parts: Vec<Part>,
    /// Spellings of each host's name, by its key.
    pub(crate) names: BTreeMap<String, BTreeSet<String>>,
}

impl FirstLook {
    /// The facts, sorted for looking up. They can be taken once.
    pub(crate) fn facts(&self, shop: &Workshop<'_>) -> anyhow::Result<Facts> {
        let facts = self
            .facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let facts = facts.context("the facts were taken already")?;
        Facts::build(&shop.folder, facts.into_inner()).context("sorting facts")
    }

    /// What provenances call the evidence files.
    pub(crate) fn names(&self) -> Vec<EvidenceName> {
        let name = |file: &FileLook| EvidenceName {
            path: file.path.clone(),
            sha256: file.sha256.clone(),
        };
        self.files.iter().map(name).collect()
    }
}

/// Reads all evidence.
pub(crate) fn look(
    shop: &Workshop<'_>,
    collection: &Collection,
    twins: &Twins,
    machines: &Machines,
    progress: &Progress,
) -> anyhow::Result<FirstLook> {
    let facts = shop.sorter(shop.shares.sorter);
    let total = collection
        .evidence
        .iter()
        .map(|evidence| evidence.size)
        .sum();
    progress.stage("Reading evidence", total, true);
    let read = |&place: &usize| {
        let evidence = &collection.evidence[place];
        let others = twins.others(place).iter();
        let named = others.map(|&other| collection.evidence[other].path.as_str());
        let sink = EvidenceSink::new(
            shop,
            &facts,
            evidence.parser.kind(),
            std::iter::once(evidence.path.as_str())
                .chain(named)
                .collect(),
        );
        progress.at(&evidence.path);
        let reading = Reading {
            shop,
            all: &collection.evidence,
            machine: machines.at(&evidence.path),
            progress,
        };
        let look = read(reading, sink, place, evidence)
            .with_context(|| format!("reading {}", evidence.path))?;
        Ok((place, look))
    };
    let once: Vec<usize> = (0..collection.evidence.len())
        .filter(|&place| twins.first(place).is_none())
        .collect();
    let groups = turns(&collection.evidence, &once)
        .par_iter()
        .map(|turn| turn.iter().map(read).collect::<anyhow::Result<Vec<_>>>())
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut looks: BTreeMap<usize, FileLook> = groups.into_iter().flatten().collect();
    for (place, evidence) in collection.evidence.iter().enumerate() {
        let first = twins.first(place).and_then(|first| looks.get(&first));
        if let Some(look) = first.map(|look| look.of_twin(evidence)) {
            looks.insert(place, look);
        }
    }
    Ok(FirstLook {
        files: looks.into_values().collect(),
        facts: Mutex::new(Some(facts)),
    })
}

impl FileLook {
    /// The same of an identical file, but for its events: they have the other's provenance, too.
    fn of_twin(&self, evidence: &Evidence) -> Self {
        Self {
            path: evidence.path.clone(),
            sha256: self.sha256.clone(),
            parts: Vec::new(),
            names: self.names.clone(),
            ..*self
        }
    }
}

/// A file whose reading moves the progress on.
struct Watched<'a> {
    file: EvidenceFile,
    progress: &'a Progress,
}

impl ReadAt for Watched<'_> {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read_at(offset, buffer)?;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

/// What the reading of a file needs beside it.
#[derive(Clone, Copy)]
struct Reading<'a> {
    shop: &'a Workshop<'a>,
    /// All evidence: some of it belongs to the file.
    all: &'a [Evidence],
    machine: &'a Machine,
    progress: &'a Progress,
}

impl Reading<'_> {
    fn parse(
        self,
        evidence: &Evidence,
        id: EvidenceId,
        bytes: &dyn ReadAt,
        sink: &mut dyn Sink,
    ) -> Result<Counts, ParseError> {
        let companions = open_companions(evidence, self.all);
        let room = self.shop.gate.enter(needs(evidence, &companions));
        let companions: Vec<&dyn ReadAt> =
            companions.iter().map(|file| file as &dyn ReadAt).collect();
        let options = self.shop.reading;
        let input = Input {
            bytes,
            evidence: id,
            path: &evidence.path,
            profile: options.profile,
            companions: &companions,
            machine: self.machine,
            registry: options.registry,
            memory: room.memory(),
        };
        evidence.parser.parse(&input, sink)
    }
}

/// Reads one evidence file. Only a case that cannot be written is an error; what is wrong with the
/// file is an issue.
fn read(
    reading: Reading<'_>,
    mut sink: EvidenceSink<'_>,
    place: usize,
    evidence: &Evidence,
) -> anyhow::Result<FileLook> {
    let mut look = FileLook {
        path: evidence.path.clone(),
        sha256: String::new(),
        size: evidence.size,
        counts: Counts::default(),
        losses: 0,
        unreadable: false,
        parts: Vec::new(),
        names: BTreeMap::new(),
    };
    match evidence.source.open() {
        Ok(file) => {
            let id = u32::try_from(place).context("more than 2^32 evidence files")?;
            let file = Watched {
                file,
                progress: reading.progress,
            };
            match reading.parse(evidence, EvidenceId(id), &file, &mut sink) {
                Ok(counts) => look.counts = counts,
                Err(ParseError::Store(error)) => return Err(error).context("writing to the case"),
                Err(ParseError::Read { offset, source }) => sink.issue(
                    Issue::loss("io", format!("The file cannot be read further: {source}."))
                        .at(offset),
                ),
            }
            match file.file.sha256() {
                Ok((sha256, size)) => {
                    look.sha256 = sha256;
                    look.size = size;
                    check(evidence, &file.file, size, &mut sink);
                }
                Err(error) => {
                    look.unreadable = true;
                    sink.issue(unreadable(&error));
                }
            }
        }
        Err(error) => {
            look.unreadable = true;
            sink.issue(unreadable(&error));
        }
    }
    sink.finish().context("writing to the case")?;
    look.parts = std::mem::take(&mut sink.parts);
    look.losses = sink.losses;
    look.names = std::mem::take(&mut sink.names);
    Ok(look)
}

fn unreadable(error: &std::io::Error) -> Issue {
    Issue::loss(
        "unreadable-file",
        format!("The file cannot be read: {error}."),
    )
}

/// Tells when a file has not as many bytes as it seemed.
fn check(evidence: &Evidence, file: &EvidenceFile, size: u64, sink: &mut dyn Sink) {
    if let Some(fault) = file.fault() {
        let message =
            format!("The member is damaged in its archive: {fault}. What comes before was read.");
        sink.issue(
            Issue::loss("damaged-member", message)
                .expected(format!("{} bytes", evidence.size), size),
        );
    } else if size != evidence.size {
        sink.issue(
            Issue::loss("changed", "The file changed while it was read.")
                .expected(format!("{} bytes", evidence.size), size),
        );
    }
}
