//! Segments as Parquet: what stays of the store, for DuckDB, Polars, Spark, Trino and ourselves.
//!
//! A column is named as its ECS field. A field that can have many values is a list, every other one
//! an optional value; that is fixed for each field, so the files of a case have one schema.
//! `@timestamp` has microseconds, which every engine reads; `timestamp_ticks` has the exact time.
//! Other times are ISO text with all seven digits.

mod read;
mod write;

pub use parquet::errors::ParquetError as Error;
pub use read::{EvidenceNames, read};
pub use write::write;

/// Ticks from 1601 to 1970.
const UNIX_EPOCH_TICKS: i64 = 116_444_736_000_000_000;

/// What the parts of a list are called in the schema.
const LIST: &str = "list";
const ELEMENT: &str = "element";

/// Columns of every event that are no ECS fields.
mod own {
    pub(super) const UID: &str = "event_uid";
    pub(super) const TICKS: &str = "timestamp_ticks";
    pub(super) const HOST: &str = "host_raw";
    pub(super) const CHANNEL: &str = "channel_or_key";
    pub(super) const FILE: &str = "evidence.file";
    pub(super) const SHA256: &str = "evidence.sha256";
    pub(super) const RECORD: &str = "evidence.record";
    pub(super) const OFFSET: &str = "evidence.offset";
    pub(super) const RECOVERED: &str = "evidence.recovered";
}

/// What a provenance's evidence is called in the files.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EvidenceName {
    /// Path relative to the evidence root.
    pub path: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}
