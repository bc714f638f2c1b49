//! A record of an event log as text: what every reader of logs makes, and what the mapping takes.
//!
//! Values are written as the ecosystem writes them (ECS.md §1): decimal integers, hexadecimal in
//! lower case, GUIDs in capitals and braces, ISO times.

use sha2::{Digest, Sha256};
use timeline::{Ticks, Uid};

use super::read::Section;

/// One named value of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datum<'a> {
    /// The section it stands in.
    pub section: Section,
    /// Its name; `paramN` for the N-th value of its section when it has none.
    pub name: &'a str,
    /// Its value.
    pub value: &'a str,
}

/// A record of an event log.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRecord<'a> {
    /// Name of the provider.
    pub provider: &'a str,
    /// GUID of the provider.
    pub provider_guid: &'a str,
    /// Event source of a classic provider.
    pub source_name: &'a str,
    /// Event id, decimal.
    pub event_id: &'a str,
    /// Version of the event.
    pub version: Option<i64>,
    /// Level.
    pub level: Option<i64>,
    /// Task number.
    pub task: &'a str,
    /// Opcode number.
    pub opcode: &'a str,
    /// Keywords as a bit mask.
    pub keywords: Option<u64>,
    /// When the record was written.
    pub time_created: Option<Ticks>,
    /// `System/EventRecordID`.
    pub record_id: Option<u64>,
    /// Where the record is in its file, when an exporter left out its number: of two such records
    /// with the same content, neither is a copy of the other.
    pub locator: Option<u64>,
    /// Activity.
    pub activity_id: &'a str,
    /// Related activity.
    pub related_activity_id: &'a str,
    /// Process that wrote the record.
    pub process_id: Option<i64>,
    /// Thread that wrote the record.
    pub thread_id: Option<i64>,
    /// Channel.
    pub channel: &'a str,
    /// Host.
    pub computer: &'a str,
    /// SID in the Security element.
    pub user_sid: &'a str,
    /// Name of UserData's first element.
    pub user_data_name: &'a str,
    /// Whether the end of the record is overwritten, so that values may be missing or wrong.
    pub is_torn: bool,
    /// The values, in the record's order.
    pub data: &'a [Datum<'a>],
}

impl<'a> LogRecord<'a> {
    /// A value of EventData, if it says anything.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.find(Section::EventData, name)
    }

    /// A value of UserData, if it says anything.
    pub(crate) fn user_data(&self, name: &str) -> Option<&'a str> {
        self.find(Section::UserData, name)
    }

    /// A value of a record that could not be rendered, if it says anything.
    pub(crate) fn error_data(&self, name: &str) -> Option<&'a str> {
        self.find(Section::ProcessingErrorData, name)
    }

    fn find(&self, section: Section, name: &str) -> Option<&'a str> {
        let mut of_name = self
            .data
            .iter()
            .filter(|d| d.section == section && d.name == name);
        of_name
            .next()
            .map(|datum| datum.value)
            .filter(|value| !says_nothing(value))
    }

    /// Identity of the event (MATCHING.md §7): SHA-256 over host, channel, record id, time,
    /// provider, event id and a hash of the data in record order. A record of an export that has no
    /// number has its place instead, which it has in each copy of the file. Texts are preceded by their
    /// length, so that no two records run into one.
    #[must_use]
    pub fn uid(&self) -> Uid {
        let mut hash = Sha256::new();
        put_text(&mut hash, self.computer);
        put_text(&mut hash, self.channel);
        let number = self.record_id.or(self.locator).unwrap_or_default();
        hash.update(number.to_le_bytes());
        hash.update(self.time_created.map_or(0, |time| time.0).to_le_bytes());
        put_text(&mut hash, self.provider);
        put_text(&mut hash, self.event_id);
        hash.update(self.data_hash());
        let [uid, _] = *hash.finalize().as_chunks::<16>().0 else {
            return Uid::default();
        };
        Uid(uid)
    }

    fn data_hash(&self) -> impl AsRef<[u8]> + use<> {
        let mut hash = Sha256::new();
        // What a forwarding machine added is not the event's own.
        for datum in self
            .data
            .iter()
            .filter(|datum| datum.section != Section::RenderingInfo)
        {
            put_text(&mut hash, datum.section.as_str());
            put_text(&mut hash, datum.name);
            put_text(&mut hash, datum.value);
        }
        hash.finalize()
    }
}

fn put_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

/// Whether a value is one of Windows's ways to say nothing (ECS.md §1): empty, `-`, the zero GUID.
/// Numeric zero is data.
pub(super) fn says_nothing(value: &str) -> bool {
    matches!(
        value.trim(),
        "" | "-" | "{00000000-0000-0000-0000-000000000000}"
    )
}
