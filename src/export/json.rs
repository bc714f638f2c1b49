//! JSON as we write it: names in the order of the alphabet.
//!
//! Which order an object keeps is a feature of `serde_json` that any crate can turn on for all others.
//! What we write must not depend on that: names that evidence brought have no other order.
//!
//! Lines of JSON are printed, too, and what is in a file is looked at in a terminal: what would steer one, or is not
//! seen, is written by its number. The value is the same.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value as Json;

use crate::visible::is_visible;

/// The text of a value.
pub(crate) fn json_text(json: Json) -> String {
    seen(sorted(json).to_string())
}

/// A value in one line, in its own order.
///
/// # Errors
/// If it is none that JSON has.
pub(crate) fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value).map(seen)
}

/// A document in as many lines as it is easy to read in.
///
/// # Errors
/// If it is none that JSON has.
pub(crate) fn json_document(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(value)?;
    let lines = text.lines().map(|line| seen(line.to_owned()) + "\n");
    Ok(lines.collect())
}

/// JSON in which nothing is that one does not see. Such characters stand in strings alone.
fn seen(json: String) -> String {
    let is_plain = json.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if is_plain || json.chars().all(is_visible) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for char in json.chars() {
        if is_visible(char) {
            out.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// A value whose objects all have that order.
pub(crate) fn sorted(mut json: Json) -> Json {
    json.sort_all_objects();
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_written_by_its_number() {
        let json = serde_json::json!({"a\u{9b}": "\u{202e}\u{e0041}\u{7f}\n\u{1b}\u{e9}"});
        let text = json_text(json.clone());
        assert_eq!(
            text,
            "{\"a\\u009b\":\"\\u202e\\udb40\\udc41\\u007f\\n\\u001b\u{e9}\"}"
        );
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), json);
    }

    #[test]
    fn a_document_has_lines_of_its_own_alone() {
        let text = json_document(&serde_json::json!({"a": "\u{9b}\n"})).unwrap();
        assert_eq!(text, "{\n  \"a\": \"\\u009b\\n\"\n}\n");
    }

    #[test]
    fn names_are_sorted_at_all_depths() {
        let json = serde_json::json!({"b": [{"d": 1, "c": 2}], "a": {"z": 0, "y": 0}});
        assert_eq!(
            json_text(json),
            r#"{"a":{"y":0,"z":0},"b":[{"c":2,"d":1}]}"#
        );
    }
}
