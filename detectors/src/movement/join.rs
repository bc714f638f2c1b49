//! Which drafts are one movement (MATCHING.md §6).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use timeline::{TICKS_PER_SECOND, Ticks};

use super::Evidence;
use super::draft::Draft;
use crate::enrich::{Addresses, same_host};
use crate::rule::Side;

/// How close findings that name the same service, task or file must be.
const SAME_OBJECT: u64 = 10 * TICKS_PER_SECOND.unsigned_abs();
/// How close both sides of one hop must be (EVIDENCE.md §3.3).
const BOTH_SIDES: u64 = 30 * TICKS_PER_SECOND.unsigned_abs();
/// How many neighbours in time are tried on either side of a finding, so that evidence that makes a
/// rule match without end costs time in proportion.
const NEIGHBOURS: usize = 64;

/// The drafts, those of one movement together.
pub(super) fn groups<'a>(
    evidence: Evidence<'_>,
    drafts: &'a [Draft],
) -> io::Result<Vec<Vec<&'a Draft>>> {
    let mut groups = Groups::new(evidence, drafts);
    join_shared_events(evidence, drafts, &mut groups);
    let mut links = same_objects(evidence, drafts);
    links.extend(both_sides(evidence, drafts)?);
    // The best reason first, then the nearest.
    links.sort_unstable();
    for link in links {
        groups.join_unless_same_rule(link.a, link.b);
    }
    Ok(groups.collect(drafts))
}

/// Why two drafts are one movement, the best reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// Both sides saw the same connection.
    Connection,
    /// They name the same service, task or file.
    Object,
    /// Both sides saw the same technique.
    Technique,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    reason: Reason,
    /// Ticks between them.
    distance: u64,
    a: usize,
    b: usize,
}

/// Disjoint sets of drafts, with the rules of each.
struct Groups {
    parents: Vec<usize>,
    rules: Vec<BTreeSet<usize>>,
}

impl Groups {
    fn new(evidence: Evidence<'_>, drafts: &[Draft]) -> Self {
        let rule = |draft: &Draft| BTreeSet::from([evidence.findings[draft.finding].rule]);
        Self {
            parents: (0..drafts.len()).collect(),
            rules: drafts.iter().map(rule).collect(),
        }
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.parents[place] != place {
            self.parents[place] = self.parents[self.parents[place]];
            place = self.parents[place];
        }
        place
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parents[a.max(b)] = a.min(b);
            let rules = std::mem::take(&mut self.rules[a.max(b)]);
            self.rules[a.min(b)].extend(rules);
        }
    }

    /// Two matches of one rule are one movement only when they share an event.
    fn join_unless_same_rule(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if self.rules[a].is_disjoint(&self.rules[b]) {
            self.join(a, b);
        }
    }

    fn collect(mut self, drafts: &[Draft]) -> Vec<Vec<&Draft>> {
        let mut groups: BTreeMap<usize, Vec<&Draft>> = BTreeMap::new();
        for (place, draft) in drafts.iter().enumerate() {
            groups.entry(self.root(place)).or_default().push(draft);
        }
        groups.into_values().collect()
    }
}

/// Findings of one host that share an event.
fn join_shared_events(evidence: Evidence<'_>, drafts: &[Draft], groups: &mut Groups) {
    let mut first: BTreeMap<u32, usize> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        for row in evidence.findings[draft.finding].rows() {
            let known = *first.entry(row).or_insert(place);
            groups.join(known, place);
        }
    }
}

/// Findings of different rules that name the same service, task or file within 10 s.
fn same_objects(evidence: Evidence<'_>, drafts: &[Draft]) -> Vec<Link> {
    let mut by_object: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        for object in &draft.objects {
            let places = by_object.entry((&draft.host, object)).or_default();
            places.push(place);
        }
    }
    let rule = |place: usize| evidence.findings[drafts[place].finding].rule;
    let mut links = Vec::new();
    for places in by_object.values_mut() {
        places.sort_by_key(|&place| drafts[place].when);
        for (rank, &a) in places.iter().enumerate() {
            for &b in places[rank + 1..].iter().take(NEIGHBOURS) {
                let distance = distance(drafts[a].when, drafts[b].when);
                if let Some(distance) = distance.filter(|distance| *distance <= SAME_OBJECT)
                    && rule(a) != rule(b)
                {
                    links.push(Link {
                        reason: Reason::Object,
                        distance,
                        a,
                        b,
                    });
                }
            }
        }
    }
    links
}

fn distance(a: Option<Ticks>, b: Option<Ticks>) -> Option<u64> {
    Some(a?.0.abs_diff(b?.0))
}

