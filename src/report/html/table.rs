//! Tables: of rows with a head, and of facts that the first column names.

use super::super::document::{Line, Row, Span, Table, plain};
use super::{escape, grade, words};

/// A table.
pub(super) fn table(out: &mut String, table: &Table) {
    if table.rows.is_empty() {
    } else if table.head.is_empty() {
        facts(out, table);
    } else {
        rows(out, table);
    }
    if !table.more.is_empty() {
        out.push_str("<p class=\"more\">");
        words::line(out, &table.more);
        out.push_str("</p>\n");
    }
}

fn facts(out: &mut String, table: &Table) {
    out.push_str("<div class=\"box\"><table class=\"facts\">\n");
    for row in &table.rows {
        out.push_str("<tr");
        escape::push_id(out, &row.anchor);
        out.push('>');
        for (column, cell) in row.cells.iter().enumerate() {
            let (open, close) = match column {
                0 => ("<th scope=\"row\">", "</th>"),
                _ => ("<td>", "</td>"),
            };
            out.push_str(open);
            words::line(out, cell);
            if column == 0 {
                words::pin(out, &row.anchor);
            }
            out.push_str(close);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
}

fn rows(out: &mut String, table: &Table) {
    // With many columns, none of them can have much room on paper.
    let many = if table.head.len() > 7 { " many" } else { "" };
    out.extend([
        "<div class=\"box\"><table class=\"rows",
        many,
        "\">\n<thead><tr>",
    ]);
    for (column, name) in table.head.iter().enumerate() {
        out.push_str("<th scope=\"col\"");
        let first = table.rows.first().and_then(|row| row.cells.get(column));
        out.push_str(first.map_or("", kind));
        out.push('>');
        escape::push(out, name);
        out.push_str("</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        row_of(out, &table.head, row);
    }
    out.push_str("</tbody></table></div>\n");
}

fn row_of(out: &mut String, head: &[String], row: &Row) {
    out.push_str("<tr");
    escape::push_id(out, &row.anchor);
    if let Some(grade) = row.cells.iter().find_map(grade_of) {
        out.push_str(" data-grade=\"");
        out.push_str(grade);
        out.push('"');
    }
    out.push('>');
    for (column, cell) in row.cells.iter().enumerate() {
        out.push_str("<td");
        out.push_str(kind(cell));
        // On a narrow screen each cell stands below the name of its column.
        if let Some(name) = head.get(column) {
            out.push_str(" data-head=\"");
            escape::push(out, name);
            out.push('"');
        }
        out.push('>');
        words::line(out, cell);
        if column == 0 {
            words::pin(out, &row.anchor);
        }
        out.push_str("</td>");
    }
    out.push_str("</tr>\n");
}

/// The style of a cell that is one time, one number, one hash, a name of the evidence, or prose.
fn kind(cell: &Line) -> &'static str {
    let is_number =
        |words: &str| !words.is_empty() && words.bytes().all(|byte| byte.is_ascii_digit());
    match cell.as_slice() {
        [Span::Ours(words)] if words::is_time(words) => " class=\"when\"",
        [Span::Ours(words)] if is_number(words) => " class=\"number\"",
        [Span::Ours(words) | Span::Shown(words)] if is_hash(words) => " class=\"hash\"",
        words if words.iter().any(is_name) && plain(cell).len() <= NAME => " class=\"name\"",
        _ if plain(cell).len() > PROSE => " class=\"prose\"",
        _ => "",
    }
}

/// Up to how many bytes a cell with words of the evidence is one name, or two.
const NAME: usize = 64;
/// From how many on a cell needs some room to be read.
const PROSE: usize = 24;

/// Whether it is a hash, or an id that looks like one.
fn is_hash(words: &str) -> bool {
    words.len() >= 32 && words.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_name(span: &Span) -> bool {
    matches!(span, Span::Shown(_) | Span::Begun(..))
}

/// The grade that a cell is.
pub(super) fn grade_of(cell: &Line) -> Option<&'static str> {
    match cell.as_slice() {
        [Span::Ours(words) | Span::Strong(words)] => grade::known(words),
        _ => None,
    }
}
