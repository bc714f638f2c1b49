//! What a parser gives, as these tests look at it.

#[path = "../common/keep.rs"]
mod sink;

use parsers::{Input, parser_of};
use timeline::{Severity, json};

pub(crate) use sink::Keep;

impl Keep {
    /// Reads a file of this kind.
    #[track_caller]
    pub(crate) fn read(bytes: &[u8], kind: &str) -> Self {
        let head = &bytes[..bytes.len().min(4096)];
        let parser = parser_of(head, "export").unwrap();
        assert_eq!(parser.kind(), kind);
        Self::of(|keep| parser.parse(&Input::new(&bytes.to_vec()), keep))
    }

    /// Identity and content of each event.
    pub(crate) fn events(&self) -> Vec<(String, String)> {
        let rows = (0..).zip(&self.segment.rows);
        let event = |(row, own): (u32, &timeline::Row)| {
            let content = json::to_json(&self.segment, row);
            (
                own.uid.to_string(),
                serde_json::Value::Object(content).to_string(),
            )
        };
        rows.map(event).collect()
    }

    /// The only event.
    #[track_caller]
    pub(crate) fn only(&self) -> serde_json::Value {
        assert_eq!(self.issues, []);
        assert_eq!(self.segment.len(), 1);
        json::to_json(&self.segment, 0).into()
    }

    /// Offsets of the events.
    pub(crate) fn offsets(&self) -> Vec<u64> {
        let rows = self.segment.rows.iter();
        rows.map(|row| row.provenance.offset).collect()
    }

    /// Kinds and offsets of the losses.
    pub(crate) fn losses(&self) -> Vec<(&'static str, Option<u64>)> {
        let losses = self.issues.iter();
        let losses = losses.filter(|issue| issue.severity == Severity::Loss);
        losses.map(|issue| (issue.kind, issue.offset)).collect()
    }
}
