//! Making what evidence says harmless to look at: attackers choose these strings.

use std::fmt::Write;

/// The text with control characters, line breaks and characters that change the direction of
/// writing made visible (`\n`, `\t`, `\x1b`, `\u202e`).
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_visible(&mut out, text);
    out
}

/// Like [`visible`], onto the end of a text.
pub(crate) fn push_visible(out: &mut String, text: &str) {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        out.push_str(text);
        return;
    }
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if char.is_control() => {
                let _ = write!(out, "\\x{:02x}", char as u32);
            }
            char if misleads(char) => {
                let _ = write!(out, "\\u{:04x}", char as u32);
            }
            char => out.push(char),
        }
    }
}

/// Whether [`visible`] leaves the character as it is.
pub(crate) fn is_visible(char: char) -> bool {
    !char.is_control() && !misleads(char)
}

/// Characters that are not seen themselves, so that two names look like one, or that change how
/// others are seen: bidirectional controls, separators, joiners, fillers, tags, the byte order mark.
fn misleads(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        for (text, expected) in [
            ("plain C:\\new", "plain C:\\new"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{1b}[31m", "\\x1b[31m"),
            ("\u{9b}x\u{7f}", "\\x9bx\\x7f"),
            ("exe.\u{202e}cod", "exe.\\u202ecod"),
            ("Süd\u{2028}é", "Süd\\u2028é"),
            ("WS01\u{200b}", "WS01\\u200b"),
            ("a\u{e0041}", "a\\ue0041"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }
}
