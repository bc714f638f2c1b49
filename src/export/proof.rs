//! An event as it is shown to people: when, where, what, and where it can be looked up.

use timeline::parquet::EvidenceName;
use timeline::{Reader, fields as f};

use super::line::{place_of, record_name};
use super::message::message;
use super::scope::kind_of;
use crate::case::CaseResult;

/// An event, for people.
pub(crate) struct Proof<'a> {
    /// When it happened; empty when nobody knows.
    pub(crate) time: String,
    /// The host, as recorded.
    pub(crate) host: &'a str,
    /// Its log.
    pub(crate) channel: &'a str,
    /// Its id in that log.
    pub(crate) code: &'a str,
    /// One sentence that says what it is.
    pub(crate) message: String,
    /// The evidence file.
    pub(crate) file: &'a str,
    /// The record in that file.
    pub(crate) record: String,
}

/// The event of a row. A reader is quickest when rows are asked for in ascending order.
pub(crate) fn proof<'a>(case: &'a CaseResult, reader: &Reader<'a>, row: u32) -> Proof<'a> {
    proof_of(&case.evidence, reader, row)
}

/// The same, of evidence that is no case.
pub(crate) fn proof_of<'a>(
    evidence: &'a [EvidenceName],
    reader: &Reader<'a>,
    row: u32,
) -> Proof<'a> {
    let events = reader.segment();
    let own = &events.rows[row as usize];
    let file = evidence.get(own.provenance.evidence.0 as usize);
    let (host, channel) = place_of(reader, row);
    Proof {
        time: own.time.map(|time| time.to_string()).unwrap_or_default(),
        host,
        channel,
        code: reader.text(f::EVENT_CODE, row).unwrap_or_default(),
        message: message(reader, row),
        file: file.map_or("", |file| file.path.as_str()),
        record: record_name(kind_of(events, row), own.provenance),
    }
}
