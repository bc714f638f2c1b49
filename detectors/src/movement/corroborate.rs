//! What else should be there: corroboration, and what its absence means.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Segment, Ticks, Value, fields as f, key};

use super::{Evidence, Movement};
use crate::enrich::{host_key, same_host};
use crate::rule::{By, Expect, Side};

/// Which log of which host covers which time.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeMap<(String, String), Covered>);

/// The time that one log of one host covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The host, as recorded.
    pub host: String,
    /// The channel, as recorded.
    pub channel: String,
    /// Its first event.
    pub first: Ticks,
    /// Its last event.
    pub last: Ticks,
    /// How many events.
    pub events: u64,
}

impl Coverage {
    /// Takes the events of a segment into account.
    pub fn observe(&mut self, segment: &Segment) {
        for row in &segment.rows {
            let Some(time) = row.time else { continue };
            let (host, channel) = (
                segment.strings.get(row.host),
                segment.strings.get(row.channel),
            );
            self.note(&Covered {
                host: host.to_owned(),
                channel: channel.to_owned(),
                first: time,
                last: time,
                events: 1,
            });
        }
    }

    fn note(&mut self, other: &Covered) {
        let place = (host_key(&other.host), other.channel.to_lowercase());
        match self.0.get_mut(&place) {
            Some(known) => {
                // The spelling that sorts first, whatever came first.
                known.host = known.host.clone().min(other.host.clone());
                known.channel = known.channel.clone().min(other.channel.clone());
                known.first = known.first.min(other.first);
                known.last = known.last.max(other.last);
                known.events += other.events;
            }
            None => {
                self.0.insert(place, other.clone());
            }
        }
    }

    /// Adds what another part of the events covers.
    pub fn merge(&mut self, other: &Self) {
        other.0.values().for_each(|covered| self.note(covered));
    }

    /// Every log, by host and channel.
    pub fn iter(&self) -> impl Iterator<Item = &Covered> {
        self.0.values()
    }

    /// Whether the log of a host covers a time.
    #[must_use]
    pub fn covers(&self, host: &str, channel: &str, time: Ticks) -> bool {
        self.0
            .get(&(host.to_owned(), channel.to_lowercase()))
            .is_some_and(|covered| covered.first <= time && time <= covered.last)
    }

    /// The name of a host, as recorded.
    fn name(&self, host: &str) -> Option<&str> {
        let from = (host.to_owned(), String::new());
        let (place, covered) = self.0.range(from..).next()?;
        (place.0 == host).then_some(covered.host.as_str())
    }

    /// Keys of all hosts.
    fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<&str> = self.0.keys().map(|(host, _)| host.as_str()).collect();
        hosts.dedup();
        hosts
    }
}

/// Events that corroborate, sorted by expectation, host and time.
#[derive(Debug)]
pub struct Expected(Table);

impl Expected {
    /// Makes the table of what [`crate::matching::Matching::scan`] found.
    pub fn build(folder: &Path, sorted: Sorted) -> io::Result<Self> {
        Ok(Self(Table::write(folder, sorted)?))
    }
}

/// Notes that an event meets an expectation of a rule.
pub(crate) fn note_expected(
    segment: &Segment,
    row: u32,
    rule: usize,
    number: usize,
    by: &[By],
    batch: &mut Batch,
) {
    let own = &segment.rows[row as usize];
    let mut fact = prefix(rule, number, &host_key(segment.strings.get(own.host)));
    key::time(&mut fact, own.time);
    let mut payload = Vec::new();
    let names = [f::WINLOG_CHANNEL, f::EVENT_CODE, f::WINLOG_RECORD_ID];
    for field in by.iter().map(|by| field_of(*by)).chain(names) {
        let value = segment.get(field, row);
        key::text(
            &mut payload,
            &value
                .map(|value: Value<'_>| value.to_string())
                .unwrap_or_default(),
        );
    }
    batch.push(&fact, &payload);
}

fn prefix(rule: usize, number: usize, host: &str) -> Vec<u8> {
    let mut fact = Vec::new();
    for part in [rule, number] {
        fact.extend(u32::try_from(part).unwrap_or(u32::MAX).to_be_bytes());
    }
    key::text(&mut fact, host);
    fact
}

fn field_of(by: By) -> timeline::Field {
    match by {
        By::SourceIp => f::SOURCE_IP,
        By::SourceHost => f::SOURCE_DOMAIN,
        By::TargetIp => f::DESTINATION_IP,
        By::TargetHost => f::DESTINATION_DOMAIN,
        By::Account => f::USER_NAME,
    }
}

/// Corroboration that was found, and the event that gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Corroboration {
    /// What it is.
    pub text: String,
    /// How far the event is from the movement's start, in ticks: of several, the nearest stands.
    pub distance: u64,
    /// When the event happened.
    pub time: Ticks,
    /// The log that holds it.
    pub channel: String,
    /// Its event id.
    pub code: String,
    /// Its record number in that log.
    pub record: String,
}

/// Corroboration that was not found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absence {
    /// What it is.
    pub text: String,
    /// The host whose log would have it, as far as it is known.
    pub host: String,
    /// The log.
    pub channel: String,
    /// Whether the log covers the time: then it is missing, else it was not collected.
    pub covered: bool,
    /// Whether it speaks against the movement when it is missing.
    pub required: bool,
}

