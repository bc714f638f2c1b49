//! Writes registry hives and their transaction logs, with key times and deleted cells as chosen.
//!
//! The format: Maxim Suhanov, "Windows registry file format specification". Nothing is shared with the
//! reader that these hives judge.

mod base_block;
mod bins;
mod key;
mod log;
mod marvin32;
mod write;

pub use crate::descriptor::security_descriptor;
pub use key::{Data, Key, Value};
pub use log::{new_log, old_log, seal_entries};
pub use write::{Hive, dirty};
