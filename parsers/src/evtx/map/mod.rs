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
use std::collections::BTreeMap;

use timeline::{
    Event, EvidenceId, Field, Provenance, Sink, State, TICKS_PER_SECOND, Ticks, fields as f,
};

use book::book;

pub(crate) use book::Book;
pub use book::{MappedEvent, mapped};
pub use entry::Profile;
pub use message::{Message, Piece, Slot};
pub(crate) use writer::truth;

use crate::ecs::{Room, Values};
use crate::evtx::read::Section;
use crate::evtx::record::{Datum, LogRecord, says_nothing};

/// Where a record was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) evidence: EvidenceId,
    pub(crate) offset: u64,
    pub(crate) state: State,
}

/// How often one record used a field.
#[derive(Clone, Copy, Debug, Default)]
struct Uses {
    record: u64,
    count: u32,
}

/// Values of one name in a record that become fields of their own. Genuine records have a few; what
/// crafted ones have beyond is put together in one more.
const MOST_OF_A_NAME: u32 = 64;

/// Maps records one after the other.
#[derive(Debug)]
pub(crate) struct Mapper {
    book: &'static Book,
    profile: Profile,
    /// For each field of a name that evidence brought: the last record that used it, and how often.
    used: Vec<Uses>,
    records: u64,
    room: Room,
}

impl Mapper {
    /// A mapper with the mapping of a profile.
    pub(crate) fn new(profile: Profile) -> std::io::Result<Self> {
        Ok(Self {
            book: book(profile).map_err(std::io::Error::other)?,
            profile,
            used: Vec::new(),
            records: 0,
            room: Room::default(),
        })
    }

    /// Hands the event of a record to the sink.
    pub(crate) fn map(
        &mut self,
        record: &LogRecord<'_>,
        place: Place,
        sink: &mut dyn Sink,
    ) -> std::io::Result<()> {
        let mut values = Values::in_room(std::mem::take(&mut self.room));
        let record_id = record.record_id.map(|id| id.to_string());
        system::put_common(record, record_id.as_deref(), self.profile, &mut values);
        let plan = self.book.plan(record);
        if let Some(plan) = plan {
            plan.apply(record, &mut values);
        }
        match self.profile {
            Profile::Ours => values.address(),
            Profile::Upstream => values.keep_upstream(),
        }
        if place.state != State::Live {
            values.put(f::EVENT_EXT_RECOVERED, place.state.as_str());
        }
        let own_time = own_time(record);
        let time = put_time(own_time, record.time_created, &mut values);
        values.relate();
        let lists = plan.map_or(&[][..], |plan| &plan.lists);
        self.put_data(record, lists, &mut values, sink);
        let taken = sink.event(&Event {
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
        });
        self.room = values.into_room();
        taken
    }

    /// Puts every value of the record under its own name, but those that are there as lists.
    fn put_data<'a>(
        &mut self,
        record: &LogRecord<'a>,
        lists: &[Field],
        values: &mut Values<'a>,
        sink: &mut dyn Sink,
    ) {
        self.records += 1;
        let mut rest: BTreeMap<Field, String> = BTreeMap::new();
        for datum in record
            .data
            .iter()
            .filter(|datum| !says_nothing(datum.value))
        {
            match self.own_field(&own_name(record, datum), datum.section, sink) {
                // What a mapping put under that name first is not the record's own: the next free
                // name is.
                Own::Field(field) if field.info().is_some() && values.has(field) => {
                    if !lists.contains(&field) {
                        let name = own_name(record, datum);
                        match self.own_field(&name, datum.section, sink) {
                            Own::Field(field) | Own::Rest(field) => values.put(field, datum.value),
                        }
                    }
                }
                Own::Field(field) => values.put(field, datum.value),
                Own::Rest(field) => {
                    let text = rest.entry(field).or_default();
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    text.push_str(datum.value);
                }
            }
        }
        for (field, text) in rest {
            values.put(field, text);
        }
    }

    /// The field of a datum. The second of one name in a record is called `name_2`, and so on: a
    /// field of the evidence's own has one value.
    fn own_field(&mut self, name: &str, section: Section, sink: &mut dyn Sink) -> Own {
        let prefix = prefix(section);
        let base = sink.own_field(prefix, name);
        let mut count = self.use_of(base);
        if count == 1 {
            return Own::Field(base);
        }
        // A record may itself have a value called `name_2`.
        while count <= MOST_OF_A_NAME {
            let field = sink.own_field(prefix, &format!("{name}_{count}"));
            if self.use_of(field) == 1 {
                return Own::Field(field);
            }
            count = self.use_of(base);
        }
        Own::Rest(sink.own_field(prefix, &format!("{name}_rest")))
    }

    /// Counts that this record uses the field, and gives the count.
    fn use_of(&mut self, field: Field) -> u32 {
        let index = field.index();
        if self.used.len() <= index {
            self.used.resize(index + 1, Uses::default());
        }
        let Some(uses) = self.used.get_mut(index) else {
            return 1;
        };
        if uses.record != self.records {
            *uses = Uses {
                record: self.records,
                count: 0,
            };
        }
        uses.count = uses.count.saturating_add(1);
        uses.count
    }
}

/// Where a value goes.
enum Own {
    /// To a field that has no value yet.
    Field(Field),
    /// To what is put together.
    Rest(Field),
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
