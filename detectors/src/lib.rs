//! What detectors make of events: enrichment from the whole host, rules, findings, movements.
//!
//! **Takes** segments of events in ECS field names. **Gives** enriched segments, findings, movements.
//! Detectors see events and fields; they never open a file and never know which parser made an
//! event.

pub mod crossing;
pub mod deed;
pub mod enrich;
mod finding;
pub mod identity;
mod kept;
pub mod logging;
pub mod matching;
pub mod movement;
mod names;
pub mod process;
pub mod rule;
pub mod script;
pub mod session;
pub mod ticket;

pub use finding::Finding;
