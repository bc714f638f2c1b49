//! Events as maps of value lists, read from ndjson.

use std::collections::BTreeMap;

use eql::plan::{Condition, Constant, Leaf, Predicate, QueryKind};
use eql::{FieldType, Schema, Value};
use serde_json::Value as Json;

/// Where a data set keeps what an event needs.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Fields {
    #[serde(rename = "category_field")]
    category: String,
    #[serde(rename = "timestamp_field")]
    timestamp: String,
    #[serde(rename = "tiebreaker_field")]
    tiebreaker: Option<String>,
}

impl Fields {
    /// Fields of events that come in order.
    pub(crate) fn new(category: &str, timestamp: &str) -> Self {
        Self {
            category: category.to_owned(),
            timestamp: timestamp.to_owned(),
            tiebreaker: None,
        }
    }
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) values: BTreeMap<String, Vec<Value<'static>>>,
    pub(crate) categories: Vec<Value<'static>>,
    /// Ticks of 100 ns.
    pub(crate) time: i64,
    /// Where it stands in the order of all events.
    pub(crate) ordinal: usize,
}

impl Event {
    /// All values of a field.
    pub(crate) fn get(&self, field: &str) -> &[Value<'static>] {
        self.values.get(field).map_or(&[], Vec::as_slice)
    }
}

/// The events of an ndjson text, in order.
pub(crate) fn load(ndjson: &str, fields: &Fields) -> Vec<Event> {
    let mut events: Vec<_> = ndjson.lines().map(|line| event(line, fields)).collect();
    let tiebreaker = |event: &Event| {
        let field = fields.tiebreaker.as_deref()?;
        event.get(field).first()?.as_int()
    };
    events.sort_by_key(|event| (event.time, tiebreaker(event)));
    for (ordinal, event) in events.iter_mut().enumerate() {
        event.ordinal = ordinal;
    }
    events
}

fn event(line: &str, fields: &Fields) -> Event {
    let mut values = BTreeMap::new();
    flatten("", &serde_json::from_str(line).unwrap(), &mut values);
    let time = values[&fields.timestamp][0].as_text().map(ticks).unwrap();
    let categories = values.get(&fields.category).cloned().unwrap_or_default();
    Event {
        values,
        categories,
        time,
        ordinal: 0,
    }
}

/// Objects become dotted names, arrays sets of values, null nothing.
fn flatten(name: &str, json: &Json, values: &mut BTreeMap<String, Vec<Value<'static>>>) {
    match json {
        Json::Null => {}
        Json::Array(items) => items.iter().for_each(|item| flatten(name, item, values)),
        Json::Object(members) => {
            for (key, member) in members {
                let dot = if name.is_empty() { "" } else { "." };
                flatten(&format!("{name}{dot}{key}"), member, values);
            }
        }
        single => {
            let list = values.entry(name.to_owned()).or_default();
            let value = value(single);
            if !list.contains(&value) {
                list.push(value);
            }
        }
    }
}

fn value(json: &Json) -> Value<'static> {
    match json {
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => Value::from(text.clone()),
        _ => Value::Null,
    }
}

/// The ticks of a timestamp, asked of the compiler itself: it turns the constant into them.
fn ticks(text: &str) -> i64 {
    let schema = BTreeMap::from([("t".to_owned(), FieldType::Date)]);
    let constant = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.to_owned()
    } else {
        format!("\"{text}\"")
    };
    let compiled = eql::compile(&format!("any where t == {constant}"), &schema).unwrap();
    let QueryKind::Event(filter) = compiled.query.kind else {
        panic!("one event");
    };
    match filter.condition {
        Condition::Leaf(Leaf::Test {
            predicate: Predicate::Compare(comparison),
            ..
        }) => match comparison.constant {
            Constant::Int(ticks) => ticks,
            other => panic!("{text} is no time but {other}"),
        },
        other => panic!("{other}"),
    }
}

/// The types that the values of a data set suggest.
pub(crate) fn schema(events: &[Event]) -> impl Schema + use<> {
    let mut schema = BTreeMap::new();
    for (name, values) in events.iter().flat_map(|event| &event.values) {
        for value in values {
            let found = field_type(name, value);
            let known = *schema.entry(name.clone()).or_insert(found);
            assert_eq!(known, found, "{name} has values of two types");
        }
    }
    schema
}

fn field_type(name: &str, value: &Value<'_>) -> FieldType {
    match value {
        Value::Bool(_) => FieldType::Boolean,
        Value::Int(_) => FieldType::Integer,
        Value::Float(_) => FieldType::Double,
        Value::Text(text) if is_address(name, text) => FieldType::Ip,
        _ => FieldType::Keyword,
    }
}

fn is_address(name: &str, text: &str) -> bool {
    name.rsplit('.').next() == Some("ip") && text.parse::<std::net::IpAddr>().is_ok()
}
