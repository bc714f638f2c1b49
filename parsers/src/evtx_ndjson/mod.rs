//! Event logs as JSON, one event in each line, as Winlogbeat and NXLog write them; plain, or
//! compressed with gzip.
//!
//! `json_lines` finds the lines, `leaves` reads one, `winlogbeat` and `nxlog` make the record of it. The
//! offset of a record is that of its line in the text.

mod clock;
mod leaves;
mod nxlog;
mod winlogbeat;

use timeline::{EvidenceId, Issue, Sink, State};

use crate::evtx::{Draft, Mapper, Place, TooMuch};
use crate::json_lines::{self, Line, MARK, TakeLines};
use crate::{Counts, Input, ParseError, Parser, evtx_xml};
use clock::Zone;
use leaves::Leaves;

/// The parser of event logs exported as JSON lines.
#[derive(Clone, Copy, Debug)]
pub struct EvtxNdjson;

impl Parser for EvtxNdjson {
    fn kind(&self) -> &'static str {
        "evtx-ndjson"
    }

    fn describe(&self) -> &'static str {
        "Windows event logs exported as JSON lines (Winlogbeat, NXLog), plain or .gz"
    }

    /// Lines of JSON, the first of which has names that tell one of the shapes.
    fn recognises(&self, head: &[u8]) -> bool {
        is_event_json(&json_lines::head_of_text(head))
    }

    /// JSON has many uses: a name alone says nothing.
    fn is_known_name(&self, _: &str) -> bool {
        false
    }

    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
        let mut reading = Reading {
            sink,
            evidence: input.evidence,
            mapper: Mapper::new(input.profile).map_err(ParseError::Store)?,
            leaves: Leaves::default(),
            draft: Draft::default(),
            counts: Counts::default(),
            others: Noted::default(),
            local: Noted::default(),
            contradicted: (Noted::default(), 0),
        };
        json_lines::read(input.bytes, &mut reading)?;
        reading.note();
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
    /// Events whose zone Sysmon's own time contradicts, and by how many quarters of an hour the first.
    contradicted: (Noted, i64),
}

impl TakeLines for Reading<'_> {
    fn line(&mut self, line: Line, json: &str) -> Result<(), ParseError> {
        if let Err(error) = self.leaves.read(json) {
            self.counts.records += 1;
            self.sink.issue(json_lines::unreadable(line, &error));
            return Ok(());
        }
        self.event(line.offset)
    }

    fn issue(&mut self, issue: Issue) {
        self.sink.issue(issue);
    }

    fn refused(&mut self) {
        self.counts.records += 1;
    }
}

impl Reading<'_> {
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
        self.note_contradiction();
    }

    fn note_contradiction(&mut self) {
        let (Noted { count, first }, quarters) = self.contradicted;
        if count == 0 {
            return;
        }
        let sign = if quarters < 0 { '-' } else { '+' };
        let (hours, minutes) = (quarters.abs() / 4, quarters.abs() % 4 * 15);
        let message = format!(
            "Times that are written as UTC are not, by Sysmon's own times: {count} events. All times of this \
             file are kept as they are written; they may be those of another zone."
        );
        self.sink.issue(
            Issue::note("json-zone", message)
                .at(first)
                .expected("UTC", format!("{sign}{hours:02}:{minutes:02} to be added")),
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
        match nxlog::fill(&self.leaves, &mut self.draft)? {
            Zone::Known => {}
            Zone::Assumed => self.local.at(offset),
            Zone::Contradicted(quarters) => {
                let (noted, first) = &mut self.contradicted;
                if noted.count == 0 {
                    *first = quarters;
                }
                noted.at(offset);
            }
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
