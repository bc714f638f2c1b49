//! The line: collect → parse → map → store → enrich → match → reconstruct → export.

mod duplicates;
mod evidence_sink;
mod issues;
mod load;
mod look_one;
mod look_two;
mod matches;
mod parts;
mod workshop;

use anyhow::Context;
use detectors::movement;
use timeline::Issue;

use crate::case::{CaseResult, Corroborating, Counts, Input, Status};
use crate::collect::{self, Collection};
use crate::exit::Exit;
use crate::export::{self, CaseFolder};
use crate::plan::Plan;
use crate::progress::Progress;

use workshop::Workshop;

pub(crate) use issues::cells as issue_cells;

/// Analyses the evidence and writes the case.
pub(crate) fn analyze(plan: &Plan) -> anyhow::Result<Exit> {
    let started = chrono::Utc::now();
    let folder = CaseFolder::create(&plan.output, plan.force, &plan.evidence)?;
    let progress = Progress::new(plan.quiet);
    plan.notes.iter().for_each(|note| progress.say(note));
    let collection = collect::collect(&plan.evidence, folder.path());
    let shop = Workshop::new(plan, folder.path())?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(shop.shares.workers)
        .build()
        .context("starting threads")?;
    let case = pool.install(|| run(plan, &shop, &collection, &folder, &progress))?;
    progress.finish();
    let exit = exit_of(&case);
    let case = export::write(&folder, plan, case, started)?;
    if !plan.quiet {
        export::close(&folder, plan, &case);
    }
    Ok(exit)
}

fn exit_of(case: &CaseResult) -> Exit {
    if case.counts.losses > 0 {
        Exit::Losses
    } else if case.inputs.is_empty() {
        Exit::NoEvidence
    } else {
        Exit::Done
    }
}

fn run(
    plan: &Plan,
    shop: &Workshop<'_>,
    collection: &Collection,
    folder: &CaseFolder,
    progress: &Progress,
) -> anyhow::Result<CaseResult> {
    for (path, issue) in &collection.issues {
        shop.issues.add(path, u64::MAX, issue)?;
    }
    let first = look_one::look(shop, collection, progress)?;
    let facts = first.facts(shop)?;
    let duplicates = duplicates::find(shop, &first)?;
    let second_look = look_two::Inputs {
        plan,
        shop,
        folder,
        facts: &facts,
        first: &first,
        duplicates: &duplicates,
    };
    let second = look_two::look(second_look, progress)?;
    let (findings, events) = matches::find(shop, second.candidates, &second.segments)?;
    let reconstruction = movement::reconstruct(movement::Evidence {
        rules: &plan.rules,
        findings: &findings,
        events: &events,
        facts: &facts,
        expected: &second.expected,
        coverage: &second.coverage,
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
    let counts = Counts {
        unknown_files: collection.unknown,
        records: first.files.iter().map(|file| file.counts.records).sum(),
        events: first.files.iter().map(|file| file.counts.events).sum(),
        duplicates: duplicates.per_file.iter().sum(),
        filtered: second.filtered,
        undated: second.undated,
        losses: shop.issues.losses(),
        notes: shop.issues.notes(),
    };
    let inputs = inputs(collection, &first, &duplicates);
    Ok(CaseResult {
        inputs,
        evidence: first.names(),
        hosts: first.host_names(),
        findings,
        events,
        movements,
        corroborating: Corroborating {
            events: corroborating,
            places,
        },
        coverage: second.coverage,
        timeline: second.timeline,
        issues: shop.issues.sorted()?,
        named_losses: Vec::new(),
        counts,
    })
}

fn inputs(
    collection: &Collection,
    first: &look_one::FirstLook,
    duplicates: &duplicates::Duplicates,
) -> Vec<Input> {
    let names = first.host_names();
    collection
        .evidence
        .iter()
        .zip(&first.files)
        .zip(&duplicates.per_file)
        .map(|((evidence, file), &duplicates)| Input {
            path: evidence.path.clone(),
            kind: evidence.parser.kind(),
            size: file.size,
            sha256: file.sha256.clone(),
            hosts: file
                .hosts()
                .iter()
                .map(|host| names[host.as_str()].clone())
                .collect(),
            records: file.counts.records,
            events: file.counts.events,
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
