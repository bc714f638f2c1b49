//! Contents: where they are after a deed.

use std::cmp::Ordering;

use super::file::Data;
use super::{Clusters, Deed};
use crate::ntfs::reason;

/// Longer contents are not kept in the record.
const MOST_IN_RECORD: usize = 600;

/// The content after a deed, and why the journal notes it.
pub(super) fn written(
    data: Option<Data>,
    deed: &Deed,
    clusters: &mut Clusters,
) -> (Option<Data>, u32) {
    let data = data.unwrap_or(Data::InRecord(Vec::new()));
    let before = data.length();
    let length = match deed {
        Deed::Write(bytes) => bytes.len() as u64,
        Deed::Grow(length) | Deed::Truncate(length) => *length,
        _ => before,
    };
    let reasons = match length.cmp(&before) {
        Ordering::Less => reason::DATA_TRUNCATION,
        Ordering::Equal => reason::DATA_OVERWRITE,
        Ordering::Greater => reason::DATA_EXTEND,
    };
    let after = match (deed, data) {
        (Deed::Write(bytes), _) if bytes.len() <= MOST_IN_RECORD => Data::InRecord(bytes.clone()),
        (Deed::Overwrite, data) => data,
        _ if length == 0 => Data::InRecord(Vec::new()),
        (_, data @ Data::InClusters { .. }) if length <= data.allocated() => {
            data.with_length(length)
        }
        _ => Data::InClusters {
            runs: clusters.take(length),
            real: length,
        },
    };
    (Some(after), reasons)
}
