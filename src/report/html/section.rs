//! Sections: the masthead, the answer, each movement, and all others.

use super::super::document::{Block, Line, Section, Span, Table};
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

/// The first screen: sentences, how many movements of each grade, what is known in short, what is not.
pub(super) fn answer(out: &mut String, outline: &Outline, section: &Section) {
    open(out, "answer", section);
    let mut rest = section.blocks.iter().peekable();
    let mut is_first = true;
    while let Some(block) = rest.next() {
        match block {
            Block::Paragraph(words) if !matches!(rest.peek(), Some(Block::List(_))) => {
                paragraph(out, if is_first { "say lead" } else { "say" }, words);
                is_first = false;
            }
            Block::Paragraph(words) => {
                out.push_str("<div class=\"open\">\n");
                paragraph(out, "heads", words);
                if let Some(Block::List(items)) = rest.next() {
                    list(out, items);
                }
                out.push_str("</div>\n");
            }
            Block::Table(table) if table.head.is_empty() => in_short(out, table),
            other => blocks(out, outline, &section.anchor, [other]),
        }
    }
    out.push_str("</section>\n");
}

/// Facts of the first screen: grades as tiles, the others below their names.
fn in_short(out: &mut String, table: &Table) {
    let is_grade = |cells: &[Line]| cells.first().and_then(table::grade_of);
    let (mut grades, others): (Vec<_>, Vec<_>) = table
        .rows
        .iter()
        .partition(|row| is_grade(&row.cells).is_some());
    grades.sort_by_key(|row| is_grade(&row.cells).map(grade::rank));
    if !grades.is_empty() {
        out.push_str("<ul class=\"tiles\">\n");
        for row in grades {
            let style = is_grade(&row.cells).unwrap_or_default();
            out.push_str("<li class=\"tile ");
            out.push_str(style);
            out.push_str("\"><span class=\"count\">");
            row.cells.get(1).inspect(|words| words::line(out, words));
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
    if !others.is_empty() {
        out.push_str("<dl class=\"short\">\n");
        for row in others {
            out.push_str("<div><dt>");
            row.cells.first().inspect(|words| words::line(out, words));
            out.push_str("</dt>");
            for words in row.cells.iter().skip(1) {
                out.push_str("<dd>");
                words::line(out, words);
                out.push_str("</dd>");
            }
            out.push_str("</div>\n");
        }
        out.push_str("</dl>\n");
    }
}

/// A movement. Its name in links is inside of what opens, so that a browser opens it for who follows one.
pub(super) fn movement(out: &mut String, outline: &Outline, section: &Section) {
    let grade = grade_of(&section.title).unwrap_or("unknown");
    out.push_str("<article class=\"movement ");
    out.push_str(grade);
    out.push_str("\" data-grade=\"");
    out.push_str(grade);
    out.push_str("\"><details");
    if outline.count <= OPEN {
        out.push_str(" open");
    }
    out.push_str("><summary><h3>");
    heading(out, section);
    words::pin(out, &section.anchor);
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
}
