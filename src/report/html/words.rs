//! Words in a line: ours, of a rule, of the evidence, links.

use super::super::document::{Line, Span};
use super::{escape, grade};

/// From how many bytes on words of the evidence scroll in a box of their own, so that a name of a megabyte
/// does not push everything else away.
const LONG: usize = 600;

/// Up to how many the words of a link stay on one line.
const ID: usize = 16;
/// Up to how many they are a name, which stands on one line if it can.
const NAME: usize = 40;
/// A line of words.
pub(super) fn line(out: &mut String, words: &Line) {
    let mut before: Option<&Span> = None;
    for span in words {
        // What stands behind a bracket stays with it.
        let is_bracketed = matches!(before, Some(Span::Ours(words)) if words.ends_with('('));
        match span {
            Span::Ours(words) => ours(out, words),
            Span::Strong(words) => {
                out.push_str("<strong>");
                ours(out, words);
                out.push_str("</strong>");
            }
            Span::Rule(words) => {
                out.push_str("<bdi>");
                escape::push(out, words);
                out.push_str("</bdi>");
            }
            Span::Shown(words) | Span::Begun(words, _) => shown(out, words, is_bracketed),
            Span::Link(words, to) => link(out, words, to),
        }
        before = Some(span);
    }
}

/// Words of the evidence: from left to right whatever they are, and apart from what stands beside them.
fn shown(out: &mut String, words: &str, is_bracketed: bool) {
    let is_name = !is_bracketed && words.len() <= NAME && !words.contains(char::is_whitespace);
    out.push_str(match words.len() {
        // A reader with a keyboard has to be able to scroll what scrolls.
        length if length > LONG => "<code class=\"long\" dir=\"ltr\" tabindex=\"0\">",
        _ if is_name => "<code class=\"name\" dir=\"ltr\">",
        _ => "<code dir=\"ltr\">",
    });
    escape::push(out, words);
    out.push_str("</code>");
}

/// A link to a place on this page; nothing but the words where no name is left of it.
pub(super) fn link(out: &mut String, words: &str, to: &str) {
    let to = escape::anchor(to);
    if to.is_empty() {
        return escape::push(out, words);
    }
    // An id is not broken at its dash.
    let class = if words.len() <= ID {
        "class=\"ref\" "
    } else {
        ""
    };
    out.extend(["<a ", class, "href=\"#", &to, "\">"]);
    escape::push(out, words);
    out.push_str("</a>");
}

/// A mark that links to where it stands, to copy from.
pub(super) fn pin(out: &mut String, to: &str) {
    let to = escape::anchor(to);
    if !to.is_empty() {
        out.push_str(" <a class=\"pin\" href=\"#");
        out.push_str(&to);
        out.push_str("\" aria-label=\"Link to here\">\u{b6}</a>");
    }
}

/// Words of ours, with grades and times in them set apart.
fn ours(out: &mut String, words: &str) {
    match grade::split(words) {
        None => times(out, words),
        Some((before, word, behind)) => {
            times(out, before);
            badge(out, word);
            ours(out, behind);
        }
    }
}

/// A grade, with its colour and its shape.
pub(super) fn badge(out: &mut String, grade: &str) {
    out.push_str("<b class=\"grade ");
    out.push_str(grade::style(grade));
    out.push_str("\">");
    escape::push(out, grade);
    out.push_str("</b>");
}

/// Words with times among them, whole: who searches the file for one finds it. The script sets the time of day
/// apart, which is what people compare.
fn times(out: &mut String, words: &str) {
    let mut rest = words;
    while let Some((at, time)) = next_time(rest) {
        escape::push(out, &rest[..at]);
        out.push_str("<span class=\"t\">");
        escape::push(out, time);
        out.push_str("</span>");
        rest = &rest[at + time.len()..];
    }
    escape::push(out, rest);
}

/// What a date and the time of a day look like: `0` is any digit.
const DATE: &str = "0000-00-00T";
const CLOCK: &str = "00:00:00";

