//! Event logs as JSON, one event in each line, as Winlogbeat and NXLog write them; plain, or
//! compressed with gzip.
//!
//! `lines` finds the lines, `leaves` reads one, `winlogbeat` and `nxlog` make the record of it. The
//! offset of a record is that of its line in the text, which is the file's own unless it is
//! compressed. A line that cannot be read is a loss, and does not cost the others.

mod clock;
mod leaves;
mod lines;
mod nxlog;
mod winlogbeat;

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use timeline::{EvidenceId, Issue, Sink, State};

use crate::evtx::{Draft, Mapper, Place, Profile, TooMuch};
use crate::stream::{Failure, Stream};
use crate::{Counts, ParseError, Parser, ReadAt, evtx_xml};
use clock::Zone;
use leaves::Leaves;
use lines::{Line, Lines, MOST_LINE};

/// The parser of event logs exported as JSON lines.
#[derive(Clone, Copy, Debug)]
pub struct EvtxNdjson;

/// What gzip begins with; its one method is deflate.
const GZIP: &[u8] = &[0x1f, 0x8b, 8];
/// Bytes that are looked at to recognise a file.
const HEAD: u64 = 64 * 1024;
const MARK: &str = "\u{feff}";

impl Parser for EvtxNdjson {
    fn kind(&self) -> &'static str {
        "evtx-ndjson"
    }

    fn describe(&self) -> &'static str {
        "Windows event logs exported as JSON lines (Winlogbeat, NXLog), plain or .gz"
    }

    /// Lines of JSON, the first of which has names that tell one of the shapes.
    fn recognises(&self, head: &[u8]) -> bool {
        if !head.starts_with(GZIP) {
            return is_event_json(head);
        }
        let mut text = Vec::new();
        // The head ends somewhere in the compressed bytes, and that is an error.
        let _ = MultiGzDecoder::new(head).take(HEAD).read_to_end(&mut text);
        is_event_json(&text)
    }

    /// JSON has many uses: a name alone says nothing.
    fn is_known_name(&self, _: &str) -> bool {
        false
    }

    fn parse(
        &self,
        input: &dyn ReadAt,
        evidence: EvidenceId,
        profile: Profile,
        sink: &mut dyn Sink,
    ) -> Result<Counts, ParseError> {
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
        let mut reading = Reading {
            failure,
            sink,
            evidence,
            mapper: Mapper::new(profile).map_err(ParseError::Store)?,
            leaves: Leaves::default(),
            draft: Draft::default(),
            counts: Counts::default(),
            others: Noted::default(),
            local: Noted::default(),
        };
        reading.run(Lines::new(text))?;
        Ok(reading.counts)
    }
}

/// Whether a text begins like events in one of the shapes.
fn is_event_json(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix(MARK).unwrap_or(&text).trim_start();
    let line = text.lines().next().unwrap_or_default();
    if !line.starts_with('{') {
        return false;
    }
    let mut leaves = Leaves::default();
    // The line may go on beyond the head; what comes before tells enough.
    let _ = leaves.read(line);
    winlogbeat::begins(&leaves) || nxlog::begins(&leaves)
}

/// How often something was seen that is worth one note, and where first.
#[derive(Clone, Copy, Debug, Default)]
struct Noted {
    count: u64,
    first: u64,
}

impl Noted {
    fn at(&mut self, offset: u64) {
        if self.count == 0 {
            self.first = offset;
        }
        self.count += 1;
    }
}

/// Why a line is no event.
enum Refused {
    /// It says nothing of an event.
    Other,
    TooMuch,
}

impl From<TooMuch> for Refused {
    fn from(_: TooMuch) -> Self {
        Self::TooMuch
    }
}

/// One file that is being read.
struct Reading<'a> {
    failure: Failure,
    sink: &'a mut dyn Sink,
    evidence: EvidenceId,
    mapper: Mapper,
    leaves: Leaves,
    draft: Draft,
    counts: Counts,
    /// Lines that are no events.
    others: Noted,
    /// Events whose time has no zone.
    local: Noted,
}

