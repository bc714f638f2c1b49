//! The `System` part that every event has.

use super::output::View;
use super::texts::TextId;
use super::value::Value;

/// A field of `System`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
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
    /// How many there are.
    pub(super) const COUNT: usize = Self::UserId as usize + 1;

    /// The field that is the content of a child of `System`.
    pub(super) fn of_element(element: TextId) -> Option<Self> {
        Some(match element {
            TextId::EVENT_ID => Self::EventId,
            TextId::VERSION => Self::Version,
            TextId::LEVEL => Self::Level,
            TextId::TASK => Self::Task,
            TextId::OPCODE => Self::Opcode,
            TextId::KEYWORDS => Self::Keywords,
            TextId::EVENT_RECORD_ID => Self::RecordId,
            TextId::CHANNEL => Self::Channel,
            TextId::COMPUTER => Self::Computer,
            _ => return None,
        })
    }

    /// The field that is an attribute of a child of `System`.
    pub(super) fn of_attribute(element: TextId, attribute: TextId) -> Option<Self> {
        Some(match (element, attribute) {
            (TextId::PROVIDER, TextId::NAME) => Self::ProviderName,
            (TextId::PROVIDER, TextId::GUID) => Self::ProviderGuid,
            (TextId::PROVIDER, TextId::EVENT_SOURCE_NAME) => Self::EventSourceName,
            (TextId::EVENT_ID, TextId::QUALIFIERS) => Self::Qualifiers,
            (TextId::TIME_CREATED, TextId::SYSTEM_TIME) => Self::TimeCreated,
            (TextId::CORRELATION, TextId::ACTIVITY_ID) => Self::ActivityId,
            (TextId::CORRELATION, TextId::RELATED_ACTIVITY_ID) => Self::RelatedActivityId,
            (TextId::EXECUTION, TextId::PROCESS_ID) => Self::ProcessId,
            (TextId::EXECUTION, TextId::THREAD_ID) => Self::ThreadId,
            (TextId::SECURITY, TextId::USER_ID) => Self::UserId,
            _ => return None,
        })
    }

    /// Its name as a value of the section `System`, for a second value that found it taken.
    pub(super) fn path(self) -> &'static str {
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

/// The `System` part of a record. Each field is read when it is asked for, and [`Value::Null`] when
/// the record does not have it. Types vary: in a record without a template, and often in a
/// forwarded one, everything is text.
#[derive(Clone, Copy, Debug)]
pub struct System<'a> {
    pub(super) view: View<'a>,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $field:ident,)*) => {
        impl<'a> System<'a> {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> Value<'a> {
                    self.view.field(Field::$field)
                }
            )*

            /// All fields in a fixed order, with the names they have as XML paths.
            pub fn fields(&self) -> impl Iterator<Item = (&'static str, Value<'a>)> {
                let view = self.view;
                [$(Field::$field),*]
                    .into_iter()
                    .map(move |field| (field.path(), view.field(field)))
            }
        }
    };
}

fields! {
    /// `Provider` `Name`.
    provider_name: ProviderName,
    /// `Provider` `Guid`.
    provider_guid: ProviderGuid,
    /// `Provider` `EventSourceName`: the older name of a provider that had one.
    event_source_name: EventSourceName,
    /// `EventID`.
    event_id: EventId,
    /// `EventID` `Qualifiers`: the upper half of an older provider's event id.
    qualifiers: Qualifiers,
    /// `Version` of the event's description.
    version: Version,
    /// `Level`.
    level: Level,
    /// `Task`.
    task: Task,
    /// `Opcode`.
    opcode: Opcode,
    /// `Keywords`, a bit mask.
    keywords: Keywords,
    /// `TimeCreated` `SystemTime`.
    time_created: TimeCreated,
    /// `EventRecordID`. This is data: a forwarded record keeps its sender's, and its header has
    /// another.
    record_id: RecordId,
    /// `Correlation` `ActivityID`.
    activity_id: ActivityId,
    /// `Correlation` `RelatedActivityID`.
    related_activity_id: RelatedActivityId,
    /// `Execution` `ProcessID`.
    process_id: ProcessId,
    /// `Execution` `ThreadID`.
    thread_id: ThreadId,
    /// `Channel`.
    channel: Channel,
    /// `Computer`.
    computer: Computer,
    /// `Security` `UserID`.
    user_sid: UserId,
}
