//! Lines of a text, and where each begins.

use std::io::{self, Read};

/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// Bytes of one line. An event of 64 KiB with its rendered text is far below.
pub(super) const MOST_LINE: usize = 16 << 20;

/// One line, without its end. Its text is in [`Lines::line`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number, from 1 on.
    pub(crate) number: u64,
    /// Where in the text it begins.
    pub(crate) offset: u64,
    /// How long it is.
    pub(super) length: u64,
    /// Whether it has an end, and is not the last one that was cut off.
    pub(super) is_ended: bool,
}

/// Goes through a text line by line.
pub(super) struct Lines<R> {
    input: R,
    piece: Vec<u8>,
    /// How much of the piece is done with.
    done: usize,
    offset: u64,
    /// How many lines were begun.
    count: u64,
    /// The line at hand; of one longer than [`MOST_LINE`], its beginning.
    pub(super) line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            piece: Vec::new(),
            done: 0,
            offset: 0,
            count: 0,
            line: Vec::new(),
        }
    }

    /// Where in the text the next line begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes on to the next line. After an error, [`Lines::line`] has what was there of it.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        self.line.clear();
        self.count += 1;
        let mut line = Line {
            number: self.count,
            offset: self.offset,
            length: 0,
            is_ended: false,
        };
        while !line.is_ended {
            if self.done >= self.piece.len() && !self.refill()? {
                break;
            }
            let rest = self.piece.get(self.done..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest);
            let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let room = MOST_LINE.saturating_sub(self.line.len());
            self.line
                .extend_from_slice(part.get(..part.len().min(room)).unwrap_or_default());
            line.length += part.len() as u64;
            line.is_ended = end.is_some();
            let count = part.len() + usize::from(line.is_ended);
            self.done += count;
            self.offset += count as u64;
        }
        Ok((line.length > 0 || line.is_ended).then_some(line))
    }

    fn refill(&mut self) -> io::Result<bool> {
        self.done = 0;
        self.piece.resize(PIECE, 0);
        let count = self.input.read(&mut self.piece);
        self.piece.truncate(*count.as_ref().unwrap_or(&0));
        Ok(count? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_offsets_and_the_last_may_be_open() {
        let mut lines = Lines::new("a\n\nbc".as_bytes());
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push((line.offset, lines.line.clone(), line.is_ended));
        }
        assert_eq!(
            found,
            [
                (0, b"a".to_vec(), true),
                (2, Vec::new(), true),
                (3, b"bc".to_vec(), false)
            ]
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped() {
        let text = format!("{}\nb\n", "x".repeat(MOST_LINE + 5));
        let mut lines = Lines::new(text.as_bytes());
        let long = lines.next().unwrap().unwrap();
        assert_eq!(long.length, MOST_LINE as u64 + 5);
        assert_eq!(lines.line.len(), MOST_LINE);
        let next = lines.next().unwrap().unwrap();
        assert_eq!(next.offset, long.length + 1);
        assert_eq!(lines.line, b"b");
    }
}
