//! `tle`: for Timeline Explorer, with the heading of forensic-timeliner, for which it has typed columns, and a session file
//! that has the events of findings tagged.
//!
//! It takes a file for one of a kind by its heading alone, so not one column may differ. Times have no zone: with one it
//! turns them into local time. Undated events have no place in a typed column, and stand in a file of our own columns.
//!
//! The form of the session file is what forensic-timeliner writes: for each file the numbers of its tagged rows, the first
//! being 1. Timeline Explorer's own documentation does not describe it.

use std::io::Write;

use serde_json::{Map, Value as Json, json};
use timeline::fields as f;
use timeline::sort::Sorted;
use timeline::{Ticks, key};

use super::default::header;
use super::{Tools, View};
use crate::export::{LOCAL, json_text};
use crate::exports::event::{Beside, Columns, RAW, Told};
use crate::exports::output::{Files, OutFile};
use crate::exports::table::{CRLF, begin, line};
use crate::exports::tally::Tally;

const COLUMNS: [&str; 19] = [
    "DateTime",
    "TimestampInfo",
    "ArtifactName",
    "Tool",
    "Description",
    "DataDetails",
    "DataPath",
    "FileExtension",
    "EventId",
    "User",
    "Computer",
    "FileSize",
    "IPAddress",
    "SourceAddress",
    "DestinationAddress",
    "SHA1",
    "Count",
    "EvidencePath",
    "RawData",
];

pub(super) struct Tle {
    pub(super) beside: Beside,
}

impl View for Tle {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let columns = event.columns();
        let row = if let Some(time) = event.time() {
            line(self.cells(event, &columns, time), CRLF, tally)
        } else {
            let raw = self.beside.raw.then(|| event.raw());
            let cells = columns.iter().map(|(_, cell)| cell);
            line(cells.chain(raw.as_deref()), CRLF, tally)
        };
        let is_tagged = !event.tags().is_empty();
        let row = [&[u8::from(is_tagged)][..], &row].concat();
        put(&event.key(), &row);
    }

    fn write(
        &self,
        tools: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let head = line(COLUMNS, CRLF, tally);
        let mut main = begin(files, files.main_name(), &head)?;
        let head = header(self.beside, CRLF, tally);
        let mut undated = begin(files, files.part_name("undated"), &head)?;
        let mut session = Session::begin(files, &tools.plan.output.to_string_lossy())?;
        for row in rows {
            let row = row?;
            let Some((is_tagged, text)) = row.payload.split_first() else {
                continue;
            };
            if key::read_time(&row.key).is_none() {
                undated.row(text)?;
                continue;
            }
            main.row(text)?;
            if *is_tagged == 1 {
                session.tag(main.rows())?;
            }
        }
        main.finish()?;
        undated.finish()?;
        session.finish()
    }
}

impl Tle {
    fn cells(&self, event: &Told<'_>, columns: &Columns, time: Ticks) -> [String; 19] {
        let get = |name: &str| columns.get(name).to_owned();
        let first = |texts: [&str; 2]| {
            let found = texts.into_iter().find(|text| !text.is_empty());
            found.unwrap_or_default().to_owned()
        };
        let size = event.get(f::FILE_SIZE).map(|size| size.to_string());
        let sha1 = [f::FILE_HASH_SHA1, f::PROCESS_HASH_SHA1];
        let sha1 = sha1
            .into_iter()
            .map(|field| event.text(field))
            .find(|hash| !hash.is_empty());
        [
            local(time),
            get("timestamp_desc"),
            get("source_type"),
            "sidetrack".to_owned(),
            get("message"),
            first(["command", "process"].map(|name| columns.get(name))),
            first(["object", "channel_or_key"].map(|name| columns.get(name))),
            event.text(f::FILE_EXTENSION).to_owned(),
            get("event_id"),
            get("user"),
            get("host"),
            size.unwrap_or_default(),
            get("src_ip"),
            first(["src_host", "src_ip"].map(|name| columns.get(name))),
            first([columns.get("dst_host"), event.text(f::DESTINATION_IP)]),
            sha1.unwrap_or_default().to_owned(),
            get("dup_count"),
            format!(
                "{}#{}",
                columns.get("evidence_file"),
                columns.get("record_id")
            ),
            self.raw_data(event, columns),
        ]
    }

    /// What has no column of its own; with `--raw` the event, too.
    fn raw_data(&self, event: &Told<'_>, columns: &Columns) -> String {
        const NAMES: [&str; 12] = [
            "event_uid",
            LOCAL,
            "severity",
            "attack",
            "finding_ids",
            "user_sid",
            "logon_id",
            "logon_type",
            "src_port",
            "hashes",
            "evidence_sha256",
            "recovered",
        ];
        let cells = NAMES.into_iter().map(|name| (name, columns.get(name)));
        let mut object: Map<String, Json> = cells
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name.to_owned(), cell.into()))
            .collect();
        for (name, list) in [
            ("tag", json!(event.tags())),
            ("comment", json!(event.comment())),
        ] {
            if ![json!([]), json!("")].contains(&list) {
                object.insert(name.into(), list);
            }
        }
        if self.beside.raw {
            object.insert(RAW.into(), event.raw().into());
        }
        json_text(Json::Object(object))
    }
}

/// `2026-03-02 21:14:02.7710000`.
fn local(time: Ticks) -> String {
    let text = time.to_string();
    text.trim_end_matches('Z').replace('T', " ")
}

/// The session file, written row by row: `{"SessionFiles":{"x.csv":[1,5]}}`.
struct Session<'f> {
    file: OutFile<'f>,
    tagged: u64,
}

impl<'f> Session<'f> {
    fn begin(files: &'f Files<'f>, output: &str) -> anyhow::Result<Self> {
        let mut file = files.file(format!("{}.tle_sess", files.main_name()))?;
        write!(
            file,
            "{{\"SessionFiles\":{{{}:[",
            json_text(Json::from(output))
        )?;
        Ok(Self { file, tagged: 0 })
    }

    fn tag(&mut self, row: u64) -> anyhow::Result<()> {
        let separator = if self.tagged == 0 { "" } else { "," };
        self.tagged += 1;
        Ok(write!(self.file, "{separator}{row}")?)
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.file.write_all(b"]}}")?;
        self.file.finish()
    }
}
