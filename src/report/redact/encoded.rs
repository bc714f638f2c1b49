//! What a command line says in base64, as PowerShell's is, or byte by byte in numbers: whoever can read can read that.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What stands for it.
const STAND_IN: &str = "[base64 that names somebody]";
/// What stands for bytes in numbers.
const STAND_IN_BYTES: &str = "[bytes that name somebody]";
/// The shortest that is looked at: a word of UTF-16 has more.
const SHORTEST: usize = 12;
/// How many numbers are at least a text.
const FEWEST_BYTES: usize = 8;
/// How often base64 in base64 is opened.
const DEPTH: usize = 4;

/// The text without those pieces of base64, and of bytes in numbers, that tell something.
pub(super) fn hide(text: &str, tells: &dyn Fn(&str) -> bool) -> String {
    let text = replaced(text, &is_of_numbers, &|piece| {
        bytes(piece)
            .is_some_and(|bytes| is_told(&bytes, tells, 0))
            .then_some(STAND_IN_BYTES)
    });
    base64(&text, tells, 0)
}

fn base64(text: &str, tells: &dyn Fn(&str) -> bool, depth: usize) -> String {
    let hidden = replaced(text, &is_of_base64, &|piece| {
        let is_telling =
            piece.len() >= SHORTEST && decoded(piece).any(|bytes| is_told(&bytes, tells, depth));
        is_telling.then_some(STAND_IN)
    });
    // What fills up the last four goes with them.
    hidden
        .replace(&format!("{STAND_IN}=="), STAND_IN)
        .replace(&format!("{STAND_IN}="), STAND_IN)
}

fn is_of_base64(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '+' | '/')
}

fn is_of_numbers(char: char) -> bool {
    char.is_ascii_digit() || matches!(char, ',' | ' ')
}

/// The text with something else for some of its pieces that have only such characters.
fn replaced(
    text: &str,
    is_part: &dyn Fn(char) -> bool,
    instead: &dyn Fn(&str) -> Option<&'static str>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(is_part).unwrap_or(rest.len());
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let piece = &rest[..end];
        out.push_str(instead(piece).unwrap_or(piece));
        rest = &rest[end..];
    }
    out
}

/// Whether bytes are a text that tells something, by itself or in base64 of its own.
fn is_told(bytes: &[u8], tells: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    readings(bytes)
        .any(|inner| tells(&inner) || (depth < DEPTH && base64(&inner, tells, depth + 1) != inner))
}

/// The bytes of `87,105,110`.
fn bytes(piece: &str) -> Option<Vec<u8>> {
    let numbers = piece.split([',', ' ']).filter(|number| !number.is_empty());
    let bytes: Option<Vec<u8>> = numbers.map(|number| number.parse().ok()).collect();
    bytes.filter(|bytes| bytes.len() >= FEWEST_BYTES)
}

/// What a piece decodes to, also where something that looks like it stands before it.
fn decoded(piece: &str) -> impl Iterator<Item = Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&STANDARD, config);
    let last = piece.len().min(4).min(piece.len() - SHORTEST + 1);
    (0..last).filter_map(move |from| {
        let piece = &piece[from..];
        // A piece of four stands for three bytes, and one character alone for nothing.
        let whole = &piece[..piece.len() - usize::from(piece.len() % 4 == 1)];
        engine.decode(whole).ok()
    })
}

/// What bytes could say: as UTF-16, and as UTF-8. What nobody could read says nothing, as most words and all hashes do
/// when they are taken for base64.
fn readings(bytes: &[u8]) -> impl Iterator<Item = String> {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    // Any two letters are one of another script.
    let wide = String::from_utf16_lossy(&units);
    let wide = Some(wide).filter(|text| is_mostly(text, |char| u32::from(char) < 0x530));
    let narrow = Some(String::from_utf8_lossy(bytes).into_owned());
    let texts = [wide, narrow].into_iter().flatten();
    let texts = texts.map(|text| text.replace(['\0', '\u{feff}'], ""));
    texts.filter(|text| {
        is_mostly(text, |char| {
            char.is_ascii_graphic() || char.is_whitespace() || char.is_alphabetic()
        })
    })
}

/// Whether at least two of three characters are such.
fn is_mostly(text: &str, is_such: impl Fn(char) -> bool) -> bool {
    let such = text.chars().filter(|&char| is_such(char)).count();
    such > 0 && such * 3 >= text.chars().count() * 2
}
