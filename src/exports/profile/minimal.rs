//! `minimal`: when, what, where, who, from where, did what, so what, and the event's identity (TIMELINE.md §2.5).

use serde_json::Value as Json;
use timeline::sort::Sorted;

use super::{Tools, View};
use crate::export::json_text;
use crate::exports::event::{Beside, RAW, Told, object};
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
    pub(super) beside: Beside,
}

impl View for Minimal {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let columns = event.columns();
        let names = COLUMNS.into_iter().chain(self.beside.local());
        let cells = names.map(|name| (name, columns.get(name)));
        let raw = self.beside.raw.then(|| event.raw());
        let raw = raw.as_deref().map(|raw| (RAW, raw));
        let cells = cells.chain(raw);
        let row = if self.form == Form::Jsonl {
            (json_text(Json::Object(object(cells))) + LF).into_bytes()
        } else {
            line(cells.map(|(_, cell)| cell), LF, tally)
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
        let names = COLUMNS.into_iter().chain(self.beside.names());
        let head = line(names, LF, tally);
        Plain::in_form(self.form, head).write(rows, files)
    }
}
