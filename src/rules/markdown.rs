//! Words of rules in Markdown: nothing in them becomes markup but what they have in backticks.

use std::collections::HashMap;

use crate::visible::visible;

/// Words as prose.
pub(super) fn prose(text: &str) -> String {
    let text = visible(text);
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::with_capacity(text.len());
    for (number, part) in parts.iter().enumerate() {
        let is_last = number + 1 == parts.len();
        let is_code = number % 2 == 1;
        match (is_code, is_last) {
            // Without its other end it is no code.
            (true, true) => {
                out.push_str("\\`");
                escape(&mut out, part);
            }
            (true, false) => {
                out.push('`');
                out.push_str(part);
                out.push('`');
            }
            (false, _) => escape(&mut out, part),
        }
    }
    if out.starts_with(['#', '-', '+', '>', '=']) {
        out.insert(0, '\\');
    }
    out
}

fn escape(out: &mut String, text: &str) {
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let next = chars.peek().copied();
        let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        let is_markup = match char {
            // Many programs make links of addresses, and take a backslash behind one for a part of it.
            '<' => {
                out.push_str("&lt;");
                before = Some(char);
                continue;
            }
            '*' | '[' | ']' | '~' => true,
            '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
            '_' => !(is_word(before) && is_word(next)),
            '&' => next.is_some_and(|next| next == '#' || next.is_ascii_alphabetic()),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(char);
        before = Some(char);
    }
}

/// Markdown for the cell of a table: no bar in it ends the cell.
pub(super) fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// What links to headings lead to, as GitHub names them: no two are the same.
#[derive(Debug, Default)]
pub(super) struct Anchors(HashMap<String, usize>);

impl Anchors {
    /// That of the next heading.
    pub(super) fn of(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let count = self.0.entry(slug.clone()).or_default();
        *count += 1;
        match *count {
            1 => slug,
            count => format!("{slug}-{}", count - 1),
        }
    }
}

fn slug(heading: &str) -> String {
    let lower = visible(heading).to_lowercase();
    let chars = lower.chars().filter_map(|char| match char {
        ' ' => Some('-'),
        '-' | '_' => Some(char),
        char => char.is_alphanumeric().then_some(char),
    });
    chars.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_no_markup() {
        for (text, expected) in [
            ("Plain (C$, ADMIN$), 1.", "Plain (C$, ADMIN$), 1."),
            (r"\\HOST\HKLM\...", r"\\\HOST\HKLM\\..."),
            ("a `\\\\tsclient` b*", "a `\\\\tsclient` b\\*"),
            ("half ` of [it](x)", r"half \` of \[it\](x)"),
            ("RDP_x _y_ <b> &amp; R&D", r"RDP_x \_y\_ &lt;b> \&amp; R\&D"),
            (r"http://x/\<b>", r"http://x/\\&lt;b>"),
            ("# no heading", r"\# no heading"),
            ("two\nlines", r"two\nlines"),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
        assert_eq!(cell("a|b `c|d`"), r"a\|b `c\|d`");
    }

    #[test]
    fn headings_of_one_name_have_anchors_of_their_own() {
        let mut anchors = Anchors::default();
        let made = ["A rule: B (C$)", "A rule: B (C$)", "x_y-z é"].map(|h| anchors.of(h));
        assert_eq!(made, ["a-rule-b-c", "a-rule-b-c-1", "x_y-z-é"]);
    }
}
