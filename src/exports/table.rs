//! CSV of exports: the dialect of the case's files, with the end of line and the mark that a tool wants.

use std::io::Write;

use timeline::sort::Sorted;

use super::output::{Files, OutFile};
use super::plan::Form;
use super::tally::Tally;
use crate::export::Row;

/// How lines end.
pub(super) const LF: &str = "\n";
pub(super) const CRLF: &str = "\r\n";
/// What tells a spreadsheet that a file is UTF-8.
pub(super) const BOM: &str = "\u{feff}";

/// UTF-16 units of a cell; a sheet takes 32,767.
pub(super) const LONGEST: usize = 32_000;

/// A text that a cell of a sheet takes: of a longer one the beginning, with what is said of that, which is counted.
pub(super) fn fitting(text: String, cut: &str, what: &'static str, tally: &mut Tally) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, char)| {
        units += char.len_utf16();
        units > LONGEST
    });
    let Some((end, _)) = end else {
        return text;
    };
    tally.lose(what, 1);
    format!("{}{cut}", &text[..end])
}

/// A line with these cells.
pub(super) fn line<T: AsRef<str>>(
    cells: impl IntoIterator<Item = T>,
    end: &str,
    tally: &mut Tally,
) -> Vec<u8> {
    let mut row = Row::new();
    row.cells(cells);
    tally.neutralised += row.take_neutralised();
    [row.as_str(), end].concat().into_bytes()
}

/// Files whose rows come in the one order: the dated ones in the main file, the others in one beside it, or
/// in the same.
pub(super) struct Plain {
    /// What the main file begins with.
    pub(super) head: Vec<u8>,
    /// What the file of undated rows begins with, if there is one.
    pub(super) undated: Option<Vec<u8>>,
}

impl Plain {
    /// All rows in the main file.
    pub(super) fn alone(head: impl Into<Vec<u8>>) -> Self {
        Self {
            head: head.into(),
            undated: None,
        }
    }

    /// The same heading for both files; none, and one file, where rows are JSON.
    pub(super) fn in_form(form: Form, head: Vec<u8>) -> Self {
        if form == Form::Jsonl {
            return Self::alone([]);
        }
        Self {
            undated: Some(head.clone()),
            head,
        }
    }

    /// Writes the rows.
    pub(super) fn write(&self, rows: Sorted, files: &Files<'_>) -> anyhow::Result<()> {
        let mut main = begin(files, files.main_name(), &self.head)?;
        let undated = self.undated.as_ref();
        let undated = undated.map(|head| begin(files, files.part_name("undated"), head));
        let mut undated = undated.transpose()?;
        for row in rows {
            let row = row?;
            let is_dated = timeline::key::read_time(&row.key).is_some();
            let other = undated.as_mut().filter(|_| !is_dated);
            other.unwrap_or(&mut main).row(&row.payload)?;
        }
        main.finish()?;
        undated.map_or(Ok(()), OutFile::finish)
    }
}

/// A file that begins so, and has rows.
pub(super) fn begin<'f>(
    files: &'f Files<'f>,
    name: String,
    head: &[u8],
) -> anyhow::Result<OutFile<'f>> {
    let mut file = files.file(name)?;
    file.has_rows();
    file.write_all(head)?;
    Ok(file)
}
