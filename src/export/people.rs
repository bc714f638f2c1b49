//! `hosts.csv` and `accounts.csv`: who is who, and how that is known (TIMELINE.md §2.3).

use std::collections::{BTreeMap, BTreeSet};

use detectors::identity::{Account, Basis, Host, Leased};

use detectors::logging::Audit;

use super::CaseFolder;
use super::csv::Row;
use super::movements::item;
use crate::case::CaseResult;

const HOST_COLUMNS: [&str; 13] = [
    "host",
    "names",
    "addresses",
    "machine_id",
    "os",
    "time_zone",
    "role",
    "boots",
    "first_utc",
    "last_utc",
    "skew_ms",
    "audit_policy",
    "basis",
];

const ACCOUNT_COLUMNS: [&str; 9] = [
    "account",
    "sid",
    "names",
    "kind",
    "hosts",
    "sessions",
    "first_utc",
    "last_utc",
    "basis",
];

pub(super) fn write_hosts(folder: &CaseFolder, case: &CaseResult) -> anyhow::Result<()> {
    let mut file = folder.file("hosts.csv")?;
    let mut row = Row::new();
    file.header(HOST_COLUMNS)?;
    for host in &case.known_hosts {
        file.csv_row(row.cells(host_cells(case, host)))?;
    }
    file.finish()
}

fn host_cells(case: &CaseResult, host: &Host) -> [String; 13] {
    let (first, last) = match host.period {
        Some(period) => (period.from.to_string(), period.to.to_string()),
        None => Default::default(),
    };
    let name = if host.machine.is_empty() {
        host.names.first().cloned().unwrap_or_default()
    } else {
        case.host_of(&host.machine).to_owned()
    };
    let audit = case.coverage.logging().audit(&host.machine);
    let addresses: Vec<String> = host.addresses.iter().map(address).collect();
    [
        name,
        list(&host.names),
        addresses.join(";"),
        host.machine_id.clone(),
        host.os.clone(),
        host.time_zone.clone(),
        host.role.clone(),
        host.boots.to_string(),
        first,
        last,
        host.skew.map(milliseconds).unwrap_or_default(),
        audit.map(Audit::words).unwrap_or_default(),
        bases(&host.basis),
    ]
}

/// Ticks of 100 ns as milliseconds, rounded.
pub(crate) fn milliseconds(ticks: i64) -> String {
    let per_millisecond = timeline::TICKS_PER_SECOND / 1000;
    let half = per_millisecond / 2 * ticks.signum();
    (ticks.saturating_add(half) / per_millisecond).to_string()
}

/// `10.0.0.5@from/to`, without what is not known.
fn address(leased: &Leased) -> String {
    let to = leased.to.map(|to| to.to_string()).unwrap_or_default();
    // What the responder gives without a beginning has none.
    let from = if leased.from.0 == 0 {
        String::new()
    } else {
        leased.from.to_string()
    };
    format!("{}@{from}/{to}", leased.ip)
}

/// Names in one cell.
fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| item(name)).collect();
    names.join(";")
}

fn bases(bases: &[Basis]) -> String {
    let words: Vec<&str> = bases.iter().map(|basis| basis.as_str()).collect();
    words.join(";")
}

/// `sessions` has how many sessions each SID has, or each name in lower case where none is known.
pub(super) fn write_accounts(
    folder: &CaseFolder,
    case: &CaseResult,
    sessions: &BTreeMap<String, u64>,
) -> anyhow::Result<()> {
    let mut file = folder.file("accounts.csv")?;
    let mut row = Row::new();
    file.header(ACCOUNT_COLUMNS)?;
    for account in &case.accounts {
        let of = |key: &str| sessions.get(key).copied().unwrap_or_default();
        let count = if account.sid.is_empty() {
            let names: BTreeSet<String> = account.names.iter().map(|n| n.to_lowercase()).collect();
            names.iter().map(|name| of(name)).sum()
        } else {
            of(&account.sid)
        };
        file.csv_row(row.cells(account_cells(case, account, count)))?;
    }
    file.finish()
}

fn account_cells(case: &CaseResult, account: &Account, sessions: u64) -> [String; 9] {
    let (first, last) = match account.period {
        Some(period) => (period.from.to_string(), period.to.to_string()),
        None => Default::default(),
    };
    let hosts: Vec<&str> = account
        .hosts
        .iter()
        .map(|host| case.host_of(host))
        .collect();
    [
        account.name.clone(),
        account.sid.clone(),
        list(&account.names),
        account.kind.as_str().to_owned(),
        hosts.join(";"),
        sessions.to_string(),
        first,
        last,
        bases(&account.basis),
    ]
}
