//! Where in the event a piece of BinXML stands: it decides what its elements mean.

use super::section::Section;
use super::texts::TextId;

/// What the elements that follow are children of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing: the next element is the event itself.
    Document,
    /// `Event`.
    Event,
    /// `System`.
    System,
    /// `EventData`.
    EventData,
    /// `UserData`, whose first child names the kind of data.
    UserData { first: bool },
    /// Any other element. `path` is the way to it within the section, without the section itself.
    Inside { section: Section, path: TextId },
}

impl Place {
    /// The section that it belongs to.
    pub(super) fn section(self) -> Section {
        match self {
            Self::Document | Self::Event => Section::Other,
            Self::System => Section::System,
            Self::EventData => Section::EventData,
            Self::UserData { .. } => Section::UserData,
            Self::Inside { section, .. } => section,
        }
    }

    /// The way to it within the section.
    pub(super) fn path(self) -> TextId {
        match self {
            Self::Inside { path, .. } => path,
            _ => TextId::EMPTY,
        }
    }
}

/// The section that a child of `Event` opens.
pub(super) fn section_of(element: TextId) -> Section {
    match element {
        TextId::SYSTEM => Section::System,
        TextId::EVENT_DATA => Section::EventData,
        TextId::USER_DATA => Section::UserData,
        TextId::DEBUG_DATA => Section::DebugData,
        TextId::BINARY_EVENT_DATA => Section::BinaryEventData,
        TextId::PROCESSING_ERROR_DATA => Section::ProcessingErrorData,
        TextId::RENDERING_INFO => Section::RenderingInfo,
        _ => Section::Other,
    }
}
