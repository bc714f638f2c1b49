//! How answers look: as Elasticsearch gives them, one per line, as CSV, as a table.

use std::io::{BufWriter, StdoutLock, Write};

use serde_json::{Value as Json, json};
use timeline::Segment;
use timeline::json::to_json;

use super::source::Source;
use crate::args::QueryFormat;
use crate::export::csv_header;
use crate::plan::QueryPlan;

/// The answer under way.
pub(super) struct Answer {
    out: BufWriter<StdoutLock<'static>>,
    format: QueryFormat,
    count: u64,
}

/// Columns of the table.
const TABLE: &str = "time\thost\tevent\trecord\twhat";

impl Answer {
    /// An answer of single events.
    pub(super) fn events(format: QueryFormat) -> anyhow::Result<Self> {
        let header = csv_header(&[]);
        Self::begin(format, "events", &header, TABLE)
    }

    /// An answer of sequences.
    pub(super) fn sequences(format: QueryFormat) -> anyhow::Result<Self> {
        let header = csv_header(&["sequence", "join_keys"]);
        let table = format!("sequence\t{TABLE}");
        Self::begin(format, "sequences", &header, &table)
    }

    fn begin(format: QueryFormat, array: &str, csv: &str, table: &str) -> anyhow::Result<Self> {
        let mut out = BufWriter::with_capacity(64 << 10, std::io::stdout().lock());
        match format {
            QueryFormat::Json => write!(out, "{{\"hits\":{{\"{array}\":[")?,
            QueryFormat::Jsonl => {}
            QueryFormat::Csv => out.write_all(csv.as_bytes())?,
            QueryFormat::Table => writeln!(out, "{table}")?,
        }
        Ok(Self {
            out,
            format,
            count: 0,
        })
    }

    /// Adds a match, or an event of one: a JSON object, or a line.
    pub(super) fn line(&mut self, line: &[u8]) -> anyhow::Result<()> {
        if self.format == QueryFormat::Json && self.count > 0 {
            self.out.write_all(b",")?;
        }
        self.count += 1;
        self.out.write_all(line)?;
        if self.format != QueryFormat::Json {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Ends it.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        if self.format == QueryFormat::Json {
            self.out.write_all(b"]}}\n")?;
        }
        Ok(self.out.flush()?)
    }
}

/// An event as a hit. Lines of events have an id of their own, or their number.
pub(super) fn hit(segment: &Segment, row: u32, plan: &QueryPlan) -> Json {
    let mut source = to_json(segment, row);
    let id = if plan.kind == Source::Lines {
        let field = segment.names.find(&plan.fields.id);
        let own = field.and_then(|field| segment.get(field, row));
        // What a search engine keeps beside an event is no part of it.
        source.remove("_id");
        own.map_or_else(
            || segment.rows[row as usize].provenance.record.to_string(),
            |id| id.to_string(),
        )
    } else {
        segment.rows[row as usize].uid.to_string()
    };
    json!({"_id": id, "_source": source})
}
