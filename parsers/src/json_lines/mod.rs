//! Text with one JSON object in each line, plain or compressed with gzip: what every reader of such
//! files needs, whatever the objects are.
//!
//! The offset of a line is that in the text, which is the file's own unless it is compressed. A line
//! that cannot be read is a loss, and does not cost the others.

mod events;
mod lines;

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use timeline::Issue;

use crate::stream::Stream;
use crate::{ParseError, ReadAt};
use lines::{Lines, MOST_LINE};

pub use events::{EventLine, EventLines, read_event_lines};
pub(crate) use lines::Line;

/// What gzip begins with; its one method is deflate.
const GZIP: &[u8] = &[0x1f, 0x8b, 8];
/// What a text may begin with, and does not mean.
pub(crate) const MARK: &str = "\u{feff}";

/// Takes the lines of a file.
pub(crate) trait TakeLines {
    /// A line that is not blank.
    fn line(&mut self, line: Line, json: &str) -> Result<(), ParseError>;

    /// Something is wrong with the file, or with a line that is none of the other calls' business.
    fn issue(&mut self, issue: Issue);

    /// A line was refused before anyone looked at it.
    fn refused(&mut self);
}

/// Bytes that are looked at to recognise a file.
const HEAD: u64 = 64 * 1024;

/// The beginning of the text of a file that begins with these bytes.
pub(crate) fn head_of_text(head: &[u8]) -> Cow<'_, [u8]> {
    if !head.starts_with(GZIP) {
        return head.into();
    }
    let mut text = Vec::new();
    // The head ends somewhere in the compressed bytes, and that is an error.
    let _ = MultiGzDecoder::new(head).take(HEAD).read_to_end(&mut text);
    text.into()
}

/// Reads all lines.
pub(crate) fn read(input: &dyn ReadAt, taker: &mut dyn TakeLines) -> Result<(), ParseError> {
    let mut head = [0; GZIP.len()];
    input
        .read_at(0, &mut head)
        .map_err(|source| ParseError::Read { offset: 0, source })?;
    let stream = Stream::new(input, 0);
    let failure = stream.failure();
    let text: Box<dyn Read + '_> = if head == GZIP {
        Box::new(MultiGzDecoder::new(stream))
    } else {
        Box::new(stream)
    };
    let mut lines = Lines::new(text);
    loop {
        match lines.next() {
            Ok(Some(line)) => take(line, &lines.line, taker)?,
            Ok(None) => return Ok(()),
            Err(error) => {
                let error = failure.explain(error)?;
                taker.issue(damaged(&error, lines.offset()));
                return Ok(());
            }
        }
    }
}

/// Only a decompressor has errors of its own.
fn damaged(error: &io::Error, offset: u64) -> Issue {
    Issue::loss(
        "gzip",
        "The file cannot be decompressed further; the offset is in the text.",
    )
    .at(offset)
    .expected("compressed data", error)
}

fn take(line: Line, bytes: &[u8], taker: &mut dyn TakeLines) -> Result<(), ParseError> {
    if line.length > MOST_LINE as u64 {
        taker.refused();
        taker.issue(
            Issue::loss("json-event", "The line is longer than any event.")
                .at(line.offset)
                .expected(format!("at most {MOST_LINE} bytes"), line.length),
        );
        return Ok(());
    }
    let text = String::from_utf8_lossy(bytes);
    let json = match line.offset {
        0 => text.strip_prefix(MARK).unwrap_or(&text),
        _ => &text,
    };
    if json.trim().is_empty() {
        return Ok(());
    }
    if let Cow::Owned(_) = text {
        taker.issue(not_utf8(line.offset, bytes));
    }
    taker.line(line, json)
}

fn not_utf8(offset: u64, bytes: &[u8]) -> Issue {
    let valid = bytes.utf8_chunks().next();
    let valid = valid.map_or(0, |chunk| chunk.valid().len());
    let wrong = bytes.get(valid).copied().unwrap_or_default();
    Issue::loss(
        "json-encoding",
        "Characters of the line are not UTF-8; each is replaced by U+FFFD.",
    )
    .at(offset + valid as u64)
    .expected("UTF-8", format!("{wrong:#04x}"))
}

/// What is wrong with a line that is no JSON.
pub(crate) fn unreadable(line: Line, error: &serde_json::Error) -> Issue {
    let message = if error.is_eof() && !line.is_ended {
        "The last line is cut off."
    } else {
        "The line is no JSON that can be read."
    };
    Issue::loss("json-event", message)
        .at(line.offset)
        .expected("a JSON object", error)
}
