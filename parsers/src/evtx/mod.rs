//! Windows event logs (`.evtx`): `read` decodes them, `record` is one record as text, `map` makes
//! an event of it.

mod map;
mod parse;
pub mod read;
mod record;

pub use map::{MappedEvent, Message, Piece, Profile, Slot, mapped, message};
pub use parse::Evtx;
pub use record::{Datum, LogRecord};
