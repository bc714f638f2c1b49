//! What there is to read, by host, before the long run: looked at, not read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Context;
use indicatif::DecimalBytes;
use rayon::prelude::*;
use timeline::{Severity, Ticks};

use crate::collect::{self, Collection, turns};
use crate::exit::Exit;
use crate::memory::Shares;
use crate::peek::{Peek, peek};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::{count, seconds};
use crate::run::{self, Gate, Machines};
use crate::stdout;
use crate::visible::visible;

/// Losses that are named.
const LOSSES: usize = 10;

/// Lists the evidence of a plan.
pub(crate) fn list(plan: &Plan) -> anyhow::Result<Exit> {
    let progress = Progress::new(plan.reading.quiet);
    plan.notes.iter().for_each(|note| progress.say(note));
    // Nested archives are unpacked there for so long.
    let folder = tempfile::tempdir().context("making a temporary folder")?;
    let collection = collect::collect(&plan.reading, &plan.evidence, folder.path());
    let shares = Shares::of(plan.reading.memory, plan.reading.threads);
    let gate = Gate::new(shares.whole);
    let (peeks, machines) = run::on_threads(plan.reading.threads, || {
        let all: Vec<usize> = (0..collection.evidence.len()).collect();
        let groups = turns(&collection.evidence, &all);
        let peeks = groups.par_iter().flat_map_iter(|group| {
            let of_group = group.iter();
            of_group.map(|&place| (place, peek(&collection.evidence[place])))
        });
        let peeks: BTreeMap<usize, Peek> = peeks.collect();
        let peeks = peeks.into_values().collect::<Vec<_>>();
        (peeks, Machines::of(&collection, &gate))
    })?;
    stdout::print(&text(&collection, &peeks, &machines))?;
    let losses = collection
        .issues
        .iter()
        .filter(|(_, issue)| issue.severity == Severity::Loss);
    Ok(run::exit_of(
        losses.count() as u64,
        collection.evidence.len(),
    ))
}

/// What a line of the list counts.
#[derive(Debug, Default)]
struct Line {
    files: u64,
    size: u64,
    span: Option<(Ticks, Ticks)>,
    /// Of every file its end was looked at.
    is_whole: bool,
}

impl Line {
    fn add(&mut self, size: u64, peek: Option<&Peek>) {
        self.is_whole =
            (self.files == 0 || self.is_whole) && peek.is_some_and(|peek| peek.is_whole);
        self.files += 1;
        self.size += size;
        if let Some((first, last)) = peek.and_then(|peek| peek.span) {
            let (from, to) = self.span.unwrap_or((first, last));
            self.span = Some((from.min(first), to.max(last)));
        }
    }
}

/// Names come from evidence: what would steer a terminal, or look like a line of ours, is shown as text.
fn text(collection: &Collection, peeks: &[Peek], machines: &Machines) -> String {
    let mut out = String::new();
    let lines = lines(collection, peeks, machines);
    if !lines.is_empty() {
        let heading = ["kind", "log", "files", "size"];
        let [kind, log, files, size] = heading;
        let _ = writeln!(
            out,
            "  {kind:<18} {log:<58} {files:>6} {size:>11}  times (UTC)"
        );
    }
    let mut host = None;
    for ((of, kind, channel), line) in &lines {
        if host != Some(of) {
            let name = if of.is_empty() {
                "(host not known)"
            } else {
                of
            };
            let _ = writeln!(out, "\n{}", visible(name));
            host = Some(of);
        }
        let _ = writeln!(
            out,
            "  {kind:<18} {:<58} {:>6} {:>11}  {}",
            visible(channel),
            line.files,
            DecimalBytes(line.size).to_string(),
            span(line)
        );
    }
    if !lines.is_empty() {
        out.push('\n');
    }
    summary(&mut out, collection, &lines);
    losses(&mut out, collection);
    out
}

fn span(line: &Line) -> String {
    let Some((first, last)) = line.span else {
        return String::new();
    };
    let [first, last] = [first, last].map(seconds);
    if line.is_whole {
        format!("{first} to {last}")
    } else {
        format!("from {first}")
    }
}

type Lines<'a> = BTreeMap<(String, &'a str, String), Line>;

