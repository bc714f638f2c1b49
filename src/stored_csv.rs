//! Cells of a case's CSV files, read back as they were meant.

/// The cell without the mark that keeps it from being a formula.
pub(crate) fn plain(cell: &str) -> &str {
    let rest = cell.strip_prefix('\'');
    rest.filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']))
        .unwrap_or(cell)
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
    fn cells_are_read_as_they_were_written() {
        assert_eq!(plain("'=x"), "=x");
        assert_eq!(plain("'x"), "'x");
        assert_eq!(listed(r"a;b\;c;CORP\d"), ["a", "b;c", r"CORP\d"]);
        assert_eq!(listed(""), [""]);
    }
}
