//! UTF-16LE text, kept as it is on disk until somebody wants to read it.

use super::ascii::Ascii;
use super::text::Text;

/// UTF-16LE bytes of an event log. Nothing guarantees that they are valid UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Utf16<'a>(&'a [u8]);

/// Bytes of text that are converted in one step.
const BLOCK: usize = 32;
/// Characters in a block.
const UNITS: usize = BLOCK / 2;
/// Blocks that are appended in one go.
const BLOCKS: usize = 4;

impl<'a> Utf16<'a> {
    /// Text without its trailing NULs, which some providers count in.
    #[must_use]
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut text = bytes;
        while let Some((rest, [0, 0])) = text.split_last_chunk::<2>() {
            text = rest;
        }
        Self(text)
    }

    /// The bytes on disk.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether there is no character.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Appends the text. What is not UTF-16 stays visible: an unpaired surrogate as `\ud800`, a
    /// half character at the end as `\x2a`.
    pub fn write_text(self, out: &mut impl Text) {
        let mut rest = self.0;
        while !rest.is_empty() {
            rest = match push_ascii(rest, out) {
                0 => push_any(rest, UNITS, out),
                count => rest.get(count..).unwrap_or(&[]),
            };
        }
    }
}

/// Appends the text up to the first block with other characters than ASCII, or as much as is
/// converted in one go, and gives its number of bytes.
#[inline]
fn push_ascii(bytes: &[u8], out: &mut impl Text) -> usize {
    let mut text = Ascii([0; UNITS * BLOCKS]);
    let (targets, _) = text.0.as_chunks_mut::<UNITS>();
    let mut targets = targets.iter_mut();
    let (blocks, last) = bytes.as_chunks::<BLOCK>();
    let mut count = 0_usize;
    for (source, target) in blocks.iter().zip(&mut targets) {
        if !narrow(source, target) {
            out.push_ascii(&text, 0, count / 2);
            return count;
        }
        count = count.saturating_add(BLOCK);
    }
    if let Some(target) = targets.next()
        && last.len() % 2 == 0
    {
        let mut block = [0; BLOCK];
        block
            .get_mut(..last.len())
            .unwrap_or_default()
            .copy_from_slice(last);
        if narrow(&block, target) {
            count = bytes.len();
        }
    }
    out.push_ascii(&text, 0, count / 2);
    count
}

/// Converts a block of ASCII characters, if it is one.
#[inline]
fn narrow(source: &[u8; BLOCK], target: &mut [u8; UNITS]) -> bool {
    let mut all = 0_u16;
    let mut ascii = [0; UNITS];
    for (target, unit) in ascii.iter_mut().zip(source.as_chunks::<2>().0) {
        all |= u16::from_le_bytes(*unit);
        *target = unit[0];
    }
    *target = ascii;
    all < 0x80
}

/// Appends `count` characters or a surrogate pair more, and gives what is left.
fn push_any<'a>(bytes: &'a [u8], count: usize, out: &mut impl Text) -> &'a [u8] {
    let (units, odd) = bytes.as_chunks::<2>();
    let mut rest = units;
    let mut left = count;
    while left > 0 {
        let Some((unit, after)) = rest.split_first() else {
            push_odd(odd, out);
            return &[];
        };
        rest = push_character(u16::from_le_bytes(*unit), after, out);
        left = left.saturating_sub(1);
    }
    let used = units.len().saturating_sub(rest.len()).saturating_mul(2);
    bytes.get(used..).unwrap_or(&[])
}

/// Appends the character that begins with `unit`, and gives what follows it.
fn push_character<'a>(unit: u16, after: &'a [[u8; 2]], out: &mut impl Text) -> &'a [[u8; 2]] {
    if let Some(character) = char::from_u32(u32::from(unit)) {
        out.push(character);
        return after;
    }
    let pair = after.split_first().and_then(|(low, after)| {
        let pair = [unit, u16::from_le_bytes(*low)];
        let character = char::decode_utf16(pair).next()?.ok()?;
        Some((character, after))
    });
    let Some((character, after)) = pair else {
        out.push_str(&format!("\\u{unit:04x}"));
        return after;
    };
    out.push(character);
    after
}

fn push_odd(odd: &[u8], out: &mut impl Text) {
    for byte in odd.iter().filter(|byte| **byte != 0) {
        out.push_str(&format!("\\x{byte:02x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(units: &[u16]) -> String {
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let mut out = String::new();
        Utf16::new(&bytes).write_text(&mut out);
        out
    }

    #[test]
    fn reads_any_text_of_any_length() {
        let alphabet = "aä€😀\u{10ffff}zz";
        for length in 0..100 {
            let text: String = alphabet.chars().cycle().take(length).collect();
            let units: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(text_of(&units), text);
            let ascii = "x".repeat(length);
            let units: Vec<u16> = ascii.encode_utf16().collect();
            assert_eq!(text_of(&units), ascii);
        }
    }

    #[test]
    fn a_pair_across_a_block_stays_a_pair() {
        for shift in 0..40 {
            let text = format!("{}ä😀b", "a".repeat(shift));
            let units: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(text_of(&units), text);
        }
    }

    #[test]
    fn unpaired_surrogates_stay_visible() {
        assert_eq!(text_of(&[0x61, 0xd800, 0x62]), "a\\ud800b");
        assert_eq!(text_of(&[0xdc01, 0xd83d]), "\\udc01\\ud83d");
        assert_eq!(text_of(&[0xd83d, 0xd83d, 0xde00]), "\\ud83d😀");
    }

    #[test]
    fn trailing_nuls_go_and_inner_ones_stay() {
        assert_eq!(text_of(&[0x61, 0, 0x62, 0, 0]), "a\0b");
        assert_eq!(text_of(&[0, 0]), "");
    }

    #[test]
    fn half_a_character_at_the_end_is_shown() {
        let mut out = String::new();
        Utf16::new(&[0x61, 0, 0x62]).write_text(&mut out);
        assert_eq!(out, "a\\x62");
    }
}
