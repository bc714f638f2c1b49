//! `report.md`: the document as Markdown.

use std::fmt::Write;

use super::document::{Block, Item, Kind, Line, Row, Section, Span, Table};
use super::text::{cell, code, prose};

/// A section; nothing where all of it is a picture.
pub(super) fn render(section: &Section) -> String {
    let is_picture = |block: &Block| {
        matches!(
            block,
            Block::Ladder(_) | Block::Graph(_) | Block::Periods(_)
        )
    };
    if section.blocks.iter().all(is_picture) {
        return String::new();
    }
    // A blank line stands between sections, and none at the end.
    let mark = if section.kind == Kind::Title {
        "#"
    } else {
        "\n##"
    };
    let mut out = format!("{mark} {}\n\n", line(&section.title, code));
    for block in &section.blocks {
        match block {
            Block::Paragraph(words) => {
                let _ = write!(out, "{}\n\n", line(words, code));
            }
            Block::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|words| line(words, code)).collect();
                let _ = write!(out, "{}\n\n", lines.join("  \n"));
            }
            Block::List(items) => list(&mut out, items),
            Block::Table(rows) => table(&mut out, rows),
            // Pictures: what they show stands in the tables.
            Block::Ladder(_) | Block::Graph(_) | Block::Periods(_) => {}
        }
    }
    out.truncate(out.trim_end_matches('\n').len());
    out + "\n"
}

fn list(out: &mut String, items: &[Item]) {
    for item in items {
        let indent = "  ".repeat(item.depth);
        let _ = writeln!(out, "{indent}- {}", line(&item.words, code));
    }
    out.push('\n');
}

fn table(out: &mut String, table: &Table) {
    let columns = table
        .rows
        .iter()
        .map(|row| row.cells.len())
        .max()
        .unwrap_or(0)
        .max(table.head.len());
    out.push('|');
    for column in 0..columns {
        let name = table.head.get(column).map(|name| format!(" {name}"));
        let _ = write!(out, "{} |", name.unwrap_or_default());
    }
    let _ = writeln!(out, "\n|{}", "---|".repeat(columns));
    for Row { cells, .. } in &table.rows {
        out.push('|');
        for words in cells {
            let _ = write!(out, " {} |", line(words, cell));
        }
        out.push('\n');
    }
    if !table.more.is_empty() {
        let _ = writeln!(out, "\n{}", line(&table.more, code));
    }
    out.push('\n');
}

/// Words, those of the evidence in spans of the given kind.
fn line(words: &Line, span: fn(&str) -> String) -> String {
    let each = words.iter().map(|words| match words {
        Span::Ours(words) | Span::Link(words, _) => words.clone(),
        Span::Strong(words) => format!("**{words}**"),
        Span::Rule(words) => prose(words),
        Span::Shown(words) | Span::Begun(words, _) => span(words),
    });
    each.collect()
}
