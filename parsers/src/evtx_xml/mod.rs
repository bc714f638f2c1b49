//! Event logs as XML, as Event Viewer saves them and `wevtutil qe /f:xml` prints them: one
//! `<Events>` document, or events one after the other; UTF-8 or UTF-16.
//!
//! `window` turns bytes into text, `split` finds the events in it by their tags (`markup`), and
//! `event` reads one (with `reference` for what `&` begins). The offset of a record is that of its
//! `<Event` in the file. An event that cannot be read is a loss, and does not cost the others.

mod event;
mod markup;
mod reference;
mod split;
mod window;

use std::io;

use timeline::{EvidenceId, Issue, Sink, State};

use crate::evtx::{Draft, Mapper, Place};
use crate::stream::{Failure, Stream};
use crate::{Counts, Input, ParseError, Parser};
use split::{Broken, Found, MOST_EVENT, Splitter};
pub(crate) use window::Coding;
use window::Window;

pub(crate) use event::read as read_event;

/// The parser of event logs exported as XML.
#[derive(Clone, Copy, Debug)]
pub struct EvtxXml;

impl Parser for EvtxXml {
    fn kind(&self) -> &'static str {
        "evtx-xml"
    }

    fn describe(&self) -> &'static str {
        "Windows event logs exported as XML (Event Viewer, wevtutil)"
    }

    /// XML whose first element is an event in Microsoft's name space, or a root with one in it.
    fn recognises(&self, head: &[u8]) -> bool {
        let (coding, mark) = Coding::of(head);
        let mut text = Vec::new();
        coding.decode(head.get(mark..).unwrap_or_default(), &mut text);
        is_event_xml(&text)
    }

    /// XML has many uses: a name alone says nothing.
    fn is_known_name(&self, _: &str) -> bool {
        false
    }

    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
        let mut head = [0; 4];
        let count = input
            .bytes
            .read_at(0, &mut head)
            .map_err(|source| ParseError::Read { offset: 0, source })?;
        let (coding, mark) = Coding::of(head.get(..count).unwrap_or_default());
        let mark = mark as u64;
        let stream = Stream::new(input.bytes, mark);
        let mut reading = Reading {
            failure: stream.failure(),
            window: Window::new(stream, coding, mark),
            sink,
            evidence: input.evidence,
            mapper: Mapper::new(input.profile).map_err(ParseError::Store)?,
            draft: Draft::default(),
            counts: Counts::default(),
        };
        reading.run()?;
        Ok(reading.counts)
    }
}

/// Whether a text begins like an export of events.
fn is_event_xml(text: &[u8]) -> bool {
    let input = Stream::new(&NOTHING, 0);
    let mut window = Window::new(input, Coding::Utf8, 0);
    window.begin_with(text);
    matches!(
        Splitter::first(&mut window),
        Ok(Found::Event { .. } | Found::Broken { .. })
    )
}

/// No bytes.
static NOTHING: Vec<u8> = Vec::new();

/// One file that is being read.
struct Reading<'a> {
    failure: Failure,
    window: Window<'a>,
    sink: &'a mut dyn Sink,
    evidence: EvidenceId,
    mapper: Mapper,
    draft: Draft,
    counts: Counts,
}

impl Reading<'_> {
    fn run(&mut self) -> Result<(), ParseError> {
        let mut splitter = Splitter::new();
        loop {
            let found = splitter.next(&mut self.window);
            match found.map_err(|error| self.cannot_read(error))? {
                Found::Event { length } => {
                    self.event(length)?;
                    self.window.consume(length);
                }
                Found::Broken { start, why } => {
                    self.broken(why);
                    self.window.consume(start);
                }
                Found::Foreign { length } => {
                    self.foreign(length);
                    self.window.consume(length);
                }
                Found::End => break,
            }
        }
        if splitter.is_open {
            self.sink.issue(
                Issue::note("xml-end", "The end of the export is missing.")
                    .at(self.window.offset())
                    .expected("</Events>", "the end of the file"),
            );
        }
        Ok(())
    }

    fn cannot_read(&self, error: io::Error) -> ParseError {
        match self.failure.explain(error) {
            Err(error) => error,
            // Nothing but the bytes themselves can fail.
            Ok(source) => ParseError::Read {
                offset: self.window.offset(),
                source,
            },
        }
    }

    /// Reads the event that the window begins with.
    fn event(&mut self, length: usize) -> Result<(), ParseError> {
        self.counts.records += 1;
        let offset = self.window.offset();
        let bytes = self.window.bytes().get(..length).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        if let std::borrow::Cow::Owned(_) = text {
            self.sink.issue(not_utf8(bytes, offset));
        }
        self.draft.clear();
        match event::read(&text, &mut self.draft) {
            Ok(()) => {
                let data = self.draft.data();
                let place = Place {
                    evidence: self.evidence,
                    offset,
                    state: State::default(),
                };
                let record = self.draft.record(&data, offset);
                self.mapper
                    .map(&record, place, self.sink)
                    .map_err(ParseError::Store)?;
                self.counts.events += 1;
            }
            Err(fault) => {
                let message = format!(
                    "The event cannot be read: byte {} of it is wrong.",
                    fault.at
                );
                self.sink.issue(
                    Issue::loss("xml-event", message)
                        .at(offset)
                        .expected(fault.expected, fault.found),
                );
            }
        }
        Ok(())
    }

    fn broken(&mut self, why: Broken) {
        self.counts.records += 1;
        let (found, message) = match why {
            Broken::Next(after) => (
                format!("another event or the end after {after} bytes"),
                "The event is cut off.",
            ),
            Broken::End(after) => (
                format!("the end of the file after {after} bytes"),
                "The last event is cut off.",
            ),
            Broken::Size => (
                format!("more than {MOST_EVENT} bytes"),
                "The event has no end within the size that an event can have.",
            ),
        };
        self.sink.issue(
            Issue::loss("xml-event", message)
                .at(self.window.offset())
                .expected("</Event>", found),
        );
    }

    fn foreign(&mut self, length: usize) {
        let tag = self
            .window
            .bytes()
            .get(..length.min(200))
            .unwrap_or_default();
        self.sink.issue(
            Issue::loss(
                "xml-event",
                "An event in another name space than Microsoft's was not read.",
            )
            .at(self.window.offset())
            .expected(
                String::from_utf8_lossy(markup::NAMESPACE),
                String::from_utf8_lossy(tag),
            ),
        );
    }
}

/// `wevtutil` redirected to a file writes the console's code page, which the file does not name.
fn not_utf8(bytes: &[u8], offset: u64) -> Issue {
    let valid = bytes
        .utf8_chunks()
        .next()
        .map_or(0, |chunk| chunk.valid().len());
    let wrong = bytes.get(valid).copied().unwrap_or_default();
    Issue::loss(
        "xml-encoding",
        "Characters of the event are not UTF-8; each is replaced by U+FFFD.",
    )
    .at(offset + valid as u64)
    .expected("UTF-8", format!("{wrong:#04x}"))
}
