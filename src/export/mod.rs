//! From the case result to files. Nothing here computes anything new.

mod close;
mod corroboration;
mod coverage;
mod csv;
mod findings;
mod folder;
mod graph;
mod issues;
mod json;
mod line;
mod manifest;
mod mark;
mod message;
mod movements;
mod paths;
mod people;
mod proof;
mod scope;
mod sessions;
mod strength;
mod timeline;

use anyhow::Context;
use chrono::{DateTime, Utc};

use crate::case::CaseResult;
use crate::plan::Plan;
use crate::report;

pub(crate) use close::close;
pub(crate) use corroboration::{LOOSE, absence, corroborating};
pub(crate) use csv::{Row, is_formula};
pub(crate) use folder::{CaseFolder, Output, entries, folder_name};
pub(crate) use json::{json_document, json_line, json_text, sorted};
pub(crate) use line::{
    AFTER, BEFORE, LOCAL, LineContext, MARKS, columns, csv_cells, csv_header, csv_line, line, local,
};
pub(crate) use mark::Mark;
pub(crate) use movements::{
    Rules, clock_differences, doubtful_times, finding_id, hints, movement_id, spread, witness_words,
};
pub(crate) use paths::{path_accounts, path_hosts, path_id};
pub(crate) use proof::{Proof, proof, proof_of};
pub(crate) use scope::is_told;
pub(crate) use strength::strongest_first;
pub(crate) use timeline::marked_json;

/// Writes every file of the case, the manifest last.
pub(crate) fn write(
    folder: &CaseFolder,
    plan: &Plan,
    case: CaseResult,
    started: DateTime<Utc>,
) -> anyhow::Result<CaseResult> {
    movements::write(folder, plan, &case).context("writing movements.csv")?;
    paths::write(folder, &case).context("writing paths.csv")?;
    graph::write(folder, plan, &case).context("writing movements.graphml")?;
    findings::write(folder, plan, &case).context("writing findings")?;
    let (case, rows) = timeline::write(folder, plan, case).context("writing the timeline")?;
    let case = issues::write(folder, case).context("writing issues.csv")?;
    coverage::write(folder, &case).context("writing coverage.csv")?;
    let (case, sessions) = sessions::write(folder, case).context("writing sessions.csv")?;
    people::write_hosts(folder, &case).context("writing hosts.csv")?;
    people::write_accounts(folder, &case, &sessions).context("writing accounts.csv")?;
    report::write(folder, plan, &case).context("writing report.md")?;
    manifest::write(folder, plan, &case, rows, started).context("writing manifest.json")?;
    Ok(case)
}
