//! Hosts and accounts: who is who, and how that is known.

use detectors::identity::{Account, AccountKind, Basis, Host};

use super::super::coverage::seconds;
use super::super::document::{Kind, Line, Section, Table, brief, few, ours};
use super::lanes::skew;
use crate::case::CaseResult;

/// How many of each are listed: the CSV files have all.
const MOST: usize = 300;
/// How many names, addresses or hosts stand in one cell.
const IN_A_CELL: usize = 6;

pub(super) fn hosts(case: &CaseResult) -> Option<Section> {
    let mut section = Section::new(Kind::Hosts, "hosts", vec![ours("Hosts")]);
    let mut table = Table::with(&[
        "host",
        "evidence",
        "other names",
        "addresses",
        "Windows",
        "role",
        "time zone",
        "clock",
        "first seen",
        "last seen",
        "known by",
    ]);
    for host in case.known_hosts.iter().take(MOST) {
        table.row(host_cells(case, host));
    }
    table.tell_cut(case.known_hosts.len(), MOST, "hosts.csv");
    section.table(table);
    (!case.known_hosts.is_empty()).then_some(section)
}

fn host_cells(case: &CaseResult, host: &Host) -> Vec<Line> {
    let is_collected = !host.machine.is_empty();
    let name = match host.names.first() {
        _ if is_collected => case.host_of(&host.machine),
        first => first.map_or("", String::as_str),
    };
    let others = host
        .names
        .iter()
        .filter(|other| !other.eq_ignore_ascii_case(name));
    let mut addresses: Vec<&str> = Vec::new();
    for address in &host.addresses {
        if !addresses.contains(&address.ip.as_str()) {
            addresses.push(&address.ip);
        }
    }
    let (first, last) = match host.period {
        Some(period) => (seconds(period.from), seconds(period.to)),
        None => Default::default(),
    };
    vec![
        brief(name),
        vec![ours(if is_collected {
            "collected"
        } else {
            "only named"
        })],
        some(others.map(String::as_str)),
        some(addresses.into_iter()),
        brief(&host.os),
        brief(&host.role),
        brief(&host.time_zone),
        vec![ours(host.skew.map(skew).unwrap_or_default())],
        vec![ours(first)],
        vec![ours(last)],
        vec![ours(bases(&host.basis))],
    ]
}

/// The accounts: users first, then machines, then what the system itself runs as.
pub(super) fn accounts(case: &CaseResult) -> Option<Section> {
    let mut accounts: Vec<&Account> = case.accounts.iter().collect();
    accounts.sort_by_key(|account| match account.kind {
        AccountKind::User | AccountKind::Administrator => 0,
        AccountKind::Machine => 1,
        AccountKind::System => 2,
    });
    let mut section = Section::new(Kind::Accounts, "accounts", vec![ours("Accounts")]);
    let mut table = Table::with(&[
        "account",
        "SID",
        "kind",
        "in the evidence of",
        "first seen",
        "last seen",
    ]);
    for account in accounts.iter().take(MOST) {
        let (first, last) = match account.period {
            Some(period) => (seconds(period.from), seconds(period.to)),
            None => Default::default(),
        };
        table.row(vec![
            brief(&account.name),
            brief(&account.sid),
            vec![ours(account.kind.as_str())],
            some(account.hosts.iter().map(|host| case.host_of(host))),
            vec![ours(first)],
            vec![ours(last)],
        ]);
    }
    table.tell_cut(accounts.len(), MOST, "accounts.csv");
    section.table(table);
    (!accounts.is_empty()).then_some(section)
}

/// The first few of many names.
fn some<'a>(names: impl Iterator<Item = &'a str>) -> Line {
    let names: Vec<Line> = names.map(brief).collect();
    few(names.into_iter(), IN_A_CELL, ", ", "the CSV file")
}

fn bases(bases: &[Basis]) -> String {
    let words: Vec<&str> = bases.iter().map(|basis| basis.as_str()).collect();
    words.join(", ")
}
