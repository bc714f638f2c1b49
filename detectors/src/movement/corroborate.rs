//! What else should be there: corroboration, and what its absence means.

use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Segment, Ticks, Value, fields as f, key};

use super::coverage::Verdict;
use super::{Evidence, Movement};
use crate::enrich::{host_key, machine_of, same_host};
use crate::matching::EventRef;
use crate::names::bare;
use crate::rule::{By, Expect, Side};

/// Events that corroborate, sorted by expectation, host and time.
#[derive(Debug)]
pub struct Expected(Table);

impl Expected {
    /// Makes the table of what [`crate::matching::Matching::scan`] found.
    pub fn build(folder: &Path, sorted: Sorted) -> io::Result<Self> {
        Ok(Self(Table::write(folder, sorted)?))
    }
}

/// An event that meets an expectation of a rule.
pub(crate) struct Met<'a> {
    /// The rule's place, and the expectation's among those of the rule.
    pub(crate) expectation: (usize, usize),
    /// What must agree with the movement.
    pub(crate) by: &'a [By],
    /// The event.
    pub(crate) row: u32,
    /// Where it can be found again.
    pub(crate) event: EventRef,
}

/// Notes that an event meets an expectation of a rule.
pub(crate) fn note_expected(segment: &Segment, met: &Met<'_>, batch: &mut Batch) {
    let own = &segment.rows[met.row as usize];
    let (rule, number) = met.expectation;
    let mut fact = prefix(rule, number, &host_key(segment.strings.get(own.host)));
    key::time(&mut fact, own.time);
    // Several may be met at one time.
    fact.extend(own.uid.0);
    let mut payload = Vec::new();
    payload.extend(met.event.segment.to_le_bytes());
    payload.extend(met.event.row.to_le_bytes());
    for by in met.by {
        let value = segment.get(field_of(*by), met.row);
        let text = value.map(|value: Value<'_>| value.to_string());
        key::text(&mut payload, &text.unwrap_or_default());
    }
    batch.push(&fact, &payload);
}

/// The event, and the values that must agree.
fn read_met(payload: &[u8]) -> Option<(EventRef, Vec<String>)> {
    let (segment, rest) = payload.split_first_chunk::<4>()?;
    let (row, values) = rest.split_first_chunk::<4>()?;
    let event = EventRef {
        segment: u32::from_le_bytes(*segment),
        row: u32::from_le_bytes(*row),
    };
    Some((event, key::texts(values)))
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
    /// It is only near: what would tie it to the movement is not known of the movement.
    pub loose: bool,
    /// How far the event is from the nearest of the movement's own, in ticks: of several, the nearest
    /// stands.
    pub distance: u64,
    /// The event.
    pub event: EventRef,
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
    /// What that log can say about the time.
    pub verdict: Verdict,
    /// Whether that host recorded such an event at any other time: then it does record them.
    pub recorded_elsewhere: bool,
    /// Whether it speaks against the movement when it is missing.
    pub required: bool,
}

impl Absence {
    /// Whether it should be there and is not: its log is complete for that time.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.verdict == Verdict::Full
    }
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
    // Two rules may expect the same; one that found it is enough, and the best stands. What merely
    // lies near does not stand in for what must be there.
    movement.found.dedup_by(|a, b| a.text == b.text);
    let found = &movement.found;
    movement.missing.retain(|absence| {
        let mut same = found.iter().filter(|found| found.text == absence.text);
        !same.any(|found| !found.loose || !absence.required)
    });
    movement
        .missing
        .sort_by(|a, b| (&a.text, b.required, a).cmp(&(&b.text, a.required, b)));
    movement.missing.dedup_by(|a, b| a.text == b.text);
    Ok(())
}