impl Reading<'_> {
    fn run<R: Read>(&mut self, mut lines: Lines<R>) -> Result<(), ParseError> {
        loop {
            match lines.next() {
                Ok(Some(line)) => self.line(line, &lines.line)?,
                Ok(None) => break,
                Err(error) => {
                    self.damaged(error, lines.offset())?;
                    break;
                }
            }
        }
        self.note();
        Ok(())
    }

    /// Only a decompressor has errors of its own.
    fn damaged(&mut self, error: io::Error, offset: u64) -> Result<(), ParseError> {
        let error = self.failure.explain(error)?;
        self.sink.issue(
            Issue::loss(
                "gzip",
                "The file cannot be decompressed further; the offset is in the text.",
            )
            .at(offset)
            .expected("compressed data", error),
        );
        Ok(())
    }

    fn note(&mut self) {
        let Noted { count, first } = self.others;
        if count > 0 {
            let message = format!("Lines that are no events of a Windows log: {count}.");
            self.sink.issue(
                Issue::note("json-other", message)
                    .at(first)
                    .expected("an event", "other JSON"),
            );
        }
        let Noted { count, first } = self.local;
        if count > 0 {
            let message = format!(
                "Times without a zone were taken as UTC; they may be local times: {count} events."
            );
            self.sink.issue(
                Issue::note("json-zone", message)
                    .at(first)
                    .expected("a time with a zone", "one without"),
            );
        }
    }

    fn line(&mut self, line: Line, bytes: &[u8]) -> Result<(), ParseError> {
        if line.length > MOST_LINE as u64 {
            self.counts.records += 1;
            self.sink.issue(
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
            self.not_utf8(line.offset, bytes);
        }
        if let Err(error) = self.leaves.read(json) {
            self.unreadable(line, &error);
            return Ok(());
        }
        self.event(line.offset)
    }

    fn not_utf8(&mut self, offset: u64, bytes: &[u8]) {
        let valid = bytes.utf8_chunks().next();
        let valid = valid.map_or(0, |chunk| chunk.valid().len());
        let wrong = bytes.get(valid).copied().unwrap_or_default();
        self.sink.issue(
            Issue::loss(
                "json-encoding",
                "Characters of the line are not UTF-8; each is replaced by U+FFFD.",
            )
            .at(offset + valid as u64)
            .expected("UTF-8", format!("{wrong:#04x}")),
        );
    }

    fn unreadable(&mut self, line: Line, error: &serde_json::Error) {
        self.counts.records += 1;
        let message = if error.is_eof() && !line.is_ended {
            "The last line is cut off."
        } else {
            "The line is no JSON that can be read."
        };
        self.sink.issue(
            Issue::loss("json-event", message)
                .at(line.offset)
                .expected("a JSON object", error),
        );
    }

    /// Makes the event of the line that was read.
    fn event(&mut self, offset: u64) -> Result<(), ParseError> {
        match self.fill(offset) {
            Ok(()) => {}
            Err(Refused::Other) => {
                self.others.at(offset);
                return Ok(());
            }
            Err(Refused::TooMuch) => {
                self.counts.records += 1;
                self.sink.issue(
                    Issue::loss(
                        "json-event",
                        "The event has more values than any genuine one.",
                    )
                    .at(offset)
                    .expected("at most 32768 values and 32 MiB of text", "more"),
                );
                return Ok(());
            }
        }
        self.counts.records += 1;
        let data = self.draft.data();
        let place = Place {
            evidence: self.evidence,
            offset,
            state: State::default(),
        };
        self.mapper
            .map(&self.draft.record(&data, offset), place, self.sink)
            .map_err(ParseError::Store)?;
        self.counts.events += 1;
        Ok(())
    }

    fn fill(&mut self, offset: u64) -> Result<(), Refused> {
        self.draft.clear();
        if winlogbeat::fits(&self.leaves) {
            return Ok(self.fill_from_winlogbeat()?);
        }
        if !nxlog::fits(&self.leaves) {
            return Err(Refused::Other);
        }
        if nxlog::fill(&self.leaves, &mut self.draft)? == Zone::Assumed {
            self.local.at(offset);
        }
        Ok(())
    }

    fn fill_from_winlogbeat(&mut self) -> Result<(), TooMuch> {
        // The record as Windows wrote it out says more than what was made of it.
        if let Some(xml) = winlogbeat::xml(&self.leaves) {
            if evtx_xml::read_event(xml, &mut self.draft).is_ok() {
                return winlogbeat::fill_added(&self.leaves, &mut self.draft);
            }
            self.draft.clear();
        }
        winlogbeat::fill(&self.leaves, &mut self.draft)
    }
}
