//! What a command line says in base64, as PowerShell's is: whoever can read can read that.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What stands for it.
const STAND_IN: &str = "[base64 that names somebody]";
/// The shortest that is looked at: a word of UTF-16 has more.
const SHORTEST: usize = 12;

/// The text without those pieces of base64 that tell something.
pub(super) fn hide(text: &str, tells: impl Fn(&str) -> bool) -> String {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '+' | '/');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(is_part).unwrap_or(rest.len());
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let piece = &rest[..end];
        let padding = rest[end..].len() - rest[end..].trim_start_matches('=').len();
        if piece.len() >= SHORTEST && readings(piece).any(|inner| tells(&inner)) {
            out.push_str(STAND_IN);
            rest = &rest[end + padding.min(2)..];
        } else {
            out.push_str(piece);
            rest = &rest[end..];
        }
    }
    out
}

/// What a piece could say: as UTF-16, and as bytes. What nobody could read says nothing, as most words and all hashes do
/// when they are taken for base64.
fn readings(piece: &str) -> impl Iterator<Item = String> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&STANDARD, config);
    // A piece of four stands for three bytes, and one character alone for nothing.
    let whole = &piece[..piece.len() - usize::from(piece.len() % 4 == 1)];
    let bytes = engine.decode(whole).unwrap_or_default();
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let wide = String::from_utf16(&units).ok();
    let narrow = String::from_utf8(bytes).ok();
    let is_readable = |text: &String| {
        let mut chars = text.chars();
        !text.is_empty()
            && chars
                .all(|char| char.is_ascii_graphic() || char.is_whitespace() || char.is_alphabetic())
    };
    // Any two letters are one of another script.
    let is_european = |text: &String| text.chars().all(|char| u32::from(char) < 0x530);
    let wide = wide.filter(is_european);
    [wide, narrow].into_iter().flatten().filter(is_readable)
}
