//! Events of NTFS files as lines of JSON, for comparison with other readers: `mft_events TABLE [JOURNAL]`.

#![allow(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program of its own"
)]

use std::io::{self, Write};

use parsers::ntfs::{Volume, VolumeFiles};
use parsers::{Input, PARSERS, ReadAt};
use timeline::{Event, Field, Issue, Names, Sink};

struct Lines<'o> {
    names: Names,
    out: &'o mut dyn Write,
}

impl Sink for Lines<'_> {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let mut object = serde_json::Map::new();
        let time = event.time.map(|time| time.0);
        object.insert("time".into(), time.into());
        object.insert("offset".into(), event.provenance.offset.into());
        for (field, value) in event.values {
            let name = self.names.name(*field).to_owned();
            let value = serde_json::Value::from(value.to_string());
            let values = object
                .entry(name)
                .or_insert_with(|| serde_json::Value::Array(Vec::new()));
            if let Some(values) = values.as_array_mut() {
                values.push(value);
            }
        }
        writeln!(self.out, "{}", serde_json::Value::Object(object))
    }

    fn issue(&mut self, issue: Issue) {
        let record = issue.record.unwrap_or_default();
        eprintln!("{} {record} {}", issue.kind, issue.message);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let files = paths
        .iter()
        .map(std::fs::read)
        .collect::<Result<Vec<_>, _>>()?;
    let parser = |kind: &str| {
        PARSERS
            .iter()
            .find(|parser| parser.kind() == kind)
            .ok_or("no such parser")
    };
    let of_kind = |kind: &str| {
        let known = parser(kind);
        let found = files.iter().zip(&paths).find(|(bytes, path)| {
            known
                .as_ref()
                .is_ok_and(|known| known.recognises(bytes) || known.is_known_name(path))
        });
        found.map(|(bytes, _)| bytes)
    };
    let volume = Volume::read(VolumeFiles {
        table: of_kind("mft").map(|bytes| bytes as &dyn ReadAt),
        security: of_kind("secure").map(|bytes| bytes as &dyn ReadAt),
        memory: u64::MAX,
        ..VolumeFiles::default()
    })?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut sink = Lines {
        names: Names::default(),
        out: &mut out,
    };
    for kind in ["mft", "usn"] {
        if let Some(bytes) = of_kind(kind) {
            let input = Input {
                volume: Some(&volume),
                ..Input::new(bytes)
            };
            parser(kind)?.parse(&input, &mut sink)?;
        }
    }
    Ok(out.flush()?)
}
