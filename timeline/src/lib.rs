//! The shared vocabulary of sidetrack, and the event store.
//!
//! **Takes** events from parsers. **Gives** segments of them, in memory and on disk, and whatever
//! is sorted or looked up in more than memory holds.
//!
//! It never knows a format of evidence or a rule, and nothing outside of it knows how events lie in
//! memory or in Parquet.
//!
//! ```
//! use timeline::{Event, EvidenceId, Provenance, Segment, State, Ticks, Uid, Value, fields};
//!
//! let mut segment = Segment::default();
//! segment.push(&Event {
//!     time: Ticks::parse("2026-03-02T21:00:00Z"),
//!     host: "SRV02",
//!     channel: "Security",
//!     provenance: Provenance {
//!         evidence: EvidenceId(0),
//!         record: 17,
//!         offset: 4608,
//!         state: State::Live,
//!     },
//!     uid: Uid::default(),
//!     values: &[(fields::EVENT_CODE, Value::from("4624")), (fields::SOURCE_PORT, Value::from(50_100))],
//! });
//! assert_eq!(segment.text(fields::EVENT_CODE, 0), Some("4624"));
//! ```

mod event;
mod field;
mod file;
mod hex;
mod issue;
pub mod json;
pub mod key;
pub mod parquet;
mod reader;
mod segment;
pub mod sort;
mod spill;
mod strings;
pub mod table;
mod time;

/// The field table's constants.
pub mod fields {
    pub use crate::field::*;
}

pub use event::{Event, EvidenceId, Provenance, Sink, State, Uid, Value};
pub use field::{Arity, FIELDS, Field, FieldInfo, Kind, Names};
pub use file::read_at;
pub use hex::hex;
pub use issue::{Issue, Severity};
pub use reader::Reader;
pub use segment::{Cell, Cells, Column, MAX_BYTES, MAX_ROWS, Row, Segment};
pub use spill::{Spill, Spilled};
pub use strings::{StringId, Strings};
pub use time::{TICKS_PER_MILLISECOND, TICKS_PER_SECOND, Ticks};
