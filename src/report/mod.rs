//! The report: readable by a manager, checkable by an analyst.
//!
//! `sections/` turns the case into a document (`document.rs`), which `report.jsonl` keeps, and which each form shows
//! in its own way.

mod again;
mod collected;
mod coverage;
mod document;
mod html;
mod markdown;
mod questions;
mod redact;
mod sections;
mod stored;
mod text;

use std::io::Write;

use crate::case::CaseResult;
use crate::export::{CaseFolder, json_line};
use crate::plan::Plan;

pub(crate) use again::run;
pub(crate) use collected::Collected;
pub(crate) use coverage::{gaps, lines as coverage_lines, seconds, unread};
pub(crate) use questions::open_questions;
pub(crate) use text::{begun, count, end};

/// What the report says, without a form.
const DOCUMENT: &str = "report.jsonl";
/// The report for a browser.
const PAGE: &str = "report.html";
/// The report for a wiki.
const MARKDOWN: &str = "report.md";

/// Writes the document and both of its forms.
pub(crate) fn write(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> anyhow::Result<()> {
    let outputs = folder.outputs();
    let mut document = folder.file(DOCUMENT)?;
    let mut markdown = folder.file(MARKDOWN)?;
    sections::tell(plan, case, &outputs, &mut |section| {
        document.row(format!("{}\n", json_line(&section)?).as_bytes())?;
        markdown.write_all(markdown::render(&section).as_bytes())?;
        Ok(())
    })?;
    document.finish()?;
    markdown.finish()?;
    let mut page = folder.file(PAGE)?;
    let document = folder.path().join(DOCUMENT);
    html::render(|| stored::sections(&document), &mut page)?;
    page.finish()
}
