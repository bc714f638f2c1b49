//! The report: readable by a manager, checkable by an analyst.
//!
//! `sections/` turns the case into a document (`document.rs`), which `report.jsonl` keeps, and which each form shows
//! in its own way.

mod collected;
mod coverage;
mod document;
mod markdown;
mod questions;
mod sections;
mod text;

use std::io::Write;

use crate::case::CaseResult;
use crate::export::CaseFolder;
use crate::plan::Plan;

pub(crate) use collected::Collected;
pub(crate) use coverage::{gaps, lines as coverage_lines, seconds, unread};
pub(crate) use questions::open_questions;
pub(crate) use text::{count, end};

/// Writes `report.jsonl` and `report.md`.
pub(crate) fn write(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> anyhow::Result<()> {
    let outputs = folder.outputs();
    let mut document = folder.file("report.jsonl")?;
    let mut markdown = folder.file("report.md")?;
    sections::tell(plan, case, &outputs, &mut |section| {
        document.row(format!("{}\n", serde_json::to_string(&section)?).as_bytes())?;
        markdown.write_all(markdown::render(&section).as_bytes())?;
        Ok(())
    })?;
    document.finish()?;
    markdown.finish()
}
