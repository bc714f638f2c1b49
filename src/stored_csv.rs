//! Cells of a case's CSV files, read back as they were meant.

use std::fs::File;
use std::rc::Rc;

use anyhow::Context;

use crate::visible::visible;

/// A row of a CSV file of the case.
pub(crate) struct Row {
    columns: Rc<csv::StringRecord>,
    cells: csv::StringRecord,
}

impl Row {
    /// What a column says; empty when the file has no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|name| name == column);
        plain(
            place
                .and_then(|place| self.cells.get(place))
                .unwrap_or_default(),
        )
    }

    /// Each column, and what it says.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.iter().zip(self.cells.iter().map(plain))
    }
}

/// The rows of a CSV file of the case, which must have these columns.
pub(crate) fn rows(
    file: File,
    name: &'static str,
    needed: &[&str],
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Row>> + use<>> {
    let reading = move || format!("reading {name}");
    let mut reader = csv::Reader::from_reader(file);
    let columns = Rc::new(reader.headers().with_context(reading)?.clone());
    let missing = needed
        .iter()
        .find(|needed| !columns.iter().any(|column| column == **needed));
    anyhow::ensure!(
        missing.is_none(),
        "{name} is not as this program writes it: it has no column {}",
        missing.unwrap_or(&"")
    );
    let rows = reader.into_records().map(move |cells| {
        let columns = Rc::clone(&columns);
        let cells = cells.with_context(reading)?;
        Ok(Row { columns, cells })
    });
    Ok(rows)
}

/// The cell without the mark that keeps it from being a formula.
pub(crate) fn plain(cell: &str) -> &str {
    let rest = cell.strip_prefix('\'');
    let is_formula = |rest: &&str| {
        rest.starts_with(['=', '+', '-', '@']) || rest.starts_with("\\t") || rest.starts_with("\\r")
    };
    rest.filter(is_formula).unwrap_or(cell)
}

/// What a cell says with those characters that it only shows as `\n`, `\x1b` or `\u202e`, if it can have some: who sees
/// `CORP\nadia` cannot tell, so it may be either.
pub(crate) fn unseen(cell: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = cell;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (char, length) = shown_character(rest).unwrap_or(('\\', 1));
        out.push(char);
        rest = &rest[length..];
    }
    out.push_str(rest);
    (out != cell).then_some(out)
}

/// The character that a text begins to show, and how long it takes to do that.
fn shown_character(text: &str) -> Option<(char, usize)> {
    let by_number = |digits: usize| {
        let number = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        Some((char::from_u32(number)?, 2 + digits))
    };
    let candidates = match text.as_bytes().get(1)? {
        b'n' => [Some(('\n', 2)), None],
        b'r' => [Some(('\r', 2)), None],
        b't' => [Some(('\t', 2)), None],
        b'x' => [by_number(2), None],
        b'u' => [by_number(5), by_number(4)],
        _ => return None,
    };
    let is_shown = |&(char, length): &(char, usize)| visible(&char.to_string()) == text[..length];
    candidates.into_iter().flatten().find(is_shown)
}

/// The names of a list in a cell: `a;b`, with `\;` where a name has one.
pub(crate) fn listed(cell: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut chars = cell.chars().peekable();
    while let Some(char) = chars.next() {
        let last = names.len() - 1;
        match char {
            '\\' if chars.peek() == Some(&';') => {
                names[last].push(';');
                chars.next();
            }
            ';' => names.push(String::new()),
            char => names[last].push(char),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cell_shows_it_may_have() {
        for (cell, expected) in [
            (r"CORP\ana", None),
            (r"CORP\nadia", Some("CORP\nadia")),
            (r"a\x1b[31m\\tb", Some("a\u{1b}[31m\\\tb")),
            (
                r"\u202e\ue0041\ue004\u0041\ud800\x41",
                Some("\u{202e}\u{e0041}\\ue004\\u0041\\ud800\\x41"),
            ),
            (r"\u20\x\", None),
        ] {
            assert_eq!(unseen(cell).as_deref(), expected, "{cell}");
        }
    }

    #[test]
    fn cells_are_read_as_they_were_written() {
        assert_eq!(plain("'=x"), "=x");
        assert_eq!(plain("'x"), "'x");
        assert_eq!(plain(r"'\t=x"), r"\t=x");
        assert_eq!(listed(r"a;b\;c;CORP\d"), ["a", "b;c", r"CORP\d"]);
        assert_eq!(listed(""), [""]);
    }
}
