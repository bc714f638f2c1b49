//! One piece of the ladder: the names of its lanes, the lanes, and its rows.

use super::super::super::document::{Arrow, Lane};
use super::super::picture::{
    self, circle, cut, end_group, group, head, line, parts, path, px, rect, text,
};
use super::super::{escape, grade};
use super::Piece;
use super::rows::{Row, What, clock};
use super::scale::Scale;

/// Room for times, left of the lanes.
const TIMES: i64 = 92;
/// Room for words, right of them.
const WORDS: i64 = 290;
/// Room for the lanes that is there without scrolling.
const EASY: i64 = 590;
/// How high a row is, and a break before one.
const STEP: i64 = 42;
const BREAK: i64 = 34;
/// How high the line is that says which day it is.
const DAY: i64 = 22;
/// How far lanes go on above and below their rows.
const END: i64 = 10;
/// From how little room for each lane on their names are slanted.
const SLANTED: i64 = 96;
/// How long an arrow is of which one end is not known.
const STUB: i64 = 42;

/// Where the lanes are, and how high their names.
struct Lanes<'a> {
    all: &'a [Lane],
    /// Those of this piece, by their places among all.
    here: &'a [usize],
    /// The room of each.
    room: i64,
    /// Where the lanes begin.
    top: i64,
}

impl<'a> Lanes<'a> {
    fn new(all: &'a [Lane], here: &'a [usize]) -> Self {
        let room = (EASY / px(here.len()).max(1)).clamp(58, 190);
        let top = if room < SLANTED { 128 } else { 66 };
        Self {
            all,
            here,
            room,
            top,
        }
    }

    /// Where a lane is, if it is in this piece.
    fn at(&self, lane: Option<usize>) -> Option<i64> {
        let lane = lane?;
        let place = self.here.iter().position(|here| *here == lane)?;
        Some(TIMES + self.room * px(place) + self.room / 2)
    }

    fn name(&self, lane: Option<usize>) -> Option<&'a str> {
        Some(self.all.get(lane?)?.name.as_str())
    }

    /// Where the lanes end, and the words begin.
    fn right(&self) -> i64 {
        TIMES + self.room * px(self.here.len()).max(1)
    }
}

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

/// A lane with its name, and how far its clock is ahead.
fn draw_lane(out: &mut String, lanes: &Lanes, lane: usize, scale: &Scale, bottom: i64) {
    let (Some(x), Some(host)) = (lanes.at(Some(lane)), lanes.all.get(lane)) else {
        return;
    };
    let evidence = if host.is_collected {
        ""
    } else {
        ", no evidence of it"
    };
    let clock = match host.skew.as_str() {
        "" => String::new(),
        skew => format!(", clock {skew}"),
    };
    group(
        out,
        if host.is_collected {
            "host"
        } else {
            "host unread"
        },
        None,
        &format!("{}{evidence}{clock}", host.name),
    );
    if lanes.room < SLANTED {
        slanted_name(out, host, [x, lanes.top - 10]);
    } else {
        upright_name(out, host, [x, 4], lanes.room);
    }
    line(out, "lane", [x, lanes.top], [x, bottom]);
    for (from, to) in scale.covered(&host.covered) {
        line(out, "covered", [x, from], [x, to]);
    }
    end_group(out, None);
}

/// A name in a frame, the first part above the others.
fn upright_name(out: &mut String, host: &Lane, [x, y]: [i64; 2], room: i64) {
    let (first, others) = parts(&host.name);
    rect(out, "frame", [x - room / 2 + 5, y], [room - 10, 42]);
    let letters = usize::try_from((room - 18) / 8).unwrap_or(1);
    let small = letters * 3 / 2;
    if others.is_empty() {
        text(out, "first middle", [x, y + 26], &cut(first, letters));
    } else {
        text(out, "first middle", [x, y + 18], &cut(first, letters));
        text(out, "others middle", [x, y + 33], &cut(others, small));
    }
    if !host.skew.is_empty() {
        text(out, "skew middle", [x, y + 56], &cut(&host.skew, small));
    }
}

/// A name that leans to the right, where lanes are close together.
fn slanted_name(out: &mut String, host: &Lane, [x, y]: [i64; 2]) {
    let (first, others) = parts(&host.name);
    let (first, others) = (cut(first, 17), cut(others, 15));
    out.push_str(&format!(
        "<text class=\"first\" x=\"{x}\" y=\"{y}\" transform=\"rotate(-48 {x} {y})\">"
    ));
    escape::push(out, &first);
    if first.chars().count() < 13 && !others.is_empty() {
        out.push_str("<tspan class=\"others\">");
        escape::push(out, &cut(&others, 24 - first.chars().count()));
        out.push_str("</tspan>");
    }
    out.push_str("</text>");
    if !host.skew.is_empty() {
        let (x, y) = (x + 14, y + 3);
        out.push_str(&format!(
            "<text class=\"skew\" x=\"{x}\" y=\"{y}\" transform=\"rotate(-48 {x} {y})\">"
        ));
        escape::push(out, &cut(&host.skew, 20));
        out.push_str("</text>");
    }
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
        let up = if place % 2 == 0 { -3 } else { 0 };
        way.push_str(&format!("L{x} {}", y + up));
    }
    way
}

