//! Look two: host by host, copies are removed, events enriched, rules' conditions run, the final
//! store and the lines of the timeline written.

use std::collections::BTreeMap;
use std::io;

use anyhow::Context;
use detectors::enrich::{self, Facts};
use detectors::movement::Coverage;
use parsers::Profile;
use rayon::prelude::*;
use timeline::{MAX_BYTES, MAX_ROWS, Reader, Segment, Spilled};

use super::asking::{Answers, Asking, Lines, Watch};
use super::duplicates::Duplicates;
use super::hosts::Hosts;
use super::look_one::FirstLook;
use super::parts::Part;
use super::who::Notes;
use super::workshop::Workshop;
use crate::export::{CaseFolder, LineContext, is_told};
use crate::progress::Progress;

/// What look two works on.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) shop: &'a Workshop<'a>,
    /// Where the store goes, if there is to be one.
    pub(crate) folder: Option<&'a CaseFolder>,
    /// What lines are made.
    pub(crate) lines: Lines<'a>,
    /// What looks on.
    pub(crate) watch: Option<&'a Watch<'a>>,
    pub(crate) facts: &'a Facts,
    pub(crate) first: &'a FirstLook,
    pub(crate) hosts: &'a Hosts,
    pub(crate) duplicates: &'a Duplicates,
    /// What is noted of sessions, hosts and accounts.
    pub(crate) notes: &'a Notes,
}

/// What look two leaves.
pub(crate) struct SecondLook {
    /// What was asked of the events.
    pub(crate) answers: Answers,
    /// The segments that candidates and corroboration refer to.
    pub(crate) segments: Vec<Option<Spilled>>,
    /// Which log covers which time.
    pub(crate) coverage: Coverage,
    /// Events outside of the period.
    pub(crate) filtered: u64,
    /// Script blocks that were put together from several events.
    pub(crate) assembled: u64,
    /// Events without a believable time.
    pub(crate) undated: u64,
    /// Events of files that the timeline does not have, findings aside.
    pub(crate) untold: u64,
}

/// Events of one host that become one file of the store.
struct Task<'a> {
    host: &'a str,
    /// The machine's identity.
    machine: &'a str,
    kind: &'static str,
    /// The file's number among those of its machine and kind.
    number: usize,
    /// The parts, with their places among all parts.
    parts: Vec<(usize, &'a Part)>,
}

/// What one task leaves.
#[derive(Default)]
struct Done {
    candidates: Option<Spilled>,
    coverage: Coverage,
    filtered: u64,
    assembled: u64,
    undated: u64,
    untold: u64,
}

