//! `issues.csv`: all that could not be read.

use anyhow::Context;

use super::CaseFolder;
use super::csv::Row;
use crate::case::CaseResult;
use crate::run::issue_cells;

const COLUMNS: [&str; 8] = [
    "severity",
    "evidence_file",
    "offset",
    "record",
    "kind",
    "expected",
    "found",
    "message",
];

/// How many losses the report and the closing words name.
const NAMED: usize = 20;
/// Kinds of losses of whole collections: they are named first.
const OF_COLLECTIONS: [&str; 9] = [
    "archive-kind",
    "archive-limit",
    "damaged-archive",
    "nested-archive",
    "password",
    "too-many-files",
    "too-many-issues",
    "unreadable-archive",
    "unreadable-folder",
];

pub(super) fn write(folder: &CaseFolder, mut case: CaseResult) -> anyhow::Result<CaseResult> {
    let mut file = folder.file("issues.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    let (mut of_collections, mut of_files) = (Vec::new(), Vec::new());
    for item in &mut case.issues {
        let item = item.context("sorting issues")?;
        let cells = issue_cells(&item.payload);
        let named = if OF_COLLECTIONS.contains(&cells[4].as_str()) {
            &mut of_collections
        } else {
            &mut of_files
        };
        if cells[0] == "loss" && named.len() < NAMED {
            named.push((cells[1].clone(), cells[7].clone()));
        }
        file.csv_row(row.cells(&cells))?;
    }
    file.finish()?;
    of_collections.append(&mut of_files);
    of_collections.truncate(NAMED);
    case.named_losses = of_collections;
    Ok(case)
}
