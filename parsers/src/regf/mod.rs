//! Registry hives: `read` decodes them, `raw` makes events of their keys and values, `artefact` knows which
//! of them tell something and decodes it. `mount` tells which hive it is, `out` writes events.

mod artefact;
mod data;
mod known;
mod machine;
mod message;
mod mount;
mod node;
mod out;
mod parse;
mod raw;
pub mod read;
mod scope;

pub use machine::{MachineFacts, machine_facts};
pub use message::message;
pub use out::PROVIDER;
pub use parse::{RegistryHive, RegistryLog};

/// What is read of hives: names of artefacts, each once.
#[must_use]
pub fn artefacts() -> Vec<&'static str> {
    let mut names: Vec<_> = artefact::ARTEFACTS
        .iter()
        .map(|artefact| artefact.name)
        .collect();
    names.dedup();
    names
}