fn look_for(
    evidence: Evidence<'_>,
    movement: &mut Movement,
    (rule, number): (usize, usize),
    expect: &Expect,
) -> io::Result<()> {
    let host = host_of(evidence, movement, expect.side)?;
    let times = times_there(evidence, movement, host.as_deref());
    let each = || times.iter().map(|(time, _)| *time);
    let (Some(first), Some(last)) = (each().min(), each().max()) else {
        return Ok(());
    };
    let spread = times
        .iter()
        .map(|(_, spread)| *spread)
        .max()
        .unwrap_or_default();
    let within = expect.within.ticks().saturating_add(spread);
    let (from, to) = (
        Ticks(first.0.saturating_sub(within)),
        Ticks(last.0.saturating_add(within)),
    );
    let mut found: Option<Corroboration> = None;
    let mut recorded_elsewhere = false;
    if let Some(host) = &host {
        let prefix = prefix(rule, number, host);
        let [start, end] = [from, to].map(|time| key::at(&prefix, time));
        evidence.expected.0.range(&start, &end, |fact, payload| {
            let at = fact.get(prefix.len()..).and_then(key::read_time);
            let Some((at, (event, values))) = at.zip(read_met(payload)) else {
                return;
            };
            if let Some(agreement) = agreement(movement, &expect.by, &values) {
                let distances = each().map(|time| at.0.abs_diff(time.0));
                let other = Corroboration {
                    text: expect.text.clone(),
                    loose: agreement == Agreement::Unknown,
                    distance: distances.min().unwrap_or_default(),
                    event,
                };
                found = Some(found.take().map_or(other.clone(), |best| best.min(other)));
            }
        })?;
        recorded_elsewhere = evidence.expected.0.has_prefix(&prefix)?;
    }
    if let Some(found) = found {
        movement.found.push(found);
        return Ok(());
    }
    let verdict = host.as_ref().map_or(Verdict::None, |host| {
        evidence.coverage.verdict(host, &expect.channel, from, to)
    });
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
        verdict,
        recorded_elsewhere,
        required: expect.required,
    });
    Ok(())
}

/// When the movement's events were by the clock of a host, and how uncertain that is (EVIDENCE.md §3.2): each was recorded by
/// one of two hosts.
fn times_there(
    evidence: Evidence<'_>,
    movement: &Movement,
    host: Option<&str>,
) -> Vec<(Ticks, i64)> {
    let there = |row: u32| {
        let time = evidence.events.rows.get(row as usize)?.time?;
        let recorder = machine_of(evidence.events, row);
        let skew = &evidence.crossings.skew;
        let offset = host.map_or_else(Default::default, |host| skew.assumed(&recorder, host));
        Some((Ticks(time.0.saturating_add(offset.ticks)), offset.spread))
    };
    movement
        .events
        .iter()
        .filter_map(|&row| there(row))
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    /// All values are those of the movement.
    Known,
    /// None disagrees, but the movement does not know some.
    Unknown,
}

/// Whether the event's values are those of the movement; `None` when one is not. What the one or the
/// other does not say can be the same: some logons of a remote action carry no address (MATCHING.md
/// §6). An expectation that names nothing to agree in ties nothing.
fn agreement(movement: &Movement, by: &[By], values: &[String]) -> Option<Agreement> {
    let each = by.iter().zip(values).map(|(by, value)| {
        let (own, same) = match by {
            By::SourceIp => (&movement.source_ip, movement.source_ip == *value),
            By::TargetIp => (&movement.target_ip, movement.target_ip == *value),
            By::SourceHost => (
                &movement.source_host,
                same_host(&movement.source_host, value),
            ),
            By::TargetHost => (
                &movement.target_host,
                same_host(&movement.target_host, value),
            ),
            By::Account => {
                let name = bare(&movement.account);
                (&movement.account, name == value.to_lowercase())
            }
        };
        match (own.is_empty() || value.is_empty(), same) {
            (true, _) => Some(Agreement::Unknown),
            (false, true) => Some(Agreement::Known),
            (false, false) => None,
        }
    });
    each.collect::<Option<Vec<_>>>()
        .map(|all| all.into_iter().max().unwrap_or(Agreement::Unknown))
}

/// The key of the host on one side of the movement, when its logs are in the case: the host that
/// recorded a finding, the only one that bears the name, or the only one that had the address then.
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
        let mut named = hosts.iter().filter(|host| same_host(host, name));
        if let (Some(&only), None) = (named.next(), named.next()) {
            return Ok(Some(only.to_owned()));
        }
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