fn lines<'a>(collection: &'a Collection, peeks: &[Peek], machines: &Machines) -> Lines<'a> {
    let hosts = Hosts::of(collection, peeks);
    let mut lines = Lines::new();
    for (evidence, peek) in collection.evidence.iter().zip(peeks) {
        let kind = evidence.parser.kind();
        // A log that events are forwarded to is several hosts'.
        for (host, channel) in &peek.hosts {
            lines
                .entry((host.clone(), kind, channel.clone()))
                .or_default()
                .add(evidence.size, Some(peek));
        }
        if peek.hosts.is_empty() {
            let host = host_of(&evidence.path, &hosts, machines);
            lines
                .entry((host, kind, String::new()))
                .or_default()
                .add(evidence.size, Some(peek));
        }
    }
    for artefact in &collection.recognised {
        let host = host_of(&artefact.path, &hosts, machines);
        lines
            .entry((host, artefact.kind, "(not read yet)".into()))
            .or_default()
            .add(artefact.size, None);
    }
    lines
}

/// The host of a file that names none: that of the hives and logs it was collected with.
fn host_of(path: &str, hosts: &Hosts<'_>, machines: &Machines) -> String {
    let machine = &machines.at(path).host;
    let told = if machine.is_empty() {
        hosts.at(path)
    } else {
        machine
    };
    if !told.is_empty() {
        return told.to_owned();
    }
    // Neither tells it; the archive may.
    let named = above(path).find_map(collect::host_of_archive);
    named
        .map(|host| format!("{host} (by its archive's name)"))
        .unwrap_or_default()
}

/// Which hosts the logs below each folder, and in each archive, are of.
struct Hosts<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Hosts<'a> {
    fn of(collection: &'a Collection, peeks: &'a [Peek]) -> Self {
        let mut hosts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (evidence, peek) in collection.evidence.iter().zip(peeks) {
            for (host, _) in &peek.hosts {
                for folder in above(&evidence.path) {
                    hosts.entry(folder).or_default().insert(host);
                }
            }
        }
        Self(hosts)
    }

    /// The host of a file: that of all logs in the nearest folder or archive with logs, if it is one.
    fn at(&self, path: &str) -> &'a str {
        let nearest = above(path).find_map(|folder| self.0.get(folder));
        let only = nearest.filter(|hosts| hosts.len() == 1);
        only.and_then(|hosts| hosts.first().copied())
            .unwrap_or_default()
    }
}

/// The folders and archives that a path lies in, the nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices(['/', '!'])
        .map(|(place, _)| &path[..place])
}

fn summary(out: &mut String, collection: &Collection, lines: &Lines<'_>) {
    let hosts: BTreeSet<&str> = lines.keys().map(|(host, ..)| host.as_str()).collect();
    let hosts = hosts.iter().filter(|host| !host.is_empty()).count();
    let size: u64 = collection
        .evidence
        .iter()
        .map(|evidence| evidence.size)
        .sum();
    let _ = writeln!(
        out,
        "{}, {} to read ({}); {} looked into; {} recognised, but not read yet; {} not known.",
        count(hosts as u64, "host name"),
        count(collection.evidence.len() as u64, "file"),
        DecimalBytes(size),
        count(collection.archives, "archive"),
        count(collection.unread.values().sum(), "file"),
        count(collection.unknown, "other file")
    );
    // Full event logs gave a case (timeline.csv and Parquet) of 0.93 times their size, half-empty ones of 0.4.
    let _ = writeln!(
        out,
        "The case will need up to about {} of disk, and as much again for so long as it is written.",
        DecimalBytes(size)
    );
}

fn losses(out: &mut String, collection: &Collection) {
    let losses: Vec<_> = collection
        .issues
        .iter()
        .filter(|(_, issue)| issue.severity == Severity::Loss)
        .collect();
    if losses.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nNot all of it can be read:");
    for (path, issue) in losses.iter().take(LOSSES) {
        let line = format!("{path}: {}", issue.message);
        let _ = writeln!(out, "  {}", visible(&line));
    }
    if losses.len() > LOSSES {
        let _ = writeln!(out, "  … and {} more.", losses.len() - LOSSES);
    }
}
