//! The line: collect → parse → map → store → enrich → match → reconstruct → export.

mod asking;
mod duplicates;
mod ends;
mod evidence_sink;
mod gate;
mod hosts;
mod issues;
mod load;
mod look_one;
mod look_two;
mod machines;
mod matches;
mod parts;
mod twins;
mod volumes;
mod who;
mod workshop;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use detectors::enrich::Facts;
use detectors::movement;
use rayon::prelude::*;
use timeline::Issue;

use crate::case::{CaseResult, Corroborating, Counts, Ends, Fault, HashedArchive, Input, Status};
use crate::collect::{self, Collection};
use crate::exit::Exit;
use crate::export::{self, CaseFolder};
use crate::plan::Plan;
use crate::progress::Progress;

use duplicates::Duplicates;
use hosts::Hosts;
use look_one::FirstLook;
use look_two::SecondLook;
use twins::Twins;
use who::Notes;

pub(crate) use asking::{Answers, Asking, Candidates, Lines, Watch};
pub(crate) use gate::Gate;
pub(crate) use machines::Machines;
pub(crate) use matches::{find, find_by_key};
pub(crate) use workshop::{Workshop, on_threads};

pub(crate) use issues::cells as issue_cells;

/// Analyses the evidence and writes the case.
pub(crate) fn analyze(plan: &Plan) -> anyhow::Result<Exit> {
    let started = chrono::Utc::now();
    let folder = CaseFolder::create(&plan.output, plan.force, &plan.evidence)?;
    let progress = Progress::new(plan.reading.quiet);
    plan.notes.iter().for_each(|note| progress.say(note));
    let collection = collect::collect(&plan.reading, &plan.evidence, folder.path());
    let shop = Workshop::new(&plan.reading, &plan.question, folder.path())?;
    let case = shop.install(|| run(plan, &shop, &collection, &folder, &progress))?;
    progress.finish();
    let exit = exit_of(case.counts.losses, case.inputs.len());
    let case = export::write(&folder, plan, case, started)?;
    if let Some(signer) = &plan.signer {
        let signed = signer.sign(folder.path(), &plan.case_id);
        signed.context("signing the manifest")?;
    }
    if !plan.reading.quiet {
        export::close(&folder, plan, &case);
    }
    Ok(exit)
}

/// How a run over so much evidence ends.
pub(crate) fn exit_of(losses: u64, evidence: usize) -> Exit {
    match (losses, evidence) {
        (0, 0) => Exit::NoEvidence,
        (0, _) => Exit::Done,
        _ => Exit::Losses,
    }
}

/// Both looks at all evidence.
pub(crate) struct Looked {
    pub(crate) first: FirstLook,
    pub(crate) facts: Facts,
    pub(crate) hosts: Hosts,
    pub(crate) duplicates: Duplicates,
    pub(crate) second: SecondLook,
    pub(crate) notes: Notes,
}

/// Reads all evidence, and everything that only the whole of it tells.
pub(crate) fn look(
    shop: &Workshop<'_>,
    collection: &Collection,
    folder: Option<&CaseFolder>,
    lines: Lines<'_>,
    watch: Option<&Watch<'_>>,
    progress: &Progress,
) -> anyhow::Result<Looked> {
    for (path, issue) in &collection.issues {
        shop.issues.add(path, u64::MAX, issue)?;
    }
    let machines = Machines::of(collection, &shop.gate);
    let twins = Twins::of(collection, &machines);
    let first = look_one::look(shop, collection, &twins, &machines, progress)?;
    let facts = first.facts(shop)?;
    let hosts = Hosts::of(&first, &facts)?;
    let duplicates = duplicates::find(shop, &first, &twins)?;
    let notes = Notes::new(shop);
    let second_look = look_two::Inputs {
        shop,
        folder,
        lines,
        watch,
        facts: &facts,
        first: &first,
        hosts: &hosts,
        duplicates: &duplicates,
        notes: &notes,
    };
    let second = look_two::look(second_look, progress)?;
    Ok(Looked {
        first,
        facts,
        hosts,
        duplicates,
        second,
        notes,
    })
}

