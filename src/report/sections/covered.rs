//! Which log of which host covers which time.

use detectors::movement::Covered;

use super::super::collected::is_a_state;
use super::super::coverage::{Host, events, gaps, host, pieces, seconds, unread};
use super::super::document::{
    Block, Item, Kind, Line, Period, Section, Table, joined, ours, shown,
};
use crate::case::CaseResult;

/// How many logs are drawn.
const DRAWN: usize = 400;
/// How many have a row: coverage.csv has all.
const ROWS: usize = 1000;

pub(super) fn section(case: &CaseResult) -> Section {
    let mut section = Section::new(
        Kind::Coverage,
        "coverage",
        vec![ours("What the evidence covers")],
    );
    if case.coverage.iter().next().is_none() {
        section.say(if case.counts.filtered > 0 {
            "All events lie outside of the chosen period."
        } else {
            "No event with a believable time was read."
        });
        return section;
    }
    section.blocks.push(Block::Periods(periods(case)));
    section.table(table(case));
    section.list(missing(case));
    section.say(
        "What happened outside of these times, in the holes between record numbers, or on hosts \
         and in logs that are not listed, cannot be seen here.",
    );
    section
}

/// The same to be drawn. What is left of a time is no log of it.
fn periods(case: &CaseResult) -> Vec<Period> {
    let logs = case.coverage.iter();
    let logs = logs.filter(|covered| !is_a_state(&covered.channel));
    let periods = logs.take(DRAWN).map(|covered| {
        let log = case.coverage.logging().log(&covered.host, &covered.channel);
        let cleared = log.map(|log| log.cleared.iter().map(|time| time.0).collect());
        Period {
            host: covered.host.clone(),
            log: covered.channel.clone(),
            from: covered.first.0,
            to: covered.last.0,
            cleared: cleared.unwrap_or_default(),
        }
    });
    periods.collect()
}

fn table(case: &CaseResult) -> Table {
    let mut table = Table::with(&[
        "host",
        "log",
        "first event",
        "last event",
        "events",
        "record numbers",
    ]);
    for covered in case.coverage.iter().take(ROWS) {
        let records = format!("{}{}", pieces(covered), events(case, covered));
        table.row(vec![
            called(&host(case, covered)),
            log(covered),
            vec![ours(seconds(covered.first))],
            vec![ours(seconds(covered.last))],
            vec![ours(covered.events.to_string())],
            vec![ours(records)],
        ]);
    }
    table.tell_cut(case.coverage.iter().count(), ROWS, "coverage.csv");
    table
}

/// What was not collected, or is not read.
fn missing(case: &CaseResult) -> Vec<Item> {
    let mut items: Vec<Item> = gaps(case)
        .iter()
        .map(|gap| {
            let mut words = vec![ours("No ")];
            words.extend(shown(gap.log));
            words.push(ours(" log of: "));
            words.extend(joined(gap.hosts.iter().map(|host| shown(host)), ", "));
            words.push(ours(gap.more()));
            Item::of(words)
        })
        .collect();
    if !case.unread.is_empty() {
        items.push(Item::of(vec![ours(format!(
            "Recognised in the evidence, but not read yet: {}",
            unread(case)
        ))]));
    }
    items
}

/// The name that a log was recorded under, and what the host is called now.
fn called(host: &Host<'_>) -> Line {
    match host {
        Host::Nobody => vec![ours(super::super::coverage::NOBODY)],
        Host::Named(name) => shown(name),
        Host::Renamed(then, now) => {
            let mut words = shown(then);
            words.push(ours(" (now "));
            words.extend(shown(now));
            words.push(ours(")"));
            words
        }
    }
}

fn log(covered: &Covered) -> Line {
    if covered.channel.is_empty() {
        vec![ours("(no name recorded)")]
    } else {
        shown(&covered.channel)
    }
}
