//! Words of anybody as text of HTML and XML.

use std::fmt::Write;

use crate::visible::visible;

/// Adds words as text, or as the value of an attribute in double quotes: what cannot be seen is shown, and
/// nothing is markup. No line break is left, so that no reader normalises one.
pub(crate) fn push(out: &mut String, words: &str) {
    for char in visible(words).chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No characters of XML.
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", char as u32);
            }
            char => out.push(char),
        }
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
                "<b a=\"1\" c='2'>&amp;]]>",
                "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;]]&gt;",
            ),
            (
                "a\r\n\u{202e}\u{0}\u{1b}\u{ffff}",
                "a\\r\\n\\u202e\\x00\\x1b\\uffff",
            ),
        ] {
            let mut out = String::new();
            push(&mut out, words);
            assert_eq!(out, expected);
        }
    }
}
