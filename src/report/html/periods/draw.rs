//! Drawing some rows of periods.

use timeline::Ticks;

use super::super::super::document::Period;
use super::super::picture::{self, circle, cut, end_group, group, line, path, px, rect, text};
use super::axis::{Axis, WIDE};

/// Room for the names of logs, left of the axis, and behind it.
const NAMES: i64 = 264;
const BEHIND: i64 = 26;
/// Room for the marks of the axis.
const TOP: i64 = 40;
/// How high a row is.
const ROW: i64 = 19;

/// Draws one piece, with the axis above it.
pub(super) fn piece(
    out: &mut String,
    id: &str,
    periods: &[Period],
    axis: &Axis,
    movements: &[i64],
) {
    let hosts = periods.chunk_by(|one, next| one.host == next.host);
    let bottom = TOP + ROW * px(periods.len() + hosts.clone().count()) + 8;
    let about = "Each line is one log of a host, from its first to its last event. The table of what the \
                 evidence covers says the same in words.";
    let size = [NAMES + WIDE + BEHIND, bottom + 4];
    picture::open(out, id, "narrow", size, ["Times that logs cover", about]);
    draw_axis(out, axis, movements, bottom);
    let mut y = TOP;
    for periods in hosts {
        let host = match periods[0].host.as_str() {
            "" => "(host not known)",
            host => host,
        };
        text(out, "first", [6, y + 15], &cut(host, 38));
        line(out, "rule", [6, y], [NAMES + WIDE, y]);
        y += ROW;
        for period in periods {
            draw_period(out, axis, period, y);
            y += ROW;
        }
    }
    picture::close(out);
}

fn draw_axis(out: &mut String, axis: &Axis, movements: &[i64], bottom: i64) {
    if let (Some(first), Some(last)) = (movements.first(), movements.last()) {
        let (from, to) = (axis.place(*first), axis.place(*last));
        rect(
            out,
            "moved",
            [NAMES + from - 1, TOP - 14],
            [to - from + 2, bottom - TOP + 14],
        );
    }
    for (time, words) in axis.marks() {
        let x = NAMES + axis.place(time);
        line(out, "tick", [x, TOP - 16], [x, bottom]);
        text(out, "mark middle", [x, TOP - 24], &words);
    }
    let mut last = None;
    for time in movements {
        let x = NAMES + axis.place(*time);
        if last != Some(x) {
            line(out, "movement", [x, TOP - 14], [x, TOP - 3]);
        }
        last = Some(x);
    }
    if !movements.is_empty() {
        text(out, "others", [6, TOP - 5], "movements");
    }
}

/// A log. What lies outside of the axis is told by a point at its end.
fn draw_period(out: &mut String, axis: &Axis, period: &Period, y: i64) {
    let log = match period.log.as_str() {
        "" => "(no name recorded)",
        log => log,
    };
    let title = format!(
        "{}, {log}: {} to {}",
        period.host,
        second(period.from),
        second(period.to)
    );
    group(out, "period", None, &title);
    rect(out, "touch", [0, y], [NAMES + WIDE, ROW]);
    text(out, "log", [16, y + 14], &cut(short(log), 36));
    let (from, to) = (
        NAMES + axis.place(period.from),
        NAMES + axis.place(period.to),
    );
    let middle = y + ROW / 2;
    let (right, left) = (NAMES + WIDE, NAMES);
    if period.to < axis.from {
        path(out, "beyond", &point(left, middle, -1));
        text(
            out,
            "others",
            [left + 12, middle + 4],
            &format!("until {}", day(period.to)),
        );
    } else if period.from > axis.to {
        path(out, "beyond", &point(right, middle, 1));
        text(
            out,
            "others end",
            [right - 12, middle + 4],
            &format!("from {}", day(period.from)),
        );
    } else {
        rect(out, "bar", [from, middle - 4], [(to - from).max(3), 8]);
        if period.from < axis.from {
            path(out, "beyond", &point(left, middle, -1));
        }
        if period.to > axis.to {
            path(out, "beyond", &point(right, middle, 1));
        }
    }
    end_group(out, None);
    for time in period
        .cleared
        .iter()
        .filter(|time| (axis.from..=axis.to).contains(time))
    {
        let x = NAMES + axis.place(*time);
        let title = format!("{}, {log}: cleared at {}", period.host, second(*time));
        group(out, "cleared", None, &title);
        circle(out, "mark", [x, middle], 6);
        path(
            out,
            "cross",
            &format!(
                "M{} {}L{} {}M{} {}L{} {}",
                x - 3,
                middle - 3,
                x + 3,
                middle + 3,
                x + 3,
                middle - 3,
                x - 3,
                middle + 3
            ),
        );
        end_group(out, None);
    }
}

/// A point to the left (-1) or to the right (1).
fn point(x: i64, y: i64, side: i64) -> String {
    format!("M{} {y}L{x} {}L{x} {}Z", x + 8 * side, y - 6, y + 6)
}

/// A log's name as people say it.
fn short(log: &str) -> &str {
    log.strip_prefix("Microsoft-Windows-").unwrap_or(log)
}

fn second(time: i64) -> String {
    let text = Ticks(time).to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

fn day(time: i64) -> String {
    let text = Ticks(time).to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}
