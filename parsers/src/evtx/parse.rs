//! From the bytes of an event log to events.

use std::cell::Cell;
use std::io;
use std::ops::{ControlFlow, Range};

use timeline::{EvidenceId, Issue, Sink, State};

use super::fallback::Fallback;
use super::map::{Mapper, Place, Profile};
use super::read::{
    Declined, ReadError, Reader, Record, Section, Summary, System, TextBuffer, Value, Visitor,
};
use super::record::{Datum, LogRecord};
use crate::recycle::recycled;
use crate::{Counts, Input, ParseError, Parser};

thread_local! {
    /// The reader of the log that was read before: its buffers are used again. Nothing that it gives
    /// depends on what it read.
    static READER: Cell<Option<Reader>> = const { Cell::new(None) };
}

/// The parser of event logs.
#[derive(Clone, Copy, Debug)]
pub struct Evtx;

impl Parser for Evtx {
    fn kind(&self) -> &'static str {
        "evtx"
    }

    fn describe(&self) -> &'static str {
        "Windows event logs (.evtx)"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        head.starts_with(b"ElfFile\0") || head.starts_with(b"ElfChnk\0")
    }

    fn is_known_name(&self, name: &str) -> bool {
        name.to_ascii_lowercase().ends_with(".evtx")
    }

    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
        let mut reader = READER.take().unwrap_or_default();
        let counts = parse_with(&mut reader, input, sink);
        READER.set(Some(reader));
        counts
    }
}

/// As [`Evtx`] parses, with our own decoder off: the fallback reads every record that it would be given
/// if the decoder knew none. It holds the two against each other.
pub fn parse_by_fallback(input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
    parse_with(&mut Reader::declining(), input, sink)
}

fn parse_with(
    reader: &mut Reader,
    input: &Input<'_>,
    sink: &mut dyn Sink,
) -> Result<Counts, ParseError> {
    let mut events = Events::new(input.evidence, input.profile, sink)?;
    let read = reader.read(input.bytes, &mut events);
    events.finish(read)
}

/// Makes events of records.
struct Events<'s> {
    sink: &'s mut dyn Sink,
    evidence: EvidenceId,
    mapper: Mapper,
    scratch: Scratch,
    fallback: Fallback,
    /// Offset and number of the first record that the fallback read.
    first_by_fallback: Option<(u64, u64)>,
    counts: Counts,
    failure: Option<io::Error>,
}

impl<'s> Events<'s> {
    fn new(
        evidence: EvidenceId,
        profile: Profile,
        sink: &'s mut dyn Sink,
    ) -> Result<Self, ParseError> {
        Ok(Self {
            sink,
            evidence,
            mapper: Mapper::new(profile).map_err(ParseError::Store)?,
            scratch: Scratch::default(),
            fallback: Fallback::default(),
            first_by_fallback: None,
            counts: Counts::default(),
            failure: None,
        })
    }

    /// What came of a log that was read to its end or to where it could not be read further.
    fn finish(self, read: Result<Summary, ReadError>) -> Result<Counts, ParseError> {
        if let Some(failure) = self.failure {
            return Err(ParseError::Store(failure));
        }
        if let Some(first) = self.first_by_fallback {
            self.sink.issue(by_fallback(self.counts.by_fallback, first));
        }
        match read {
            Ok(_) => Ok(self.counts),
            Err(ReadError::Io { offset, source }) => Err(ParseError::Read { offset, source }),
            // A file with the name of a log but without one's bytes is a loss, not a failure.
            Err(error @ ReadError::NotAnEventLog { .. }) => {
                self.sink.issue(error.to_issue());
                Ok(self.counts)
            }
        }
    }

    /// Goes on after an event that the sink took, or ends with its failure.
    fn mapped(&mut self, mapped: io::Result<()>) -> ControlFlow<()> {
        match mapped {
            Ok(()) => {
                self.counts.events += 1;
                ControlFlow::Continue(())
            }
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }
}

impl Visitor for Events<'_> {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        // What was recovered is beside the log's own records.
        let state = if record.is_recovered {
            self.counts.recovered += 1;
            State::Slack
        } else {
            self.counts.records += 1;
            State::Live
        };
        let place = Place {
            evidence: self.evidence,
            offset: record.offset,
            state,
        };
        let Scratch {
            texts,
            spans: spans_room,
            data: data_room,
            counts,
        } = &mut self.scratch;
        let all = recycled(std::mem::take(spans_room));
        let spans = Spans::write(record, texts, counts, all);
        let texts = Texts(texts.as_str());
        let data = texts.data(&spans, recycled(std::mem::take(data_room)));
        let log_record = texts.record(&spans, &data, record);
        let mapped = self.mapper.map(&log_record, place, self.sink);
        *data_room = recycled(data);
        *spans_room = recycled(spans.data);
        self.mapped(mapped)
    }

    fn declined(&mut self, declined: &Declined<'_>) -> ControlFlow<(), bool> {
        let Some(draft) = self.fallback.read(declined) else {
            return ControlFlow::Continue(false);
        };
        let place = Place {
            evidence: self.evidence,
            offset: declined.offset(),
            state: State::Live,
        };
        let data = draft.data();
        let record = LogRecord {
            // Our decoder gives none, and the record is the same whoever reads it.
            locator: None,
            ..draft.record(&data, place.offset)
        };
        let mapped = self.mapper.map(&record, place, self.sink);
        self.counts.records += 1;
        self.counts.by_fallback += 1;
        self.first_by_fallback
            .get_or_insert((place.offset, declined.number));
        self.mapped(mapped)?;
        ControlFlow::Continue(true)
    }

    fn issue(&mut self, issue: Issue) {
        self.sink.issue(issue);
    }
}

