//! Words that the report and the terminal share, and making evidence's own words harmless in
//! Markdown.

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

/// Words of the evidence as a code span: no link, no markup, no HTML can come of them. The fence is
/// longer than any run of backticks inside. In a table a bar must be escaped even there.
pub(super) fn code(text: &str) -> String {
    let text = visible(text).replace('|', "\\|");
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
    let mut out = String::new();
    for char in visible(text).chars() {
        if char.is_ascii_punctuation()
            && !matches!(char, ' ' | ',' | ';' | '(' | ')' | '/' | '-' | '\'')
        {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

/// One side of a movement, as code spans.
pub(super) fn end_code(host: &str, ip: &str, unknown: &str) -> String {
    match (host.is_empty(), ip.is_empty()) {
        (false, false) => format!("{} ({})", code(host), code(ip)),
        (false, true) => code(host),
        (true, false) => code(ip),
        (true, true) => unknown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_no_markup() {
        assert_eq!(
            prose("Tool transfer (SMB), 2/3"),
            "Tool transfer (SMB), 2/3"
        );
        assert_eq!(
            prose("<b> [x](http://y) *a* &amp; `c`|"),
            "\\<b\\> \\[x\\](http\\://y) \\*a\\* \\&amp; \\`c\\`\\|"
        );
        assert_eq!(prose("www.example.com"), "www\\.example\\.com");
    }

    #[test]
    fn code_spans_hold_anything() {
        for (text, expected) in [
            ("a", "`a`"),
            ("", ""),
            ("<script>", "`<script>`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("a|b", "`a\\|b`"),
            ("x\n# y", "`x\\n# y`"),
            ("``` x", "```` ``` x ````"),
        ] {
            assert_eq!(code(text), expected);
        }
    }
}
