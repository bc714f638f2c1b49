//! Bytes of evidence in, events out: one folder per format.
//!
//! **Takes** a [`ReadAt`]. **Gives** events and issues to a [`timeline::Sink`].
//!
//! Parsers never open a file, never read a whole file at once, never print, sort or judge, and never
//! drop a field silently.

#![deny(clippy::indexing_slicing)]

mod artefact_events;
mod ecs;
pub mod evtx;
mod evtx_ndjson;
mod evtx_xml;
mod json_lines;
mod le;
pub mod ntfs;
mod parser;
mod read_at;
mod recycle;
pub mod regf;
mod residue;
mod security_descriptor;
mod sentences;
mod stream;
pub mod task;

pub use artefact_events::{ARTEFACT_EVENTS, ArtefactEvent};
pub use ecs::decoded_commands;
pub use evtx::Profile;
pub use evtx_ndjson::EvtxNdjson;
pub use evtx_xml::EvtxXml;
pub use json_lines::{EventLine, EventLines, read_event_lines};
pub use parser::{
    Counts, Input, Machine, PARSERS, ParseError, Parser, Registry, UserProfile, parser_of,
};
pub use read_at::ReadAt;
