//! Reads registry hives: base block, transaction logs, cells, keys, values, and what was deleted.
//!
//! Takes bytes through [`ReadAt`], gives keys to a [`Visitor`]. Every cell is checked against the bounds of
//! the hive before it is read, a key is visited once, and one corrupt cell costs what hangs on it, never the
//! hive. Counts and sizes in the hive never size an allocation.
//!
//! **How it works.** [`Hive::read`] takes the hive bins into memory and applies the logs to a copy of them
//! (the policy is in `replay`). [`visit`] walks from the root through the hive as its logs left it, and
//! beside it through the hive as it lies on disk, so that each key tells what it was before; then through
//! what the logs took away; then over the cells that are free or that nothing leads to.
//!
//! **Where things are.** `base_block`, `log`, `marvin32`, `replay`, `hive`: from files to bins. `cell`,
//! `key`, `list`, `value`, `security`, `name`: what bins hold. `walk`, `free`, `marks`: the way through.
//!
//! The format: Maxim Suhanov, "Windows registry file format specification"; Microsoft documents none.
//!
//! [`ReadAt`]: crate::ReadAt

mod base_block;
mod budget;
mod cell;
mod fault;
mod free;
mod hive;
mod key;
mod list;
mod log;
mod marks;
mod marvin32;
mod name;
mod replay;
mod security;
mod value;
mod walk;

use std::ops::ControlFlow;

pub use base_block::{BaseBlock, FileType};
pub use cell::{Cell, Cells};
pub use fault::{Fault, FaultKind};
pub use free::{ORPHAN, former_values};
pub use hive::{Hive, HiveError};
pub use key::Key;
pub(crate) use key::{same_name, upper_name};
pub use list::{Subkeys, Values};
pub(crate) use name::utf16;
pub use value::{Data, ValueCell};
pub use walk::{At, Origin, Visitor};

/// Where the hive bins begin in the file. Cells are named by their place from here on.
pub(crate) const BINS: u64 = 4096;

/// Visits every key of a hive once: those that the root leads to, those that its logs removed, and those in
/// free cells. Breaks off when the visitor does.
pub fn visit<'h>(hive: &'h Hive, visitor: &mut dyn Visitor<'h>) -> ControlFlow<()> {
    let used = walk::walk(hive, visitor)?;
    free::recover(hive, used, visitor)
}
