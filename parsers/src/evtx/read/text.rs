//! Where texts go: a `String`, or a [`TextBuffer`] for the texts of a whole record.

use super::ascii::Ascii;

/// What values can write their text to: `String` and [`TextBuffer`].
pub trait Text: sealed::Sink {}

impl Text for String {}
impl Text for TextBuffer {}

pub(super) mod sealed {
    use crate::evtx::read::ascii::Ascii;

    /// Takes text, and ASCII that nobody has checked to be text yet.
    pub trait Sink {
        /// Appends a text.
        fn push_str(&mut self, text: &str);

        /// Appends a character.
        fn push(&mut self, character: char);

        /// Appends the bytes from `start` up to `end`.
        fn push_ascii<const N: usize>(&mut self, ascii: &Ascii<N>, start: usize, end: usize);
    }
}

impl sealed::Sink for String {
    #[inline]
    fn push_str(&mut self, text: &str) {
        String::push_str(self, text);
    }

    #[inline]
    fn push(&mut self, character: char) {
        String::push(self, character);
    }

    /// Safe Rust checks that bytes are text when they become a `str`. On an aligned buffer whose
    /// length is a multiple of 16 it does so in the fewest steps.
    #[inline]
    fn push_ascii<const N: usize>(&mut self, ascii: &Ascii<N>, start: usize, end: usize) {
        let checked = end.next_multiple_of(16).min(N);
        let text = ascii.0.get(..checked).map(str::from_utf8);
        let text = text
            .and_then(Result::ok)
            .and_then(|text| text.get(start..end));
        String::push_str(self, text.unwrap_or_default());
    }
}

/// The texts of many values, one behind the other.
///
/// A `String` is checked to be text with each piece that is appended; this is checked once, when
/// [`TextBuffer::as_str`] is asked for. For all values of a record that takes a third off the cost
/// of their text.
#[derive(Clone, Debug, Default)]
pub struct TextBuffer {
    bytes: Vec<u8>,
}

impl TextBuffer {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// How many bytes of text it holds: where the next text will begin.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Appends a text that is not a value.
    pub fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// All of it. Ask once, and take the single texts out of it by their ranges.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only texts and ASCII were appended, so there is nothing to go wrong.
        str::from_utf8(&self.bytes).unwrap_or_default()
    }
}

impl sealed::Sink for TextBuffer {
    #[inline]
    fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    #[inline]
    fn push(&mut self, character: char) {
        match u8::try_from(character) {
            Ok(byte) if byte < 0x80 => self.bytes.push(byte),
            _ => sealed::Sink::push_str(self, character.encode_utf8(&mut [0; 4])),
        }
    }

    /// Appends whole blocks, which needs no call, and cuts off what was too much.
    #[inline]
    fn push_ascii<const N: usize>(&mut self, ascii: &Ascii<N>, start: usize, end: usize) {
        let wanted = ascii.0.get(start..N).unwrap_or_default();
        let length = end.saturating_sub(start);
        let size = self.bytes.len().saturating_add(length);
        let mut missing = length;
        let (blocks, last) = wanted.as_chunks::<16>();
        for block in blocks {
            if missing == 0 {
                break;
            }
            self.bytes.extend_from_slice(block);
            missing = missing.saturating_sub(16);
        }
        self.bytes
            .extend_from_slice(last.get(..missing).unwrap_or_default());
        self.bytes.truncate(size);
    }
}

#[cfg(test)]
mod tests {
    use super::sealed::Sink;
    use super::*;

    #[test]
    fn both_receive_the_same() {
        let ascii = Ascii(*b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL");
        let (mut string, mut buffer) = (String::new(), TextBuffer::new());
        for start in 0..48 {
            for end in start..=48 {
                string.push_ascii(&ascii, start, end);
                buffer.push_ascii(&ascii, start, end);
            }
        }
        Sink::push(&mut string, 'ä');
        Sink::push(&mut buffer, 'ä');
        buffer.push_str("€uro");
        string.push_str("€uro");
        assert_eq!(buffer.as_str(), string);
        assert_eq!(buffer.len(), string.len());
        buffer.clear();
        assert!(buffer.is_empty());
    }
}
