//! `default`: timeline.csv or timeline.jsonl, of all events that the case has (TIMELINE.md §2.2).
//!
//! Events without a believable time stand in `x-undated.csv`, as they stand in undated.csv; in JSON lines they
//! come last, as in timeline.jsonl.

use std::fmt::Write;

use serde_json::Value as Json;
use timeline::sort::Sorted;

use super::{Tools, View};
use crate::export::{MARKS, json_text, marked_json};
use crate::exports::event::{Beside, Columns, RAW, Told, column_names, object};
use crate::exports::output::Files;
use crate::exports::plan::Form;
use crate::exports::table::{LF, Plain, line};
use crate::exports::tally::Tally;

pub(super) struct Default {
    pub(super) form: Form,
    pub(super) beside: Beside,
}

impl View for Default {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let columns = event.columns();
        let row = if self.form == Form::Jsonl {
            self.object(event, &columns)
        } else {
            let raw = self.beside.raw.then(|| event.raw());
            let cells = columns.iter().map(|(_, cell)| cell).chain(raw.as_deref());
            line(cells, LF, tally)
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
        let head = header(self.beside, LF, tally);
        Plain::in_form(self.form, head).write(rows, files)
    }
}

/// The heading of the columns.
pub(super) fn header(beside: Beside, end: &str, tally: &mut Tally) -> Vec<u8> {
    line(column_names().chain(beside.names()), end, tally)
}

impl Default {
    /// Columns without a value are left out. Those that findings fill come last, as in timeline.jsonl.
    fn object(&self, event: &Told<'_>, columns: &Columns) -> Vec<u8> {
        let of_findings = |name: &str| MARKS.contains(&name);
        let cells = columns.iter().filter(|(name, _)| !of_findings(name));
        let object = object(cells);
        let mut line = marked_json(&json_text(Json::Object(object)), &event.marks());
        let raw = if self.beside.raw {
            event.raw()
        } else {
            String::new()
        };
        for (name, text) in [("comment", event.comment()), (RAW, raw)] {
            add_text(&mut line, name, &text);
        }
        line.push('\n');
        line.into_bytes()
    }
}

/// Adds a text to the end of an object, unless it is empty.
fn add_text(object: &mut String, name: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    object.truncate(object.trim_end_matches('}').len());
    let text = json_text(Json::from(text));
    let _ = write!(object, ",\"{name}\":{text}}}");
}
