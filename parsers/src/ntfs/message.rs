//! The sentences for events of files.

use std::sync::LazyLock;

use crate::evtx::Message;
use crate::sentences::Sentences;

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

static MESSAGES: LazyLock<Sentences> = LazyLock::new(|| {
    let all = SENTENCES.iter();
    Sentences::read(all.map(|(action, text)| (*action, text.replace("{@file}", FILE))))
});

/// The sentence for an event of an action; `is_state` when it is only known to be so.
#[must_use]
pub fn message(action: &str, is_state: bool) -> Option<&'static Message> {
    MESSAGES.of(action, is_state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_can_be_filled() {
        for (action, _) in SENTENCES {
            let (action, is_state) = match action.strip_suffix(".state") {
                Some(action) => (action, true),
                None => (action, false),
            };
            assert!(message(action, is_state).is_some(), "{action}");
        }
        assert_ne!(message("deletion", true), message("deletion", false));
        assert!(message("nothing", true).is_none());
    }
}
