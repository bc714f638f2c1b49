//! `findings.csv` and `findings.jsonl`: every rule that matched, with its events (CASE.md).

use detectors::Finding;
use serde_json::{Map, Value as Json, json};
use timeline::json::to_json;

use super::CaseFolder;
use super::csv::Row;
use super::json::json_text;
use super::movements::{finding_id, movement_id};
use crate::case::CaseResult;
use crate::plan::Plan;

const COLUMNS: [&str; 14] = [
    "id",
    "rule_id",
    "rule",
    "severity",
    "attack",
    "basis",
    "order",
    "slack_ms",
    "host",
    "start_utc",
    "end_utc",
    "keys",
    "event_uids",
    "movement_id",
];

pub(super) fn write(folder: &CaseFolder, plan: &Plan, case: &CaseResult) -> anyhow::Result<()> {
    let movements = movement_of_findings(case);
    let mut csv = folder.file("findings.csv")?;
    let mut jsonl = folder.file("findings.jsonl")?;
    csv.header(COLUMNS)?;
    jsonl.has_rows();
    let mut row = Row::new();
    for (place, finding) in case.findings.iter().enumerate() {
        let cells = cells(plan, case, place, finding, &movements[place]);
        csv.csv_row(row.cells(&cells))?;
        let mut line = json_text(object(case, finding, &cells));
        line.push('\n');
        jsonl.row(line.as_bytes())?;
    }
    csv.finish()?;
    jsonl.finish()
}

/// The id of each finding's movement, if it is one.
fn movement_of_findings(case: &CaseResult) -> Vec<String> {
    let mut ids = vec![String::new(); case.findings.len()];
    for (place, movement) in case.movements.iter().enumerate() {
        for &finding in &movement.findings {
            ids[finding] = movement_id(place);
        }
    }
    ids
}

fn cells(
    plan: &Plan,
    case: &CaseResult,
    place: usize,
    finding: &Finding,
    movement: &str,
) -> [String; 14] {
    let rule = &plan.question.rules.rules[finding.rule];
    let span = finding.span(&case.events);
    let uids = finding
        .rows()
        .map(|row| case.events.rows[row as usize].uid.to_string());
    [
        finding_id(place),
        rule.id.clone(),
        rule.name.clone(),
        rule.severity.as_str().into(),
        rule.attack.join(";"),
        rule.sidetrack
            .as_ref()
            .map_or("", |table| table.basis.as_str())
            .into(),
        if finding.slack.is_some() {
            "slack"
        } else {
            "exact"
        }
        .into(),
        finding.slack_ms().to_string(),
        finding.host(&case.events).into(),
        span.map(|(start, _)| start.to_string()).unwrap_or_default(),
        span.map(|(_, end)| end.to_string()).unwrap_or_default(),
        finding.keys.join("; "),
        uids.collect::<Vec<_>>().join(";"),
        movement.into(),
    ]
}

/// The columns, and the events with all their fields, their identity and their provenances. A
/// missing-event stage is null.
fn object(case: &CaseResult, finding: &Finding, cells: &[String]) -> Json {
    let mut object: Map<String, Json> = COLUMNS
        .iter()
        .zip(cells)
        .map(|(name, cell)| ((*name).to_owned(), json!(cell)))
        .collect();
    object.insert("slack_ms".into(), json!(finding.slack_ms()));
    object.insert("keys".into(), json!(finding.keys));
    let events = finding
        .events
        .iter()
        .map(|row| row.map_or(Json::Null, |row| event(case, row)));
    object.insert("events".into(), events.collect());
    Json::Object(object)
}

fn event(case: &CaseResult, row: u32) -> Json {
    let provenances = case.events.provenances(row).map(|place| {
        let file = case.evidence.get(place.evidence.0 as usize);
        json!({
            "evidence_file": file.map(|file| &file.path),
            "evidence_sha256": file.map(|file| &file.sha256),
            "record": place.record,
            "offset": place.offset,
            "recovered": place.state.as_str(),
        })
    });
    json!({
        "uid": case.events.rows[row as usize].uid.to_string(),
        "provenance": provenances.collect::<Vec<_>>(),
        "event": to_json(&case.events, row),
    })
}