/// The finding on the source and the finding on the target of one hop: each names the other's host,
/// and the connection is the same, or the technique is and the times are close.
fn both_sides(evidence: Evidence<'_>, drafts: &[Draft]) -> io::Result<Vec<Link>> {
    let hosts = Hosts::of(evidence, drafts)?;
    let mut targets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        if draft.side == Side::Target && draft.when.is_some() {
            targets.entry(&draft.host).or_default().push(place);
        }
    }
    for places in targets.values_mut() {
        places.sort_by_key(|&place| drafts[place].when);
    }
    let mut links = Vec::new();
    for (a, source) in drafts.iter().enumerate() {
        if source.side != Side::Source || source.when.is_none() {
            continue;
        }
        for host in hosts.named(&source.target_host, &source.target_ip, source.when) {
            let Some(places) = targets.get(host).filter(|_| host != source.host) else {
                continue;
            };
            for b in neighbours(drafts, places, source.when) {
                let target = &drafts[b];
                let back = hosts.named(&target.source_host, &target.source_ip, target.when);
                let link = reason(evidence, source, target)
                    .zip(distance(source.when, target.when))
                    .filter(|(_, distance)| *distance <= BOTH_SIDES)
                    .filter(|_| back.contains(&source.host.as_str()));
                links.extend(link.map(|(reason, distance)| Link {
                    reason,
                    distance,
                    a,
                    b,
                }));
            }
        }
    }
    Ok(links)
}

/// The drafts around a time, of places in the order of theirs.
fn neighbours<'a>(
    drafts: &'a [Draft],
    places: &'a [usize],
    time: Option<Ticks>,
) -> impl Iterator<Item = usize> + 'a {
    let middle = places.partition_point(|&place| drafts[place].when < time);
    let first = middle.saturating_sub(NEIGHBOURS);
    let last = middle.saturating_add(NEIGHBOURS).min(places.len());
    places[first..last].iter().copied()
}

fn reason(evidence: Evidence<'_>, source: &Draft, target: &Draft) -> Option<Reason> {
    if same_connection(source, target) {
        Some(Reason::Connection)
    } else if same_technique(evidence, source, target) {
        Some(Reason::Technique)
    } else {
        None
    }
}

fn same_connection(source: &Draft, target: &Draft) -> bool {
    let ends = |draft: &Draft| {
        [
            &draft.source_ip,
            &draft.source_port,
            &draft.target_ip,
            &draft.target_port,
        ]
        .map(Clone::clone)
    };
    !source.source_port.is_empty() && ends(source) == ends(target)
}

/// Whether the rules have a technique in common, sub-techniques aside.
fn same_technique(evidence: Evidence<'_>, a: &Draft, b: &Draft) -> bool {
    let attack = |draft: &Draft| {
        let rule = evidence.findings[draft.finding].rule;
        let ids = evidence.rules.rules[rule].attack.iter();
        ids.map(|id| id.split('.').next().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    let b = attack(b);
    attack(a).iter().any(|id| b.contains(id))
}

/// The hosts that recorded the drafts, by what they are called.
struct Hosts<'a> {
    /// By the first label of their names.
    by_label: BTreeMap<String, BTreeSet<&'a str>>,
    /// By the addresses that were theirs at some time.
    by_address: BTreeMap<String, BTreeSet<&'a str>>,
    addresses: BTreeMap<&'a str, Addresses>,
}

impl<'a> Hosts<'a> {
    fn of(evidence: Evidence<'_>, drafts: &'a [Draft]) -> io::Result<Self> {
        let mut hosts = Self {
            by_label: BTreeMap::new(),
            by_address: BTreeMap::new(),
            addresses: BTreeMap::new(),
        };
        let names: BTreeSet<&str> = drafts.iter().map(|draft| draft.host.as_str()).collect();
        for host in names {
            let addresses = evidence.facts.own_addresses(host)?;
            for ip in addresses.all() {
                let owners = hosts.by_address.entry(ip.to_owned()).or_default();
                owners.insert(host);
            }
            let bearers = hosts.by_label.entry(label(host)).or_default();
            bearers.insert(host);
            hosts.addresses.insert(host, addresses);
        }
        Ok(hosts)
    }

    /// Hosts that bear the name, or had the address at that time.
    fn named(&self, name: &str, ip: &str, when: Option<Ticks>) -> BTreeSet<&'a str> {
        let bearers = self.by_label.get(&label(name)).into_iter().flatten();
        let bearers = bearers.filter(|host| same_host(name, host));
        let owners = self.by_address.get(ip).into_iter().flatten();
        let owners = owners.filter(|host| {
            let own = self.addresses.get(**host).zip(when);
            own.is_some_and(|(own, when)| own.contains(ip, when))
        });
        bearers.chain(owners).copied().collect()
    }
}

fn label(name: &str) -> String {
    name.split('.').next().unwrap_or_default().to_lowercase()
}
