//! Values of events that were written as JSON.

use serde_json::{Map, Value as Json};

/// An event.
pub(crate) type Event = Map<String, Json>;

/// The value of a field; nested or not, and one or many.
pub(crate) fn get<'e>(event: &'e Event, field: &str) -> Option<&'e Json> {
    if let Some(value) = event.get(field) {
        return Some(value);
    }
    let mut parts = field.split('.');
    let first = event.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

/// The values of a field as text.
pub(crate) fn all(event: &Event, field: &str) -> Vec<String> {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match get(event, field) {
        Some(Json::Array(values)) => values.iter().map(text).collect(),
        Some(value) => vec![text(value)],
        None => Vec::new(),
    }
}

/// The only value of a field, or nothing.
#[track_caller]
pub(crate) fn one(event: &Event, field: &str) -> String {
    let values = all(event, field);
    assert!(values.len() <= 1, "{field}: {values:?}");
    values.into_iter().next().unwrap_or_default()
}
