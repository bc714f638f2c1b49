//! Events as JSON in ECS names: what findings and queries print, and what rule tests, Winlogbeat and
//! Elastic exports hold.
//!
//! Reading takes nested objects and dotted names alike, arrays of any field, times as ISO 8601 or as
//! milliseconds since 1970; the kind of a name that is not in the field table is what the events of one
//! call agree on.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::segment::{Row, Segment};
use crate::{
    Arity, EvidenceId, Field, FieldInfo, Kind, Provenance, State, Ticks, Uid, Value, fields,
};

/// The name of the time field.
pub const TIMESTAMP: &str = "@timestamp";

/// An event as one nested object. Fields that can have many values are arrays; times have seven
/// fractional digits.
#[must_use]
pub fn to_json(segment: &Segment, row: u32) -> Map<String, Json> {
    let mut object = Map::new();
    if let Some(time) = segment.rows[row as usize].time {
        object.insert(TIMESTAMP.into(), Json::String(time.to_string()));
    }
    for (field, column) in segment.columns() {
        let places = column.places(row);
        if places.is_empty() {
            continue;
        }
        let (kind, arity) = segment.names.kind(field);
        let mut values =
            places.map(|place| json_value(&segment.value(kind, column.cells.get(place))));
        let value = match arity {
            // Events of others may have several values of any field.
            Arity::One if values.len() < 2 => values.next().unwrap_or(Json::Null),
            Arity::One | Arity::Many => Json::Array(values.collect()),
        };
        nest(&mut object, segment.names.name(field), value);
    }
    object
}

fn json_value(value: &Value<'_>) -> Json {
    match value {
        Value::Text(text) => Json::String(text.clone().into_owned()),
        Value::Integer(number) => Json::from(*number),
        Value::Double(number) => Json::from(*number),
        Value::Boolean(truth) => Json::Bool(*truth),
        Value::Date(time) => Json::String(time.to_string()),
    }
}

/// Puts a value under a dotted name. Where a part of the name is a value itself already, the rest
/// stays dotted.
fn nest(object: &mut Map<String, Json>, name: &str, value: Json) {
    if let Some((head, rest)) = name.split_once('.') {
        let inner = object
            .entry(head)
            .or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(inner) = inner {
            return nest(inner, rest, value);
        }
    }
    object.insert(name.into(), value);
}

/// A segment of the events that these objects are. Their record number is their place.
#[must_use]
pub fn read(objects: &[Map<String, Json>]) -> Segment {
    let flat: Vec<Flat> = objects.iter().map(flatten).collect();
    let mut segment = Segment::default();
    for (name, (kind, arity)) in own_kinds(&flat) {
        segment.names.field_of_kind(name, kind, arity);
    }
    for (place, values) in (0u32..).zip(&flat) {
        push(&mut segment, place, values);
    }
    segment
}

/// The values of each name, nulls left out.
type Flat = BTreeMap<String, Vec<Json>>;

fn flatten(object: &Map<String, Json>) -> Flat {
    let mut flat = Flat::new();
    flatten_into(&mut flat, "", object);
    flat
}

fn flatten_into(flat: &mut Flat, prefix: &str, object: &Map<String, Json>) {
    for (key, value) in object {
        let name = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        flatten_value(flat, name, value);
    }
}

