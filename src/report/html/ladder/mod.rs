//! The ladder: hosts as lanes, time downwards, movements as arrows from lane to lane.
//!
//! It is a picture of pieces: each names its lanes again, so that nobody has to scroll up for them, and none is
//! higher than a page of paper.

mod piece;
mod rows;
mod scale;

use super::super::document::{Arrow, Ladder};
use rows::Row;

/// How many rows a piece has.
const ROWS: usize = 22;
/// Up to how many lanes are all in every piece; of more, each piece has those that it needs.
const LANES: usize = 10;

/// Draws it, with what its lines mean. How many movements are not among them, the section says in words.
pub(super) fn draw(out: &mut String, id: &str, ladder: &Ladder) {
    let arrows: Vec<&Arrow> = ladder.arrows.iter().collect();
    let mut rows = rows::rows(&ladder.lanes, &arrows);
    // Each piece says which day it begins with.
    rows.iter_mut()
        .step_by(ROWS)
        .for_each(|row| row.is_day = true);
    if rows.is_empty() {
        return;
    }
    let pieces: Vec<&[Row]> = rows.chunks(ROWS).collect();
    let mut unseen: Vec<bool> = vec![true; ladder.lanes.len()];
    out.push_str("<div class=\"drawing\">\n");
    for (place, rows) in pieces.iter().enumerate() {
        let mut lanes = lanes_of(rows, ladder.lanes.len());
        lanes.iter().for_each(|&lane| unseen[lane] = false);
        if place + 1 == pieces.len() {
            // Every lane is somewhere, whether something leads there or not.
            lanes.extend((0..unseen.len()).filter(|&lane| unseen[lane]));
            lanes.sort_unstable();
        }
        let before = place
            .checked_sub(1)
            .and_then(|before| pieces[before].last());
        let name = format!("{id}-{place}");
        let part = (pieces.len() > 1).then(|| format!(", part {} of {}", place + 1, pieces.len()));
        piece::draw(
            out,
            &name,
            &part.unwrap_or_default(),
            &ladder.lanes,
            &lanes,
            before,
            rows,
        );
    }
    out.push_str("</div>\n");
    out.push_str(LEGEND);
}

/// The lanes that rows need, in the order of the lanes.
fn lanes_of(rows: &[Row], all: usize) -> Vec<usize> {
    if all <= LANES {
        return (0..all).collect();
    }
    let mut lanes: Vec<usize> = rows.iter().flat_map(Row::lanes).collect();
    lanes.sort_unstable();
    lanes.dedup();
    lanes
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
