//! What an export is of, what it lost, and what it wrote: `FILE.manifest.json`. No clock is in it.

use std::io::Write;

use serde_json::json;

use super::filter::Removed;
use super::output::{Files, Listed};
use super::plan::Plan;
use super::tally::Tally;
use crate::export::{json_document, sorted};
use crate::store::Store;

/// Version of the manifest's shape.
const SCHEMA: u32 = 1;

/// Writes the manifest; all other files are complete.
pub(super) fn write(
    plan: &Plan,
    store: &Store,
    files: &Files<'_>,
    removed: &Removed,
    tally: &Tally,
) -> anyhow::Result<()> {
    let period = plan.reading.period;
    let left: u64 = tally.left_out.values().sum();
    let kept = removed.all - removed.period - removed.hosts - removed.users - removed.query;
    let manifest = json!({
        "schema": SCHEMA,
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "profile": plan.profile_name(),
        "case_manifest_sha256": store.manifest_sha256,
        "filters": {
            "from": period.from.map(|time| time.to_string()),
            "to": period.to.map(|time| time.to_string()),
            "host": plan.hosts,
            "user": plan.users,
            "eql": plan.eql,
        },
        "timezone": plan.timezone.map(chrono_tz::Tz::name),
        "raw": plan.raw,
        "tags": plan.tags.as_ref().map(|tags| json!({
            "sha256": tags.sha256,
            "events": tags.len(),
            "unknown": tally.unknown_tags,
        })),
        (plan.unit().to_owned() + "s"): removed.all,
        "removed": {
            "period": removed.period,
            "host": removed.hosts,
            "user": removed.users,
            "eql": removed.query,
        },
        "told": kept - left,
        "rows": rows(&files.listed()),
        "left_out": tally.left_out,
        "lost": tally.lost,
        "neutralised_cells": tally.neutralised,
        "outputs": files.listed().iter().map(output).collect::<Vec<_>>(),
    });
    let mut file = files.file(files.manifest_name())?;
    file.write_all(json_document(&sorted(manifest))?.as_bytes())?;
    file.finish()
}

/// Rows that tell events.
fn rows(files: &[Listed]) -> u64 {
    let of_events = files
        .iter()
        .filter(|file| !file.path.ends_with("-index.csv"));
    of_events.filter_map(|file| file.rows).sum()
}

fn output(file: &Listed) -> serde_json::Value {
    json!({
        "path": file.path,
        "size": file.size,
        "sha256": file.sha256,
        "rows": file.rows,
    })
}