/// A movement: its arrow, and right of the lanes its id, the account and the technique.
fn draw_arrow(out: &mut String, lanes: &Lanes, arrow: &Arrow, y: i64) {
    let to = arrow.is_told.then_some(arrow.id.as_str());
    let unknown = "an unknown host";
    let title = format!(
        "{}, {}: from {} to {}, as {}: {}",
        arrow.id,
        arrow.grade,
        lanes.name(arrow.from).unwrap_or(unknown),
        lanes.name(arrow.to).unwrap_or(unknown),
        if arrow.account.is_empty() {
            "an unknown account"
        } else {
            &arrow.account
        },
        arrow.technique
    );
    group(
        out,
        &format!("arrow {}", grade::style(&arrow.grade)),
        to,
        &title,
    );
    let right = lanes.right();
    rect(
        out,
        "touch",
        [TIMES, y - STEP / 2 + 1],
        [right + WORDS - TIMES, STEP - 2],
    );
    line(out, "lead", [TIMES, y], [right + 4, y]);
    match (lanes.at(arrow.from), lanes.at(arrow.to)) {
        (Some(from), Some(to)) if from == to => {
            let way = format!(
                "M{from} {}C{} {} {} {} {} {}",
                y - 9,
                from + 40,
                y - 15,
                from + 40,
                y + 15,
                from + 10,
                y + 8
            );
            path(out, "halo", &way);
            path(out, "way", &way);
            head(out, [from + 1, y + 8], -1);
            circle(out, "end", [from, y - 9], 4);
        }
        (Some(from), Some(to)) => {
            between(out, from, to, y);
            circle(out, "end", [from, y], 4);
        }
        (Some(from), None) => {
            between(out, from, from + STUB, y);
            circle(out, "end", [from, y], 4);
            nobody(out, [from + STUB + 8, y]);
        }
        (None, Some(to)) => {
            between(out, to - STUB + 6, to, y);
            nobody(out, [to - STUB - 2, y]);
        }
        (None, None) => {
            nobody(out, [TIMES + 14, y]);
            between(out, TIMES + 22, TIMES + 52, y);
            nobody(out, [TIMES + 61, y]);
        }
    }
    text(out, "id", [right + 12, y - 3], &cut(&arrow.id, 10));
    text(out, "who", [right + 70, y - 3], &cut(&arrow.account, 28));
    text(out, "how", [right + 12, y + 13], &cut(&arrow.technique, 44));
    end_group(out, to);
}

/// The line of an arrow and its head.
fn between(out: &mut String, from: i64, to: i64, y: i64) {
    let side = (to - from).signum();
    line(out, "halo", [from, y], [to, y]);
    line(out, "way", [from, y], [to - 8 * side, y]);
    head(out, [to, y], side);
}

/// A host that is not known.
fn nobody(out: &mut String, [x, y]: [i64; 2]) {
    circle(out, "nobody", [x, y], 8);
    text(out, "what middle", [x, y + 4], "?");
}

/// That logs of a host were cleared.
fn draw_cleared(out: &mut String, lanes: &Lanes, row: &Row, lane: usize, logs: usize, y: i64) {
    let (Some(x), Some(host)) = (lanes.at(Some(lane)), lanes.name(Some(lane))) else {
        return;
    };
    let what = match logs {
        1 => "A log was cleared".to_owned(),
        logs => format!("{logs} logs were cleared"),
    };
    let (date, time) = row.time.map(clock).unwrap_or_default();
    group(
        out,
        "cleared",
        None,
        &format!("{what} on {host}, {date} {time}"),
    );
    rect(
        out,
        "touch",
        [TIMES, y - STEP / 2 + 1],
        [lanes.right() + WORDS - TIMES, STEP - 2],
    );
    line(out, "lead", [TIMES, y], [lanes.right() + 4, y]);
    circle(out, "mark", [x, y], 8);
    path(
        out,
        "cross",
        &format!(
            "M{} {}L{} {}M{} {}L{} {}",
            x - 4,
            y - 4,
            x + 4,
            y + 4,
            x + 4,
            y - 4,
            x - 4,
            y + 4
        ),
    );
    text(out, "id", [lanes.right() + 12, y - 3], &what);
    text(
        out,
        "how",
        [lanes.right() + 12, y + 13],
        &format!("on {}", cut(parts(host).0, 40)),
    );
    end_group(out, None);
}
