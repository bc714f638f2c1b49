//! Sections: the masthead, the answer, each movement, and all others.

use super::super::document::{Block, Row, Section, Span, Table, plain};
use super::blocks::{blocks, list, paragraph};
use super::outline::{Outline, grade_of};
use super::{escape, grade, table, words};

/// Up to how many movements are open when the page opens: more are a list to choose from.
const OPEN: usize = 25;

/// The masthead: whose report it is, and of what.
pub(super) fn masthead(out: &mut String, outline: &Outline, section: &Section) {
    out.push_str("<header class=\"masthead\"");
    escape::push_id(out, &section.anchor);
    out.push_str(">\n<h1>");
    words::line(out, &section.title);
    out.push_str("</h1>\n");
    blocks(out, outline, &section.anchor, &section.blocks);
    out.push_str("</header>\n");
}

/// A section with a heading.
pub(super) fn section(out: &mut String, outline: &Outline, class: &str, section: &Section) {
    open(out, class, section);
    blocks(out, outline, &section.anchor, &section.blocks);
    out.push_str("</section>\n");
}

fn open(out: &mut String, class: &str, section: &Section) {
    out.push_str("<section class=\"");
    out.push_str(class);
    out.push('"');
    escape::push_id(out, &section.anchor);
    out.push_str(">\n<h2>");
    words::line(out, &section.title);
    words::pin(out, &section.anchor);
    out.push_str("</h2>\n");
}

/// The first screen: a sentence, how many movements of each grade, the other sentences, what is known in short,
/// what is not.
pub(super) fn answer(out: &mut String, outline: &Outline, section: &Section) {
    open(out, "answer", section);
    let (mut grades, short): (Vec<&Row>, Vec<&Row>) = section
        .blocks
        .iter()
        .filter_map(in_short)
        .flat_map(|table| &table.rows)
        .partition(|row| grade_of_row(row).is_some());
    grades.sort_by_key(|row| grade_of_row(row).map(grade::rank));
    let mut rest = section
        .blocks
        .iter()
        .filter(|block| in_short(block).is_none())
        .peekable();
    if let Some(Block::Paragraph(words)) =
        rest.next_if(|block| matches!(block, Block::Paragraph(_)))
    {
        paragraph(out, "say lead", words);
    }
    tiles(out, &grades);
    let mut short = Some(short);
    while let Some(block) = rest.next() {
        match block {
            Block::Paragraph(words) if !matches!(rest.peek(), Some(Block::List(_))) => {
                paragraph(out, "say", words);
            }
            Block::Paragraph(words) => {
                facts(out, &short.take().unwrap_or_default());
                out.push_str("<div class=\"open\">\n");
                paragraph(out, "heads", words);
                if let Some(Block::List(items)) = rest.next() {
                    list(out, items);
                }
                out.push_str("</div>\n");
            }
            other => blocks(out, outline, &section.anchor, [other]),
        }
    }
    facts(out, &short.unwrap_or_default());
    out.push_str("</section>\n");
}

/// A table of facts, of which the first column says what they are.
fn in_short(block: &Block) -> Option<&Table> {
    match block {
        Block::Table(table) if table.head.is_empty() => Some(table),
        _ => None,
    }
}

fn grade_of_row(row: &Row) -> Option<&'static str> {
    table::grade_of(row.cells.first()?)
}

/// How many movements there are of each grade.
fn tiles(out: &mut String, grades: &[&Row]) {
    if grades.is_empty() {
        return;
    }
    out.push_str("<ul class=\"tiles\">\n");
    for row in grades {
        out.push_str("<li class=\"tile ");
        out.push_str(grade_of_row(row).unwrap_or_default());
        out.push_str("\"><span class=\"count\">");
        words::line(out, row.cells.get(1).unwrap_or(&Vec::new()));
        out.push_str("</span> ");
        words::line(out, &row.cells[0]);
        for words in row.cells.iter().skip(2) {
            out.push_str(" <span class=\"meaning\">");
            words::line(out, words);
            out.push_str("</span>");
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}

/// Facts below their names.
fn facts(out: &mut String, facts: &[&Row]) {
    if facts.is_empty() {
        return;
    }
    out.push_str("<dl class=\"short\">\n");
    for row in facts.iter().filter(|row| !row.cells.is_empty()) {
        for (column, words) in row.cells.iter().enumerate() {
            out.push_str(if column == 0 { "<div><dt>" } else { "<dd>" });
            words::line(out, words);
            out.push_str(if column == 0 { "</dt>" } else { "</dd>" });
        }
        out.push_str("</div>\n");
    }
    out.push_str("</dl>\n");
}

/// A movement. Its name in links is inside of what opens, so that a browser opens it for who follows one.
pub(super) fn movement(out: &mut String, outline: &Outline, section: &Section) {
    let grade = grade_of(&section.title).unwrap_or("unknown");
    out.push_str("<article class=\"movement ");
    out.push_str(grade);
    out.push_str("\" data-grade=\"");
    out.push_str(grade);
    out.push_str("\">");
    // Not in what opens it: a link in a button is neither.
    words::pin(out, &section.anchor);
    out.push_str(if outline.count <= OPEN {
        "<details open>"
    } else {
        "<details>"
    });
    out.push_str("<summary><h3>");
    heading(out, section);
    out.push_str("</h3></summary>\n<div class=\"body\"");
    escape::push_id(out, &section.anchor);
    out.push_str(">\n");
    blocks(out, outline, &section.anchor, &section.blocks);
    out.push_str("</div></details></article>\n");
}

/// The heading of a movement, of which the id comes first and the grade next.
fn heading(out: &mut String, section: &Section) {
    let mut title = section.title.clone();
    let id = format!("{}: ", section.anchor);
    if let Some(Span::Ours(first)) = title.first_mut()
        && let Some(rest) = first.strip_prefix(&id)
    {
        *first = rest.to_owned();
        out.push_str("<span class=\"id\">");
        escape::push(out, &section.anchor);
        out.push_str("</span> ");
    }
    if let Some(Span::Ours(last)) = title.last_mut()
        && let Some((before, word, "")) = grade::split(last)
        && let Some(rest) = before.strip_suffix(", ")
    {
        words::badge(out, word);
        out.push(' ');
        *last = rest.to_owned();
    }
    out.push_str("<span class=\"way\">");
    words::line(out, &title);
    out.push_str("</span>");
    if let Some(time) = when(section) {
        out.push_str(" <span class=\"at\">");
        escape::push(out, &time);
        out.push_str("</span>");
    }
}

/// When a movement began, to the second, as its first facts say.
fn when(section: &Section) -> Option<String> {
    let facts = section.blocks.iter().find_map(in_short)?;
    let when = facts
        .rows
        .iter()
        .find_map(|row| match row.cells.as_slice() {
            [name, value, ..] if plain(name) == "when" => Some(value),
            _ => None,
        })?;
    let (_, time) = when.iter().find_map(|span| match span {
        Span::Ours(words) => words::next_time(words),
        _ => None,
    })?;
    Some(time.get(..19)?.replace('T', " "))
}
