//! Sentences for events of evidence that is no log: by their first action.

use std::collections::BTreeMap;

use crate::evtx::Message;

/// Sentences by action; those of `ACTION.state` are for what is only known to be so.
pub(crate) struct Sentences(BTreeMap<&'static str, Message>);

impl Sentences {
    /// Reads them as mapping files write them. One that is wrong is left out: tests ask for each.
    pub(crate) fn read<'t>(
        all: impl Iterator<Item = (&'static str, impl AsRef<str> + 't)>,
    ) -> Self {
        let read = |(action, text): (&'static str, _)| {
            let text: &str = AsRef::as_ref(&text);
            Some((action, Message::parse(text, &BTreeMap::new()).ok()?))
        };
        Self(all.filter_map(read).collect())
    }

    /// The sentence for an event of an action; `is_state` when it is only known to be so.
    pub(crate) fn of(&self, action: &str, is_state: bool) -> Option<&Message> {
        let state = is_state.then(|| self.0.get(format!("{action}.state").as_str()));
        state.flatten().or_else(|| self.0.get(action))
    }
}
