//! `timesketch`: what its importer takes, as JSON lines or CSV.
//!
//! `message`, `datetime`, `timestamp` and `timestamp_desc` are its own; `datetime` has microseconds and an offset, and
//! `timestamp` is the same moment, cut: the importer refuses two times that differ. The exact time is in
//! `datetime_exact`. `data_type` is plaso's name of such an event, so that analyzers that look for one find it.

use serde_json::Value as Json;
use timeline::sort::Sorted;
use timeline::{Ticks, fields as f};

use super::{Tools, View};
use crate::export::json_text;
use crate::exports::event::{Beside, Columns, RAW, Told, column_names, object};
use crate::exports::output::Files;
use crate::exports::plan::Form;
use crate::exports::table::{LF, Plain, line};
use crate::exports::tally::Tally;

/// Bytes of the longest text that OpenSearch keeps as a keyword.
const LONGEST_KEYWORD: usize = 32_766;
/// The columns that are Timesketch's own, first in its CSV.
const OWN: [&str; 6] = [
    "message",
    "timestamp",
    "datetime",
    "timestamp_desc",
    "data_type",
    "tag",
];
/// The exact time.
const EXACT: &str = "datetime_exact";

pub(super) struct Timesketch {
    pub(super) form: Form,
    pub(super) beside: Beside,
}

impl View for Timesketch {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let columns = event.columns();
        let raw = self.beside.raw.then(|| event.raw());
        let texts = columns.iter().map(|(_, cell)| cell).chain(raw.as_deref());
        let long = texts.filter(|text| text.len() > LONGEST_KEYWORD).count();
        tally.lose(
            "texts over 32,766 bytes: found by their words, not as a whole",
            long as u64,
        );
        let row = if self.form == Form::Jsonl {
            self.json(event, &columns, raw)
        } else {
            self.cells(event, &columns, raw, tally)
        };
        put(&event.key(), &row);
    }

    fn write(
        &self,
        _: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let head = if self.form == Form::Jsonl {
            Vec::new()
        } else {
            let names = OWN.into_iter().chain(others());
            let names = names.chain([EXACT, "comment"]);
            line(names.chain(self.beside.names()), LF, tally)
        };
        Plain {
            undated: Some(head.clone()),
            head,
        }
        .write(rows, files)
    }
}

impl Timesketch {
    fn json(&self, event: &Told<'_>, columns: &Columns, raw: Option<String>) -> Vec<u8> {
        let names = others().chain(self.beside.local());
        let mut object = object(names.map(|name| (name, columns.get(name))));
        let mut put = |name: &str, value: Json| object.insert(name.to_owned(), value);
        put("message", columns.get("message").into());
        put("timestamp_desc", columns.get("timestamp_desc").into());
        put("data_type", data_type(event).into());
        put("tag", event.tags().into());
        if let Some(time) = event.time() {
            put("datetime", datetime(time).into());
            put("timestamp", microseconds(time).into());
            put(EXACT, time.to_string().into());
        }
        for (name, text) in [("comment", event.comment()), (RAW, raw.unwrap_or_default())] {
            if !text.is_empty() {
                put(name, text.into());
            }
        }
        (json_text(Json::Object(object)) + LF).into_bytes()
    }

    fn cells(
        &self,
        event: &Told<'_>,
        columns: &Columns,
        raw: Option<String>,
        tally: &mut Tally,
    ) -> Vec<u8> {
        let time = event.time();
        let text = |of: fn(Ticks) -> String| time.map(of).unwrap_or_default();
        let own = [
            columns.get("message").to_owned(),
            text(|time| microseconds(time).to_string()),
            text(datetime),
            columns.get("timestamp_desc").to_owned(),
            data_type(event).to_owned(),
            // The importer reads a list in brackets as JSON.
            Json::from(event.tags()).to_string(),
        ];
        let others = others().map(|name| columns.get(name).to_owned());
        let end = [text(|time| time.to_string()), event.comment()];
        let local = self.beside.local().map(|name| columns.get(name).to_owned());
        let beside = local.into_iter().chain(raw);
        let cells = own.into_iter().chain(others).chain(end).chain(beside);
        line(cells, LF, tally)
    }
}

/// Our columns that Timesketch has no meaning of its own for.
fn others() -> impl Iterator<Item = &'static str> {
    column_names().filter(|name| !OWN.contains(name))
}

/// Microseconds since 1970, cut towards the past.
fn microseconds(time: Ticks) -> i64 {
    let (seconds, ticks) = time.to_unix();
    seconds.saturating_mul(1_000_000).saturating_add(ticks / 10)
}

/// `2026-03-02T21:14:02.771000+00:00`.
fn datetime(time: Ticks) -> String {
    let text = time.to_string();
    // Seven digits and `Z`: the last digit goes, as it does in the microseconds.
    match text.len().checked_sub(2) {
        Some(end) if text.ends_with('Z') => format!("{}+00:00", &text[..end]),
        _ => text,
    }
}

/// What plaso calls such an event; a name of ours where it has none.
pub(super) fn data_type(event: &Told<'_>) -> &'static str {
    match event.context.kind {
        "evtx" | "evtx-xml" | "evtx-ndjson" => "windows:evtx:record",
        "registry" => registry(event.text(f::EVENT_ACTION)),
        "mft" => "fs:stat:ntfs",
        "usn" => "fs:ntfs:usn_change",
        "task" => "sidetrack:task:file",
        _ => "sidetrack:event",
    }
}

/// plaso's names for what its plugins read in hives, by our actions; a value that needs no decoding is a value.
fn registry(action: &str) -> &'static str {
    match action {
        "scheduled-task-created"
        | "scheduled-task-action-started"
        | "scheduled-task-completed"
        | "scheduled-task-hidden"
        | "scheduled-task-defined" => "windows:registry:task_scheduler:task_cache:entry",
        "service-installed" => "windows:registry:service",
        "run-dialog-command" => "windows:registry:mrulist",
        "recent-document" => "windows:registry:mrulistex",
        "rdp-client-target" => "windows:registry:mstsc:connection",
        "network-share-mounted" => "windows:registry:mount_points2",
        "network-folder-opened" => "windows:registry:bagmru",
        "userassist-execution" => "windows:registry:userassist",
        "bam-execution" => "windows:registry:bam",
        "shimcache-entry" => "windows:registry:appcompatcache",
        "amcache-entry" => "windows:registry:amcache",
        "local-account-last-logon"
        | "local-account-password-set"
        | "local-account-bad-password" => "windows:registry:sam_users",
        "shutdown" => "windows:registry:shutdown",
        _ => "windows:registry:key_value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_times_are_one_moment() {
        for (text, micro, expected) in [
            (
                "2026-03-02T21:14:02.7719999Z",
                1_772_486_042_771_999,
                "2026-03-02T21:14:02.771999+00:00",
            ),
            (
                "1969-12-31T23:59:59.9999999Z",
                -1,
                "1969-12-31T23:59:59.999999+00:00",
            ),
            (
                "2026-03-02",
                1_772_409_600_000_000,
                "2026-03-02T00:00:00.000000+00:00",
            ),
        ] {
            let time = Ticks::parse(text).unwrap();
            assert_eq!(microseconds(time), micro, "{text}");
            assert_eq!(datetime(time), expected);
        }
    }
}
