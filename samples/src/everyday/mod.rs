//! The quiet evening around the intrusion: people at their desks, services, updates, file shares.
//!
//! Nothing here is a movement, and much of it looks a little like one. What looks most like one is
//! told with fixed times in [`near_misses`]; the rest is drawn from [`routines`] with a seed.
//!
//! *Invariants.* The same seed gives the same evening. No routine that resembles a movement is
//! played within two minutes of one, so that nobody has to guess which connection carried it.

mod day;
pub mod members;
pub mod near_misses;
pub mod routines;

pub use day::{Day, Gap};
