//! Join keys of an event (EQL.md §7.2).

use eql::plan::Key;
use timeline::{Cell, Segment, key};

/// Keys of one event that are made at most; a multi-valued field gives one per value, several such
/// fields their product.
const MOST: usize = 1024;

/// The keys of an event: encoded so that equal keys, and only they, have equal bytes. Empty when a
/// field that is not optional is missing.
pub(super) fn keys(segment: &Segment, row: u32, fields: &[Key]) -> Vec<Vec<u8>> {
    let mut keys = vec![Vec::new()];
    for field in fields {
        let values = values(segment, row, &field.name);
        if values.is_empty() && !field.optional {
            return Vec::new();
        }
        let encoded: Vec<Vec<u8>> = if values.is_empty() {
            vec![vec![0]]
        } else {
            values
                .into_iter()
                .map(|cell| encode(segment, cell))
                .collect()
        };
        keys = keys
            .iter()
            .flat_map(|start| {
                encoded
                    .iter()
                    .map(move |end| [start.as_slice(), end].concat())
            })
            .take(MOST)
            .collect();
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn values(segment: &Segment, row: u32, name: &str) -> Vec<Cell> {
    let column = segment
        .names
        .find(name)
        .and_then(|field| segment.column(field));
    column.map_or_else(Vec::new, |column| {
        column
            .places(row)
            .map(|place| column.cells.get(place))
            .collect()
    })
}

fn encode(segment: &Segment, cell: Cell) -> Vec<u8> {
    let mut bytes = Vec::new();
    match cell {
        Cell::Text(id) => {
            bytes.push(1);
            key::text(&mut bytes, segment.strings.get(id));
        }
        Cell::Integer(number) => {
            bytes.push(2);
            bytes.extend(ordered(number));
        }
        Cell::Double(number) => {
            if let Some(number) = whole(number) {
                return encode(segment, Cell::Integer(number));
            }
            bytes.push(3);
            bytes.extend(number.to_bits().to_be_bytes());
        }
        Cell::Boolean(truth) => bytes.extend([4, u8::from(truth)]),
    }
    bytes
}

/// A number so that its bytes sort as it does.
fn ordered(number: i64) -> [u8; 8] {
    (number.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The integer that a double equals: numbers of different kinds are the same key.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
    let whole = (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64);
    whole
}

/// The values of a key as text, for people.
pub(super) fn display(mut encoded: &[u8]) -> Vec<String> {
    std::iter::from_fn(|| take_value(&mut encoded)).collect()
}

fn take_value(encoded: &mut &[u8]) -> Option<String> {
    let (kind, rest) = encoded.split_first()?;
    *encoded = rest;
    match kind {
        1 => key::take_text(encoded),
        2 => take_number(encoded).map(|bytes| {
            let number = u64::from_be_bytes(bytes) ^ (1 << 63);
            number.cast_signed().to_string()
        }),
        3 => {
            take_number(encoded).map(|bytes| f64::from_bits(u64::from_be_bytes(bytes)).to_string())
        }
        4 => {
            let (truth, rest) = encoded.split_first()?;
            *encoded = rest;
            Some((*truth == 1).to_string())
        }
        _ => Some(String::new()),
    }
}

fn take_number(encoded: &mut &[u8]) -> Option<[u8; 8]> {
    let (bytes, rest) = encoded.split_first_chunk::<8>()?;
    *encoded = rest;
    Some(*bytes)
}

#[cfg(test)]
mod tests {
    use timeline::json;

    use super::*;

    fn key(name: &str, optional: bool) -> Key {
        let mark = if optional { "?" } else { "" };
        let query = format!("sequence by {mark}{name} [any where true] [any where true]");
        let compiled = eql::compile(&query, &crate::rule::Table).unwrap();
        compiled.query.keys()[0].clone()
    }

    fn shown(event: &serde_json::Value, fields: &[Key]) -> Vec<String> {
        let segment = json::read(&[event.as_object().cloned().unwrap_or_default()]);
        keys(&segment, 0, fields)
            .iter()
            .map(|key| display(key).join("|"))
            .collect()
    }

    #[test]
    fn every_combination_is_a_key() {
        let event = serde_json::json!({"a": ["x", "y"], "b": [1, 2], "c": "z\u{0}z"});
        let fields = ["a", "b", "c"].map(|name| key(name, false));
        let expected = ["x|1|z\0z", "x|2|z\0z", "y|1|z\0z", "y|2|z\0z"];
        assert_eq!(shown(&event, &fields), expected);
    }

    #[test]
    fn numbers_are_keys_by_their_value_and_in_its_order() {
        let of = |value: serde_json::Value| {
            let event = serde_json::json!({ "n": value });
            let segment = json::read(&[event.as_object().cloned().unwrap()]);
            keys(&segment, 0, &[key("n", false)]).remove(0)
        };
        assert_eq!(of(serde_json::json!(2.0)), of(serde_json::json!(2)));
        assert_ne!(of(serde_json::json!(2.5)), of(serde_json::json!(2)));
        let sorted = [-10, -9, 0, 9, 10].map(|number| of(serde_json::json!(number)));
        assert!(sorted.is_sorted());
    }

    #[test]
    fn a_missing_field_makes_no_key_unless_it_is_optional() {
        let event = serde_json::json!({"a": "x"});
        assert!(shown(&event, &[key("a", false), key("b", false)]).is_empty());
        assert_eq!(shown(&event, &[key("a", false), key("b", true)]), ["x|"]);
    }
}
