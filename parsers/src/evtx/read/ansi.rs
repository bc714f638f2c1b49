//! Text in the code page of the machine that wrote it. The log does not say which; Windows-1252 is
//! what most of them have, and what the field's other readers assume.

use super::text::Text;

/// What Windows-1252 has at 0x80 to 0x9f; the five holes are the control characters themselves.
const UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Text without its trailing NULs.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let mut text = bytes;
    while let Some((0, rest)) = text.split_last() {
        text = rest;
    }
    text
}

/// Appends the text.
pub(super) fn write_text(bytes: &[u8], out: &mut impl Text) {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => out.push_str(text),
        _ => bytes.iter().for_each(|byte| out.push(character(*byte))),
    }
}

fn character(byte: u8) -> char {
    let upper = usize::from(byte).checked_sub(0x80);
    upper
        .and_then(|index| UPPER.get(index).copied())
        .unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_windows_1252() {
        let mut out = String::new();
        write_text(trimmed(b"caf\xe9 \x80 \x9f\x81\0\0"), &mut out);
        assert_eq!(out, "café € Ÿ\u{81}");
    }
}
