//! The pieces of a section.

use super::super::document::{Block, Item, Line, Span};
use super::outline::Outline;
use super::{graph, ladder, periods, table, words};

/// Pieces in their order; pictures among them are named by the section's anchor and their place.
pub(super) fn blocks<'a>(
    out: &mut String,
    outline: &Outline,
    anchor: &str,
    blocks: impl IntoIterator<Item = &'a Block>,
) {
    let mut blocks = blocks.into_iter().enumerate().peekable();
    while let Some((place, block)) = blocks.next() {
        let id = || format!("_{anchor}-{place}");
        match block {
            Block::Paragraph(words) => {
                let heads =
                    is_head(words) && blocks.peek().is_some_and(|(_, next)| !is_paragraph(next));
                paragraph(out, if heads { "heads" } else { "" }, words);
            }
            Block::Lines(all) => lines(out, all),
            Block::List(items) => list(out, items),
            Block::Table(rows) => table::table(out, rows),
            Block::Ladder(ladder) => ladder::draw(out, &id(), ladder),
            Block::Graph(graph) => graph::draw(out, &id(), graph),
            Block::Periods(all) => periods::draw(out, &id(), all, &outline.times),
        }
    }
}

/// Whether a paragraph announces what comes next.
fn is_head(words: &Line) -> bool {
    matches!(words.last(), Some(Span::Ours(words)) if words.ends_with(':'))
}

fn is_paragraph(block: &Block) -> bool {
    matches!(block, Block::Paragraph(_))
}

/// A paragraph.
pub(super) fn paragraph(out: &mut String, class: &str, words: &Line) {
    match class {
        "" => out.push_str("<p>"),
        class => {
            out.push_str("<p class=\"");
            out.push_str(class);
            out.push_str("\">");
        }
    }
    words::line(out, words);
    out.push_str("</p>\n");
}

fn lines(out: &mut String, lines: &[Line]) {
    out.push_str("<ul class=\"lines\">\n");
    for words in lines {
        out.push_str("<li>");
        words::line(out, words);
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}

/// A list of which items can be below others: each list of deeper ones is part of the item before it.
pub(super) fn list(out: &mut String, items: &[Item]) {
    let mut depth = 0;
    for (place, item) in items.iter().enumerate() {
        // No item is more than one deeper than the one above it, whatever it says.
        let to = if place == 0 {
            1
        } else {
            (item.depth + 1).min(depth + 1)
        };
        if to > depth {
            out.push_str("<ul>\n");
        } else {
            out.push_str("</li>\n");
            for _ in to..depth {
                out.push_str("</ul></li>\n");
            }
        }
        depth = to;
        out.push_str("<li>");
        words::line(out, &item.words);
    }
    if depth > 0 {
        out.push_str("</li>\n");
        for _ in 1..depth {
            out.push_str("</ul></li>\n");
        }
        out.push_str("</ul>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::document::ours;
    use super::*;

    #[test]
    fn lists_nest_whatever_depths_they_claim() {
        let items = |depths: &[usize]| -> Vec<Item> {
            let item = |(place, &depth): (usize, &usize)| Item {
                depth,
                words: vec![ours(place.to_string())],
            };
            depths.iter().enumerate().map(item).collect()
        };
        for (depths, expected) in [
            (&[][..], ""),
            (&[0, 0], "<ul><li>0</li><li>1</li></ul>"),
            (
                &[0, 1, 2, 0],
                "<ul><li>0<ul><li>1<ul><li>2</li></ul></li></ul></li><li>3</li></ul>",
            ),
            (
                &[7, 9, 0],
                "<ul><li>0<ul><li>1</li></ul></li><li>2</li></ul>",
            ),
        ] {
            let mut out = String::new();
            list(&mut out, &items(depths));
            assert_eq!(out.replace('\n', ""), expected);
        }
    }
}
