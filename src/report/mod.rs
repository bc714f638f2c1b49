//! The report: readable by a manager, checkable by an analyst.

mod collected;
mod coverage;
mod left;
mod markdown;
mod movement;
mod questions;
mod ran;
mod text;

use std::io::Write;

use crate::case::CaseResult;
use crate::export::CaseFolder;
use crate::plan::Plan;

pub(crate) use collected::Collected;
pub(crate) use coverage::{gaps, lines as coverage_lines, seconds, unread};
pub(crate) use questions::open_questions;
pub(crate) use text::{count, end};

/// Writes `report.md`.
pub(crate) fn write(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> anyhow::Result<()> {
    let mut file = folder.file("report.md")?;
    file.write_all(markdown::render(plan, case).as_bytes())?;
    file.finish()
}
