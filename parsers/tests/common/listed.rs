//! The list of events that evidence that is no log gives is complete.

use parsers::ARTEFACT_EVENTS;
use serde_json::Value as Json;

use super::fields::{Event, all};

/// Fails for an event that is none of the list.
#[track_caller]
pub(crate) fn check(event: &Event) {
    let provider = all(event, "event.provider");
    let has_only = |field: &str, known: &[&str]| {
        let values = all(event, field);
        values.iter().all(|value| known.contains(&value.as_str()))
    };
    let mut names = Vec::new();
    for (name, value) in event {
        collect(name, value, &mut names);
    }
    let is_listed = ARTEFACT_EVENTS.iter().any(|listed| {
        provider == [listed.provider]
            && has_only("event.category", listed.category)
            && has_only("event.type", listed.kind)
            && has_only("event.action", listed.action)
            && names.iter().all(|name| listed.can_have(name))
    });
    assert!(is_listed, "not in ARTEFACT_EVENTS: {event:#?}");
}

/// The names of the fields of an event, but for what tests add to it.
fn collect(name: &str, value: &Json, names: &mut Vec<String>) {
    match value {
        Json::Object(inner) => {
            for (part, value) in inner {
                collect(&format!("{name}.{part}"), value, names);
            }
        }
        _ if name.contains('.') => names.push(name.to_owned()),
        _ => {}
    }
}
