//! Which events are wanted: a period, hosts, accounts, what a query answers with.

use std::collections::BTreeSet;

use anyhow::Context;
use timeline::table::{Cursor, Table};
use timeline::{Field, fields as f};

use super::event::Told;
use super::plan::Plan;
use crate::plan::Period;
use crate::store::Store;
use crate::stored_csv::{Row, listed, rows};

/// The files of a case that tell which names are one's.
const HOSTS: &str = "hosts.csv";
const ACCOUNTS_FILE: &str = "accounts.csv";

/// What events are asked for.
pub(super) struct Filter {
    period: Period,
    hosts: Option<Names>,
    users: Option<Names>,
    answer: Option<Table>,
}

/// What filters left out, events or movements: each is counted by the first that did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Removed {
    /// All that the case has.
    pub(super) all: u64,
    pub(super) period: u64,
    pub(super) hosts: u64,
    pub(super) users: u64,
    pub(super) query: u64,
}

impl Removed {
    /// What each of the filters that were given left out.
    pub(super) fn by(&self, plan: &Plan) -> Vec<(&'static str, u64)> {
        let all = [
            (
                "--from/--to",
                !plan.reading.period.is_everything(),
                self.period,
            ),
            ("--host", !plan.hosts.is_empty(), self.hosts),
            ("--user", !plan.users.is_empty(), self.users),
            ("--eql", plan.eql.is_some(), self.query),
        ];
        let given = all.into_iter().filter(|(_, is_given, _)| *is_given);
        given.map(|(name, _, events)| (name, events)).collect()
    }

    /// Adds the counts of another thread.
    pub(super) fn add(&mut self, other: Self) {
        self.all += other.all;
        self.period += other.period;
        self.hosts += other.hosts;
        self.users += other.users;
        self.query += other.query;
    }
}

impl Filter {
    /// The filters of a plan. Names are taken with all others that the case knows for the same.
    pub(super) fn new(plan: &Plan, store: &Store, answer: Option<Table>) -> anyhow::Result<Self> {
        let (hosts, users) = names(plan, store)?;
        Ok(Self {
            period: plan.reading.period,
            hosts,
            users,
            answer,
        })
    }

    /// Looks at the events of one segment after the other.
    pub(super) fn look(&self) -> Look<'_> {
        Look {
            filter: self,
            answer: self.answer.as_ref().map(Table::cursor),
            removed: Removed::default(),
        }
    }
}

/// The hosts and the accounts of a plan, each with all names that the case knows for the same.
pub(super) fn names(plan: &Plan, store: &Store) -> anyhow::Result<(Option<Names>, Option<Names>)> {
    let mut hosts = Names::of(&plan.hosts, label);
    let mut users = Names::of(&plan.users, account);
    if let Some(hosts) = &mut hosts {
        for row in rows(store.listed(HOSTS)?, HOSTS, &["host", "names"])? {
            let row = row?;
            hosts.learn([list(row.get("host"), row.get("names"))]);
        }
        // A case of another version may know no more than names.
        hosts.learn(store.hosts.values().map(|name| vec![name.clone()]));
    }
    if let Some(users) = &mut users {
        for row in rows(
            store.listed(ACCOUNTS_FILE)?,
            ACCOUNTS_FILE,
            &["account", "sid", "names"],
        )? {
            users.learn([account_names(&row?)]);
        }
    }
    Ok((hosts, users))
}

/// Filters events, in ascending order.
pub(super) struct Look<'f> {
    filter: &'f Filter,
    answer: Option<Cursor<'f>>,
    /// What was left out so far.
    pub(super) removed: Removed,
}

impl Look<'_> {
    /// Whether the event is wanted; if not, that is counted.
    pub(super) fn wants(&mut self, event: &Told<'_>) -> anyhow::Result<bool> {
        self.removed.all += 1;
        let filter = self.filter;
        if !filter.period.contains(event.time()) {
            self.removed.period += 1;
        } else if filter
            .hosts
            .as_ref()
            .is_some_and(|names| !is_host(names, event))
        {
            self.removed.hosts += 1;
        } else if filter
            .users
            .as_ref()
            .is_some_and(|names| !is_user(names, event))
        {
            self.removed.users += 1;
        } else if !self.answers(event)? {
            self.removed.query += 1;
        } else {
            return Ok(true);
        }
        Ok(false)
    }

    fn answers(&mut self, event: &Told<'_>) -> anyhow::Result<bool> {
        let Some(answer) = &mut self.answer else {
            return Ok(true);
        };
        let mut found = false;
        let each = |_: &[u8], _: &[u8]| found = true;
        answer
            .with_prefix(&event.uid().0, each)
            .context("looking up what the query answers with")?;
        Ok(found)
    }
}

/// Names in lower case, and how they were asked for.
#[derive(Debug)]
pub(super) struct Names {
    asked: BTreeSet<String>,
    all: BTreeSet<String>,
    /// A name without its domain.
    short: fn(&str) -> &str,
}

impl Names {
    /// Nothing when nothing is asked for.
    fn of(asked: &[String], short: fn(&str) -> &str) -> Option<Self> {
        let asked: BTreeSet<String> = asked.iter().map(|name| key(name)).collect();
        (!asked.is_empty()).then(|| Self {
            all: asked.clone(),
            asked,
            short,
        })
    }

