//! What a row of the ladder shows: a movement as an arrow, or that logs were cleared.

use super::super::super::document::Arrow;
use super::super::grade;
use super::super::picture::{circle, cut, end_group, group, head, line, parts, path, rect, text};
use super::lanes::{Lanes, TIMES};
use super::piece::{STEP, WORDS};
use super::rows::{Row, clock};

/// How long an arrow is of which one end is not known.
const STUB: i64 = 42;

/// A movement: its arrow, and right of the lanes its id, the account and the technique.
pub(super) fn draw_arrow(out: &mut String, lanes: &Lanes, arrow: &Arrow, y: i64) {
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
pub(super) fn draw_cleared(
    out: &mut String,
    lanes: &Lanes,
    row: &Row,
    lane: usize,
    logs: usize,
    y: i64,
) {
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
