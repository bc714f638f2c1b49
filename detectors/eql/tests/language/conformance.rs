//! The conformance cases: what must be rejected is rejected, what must run compiles, prints and,
//! through a naive engine, gives the expected answer.
//!
//! The cases written for this project stand beside this file. A larger set stands outside the
//! project, because a part of it may not be copied; where it is absent it is skipped.

use std::collections::BTreeMap;

use eql::plan::QueryKind;
use eql::{FieldType, Schema, Value};
use serde_json::{Value as Json, json};

use crate::oracle::{self, Event, Fields};

const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");
const OUTSIDE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/conformance/eql"
);

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    dataset: String,
    query: String,
    r#type: String,
    expected: Option<Json>,
    expected_any: Option<Vec<Json>>,
    #[serde(default)]
    unordered: bool,
}

/// A data set as `datasets.json` describes it.
#[derive(serde::Deserialize)]
struct Description {
    file: String,
    id_field: String,
    #[serde(flatten)]
    fields: Fields,
}

/// A data set in memory.
struct Dataset {
    id_field: String,
    events: Vec<Event>,
}

struct Conformance {
    cases: Vec<Case>,
    datasets: BTreeMap<String, Dataset>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a part of the cases is not in the project"
)]
fn read(folder: &str, name: &str) -> Option<String> {
    std::fs::read_to_string(format!("{folder}/{name}")).ok()
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests wants to know")]
fn all() -> Vec<Conformance> {
    let outside = load(OUTSIDE);
    if outside.is_none() {
        println!("skipped: no cases outside the project");
    }
    let ours = load(OURS).expect("the project's own cases");
    [ours].into_iter().chain(outside).collect()
}

fn load(folder: &str) -> Option<Conformance> {
    let cases = read(folder, "cases.json")?;
    let datasets: BTreeMap<String, Description> =
        serde_json::from_str(&read(folder, "datasets.json")?).unwrap();
    let datasets = datasets
        .into_iter()
        .map(|(name, description)| (name, dataset(folder, description)));
    Some(Conformance {
        cases: serde_json::from_str(&cases).unwrap(),
        datasets: datasets.collect(),
    })
}

fn dataset(folder: &str, description: Description) -> Dataset {
    let Description {
        file,
        id_field,
        fields,
    } = description;
    let events = oracle::load(&read(folder, &file).unwrap(), &fields);
    Dataset { id_field, events }
}

fn untyped() -> BTreeMap<String, FieldType> {
    BTreeMap::new()
}

impl Conformance {
    fn of_type(&self, error: bool) -> impl Iterator<Item = (&Case, &Dataset)> {
        let cases = self.cases.iter();
        let cases = cases.filter(move |case| (case.r#type == "error") == error);
        cases.map(|case| (case, &self.datasets[&case.dataset]))
    }
}

#[test]
fn what_must_be_rejected_is_rejected() {
    let all = all();
    for (case, dataset) in all.iter().flat_map(|set| set.of_type(true)) {
        let schemas: [&dyn Schema; 2] = [&oracle::schema(&dataset.events), &untyped()];
        for schema in schemas {
            let compiled = eql::compile(&case.query, schema);
            assert!(compiled.is_err(), "{}: {}", case.id, case.query);
        }
    }
}

#[test]
fn every_query_prints_as_itself() {
    let all = all();
    let cases = all.iter().flat_map(|set| &set.cases);
    for statement in cases.filter_map(|case| eql::parse(&case.query).ok()) {
        let printed = statement.to_string();
        assert_eq!(eql::parse(&printed).as_ref(), Ok(&statement), "{printed}");
    }
}

/// The canonical text says all that the plan says: compiled again it is the same plan.
#[test]
fn every_condition_prints_as_itself() {
    let all = all();
    for (case, _) in all.iter().flat_map(|set| set.of_type(false)) {
        let query = eql::compile(&case.query, &untyped()).unwrap().query;
        for filter in query.filters() {
            let printed = format!("any where {}", filter.condition);
            let again = eql::compile(&printed, &untyped()).expect(&printed).query;
            assert_eq!(again.filters()[0].condition, filter.condition, "{printed}");
        }
    }
}

#[test]
fn every_case_gives_the_expected_answer() {
    let all = all();
    let mut wrong = Vec::new();
    for (case, dataset) in all.iter().flat_map(|set| set.of_type(false)) {
        let schemas: [&dyn Schema; 2] = [&oracle::schema(&dataset.events), &untyped()];
        for schema in schemas {
            if let Err(problem) = check(case, dataset, schema) {
                wrong.push(format!("{}: {}\n{problem}", case.id, case.query));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn check(case: &Case, dataset: &Dataset, schema: &dyn Schema) -> Result<(), String> {
    let compiled = eql::compile(&case.query, schema).map_err(|error| error.to_string())?;
    let query = compiled.query;
    let events = &dataset.events;
    let id = |event: Option<&Event>| event.map_or(Json::Null, |event| id(event, dataset));
    let answer = match &query.kind {
        QueryKind::Event(_) => oracle::run(&query, events)
            .into_iter()
            .flatten()
            .map(id)
            .collect(),
        QueryKind::Sequence(_) | QueryKind::Sample(_) => {
            let found = oracle::run(&query, events).into_iter();
            found
                .map(|events| events.into_iter().map(id).collect())
                .collect()
        }
    };
    compare(case, answer)
}

fn compare(case: &Case, answer: Vec<Json>) -> Result<(), String> {
    let expected = case.expected.clone().into_iter();
    let accepted: Vec<_> = expected
        .chain(case.expected_any.clone().unwrap_or_default())
        .collect();
    let answer = in_order(Json::from(answer), case.unordered);
    let right = accepted
        .iter()
        .any(|expected| in_order(expected.clone(), case.unordered) == answer);
    if right {
        Ok(())
    } else {
        Err(format!("{answer} instead of {}", json!(accepted)))
    }
}

/// Sorted where the order does not count.
fn in_order(answer: Json, unordered: bool) -> Json {
    match answer {
        Json::Array(mut matches) if unordered => {
            matches.sort_by_key(Json::to_string);
            Json::Array(matches)
        }
        other => other,
    }
}

fn id(event: &Event, dataset: &Dataset) -> Json {
    match event.get(&dataset.id_field) {
        [Value::Int(id)] => json!(id),
        other => panic!("no id but {other:?}"),
    }
}
