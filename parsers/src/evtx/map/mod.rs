//! From a log's record to an event in ECS field names (ECS.md §1–§3).
//!
//! Every record becomes an event: what a channel's own mapping does not know still has its
//! `winlog.*` fields.

mod algorithm;
mod book;
mod entry;
mod message;
mod plan;
mod source;
mod system;
mod writer;

use std::borrow::Cow;

use timeline::{
    Event, EvidenceId, Field, Provenance, Sink, State, TICKS_PER_SECOND, Ticks, fields as f,
};

use book::book;

pub(crate) use book::Book;
pub use entry::Profile;
pub use message::{Message, Piece, Slot};

use crate::ecs::Values;
use crate::evtx::read::Section;
use crate::evtx::record::{Datum, LogRecord, says_nothing};

/// Where a record was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) evidence: EvidenceId,
    pub(crate) offset: u64,
    pub(crate) state: State,
}

/// Maps records one after the other.
#[derive(Debug)]
pub(crate) struct Mapper {
    book: &'static Book,
    profile: Profile,
    /// For each field of a name that evidence brought: the last record that used it.
    used: Vec<u64>,
    records: u64,
}

impl Mapper {
    /// A mapper with the mapping of a profile.
    pub(crate) fn new(profile: Profile) -> std::io::Result<Self> {
        Ok(Self {
            book: book(profile).map_err(std::io::Error::other)?,
            profile,
            used: Vec::new(),
            records: 0,
        })
    }

    /// Hands the event of a record to the sink.
    pub(crate) fn map(
        &mut self,
        record: &LogRecord<'_>,
        place: Place,
        sink: &mut dyn Sink,
    ) -> std::io::Result<()> {
        let mut values = Values::with_room();
        let record_id = record.record_id.map(|id| id.to_string());
        system::put_common(record, record_id.as_deref(), &mut values);
        if let Some(plan) = self.book.plan(record) {
            plan.apply(record, &mut values);
        }
        if self.profile == Profile::Ours {
            values.address();
        }
        let own_time = own_time(record);
        let time = put_time(own_time, record.time_created, &mut values);
        values.relate();
        self.put_data(record, &mut values, sink);
        sink.event(&Event {
            time,
            host: record.computer,
            channel: record.channel,
            provenance: Provenance {
                evidence: place.evidence,
                record: record.record_id.unwrap_or_default(),
                offset: place.offset,
                state: place.state,
            },
            uid: record.uid(),
            values: values.as_slice(),
        })
    }

    /// Puts every value of the record under its own name.
    fn put_data<'a>(
        &mut self,
        record: &LogRecord<'a>,
        values: &mut Values<'a>,
        sink: &mut dyn Sink,
    ) {
        self.records += 1;
        for datum in record
            .data
            .iter()
            .filter(|datum| !says_nothing(datum.value))
        {
            let field = self.own_field(&own_name(record, datum), datum.section, sink);
            values.put(field, datum.value);
        }
    }

    /// The field of a datum. The second of one name in a record is called `name_2`, and so on: a
    /// field of the evidence's own has one value.
    fn own_field(&mut self, name: &str, section: Section, sink: &mut dyn Sink) -> Field {
        let prefix = prefix(section);
        let mut field = sink.own_field(prefix, name);
        let mut count = 1;
        while self.is_used(field) {
            count += 1;
            field = sink.own_field(prefix, &format!("{name}_{count}"));
        }
        field
    }

    /// Whether this record has used the field already; from now on it has.
    fn is_used(&mut self, field: Field) -> bool {
        let index = field.index();
        if self.used.len() <= index {
            self.used.resize(index + 1, 0);
        }
        let Some(last) = self.used.get_mut(index) else {
            return false;
        };
        std::mem::replace(last, self.records) == self.records
    }
}

/// What a value is called in an event: as in the record, but for the spellings of upstream.
fn own_name<'a>(record: &LogRecord<'_>, datum: &Datum<'a>) -> Cow<'a, str> {
    let is_sysmon = record.provider == "Microsoft-Windows-Sysmon";
    if is_sysmon && record.event_id == "8" && datum.name == "TargetProcessGuid" {
        // As Sysmon's other event with a target spells it (ECS.md §2, 8).
        "TargetProcessGUID".into()
    } else if datum.name.contains(' ') {
        // Defender's names have blanks; upstream stores them with underscores.
        datum.name.replace(' ', "_").into()
    } else {
        Cow::Borrowed(datum.name)
    }
}

/// Where the values of a section go.
fn prefix(section: Section) -> &'static str {
    match section {
        Section::EventData | Section::BinaryEventData | Section::DebugData => "winlog.event_data.",
        Section::UserData => "winlog.user_data.",
        Section::ProcessingErrorData => "winlog.processing_error_data.",
        Section::RenderingInfo => "winlog.rendering_info.",
        Section::System | Section::Other => "winlog.other_data.",
    }
}

/// The time that the record itself carries: Sysmon's events happened before they were written.
fn own_time(record: &LogRecord<'_>) -> Option<Ticks> {
    if record.provider == "Microsoft-Windows-Sysmon" {
        record.get("UtcTime").and_then(Ticks::parse)
    } else {
        None
    }
}

/// Which time counts (MATCHING.md §2): the record's own when it is believable beside the time it
/// was written, else the latter. Gives `@timestamp`.
fn put_time(own: Option<Ticks>, created: Option<Ticks>, values: &mut Values<'_>) -> Option<Ticks> {
    values.put_some(f::EVENT_CREATED, created);
    let created = created.filter(|time| time.is_believable());
    let (Some(own), Some(created)) = (own, created) else {
        return created;
    };
    let late = created.0 - own.0;
    if (-TICKS_PER_SECOND..=600 * TICKS_PER_SECOND).contains(&late) {
        return Some(own);
    }
    values.put(f::EVENT_EXT_TIME_CONFLICT, true);
    Some(created)
}

/// The sentence for an event, by its provider, channel and id.
#[must_use]
pub fn message(provider: &str, channel: &str, code: &str) -> Option<&'static Message> {
    book(Profile::Ours).ok()?.message(provider, channel, code)
}
