//! Which host had an address at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use timeline::{TICKS_PER_SECOND, Ticks};

use super::build::Identities;
use super::{Basis, Period};
use crate::enrich::{Addresses, short_label};

/// How long what was seen of an address holds before and after (MATCHING.md §5: own addresses).
const HOLDS: i64 = 24 * 3600 * TICKS_PER_SECOND;

/// What the responder says of an address (`--hosts`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The host.
    pub host: String,
    /// The address.
    pub ip: String,
    /// From when on; always when nothing is said.
    pub from: Option<Ticks>,
    /// Until when.
    pub to: Option<Ticks>,
}

impl Given {
    fn holds(&self, ip: &str, at: Ticks) -> bool {
        self.ip == ip && self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// The host that had an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Its name.
    pub name: String,
    /// How that is known.
    pub basis: Basis,
}

/// The addresses of the machines of the case.
#[derive(Debug, Default)]
pub(super) struct Owners {
    by_ip: BTreeMap<String, BTreeSet<usize>>,
    /// Name of each, and its addresses by its logs and by its registry.
    machines: Vec<(String, [Addresses; 2])>,
}

impl Owners {
    pub(super) fn add(&mut self, name: &str, logs: Addresses, registry: Addresses) {
        let place = self.machines.len();
        for ip in logs.all().chain(registry.all()) {
            self.by_ip.entry(ip.to_owned()).or_default().insert(place);
        }
        self.machines.push((name.to_owned(), [logs, registry]));
    }

    /// By their logs (0), or by their registries (1).
    fn at<'a>(&'a self, way: usize, ip: &'a str, at: Ticks) -> impl Iterator<Item = &'a str> {
        let places = self.by_ip.get(ip).into_iter().flatten();
        places
            .filter_map(|place| self.machines.get(*place))
            .filter(move |(_, addresses)| {
                addresses.get(way).is_some_and(|own| own.contains(ip, at))
            })
            .map(|(name, _)| name.as_str())
    }
}

impl Identities {
    /// The host that had an address at a time, if the evidence agrees on one. What the other side calls itself
    /// does not count.
    pub fn host_of(&self, ip: &str, at: Ticks) -> io::Result<Option<Resolved>> {
        let given = self.given.iter().filter(|given| given.holds(ip, at));
        let given = only(given.map(|given| given.host.clone()));
        let owners = |way| only(self.owners.at(way, ip, at).map(str::to_owned));
        let machines = self.machine_accounts(ip, at)?;
        let machines = only(machines.iter().map(|name| self.known_as(name)));
        let known = [
            (given, Basis::Given),
            (owners(0), Basis::OwnLog),
            (owners(1), Basis::Registry),
            (machines, Basis::MachineAccount),
        ];
        // What is known best decides; several are as good as unknown.
        let best = known
            .into_iter()
            .find(|(only, _)| !matches!(only, Only::None));
        Ok(match best {
            Some((Only::One(name), basis)) => Some(Resolved { name, basis }),
            _ => None,
        })
    }

    /// How many machines' accounts came from an address around a time. More than one is a relay: NAT, a VPN, a jump
    /// host, or an address that moved.
    pub fn machines_at(&self, ip: &str, at: Ticks) -> io::Result<usize> {
        let names = self.machine_accounts(ip, at)?;
        let names: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        Ok(names.len())
    }

    /// Machines whose accounts came from an address around a time.
    fn machine_accounts(&self, ip: &str, at: Ticks) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        self.claims_of(ip, |claim| {
            if claim.basis == Basis::MachineAccount && is_near(claim.period, at) {
                names.push(claim.value);
            }
        })?;
        Ok(names)
    }

    /// The name that the case uses for a machine's short name; that itself when it is none of the case's, or
    /// several bear it.
    fn known_as(&self, short: &str) -> String {
        match self.by_label.get(&short_label(short)).map(Vec::as_slice) {
            Some([name]) => name.clone(),
            _ => short.to_owned(),
        }
    }
}

fn is_near(period: Period, at: Ticks) -> bool {
    period.from.0.saturating_sub(HOLDS) <= at.0 && at.0 <= period.to.0.saturating_add(HOLDS)
}

/// None, one, or several names.
enum Only {
    None,
    One(String),
    Several,
}

fn only(names: impl Iterator<Item = String>) -> Only {
    let mut only = Only::None;
    for name in names {
        match &only {
            Only::None => only = Only::One(name),
            Only::One(known) if known.eq_ignore_ascii_case(&name) => {}
            _ => return Only::Several,
        }
    }
    only
}
