//! Rules, one in each line.

use detectors::rule::{Basis, Rule};

use super::shape;
use crate::exit::Exit;
use crate::stdout;
use crate::visible::visible;

const HEAD: [&str; 7] = [
    "id", "severity", "basis", "events", "ATT&CK", "name", "file",
];

/// Prints the rules as a table.
pub(super) fn print(rules: &[Rule]) -> anyhow::Result<Exit> {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(rules.iter().map(cells));
    stdout::print(&table(&rows))
}

fn cells(rule: &Rule) -> [String; 7] {
    let basis = rule.sidetrack.as_ref().map(|table| table.basis);
    let cells = [
        rule.id.clone(),
        rule.severity.as_str().to_owned(),
        basis.map_or("", Basis::as_str).to_owned(),
        shape(rule),
        rule.attack.join(","),
        rule.name.clone(),
        rule.source.clone(),
    ];
    cells.map(|cell| visible(&cell))
}

/// The cells below each other, blanks between them.
fn table(rows: &[[String; 7]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let padded: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}
