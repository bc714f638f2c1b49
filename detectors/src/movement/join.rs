//! Which drafts are one movement (MATCHING.md §6).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use timeline::{TICKS_PER_SECOND, Ticks};

use super::Evidence;
use super::draft::Draft;
use crate::crossing::Skew;
use crate::enrich::{Addresses, same_host, short_label};
use crate::names::bare;
use crate::rule::Side;

/// How close findings that name the same service, task or file must be.
const SAME_OBJECT: u64 = 10 * TICKS_PER_SECOND.unsigned_abs();
/// How close both sides of one hop must be that only their technique joins (EVIDENCE.md §3.3).
const SAME_TECHNIQUE: u64 = 30 * TICKS_PER_SECOND.unsigned_abs();
/// How close both sides of one connection must be: what came over it may follow later, and clocks
/// differ, but ports are used again.
const SAME_CONNECTION: u64 = 600 * TICKS_PER_SECOND.unsigned_abs();
/// How many neighbours in time are tried on either side of a finding, so that evidence that makes a
/// rule match without end costs time in proportion.
const NEIGHBOURS: usize = 64;

/// The drafts, those of one movement together.
///
/// What came to a host and what went on from it are two hops, whatever event or file they share: on
/// one host only findings of the same side are one movement.
pub(super) fn groups<'a>(evidence: Evidence<'a>, drafts: &'a [Draft]) -> io::Result<Joined<'a>> {
    let mut groups = Groups::new(evidence, drafts);
    join_shared_events(evidence, drafts, &mut groups);
    let mut links = Links::default();
    same_objects(evidence, drafts, &mut links);
    same_hops(drafts, &mut links);
    let hosts = Hosts::of(evidence, drafts)?;
    same_connections(&hosts, drafts, &mut links);
    same_techniques(evidence, &hosts, drafts, &mut links);
    same_targets(evidence, drafts, &mut links);
    // The best reason first, then the nearest.
    links.all.sort_unstable();
    for link in links.all {
        groups.join_if_one_hop(link.a, link.b);
    }
    Ok(Joined {
        groups: groups.collect(drafts),
        is_capped: links.is_capped,
    })
}

/// Adds each finding that makes no movement itself to the movement that it is part of, if there is one: of several the one
/// that it shares most with. It never makes two movements one. Those of none are given back.
pub(super) fn add_loose<'a>(
    evidence: Evidence<'_>,
    groups: &mut [Vec<&'a Draft>],
    loose: &'a mut [Draft],
) -> Vec<&'a Draft> {
    let index = Parts::of(evidence, groups);
    let places: Vec<_> = loose
        .iter()
        .map(|draft| index.group_of(evidence, draft))
        .collect();
    for (draft, place) in loose.iter_mut().zip(&places) {
        if let Some((_, side)) = place {
            draft.side = *side;
        }
    }
    let mut left = Vec::new();
    for (draft, place) in loose.iter().zip(places) {
        match place {
            Some((place, _)) => groups[place].push(draft),
            None => left.push(draft),
        }
    }
    left
}

/// A part that findings can have in common, on one side of one host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Event(u32),
    Session(Hop),
    Object(String),
}

/// A hop session: account, beginning, address.
type Hop = (String, Option<Ticks>, String);

/// A part on one side of one host.
type Place = (String, Side, Part);

/// The parts of movements: when each has them.
struct Parts(BTreeMap<Place, Vec<(Option<Ticks>, usize)>>);

impl Parts {
    fn of(evidence: Evidence<'_>, groups: &[Vec<&Draft>]) -> Self {
        let mut parts: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (place, group) in groups.iter().enumerate() {
            for draft in group {
                let time = began(evidence, draft);
                for part in parts_of(evidence, draft) {
                    let key = (draft.host.clone(), draft.side, part);
                    parts.entry(key).or_default().push((time, place));
                }
            }
        }
        for places in parts.values_mut() {
            places.sort_unstable();
        }
        Self(parts)
    }

