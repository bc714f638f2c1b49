//! Whether an event passes a filter, and which keys it has.

use std::collections::BTreeSet;

use eql::Value;
use eql::plan::{Category, Filter, Key, Leaf};

use super::Event;

pub(super) fn selects(filter: &Filter, event: &Event) -> bool {
    let category = match &filter.category {
        Category::Any => true,
        Category::Named(name) => event.categories.contains(&Value::from(name.as_str())),
    };
    category && filter.condition.holds(&mut |leaf| asks(leaf, event))
}

/// A leaf holds if any combination of the values of its fields makes it true.
fn asks(leaf: &Leaf, event: &Event) -> bool {
    let fields = leaf.fields();
    let choices = fields.iter().map(|field| event.get(field));
    product(choices.collect()).iter().any(|combination| {
        leaf.holds(&mut |field| {
            let place = fields.iter().position(|other| *other == field).unwrap();
            combination[place].borrowed()
        })
    })
}

/// Every choice of one value per field; null for a field without any.
fn product<'e>(choices: Vec<&'e [Value<'static>]>) -> Vec<Vec<&'e Value<'static>>> {
    let mut combinations = vec![Vec::new()];
    for values in choices {
        let values = if values.is_empty() {
            &[Value::Null]
        } else {
            values
        };
        combinations = combinations
            .iter()
            .flat_map(|begun| {
                values
                    .iter()
                    .map(|value| [begun.as_slice(), &[value]].concat())
            })
            .collect();
    }
    combinations
}

/// A key that can be sorted: null first, numbers before texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KeyValue {
    Null,
    Bool(bool),
    Int(i64),
    Float(String),
    Text(String),
}

pub(super) type KeyTuple = Vec<KeyValue>;

/// One key per combination of values; none if a key that is not optional is missing.
pub(super) fn keys(keys: &[Key], event: &Event) -> BTreeSet<KeyTuple> {
    let excluded = keys
        .iter()
        .any(|key| !key.optional && event.get(&key.name).is_empty());
    if excluded {
        return BTreeSet::new();
    }
    let choices = keys.iter().map(|key| event.get(&key.name)).collect();
    let tuples = product(choices).into_iter();
    tuples
        .map(|tuple| tuple.into_iter().map(key_value).collect())
        .collect()
}

fn key_value(value: &Value<'_>) -> KeyValue {
    match value {
        Value::Null => KeyValue::Null,
        Value::Bool(truth) => KeyValue::Bool(*truth),
        Value::Int(number) => KeyValue::Int(*number),
        Value::Float(number) => KeyValue::Float(number.to_string()),
        Value::Text(text) => KeyValue::Text(text.to_string()),
    }
}
