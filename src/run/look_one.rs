//! Look one: every evidence file is parsed and mapped, its segments are spilled, facts gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use detectors::enrich::Facts;
use parsers::{Counts, Input, ParseError, ReadAt};
use rayon::prelude::*;
use timeline::parquet::EvidenceName;
use timeline::{EvidenceId, Issue, Sink};

use super::evidence_sink::EvidenceSink;
use super::machines::{Machines, is_of_volume, needs, open_companions};
use super::parts::Part;
use super::twins::Twins;
use super::volumes;
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
    let reading = Reading {
        shop,
        facts: &facts,
        all: &collection.evidence,
        twins,
        machines,
        progress,
    };
    let read = |&place: &usize| {
        let evidence = &collection.evidence[place];
        progress.at(&evidence.path);
        let look =
            read(reading, place, evidence).with_context(|| format!("reading {}", evidence.path))?;
        Ok((place, look))
    };
    let once = (0..collection.evidence.len()).filter(|&place| twins.first(place).is_none());
    let (of_volumes, others): (Vec<usize>, Vec<usize>) =
        once.partition(|&place| is_of_volume(&collection.evidence[place]));
    let groups = turns(&collection.evidence, &others)
        .par_iter()
        .map(|turn| turn.iter().map(read).collect::<anyhow::Result<Vec<_>>>())
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut looks: BTreeMap<usize, FileLook> = groups.into_iter().flatten().collect();
    for group in volumes::groups(&collection.evidence, &of_volumes) {
        looks.extend(volumes::read(reading, &group)?);
    }
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
    /// Of a file that was not read yet.
    pub(super) fn of(evidence: &Evidence) -> Self {
        Self {
            path: evidence.path.clone(),
            sha256: String::new(),
            size: evidence.size,
            counts: Counts::default(),
            losses: 0,
            unreadable: false,
            parts: Vec::new(),
            names: BTreeMap::new(),
        }
    }

    /// Hashes the file.
    pub(super) fn hash(&mut self, evidence: &Evidence, file: &EvidenceFile, sink: &mut dyn Sink) {
        match file.sha256() {
            Ok((sha256, size)) => {
                self.sha256 = sha256;
                self.size = size;
                check(evidence, file, size, sink);
            }
            Err(error) => {
                self.unreadable = true;
                sink.issue(unreadable(&error));
            }
        }
    }

    /// Takes over what a sink took.
    pub(super) fn take(&mut self, mut sink: EvidenceSink<'_>) -> anyhow::Result<()> {
        sink.finish().context("writing to the case")?;
        self.parts.append(&mut sink.parts);
        self.losses += sink.losses;
        for (key, mut names) in std::mem::take(&mut sink.names) {
            self.names.entry(key).or_default().append(&mut names);
        }
        Ok(())
    }

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
pub(super) struct Watched<'a> {
    pub(super) file: EvidenceFile,
    pub(super) progress: &'a Progress,
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
pub(super) struct Reading<'a> {
    pub(super) shop: &'a Workshop<'a>,
    facts: &'a SharedSorter,
    /// All evidence: some of it belongs to the file.
    pub(super) all: &'a [Evidence],
    twins: &'a Twins,
    machines: &'a Machines,
    pub(super) progress: &'a Progress,
}

impl<'a> Reading<'a> {
    /// Where events and issues of a file go.
    pub(super) fn sink(self, place: usize) -> EvidenceSink<'a> {
        let evidence = &self.all[place];
        let others = self.twins.others(place).iter();
        let named = others.map(|&other| self.all[other].path.as_str());
        let paths = std::iter::once(evidence.path.as_str()).chain(named);
        let kind = evidence.parser.kind();
        EvidenceSink::new(self.shop, self.facts, kind, paths.collect())
    }

    /// What a parser is told of a file.
    pub(super) fn input<'i>(self, place: usize, bytes: &'i dyn ReadAt) -> anyhow::Result<Input<'i>>
    where
        'a: 'i,
    {
        let id = u32::try_from(place).context("more than 2^32 evidence files")?;
        let evidence = &self.all[place];
        let options = self.shop.reading;
        Ok(Input {
            evidence: EvidenceId(id),
            path: &evidence.path,
            profile: options.profile,
            machine: self.machines.at(&evidence.path),
            registry: options.registry,
            ..Input::new(bytes)
        })
    }

    fn parse(
        self,
        evidence: &Evidence,
        input: Input<'_>,
        sink: &mut dyn Sink,
    ) -> Result<Counts, ParseError> {
        let companions = open_companions(evidence, self.all);
        let room = self.shop.gate.enter(needs(evidence, &companions));
        let companions: Vec<&dyn ReadAt> =
            companions.iter().map(|file| file as &dyn ReadAt).collect();
        let input = Input {
            companions: &companions,
            memory: room.memory(),
            ..input
        };
        evidence.parser.parse(&input, sink)
    }
}

/// Reads one evidence file. Only a case that cannot be written is an error; what is wrong with the
/// file is an issue.
fn read(reading: Reading<'_>, place: usize, evidence: &Evidence) -> anyhow::Result<FileLook> {
    let mut sink = reading.sink(place);
    let mut look = FileLook::of(evidence);
    match evidence.source.open() {
        Ok(file) => {
            let file = Watched {
                file,
                progress: reading.progress,
            };
            let input = reading.input(place, &file)?;
            let parsed = reading.parse(evidence, input, &mut sink);
            look.counts = counts_of(parsed, &mut sink)?;
            look.hash(evidence, &file.file, &mut sink);
        }
        Err(error) => {
            look.unreadable = true;
            sink.issue(unreadable(&error));
        }
    }
    look.take(sink)?;
    Ok(look)
}

/// What was read of a file that could not be read to its end, too.
pub(super) fn counts_of(
    parsed: Result<Counts, ParseError>,
    sink: &mut dyn Sink,
) -> anyhow::Result<Counts> {
    match parsed {
        Ok(counts) => Ok(counts),
        Err(ParseError::Store(error)) => Err(error).context("writing to the case"),
        Err(ParseError::Read { offset, source }) => {
            let message = format!("The file cannot be read further: {source}.");
            sink.issue(Issue::loss("io", message).at(offset));
            Ok(Counts::default())
        }
    }
}

pub(super) fn unreadable(error: &std::io::Error) -> Issue {
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
