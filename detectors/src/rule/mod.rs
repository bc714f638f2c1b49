//! Rules: Elastic detection-rule TOML, with our table `[sidetrack]` (MATCHING.md §5).

mod duration;
mod file;
mod fillable;
mod implied;
mod place;
mod read;
mod relax;
mod schema;
mod set;
mod sidetrack;
mod technique;

pub use duration::Span;
pub use file::{Parsed, Rule, RuleError, Severity};
pub use place::Warning;
pub use read::{Read, as_address, as_host, far_name};
pub use relax::Relaxed;
pub use schema::{Table, field_kind};
pub use set::{BUILTIN, RuleSet};
pub use sidetrack::{Basis, By, Expect, MovementTable, Side, Sidetrack, Step, Test};
