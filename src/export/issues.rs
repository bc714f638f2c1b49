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

pub(super) fn write(folder: &CaseFolder, mut case: CaseResult) -> anyhow::Result<CaseResult> {
    let mut file = folder.file("issues.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    for item in &mut case.issues {
        let item = item.context("sorting issues")?;
        let cells = issue_cells(&item.payload);
        if cells[0] == "loss" && case.named_losses.len() < NAMED {
            case.named_losses.push((cells[1].clone(), cells[7].clone()));
        }
        file.csv_row(row.cells(&cells))?;
    }
    file.finish()?;
    Ok(case)
}
