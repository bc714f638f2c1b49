//! The ladder: hosts as lanes, time downwards, movements as arrows from lane to lane.
//!
//! It is a picture of pieces: each names its lanes again, so that nobody has to scroll up for them, and none is
//! higher than a page of paper.

mod arrow;
mod lanes;
mod piece;
mod rows;
mod scale;

use std::collections::BTreeSet;

use super::super::document::{Arrow, Ladder};
use rows::Row;

/// How many rows a piece has at most.
const ROWS: usize = 22;
/// Up to how many lanes there are all in every piece; of more, each piece has those that it needs, up to as many.
const LANES: usize = 12;

/// A piece: rows, the last one before them, and the lanes that they need.
struct Piece<'r, 'a> {
    before: Option<&'r Row<'a>>,
    rows: &'r [Row<'a>],
    lanes: Vec<usize>,
}

/// Draws it, with what its lines mean. How many movements are not among them, the section says in words.
pub(super) fn draw(out: &mut String, id: &str, ladder: &Ladder) {
    let arrows: Vec<&Arrow> = ladder.arrows.iter().collect();
    let rows = rows::rows(&ladder.lanes, &arrows);
    if rows.is_empty() {
        return;
    }
    let pieces = pieces(&rows, ladder.lanes.len());
    out.push_str("<div class=\"drawing\">\n");
    for (place, piece) in pieces.iter().enumerate() {
        let part = match pieces.len() {
            1 => String::new(),
            all => format!(", part {} of {all}", place + 1),
        };
        piece::draw(out, &format!("{id}-{place}"), &part, &ladder.lanes, piece);
    }
    out.push_str("</div>\n");
    out.push_str(LEGEND);
}

/// As few pieces as the rows and the lanes allow. Every lane is in one, whether something leads there or not.
fn pieces<'r, 'a>(rows: &'r [Row<'a>], all: usize) -> Vec<Piece<'r, 'a>> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut lanes: BTreeSet<usize> = BTreeSet::new();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let piece = |begin: usize, end: usize, lanes: &BTreeSet<usize>| Piece {
        before: begin.checked_sub(1).map(|before| &rows[before]),
        rows: &rows[begin..end],
        lanes: if all <= LANES {
            (0..all).collect()
        } else {
            lanes.iter().copied().collect()
        },
    };
    for (place, row) in rows.iter().enumerate() {
        let needs = row.lanes().into_iter().filter(|lane| *lane < all);
        let more: BTreeSet<usize> = lanes.iter().copied().chain(needs).collect();
        if place - begin == ROWS || more.len() > LANES.max(lanes.len()) {
            pieces.push(piece(begin, place, &lanes));
            begin = place;
            lanes = row.lanes().into_iter().filter(|lane| *lane < all).collect();
        } else {
            lanes = more;
        }
        seen.extend(&lanes);
    }
    lanes.extend((0..all).filter(|lane| !seen.contains(lane)));
    pieces.push(piece(begin, rows.len(), &lanes));
    pieces
}

/// What the lines mean.
const LEGEND: &str = "<ul class=\"legend\">\n\
    <li class=\"confirmed\"><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><line class=\"way\" x1=\"1\" y1=\"6\" x2=\"33\" y2=\"6\"/></svg> CONFIRMED</li>\n\
    <li class=\"probable\"><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><line class=\"way\" x1=\"1\" y1=\"6\" x2=\"33\" y2=\"6\"/></svg> PROBABLE</li>\n\
    <li class=\"possible\"><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><line class=\"way\" x1=\"1\" y1=\"6\" x2=\"33\" y2=\"6\"/></svg> POSSIBLE</li>\n\
    <li class=\"contradicted\"><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><line class=\"way\" x1=\"1\" y1=\"6\" x2=\"33\" y2=\"6\"/></svg> CONTRADICTED</li>\n\
    <li><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><line class=\"covered\" x1=\"1\" y1=\"6\" x2=\"33\" y2=\"6\"/></svg> logs cover that time</li>\n\
    <li><svg width=\"34\" height=\"12\" aria-hidden=\"true\"><line class=\"lane\" x1=\"1\" y1=\"6\" x2=\"33\" y2=\"6\"/></svg> no log of that time</li>\n\
    <li><svg width=\"16\" height=\"16\" aria-hidden=\"true\"><g class=\"cleared\"><circle class=\"mark\" cx=\"8\" cy=\"8\" r=\"6\"/><path class=\"cross\" d=\"M5 5L11 11M11 5L5 11\"/></g></svg> a log was cleared</li>\n\
    </ul>\n";

#[cfg(test)]
mod tests {
    use super::super::super::document::Lane;
    use super::*;

    fn arrow(from: usize, to: usize) -> Arrow {
        Arrow {
            id: String::new(),
            is_told: false,
            from: Some(from),
            to: Some(to),
            time: Some(0),
            account: String::new(),
            technique: String::new(),
            grade: String::new(),
        }
    }

    #[test]
    fn pieces_have_few_rows_and_few_lanes_and_all_lanes_are_in_some() {
        let lane = Lane {
            name: String::new(),
            is_collected: true,
            skew: String::new(),
            covered: Vec::new(),
            cleared: Vec::new(),
        };
        for (targets, lanes, expected) in [
            (5, 7, vec![(5, 7)]),
            (30, 7, vec![(22, 7), (8, 7)]),
            (30, 33, vec![(11, 12), (11, 12), (8, 11)]),
        ] {
            let arrows: Vec<Arrow> = (0..targets)
                .map(|to| arrow(0, 1 + to % (lanes - 1)))
                .collect();
            let arrows: Vec<&Arrow> = arrows.iter().collect();
            let lanes = vec![lane.clone(); lanes];
            let rows = rows::rows(&lanes, &arrows);
            let pieces = pieces(&rows, lanes.len());
            let sizes: Vec<(usize, usize)> = pieces
                .iter()
                .map(|piece| (piece.rows.len(), piece.lanes.len()))
                .collect();
            assert_eq!(sizes, expected);
            let named: BTreeSet<usize> = pieces
                .iter()
                .flat_map(|piece| piece.lanes.clone())
                .collect();
            assert_eq!(named.len(), lanes.len());
        }
    }
}
