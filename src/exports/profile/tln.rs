//! `tln`: time, source, host, user and description, separated by `|`, to the second.

use timeline::sort::Sorted;

use super::legacy::{UNDATED, seconds, source, value};
use super::{Tools, View};
use crate::exports::event::Told;
use crate::exports::output::Files;
use crate::exports::table::Plain;
use crate::exports::tally::Tally;

pub(super) struct Tln;

impl View for Tln {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let Some(time) = event.time() else {
            return tally.leave_out(UNDATED);
        };
        let columns = event.columns();
        let tags = event.tags().join(" ");
        let tags = if tags.is_empty() {
            tags
        } else {
            format!("; {tags}")
        };
        let description = format!(
            "{}; {}{tags}; event_uid {}",
            columns.get("timestamp_desc"),
            columns.get("message"),
            columns.get("event_uid")
        );
        let cells = [
            &seconds(time, tally).to_string(),
            source(event.context.kind).0,
            columns.get("host"),
            columns.get("user"),
            &description,
        ];
        let cells = cells.map(|cell| value(cell, '|', "\\x7c", tally));
        put(&event.key(), format!("{}\n", cells.join("|")).as_bytes());
    }

    fn write(
        &self,
        _: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        if rows.left() > 0 {
            tally.lose(
                "columns other than host, user and message, in every row",
                rows.left(),
            );
        }
        Plain::alone([]).write(rows, files)
    }
}
