//! Lines that are events already, in ECS names: Winlogbeat, exports of Elasticsearch, published data
//! sets. Nothing is mapped.

use std::io;

use serde_json::{Map, Value};
use timeline::Issue;

use super::{Line, TakeLines, unreadable};
use crate::{Counts, ParseError, ReadAt};

/// An event and where it stands.
#[derive(Debug)]
pub struct EventLine {
    /// The number of the line, from 1 on.
    pub number: u64,
    /// Where in the text it begins.
    pub offset: u64,
    /// The object; what a search engine put around an event is taken off, and its `_id` is kept.
    pub event: Map<String, Value>,
}

/// Takes events, and what is wrong with others.
pub trait EventLines {
    /// Takes an event. An error ends the reading.
    fn event(&mut self, line: EventLine) -> io::Result<()>;

    /// Takes an issue.
    fn issue(&mut self, issue: Issue);
}

/// Reads events as they are, one in each line, plain or `.gz`.
pub fn read_event_lines(
    input: &dyn ReadAt,
    taker: &mut dyn EventLines,
) -> Result<Counts, ParseError> {
    let mut reading = Reading {
        taker,
        counts: Counts::default(),
    };
    super::read(input, &mut reading)?;
    Ok(reading.counts)
}

struct Reading<'a> {
    taker: &'a mut dyn EventLines,
    counts: Counts,
}

impl TakeLines for Reading<'_> {
    fn line(&mut self, line: Line, json: &str) -> Result<(), ParseError> {
        self.counts.records += 1;
        let event = match serde_json::from_str::<Map<String, Value>>(json) {
            Ok(object) => unwrap(object),
            Err(error) => {
                self.taker.issue(unreadable(line, &error));
                return Ok(());
            }
        };
        self.counts.events += 1;
        let line = EventLine {
            number: line.number,
            offset: line.offset,
            event,
        };
        self.taker.event(line).map_err(ParseError::Store)
    }

    fn issue(&mut self, issue: Issue) {
        self.taker.issue(issue);
    }

    fn refused(&mut self) {
        self.counts.records += 1;
    }
}

/// The event in a hit of a search: `{"_index": …, "_id": …, "_source": {…}}`.
fn unwrap(mut object: Map<String, Value>) -> Map<String, Value> {
    let Some(Value::Object(mut source)) = object.remove("_source") else {
        return object;
    };
    if let Some(id) = object.remove("_id") {
        source.insert("_id".into(), id);
    }
    source
}
