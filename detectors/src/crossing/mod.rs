//! What other hosts recorded of what came to one: the connection that it opened (EVIDENCE.md §3, J4), its remote desktop
//! client (J9, J19), and how far apart the clocks of two hosts are, by the connections that both recorded (§3.2).
//!
//! The second look notes both ends of connections and what remote desktop clients say; when all segments have been
//! looked at, the notes are sorted and read once.

mod client;
mod connection;
mod skew;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::{Reader, Segment};

pub use client::{Client, Clients};
pub use connection::{Connections, Opened};
pub use skew::{Offset, Skew};

use client::ClientNotes;

/// What hosts recorded of each other.
#[derive(Debug)]
pub struct Crossings {
    /// Who opened which connection.
    pub connections: Connections,
    /// What remote desktop clients recorded.
    pub clients: Clients,
    /// How far apart clocks are.
    pub skew: Skew,
}

/// Notes what a machine's events say of connections.
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let reader = Reader::new(segment);
    for (row, own) in (0u32..).zip(&segment.rows) {
        if let Some(time) = own.time {
            connection::note(&reader, row, time, machine, batch);
            client::note(&reader, row, time, machine, batch);
        }
    }
}

impl Crossings {
    /// Keeps what [`note`] noted. `called` has all names and addresses of each machine.
    pub fn build(
        folder: &Path,
        budget: usize,
        notes: Sorted,
        called: BTreeMap<String, Vec<String>>,
    ) -> io::Result<Self> {
        let mut clients = ClientNotes::new(folder, budget);
        let mut skew = skew::Pairing::default();
        let connections = Connections::build(folder, notes, |item| {
            skew.see(item);
            clients.see(item)
        })?;
        Ok(Self {
            connections,
            clients: clients.finish(folder, called)?,
            skew: skew.finish(),
        })
    }
}
