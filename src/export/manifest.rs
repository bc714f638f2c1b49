//! `manifest.json`: what was read, with what, and what came out (CASE.md).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::CaseFolder;
use super::folder::Output;
use super::json::sorted;
use super::timeline::Rows;
use crate::case::{CaseResult, HashedArchive, Input};
use crate::plan::Plan;

/// Version of the case folder's shape.
const SCHEMA: u32 = 1;

pub(super) fn write(
    folder: &CaseFolder,
    plan: &Plan,
    case: &CaseResult,
    rows: Rows,
    started: DateTime<Utc>,
) -> anyhow::Result<()> {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    folder.write_manifest(&Manifest {
        archives: Each(&case.archives, archive),
        case_id: &plan.case_id,
        command: &plan.command,
        counts: sorted(counts(folder, plan, case, rows)),
        examiner: &plan.examiner,
        finished: time(Utc::now()),
        inputs: Each(&case.inputs, input),
        outputs: Each(&folder.outputs(), output),
        rules_sha256: plan.question.rules.sha256(),
        schema: SCHEMA,
        started: time(started),
        tool: sorted(json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
        })),
    })
}

/// The manifest, its keys in their order.
#[derive(Serialize)]
struct Manifest<'a> {
    archives: Each<'a, HashedArchive>,
    case_id: &'a str,
    command: &'a [String],
    counts: Json,
    examiner: &'a str,
    finished: String,
    inputs: Each<'a, Input>,
    outputs: Each<'a, Output>,
    rules_sha256: String,
    schema: u32,
    started: String,
    tool: Json,
}

/// Items that become JSON one at a time: there may be hundreds of thousands.
struct Each<'a, T>(&'a [T], fn(&T) -> Json);

impl<T> Serialize for Each<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|item| sorted((self.1)(item))))
    }
}

fn output(output: &Output) -> Json {
    json!({
        "path": output.path,
        "size": output.size,
        "sha256": output.sha256,
        "rows": output.rows,
    })
}

fn input(input: &Input) -> Json {
    let mut json = json!({
        "path": input.path,
        "kind": input.kind,
        "size": input.size,
        "sha256": input.sha256,
        "host": input.hosts.join(";"),
        "records": input.records,
        "events": input.events,
        "by_fallback": input.by_fallback,
        "recovered": input.recovered,
        "duplicates": input.duplicates,
        "status": input.status.as_str(),
    });
    if let Some(modified) = input.modified {
        json["modified"] = modified.to_string().into();
    }
    json
}

fn archive(archive: &HashedArchive) -> Json {
    json!({
        "path": archive.path,
        "kind": archive.kind,
        "size": archive.size,
        "sha256": archive.sha256,
    })
}

fn counts(folder: &CaseFolder, plan: &Plan, case: &CaseResult, rows: Rows) -> Json {
    let counts = case.counts;
    json!({
        "hosts": case.host_count(),
        "evidence_files": case.inputs.len(),
        "unknown_files": counts.unknown_files,
        "recognised_files": case.unread,
        "records": counts.records,
        "recovered": counts.recovered,
        "by_fallback": counts.by_fallback,
        "events": counts.events,
        "duplicates": counts.duplicates,
        "outside_period": counts.filtered,
        "assembled": counts.assembled,
        "timeline_rows": rows.timeline,
        "file_events_not_in_timeline": counts.untold,
        "undated_rows": rows.undated,
        "undated_events": counts.undated,
        "rules": plan.question.rules.rules.len(),
        "findings": case.findings.len(),
        "movements": case.movements.len(),
        "losses": counts.losses,
        "notes": counts.notes,
        "neutralised_cells": folder.neutralised(),
    })
}
