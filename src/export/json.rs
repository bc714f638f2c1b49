//! JSON as we write it: names in the order of the alphabet.
//!
//! Which order an object keeps is a feature of `serde_json` that any crate can turn on for all others.
//! What we write must not depend on that: names that evidence brought have no other order.

use serde_json::Value as Json;

/// The text of a value.
pub(crate) fn json_text(json: Json) -> String {
    sorted(json).to_string()
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
    fn names_are_sorted_at_all_depths() {
        let json = serde_json::json!({"b": [{"d": 1, "c": 2}], "a": {"z": 0, "y": 0}});
        assert_eq!(
            json_text(json),
            r#"{"a":{"y":0,"z":0},"b":[{"c":2,"d":1}]}"#
        );
    }
}
