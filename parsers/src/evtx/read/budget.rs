//! Limits on what one record and one chunk may cost, whatever they claim.
//!
//! A genuine chunk has less than 65,536 values, because it has 65,536 bytes. Only crafted templates
//! that use one value many times, or fragments inside fragments, reach these limits.

use super::fault::{Fault, FaultKind};

/// Tokens, operations and pieces of text that one record may need.
const RECORD_NODES: usize = 1 << 18;
/// The same for all records of a chunk.
const CHUNK_NODES: usize = 1 << 21;
/// Bytes of text that one record may compose.
const RECORD_TEXT: usize = 16 << 20;
/// The same for all records of a chunk.
const CHUNK_TEXT: usize = 64 << 20;

/// Bytes to walk over or to copy that cost as much as a token.
pub(super) const BYTES_PER_NODE: usize = 8;

/// What is left to spend.
#[derive(Debug)]
pub(super) struct Budget {
    record: Allowance,
    chunk: Allowance,
}

#[derive(Clone, Copy, Debug)]
struct Allowance {
    nodes: usize,
    text: usize,
}

const RECORD: Allowance = Allowance {
    nodes: RECORD_NODES,
    text: RECORD_TEXT,
};
const CHUNK: Allowance = Allowance {
    nodes: CHUNK_NODES,
    text: CHUNK_TEXT,
};

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            record: RECORD,
            chunk: CHUNK,
        }
    }

    /// A chunk begins.
    pub(super) fn start_chunk(&mut self) {
        *self = Self::new();
    }

    /// A record begins.
    pub(super) fn start_record(&mut self) {
        self.record = RECORD;
    }

    /// Takes `nodes`.
    #[inline]
    pub(super) fn nodes(&mut self, nodes: usize) -> Result<(), Fault> {
        take(&mut self.chunk.nodes, nodes, CHUNK_NODES)?;
        take(&mut self.record.nodes, nodes, RECORD_NODES)
    }

    /// Takes `bytes` of composed text.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), Fault> {
        take(&mut self.chunk.text, bytes, CHUNK_TEXT)?;
        take(&mut self.record.text, bytes, RECORD_TEXT)
    }
}

#[inline]
fn take(left: &mut usize, wanted: usize, limit: usize) -> Result<(), Fault> {
    // The record as a whole reaches the limit; the decoder adds its place.
    *left = left
        .checked_sub(wanted)
        .ok_or_else(|| Fault::new(FaultKind::Limit, 0, limit))?;
    Ok(())
}
