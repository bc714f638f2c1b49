//! From sorted notes to hosts, accounts, and who had which address.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use timeline::key;
use timeline::sort::{Item, Sorted};
use timeline::table::Table;

use super::Basis;
use super::account::Account;
use super::host::Host;
use super::named::only_named;
use super::note::{ACCOUNT, CLAIM, HOST, NAMED, Note, What};
use super::resolve::{Given, Owners};
use crate::enrich::{ALWAYS, Facts, short_label};

/// How many accounts are listed: there are directories with more, and nobody reads them.
const MOST_ACCOUNTS: usize = 200_000;
/// How many hosts that only others name are listed.
const MOST_NAMED: usize = 100_000;

/// Who had which address.
#[derive(Debug)]
pub struct Identities {
    claims: Table,
    pub(super) given: Vec<Given>,
    pub(super) owners: Owners,
    /// What the case calls machines, by the start of their names.
    pub(super) by_label: BTreeMap<String, Vec<String>>,
}

/// What is known of hosts and accounts.
#[derive(Debug)]
pub struct Built {
    /// Who had which address.
    pub identities: Identities,
    /// The machines of the case by identity, then hosts that others name.
    pub hosts: Vec<Host>,
    /// The accounts, by SID, then those of which only the name is known.
    pub accounts: Vec<Account>,
}

impl Identities {
    /// Puts together what [`super::note`] noted. `names` are what machines are called, by each key that they had;
    /// `machine` gives the identity of such a key.
    pub fn build(
        folder: &Path,
        notes: Sorted,
        names: &BTreeMap<String, String>,
        machine: impl Fn(&str) -> String,
        facts: &Facts,
        given: Vec<Given>,
    ) -> io::Result<Built> {
        let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
        let mut owners = Owners::default();
        let mut by_label: BTreeMap<String, Vec<String>> = BTreeMap::new();
        // Evidence that does not say whose it is can be of several machines: put together they are none.
        for (key, name) in names.iter().filter(|(key, _)| !key.is_empty()) {
            let identity = machine(key);
            let own = facts.own_addresses(key)?;
            let host = hosts.entry(identity.clone()).or_insert_with(|| Host {
                machine: identity.clone(),
                ..Host::default()
            });
            let registry = facts.registry_addresses(key)?;
            host.add_own(&own);
            host.add_own(&registry);
            owners.add(name, own, registry);
            let known = by_label.entry(short_label(key)).or_default();
            if !known.contains(name) {
                known.push(name.clone());
            }
        }
        let mut reading = Reading {
            hosts,
            accounts: Vec::new(),
            only_named: Vec::new(),
            named: BTreeMap::new(),
            by_label: &by_label,
        };
        let claims = Table::write(
            folder,
            Claims {
                sorted: Joined::of(notes),
                reading: &mut reading,
            },
        )?;
        for given in &given {
            reading.name(
                &given.host,
                &given.ip,
                Basis::Given,
                super::Period {
                    from: given.from.unwrap_or(timeline::Ticks(0)),
                    to: given.to.unwrap_or(ALWAYS),
                },
            );
        }
        let Reading {
            hosts,
            accounts,
            only_named: names,
            named,
            ..
        } = reading;
        let mut accounts: Vec<Account> = accounts.into_iter().map(Account::finish).collect();
        accounts.extend(only_named(names, &accounts));
        let hosts = hosts
            .into_values()
            .chain(named.into_values())
            .map(Host::finish)
            .collect();
        Ok(Built {
            hosts,
            accounts,
            identities: Self {
                claims,
                given,
                owners,
                by_label,
            },
        })
    }

    /// What others call the host that had an address.
    pub(super) fn claims_of(&self, ip: &str, mut each: impl FnMut(Note)) -> io::Result<()> {
        let mut prefix = vec![CLAIM];
        key::text(&mut prefix, ip);
        self.claims.with_prefix(&prefix, |key, payload| {
            if let Some(note) = Note::decode(key, payload) {
                each(note);
            }
        })
    }
}

