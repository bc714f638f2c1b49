//! What detectors make of events: enrichment from the whole host, rules, findings, movements.
//!
//! **Takes** segments of events in ECS field names. **Gives** enriched segments, findings, movements.
//! Detectors see events and fields; they never open a file and never know which parser made an
//! event.

pub mod enrich;
mod finding;
pub mod matching;
pub mod movement;
pub mod rule;

pub use finding::Finding;
