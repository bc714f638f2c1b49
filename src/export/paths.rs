//! `paths.csv`: movements that follow each other (CASE.md).

use std::collections::BTreeSet;

use detectors::movement::{Path, Way};

use super::CaseFolder;
use super::csv::Row;
use super::movements::{item, movement_id};
use crate::case::CaseResult;

const COLUMNS: [&str; 8] = [
    "id",
    "start_utc",
    "end_utc",
    "hops",
    "hosts",
    "accounts",
    "movement_ids",
    "grade",
];

/// `P-0001`.
pub(crate) fn path_id(place: usize) -> String {
    format!("P-{:04}", place + 1)
}

pub(super) fn write(folder: &CaseFolder, case: &CaseResult) -> anyhow::Result<()> {
    let mut file = folder.file("paths.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    for (place, path) in case.paths.iter().enumerate() {
        let hops = || path.hops.iter().map(|&hop| &case.movements[hop]);
        let start = hops().next().and_then(|hop| hop.start);
        let end = hops().filter_map(|hop| hop.end).max();
        let text = |names: Vec<&str>| {
            let names: Vec<String> = names.into_iter().map(item).collect();
            names.join(";")
        };
        let ids: Vec<String> = path.hops.iter().map(|&hop| movement_id(hop)).collect();
        file.csv_row(row.cells([
            path_id(place),
            start.map(|time| time.to_string()).unwrap_or_default(),
            end.map(|time| time.to_string()).unwrap_or_default(),
            path.hops.len().to_string(),
            text(path_hosts(case, path)),
            text(path_accounts(case, path)),
            ids.join(";"),
            path.grade.as_str().to_owned(),
        ]))?;
    }
    file.finish()
}

/// The hosts that a path leads through, in order, from where it begins.
pub(crate) fn path_hosts<'c>(case: &'c CaseResult, path: &Path) -> Vec<&'c str> {
    let ways = path.hops.iter().map(|&hop| case.ends.ways[hop]);
    let first = ways.clone().next().and_then(|way: Way| way.from);
    let ends = first.into_iter().chain(ways.filter_map(|way| way.to));
    ends.map(|end| case.ends.all[end].name.as_str()).collect()
}

/// The accounts of a path's movements, each once, in order.
pub(crate) fn path_accounts<'c>(case: &'c CaseResult, path: &Path) -> Vec<&'c str> {
    let mut seen = BTreeSet::new();
    let accounts = path
        .hops
        .iter()
        .map(|&hop| case.movements[hop].account.as_str());
    accounts
        .filter(|account| !account.is_empty() && seen.insert(account.to_lowercase()))
        .collect()
}