    /// The movement that a finding is part of: by the best kind of part, then by the nearest time. A rule of another make
    /// does not say which side it is for.
    fn group_of(&self, evidence: Evidence<'_>, draft: &Draft) -> Option<(usize, Side)> {
        let time = began(evidence, draft);
        let mut best: Option<(u8, u64, usize, Side)> = None;
        for part in parts_of(evidence, draft) {
            let (kind, reach) = match part {
                Part::Event(_) => (0, u64::MAX),
                Part::Session(_) => (1, u64::MAX),
                Part::Object(_) => (2, SAME_OBJECT),
            };
            let sides = [Side::Target, Side::Source].into_iter();
            for side in sides.filter(|side| draft.is_of_either_side || *side == draft.side) {
                let key = (draft.host.clone(), side, part.clone());
                let places = self.0.get(&key).map_or(&[][..], Vec::as_slice);
                let next = places.partition_point(|(at, _)| *at < time);
                let nearest = places.get(next.saturating_sub(1)..).unwrap_or_default();
                for (at, place) in nearest.iter().take(2) {
                    let distance = distance(*at, time).unwrap_or(u64::MAX);
                    if distance <= reach {
                        let candidate = (kind, distance, *place, side);
                        best = Some(best.map_or(candidate, |best| best.min(candidate)));
                    }
                }
            }
        }
        best.map(|(_, _, place, side)| (place, side))
    }
}

/// When the first event of a finding was.
fn began(evidence: Evidence<'_>, draft: &Draft) -> Option<Ticks> {
    let row = evidence.findings[draft.finding].rows().next()?;
    evidence.events.rows.get(row as usize)?.time
}

fn parts_of(evidence: Evidence<'_>, draft: &Draft) -> Vec<Part> {
    let events = evidence.findings[draft.finding].rows().map(Part::Event);
    let hop = draft.hop.iter();
    let session = hop.map(|hop| Part::Session((hop.sid.clone(), hop.start, hop.source_ip.clone())));
    let objects = draft.objects.iter().cloned().map(Part::Object);
    events.chain(session).chain(objects).collect()
}

/// Drafts, those of one movement together.
pub(super) struct Joined<'a> {
    pub(super) groups: Vec<Vec<&'a Draft>>,
    /// Whether there were more neighbours than are tried.
    pub(super) is_capped: bool,
}

#[derive(Debug, Default)]
struct Links {
    all: Vec<Link>,
    is_capped: bool,
}

/// Why two drafts are one movement, the best reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// Both sides saw the same connection.
    Connection,
    /// Their events are of one hop session.
    Session,
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

/// Disjoint sets of drafts, with the rules of each, and with who recorded which side.
struct Groups {
    parents: Vec<usize>,
    rules: Vec<BTreeSet<usize>>,
    sides: Vec<BTreeSet<(Side, String)>>,
}

impl Groups {
    fn new(evidence: Evidence<'_>, drafts: &[Draft]) -> Self {
        let rule = |draft: &Draft| BTreeSet::from([evidence.findings[draft.finding].rule]);
        Self {
            parents: (0..drafts.len()).collect(),
            rules: drafts.iter().map(rule).collect(),
            sides: drafts
                .iter()
                .map(|draft| BTreeSet::from([(draft.side, draft.host.clone())]))
                .collect(),
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
            let sides = std::mem::take(&mut self.sides[a.max(b)]);
            self.sides[a.min(b)].extend(sides);
        }
    }

