//! Words that the report and the terminal share, and making evidence's own words harmless in
//! Markdown.

use std::borrow::Cow;

use crate::visible::visible;

/// One side of a movement: `HOST (ADDRESS)`.
pub(crate) fn end(host: &str, ip: &str, unknown: &str) -> String {
    match (host.is_empty(), ip.is_empty()) {
        (false, false) => format!("{host} ({ip})"),
        (false, true) => host.to_owned(),
        (true, false) => ip.to_owned(),
        (true, true) => unknown.to_owned(),
    }
}

/// `1 event`, `2 events`, `2 losses`, `2 matches`.
pub(crate) fn count(number: u64, what: &str) -> String {
    match (number, what.ends_with('s') || what.ends_with("ch")) {
        (1, _) => format!("1 {what}"),
        (_, false) => format!("{number} {what}s"),
        (_, true) => format!("{number} {what}es"),
    }
}

/// At most so many characters of a text, with what says that there is more.
pub(crate) fn begun<'t>(text: &'t str, most: usize, more: &str) -> Cow<'t, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}{more}", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Words of the evidence as a code span: no link, no markup, no HTML can come of them. The fence is
/// longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    span(&visible(text))
}

/// Like [`code`], for the cell of a table. A bar ends a cell even in a code span; how it is escaped
/// after a backslash is a matter on which renderers differ, so there it is shown as its number.
pub(super) fn cell(text: &str) -> String {
    let text = visible(text).replace("\\|", r"\\x7c");
    span(&text.replace('|', r"\|"))
}

fn span(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Words of a rule file as prose: whatever could be markup, a link or an entity is escaped. They are
/// ours, or those of rules that were handed to the program.
pub(super) fn prose(text: &str) -> String {
    // Some renderers make links of these, escaped or not.
    if ["@", "://", "www."]
        .iter()
        .any(|link| text.to_ascii_lowercase().contains(link))
    {
        return cell(text);
    }
    let text = visible(text);
    let mut out = String::new();
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let is_digit = |char: char| char.is_ascii_digit();
        let harmless = matches!(char, ',' | ';' | '(' | ')' | '/' | '-' | '\'')
            // As in `T1021.002`, which people search for.
            || char == '.' && before.is_some_and(is_digit) && chars.peek().copied().is_some_and(is_digit);
        if char.is_ascii_punctuation() && !harmless {
            out.push('\\');
        }
        out.push(char);
        before = Some(char);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_fills_no_terminal() {
        let text = "\u{e4}".repeat(200);
        assert_eq!(begun(&text, 200, "\u{2026}"), text);
        let longer = text.clone() + "b";
        assert_eq!(begun(&longer, 200, "\u{2026}"), text + "\u{2026}");
    }

    #[test]
    fn prose_is_no_markup() {
        for (text, expected) in [
            ("Tool transfer (SMB), 2/3", "Tool transfer (SMB), 2/3"),
            (
                "<b> [x](y) *a* &amp; `c`|",
                r"\<b\> \[x\](y) \*a\* \&amp; \`c\`\|",
            ),
            ("T1021.002 1. x", r"T1021.002 1\. x"),
            ("see http://x", "`see http://x`"),
            ("WWW.example.com", "`WWW.example.com`"),
            ("a@example.com", "`a@example.com`"),
        ] {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn code_spans_hold_anything() {
        for (text, expected) in [
            ("a", "`a`"),
            ("", ""),
            ("<script>", "`<script>`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("a|b", "`a|b`"),
            ("x\n# y", "`x\\n# y`"),
            ("``` x", "```` ``` x ````"),
        ] {
            assert_eq!(code(text), expected);
        }
    }

    #[test]
    fn cells_end_where_they_should() {
        for (text, expected) in [
            ("a|b", r"`a\|b`"),
            (r"a\|b", r"`a\\x7cb`"),
            (r"a\\||b", r"`a\\\x7c\|b`"),
            (r"C:\", r"`C:\`"),
        ] {
            assert_eq!(cell(text), expected, "{text}");
        }
    }
}