fn flatten_value(flat: &mut Flat, name: String, value: &Json) {
    match value {
        Json::Null => {}
        Json::Object(object) => flatten_into(flat, &name, object),
        Json::Array(values) => {
            for value in values {
                flatten_value(flat, name.clone(), value);
            }
        }
        value => {
            let values = flat.entry(name).or_default();
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
    }
}

/// What the names that are not in the table hold: what all their values are, else text.
fn own_kinds(flat: &[Flat]) -> BTreeMap<&str, (Kind, Arity)> {
    let mut kinds: BTreeMap<&str, (Kind, Arity)> = BTreeMap::new();
    for (name, values) in flat.iter().flatten() {
        if name == TIMESTAMP || fields::by_name(name).is_some() {
            continue;
        }
        for value in values {
            let kind = kind_of(value);
            let known = kinds.entry(name).or_insert((kind, Arity::One));
            known.0 = common_kind(known.0, kind);
            if values.len() > 1 {
                known.1 = Arity::Many;
            }
        }
    }
    kinds
}

fn kind_of(value: &Json) -> Kind {
    match value {
        Json::Bool(_) => Kind::Boolean,
        Json::Number(number) if number.is_i64() => Kind::Integer,
        Json::Number(_) => Kind::Double,
        _ => Kind::Keyword,
    }
}

fn common_kind(a: Kind, b: Kind) -> Kind {
    match (a, b) {
        (a, b) if a == b => a,
        (Kind::Integer | Kind::Double, Kind::Integer | Kind::Double) => Kind::Double,
        _ => Kind::Keyword,
    }
}

fn push(segment: &mut Segment, place: u32, values: &Flat) {
    let text = |field: Field| {
        let name = field.info().map_or("", |info: &FieldInfo| info.name);
        values
            .get(name)
            .and_then(|values| values.first())
            .and_then(Json::as_str)
            .unwrap_or_default()
    };
    let (host, channel) = (text(fields::HOST_NAME), text(fields::WINLOG_CHANNEL));
    let (host, channel) = (
        segment.strings.intern(host),
        segment.strings.intern(channel),
    );
    let time = values
        .get(TIMESTAMP)
        .and_then(|values| values.first())
        .and_then(time);
    let row = Row {
        time,
        host,
        channel,
        provenance: Provenance {
            evidence: EvidenceId(0),
            record: u64::from(place),
            offset: 0,
            state: State::Live,
        },
        uid: Uid::default(),
    };
    let mut fields = Vec::new();
    for (name, values) in values.iter().filter(|(name, _)| *name != TIMESTAMP) {
        let field = segment.names.field(name);
        let kind = segment.names.kind(field).0;
        fields.extend(
            values
                .iter()
                .filter_map(|json| Some((field, typed(kind, json)?))),
        );
    }
    segment.push_foreign_row(row, &fields);
}

/// ISO 8601, or milliseconds since 1970 as a number or as text.
fn time(value: &Json) -> Option<Ticks> {
    let milliseconds = match value {
        Json::String(text) => text.parse().ok(),
        value => value.as_i64(),
    };
    match milliseconds {
        Some(milliseconds) => from_milliseconds(milliseconds),
        None => value.as_str().and_then(Ticks::parse),
    }
}

fn from_milliseconds(milliseconds: i64) -> Option<Ticks> {
    let nanoseconds = u32::try_from(milliseconds.rem_euclid(1000)).ok()? * 1_000_000;
    Ticks::from_unix(milliseconds.div_euclid(1000), nanoseconds)
}

fn typed(kind: Kind, json: &Json) -> Option<Value<'static>> {
    let text = || {
        json.as_str()
            .map_or_else(|| json.to_string(), str::to_owned)
    };
    Some(match kind {
        Kind::Keyword | Kind::Ip => Value::from(text()),
        Kind::Integer => Value::Integer(json.as_i64().or_else(|| text().parse().ok())?),
        Kind::Double => Value::Double(json.as_f64()?),
        Kind::Boolean => Value::Boolean(json.as_bool().or_else(|| text().parse().ok())?),
        Kind::Date => Value::Date(time(json)?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(json: Json) -> Map<String, Json> {
        match json {
            Json::Object(object) => object,
            _ => Map::new(),
        }
    }

    #[test]
    fn nested_and_dotted_are_the_same() {
        let nested = object(json!({"@timestamp": "2026-03-02T21:00:00Z",
            "event": {"category": "process"}, "process": {"pid": "4"}}));
        let dotted = object(json!({"@timestamp": 1_772_485_200_000_i64,
            "event.category": ["process"], "process.pid": 4}));
        let segment = read(&[nested, dotted]);
        let expected = object(json!({"@timestamp": "2026-03-02T21:00:00.0000000Z",
            "event": {"category": ["process"]}, "process": {"pid": 4}}));
        assert_eq!(to_json(&segment, 0), expected);
        assert_eq!(to_json(&segment, 1), expected);
    }

    #[test]
    fn own_names_take_the_kind_of_all_their_values() {
        let segment = read(&[
            object(json!({"n": 1, "m": 1, "b": true, "s": [1, 2, 2, null]})),
            object(json!({"n": 2.5, "m": "x", "s": []})),
        ]);
        assert_eq!(
            Json::Object(to_json(&segment, 0)),
            json!({"n": 1.0, "m": "1", "b": true, "s": [1, 2]})
        );
        assert_eq!(
            Json::Object(to_json(&segment, 1)),
            json!({"n": 2.5, "m": "x"})
        );
    }

    #[test]
    fn a_name_below_a_value_stays_dotted() {
        let segment = read(&[object(json!({"a": "x", "a.b": "y"}))]);
        assert_eq!(
            Json::Object(to_json(&segment, 0)),
            json!({"a": "x", "a.b": "y"})
        );
    }
}
