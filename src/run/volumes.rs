//! What NTFS keeps of a volume: its table is read in shares, by all threads at once, and its journal with them.

use std::collections::BTreeMap;

use anyhow::Context;
use parsers::ntfs::{Volume, VolumeFiles};
use parsers::{Input, Parser, ReadAt};
use rayon::prelude::*;
use timeline::Sink;

use super::evidence_sink::EvidenceSink;
use super::look_one::{FileLook, Reading, Watched, counts_of, unreadable};
use crate::collect::{Evidence, EvidenceFile, volume_letter};

const TABLE: &str = "mft";
const SECURITY: &str = "secure";

/// The evidence of one volume, by its places.
pub(super) struct Group {
    table: Option<usize>,
    security: Option<usize>,
    letter: String,
    /// What is read.
    files: Vec<usize>,
}

/// The volumes of some evidence.
pub(super) fn groups(all: &[Evidence], places: &[usize]) -> Vec<Group> {
    let mut groups: BTreeMap<_, Group> = BTreeMap::new();
    for &place in places {
        let file = &all[place];
        let of_kind = |kind: &str| {
            let companions = file.companions.iter();
            companions
                .copied()
                .find(|&other| all[other].parser.kind() == kind)
        };
        let table = if file.parser.kind() == TABLE {
            Some(place)
        } else {
            of_kind(TABLE)
        };
        let security = of_kind(SECURITY);
        let letter = volume_letter(&file.path).unwrap_or_default();
        // A journal without its table is a volume of its own.
        let alone = table.is_none().then_some(place);
        let group = Group {
            table,
            security,
            letter: letter.clone(),
            files: Vec::new(),
        };
        let group = groups
            .entry((table, alone, security, letter))
            .or_insert(group);
        group.files.push(place);
    }
    groups.into_values().collect()
}

/// Reads the files of a volume.
pub(super) fn read(reading: Reading<'_>, group: &Group) -> anyhow::Result<Vec<(usize, FileLook)>> {
    let gate = &reading.shop.gate;
    // Nothing else is read meanwhile: all memory is for the directories of this one.
    let room = gate.enter(u64::MAX);
    let open = |place: Option<usize>| reading.all[place?].source.open().ok();
    let (table, security) = (open(group.table), open(group.security));
    let letter = VolumeFiles {
        letter: &group.letter,
        memory: room.memory(),
        ..VolumeFiles::default()
    };
    let volume = Volume::read(VolumeFiles {
        table: table.as_ref().map(|file| file as &dyn ReadAt),
        security: security.as_ref().map(|file| file as &dyn ReadAt),
        ..letter
    });
    // What cannot be read is told by whoever reads it as evidence.
    let volume = volume.or_else(|_| Volume::read(letter))?;
    let read = |&place: &usize| {
        let evidence = &reading.all[place];
        reading.progress.at(&evidence.path);
        let look = read_file(reading, place, &volume, room.memory())
            .with_context(|| format!("reading {}", evidence.path))?;
        Ok((place, look))
    };
    group.files.par_iter().map(read).collect()
}

fn read_file(
    reading: Reading<'_>,
    place: usize,
    volume: &Volume,
    memory: u64,
) -> anyhow::Result<FileLook> {
    let evidence = &reading.all[place];
    let mut look = FileLook::of(evidence);
    let mut sink = reading.sink(place);
    let file = match evidence.source.open() {
        Ok(file) => file,
        Err(error) => {
            look.unreadable = true;
            sink.issue(unreadable(&error));
            look.take(sink)?;
            return Ok(look);
        }
    };
    let file = Watched {
        file,
        progress: reading.progress,
    };
    let input = Input {
        volume: Some(volume),
        memory,
        ..reading.input(place, &file)?
    };
    let parser = evidence.parser;
    let shares = if evidence.source.is_at_hand() {
        parser.shares(&input)
    } else {
        // It can be read in its order only.
        1
    };
    if shares > 1 {
        read_shares(reading, place, parser, input, shares, &mut look)?;
    } else {
        look.counts = counts_of(parser.parse(&input, &mut sink), &mut sink)?;
    }
    // The issues of the file as a whole come last.
    let mut sink = sink.of_share(shares);
    hash(&mut look, evidence, &file.file, volume, &mut sink);
    look.take(sink)?;
    Ok(look)
}

fn read_shares(
    reading: Reading<'_>,
    place: usize,
    parser: &dyn Parser,
    input: Input<'_>,
    shares: u64,
    look: &mut FileLook,
) -> anyhow::Result<()> {
    let read = |share: u64| {
        let mut sink = reading.sink(place).of_share(share);
        let input = Input {
            share: Some(share),
            ..input
        };
        let counts = counts_of(parser.parse(&input, &mut sink), &mut sink)?;
        sink.finish().context("writing to the case")?;
        Ok((counts, sink))
    };
    let parts = (0..shares).into_par_iter().map(read);
    for (counts, sink) in parts.collect::<anyhow::Result<Vec<_>>>()? {
        look.counts.records += counts.records;
        look.counts.recovered += counts.recovered;
        look.counts.events += counts.events;
        look.take(sink)?;
    }
    Ok(())
}

/// The hash of the file: that of a table was computed on the way.
fn hash(
    look: &mut FileLook,
    evidence: &Evidence,
    file: &EvidenceFile,
    volume: &Volume,
    sink: &mut EvidenceSink<'_>,
) {
    match volume
        .table_hash()
        .filter(|_| evidence.parser.kind() == TABLE && evidence.source.is_at_hand())
    {
        Some(hash) if file.len() == evidence.size => {
            look.sha256 = timeline::hex(&hash);
            look.size = evidence.size;
        }
        _ => look.hash(evidence, file, sink),
    }
}
