//! Pieces of pictures: lines and words in SVG, in whole pixels, coloured by the style.

use std::fmt::Write;

use super::escape;
use crate::visible::visible;

/// A number of things as pixels.
pub(super) fn px(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX / 1000)
}

/// Opens a picture. It can be wider than the page: then it scrolls in its own box, and is printed smaller.
/// Links in it stay links to readers that do not see it, which an `img` would hide.
pub(super) fn open(
    out: &mut String,
    id: &str,
    class: &str,
    [width, height]: [i64; 2],
    words: [&str; 2],
) {
    let [title, about] = words;
    let _ = write!(
        out,
        "<div class=\"box picture\" tabindex=\"0\"><svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"group\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">"
    );
    escape::push(out, title);
    let _ = write!(out, "</title><desc id=\"{id}-d\">");
    escape::push(out, about);
    out.push_str("</desc>\n");
}

/// The class of a picture of that width: on paper, a wide one lies.
pub(super) fn class(width: i64) -> &'static str {
    if width > 1200 { "wide" } else { "narrow" }
}

pub(super) fn close(out: &mut String) {
    out.push_str("</svg></div>\n");
}

/// Opens a group, which is a link if there is something to link to, and names it.
pub(super) fn group(out: &mut String, class: &str, to: Option<&str>, title: &str) {
    match to.map(escape::anchor).filter(|to| !to.is_empty()) {
        Some(to) => {
            let _ = write!(out, "<a class=\"{class}\" href=\"#{to}\">");
        }
        None => {
            let _ = write!(out, "<g class=\"{class}\">");
        }
    }
    name(out, title);
}

/// Closes what [`group`] opened.
pub(super) fn end_group(out: &mut String, to: Option<&str>) {
    let is_link = to.map(escape::anchor).is_some_and(|to| !to.is_empty());
    out.push_str(if is_link { "</a>\n" } else { "</g>\n" });
}

/// The name of what is drawn next to it, which is told where one points at it.
pub(super) fn name(out: &mut String, title: &str) {
    out.push_str("<title>");
    escape::push(out, title);
    out.push_str("</title>");
}

pub(super) fn line(out: &mut String, class: &str, [x1, y1]: [i64; 2], [x2, y2]: [i64; 2]) {
    let _ = write!(
        out,
        "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
    );
}

pub(super) fn rect(out: &mut String, class: &str, [x, y]: [i64; 2], [width, height]: [i64; 2]) {
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
    );
}

pub(super) fn circle(out: &mut String, class: &str, [x, y]: [i64; 2], radius: i64) {
    let _ = write!(
        out,
        "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"
    );
}

/// A line of any form, in the language of paths.
pub(super) fn path(out: &mut String, class: &str, way: &str) {
    let _ = write!(out, "<path class=\"{class}\" d=\"{way}\"/>");
}

/// The head of an arrow whose tip is here, and that comes from the left (1) or the right (-1).
pub(super) fn head(out: &mut String, [x, y]: [i64; 2], from: i64) {
    let back = x - 9 * from;
    path(
        out,
        "tip",
        &format!("M{x} {y}L{back} {}L{back} {}Z", y - 5, y + 5),
    );
}

/// Words that begin here; the style says which end of them that is.
pub(super) fn text(out: &mut String, class: &str, [x, y]: [i64; 2], words: &str) {
    let _ = write!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">");
    escape::push(out, words);
    out.push_str("</text>");
}

/// A name that leans to the right: its first part, and the others smaller.
pub(super) fn leaning(out: &mut String, class: &str, [x, y]: [i64; 2], first: &str, others: &str) {
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" transform=\"rotate(-48 {x} {y})\">"
    );
    escape::push(out, first);
    if !others.is_empty() {
        out.push_str("<tspan class=\"others\">");
        escape::push(out, others);
        out.push_str("</tspan>");
    }
    out.push_str("</text>");
}

/// The first part of a host's name, and the others with the dot before them. An address is of one part.
pub(super) fn parts(name: &str) -> (&str, &str) {
    let is_address = name.contains(':') || !name.bytes().any(|byte| byte.is_ascii_alphabetic());
    match name.find('.').filter(|at| !is_address && *at > 0) {
        Some(at) => name.split_at(at),
        None => (name, ""),
    }
}

/// The width of a small letter, in parts of it that others are measured by.
const SMALL: usize = 20;

/// How wide a character is about.
fn width(char: char) -> usize {
    match char {
        'A'..='Z' | 'm' | 'w' => 24,
        char if u32::from(char) < 0x1100 => SMALL,
        _ => 2 * SMALL,
    }
}

/// As much of the words as has room, in the widths of a small letter, with what cannot be seen shown.
pub(super) fn cut(words: &str, room: usize) -> String {
    // A letter of one width has three bytes at most: what is behind these has no room.
    let some = &words[..words.floor_char_boundary(4 * room + 4)];
    let room = room * SMALL;
    let shown = visible(some);
    if shown.chars().map(width).sum::<usize>() <= room {
        return shown;
    }
    let mut used = SMALL;
    let fits = |char: &char| {
        used += width(*char);
        used <= room
    };
    let mut cut: String = shown.chars().take_while(fits).collect();
    cut.push('\u{2026}');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_to_their_room() {
        for (words, room, expected) in [
            ("SRV02", 6, "SRV02"),
            ("srv02", 5, "srv02"),
            ("SRV02.corp", 6, "SRV0\u{2026}"),
            ("\u{4e2d}\u{6587}\u{4e2d}", 5, "\u{4e2d}\u{6587}\u{2026}"),
            ("a\u{202e}b", 5, "a\\u2\u{2026}"),
            ("", 5, ""),
        ] {
            assert_eq!(cut(words, room), expected);
        }
        assert_eq!(cut(&"\u{4e2d}".repeat(1000), 10).chars().count(), 5);
    }

    #[test]
    fn names_have_a_first_part_and_addresses_none() {
        for (name, expected) in [
            ("SRV02.corp.example.com", ("SRV02", ".corp.example.com")),
            ("SRV02", ("SRV02", "")),
            ("10.20.30.14", ("10.20.30.14", "")),
            ("fe80::1.2", ("fe80::1.2", "")),
            (".x", (".x", "")),
        ] {
            assert_eq!(parts(name), expected);
        }
    }
}
