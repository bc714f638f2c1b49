//! The two readers whose results are compared.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use parsers::ReadAt;
use parsers::evtx::read::{Reader, Record, Visitor};
use timeline::{Issue, Severity};

use crate::flat::Flat;

pub(crate) const HEADER_BLOCK: u64 = 4096;
pub(crate) const CHUNK: u64 = 65_536;

/// Records by chunk, in their order.
pub(crate) type Chunks = BTreeMap<u64, Vec<Flat>>;

/// What our reader gives.
#[derive(Default)]
pub(crate) struct Ours {
    pub(crate) chunks: Chunks,
    pub(crate) issues: Vec<Issue>,
}

impl Visitor for Ours {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        // The crates that are compared with do not look for what was left over.
        if record.is_recovered {
            return ControlFlow::Continue(());
        }
        let chunk = record.offset.saturating_sub(HEADER_BLOCK) / CHUNK;
        let records = self.chunks.entry(chunk).or_default();
        records.push(Flat::of_record(record));
        ControlFlow::Continue(())
    }

    fn issue(&mut self, issue: Issue) {
        self.issues.push(issue);
    }
}

impl Ours {
    pub(crate) fn of(file: &dyn ReadAt) -> Self {
        Self::with(&mut Reader::new(), file)
    }

    pub(crate) fn with(reader: &mut Reader, file: &dyn ReadAt) -> Self {
        let mut ours = Self::default();
        if let Err(error) = reader.read(file, &mut ours) {
            ours.issues.push(error.to_issue());
        }
        ours
    }

    pub(crate) fn count(&self) -> usize {
        self.chunks.values().map(Vec::len).sum()
    }

    pub(crate) fn only(&self) -> &Flat {
        assert_eq!(self.issues, []);
        assert_eq!(self.count(), 1);
        &self.chunks.values().next().unwrap()[0]
    }

    pub(crate) fn kinds(&self, severity: Severity) -> Vec<&'static str> {
        let issues = self.issues.iter();
        let issues = issues.filter(|issue| issue.severity == severity);
        issues.map(|issue| issue.kind).collect()
    }
}

/// What the `evtx` crate gives. It goes through all chunks itself, whatever the file header says.
pub(crate) fn theirs(file: Vec<u8>, fields: &[&'static str]) -> Chunks {
    let settings = ParserSettings::default().num_threads(1).indent(false);
    let settings = Arc::new(settings);
    let mut parser = EvtxParser::from_buffer(file).unwrap();
    let mut chunks = Chunks::new();
    for chunk in parser.chunks() {
        let Ok(mut data) = chunk else { continue };
        let number = data.number.unwrap();
        let mut chunk = data.parse(Arc::clone(&settings)).unwrap();
        let records = chunks.entry(number).or_default();
        for record in chunk.iter().flatten() {
            let number = record.event_record_id;
            let xml = record.into_xml().unwrap().data;
            records.push(Flat::of_xml(number, &xml, fields));
        }
    }
    chunks
}

/// Asserts that both give the same, and gives the number of records.
pub(crate) fn compare(reader: &mut Reader, file: Vec<u8>, name: &str) -> usize {
    let size = file.len() as u64;
    let mut ours = Ours::with(reader, &file).chunks;
    let first = ours.values().flatten().next();
    let fields: Vec<_> = first
        .map(|record| record.system.iter().map(|(name, _)| *name).collect())
        .unwrap_or_default();
    let theirs = theirs(file, &fields);
    // The crate leaves out a last chunk that the end of the file cuts off.
    ours.retain(|chunk, _| HEADER_BLOCK + (chunk + 1) * CHUNK <= size);
    let mut count = 0;
    for (chunk, records) in &theirs {
        let own = ours.remove(chunk).unwrap_or_default();
        for (own, their) in own.iter().zip(records) {
            assert_eq!(own, their, "{name} chunk {chunk}");
        }
        assert_eq!(own.len(), records.len(), "{name} chunk {chunk}");
        count += own.len();
    }
    assert!(ours.is_empty(), "{name}: more chunks");
    count
}
