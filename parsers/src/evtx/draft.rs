//! A record that is gathered from text: from event XML, from JSON. The same event has the same
//! record, whatever it was exported to (MATCHING.md §7), so values are written here as the reader
//! of event logs writes them.

use std::ops::Range;

use timeline::Ticks;

use super::read::Section;
use super::record::{Datum, LogRecord};

/// Values of one record. A genuine one has less than a hundred.
const MOST_VALUES: usize = 1 << 15;
/// Bytes of all names and values of one record. A genuine record fits into a chunk of 64 KiB.
const MOST_TEXT: usize = 32 << 20;

/// A field of `System` that a record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    ProviderName,
    ProviderGuid,
    EventSourceName,
    EventId,
    Qualifiers,
    Version,
    Level,
    Task,
    Opcode,
    Keywords,
    TimeCreated,
    RecordId,
    ActivityId,
    RelatedActivityId,
    ProcessId,
    ThreadId,
    Channel,
    Computer,
    UserId,
}

impl Field {
    const COUNT: usize = Self::UserId as usize + 1;

    /// The field at a path below `System`: that of an element, or a dot and an attribute more.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        ALL.iter().copied().find(|field| field.path() == path)
    }

    fn path(self) -> &'static str {
        match self {
            Self::ProviderName => "Provider.Name",
            Self::ProviderGuid => "Provider.Guid",
            Self::EventSourceName => "Provider.EventSourceName",
            Self::EventId => "EventID",
            Self::Qualifiers => "EventID.Qualifiers",
            Self::Version => "Version",
            Self::Level => "Level",
            Self::Task => "Task",
            Self::Opcode => "Opcode",
            Self::Keywords => "Keywords",
            Self::TimeCreated => "TimeCreated.SystemTime",
            Self::RecordId => "EventRecordID",
            Self::ActivityId => "Correlation.ActivityID",
            Self::RelatedActivityId => "Correlation.RelatedActivityID",
            Self::ProcessId => "Execution.ProcessID",
            Self::ThreadId => "Execution.ThreadID",
            Self::Channel => "Channel",
            Self::Computer => "Computer",
            Self::UserId => "Security.UserID",
        }
    }
}

const ALL: [Field; Field::COUNT] = [
    Field::ProviderName,
    Field::ProviderGuid,
    Field::EventSourceName,
    Field::EventId,
    Field::Qualifiers,
    Field::Version,
    Field::Level,
    Field::Task,
    Field::Opcode,
    Field::Keywords,
    Field::TimeCreated,
    Field::RecordId,
    Field::ActivityId,
    Field::RelatedActivityId,
    Field::ProcessId,
    Field::ThreadId,
    Field::Channel,
    Field::Computer,
    Field::UserId,
];

/// A record that has more values, or longer ones, than any genuine one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

/// The texts of a record. It serves for one record after the other.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    text: String,
    fields: [Range<usize>; Field::COUNT],
    data: Vec<Value>,
    /// How many values each section has had: unnamed ones are numbered.
    counts: Vec<(Section, usize)>,
    section: Option<Section>,
    user_data_name: Range<usize>,
}

#[derive(Clone, Debug)]
struct Value {
    section: Section,
    name: Range<usize>,
    text: Range<usize>,
}

