//! `manifest.json`: what was read, with what, and what came out (CASE.md).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value as Json, json};

use super::CaseFolder;
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
    let outputs: Vec<Json> = folder
        .outputs()
        .into_iter()
        .map(|output| {
            json!({"path": output.path, "size": output.size, "sha256": output.sha256,
                   "rows": output.rows})
        })
        .collect();
    let manifest = json!({
        "schema": SCHEMA,
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "command": plan.command,
        "rules_sha256": plan.question.rules.sha256(),
        "case_id": plan.case_id,
        "examiner": plan.examiner,
        "started": time(started),
        "finished": time(Utc::now()),
        "inputs": case.inputs.iter().map(input).collect::<Vec<_>>(),
        "archives": case.archives.iter().map(archive).collect::<Vec<_>>(),
        "outputs": outputs,
        "counts": counts(folder, plan, case, rows),
    });
    let mut text = serde_json::to_string_pretty(&sorted(manifest))?;
    text.push('\n');
    folder.write_manifest(&text)
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