/// Puts notes together on the way.
struct Reading<'a> {
    hosts: BTreeMap<String, Host>,
    accounts: Vec<Account>,
    /// Accounts that are named without a SID, by their names in lower case.
    only_named: Vec<(String, Account)>,
    named: BTreeMap<String, Host>,
    by_label: &'a BTreeMap<String, Vec<String>>,
}

impl Reading<'_> {
    fn take(&mut self, note: &Note) {
        match note.kind {
            ACCOUNT => {
                let is_known = self
                    .accounts
                    .last()
                    .is_some_and(|last| last.sid == note.subject);
                if !is_known && self.accounts.len() < MOST_ACCOUNTS {
                    self.accounts.push(Account::new(note.subject.clone()));
                }
                let last = self.accounts.last_mut();
                if let Some(account) = last.filter(|account| account.sid == note.subject) {
                    account.add(note.clone());
                }
            }
            NAMED => {
                let last = self.only_named.last();
                let is_known = last.is_some_and(|(name, _)| *name == note.subject);
                if !is_known && self.only_named.len() < MOST_ACCOUNTS {
                    let new = Account::new(String::new());
                    self.only_named.push((note.subject.clone(), new));
                }
                let last = self.only_named.last_mut();
                if let Some((_, account)) = last.filter(|(name, _)| *name == note.subject) {
                    account.add(note.clone());
                }
            }
            HOST => {
                if let Some(host) = self.hosts.get_mut(&note.subject) {
                    host.add(note.clone());
                }
            }
            _ => {
                if note.basis == Basis::MachineAccount && note.what == What::Name {
                    self.name(&note.value, &note.subject, note.basis, note.period);
                }
            }
        }
    }

    /// Notes a host that is none of the case's machines.
    fn name(&mut self, name: &str, ip: &str, basis: Basis, period: super::Period) {
        let label = short_label(name);
        if self.by_label.contains_key(&label) || self.named.len() >= MOST_NAMED {
            return;
        }
        let host = self.named.entry(label).or_default();
        host.add_name(name.to_owned());
        host.add_address(ip.to_owned(), period);
        if !host.basis.contains(&basis) {
            host.basis.push(basis);
        }
    }
}

/// Notes, those of one thing joined.
struct Joined {
    sorted: Sorted,
    next: Option<Item>,
}

impl Joined {
    fn of(sorted: Sorted) -> Self {
        Self { sorted, next: None }
    }
}

impl Iterator for Joined {
    type Item = io::Result<(Item, Note)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let item = match self.next.take() {
                Some(item) => item,
                None => match self.sorted.next()? {
                    Ok(item) => item,
                    Err(error) => return Some(Err(error)),
                },
            };
            let Some(mut note) = Note::decode(&item.key, &item.payload) else {
                continue;
            };
            loop {
                match self.sorted.next() {
                    Some(Ok(other)) if other.key == item.key => {
                        if let Some(other) = Note::decode(&other.key, &other.payload) {
                            note.period.join(other.period);
                        }
                    }
                    Some(Ok(other)) => {
                        self.next = Some(other);
                        break;
                    }
                    Some(Err(error)) => return Some(Err(error)),
                    None => break,
                }
            }
            return Some(Ok((item, note)));
        }
    }
}

/// The claims among notes, for a table; the others are taken on the way.
struct Claims<'r, 'a> {
    sorted: Joined,
    reading: &'r mut Reading<'a>,
}

impl Iterator for Claims<'_, '_> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (item, note) = match self.sorted.next()? {
                Ok(next) => next,
                Err(error) => return Some(Err(error)),
            };
            self.reading.take(&note);
            if note.kind == CLAIM {
                let payload = Note::payload(note.period);
                return Some(Ok(Item {
                    key: item.key,
                    payload,
                }));
            }
        }
    }
}
