//! A key as decoders look at it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use timeline::{State, Ticks};

use super::data;
use super::out::{Certainty, Place, When};
use super::read::{Key, ValueCell, upper_name};

/// A key, in one of the states that the hive has of it.
#[derive(Clone, Copy)]
pub(super) struct Node<'w, 'h> {
    /// Its path below the root of the hive.
    pub(super) path: &'w str,
    pub(super) key: Key<'h>,
    /// The root of the hive in that state.
    pub(super) root: Option<Key<'h>>,
    /// Where the key as a whole comes from.
    pub(super) state: State,
    /// Which of its values only the transaction logs have, when they changed it.
    pub(super) changed: Option<&'w BTreeSet<String>>,
    pub(super) is_superseded: bool,
}

impl<'h> Node<'_, 'h> {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('\\').next().unwrap_or_default()
    }

    /// Where events of the key as a whole are read.
    pub(super) fn place(&self) -> Place {
        Place {
            cell: self.key.offset(),
            state: self.state,
            is_superseded: self.is_superseded,
        }
    }

    /// Where events of one of its values are read.
    pub(super) fn place_of(&self, value: &ValueCell<'_>) -> Place {
        let is_changed = self
            .changed
            .is_none_or(|changed| changed.contains(&upper_name(&value.name())));
        Place {
            cell: value.offset(),
            state: if is_changed { self.state } else { State::Live },
            is_superseded: self.is_superseded,
        }
    }

    /// The time of an entry of a list, whose first alone was added when the key was last written.
    pub(super) fn ranked(&self, rank: i64) -> When {
        self.written(Certainty::exact_if(rank == 1))
    }

    /// Its last-written time.
    pub(super) fn written(&self, certainty: Certainty) -> When {
        When::last_write(self.key.last_written(), certainty)
    }

    /// The bytes of a value.
    pub(super) fn bytes(&self, name: &str) -> Option<Cow<'h, [u8]>> {
        Some(self.key.value(name)?.data().bytes)
    }

    /// The text of a value.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.key.value(name)?;
        text_of(&value)
    }

    /// A value that is a number.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        let data = self.bytes(name)?;
        Some(u32::from_le_bytes(data.first_chunk().copied()?))
    }

    /// Every value that can be read.
    pub(super) fn values(&self) -> impl Iterator<Item = ValueCell<'h>> + use<'h> {
        self.key.values().filter_map(Result::ok)
    }
}

/// The text of a value of a text type, unless it is empty.
pub(super) fn text_of(value: &ValueCell<'_>) -> Option<String> {
    let text = matches!(value.data_type(), 1 | 2 | 7).then(|| data::text(&value.data().bytes))?;
    (!text.is_empty()).then_some(text)
}

/// A time in data, unless it is zero.
pub(super) fn time_at(data: &[u8], at: usize) -> Option<Ticks> {
    let time = u64::from_le_bytes(data.get(at..)?.first_chunk().copied()?);
    Ticks::from_filetime(time).filter(|_| time != 0)
}