impl Draft {
    /// Forgets the last record.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.fields = Default::default();
        self.data.clear();
        self.counts.clear();
        self.section = None;
        self.user_data_name = 0..0;
    }

    /// Whether nothing is known of who reported the event.
    pub(crate) fn has_no_system(&self) -> bool {
        self.fields.iter().all(Range::is_empty)
    }

    /// The text of a field, empty if there is none.
    pub(crate) fn field(&self, field: Field) -> &str {
        self.fields
            .get(field as usize)
            .map_or("", |span| self.at(span))
    }

    /// Sets a field for the first time. What comes later is kept as a value of `System`.
    pub(crate) fn set(&mut self, field: Field, text: &str) -> Result<(), TooMuch> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if !self.field(field).is_empty() {
            return self.push(Section::System, field.path(), text);
        }
        let span = match field {
            Field::ProviderGuid | Field::ActivityId | Field::RelatedActivityId => {
                let braces = !text.starts_with('{');
                let text = if braces {
                    format!("{{{text}}}")
                } else {
                    text.to_owned()
                };
                self.put(&normal_guid(&text).unwrap_or(text))?
            }
            _ => self.put(text)?,
        };
        if let Some(slot) = self.fields.get_mut(field as usize) {
            *slot = span;
        }
        Ok(())
    }

    /// Says that the event has a child of this kind. The first that is payload counts.
    pub(crate) fn enter(&mut self, section: Section) {
        if section.is_payload() {
            self.section.get_or_insert(section);
        }
    }

    /// Names the kind of data: the last one counts, as in an event log.
    pub(crate) fn name_user_data(&mut self, name: &str) -> Result<(), TooMuch> {
        self.user_data_name = self.put(name)?;
        Ok(())
    }

    /// Adds a value; one without a name is called by its number.
    pub(crate) fn push(&mut self, section: Section, name: &str, text: &str) -> Result<(), TooMuch> {
        if self.data.len() >= MOST_VALUES {
            return Err(TooMuch);
        }
        let number = self.next_number(section);
        let name = if name.is_empty() {
            self.put(&format!("param{number}"))?
        } else {
            self.put(name)?
        };
        let text = match normal_guid(text).or_else(|| normal_time(text)) {
            Some(normal) => self.put(&normal)?,
            None => self.put(text)?,
        };
        self.data.push(Value {
            section,
            name,
            text,
        });
        Ok(())
    }

    fn next_number(&mut self, section: Section) -> usize {
        let known = self.counts.iter_mut().find(|(known, _)| *known == section);
        if let Some((_, count)) = known {
            *count += 1;
            return *count;
        }
        self.counts.push((section, 1));
        1
    }

    fn put(&mut self, text: &str) -> Result<Range<usize>, TooMuch> {
        let start = self.text.len();
        if start + text.len() > MOST_TEXT {
            return Err(TooMuch);
        }
        self.text.push_str(text);
        Ok(start..self.text.len())
    }

    fn at(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The values, for [`Draft::record`].
    pub(crate) fn data(&self) -> Vec<Datum<'_>> {
        let data = self.data.iter().map(|value| Datum {
            section: value.section,
            name: self.at(&value.name),
            value: self.at(&value.text),
        });
        data.collect()
    }

    /// The record with the values that [`Draft::data`] gave, at this place of its file.
    pub(crate) fn record<'a>(&'a self, data: &'a [Datum<'a>], offset: u64) -> LogRecord<'a> {
        let record_id = number(self.field(Field::RecordId));
        let small = |field| number(self.field(field)).and_then(|n| i64::try_from(n).ok());
        let is_user_data = self.section == Some(Section::UserData);
        LogRecord {
            provider: self.field(Field::ProviderName),
            provider_guid: self.field(Field::ProviderGuid),
            source_name: self.field(Field::EventSourceName),
            event_id: self.field(Field::EventId),
            version: small(Field::Version),
            level: small(Field::Level),
            task: self.field(Field::Task),
            opcode: self.field(Field::Opcode),
            keywords: number(self.field(Field::Keywords)),
            time_created: Ticks::parse(self.field(Field::TimeCreated)),
            record_id,
            locator: record_id.is_none().then_some(offset),
            activity_id: self.field(Field::ActivityId),
            related_activity_id: self.field(Field::RelatedActivityId),
            process_id: small(Field::ProcessId),
            thread_id: small(Field::ThreadId),
            channel: self.field(Field::Channel),
            computer: self.field(Field::Computer),
            user_sid: self.field(Field::UserId),
            user_data_name: if is_user_data {
                self.at(&self.user_data_name)
            } else {
                ""
            },
            is_torn: false,
            data,
        }
    }
}

/// A decimal or `0x` number. A bit mask above 2^63 is written by some exporters as a negative one.
pub(crate) fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text
            .parse()
            .ok()
            .or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned)),
    }
}

/// A GUID in capitals. Event logs store GUIDs as bytes; Windows writes them out in capitals or in
/// small letters, by its version.
fn normal_guid(text: &str) -> Option<String> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let is_guid = inner.len() == 36
        && inner.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_guid.then(|| text.to_ascii_uppercase())
}

/// A FILETIME that Windows wrote with nine fractional digits, with the seven that it has.
fn normal_time(text: &str) -> Option<String> {
    let is_time = text.len() == 30 && text.ends_with("00Z") && text.get(19..20) == Some(".");
    let time = is_time.then(|| Ticks::parse(text))??;
    Some(time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_reader_of_logs_writes_them() {
        let mut draft = Draft::default();
        for text in [
            "{49a15388-5ccf-5f2b-5502-00000000040a}",
            "2026-03-02T21:14:02.123456700Z",
            "2026-03-02 21:14:02.123",
            "{49a15388}",
        ] {
            draft.push(Section::EventData, "", text).unwrap();
        }
        let data = draft.data();
        let values: Vec<_> = data.iter().map(|d| (d.name, d.value)).collect();
        assert_eq!(
            values,
            [
                ("param1", "{49A15388-5CCF-5F2B-5502-00000000040A}"),
                ("param2", "2026-03-02T21:14:02.1234567Z"),
                ("param3", "2026-03-02 21:14:02.123"),
                ("param4", "{49a15388}"),
            ]
        );
    }

    #[test]
    fn a_second_value_of_a_field_is_kept_beside_it() {
        let mut draft = Draft::default();
        draft.set(Field::EventId, " 4624 ").unwrap();
        draft.set(Field::EventId, "4625").unwrap();
        let data = draft.data();
        assert_eq!(draft.record(&data, 0).event_id, "4624");
        assert_eq!((data[0].name, data[0].value), ("EventID", "4625"));
    }

    #[test]
    fn numbers_have_the_forms_that_exporters_use() {
        assert_eq!(number("0x8020000000000000"), Some(0x8020_0000_0000_0000));
        assert_eq!(number("-9223372036854775808"), Some(1 << 63));
        assert_eq!(number("17"), Some(17));
        assert_eq!(number("Info"), None);
    }

    #[test]
    fn a_record_has_an_end() {
        let mut draft = Draft::default();
        let long = "x".repeat(MOST_TEXT / 2);
        draft.push(Section::Other, "a", &long).unwrap();
        assert_eq!(draft.push(Section::Other, "a", &long), Err(TooMuch));
    }
}
