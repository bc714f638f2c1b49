//! The text of a file, piece by piece, as UTF-8, and where in the file each piece is.

use std::io::{self, Read};

use crate::stream::Stream;

/// Bytes read at once.
const PIECE: usize = 64 * 1024;

/// How characters are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// UTF-8, or what calls itself something else but has ASCII as ASCII.
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Coding {
    /// The coding of XML that begins with these bytes, and the length of its byte order mark.
    pub(crate) fn of(head: &[u8]) -> (Self, usize) {
        match head {
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            [0xff, 0xfe, ..] => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            [first, 0, ..] if first.is_ascii() && *first != 0 => (Self::Utf16Le, 0),
            [0, first, ..] if first.is_ascii() && *first != 0 => (Self::Utf16Be, 0),
            _ => (Self::Utf8, 0),
        }
    }

    /// Appends the text of `bytes`, and gives the number of bytes at the end that are no whole
    /// character yet.
    pub(crate) fn decode(self, bytes: &[u8], text: &mut Vec<u8>) -> usize {
        let unit: fn([u8; 2]) -> u16 = match self {
            Self::Utf8 => {
                text.extend_from_slice(bytes);
                return 0;
            }
            Self::Utf16Le => u16::from_le_bytes,
            Self::Utf16Be => u16::from_be_bytes,
        };
        let (units, odd) = bytes.as_chunks::<2>();
        let is_high = |pair: &[u8; 2]| (0xd800..0xdc00).contains(&unit(*pair));
        let (units, half) = match units.split_last() {
            Some((last, before)) if is_high(last) => (before, 2),
            _ => (units, 0),
        };
        for character in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        odd.len() + half
    }
}

/// The part of a text that is being looked at.
pub(super) struct Window<'a> {
    input: Stream<'a>,
    coding: Coding,
    /// Bytes that are no whole character yet, in front of the next ones.
    raw: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` is done with.
    done: usize,
    /// Where in the file the text begins that is not done with.
    offset: u64,
    /// How much of the text was done with, all in all.
    position: u64,
    ended: bool,
}

impl<'a> Window<'a> {
    pub(super) fn new(input: Stream<'a>, coding: Coding, offset: u64) -> Self {
        Self {
            input,
            coding,
            raw: Vec::new(),
            text: Vec::new(),
            done: 0,
            offset,
            position: 0,
            ended: false,
        }
    }

    /// Puts text in front of what is read.
    pub(super) fn begin_with(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// What is in memory and not done with.
    pub(super) fn bytes(&self) -> &[u8] {
        self.text.get(self.done..).unwrap_or_default()
    }

    /// Offset in the file of where [`Window::bytes`] begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Position in the text of where [`Window::bytes`] begins.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Is done with the first `count` bytes.
    pub(super) fn consume(&mut self, count: usize) {
        let size = self.stored_size(count);
        self.done += count;
        self.position += count as u64;
        self.offset += size;
        if self.done >= PIECE && self.done * 2 >= self.text.len() {
            self.text.drain(..self.done);
            self.done = 0;
        }
    }

    /// How many bytes of the file the first `count` bytes of the text are.
    fn stored_size(&self, count: usize) -> u64 {
        if self.coding == Coding::Utf8 {
            return count as u64;
        }
        let bytes = self.bytes().iter().take(count);
        // A character of four bytes is two units; each other one is one.
        let units = bytes.map(|byte| match byte {
            0x80..=0xbf => 0,
            0xf0.. => 2,
            _ => 1,
        });
        units.sum::<u64>() * 2
    }

    /// Reads on until there are twice as many bytes, or a piece more. Whether there are more.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        let before = self.bytes().len();
        let wanted = before.max(PIECE);
        while !self.ended && self.bytes().len() - before < wanted {
            self.read_piece()?;
        }
        Ok(self.bytes().len() > before)
    }

    fn read_piece(&mut self) -> io::Result<()> {
        let kept = self.raw.len();
        self.raw.resize(kept + PIECE, 0);
        let count = self
            .input
            .read(self.raw.get_mut(kept..).unwrap_or_default())?;
        self.raw.truncate(kept + count);
        self.ended = count == 0;
        let rest = self.coding.decode(&self.raw, &mut self.text);
        let rest = self.raw.len() - rest;
        self.raw.drain(..rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_read_over_the_ends_of_pieces_and_offsets_stay_right() {
        let text: String = "aé\u{1F600}".repeat(PIECE / 2);
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut window = Window::new(Stream::new(&bytes, 0), Coding::Utf16Be, 0);
        while window.more().unwrap() {}
        assert_eq!(window.bytes(), text.as_bytes());
        window.consume(7 * 20_000 + 1);
        assert_eq!(window.offset(), 20_000 * 8 + 2);
        assert_eq!(window.position(), 7 * 20_000 + 1);
        window.consume(text.len() - 7 * 20_000 - 1);
        assert_eq!(window.offset(), bytes.len() as u64);
    }

    #[test]
    fn codings_are_told_by_mark_or_by_the_first_character() {
        assert_eq!(Coding::of(b"\xef\xbb\xbf<E"), (Coding::Utf8, 3));
        assert_eq!(Coding::of(b"\xff\xfe<\0"), (Coding::Utf16Le, 2));
        assert_eq!(Coding::of(b"\xfe\xff\0<"), (Coding::Utf16Be, 2));
        assert_eq!(Coding::of(b"<\0E\0"), (Coding::Utf16Le, 0));
        assert_eq!(Coding::of(b"\0<\0E"), (Coding::Utf16Be, 0));
        assert_eq!(Coding::of(b"<E"), (Coding::Utf8, 0));
    }
}
