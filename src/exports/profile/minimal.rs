//! `minimal`: when, what, where, who, from where, did what, so what, and the event's identity (TIMELINE.md §2.5).

use serde_json::Value as Json;
use timeline::sort::Sorted;

use super::{RAW, Tools, View};
use crate::export::json_text;
use crate::exports::event::{Told, object};
use crate::exports::output::Files;
use crate::exports::plan::Form;
use crate::exports::table::{LF, Plain, line};
use crate::exports::tally::Tally;

/// Columns of timeline.csv: 1 to 6, 10, 15, 19, 25, 31.
const COLUMNS: [&str; 11] = [
    "datetime",
    "timestamp_desc",
    "message",
    "host",
    "host_raw",
    "source_type",
    "user",
    "src_ip",
    "command",
    "finding_ids",
    "event_uid",
];

pub(super) struct Minimal {
    pub(super) form: Form,
    pub(super) raw: bool,
}

impl View for Minimal {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let columns = event.columns();
        let cells = COLUMNS.map(|name| columns.get(name));
        let raw = self.raw.then(|| event.raw());
        let row = if self.form == Form::Jsonl {
            let raw = raw.as_deref().map(|raw| (RAW, raw));
            let cells = COLUMNS.into_iter().zip(cells).chain(raw);
            (json_text(Json::Object(object(cells))) + LF).into_bytes()
        } else {
            line(cells.into_iter().chain(raw.as_deref()), LF, tally)
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
        let head = line(
            COLUMNS.into_iter().chain(self.raw.then_some(RAW)),
            LF,
            tally,
        );
        Plain::in_form(self.form, head).write(rows, files)
    }
}
