//! Suites of data: queries with what they must say, print as, become, and find.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use eql::plan::{Filter, QueryKind};
use eql::{Diagnostic, FieldType};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::oracle::{self, Event, Fields};

#[derive(Deserialize)]
struct Suite<T> {
    case: Vec<T>,
}

fn suite<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let suite: Suite<T> = toml::from_str(text).unwrap();
    suite.case
}

fn schema() -> BTreeMap<String, FieldType> {
    let fields = [
        ("name", FieldType::Keyword),
        ("parent", FieldType::Keyword),
        ("args", FieldType::Keyword),
        ("host.id", FieldType::Keyword),
        ("pid", FieldType::Integer),
        ("ratio", FieldType::Double),
        ("trusted", FieldType::Boolean),
        ("source.ip", FieldType::Ip),
        ("destination.ip", FieldType::Ip),
        ("@timestamp", FieldType::Date),
        ("version", FieldType::Version),
    ];
    fields.map(|(name, kind)| (name.to_owned(), kind)).into()
}

#[derive(Deserialize)]
struct Remark {
    query: String,
    at: Option<String>,
    message: Option<String>,
    help: Option<String>,
    #[serde(default)]
    more: Vec<String>,
}

impl Remark {
    /// The remarks must be exactly those, in that order.
    fn check(&self, remarks: &[&Diagnostic]) {
        let said: Vec<_> = remarks.iter().map(|remark| self.said(remark)).collect();
        let first = self.at.iter().zip(&self.message);
        let first = first.map(|(at, message)| format!("{at} {message}"));
        let expected: Vec<_> = first.chain(self.more.iter().cloned()).collect();
        assert_eq!(said.len(), expected.len(), "{}: {said:#?}", self.query);
        for (said, expected) in said.iter().zip(&expected) {
            let (at, message) = expected.split_once(' ').unwrap();
            let right = said.starts_with(&format!("{at} ")) && said.contains(message);
            assert!(right, "{}\n{said}\n{expected}", self.query);
        }
        if let Some(help) = &self.help {
            let given = remarks[0].help.clone().unwrap_or_default();
            assert!(given.contains(help), "{}: {given}", self.query);
        }
    }

    fn said(&self, remark: &Diagnostic) -> String {
        format!("{} {}", remark.position(&self.query), remark.message)
    }
}

#[test]
fn errors_say_where_and_why() {
    for case in suite::<Remark>(include_str!("../suites/errors.toml")) {
        let rejected = eql::compile(&case.query, &schema()).expect_err(&case.query);
        case.check(&rejected.errors().collect::<Vec<_>>());
    }
}

#[test]
fn warnings_say_where_and_why() {
    for case in suite::<Remark>(include_str!("../suites/warnings.toml")) {
        let compiled = eql::compile(&case.query, &schema()).expect(&case.query);
        case.check(&compiled.warnings.iter().collect::<Vec<_>>());
    }
}

#[derive(Deserialize)]
struct Printed {
    query: String,
    prints: String,
}

#[test]
fn statements_print_in_one_way() {
    for case in suite::<Printed>(include_str!("../suites/print.toml")) {
        let statement = eql::parse(&case.query).expect(&case.query);
        assert_eq!(statement.to_string(), case.prints);
        assert_eq!(eql::parse(&case.prints).unwrap(), statement);
    }
}

fn condition(condition: &str) -> Filter {
    let query = format!("any where {condition}");
    let compiled =
        eql::compile(&query, &schema()).unwrap_or_else(|error| panic!("{query}: {error}"));
    match compiled.query.kind {
        QueryKind::Event(filter) => filter,
        other => panic!("{other:?}"),
    }
}

#[derive(Deserialize)]
struct Planned {
    condition: String,
    plan: String,
}

#[test]
fn conditions_become_plans() {
    for case in suite::<Planned>(include_str!("../suites/plan.toml")) {
        let planned = condition(&case.condition).condition.to_string();
        assert_eq!(planned, case.plan, "{}", case.condition);
    }
}

#[derive(Deserialize)]
struct Holding {
    about: String,
    #[serde(default)]
    fields: toml::Table,
    holds: Vec<String>,
    fails: Vec<String>,
}

#[test]
fn conditions_hold_or_fail() {
    for case in suite::<Holding>(include_str!("../suites/conditions.toml")) {
        let event = event_of(&case.fields);
        for text in &case.holds {
            assert!(holds(text, &event), "{}: {text} must hold", case.about);
        }
        for text in &case.fails {
            assert!(!holds(text, &event), "{}: {text} must fail", case.about);
        }
    }
}

fn event_of(fields: &toml::Table) -> Vec<Event> {
    let mut json = serde_json::to_value(fields).unwrap();
    json["time"] = "2024-01-01".into();
    oracle::load(&json.to_string(), &places("time"))
}

fn places(timestamp: &str) -> Fields {
    Fields::new("category", timestamp)
}

fn holds(text: &str, event: &[Event]) -> bool {
    let query = eql::plan::Query {
        kind: QueryKind::Event(condition(text)),
        pipes: Vec::new(),
    };
    !oracle::run(&query, event).is_empty()
}

#[derive(Deserialize)]
struct Timeline {
    about: String,
    query: String,
    events: String,
    finds: String,
}

#[test]
fn sequences_find_what_they_must() {
    for case in suite::<Timeline>(include_str!("../suites/sequences.toml")) {
        let lines: Vec<_> = case.events.split_whitespace().map(line).collect();
        let events = oracle::load(&lines.join("\n"), &places("time"));
        let compiled = eql::compile(&case.query, &oracle::schema(&events)).expect(&case.query);
        let found = oracle::run(&compiled.query, &events);
        let found: Vec<_> = found.iter().map(shown).collect();
        assert_eq!(found.join(" "), case.finds, "{}", case.about);
    }
}

/// `A1(k=r)` as a line of ndjson: category A, second and id 1, k is r.
fn line(event: &str) -> String {
    let (head, keys) = event.split_once('(').unwrap_or((event, ")"));
    let (category, second) = head.split_at(1);
    let mut line = format!(
        r#"{{"category":"{category}","id":{second},"time":"{}""#,
        second.parse::<u32>().unwrap() * 1000
    );
    for (name, values) in grouped(keys.trim_end_matches(')')) {
        write!(line, r#","{name}":{values:?}"#).unwrap();
    }
    line + "}"
}

fn grouped(keys: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut grouped: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (name, value) in keys.split(',').filter_map(|key| key.split_once('=')) {
        grouped.entry(name).or_default().push(value);
    }
    grouped
}

fn shown(events: &oracle::Found<'_>) -> String {
    let ids = events.iter().map(|event| match event {
        Some(event) => event.get("id")[0].render().unwrap().into_owned(),
        None => "_".to_owned(),
    });
    ids.collect::<Vec<_>>().join(",")
}
