//! The CSV dialect of every file in a case (TIMELINE.md §2.4): RFC 4180, every field quoted, LF,
//! UTF-8, control characters visible, formulas harmless.

use crate::visible::push_visible;

/// One row under way.
#[derive(Debug, Default)]
pub(crate) struct Row {
    text: String,
    empty: bool,
    neutralised: u64,
}

impl Row {
    pub(crate) fn new() -> Self {
        Self {
            text: String::new(),
            empty: true,
            neutralised: 0,
        }
    }

    /// Adds a cell.
    pub(crate) fn cell(&mut self, text: &str) -> &mut Self {
        if !std::mem::take(&mut self.empty) {
            self.text.push(',');
        }
        self.text.push('"');
        if is_formula(text) {
            self.text.push('\'');
            self.neutralised += 1;
        }
        if text.contains('"') {
            push_visible(&mut self.text, &text.replace('"', "\"\""));
        } else {
            push_visible(&mut self.text, text);
        }
        self.text.push('"');
        self
    }

    /// Adds several cells.
    pub(crate) fn cells<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> &mut Self {
        cells.into_iter().for_each(|cell| {
            self.cell(cell.as_ref());
        });
        self
    }

    /// The row without its end of line.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Cells that would have been formulas, since this was last asked.
    pub(crate) fn take_neutralised(&mut self) -> u64 {
        std::mem::take(&mut self.neutralised)
    }

    /// The row with its end of line; a new one begins.
    pub(crate) fn take_line(&mut self) -> String {
        let mut line = std::mem::take(&mut self.text);
        line.push('\n');
        self.empty = true;
        line
    }
}

/// Whether a spreadsheet would evaluate the cell: its first character says so, and it is not merely
/// a number.
pub(crate) fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let shape = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    shape && digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_harmless() {
        let mut row = Row::new();
        row.cells([
            "a",
            "",
            "say \"x\", y",
            "=1+2",
            "-1",
            "+1.5e3",
            "-1+cmd|' /C calc'!A0",
            "@x",
        ]);
        row.cells(["\t=x", "a\nb", "-"]);
        assert_eq!(
            row.take_line(),
            "\"a\",\"\",\"say \"\"x\"\", y\",\"'=1+2\",\"-1\",\"+1.5e3\",\
             \"'-1+cmd|' /C calc'!A0\",\"'@x\",\"'\\t=x\",\"a\\nb\",\"'-\"\n"
        );
        assert_eq!(row.take_neutralised(), 5);
        assert_eq!(row.cell("next").as_str(), "\"next\"");
    }
}
