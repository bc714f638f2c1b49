//! One piece of the ladder: its lanes, its rows, and the times beside them.

use std::fmt::Write;

use super::super::super::document::Lane;
use super::super::picture::{self, line, path, rect, text};
use super::Piece;
use super::arrow::{draw_arrow, draw_cleared};
use super::lanes::{Lanes, TIMES, draw_lane};
use super::rows::{Row, What, clock};
use super::scale::Scale;

/// Room for words, right of the lanes.
pub(super) const WORDS: i64 = 290;
/// How high a row is, and a break before one.
pub(super) const STEP: i64 = 42;
const BREAK: i64 = 34;
/// How high the line is that says which day it is.
const DAY: i64 = 22;
/// How far lanes go on above and below their rows.
const END: i64 = 10;

/// Draws a piece.
pub(super) fn draw(out: &mut String, id: &str, part: &str, all: &[Lane], piece: &Piece) {
    let (here, rows) = (&piece.lanes, piece.rows);
    let lanes = Lanes::new(all, here);
    let (places, bottom) = places(&lanes, rows);
    let size = [lanes.right() + WORDS, bottom + 4];
    let title = format!("Movements in time{part}");
    let about = "Hosts are lanes, time runs downwards by steps that are not to scale, and each arrow is a \
                 movement. The table of movements says the same in words.";
    picture::open(out, id, picture::class(size[0]), size, [&title, about]);
    let times: Vec<(i64, i64)> = rows
        .iter()
        .zip(&places)
        .filter_map(|(row, place)| Some((row.time?, *place)))
        .collect();
    let scale = Scale::new(
        piece.before.and_then(|row| row.time),
        &times,
        lanes.top,
        bottom - END,
    );
    for &lane in here {
        draw_lane(out, &lanes, lane, &scale, bottom - END);
    }
    for (at, (row, &place)) in rows.iter().zip(&places).enumerate() {
        mark_time(out, &lanes, row, says_day(at, row), place);
    }
    for (row, &place) in rows.iter().zip(&places) {
        match row.what {
            What::Arrow(arrow) => draw_arrow(out, &lanes, arrow, place),
            What::Cleared(lane, logs) => draw_cleared(out, &lanes, row, lane, logs, place),
        }
    }
    picture::close(out);
}

/// The places of rows, and where all of it ends.
fn places(lanes: &Lanes, rows: &[Row]) -> (Vec<i64>, i64) {
    let mut at = lanes.top + END;
    let mut places = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        at += if row.later.is_empty() { 0 } else { BREAK };
        at += if says_day(place, row) { DAY } else { 0 };
        places.push(at + STEP / 2);
        at += STEP;
    }
    (places, at + END)
}

/// Whether the day stands above a row: where another begins, and where a piece does.
fn says_day(place: usize, row: &Row) -> bool {
    row.is_day || place == 0
}

/// When a row is, and what comes between it and the one before.
fn mark_time(out: &mut String, lanes: &Lanes, row: &Row, is_day: bool, place: i64) {
    let (left, right) = (TIMES - 6, lanes.right());
    let mut above = place - STEP / 2;
    let Some((date, time)) = row.time.map(clock) else {
        if is_day {
            text(out, "day", [6, above - 5], "time not known");
            line(out, "rule", [6, above], [right + WORDS - 6, above]);
        }
        return;
    };
    text(out, "time end", [left - 4, place + 4], &time);
    if is_day {
        text(out, "day", [6, above - 6], &date);
        line(out, "rule", [6, above], [right + WORDS - 6, above]);
        above -= DAY;
    }
    if !row.later.is_empty() {
        let top = above - BREAK;
        rect(out, "break", [left, top + 5], [right - left, BREAK - 10]);
        for y in [top + 5, above - 5] {
            path(out, "tear", &tear(left, right, y));
        }
        text(
            out,
            "later middle",
            [i64::midpoint(left, right), top + 21],
            &format!("\u{2026} {}", row.later),
        );
    }
}

/// A torn edge.
fn tear(left: i64, right: i64, y: i64) -> String {
    let mut way = format!("M{left} {y}");
    for (place, x) in (left..right).step_by(8).skip(1).enumerate() {
        let up = if place % 2 == 0 { 3 } else { 0 };
        let _ = write!(way, "L{x} {}", y - up);
    }
    way
}
