//! Accounts of which only the name is known: no event and no hive gives their SID.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{Account, AccountKind};
use crate::enrich::short_label;

/// Domain and name, in lower case.
type Key = (String, String);

/// The accounts whose names none with a SID has, each once, in the order of domain and name.
pub(super) fn only_named(named: Vec<(String, Account)>, known: &[Account]) -> Vec<Account> {
    let ties = Ties::of(known);
    let taken: BTreeSet<Key> = known
        .iter()
        .flat_map(|account| ties.names_of(account))
        .collect();
    let mut unknown: BTreeMap<Key, Account> = BTreeMap::new();
    for (name, account) in named {
        let Some(key) = ties.key(&name).filter(|key| !taken.contains(key)) else {
            continue;
        };
        match unknown.get_mut(&key) {
            Some(known) => known.join(account),
            None => {
                unknown.insert(key, account);
            }
        }
    }
    unknown.into_values().map(Account::finish).collect()
}

/// Long names of domains with the short ones that are the same: accounts with a SID bear both. One that would be
/// several is left as it is.
struct Ties(BTreeMap<String, BTreeSet<String>>);

impl Ties {
    fn of(known: &[Account]) -> Self {
        let mut ties: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let users = known.iter();
        // The system's own account has the names of all machines.
        for account in users.filter(|account| account.kind != AccountKind::System) {
            let names: Vec<Key> = account
                .names
                .iter()
                .filter_map(|name| split(name))
                .collect();
            let is_long = |key: &&Key| key.0.contains('.');
            for (long, name) in names.iter().filter(is_long) {
                let short = names.iter().filter(|key| !is_long(key) && key.1 == *name);
                let short = short.map(|(short, _)| short.clone());
                ties.entry(long.clone()).or_default().extend(short);
            }
        }
        Self(ties)
    }

    /// Domain and name of `DOMAIN\name`, the domain by its short name where that is known.
    fn key(&self, name: &str) -> Option<Key> {
        let (domain, name) = split(name)?;
        let short = self.0.get(&domain).filter(|short| short.len() == 1);
        let short = short.and_then(BTreeSet::first).cloned();
        Some((short.unwrap_or(domain), name))
    }

    /// All that an account is called. A name without a domain is that of an account of the machine that has it. What a
    /// profile's folder is called stands behind a word, and is the name of nobody.
    fn names_of(&self, account: &Account) -> Vec<Key> {
        let on_hosts = |name: &str| -> Vec<Key> {
            let hosts = account.hosts.iter();
            hosts
                .map(|host| (short_label(host), name.to_lowercase()))
                .collect()
        };
        let names = account.names.iter();
        names
            .flat_map(|name| {
                self.key(name)
                    .map_or_else(|| on_hosts(name), |key| vec![key])
            })
            .collect()
    }
}

/// Domain and name, in lower case, of `DOMAIN\name` or `name@domain`.
fn split(name: &str) -> Option<Key> {
    let name = name.to_lowercase();
    let (domain, name) = match name.split_once('\\') {
        Some(parts) => parts,
        None => name.split_once('@').map(|(name, domain)| (domain, name))?,
    };
    Some((domain.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use timeline::Ticks;

    use super::super::note::{Note, What};
    use super::super::{Basis, Period};
    use super::*;

    fn account(sid: &str, names: &[&str], hosts: &[&str]) -> Account {
        let mut account = Account::new(sid.into());
        let names = names.iter().map(|name| (What::Name, *name));
        for (what, value) in names.chain(hosts.iter().map(|host| (What::Seen, *host))) {
            account.add(Note {
                kind: 0,
                subject: String::new(),
                what,
                value: value.into(),
                basis: Basis::OwnLog,
                period: Period::at(Ticks(7)),
            });
        }
        account
    }

    /// The names that are left, and where they were seen.
    #[track_caller]
    fn check(known: &[Account], named: &[(&str, &str)], left: &[(&str, &str)]) {
        let named = named
            .iter()
            .map(|(name, host)| (name.to_lowercase(), account("", &[*name], &[*host])));
        let found = only_named(named.collect(), known);
        let found: Vec<(String, String)> = found
            .iter()
            .map(|account| (account.names.join(";"), account.hosts.join(";")))
            .collect();
        let left: Vec<(String, String)> = left
            .iter()
            .map(|(names, hosts)| ((*names).to_owned(), (*hosts).to_owned()))
            .collect();
        assert_eq!(found, left);
    }

    #[test]
    fn who_is_known_with_a_sid_is_not_told_again() {
        let known = [
            account(
                "S-1-5-21-1-2-3-1104",
                &[r"CORP\ana", r"CORP.EXAMPLE.COM\ana"],
                &[],
            ),
            account(
                "S-1-5-21-1-2-3-1105",
                &[r"CORP\Bo", "profile eve"],
                &["ws01"],
            ),
            account(
                "S-1-5-21-9-9-9-1001",
                &["local"],
                &["ws02.corp.example.com"],
            ),
        ];
        let named = [
            (r"corp\ANA", "ws01"),
            (r"corp.example.com\bo", "ws01"),
            (r"WS02\Local", "ws02.corp.example.com"),
            // What a profile's folder is called is no name.
            (r"CORP\eve", "ws01"),
            (r"OTHER\ana", "ws01"),
            (r"WS03\local", "ws03"),
        ];
        let left = [
            (r"CORP\eve", "ws01"),
            (r"OTHER\ana", "ws01"),
            (r"WS03\local", "ws03"),
        ];
        check(&known, &named, &left);
    }

    #[test]
    fn one_that_is_named_in_several_ways_is_one() {
        let ties = account(
            "S-1-5-21-1-2-3-1104",
            &[r"CORP\ana", r"CORP.EXAMPLE.COM\ana"],
            &[],
        );
        let named = [
            (r"CORP\eve", "ws01"),
            (r"corp.example.com\Eve", "dc01"),
            (r"other.example.com\eve", "dc02"),
        ];
        check(
            &[ties],
            &named,
            &[
                (r"CORP\eve;corp.example.com\Eve", "dc01;ws01"),
                (r"other.example.com\eve", "dc02"),
            ],
        );
    }

    /// The traps: the system's own account is called as every machine is, and a domain can seem to be two.
    #[test]
    fn domains_are_only_tied_by_accounts_of_their_own() {
        let system = account("S-1-5-18", &[r"CORP\SRV$", r"corp.example.com\SRV$"], &[]);
        let two = account(
            "S-1-5-21-1-2-3-1104",
            &[r"CORP\ana", r"OLD\ana", r"corp.example.com\ana"],
            &[],
        );
        let eve = account("S-1-5-21-1-2-3-1105", &[r"CORP\eve"], &[]);
        let finished = [system, two, eve].map(Account::finish);
        check(
            &finished,
            &[(r"corp.example.com\eve", "dc01")],
            &[(r"corp.example.com\eve", "dc01")],
        );
        check(
            &finished[..1],
            &[(r"corp.example.com\eve", "dc01"), (r"CORP\eve", "ws01")],
            &[(r"CORP\eve", "ws01"), (r"corp.example.com\eve", "dc01")],
        );
    }
}
