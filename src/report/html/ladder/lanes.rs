//! The lanes of one piece of the ladder: where they are, what they are called, and what of them logs cover.

use super::super::super::document::Lane;
use super::super::picture::{cut, end_group, group, leaning, line, parts, px, rect, text};
use super::scale::Scale;

/// Room for times, left of the lanes.
pub(super) const TIMES: i64 = 92;
/// Room for the lanes that is there without scrolling.
const EASY: i64 = 590;
/// From how little room for each lane on their names are slanted.
const SLANTED: i64 = 96;

/// Where the lanes are, and how high their names.
pub(super) struct Lanes<'a> {
    all: &'a [Lane],
    /// Those of this piece, by their places among all.
    here: &'a [usize],
    /// The room of each.
    room: i64,
    /// Where the lanes begin.
    pub(super) top: i64,
}

impl<'a> Lanes<'a> {
    pub(super) fn new(all: &'a [Lane], here: &'a [usize]) -> Self {
        let room = (EASY / px(here.len()).max(1)).clamp(58, 190);
        let top = if room < SLANTED { 150 } else { 66 };
        Self {
            all,
            here,
            room,
            top,
        }
    }

    /// Where a lane is, if it is in this piece.
    pub(super) fn at(&self, lane: Option<usize>) -> Option<i64> {
        let lane = lane?;
        let place = self.here.iter().position(|here| *here == lane)?;
        Some(TIMES + self.room * px(place) + self.room / 2)
    }

    pub(super) fn name(&self, lane: Option<usize>) -> Option<&'a str> {
        Some(self.all.get(lane?)?.name.as_str())
    }

    /// Where the lanes end, and the words begin.
    pub(super) fn right(&self) -> i64 {
        TIMES + self.room * px(self.here.len()).max(1)
    }
}

/// A lane with its name, and how far its clock is ahead.
pub(super) fn draw_lane(out: &mut String, lanes: &Lanes, lane: usize, scale: &Scale, bottom: i64) {
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
        text(
            out,
            "skew middle",
            [x, y + 56],
            &cut(&host.skew, usize::try_from((room - 2) / 5).unwrap_or(1)),
        );
    }
}

/// A name that leans to the right, where lanes are close together.
fn slanted_name(out: &mut String, host: &Lane, [x, y]: [i64; 2]) {
    let (first, others) = parts(&host.name);
    let first = cut(first, 20);
    let left = 26_usize.saturating_sub(first.chars().count());
    // Less of the others than a few letters says nothing.
    let others = if left > 8 {
        cut(others, left)
    } else {
        String::new()
    };
    leaning(out, "first", [x, y], &first, &others);
    if !host.skew.is_empty() {
        leaning(out, "skew", [x + 14, y + 3], &cut(&host.skew, 20), "");
    }
}