fn run(
    plan: &Plan,
    shop: &Workshop<'_>,
    collection: &Collection,
    folder: &CaseFolder,
    progress: &Progress,
) -> anyhow::Result<CaseResult> {
    let lines = Lines::Timeline {
        timezone: plan.timezone,
        csv: plan.csv,
        json: plan.jsonl,
        files: plan.files,
    };
    let Looked {
        first,
        facts,
        hosts,
        duplicates,
        second,
        notes,
    } = look(shop, collection, Some(folder), lines, None, progress)?;
    let answers = second.answers;
    let (findings, events) = matches::find(shop, answers.candidates, &second.segments)?;
    let who = notes.finish(shop, &hosts, &facts, plan.given.clone())?;
    let reconstruction = movement::reconstruct(movement::Evidence {
        rules: &plan.question.rules,
        findings: &findings,
        events: &events,
        facts: &facts,
        expected: &answers.expected,
        coverage: &second.coverage,
        sessions: &who.sessions,
        processes: &who.processes,
        scripts: &who.scripts,
        tickets: &who.tickets,
        crossings: &who.crossings,
        deeds: &who.deeds,
        identities: &who.identities,
        known: &plan.known,
    })
    .context("reconstructing movements")?;
    if reconstruction.is_capped {
        let message = "So many findings lie close together that not all pairs of them were tried: some movements may stand twice.";
        shop.issues.add("", 2, &Issue::note("too-close", message))?;
    }
    let movements = reconstruction.movements;
    let found = movements.iter().flat_map(|movement| &movement.found);
    let wanted = found.map(|found| found.event).collect();
    let (corroborating, places) = load::load(shop, &second.segments, wanted)?;
    let total = |of: fn(&parsers::Counts) -> u64| -> u64 {
        first.files.iter().map(|file| of(&file.counts)).sum()
    };
    let counts = Counts {
        unknown_files: collection.unknown,
        records: total(|counts| counts.records),
        events: total(|counts| counts.events),
        recovered: total(|counts| counts.recovered),
        by_fallback: total(|counts| counts.by_fallback),
        duplicates: duplicates.per_file.iter().sum(),
        filtered: second.filtered,
        assembled: second.assembled,
        undated: second.undated,
        untold: second.untold,
        losses: shop.issues.losses(),
        notes: shop.issues.notes(),
    };
    let inputs = inputs(collection, &first, &hosts, &duplicates);
    let faults = faults(&first);
    let evidence = first.names();
    let names = hosts.into_names();
    let ends = Ends::of(&movements, &who.hosts, &names);
    let paths = movement::paths(&movements, &ends.ways);
    Ok(CaseResult {
        on_paths: on_paths(&paths, movements.len()),
        paths,
        ends,
        inputs,
        archives: archives(collection),
        evidence,
        hosts: names,
        sessions: Some(who.by_time),
        crossings: who.crossings,
        known_hosts: who.hosts,
        accounts: who.accounts,
        findings,
        events,
        movements,
        corroborating: Corroborating {
            events: corroborating,
            places,
        },
        coverage: second.coverage,
        faults,
        timeline: Some(answers.lines),
        issues: shop.issues.sorted()?,
        named_losses: Vec::new(),
        unread: collection.unread.clone(),
        counts,
    })
}

/// Of each movement the paths that it is part of, with its place in each, from 1.
fn on_paths(paths: &[movement::Path], movements: usize) -> Vec<Vec<(usize, usize)>> {
    let mut on_paths = vec![Vec::new(); movements];
    for (place, path) in paths.iter().enumerate() {
        for (hop, &movement) in path.hops.iter().enumerate() {
            on_paths[movement].push((place, hop + 1));
        }
    }
    on_paths
}

fn inputs(
    collection: &Collection,
    first: &look_one::FirstLook,
    hosts: &Hosts,
    duplicates: &duplicates::Duplicates,
) -> Vec<Input> {
    collection
        .evidence
        .iter()
        .zip(&first.files)
        .zip(&duplicates.per_file)
        .map(|((evidence, file), &duplicates)| Input {
            path: evidence.path.clone(),
            kind: evidence.parser.kind(),
            size: file.size,
            modified: evidence.modified,
            sha256: file.sha256.clone(),
            hosts: machines(file, hosts),
            records: file.counts.records,
            events: file.counts.events,
            by_fallback: file.counts.by_fallback,
            recovered: file.counts.recovered,
            duplicates,
            status: if file.unreadable {
                Status::Unreadable
            } else if file.losses > 0 {
                Status::Damaged
            } else {
                Status::Ok
            },
        })
        .collect()
}

/// What is wrong with the files of each log and hive.
fn faults(first: &FirstLook) -> BTreeMap<(String, String), Fault> {
    let mut faults: BTreeMap<(String, String), Fault> = BTreeMap::new();
    for file in &first.files {
        let parts = file.parts.iter();
        let places: BTreeSet<(&str, &str)> = parts
            .flat_map(|part| {
                let channels = part.ranges.keys();
                channels.map(|channel| (part.host.as_str(), channel.as_str()))
            })
            .collect();
        for (host, channel) in places {
            let fault = faults
                .entry((host.to_owned(), channel.to_owned()))
                .or_default();
            fault.losses += file.losses;
            fault.is_behind |= file.counts.is_behind;
        }
    }
    faults
}

/// The archives with their hashes: what was handed over is proven by them.
fn archives(collection: &Collection) -> Vec<HashedArchive> {
    let hashed = |archive: &collect::ArchiveFile| {
        let hash = archive.source.open().and_then(|file| file.sha256());
        let (sha256, size) = hash.unwrap_or_default();
        HashedArchive {
            path: archive.path.clone(),
            kind: archive.kind,
            size,
            sha256,
        }
    };
    collection.archive_files.par_iter().map(hashed).collect()
}

/// The machines that a file has events of, in the order of their identities.
fn machines(file: &look_one::FileLook, hosts: &Hosts) -> Vec<String> {
    let keys: BTreeSet<&str> = file.names.keys().map(|key| hosts.machine(key)).collect();
    keys.into_iter()
        .map(|key| hosts.name(key).to_owned())
        .collect()
}