/// The first time in a text: where it begins, and itself.
pub(super) fn next_time(words: &str) -> Option<(usize, &str)> {
    let bytes = words.as_bytes();
    let mut starts =
        (0..bytes.len()).filter(|&at| at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
    starts.find_map(|at| Some((at, &words[at..at + time_length(&bytes[at..])?])))
}

/// Whether all of it is one time.
pub(super) fn is_time(words: &str) -> bool {
    time_length(words.as_bytes()) == Some(words.len())
}

/// How long the time is with which a text begins.
fn time_length(bytes: &[u8]) -> Option<usize> {
    let form = DATE.bytes().chain(CLOCK.bytes());
    let length = DATE.len() + CLOCK.len();
    let fits = |(form, byte): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        form => form == *byte,
    };
    if bytes.len() < length || !form.zip(bytes).all(fits) {
        return None;
    }
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let fraction = match &bytes[length..] {
        [b'.', behind @ ..] if digits(behind) > 0 => 1 + digits(behind),
        _ => 0,
    };
    let zone = usize::from(bytes.get(length + fraction) == Some(&b'Z'));
    Some(length + fraction + zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(span: Span) -> String {
        let mut out = String::new();
        line(&mut out, &vec![span]);
        out
    }

    #[test]
    fn times_of_ours_are_set_apart() {
        for (words, expected) in [
            (
                "at 2026-03-02T21:14:02.7026065Z.",
                "at <span class=\"t\">2026-03-02T21:14:02.7026065Z</span>.",
            ),
            (
                "2026-03-02 21:14:02",
                "<span class=\"t\">2026-03-02 21:14:02</span>",
            ),
            (
                "12026-03-02 21:14:02, 2026-03-02",
                "12026-03-02 21:14:02, 2026-03-02",
            ),
            ("2026-03-02 21:14:0\u{e9}", "2026-03-02 21:14:0\u{e9}"),
        ] {
            assert_eq!(html(Span::Ours(words.into())), expected);
        }
        assert!(is_time("2026-03-02T21:14:02Z") && !is_time("2026-03-02T21:14:02Z "));
    }

    #[test]
    fn words_of_the_evidence_are_no_times_and_no_grades() {
        assert_eq!(
            html(Span::Shown("CONFIRMED 2026-03-02 21:14:02".into())),
            "<code dir=\"ltr\">CONFIRMED 2026-03-02 21:14:02</code>"
        );
        assert!(html(Span::Ours("CONFIRMED".into())).contains("class=\"grade confirmed\""));
    }

    #[test]
    fn what_is_very_long_scrolls() {
        let long = "A".repeat(LONG + 1);
        assert_eq!(
            html(Span::Shown(long.clone())),
            format!("<code class=\"long\" dir=\"ltr\" tabindex=\"0\">{long}</code>")
        );
    }

    #[test]
    fn names_stay_on_one_line_and_behind_their_bracket() {
        let of = |spans: &[Span]| {
            let mut out = String::new();
            line(&mut out, &spans.to_vec());
            out
        };
        let name = || Span::Shown("SRV02".into());
        assert_eq!(
            of(&[name()]),
            "<code class=\"name\" dir=\"ltr\">SRV02</code>"
        );
        assert_eq!(
            of(&[Span::Ours(" (".into()), name()]),
            " (<code dir=\"ltr\">SRV02</code>"
        );
        assert_eq!(
            of(&[Span::Shown("net use".into())]),
            "<code dir=\"ltr\">net use</code>"
        );
    }

    #[test]
    fn links_lead_to_places_on_this_page_only() {
        for (to, expected) in [
            ("M-0001", "<a class=\"ref\" href=\"#M-0001\">&lt;x&gt;</a>"),
            (
                "https://x.example/",
                "<a class=\"ref\" href=\"#httpsxexample\">&lt;x&gt;</a>",
            ),
            ("\u{e9}", "&lt;x&gt;"),
        ] {
            assert_eq!(html(Span::Link("<x>".into(), to.into())), expected);
        }
    }
}