/// Looks for what the rules of a movement's findings expect.
pub(super) fn corroborate(evidence: Evidence<'_>, movement: &mut Movement) -> io::Result<()> {
    let mut rules: Vec<usize> = movement
        .findings
        .iter()
        .map(|&finding| evidence.findings[finding].rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let sidetrack = evidence.rules.rules[rule].sidetrack.as_ref();
        let expects = sidetrack.map_or(&[][..], |table| &table.expects);
        for (number, expect) in expects.iter().enumerate() {
            look_for(evidence, movement, (rule, number), expect)?;
        }
    }
    movement.found.sort_unstable();
    // Two rules may expect the same; one that found it is enough.
    movement.found.dedup_by(|a, b| a.text == b.text);
    let found = &movement.found;
    movement
        .missing
        .retain(|absence| !found.iter().any(|found| found.text == absence.text));
    movement.missing.sort_unstable();
    movement.missing.dedup();
    Ok(())
}

fn look_for(
    evidence: Evidence<'_>,
    movement: &mut Movement,
    (rule, number): (usize, usize),
    expect: &Expect,
) -> io::Result<()> {
    let Some(time) = movement.start else {
        return Ok(());
    };
    let host = host_of(evidence, movement, expect.side)?;
    let mut found: Option<Corroboration> = None;
    if let Some(host) = &host {
        let prefix = prefix(rule, number, host);
        evidence.expected.0.with_prefix(&prefix, |fact, payload| {
            let at = key::read_time(&fact[prefix.len()..]);
            let Some(at) = at.filter(|&at| near(at, movement, expect.within.ticks())) else {
                return;
            };
            let values = key::texts(payload);
            if agrees(movement, &expect.by, &values) {
                let event = corroboration(expect, at.0.abs_diff(time.0), at, &values);
                found = Some(match found.take() {
                    Some(best) => best.min(event),
                    None => event,
                });
            }
        })?;
    }
    if let Some(found) = found {
        movement.found.push(found);
        return Ok(());
    }
    let covered = host
        .as_ref()
        .is_some_and(|host| evidence.coverage.covers(host, &expect.channel, time));
    let named = match expect.side {
        Side::Source => &movement.source_host,
        Side::Target => &movement.target_host,
    };
    let name = host
        .as_deref()
        .and_then(|host| evidence.coverage.name(host));
    movement.missing.push(Absence {
        text: expect.text.clone(),
        host: name.map_or_else(|| named.clone(), str::to_owned),
        channel: expect.channel.clone(),
        covered,
        required: expect.required,
    });
    Ok(())
}

/// What `note_expected` noted of an event, after the values that the rule compares.
fn corroboration(expect: &Expect, distance: u64, time: Ticks, values: &[String]) -> Corroboration {
    let name = |place: usize| {
        let value = values.get(expect.by.len().saturating_add(place));
        value.map(ToString::to_string).unwrap_or_default()
    };
    Corroboration {
        text: expect.text.clone(),
        distance,
        time,
        channel: name(0),
        code: name(1),
        record: name(2),
    }
}

fn near(at: Ticks, movement: &Movement, within: i64) -> bool {
    let (Some(start), Some(end)) = (movement.start, movement.end) else {
        return false;
    };
    start.0.saturating_sub(within) <= at.0 && at.0 <= end.0.saturating_add(within)
}

/// Whether the event's values are those of the movement. What the movement does not know cannot
/// disagree.
fn agrees(movement: &Movement, by: &[By], values: &[String]) -> bool {
    by.iter().zip(values).all(|(by, value)| match by {
        By::SourceIp => same(&movement.source_ip, value),
        By::TargetIp => same(&movement.target_ip, value),
        By::SourceHost => {
            movement.source_host.is_empty() || same_host(&movement.source_host, value)
        }
        By::TargetHost => {
            movement.target_host.is_empty() || same_host(&movement.target_host, value)
        }
        By::Account => {
            let name = movement.account.rsplit('\\').next().unwrap_or_default();
            name.is_empty() || name.to_lowercase() == value.to_lowercase()
        }
    })
}

fn same(own: &str, other: &str) -> bool {
    own.is_empty() || own == other
}

/// The key of the host on one side of the movement, when its logs are in the case: the host that
/// recorded a finding, the host that bears the name, or the only one that had the address then.
fn host_of(evidence: Evidence<'_>, movement: &Movement, side: Side) -> io::Result<Option<String>> {
    let (rows, name, ip) = match side {
        Side::Source => (
            &movement.source_events,
            &movement.source_host,
            &movement.source_ip,
        ),
        Side::Target => (
            &movement.target_events,
            &movement.target_host,
            &movement.target_ip,
        ),
    };
    if let Some(&row) = rows.first() {
        let host = evidence.events.rows[row as usize].host;
        return Ok(Some(host_key(evidence.events.strings.get(host))));
    }
    let hosts = evidence.coverage.hosts();
    if !name.is_empty() {
        let named = hosts.iter().find(|host| same_host(host, name));
        return Ok(named.map(|&host| host.to_owned()));
    }
    let (Some(time), false) = (movement.start, ip.is_empty()) else {
        return Ok(None);
    };
    let mut owners = Vec::new();
    for host in hosts {
        if evidence.facts.own_addresses(host)?.contains(ip, time) {
            owners.push(host);
        }
    }
    Ok(if let [owner] = owners.as_slice() {
        Some((*owner).to_owned())
    } else {
        None
    })
}
