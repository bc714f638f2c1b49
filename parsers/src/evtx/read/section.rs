//! The parts of an event.

/// The child of `<Event>` that a value stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `System`, for what is not one of its known fields.
    System,
    /// `EventData`: named or unnamed `Data`, and `Binary`.
    EventData,
    /// `UserData`: XML of the provider's own design.
    UserData,
    /// `DebugData`: an event of a Windows trace preprocessor provider.
    DebugData,
    /// `BinaryEventData`: an event without a description of its data.
    BinaryEventData,
    /// `ProcessingErrorData`: Windows could not render the event and says why.
    ProcessingErrorData,
    /// `RenderingInfo`: text that the sender of a forwarded event added. Not the event's own data.
    RenderingInfo,
    /// Anything else.
    Other,
}

impl Section {
    /// The element's name, empty for [`Section::Other`].
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::EventData => "EventData",
            Self::UserData => "UserData",
            Self::DebugData => "DebugData",
            Self::BinaryEventData => "BinaryEventData",
            Self::ProcessingErrorData => "ProcessingErrorData",
            Self::RenderingInfo => "RenderingInfo",
            Self::Other => "",
        }
    }

    /// Whether it holds what the event says, beside who said it (`System`) and how it reads
    /// (`RenderingInfo`).
    #[must_use]
    pub fn is_payload(self) -> bool {
        !matches!(self, Self::System | Self::RenderingInfo)
    }
}
