//! Positions in UTF-16 units, for text that is kept in UTF-8.
//!
//! A position in the middle of a character beyond the basic plane (a surrogate pair in UTF-16)
//! cannot be cut at: a slice that starts there starts after the character, one that ends there ends
//! before it. So a half is never kept, and nothing panics.

/// How many units the text has.
pub(super) fn length(text: &str) -> i64 {
    let units = if text.is_ascii() {
        text.len()
    } else {
        text.chars().map(char::len_utf16).sum()
    };
    i64::try_from(units).unwrap_or(i64::MAX)
}

/// The byte of the first character that starts at that unit or later.
pub(super) fn byte_at_or_after(text: &str, unit: i64) -> usize {
    boundary(text, |start, _| start >= unit)
}

/// The byte behind the last character that ends at that unit or earlier.
pub(super) fn byte_at_or_before(text: &str, unit: i64) -> usize {
    boundary(text, |_, end| end > unit)
}

/// The byte of the first character whose first and end unit are as asked, or the end of the text.
fn boundary(text: &str, asked: impl Fn(i64, i64) -> bool) -> usize {
    let mut start = 0;
    for (byte, character) in text.char_indices() {
        let end = start + if character.len_utf16() == 2 { 2 } else { 1 };
        if asked(start, end) {
            return byte;
        }
        start = end;
    }
    text.len()
}
