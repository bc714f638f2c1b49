//! The one place where words become HTML: of text, of attributes, of names in links.

use crate::visible::visible;

/// Adds words as text, or as the value of an attribute in double quotes: what cannot be seen is shown, and
/// nothing is markup. No line break is left, so that no browser normalises one.
pub(super) fn push(out: &mut String, words: &str) {
    for char in visible(words).chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            char => out.push(char),
        }
    }
}

/// A name in links: letters, digits and `-`. The document promises no others, but it may be read from a file.
/// What this page names itself begins with `_`, so that the two never meet.
pub(super) fn anchor(name: &str) -> String {
    let is_sound = |char: &char| char.is_ascii_alphanumeric() || *char == '-';
    name.chars().filter(is_sound).collect()
}

/// Adds ` id="NAME"`, or nothing where there is no name.
pub(super) fn push_id(out: &mut String, name: &str) {
    let name = anchor(name);
    if !name.is_empty() {
        out.push_str(" id=\"");
        out.push_str(&name);
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        for (words, expected) in [
            ("plain \\\\*\\C$", "plain \\\\*\\C$"),
            (
                "<b a=\"1\" c='2'>&amp;",
                "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;",
            ),
            ("a\r\n\u{202e}\u{0}", "a\\r\\n\\u202e\\x00"),
        ] {
            let mut out = String::new();
            push(&mut out, words);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_name_in_a_link_is_letters_digits_and_dashes() {
        for (name, expected) in [
            ("M-0001", " id=\"M-0001\""),
            ("a\" onclick=\"x", " id=\"aonclickx\""),
            ("_each", " id=\"each\""),
            ("\u{e9} ", ""),
        ] {
            let mut out = String::new();
            push_id(&mut out, name);
            assert_eq!(out, expected);
        }
    }
}