    /// Two matches of one rule are one movement only when they share an event, and a hop has one
    /// host on each side.
    fn join_if_one_hop(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let hosts = |side| {
            let sides = self.sides[a].iter().chain(&self.sides[b]);
            let of_side = sides.filter(move |(own, _)| *own == side);
            of_side.map(|(_, host)| host).collect::<BTreeSet<_>>()
        };
        let (sources, targets) = (hosts(Side::Source), hosts(Side::Target));
        let one_hop = sources.len() <= 1 && targets.len() <= 1 && sources.is_disjoint(&targets);
        if one_hop && self.rules[a].is_disjoint(&self.rules[b]) {
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

/// Findings of one side of one host that share an event.
fn join_shared_events(evidence: Evidence<'_>, drafts: &[Draft], groups: &mut Groups) {
    let mut first: BTreeMap<(u32, Side), usize> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        for row in evidence.findings[draft.finding].rows() {
            let known = *first.entry((row, draft.side)).or_insert(place);
            groups.join(known, place);
        }
    }
}

/// Findings of different rules and one side that name the same service, task or file within 10 s.
fn same_objects(evidence: Evidence<'_>, drafts: &[Draft], links: &mut Links) {
    let mut by_object: BTreeMap<(&str, Side, &str), Vec<usize>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        for object in &draft.objects {
            let places = by_object
                .entry((&draft.host, draft.side, object))
                .or_default();
            places.push(place);
        }
    }
    for mut places in by_object.into_values() {
        let link = (Reason::Object, SAME_OBJECT);
        links.pair(evidence, drafts, &mut places, link, |_, _| true);
    }
}

fn distance(a: Option<Ticks>, b: Option<Ticks>) -> Option<u64> {
    Some(a?.0.abs_diff(b?.0))
}

/// The finding on the source and the finding on the target of one connection.
fn same_connections(hosts: &Hosts<'_>, drafts: &[Draft], links: &mut Links) {
    let mut targets: BTreeMap<[&str; 4], Vec<usize>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        if let Some(ends) = connection(draft).filter(|_| draft.side == Side::Target) {
            targets.entry(ends).or_default().push(place);
        }
    }
    for places in targets.values_mut() {
        places.sort_by_key(|&place| drafts[place].when);
    }
    for (a, source) in sources(drafts) {
        let places = connection(source).and_then(|ends| targets.get(&ends));
        let places = places.map_or(&[][..], Vec::as_slice);
        for &b in links.neighbours(
            drafts,
            places,
            hosts.there(drafts, source, places),
            SAME_CONNECTION,
        ) {
            let link = hosts.link(drafts, Reason::Connection, SAME_CONNECTION, a, b);
            links.all.extend(link);
        }
    }
}

/// All four ends of the connection that a draft rests on.
fn connection(draft: &Draft) -> Option<[&str; 4]> {
    let ends = [
        draft.source_ip.as_str(),
        &draft.source_port,
        &draft.target_ip,
        &draft.target_port,
    ];
    ends.iter().all(|end| !end.is_empty()).then_some(ends)
}

/// The finding on the source and the finding on the target of one hop: each names the other's host,
/// the technique is the same, the times are close.
fn same_techniques(evidence: Evidence<'_>, hosts: &Hosts<'_>, drafts: &[Draft], links: &mut Links) {
    let mut targets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        if draft.side == Side::Target && draft.when.is_some() {
            targets.entry(&draft.host).or_default().push(place);
        }
    }
    for places in targets.values_mut() {
        places.sort_by_key(|&place| drafts[place].when);
    }
    for (a, source) in sources(drafts) {
        for host in hosts.named(&source.target_host, &source.target_ip, source.when) {
            let places = targets.get(host).map_or(&[][..], Vec::as_slice);
            for &b in links.neighbours(
                drafts,
                places,
                hosts.there(drafts, source, places),
                SAME_TECHNIQUE,
            ) {
                if same_technique(evidence, source, &drafts[b]) {
                    let link = hosts.link(drafts, Reason::Technique, SAME_TECHNIQUE, a, b);
                    links.all.extend(link);
                }
            }
        }
    }
}

/// Findings of different rules on one source that name the same target, with the same technique, at the same time: what
/// several logs of the source tell of one hop.
fn same_targets(evidence: Evidence<'_>, drafts: &[Draft], links: &mut Links) {
    let mut by_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, draft) in sources(drafts) {
        by_host.entry(&draft.host).or_default().push(place);
    }
    let are_one = |a: &Draft, b: &Draft| {
        may_be_one_account(a, b) && same_target(a, b) && same_technique(evidence, a, b)
    };
    for mut places in by_host.into_values() {
        let link = (Reason::Technique, SAME_TECHNIQUE);
        links.pair(evidence, drafts, &mut places, link, are_one);
    }
}

