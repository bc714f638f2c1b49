//! Places of chunks that hold none.
//!
//! A log grows by preallocation, so the file ends with places that were never used: zeros, or
//! whatever the disk had there before. That is silence. A place without a chunk *between* chunks, or
//! among as many as the file header counts, is a loss.

use timeline::Issue;

use super::chunk;
use super::file_header::FileHeader;

/// Bytes of a place.
const PLACE: u64 = chunk::SIZE as u64;

/// Keeps account of the places of a log.
#[derive(Debug)]
pub(super) struct Gaps {
    start: u64,
    /// How many chunks a header that can be believed counts.
    counted: Option<u64>,
    /// The stretch without chunks that is being passed.
    open: Option<Gap>,
    /// Places up to the last chunk.
    used: u64,
}

#[derive(Clone, Copy, Debug)]
struct Gap {
    offset: u64,
    size: u64,
}

impl Gaps {
    pub(super) fn new(start: u64, header: Option<FileHeader>) -> Self {
        let counted = header
            .filter(|header| header.is_sound)
            .map(|header| header.chunk_count.into());
        Self {
            start,
            counted,
            open: None,
            used: 0,
        }
    }

    /// A place has no chunk.
    pub(super) fn add(&mut self, offset: u64, size: usize) {
        let gap = self.open.get_or_insert(Gap { offset, size: 0 });
        gap.size = gap.size.saturating_add(size as u64);
    }

    /// A place has one. What lies before it without a chunk is a loss.
    pub(super) fn chunk(&mut self, offset: u64, size: usize) -> Option<Issue> {
        self.used = self.place(offset.saturating_add(size as u64));
        let gap = self.open.take()?;
        Some(self.missing(gap, "Between two chunks of the log there is none."))
    }

    /// The file ends.
    pub(super) fn finish(&mut self, end: u64) -> Vec<Issue> {
        let mut issues = Vec::new();
        let Some(counted) = self.counted else {
            return issues;
        };
        let counted_end = self.start.saturating_add(counted.saturating_mul(PLACE));
        if let Some(gap) = self.open.take()
            && gap.offset < counted_end
        {
            let size = counted_end.saturating_sub(gap.offset).min(gap.size);
            let gap = Gap { size, ..gap };
            let message = "The file header counts chunks where there are none.";
            issues.push(self.missing(gap, message));
        }
        // A torn last chunk is reported where it is read.
        let places = self.place(end);
        if counted > places {
            let message = "The file ends before the chunks that its header counts.";
            issues.push(
                Issue::loss("file-truncated", message)
                    .at(end)
                    .expected(format!("{counted} chunks"), places),
            );
        }
        if self.used > counted {
            let message = "The file header is older than the log: it counts fewer chunks.";
            issues.push(
                Issue::note("stale-header", message)
                    .at(0)
                    .expected(format!("{} chunks", self.used), counted),
            );
        }
        issues
    }

    fn missing(&self, gap: Gap, message: &str) -> Issue {
        let end = gap.offset.saturating_add(gap.size);
        let first = gap.offset.saturating_sub(self.start) / PLACE;
        let last = self.place(end).saturating_sub(1);
        Issue::loss("chunk-missing", message)
            .at(gap.offset)
            .expected(
                format!("chunks {first} to {last}"),
                format!("{} bytes without a chunk", gap.size),
            )
    }

    /// How many places there are up to an offset, begun ones included.
    fn place(&self, end: u64) -> u64 {
        end.saturating_sub(self.start).div_ceil(PLACE)
    }
}
