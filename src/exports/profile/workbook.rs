//! The small tables of a case as a workbook, beside `excel`'s CSV: one sheet each, with frozen heading, filter, and
//! dates that are dates.
//!
//! Every text is written as text, never as a formula or a link. No clock is in the file.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};
use timeline::Ticks;

use super::Tools;
use crate::exports::output::Files;
use crate::exports::table::fitting;
use crate::exports::tally::Tally;

/// The tables, in the order of the sheets.
const TABLES: [&str; 5] = ["movements", "findings", "sessions", "hosts", "accounts"];
/// Rows of a sheet below its heading.
const MOST: u64 = 1_048_575;
/// What stands at the end of a cell that was cut.
const CUT: &str = " ...[cut, see the case]";
/// What is counted then.
const WHAT_CUT: &str = "cells of the workbook cut at 32,000 characters";
/// Columns with times, in whatever table.
const TIMES: [&str; 6] = [
    "start_utc",
    "end_utc",
    "first_utc",
    "last_utc",
    "start",
    "end",
];
/// Columns with numbers that are counted or measured.
const NUMBERS: [&str; 7] = [
    "slack_ms",
    "skew_ms",
    "events",
    "processes",
    "boots",
    "evidence_count",
    "sessions",
];

/// Writes `x.xlsx`.
pub(super) fn write(tools: Tools<'_>, files: &Files<'_>, tally: &mut Tally) -> anyhow::Result<()> {
    let made = tools.folder.join("workbook.xlsx");
    make(tools, &made, tally).context("making the workbook")?;
    let mut file = files.file(files.beside(".xlsx"))?;
    std::io::copy(&mut File::open(&made)?, &mut file).context("writing the workbook")?;
    file.finish()
}

fn make(tools: Tools<'_>, path: &Path, tally: &mut Tally) -> anyhow::Result<()> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(tools.folder)?;
    let created = ExcelDateTime::from_ymd(1980, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let most = tools.plan.part_rows.unwrap_or(MOST).min(MOST);
    for table in TABLES {
        let path = tools.plan.case.join(format!("{table}.csv"));
        let added = add(&mut workbook, table, &path, most, tally);
        added.with_context(|| path.display().to_string())?;
    }
    Ok(workbook.save(path)?)
}

/// Adds a table: on one sheet, or on as many of so many rows as it needs.
fn add(
    workbook: &mut Workbook,
    name: &str,
    path: &Path,
    most: u64,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let mut reader = csv::Reader::from_path(path)?;
    let columns = Column::all(reader.headers()?);
    let mut rows = reader.records().peekable();
    let mut number = 1;
    loop {
        let title = match number {
            1 => name.to_owned(),
            number => format!("{name} ({number})"),
        };
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(title)?.set_freeze_panes(1, 0)?;
        for (place, column) in (0u16..).zip(&columns) {
            sheet.set_column_width(place, column.width())?;
        }
        let bold = Format::new().set_bold();
        for (place, column) in (0u16..).zip(&columns) {
            sheet.write_string_with_format(0, place, &column.name, &bold)?;
        }
        let mut row = 0;
        while u64::from(row) < most
            && let Some(record) = rows.next()
        {
            row += 1;
            let record = record?;
            for ((place, column), text) in (0u16..).zip(&columns).zip(&record) {
                column.write(sheet, row, place, text, tally)?;
            }
        }
        let last = u16::try_from(columns.len().saturating_sub(1))?;
        sheet.autofilter(0, 0, row, last)?;
        if rows.peek().is_none() {
            return Ok(());
        }
        number += 1;
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Time,
    Number,
}

struct Column {
    name: String,
    kind: Kind,
    format: Format,
}

impl Column {
    fn all(heading: &csv::StringRecord) -> Vec<Self> {
        let column = |name: &str| {
            let kind = match name {
                name if TIMES.contains(&name) => Kind::Time,
                name if NUMBERS.contains(&name) => Kind::Number,
                _ => Kind::Text,
            };
            let format = match kind {
                Kind::Text => Format::new(),
                Kind::Time => Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
                Kind::Number => Format::new().set_num_format("0"),
            };
            Self {
                name: name.to_owned(),
                kind,
                format,
            }
        };
        heading.iter().map(column).collect()
    }

    fn width(&self) -> f64 {
        match self.kind {
            Kind::Time => 24.0,
            Kind::Number => 12.0,
            Kind::Text => 20.0,
        }
    }

    /// Writes a value as what it is; what is none of that kind stays text.
    fn write(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        place: u16,
        text: &str,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let number = match self.kind {
            Kind::Text => None,
            Kind::Time => serial(text),
            Kind::Number => text.parse().ok(),
        };
        match number {
            Some(number) => sheet.write_number_with_format(row, place, number, &self.format)?,
            None => {
                sheet.write_string(row, place, fitting(text.to_owned(), CUT, WHAT_CUT, tally))?
            }
        };
        Ok(())
    }
}

/// Days since 1899-12-30, to the millisecond, as the sheet shows it.
fn serial(text: &str) -> Option<f64> {
    const DAY: i64 = 86_400_000;
    /// Days from 1899-12-30 to 1970-01-01.
    const EPOCH: i64 = 25_569;
    let (seconds, ticks) = Ticks::parse(text)?.to_unix();
    let milliseconds = seconds * 1000 + ticks / timeline::TICKS_PER_MILLISECOND + EPOCH * DAY;
    // Before March of 1900 a sheet counts a day that never was.
    if milliseconds < 61 * DAY {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a double has milliseconds for 285,000 years"
    )]
    Some(milliseconds as f64 / DAY as f64)
}
