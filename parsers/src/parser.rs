//! The one trait that parsers plug in by, and their list.

use std::io;

use timeline::{EvidenceId, Sink};

use crate::ReadAt;
use crate::evtx::{Evtx, Profile};
use crate::evtx_ndjson::EvtxNdjson;
use crate::evtx_xml::EvtxXml;

/// What a parser read of one evidence file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records, duplicates included.
    pub records: u64,
    /// Records that were recovered beside them.
    pub recovered: u64,
    /// Events made of both.
    pub events: u64,
    /// Those of the records that our own decoder declined and the fallback read.
    pub by_fallback: u64,
}

/// Why an evidence file could not be read to its end. What was read before is in the sink.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Its bytes could not be had.
    #[error("cannot read at offset {offset:#x}")]
    Read {
        /// Where.
        offset: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The sink could not take an event.
    #[error("cannot store an event")]
    Store(#[source] io::Error),
}

/// Reads one kind of evidence.
pub trait Parser: Sync {
    /// Its name: source type in the timeline, first part of file names in the store.
    fn kind(&self) -> &'static str;

    /// What it reads, for people.
    fn describe(&self) -> &'static str;

    /// Whether a file that begins with these bytes is of this kind. At least the first 512 are
    /// given, as far as the file has them.
    fn recognises(&self, head: &[u8]) -> bool;

    /// Whether a file of this name is evidence of this kind, whatever its bytes are.
    fn is_known_name(&self, name: &str) -> bool;

    /// Hands every event and every issue of the file to the sink.
    fn parse(
        &self,
        input: &dyn ReadAt,
        evidence: EvidenceId,
        profile: Profile,
        sink: &mut dyn Sink,
    ) -> Result<Counts, ParseError>;
}

/// Every parser. The first that recognises a file reads it.
pub const PARSERS: &[&dyn Parser] = &[&Evtx, &EvtxXml, &EvtxNdjson];

/// The parser for a file: by its bytes, or else by its name.
#[must_use]
pub fn parser_of(head: &[u8], name: &str) -> Option<&'static dyn Parser> {
    let by_bytes = PARSERS.iter().find(|parser| parser.recognises(head));
    let parser = by_bytes.or_else(|| PARSERS.iter().find(|parser| parser.is_known_name(name)));
    parser.copied()
}
