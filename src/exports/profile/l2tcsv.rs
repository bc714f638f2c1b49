//! `l2tcsv`: the 17 columns of log2timeline, as plaso writes them: to the second, without quotes.

use timeline::fields as f;
use timeline::sort::Sorted;

use super::legacy::{UNDATED, macb, neutral, seconds, source, value};
use super::{Tools, View};
use crate::export::LOCAL;
use crate::exports::event::Told;
use crate::exports::output::Files;
use crate::exports::table::Plain;
use crate::exports::tally::Tally;
use crate::report::begun;

const HEADER: &str = "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,\
    notes,format,extra\n";
/// Characters of the short message, as plaso has it.
const SHORT: usize = 80;

pub(super) struct L2tCsv {
    pub(super) raw: bool,
}

impl View for L2tCsv {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let Some(time) = event.time() else {
            return tally.leave_out(UNDATED);
        };
        seconds(time, tally);
        let columns = event.columns();
        let get = |name| columns.get(name);
        let (source, source_type) = source(event.context.kind);
        let text = time.to_string();
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        let message = get("message");
        let cells = [
            format!("{}/{}/{}", part(5..7), part(8..10), part(0..4)),
            part(11..19).to_owned(),
            "UTC".to_owned(),
            macb(event),
            source.to_owned(),
            source_type.to_owned(),
            get("timestamp_desc").to_owned(),
            or_dash(get("user")),
            or_dash(get("host")),
            begun(message, SHORT, "...").into_owned(),
            message.to_owned(),
            "2".to_owned(),
            get("evidence_file").to_owned(),
            or_dash(event.text(f::FILE_INODE)),
            notes(event),
            format!("sidetrack/{}", event.context.kind),
            self.extra(event, &columns),
        ];
        let cells = cells.map(|cell| plain(&cell, tally));
        put(&event.key(), format!("{}\n", cells.join(",")).as_bytes());
    }

    fn write(
        &self,
        _: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        _: &mut Tally,
    ) -> anyhow::Result<()> {
        Plain::alone(HEADER).write(rows, files)
    }
}

impl L2tCsv {
    /// What has no column of its own, `name: value`.
    fn extra(&self, event: &Told<'_>, columns: &crate::exports::event::Columns) -> String {
        const COLUMNS: [&str; 21] = [
            "datetime",
            LOCAL,
            "host_raw",
            "channel_or_key",
            "event_id",
            "record_id",
            "user_sid",
            "logon_id",
            "logon_type",
            "src_host",
            "src_ip",
            "src_port",
            "dst_host",
            "process",
            "command",
            "object",
            "hashes",
            "evidence_sha256",
            "recovered",
            "dup_count",
            "event_uid",
        ];
        let columns = COLUMNS.into_iter().map(|name| (name, columns.get(name)));
        let raw = if self.raw { event.raw() } else { String::new() };
        let all = columns.chain([("raw", raw.as_str())]);
        let all = all.filter(|(_, text)| !text.is_empty());
        all.map(|(name, text)| format!("{name}: {text}"))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// Tags, severity, techniques, findings, remarks.
fn notes(event: &Told<'_>) -> String {
    let mark = event.mark;
    let severity = if mark.findings().is_empty() {
        ""
    } else {
        mark.severity()
    };
    let all = [
        event.tags().join(" "),
        severity.to_owned(),
        mark.attack().join(" "),
        mark.findings().join(" "),
        event.comment(),
    ];
    let all: Vec<String> = all.into_iter().filter(|text| !text.is_empty()).collect();
    or_dash(&all.join("; "))
}

/// What plaso writes where there is nothing.
fn or_dash(text: &str) -> String {
    if text.is_empty() { "-" } else { text }.to_owned()
}

/// A value without what separates values, as plaso does it. One that begins with a quote would swallow others.
fn plain(text: &str, tally: &mut Tally) -> String {
    let mut text = value(text, ',', " ", tally);
    if text.starts_with('"') {
        text.replace_range(..1, "'");
        tally.lose("values that begin with a quote, which was replaced", 1);
    }
    // What stands where there is nothing.
    if text == "-" {
        return text;
    }
    neutral(text, tally)
}