/// Whether two drafts can be of one account: one of them may not know it.
fn may_be_one_account(a: &Draft, b: &Draft) -> bool {
    let (a, b) = (bare(&a.account), bare(&b.account));
    a.is_empty() || b.is_empty() || a == b
}

/// Whether two drafts name one target: by its address where both have it, or else by its name.
fn same_target(a: &Draft, b: &Draft) -> bool {
    let ips = [&a.target_ip, &b.target_ip];
    if ips.iter().all(|ip| !ip.is_empty()) {
        return ips[0] == ips[1];
    }
    same_host(&a.target_host, &b.target_host)
}

/// Findings on a target whose events are of one hop session: each is linked to the one before.
fn same_hops(drafts: &[Draft], links: &mut Links) {
    type Hop<'a> = (&'a str, &'a str, Option<Ticks>, &'a str);
    let mut hops: BTreeMap<Hop<'_>, Vec<usize>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        if let Some(hop) = draft.hop.as_ref().filter(|_| draft.side == Side::Target) {
            let key = (
                hop.machine.as_str(),
                hop.sid.as_str(),
                hop.start,
                hop.source_ip.as_str(),
            );
            hops.entry(key).or_default().push(place);
        }
    }
    for places in hops.values_mut() {
        places.sort_by_key(|&place| (drafts[place].when, place));
        for (nth, &a) in places.iter().enumerate() {
            let following = places.iter().skip(nth + 1);
            links.is_capped |= following.len() > NEIGHBOURS;
            for &b in following.take(NEIGHBOURS) {
                links.all.push(Link {
                    reason: Reason::Session,
                    distance: distance(drafts[a].when, drafts[b].when).unwrap_or(u64::MAX),
                    a,
                    b,
                });
            }
        }
    }
}

fn sources(drafts: &[Draft]) -> impl Iterator<Item = (usize, &Draft)> {
    let all = drafts.iter().enumerate();
    all.filter(|(_, draft)| draft.side == Side::Source && draft.when.is_some())
}

impl Links {
    /// Links findings of different rules that are close in time, and that are one for the caller: each with those that
    /// follow it.
    fn pair(
        &mut self,
        evidence: Evidence<'_>,
        drafts: &[Draft],
        places: &mut [usize],
        (reason, reach): (Reason, u64),
        are_one: impl Fn(&Draft, &Draft) -> bool,
    ) {
        let rule = |draft: &Draft| evidence.findings[draft.finding].rule;
        places.sort_by_key(|&place| drafts[place].when);
        for (rank, &a) in places.iter().enumerate() {
            let near = places[rank + 1..].iter().map_while(|&b| {
                let distance = distance(drafts[a].when, drafts[b].when);
                Some((b, distance.filter(|distance| *distance <= reach)?))
            });
            let mut near = near.take(NEIGHBOURS + 1);
            for (b, distance) in near.by_ref().take(NEIGHBOURS) {
                let (one, other) = (&drafts[a], &drafts[b]);
                if rule(one) != rule(other) && are_one(one, other) {
                    self.all.push(Link {
                        reason,
                        distance,
                        a,
                        b,
                    });
                }
            }
            self.is_capped |= near.next().is_some();
        }
    }

    /// The drafts around a time, of places in the order of theirs. Others that are within reach are
    /// noted as left out.
    fn neighbours<'a>(
        &mut self,
        drafts: &[Draft],
        places: &'a [usize],
        time: Option<Ticks>,
        reach: u64,
    ) -> &'a [usize] {
        let middle = places.partition_point(|&place| drafts[place].when < time);
        let first = middle.saturating_sub(NEIGHBOURS);
        let last = middle.saturating_add(NEIGHBOURS).min(places.len());
        let left_out = [first.checked_sub(1), Some(last)].into_iter().flatten();
        self.is_capped |= left_out
            .filter_map(|rank| places.get(rank))
            .filter_map(|&place| distance(drafts[place].when, time))
            .any(|distance| distance <= reach);
        &places[first..last]
    }
}

