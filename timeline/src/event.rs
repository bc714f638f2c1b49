//! One thing that happened at one time, as a parser hands it over.

use std::borrow::Cow;
use std::fmt;

use crate::{Field, Issue, Ticks, hex};

/// Number of an evidence file within one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceId(pub u32);

/// How a record came to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// It is in the evidence as its owner would read it.
    #[default]
    Live,
    /// It was found in unused space of a file.
    Slack,
    /// A transaction log alone has it.
    TransactionLog,
    /// It was found in a cell of a hive that is free.
    DeletedCell,
    /// It was found by what it looks like: nothing leads to it.
    Carved,
}

impl State {
    /// Every state, in the order of their codes.
    pub const ALL: [Self; 5] = [
        Self::Live,
        Self::Slack,
        Self::TransactionLog,
        Self::DeletedCell,
        Self::Carved,
    ];

    /// The word for `timeline.csv`'s column `recovered`: empty for a live record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "",
            Self::Slack => "slack",
            Self::TransactionLog => "txlog",
            Self::DeletedCell => "deleted_cell",
            Self::Carved => "carved",
        }
    }
}

/// Where an event was read. No event exists without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provenance {
    /// The evidence file.
    pub evidence: EvidenceId,
    /// The record's number, as the artefact numbers its records.
    pub record: u64,
    /// Byte offset of the record in the evidence file.
    pub offset: u64,
    /// How it came to be read.
    pub state: State,
}

impl Provenance {
    /// What the record is called: its number, or where it begins in the file when it has none, as in most
    /// exports of logs.
    #[must_use]
    pub fn record_name(&self) -> String {
        if self.record == 0 {
            format!("@{:#x}", self.offset)
        } else {
            self.record.to_string()
        }
    }
}

/// Identity of an event: the same on every machine and in every copy of its record
/// (MATCHING.md §7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uid(pub [u8; 16]);

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uid({self})")
    }
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text; addresses, too.
    Text(Cow<'a, str>),
    /// An integer.
    Integer(i64),
    /// A floating-point number.
    Double(f64),
    /// True or false.
    Boolean(bool),
    /// A time.
    Date(Ticks),
}

impl Value<'_> {
    /// The same value, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Integer(number) => Value::Integer(number),
            Self::Double(number) => Value::Double(number),
            Self::Boolean(truth) => Value::Boolean(truth),
            Self::Date(time) => Value::Date(time),
        }
    }
}

/// The value as exports print it.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Date(time) => write!(f, "{time}"),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<Ticks> for Value<'_> {
    fn from(time: Ticks) -> Self {
        Self::Date(time)
    }
}

/// An event on its way from a parser to the store.
#[derive(Debug)]
pub struct Event<'a> {
    /// `@timestamp`; `None` when no time in the record is believable.
    pub time: Option<Ticks>,
    /// The host as the record names it. Empty when it names none.
    pub host: &'a str,
    /// The channel, or the artefact: third in the one order.
    pub channel: &'a str,
    /// Where it was read; `provenance.record` is fourth in the one order.
    pub provenance: Provenance,
    /// Its identity.
    pub uid: Uid,
    /// Its fields, in any order; a field with many values stands several times.
    pub values: &'a [(Field, Value<'a>)],
}

/// Where parsers put what they read.
pub trait Sink {
    /// The field of a name that evidence brought, below an open prefix such as
    /// `winlog.event_data.`.
    fn own_field(&mut self, prefix: &str, name: &str) -> Field;

    /// Takes an event.
    fn event(&mut self, event: &Event<'_>) -> std::io::Result<()>;

    /// Takes an event that has host, channel and the first `repeats` values in common with the one before.
    /// Whoever keeps texts need not look for those again.
    fn event_like_last(&mut self, event: &Event<'_>, repeats: usize) -> std::io::Result<()> {
        let _ = repeats;
        self.event(event)
    }

    /// Takes an issue.
    fn issue(&mut self, issue: Issue);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_a_number_is_named_by_its_place() {
        let mut place = Provenance {
            evidence: EvidenceId(0),
            record: 17,
            offset: 0x4ea0,
            state: State::Live,
        };
        assert_eq!(place.record_name(), "17");
        place.record = 0;
        assert_eq!(place.record_name(), "@0x4ea0");
    }
}
