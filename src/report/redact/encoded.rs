//! What a command line says in base64, as PowerShell's is: whoever can read can read that.

use std::ops::Range;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What stands for it.
const STAND_IN: &str = "[base64 that names somebody]";
/// The shortest that is looked at: a word of UTF-16 has more.
const SHORTEST: usize = 12;

/// The text without those pieces of base64 that tell something. What is part of something longer is none.
pub(super) fn hide(text: &str, longer: &[Range<usize>], tells: impl Fn(&str) -> bool) -> String {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '=');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(is_part).unwrap_or(rest.len());
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let from = text.len() - rest.len();
        let is_part = |other: &Range<usize>| {
            let overlaps = other.start < from + end && from < other.end;
            overlaps && (other.start < from || from + end < other.end)
        };
        let says = piece.len() >= SHORTEST
            && !longer.iter().any(is_part)
            && readings(piece).iter().any(|inner| tells(inner));
        out.push_str(if says { STAND_IN } else { piece });
        rest = after;
    }
    out
}

/// What a piece could say: as UTF-16, and as bytes.
fn readings(piece: &str) -> Vec<String> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&STANDARD, config);
    // A piece of four stands for three bytes, and one character alone for nothing.
    let whole = piece.trim_end_matches('=');
    let whole = &whole[..whole.len() - usize::from(whole.len() % 4 == 1)];
    let Ok(bytes) = engine.decode(whole) else {
        return Vec::new();
    };
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    vec![
        String::from_utf16_lossy(&units),
        String::from_utf8_lossy(&bytes).into_owned(),
    ]
}