/// Whether the rules have a technique in common and the connections are not known to be two. A
/// technique has a sub-technique in common with itself, not with another sub-technique.
fn same_technique(evidence: Evidence<'_>, source: &Draft, target: &Draft) -> bool {
    let ports = [&source.target_port, &target.target_port];
    if ports.iter().all(|port| !port.is_empty()) && ports[0] != ports[1] {
        return false;
    }
    let attack = |draft: &Draft| {
        let rule = evidence.findings[draft.finding].rule;
        &evidence.rules.rules[rule].attack
    };
    let is_part = |sub: &str, whole: &str| {
        sub == whole
            || sub
                .split_once('.')
                .is_some_and(|(parent, _)| parent == whole)
    };
    let of_target = attack(target);
    attack(source).iter().any(|a| {
        let mut all = of_target.iter();
        all.any(|b| is_part(a, b) || is_part(b, a))
    })
}

/// The hosts that recorded the drafts, by what they are called.
struct Hosts<'a> {
    /// By the start of their names.
    by_label: BTreeMap<String, BTreeSet<&'a str>>,
    /// By the addresses that were theirs at some time.
    by_address: BTreeMap<String, BTreeSet<&'a str>>,
    addresses: BTreeMap<&'a str, Addresses>,
    skew: &'a Skew,
}

impl<'a> Hosts<'a> {
    fn of(evidence: Evidence<'a>, drafts: &'a [Draft]) -> io::Result<Self> {
        let mut hosts = Self {
            by_label: BTreeMap::new(),
            by_address: BTreeMap::new(),
            addresses: BTreeMap::new(),
            skew: &evidence.crossings.skew,
        };
        let names: BTreeSet<&str> = drafts.iter().map(|draft| draft.host.as_str()).collect();
        for host in names {
            let addresses = evidence.facts.own_addresses(host)?;
            for ip in addresses.all() {
                let owners = hosts.by_address.entry(ip.to_owned()).or_default();
                owners.insert(host);
            }
            let bearers = hosts.by_label.entry(short_label(host)).or_default();
            bearers.insert(host);
            hosts.addresses.insert(host, addresses);
        }
        Ok(hosts)
    }

    /// Hosts that bear the name, or had the address at that time.
    fn named(&self, name: &str, ip: &str, when: Option<Ticks>) -> BTreeSet<&'a str> {
        let bearers = self.by_label.get(&short_label(name)).into_iter().flatten();
        let bearers = bearers.filter(|host| same_host(name, host));
        let owners = self.by_address.get(ip).into_iter().flatten();
        let owners = owners.filter(|host| {
            let own = self.addresses.get(**host).zip(when);
            own.is_some_and(|(own, when)| own.contains(ip, when))
        });
        bearers.chain(owners).copied().collect()
    }

    /// The time of a source's draft by the clock of the host that recorded a target's.
    fn there(&self, drafts: &[Draft], source: &Draft, targets: &[usize]) -> Option<Ticks> {
        let target = targets.first().map(|&place| &drafts[place].machine);
        let ahead = target.map_or(0, |target| self.skew.assumed(&source.machine, target).ticks);
        source.when.map(|when| Ticks(when.0.saturating_add(ahead)))
    }

    /// Links a source's draft and a target's, when they are close and each names the other's host.
    fn link(
        &self,
        drafts: &[Draft],
        reason: Reason,
        most: u64,
        a: usize,
        b: usize,
    ) -> Option<Link> {
        let (source, target) = (&drafts[a], &drafts[b]);
        // Two clocks: the window is moved by what they are apart, and as wide as that is uncertain (EVIDENCE.md §3.2).
        let offset = self.skew.assumed(&source.machine, &target.machine);
        let there = target
            .when
            .map(|when| Ticks(when.0.saturating_sub(offset.ticks)));
        let most = most.saturating_add(offset.spread.unsigned_abs());
        let distance = distance(source.when, there).filter(|distance| *distance <= most)?;
        let names = |host: &str, ip: &str, when, other: &Draft| {
            self.named(host, ip, when).contains(other.host.as_str())
        };
        let there = names(&source.target_host, &source.target_ip, source.when, target);
        let back = names(&target.source_host, &target.source_ip, target.when, source);
        (there && back && source.host != target.host).then_some(Link {
            reason,
            distance,
            a,
            b,
        })
    }
}
