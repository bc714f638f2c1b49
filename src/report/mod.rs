//! The report: readable by a manager, checkable by an analyst.
//!
//! `sections/` turns the case into a document (`document.rs`), which `report.jsonl` keeps, and which each form shows
//! in its own way.

mod collected;
mod coverage;
mod document;
mod html;
mod markdown;
mod questions;
mod sections;
mod text;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};

use anyhow::Context;

use crate::case::CaseResult;
use crate::export::CaseFolder;
use crate::plan::Plan;

pub(crate) use collected::Collected;
pub(crate) use coverage::{gaps, lines as coverage_lines, seconds, unread};
pub(crate) use questions::open_questions;
pub(crate) use text::{count, end};

/// The document, one section a line.
const DOCUMENT: &str = "report.jsonl";

/// Writes `report.jsonl`, and `report.md` and `report.html` from it.
pub(crate) fn write(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> anyhow::Result<()> {
    let outputs = folder.outputs();
    let mut document = folder.file(DOCUMENT)?;
    let mut markdown = folder.file("report.md")?;
    sections::tell(plan, case, &outputs, &mut |section| {
        document.row(format!("{}\n", serde_json::to_string(&section)?).as_bytes())?;
        markdown.write_all(markdown::render(&section).as_bytes())?;
        Ok(())
    })?;
    document.finish()?;
    markdown.finish()?;
    let mut page = folder.file("report.html")?;
    html::render(|| sections_of(folder), &mut page)?;
    page.finish()
}

/// The sections of a case that has them, one after the other.
fn sections_of(
    folder: &CaseFolder,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<document::Section>>> {
    let path = folder.path().join(DOCUMENT);
    let file = File::open(&path).with_context(|| format!("reading {}", path.display()))?;
    let lines = BufReader::new(file).lines();
    Ok(lines.map(|line| serde_json::from_str(&line?).context("reading a section of the report")))
}
