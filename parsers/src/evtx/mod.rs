//! Windows event logs (`.evtx`): `read` decodes them, `record` is one record as text, `draft`
//! gathers one from an export, `map` makes an event of it. What `read` declines is read by `fallback`.

mod draft;
mod fallback;
mod map;
mod parse;
pub mod read;
mod record;

pub(crate) use draft::{Draft, Field, TooMuch, number};
pub use map::{MappedEvent, Message, Piece, Profile, Slot, mapped, message};
pub(crate) use map::{Mapper, Place, truth};
pub use parse::{Evtx, parse_by_fallback};
pub use record::{Datum, LogRecord};
