//! The sentences for events of files.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::evtx::Message;

/// By the first action, and whether it is a state.
const SENTENCES: [(&str, &str); 16] = [
    ("creation", "File created: {@file}"),
    (
        "creation.state",
        "File created, at the latest then: {@file}",
    ),
    ("modification", "File written: {@file}"),
    ("overwrite", "File overwritten: {@file}"),
    (
        "modification.state",
        "File written, at the latest then: {@file}",
    ),
    (
        "metadata-changed",
        "File's times, rights or other properties changed: {@file}",
    ),
    (
        "rename",
        "File renamed: [{file.Ext.original.path} is now ]{@file}",
    ),
    (
        "stream-changed",
        "Alternate data stream of a file changed: {@file}",
    ),
    ("deletion", "File deleted: {@file}"),
    ("deletion.state", "File deleted, not before then: {@file}"),
    (
        "file-name-created",
        "File named, moved here or created: {@file}",
    ),
    ("open", "File accessed: {@file}"),
    ("open.state", "File accessed, then or later: {@file}"),
    (
        "creation-time-set",
        "File says that it was created then, before its name was: {@file}",
    ),
    (
        "file-name-times",
        "File had this time when it was last named: {@file}",
    ),
    ("file-exists", "File without a time: {@file}"),
];
/// What is said of the file: in place of `{@file}`.
const FILE: &str = "{file.path}[, {file.size} bytes][, owner {file.uid}][, {file.Ext.artefact}][ of {winlog.scheduled_task.name}][, runs {winlog.scheduled_task.actions.definition}][, from {file.origin_url}][ ({file.Ext.time_marks|file.Ext.usn.reason})]";

static MESSAGES: LazyLock<BTreeMap<&str, Message>> = LazyLock::new(|| {
    let sentence = |(action, text): &(&'static str, &str)| {
        let text = text.replace("{@file}", FILE);
        Some((*action, Message::parse(&text, &BTreeMap::new()).ok()?))
    };
    SENTENCES.iter().filter_map(sentence).collect()
});

/// The sentence for an event of an action; `is_state` when it is only known to be so.
#[must_use]
pub fn message(action: &str, is_state: bool) -> Option<&'static Message> {
    let state = is_state.then(|| MESSAGES.get(format!("{action}.state").as_str()));
    state.flatten().or_else(|| MESSAGES.get(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_can_be_filled() {
        for (action, _) in SENTENCES {
            assert!(MESSAGES.contains_key(action), "{action}");
        }
        assert_ne!(message("deletion", true), message("deletion", false));
        assert!(message("nothing", true).is_none());
    }
}