pub(crate) fn look(inputs: Inputs<'_>, progress: &Progress) -> anyhow::Result<SecondLook> {
    let shop = inputs.shop;
    let tasks = tasks(inputs.first, inputs.hosts);
    let asking = Asking::new(shop, inputs.lines, inputs.watch);
    let events = tasks
        .iter()
        .flat_map(|task| &task.parts)
        .map(|(_, part)| part.events as u64)
        .sum();
    progress.stage("Enriching, matching, storing", events, false);
    if let Some(folder) = inputs.folder {
        let machines = inputs.hosts.machines();
        folder.name_hosts(machines.values().map(String::as_str));
    }
    let evidence = inputs.first.names();
    let done = tasks
        .par_iter()
        .enumerate()
        .map(|(number, task)| {
            let context = LineContext {
                host: inputs.hosts.name(task.host),
                kind: task.kind,
                evidence: &evidence,
                timezone: inputs.lines.timezone(),
                json: inputs.lines.json(),
            };
            progress.at(inputs.hosts.name(task.host));
            let done = work(inputs, &asking, task, number, context);
            progress.advance(task.parts.iter().map(|(_, part)| part.events as u64).sum());
            done
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    gather(inputs, asking, done).context("sorting")
}

fn gather(inputs: Inputs<'_>, asking: Asking<'_>, done: Vec<Done>) -> io::Result<SecondLook> {
    let period = inputs.shop.reading.period;
    let mut coverage = Coverage::of_period(period.from, period.to);
    for done in &done {
        coverage.merge(&done.coverage);
    }
    Ok(SecondLook {
        answers: asking.finish()?,
        filtered: done.iter().map(|done| done.filtered).sum(),
        assembled: done.iter().map(|done| done.assembled).sum(),
        undated: done.iter().map(|done| done.undated).sum(),
        untold: done.iter().map(|done| done.untold).sum(),
        segments: done.into_iter().map(|done| done.candidates).collect(),
        coverage,
    })
}

/// Groups the parts of each host and kind into files of the store: in the order of the evidence, as
/// many as fit. That does not depend on memory or threads, so neither does the store. Each of a
/// machine's names has files of its own, for facts are found by it.
fn tasks<'a>(first: &'a FirstLook, hosts: &'a Hosts) -> Vec<Task<'a>> {
    type Place<'a> = (&'a str, &'static str, &'a str);
    let mut of_names: BTreeMap<Place<'_>, Vec<Task<'_>>> = BTreeMap::new();
    let parts = first.files.iter().flat_map(|file| &file.parts).enumerate();
    for (place, part) in parts {
        let machine = hosts.machine(&part.host);
        let tasks = of_names
            .entry((machine, part.kind, &part.host))
            .or_default();
        match tasks.last_mut().filter(|task| fits(task, part)) {
            Some(task) => task.parts.push((place, part)),
            None => tasks.push(Task {
                host: &part.host,
                machine,
                kind: part.kind,
                number: 0,
                parts: vec![(place, part)],
            }),
        }
    }
    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut tasks: Vec<Task<'_>> = of_names.into_values().flatten().collect();
    for task in &mut tasks {
        let next = numbers.entry((task.machine, task.kind)).or_default();
        task.number = *next;
        *next += 1;
    }
    tasks
}

fn fits(task: &Task<'_>, part: &Part) -> bool {
    let events: usize = task.parts.iter().map(|(_, part)| part.events).sum();
    let size: usize = task.parts.iter().map(|(_, part)| part.size).sum();
    events + part.events <= MAX_ROWS && size + part.size <= MAX_BYTES
}

fn work(
    inputs: Inputs<'_>,
    asking: &Asking<'_>,
    task: &Task<'_>,
    number: usize,
    context: LineContext<'_>,
) -> anyhow::Result<Done> {
    let mut done = Done::default();
    let mut segment = load(inputs, task, &mut done).context("reading the spill file")?;
    if segment.is_empty() {
        return Ok(done);
    }
    match inputs.shop.reading.profile {
        Profile::Ours => enrich::enrich(&mut segment, task.host, task.machine, inputs.facts),
        Profile::Upstream => {
            enrich::identify_host(&mut segment, task.machine);
            Ok(())
        }
    }
    .context("looking up facts")?;
    done.coverage.observe(&segment);
    if inputs.shop.reading.profile == Profile::Ours {
        done.assembled = enrich::assemble_scripts(&mut segment);
    }
    if inputs.folder.is_some() {
        inputs
            .notes
            .take(&segment, task.machine)
            .context("sorting")?;
    }
    done.undated = undated(&segment, inputs.lines);
    if let Some(folder) = inputs.folder {
        let evidence = context.evidence;
        folder.write_store(context.host, task.kind, task.number, &segment, evidence)?;
    }
    let asked = asking.ask(&segment, number, context).context("matching")?;
    done.candidates = asked.candidates;
    done.untold = asked.untold;
    if let Some(folder) = inputs.folder {
        folder.count_neutralised(asked.neutralised);
    }
    Ok(done)
}

/// How many events have no time, of those that the timeline is to have.
fn undated(segment: &Segment, lines: Lines<'_>) -> u64 {
    let reader = Reader::new(segment);
    let rows = (0u32..)
        .zip(&segment.rows)
        .filter(|(_, own)| own.time.is_none());
    let told = rows.filter(|(row, _)| is_told(&reader, *row, lines.files()));
    told.count() as u64
}

/// The events of a task in the one order, without copies and without those outside of the period.
fn load(inputs: Inputs<'_>, task: &Task<'_>, done: &mut Done) -> io::Result<Segment> {
    let mut parts = task
        .parts
        .iter()
        .map(|(place, part)| load_part(inputs, *place, part, done));
    let mut all = parts.next().transpose()?.unwrap_or_default();
    for part in parts {
        let part = part?;
        let rows: Vec<u32> = (0u32..).zip(&part.rows).map(|(row, _)| row).collect();
        all.append(&part, &rows);
    }
    all.sort();
    Ok(all)
}

fn load_part(
    inputs: Inputs<'_>,
    place: usize,
    part: &Part,
    done: &mut Done,
) -> io::Result<Segment> {
    let mut segment = inputs.shop.spill.take(part.spilled)?;
    let verdicts = inputs.duplicates.of(place)?;
    segment.copies = verdicts.copies;
    let machine = inputs.hosts.machine(&part.host);
    let coverage = &mut done.coverage;
    coverage.learn(&part.host, machine, &segment, &verdicts.dropped);
    let mut rows = Vec::with_capacity(segment.len());
    for (row, own) in (0u32..).zip(&segment.rows) {
        if verdicts.dropped.binary_search(&row).is_ok() {
            continue;
        }
        if inputs.shop.reading.period.contains(own.time) {
            rows.push(row);
        } else {
            done.filtered += 1;
        }
    }
    Ok(segment.keep(&rows))
}
