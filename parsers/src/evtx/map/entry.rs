//! A mapping file as it is written: one provider, its events, and what becomes of them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A file below `parsers/mappings/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingFile {
    /// Providers whose records it maps. `NAME*` is all whose names begin so: instances of one product.
    pub(super) provider: Vec<String>,
    /// Channels that it is for; all when there is none.
    #[serde(default)]
    pub(super) channel: Vec<String>,
    /// Upstream's `event.module`, `event.dataset` and `data_stream.dataset`.
    #[serde(default)]
    pub(super) module: Vec<String>,
    #[serde(default)]
    pub(super) dataset: Vec<String>,
    #[serde(default)]
    pub(super) stream: Vec<String>,
    /// Only in one of the profiles.
    pub(super) profile: Option<Profile>,
    /// Tables from words of the record to ours.
    #[serde(default)]
    pub(super) words: BTreeMap<String, BTreeMap<String, String>>,
    /// What becomes of events. All entries that name an event count, in their order.
    #[serde(default)]
    pub(super) event: Vec<Entry>,
}

/// What becomes of some events, or of those among them that meet a condition.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Event ids: `4624`, `"4744-4753"`. None in an entry below `when`, and in one for all events.
    #[serde(default)]
    pub(super) ids: Vec<Id>,
    /// In an entry for all events: but not these.
    #[serde(default)]
    pub(super) except: Vec<Id>,
    /// Only in one of the profiles.
    pub(super) profile: Option<Profile>,
    /// Values that the record must have, one of the given each.
    #[serde(default, rename = "if")]
    pub(super) conditions: BTreeMap<String, Words>,
    /// Values that the record must not have.
    #[serde(default)]
    pub(super) unless: BTreeMap<String, Words>,
    /// Bits that a number of the record must have, any of them.
    #[serde(default)]
    pub(super) bits: BTreeMap<String, u64>,
    /// One sentence for people.
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) category: Vec<String>,
    #[serde(default, rename = "type")]
    pub(super) kind: Vec<String>,
    #[serde(default)]
    pub(super) action: Vec<String>,
    pub(super) outcome: Option<String>,
    /// `event.kind`, where it is not `event`.
    pub(super) event_kind: Option<String>,
    /// Fields, and where their values come from.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, String>,
    /// What needs code.
    #[serde(default, rename = "do")]
    pub(super) algorithms: Vec<String>,
    /// Further entries with conditions of their own.
    #[serde(default)]
    pub(super) when: Vec<Entry>,
}

/// An event id or a span of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Id {
    One(u32),
    Span(String),
}

/// One text or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    One(String),
    Several(Vec<String>),
}

impl Words {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        }
    }
}

/// Whose view of events is mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Upstream's pipelines with our additions and corrections (ECS.md, `[O]`).
    #[default]
    Ours,
    /// Upstream's pipelines alone (ECS.md §11).
    Upstream,
}

impl Id {
    /// The ids; nothing when the text is no span.
    pub(super) fn ids(&self) -> Option<std::ops::RangeInclusive<u32>> {
        match self {
            Self::One(id) => Some(*id..=*id),
            Self::Span(text) => {
                let (from, to) = text.split_once('-')?;
                let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
                (from <= to && to - from < 1000).then_some(from..=to)
            }
        }
    }
}
