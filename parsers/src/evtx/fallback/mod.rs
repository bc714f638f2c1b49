//! The second reader of records: what our own decoder declines is read by the `evtx` crate, and its XML
//! by the reader of exported events, so that such a record, too, is one [`LogRecord`] like any other.
//!
//! The crate reads a chunk as a whole. It is asked when the chunk's first record is declined, gives all
//! records from that one on, and they are kept until the next chunk: a chunk of nothing but records
//! that we decline is read once. Its XML is less exact than our decoder: it ends a text at a NUL and
//! has `_` for characters that XML does not allow, and GUIDs and times that are text are written as if
//! they had been values. So it is the fallback, not a choice.
//!
//! [`LogRecord`]: super::LogRecord

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod guard;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use evtx::{EvtxChunkData, ParserSettings};

use super::draft::Draft;
use super::read::{CHUNK_HEADER_SIZE, Declined};
use crate::evtx_xml::read_event;
use guard::guard;

/// Bytes of XML that are kept of one chunk. A genuine one has a few hundred kilobytes.
const MOST_KEPT: usize = 8 << 20;

/// A crafted chunk can make the crate take more than a hundred megabytes while it reads. Genuine logs
/// hardly ever come here, so that one thread at a time is enough, whatever the number of threads.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Reads records that were declined, one after the other in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Fallback {
    /// Where in the file the chunk is that was read last.
    chunk: Option<u64>,
    /// The XML of its records by where their content begins.
    kept: BTreeMap<u64, String>,
    draft: Draft,
}

impl Fallback {
    /// What the crate makes of the record, if it can read it.
    pub(super) fn read(&mut self, declined: &Declined<'_>) -> Option<&Draft> {
        if self.chunk != Some(declined.chunk_offset) {
            self.chunk = Some(declined.chunk_offset);
            self.read_chunk(declined);
        }
        let xml = self.kept.remove(&(declined.content as u64))?;
        self.draft.clear();
        // Before it is a declaration, which the reader of events knows nothing of.
        let event = xml.get(xml.find("<Event")?..)?;
        read_event(event, &mut self.draft).ok()?;
        Some(&self.draft)
    }

    fn read_chunk(&mut self, declined: &Declined<'_>) {
        self.kept.clear();
        let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        // The crate is careful, and yet its arithmetic is checked here as ours is, and ends in a panic.
        guard(|| keep_records(declined, &mut self.kept));
    }
}

/// Keeps the XML of a chunk's records from the declined one on, as long as there is room.
fn keep_records(declined: &Declined<'_>, kept: &mut BTreeMap<u64, String>) {
    let settings = Arc::new(ParserSettings::default().num_threads(1).indent(false));
    let Ok(mut data) = EvtxChunkData::new(with_plain_header(declined.chunk), false) else {
        return;
    };
    let Ok(mut chunk) = data.parse(settings) else {
        return;
    };
    let mut room = MOST_KEPT;
    for record in chunk.iter().flatten() {
        let content = record.binxml_offset;
        if content < declined.content as u64 {
            continue;
        }
        let Ok(xml) = record.into_xml() else {
            continue;
        };
        let Some(rest) = room.checked_sub(xml.data.len()) else {
            return;
        };
        room = rest;
        kept.insert(content, xml.data);
    }
}

/// A chunk whose header lets the crate walk over all of it. What it said is nothing that a record
/// needs, and may be damaged: names are found without the table of names, too.
fn with_plain_header(chunk: &[u8]) -> Vec<u8> {
    let mut copy = chunk.to_vec();
    let end = u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_le_bytes();
    if let Some(header) = copy.get_mut(..CHUNK_HEADER_SIZE) {
        header.fill(0);
        put(header, 0, b"ElfChnk\0");
        // The number of the last record, its place, and where records end.
        put(header, 32, &u64::MAX.to_le_bytes());
        put(header, 44, &end);
        put(header, 48, &end);
    }
    copy
}

fn put(header: &mut [u8], at: usize, bytes: &[u8]) {
    let place = header
        .get_mut(at..)
        .and_then(|rest| rest.get_mut(..bytes.len()));
    if let Some(place) = place {
        place.copy_from_slice(bytes);
    }
}