    /// Learns of each one all names, where one of them is asked for. A name without its domain is one of its
    /// names, but is not taken for others' sake.
    fn learn(&mut self, each: impl IntoIterator<Item = Vec<String>>) {
        for names in each {
            let is_asked = |name: &String| {
                let name = key(name);
                self.asked.contains((self.short)(&name)) || self.asked.contains(&name)
            };
            if names.iter().any(is_asked) {
                self.all.extend(names.iter().map(|name| key(name)));
            }
        }
    }

    /// Whether a host or an account is asked for.
    pub(super) fn has(&self, name: &str) -> bool {
        if name.is_empty() {
            return false;
        }
        let name = key(name);
        self.all.contains(&name) || self.asked.contains((self.short)(&name))
    }
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The first label of a host's name; an address has none.
fn label(name: &str) -> &str {
    if name.parse::<std::net::IpAddr>().is_ok() {
        return name;
    }
    name.split_once('.').map_or(name, |(label, _)| label)
}

/// The name of an account without its domain.
fn account(name: &str) -> &str {
    name.rsplit_once('\\').map_or(name, |(_, account)| account)
}

fn is_host(names: &Names, event: &Told<'_>) -> bool {
    let segment = event.segment();
    let recorded = segment.strings.get(segment.rows[event.row as usize].host);
    names.has(event.context.host) || names.has(recorded)
}

/// Fields that name accounts, each with the field of its domain.
const ACCOUNTS: [(Field, Option<Field>); 10] = [
    (f::USER_NAME, Some(f::USER_DOMAIN)),
    (f::USER_EFFECTIVE_NAME, Some(f::USER_EFFECTIVE_DOMAIN)),
    (f::USER_TARGET_NAME, Some(f::USER_TARGET_DOMAIN)),
    (f::SOURCE_USER_NAME, Some(f::SOURCE_USER_DOMAIN)),
    (f::DESTINATION_USER_NAME, Some(f::DESTINATION_USER_DOMAIN)),
    (f::USER_ID, None),
    (f::USER_EFFECTIVE_ID, None),
    (f::USER_TARGET_ID, None),
    (f::WINLOG_USER_IDENTIFIER, None),
    (f::REGISTRY_EXT_OWNER_SID, None),
];

fn is_user(names: &Names, event: &Told<'_>) -> bool {
    let is_named = |(name, domain): &(Field, Option<Field>)| {
        let name = event.text(*name);
        let Some(domain) = domain.map(|domain| event.text(domain)) else {
            return names.all.contains(&key(name));
        };
        !name.is_empty() && (names.is_account(name) || names.has(&format!("{domain}\\{name}")))
    };
    ACCOUNTS.iter().any(is_named)
        || event
            .texts(f::RELATED_USER)
            .any(|name| names.is_account(&name))
}

impl Names {
    /// Whether an account of whatever domain is asked for by its name alone.
    fn is_account(&self, name: &str) -> bool {
        self.asked.contains(&key(name))
    }
}

/// All that an account is called, and its SID.
fn account_names(row: &Row) -> Vec<String> {
    let mut names = list(row.get("account"), row.get("names"));
    // The folder of a profile is no name.
    names.retain(|name| !name.starts_with("profile "));
    names.extend(Some(row.get("sid").to_owned()).filter(|sid| !sid.is_empty()));
    names
}

fn list(name: &str, others: &str) -> Vec<String> {
    let all = std::iter::once(name.to_owned()).chain(listed(others));
    let all = all.map(|name| name.trim().to_owned());
    all.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(asked: &str, short: fn(&str) -> &str, known: &[&[&str]]) -> Names {
        let mut names = Names::of(&[asked.to_owned()], short).unwrap();
        let known = known
            .iter()
            .map(|one| one.iter().map(ToString::to_string).collect());
        names.learn(known);
        names
    }

    #[test]
    fn a_host_is_found_by_any_of_its_names() {
        let known: &[&[&str]] = &[
            &["SRV02.corp.example.com", "OLD7"],
            &["WS01.corp.example.com"],
        ];
        for asked in ["srv02", "SRV02.CORP.example.com", "old7"] {
            let names = names(asked, label, known);
            assert!(
                names.has("SRV02.corp.example.com") && names.has("OLD7"),
                "{asked}"
            );
            assert!(
                !names.has("WS01.corp.example.com") && !names.has(""),
                "{asked}"
            );
        }
        assert!(names("10.0.0.5", label, &[]).has("10.0.0.5"));
        assert!(!names("10", label, &[]).has("10.0.0.5"));
        assert!(!names("srv02.other.example", label, known).has("SRV02.corp.example.com"));
    }

    #[test]
    fn an_account_is_found_by_name_and_sid() {
        let known: &[&[&str]] = &[
            &["CORP\\ana", "S-1-5-21-1-2-3-1001"],
            &["SRV02\\ana", "S-1-5-21-9-9-9-1001"],
        ];
        let corp = names("corp\\ANA", account, known);
        assert!(corp.has("CORP\\ana") && corp.all.contains("s-1-5-21-1-2-3-1001"));
        assert!(!corp.has("SRV02\\ana") && !corp.all.contains("s-1-5-21-9-9-9-1001"));
        let any = names("ana", account, known);
        assert!(any.has("CORP\\ana") && any.has("SRV02\\ana"));
        assert!(
            !names("j", account, &[&["j.moreau", "S-1"]])
                .all
                .contains("s-1")
        );
        let sid = names("s-1-5-21-9-9-9-1001", account, known);
        assert!(sid.has("SRV02\\ana") && !sid.has("CORP\\ana"));
    }
}