/// Says that a log has records which our own decoder does not know, and that they were read.
fn by_fallback(count: u64, (offset, number): (u64, u64)) -> Issue {
    let message = "Records have a form that only the second reader knows (the evtx crate); it read \
                   them. This is the first.";
    Issue::note("record-fallback", message)
        .at(offset)
        .in_record(number)
        .expected(
            "records that the first reader knows",
            format!("{count} others"),
        )
}

/// Where the texts of one record lie in the buffer.
struct Spans<'r> {
    system: [Range<usize>; SYSTEM_TEXTS],
    user_data_name: Range<usize>,
    data: Vec<DataSpan<'r>>,
}

/// One value: its section, its name, its text.
type DataSpan<'r> = (Section, Name<'r>, Range<usize>);

/// Memory that one record after the other uses.
#[derive(Default)]
struct Scratch {
    texts: TextBuffer,
    spans: Vec<DataSpan<'static>>,
    data: Vec<Datum<'static>>,
    /// How many values each section has had: unnamed ones are numbered.
    counts: Vec<(Section, usize)>,
}

/// The name of a value: the record's, which all elements of an array share, or one made up.
enum Name<'r> {
    Own(&'r str),
    Made(Range<usize>),
}

/// The texts of the System section, in the order of [`Spans::system`].
const SYSTEM_TEXTS: usize = 11;

fn system_texts<'a>(system: &System<'a>) -> [Value<'a>; SYSTEM_TEXTS] {
    [
        system.provider_name(),
        system.provider_guid(),
        system.event_source_name(),
        system.event_id(),
        system.task(),
        system.opcode(),
        system.activity_id(),
        system.related_activity_id(),
        system.channel(),
        system.computer(),
        system.user_sid(),
    ]
}

impl<'r> Spans<'r> {
    /// Writes the texts of a record into a buffer, which the next record uses again.
    fn write(
        record: &'r Record<'_>,
        texts: &mut TextBuffer,
        counts: &mut Vec<(Section, usize)>,
        mut data: Vec<DataSpan<'r>>,
    ) -> Self {
        texts.clear();
        let system = system_texts(&record.system).map(|value| write(texts, value));
        let user_data = record.section() == Some(Section::UserData);
        let name = record.section_name().filter(|_| user_data);
        let user_data_name = write_str(texts, name.map_or("", |name| name.text));
        data.reserve(record.data().len());
        counts.clear();
        for datum in record.data() {
            for value in datum.value.elements() {
                let number = next_number(counts, datum.section);
                let name = match datum.name {
                    Some(name) => Name::Own(name.text),
                    None => Name::Made(write_str(texts, &format!("param{number}"))),
                };
                let value = write(texts, value);
                data.push((datum.section, name, value));
            }
        }
        Self {
            system,
            user_data_name,
            data,
        }
    }
}

fn write(texts: &mut TextBuffer, value: Value<'_>) -> Range<usize> {
    let start = texts.len();
    value.write_text(texts);
    start..texts.len()
}

fn write_str(texts: &mut TextBuffer, text: &str) -> Range<usize> {
    let start = texts.len();
    texts.push_str(text);
    start..texts.len()
}

/// The texts of one record.
struct Texts<'a>(&'a str);

impl<'a> Texts<'a> {
    fn get(&self, span: &Range<usize>) -> &'a str {
        self.0.get(span.clone()).unwrap_or_default()
    }

    fn data(&self, spans: &Spans<'a>, mut data: Vec<Datum<'a>>) -> Vec<Datum<'a>> {
        let each = spans.data.iter().map(|(section, name, value)| Datum {
            section: *section,
            name: match name {
                Name::Own(name) => name,
                Name::Made(span) => self.get(span),
            },
            value: self.get(value),
        });
        data.extend(each);
        data
    }

    fn record(
        &self,
        spans: &Spans<'_>,
        data: &'a [Datum<'a>],
        record: &Record<'_>,
    ) -> LogRecord<'a> {
        let [
            provider,
            provider_guid,
            source_name,
            event_id,
            task,
            opcode,
            activity_id,
            related_activity_id,
            channel,
            computer,
            user_sid,
        ] = spans.system.each_ref().map(|span| self.get(span));
        let system = &record.system;
        let number =
            |value: Value<'_>| value.to_u64().and_then(|number| i64::try_from(number).ok());
        LogRecord {
            provider,
            provider_guid,
            source_name,
            event_id,
            version: number(system.version()),
            level: number(system.level()),
            task,
            opcode,
            keywords: system.keywords().to_u64(),
            time_created: system.time_created().to_ticks(),
            record_id: system.record_id().to_u64(),
            locator: None,
            activity_id,
            related_activity_id,
            process_id: number(system.process_id()),
            thread_id: number(system.thread_id()),
            channel,
            computer,
            user_sid,
            user_data_name: self.get(&spans.user_data_name),
            is_torn: record.is_torn,
            data,
        }
    }
}

/// The next value's number in its section, from 1 on.
fn next_number(counts: &mut Vec<(Section, usize)>, section: Section) -> usize {
    if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == section) {
        *count += 1;
        return *count;
    }
    counts.push((section, 1));
    1
}
