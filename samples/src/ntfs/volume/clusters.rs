//! Which clusters contents get. Nobody reads them; but they look like those of a disk that was used.

use crate::ntfs::{CLUSTER, Run};

/// Longer contents are in two pieces.
const IN_A_ROW: u64 = 256;

/// The free clusters.
#[derive(Clone, Debug)]
pub(super) struct Clusters {
    /// Where the next piece goes,
    next: u64,
    /// and the next second piece, in a hole before all of those.
    hole: u64,
}

impl Clusters {
    pub(super) const fn new() -> Self {
        Self {
            next: 0x1_2C40,
            hole: 0x4A10,
        }
    }

    /// Clusters for so many bytes.
    pub(super) fn take(&mut self, bytes: u64) -> Vec<Run> {
        let count = bytes.div_ceil(CLUSTER);
        let first = count.min(IN_A_ROW);
        let pieces = [
            (first, &mut self.next, 3),
            (count - first, &mut self.hole, 0),
        ];
        let mut runs = Vec::new();
        for (count, start, gap) in pieces.into_iter().filter(|(count, ..)| *count > 0) {
            runs.push(Run {
                cluster: Some(*start),
                count,
            });
            *start += count + gap;
        }
        runs
    }
}
