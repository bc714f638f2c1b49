//! A writer of Windows event logs (`.evtx`), as Windows 10 and later lay them out.
//!
//! Takes [`Record`]s, gives a file that every reader accepts: file header, chunks with both
//! checksums and both tables, and BinXML in which each name and each template is written once per
//! chunk and referred to afterwards. On-disk names follow the description of the format in
//! libevtx (<https://github.com/libyal/libevtx/blob/main/documentation>) and of BinXML in [MS-EVEN6].
//!
//! *Invariants.* One chunk is in memory, however long the log is. No clock, no randomness: equal
//! records give equal bytes. No reader of ours is used or shared.

mod body;
mod chunk;
mod element;
mod file_header;
mod guid;
mod log_writer;
mod name;
mod page;
mod record;
mod sid;
mod system;
mod template;
mod value;

pub use body::{Body, Fields};
pub use guid::Guid;
pub use log_writer::{Error, LogWriter};
pub use record::{Provider, Record};
pub use sid::Sid;
pub use value::Value;
