//! What the fuzz targets share: logs around their bytes, records to change, and a sink that looks at
//! every event.
//!
//! Takes the fuzzer's bytes. Gives them to the parsers, and panics where what they say cannot be:
//! libFuzzer itself notices panics, overflows, hangs and memory that grows.

mod golden;
mod hive_log;
mod log;
mod volume;
mod watch;

pub use golden::{GOLDEN, Golden};
pub use hive_log::sealed_log;
pub use log::{CHUNK, HEADER, chunk, content, log};
pub use volume::{SAMPLE, table, watch_files};
pub use watch::{Watched, watch, watch_input};
