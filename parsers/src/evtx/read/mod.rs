//! Reads event logs (`.evtx`): file, chunks, records, BinXML, and out of it the fields of each event.
//!
//! Takes bytes through [`ReadAt`], gives [`Record`]s and [`Issue`]s to a [`Visitor`], in the order of
//! the file. It never trusts the file header, never lets a count size an allocation, and never lets
//! a damaged record cost its neighbours.
//!
//! **How it works.** A record refers to a template and lists the values to put into it. A template
//! is read once ([`flatten`]) and becomes a [`plan`]: a flat list of steps like "substitution 3 is
//! the value `TargetUserName` of `EventData`". Chunks repeat the definitions they use; a definition
//! that was seen in another chunk is recognised and not read again ([`templates`]). A record is then
//! read by running a plan over its table of values ([`decoder`]). That notes *where* values are
//! ([`output`]) and converts nothing; text becomes UTF-8 when [`Value::write_text`] asks for it.
//! Content without a template goes the same way, with a plan that serves once.
//!
//! **Where things are.** `file_header`, `chunk`, `frame`: the file, down to a record's bytes.
//! `token`, `instance`, `definition`: BinXML. `flatten`, `plan`, `templates`, `decoder`: its meaning.
//! `value`, `array` and the files they use: values. `record`, `system`, `section`: what callers see.
//!
//! ```
//! use std::ops::ControlFlow;
//! use parsers::evtx::read::{Reader, Record, Visitor};
//! use timeline::Issue;
//!
//! struct Print;
//! impl Visitor for Print {
//!     fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
//!         let id = record.system.event_id().to_text();
//!         for datum in record.data() {
//!             let name = datum.name.map_or("(unnamed)", |name| name.text);
//!             println!("{id} {name} = {}", datum.value.to_text());
//!         }
//!         ControlFlow::Continue(())
//!     }
//!     fn issue(&mut self, issue: Issue) {
//!         println!("{issue:?}");
//!     }
//! }
//!
//! let file: Vec<u8> = Vec::new();
//! let summary = Reader::new().read(&file, &mut Print)?;
//! assert_eq!(summary.records, 0);
//! # Ok::<(), parsers::evtx::read::ReadError>(())
//! ```
//!
//! [`ReadAt`]: crate::ReadAt
//! [`Issue`]: timeline::Issue

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod ansi;
mod array;
mod ascii;
mod budget;
mod chunk;
mod cursor;
mod date;
mod declined;
mod decoder;
mod definition;
mod extent;
mod fault;
mod file_header;
mod flatten;
mod frame;
mod gap;
mod guid;
mod instance;
mod number;
mod output;
mod place;
mod place_map;
mod plan;
mod reader;
mod record;
mod section;
mod sid;
mod system;
mod templates;
mod text;
mod texts;
mod token;
mod utf16;
mod value;
mod value_type;

pub use array::{Array, Elements};
pub(super) use chunk::HEADER_SIZE as CHUNK_HEADER_SIZE;
pub use date::SystemTime;
pub use declined::Declined;
pub use file_header::FileHeader;
pub(crate) use guid::guid_text;
pub use reader::{ReadError, Reader, Summary, Visitor, read};
pub use record::{Datum, Name, Record};
pub use section::Section;
pub(crate) use sid::sid_text;
pub use system::System;
pub use text::{Text, TextBuffer};
pub use texts::NameId;
pub use utf16::Utf16;
pub use value::Value;
