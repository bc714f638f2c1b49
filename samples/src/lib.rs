//! Samples: a small made-up intrusion as real evidence files, with the program that makes them.
//!
//! Takes nothing but the company in [`corp`], the story in [`intrusion`] and the evening around it in
//! [`everyday`], plays them on the hosts of [`windows`], and writes what their logs saw with [`evtx`], their registry
//! with [`regf`] and their disks with [`ntfs`]. Gives the files below `samples/evidence` and, from the same story, the
//! ground truth in `samples/expected.json`.
//! [`pack`] packs them as collectors leave evidence; [`bulk`] makes any amount of the same, for measurements.
//!
//! *Invariants.* Same program, same bytes: no clock, no randomness but seeded sums. No code is
//! shared with the readers that these files judge. The library prints nothing.

pub mod bulk;
pub mod committed;
pub mod corp;
mod descriptor;
mod domain;
pub mod everyday;
pub mod evidence;
pub mod evtx;
pub mod expected;
mod file_error;
pub mod hives;
pub mod intrusion;
pub mod ntfs;
pub mod onward;
pub mod pack;
pub mod regf;
pub mod stage;
pub mod time;
pub mod volumes;
pub mod windows;

pub use file_error::FileError;
