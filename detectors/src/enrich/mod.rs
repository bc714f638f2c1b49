//! What only the whole host can tell about one event (DESIGN.md §4, "Two looks").
//!
//! The first look gathers [`Gather`]ed facts from every event: when processes started, ended and were
//! seen, what starts and image loads said of them, logons, account names, addresses proven to be a
//! host's own. The second look fills in what events lack: `host.id`, `host.ip`, `user.id`,
//! `process.entity_id`, what a process's start said, who its parent and its session were, and which
//! end of a flow opened it.
//! Recorded values are never replaced, but for the ends of a flow that old systems wrote the other
//! way round; that is marked.

mod account;
mod alias;
mod client_user;
mod edit;
mod facts;
mod flow;
mod gather;
mod identity;
mod life;
mod process;
mod script;
mod session;

use timeline::{Column, Kind, Segment, Value, fields as f};

pub(crate) use account::is_of_system;
pub use alias::{LogSpan, aliases};
pub use facts::{Addresses, Facts};
pub use gather::Gather;
pub(crate) use gather::{ALWAYS, USERS, can_be_own, same_host, short_label};
pub use script::assemble_scripts;

/// What facts about a host are found by: the name that it had then, in lower case. A machine's identity
/// is the key of its last name ([`aliases`]).
#[must_use]
pub fn host_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Fills in what the events of one host lack. `machine` is the machine's identity.
pub fn enrich(
    segment: &mut Segment,
    host: &str,
    machine: &str,
    facts: &Facts,
) -> std::io::Result<()> {
    let addresses = facts.own_addresses(host)?;
    put_host(segment, machine, &addresses);
    flow::orient(segment, &addresses);
    process::fill(segment, host, facts)?;
    account::identify(segment, host, facts)?;
    account::name(segment, host, facts)?;
    client_user::name(segment, facts)?;
    session::fill(segment, host, facts)
}

/// Puts nothing but `host.id`, which every rule joins by: for a view of events without our additions.
pub fn identify_host(segment: &mut Segment, machine: &str) {
    if !machine.is_empty() {
        let id = segment.cell(&Value::from(machine));
        let mut column = Column::new(Kind::Keyword);
        for (row, _) in (0u32..).zip(&segment.rows) {
            column.push(row, id);
        }
        segment.set_column(f::HOST_ID, column);
    }
}

/// The machine's identity of an event; the key of its host's name when it has none.
#[must_use]
pub fn machine_of(segment: &Segment, row: u32) -> String {
    match segment.text(f::HOST_ID, row) {
        Some(id) => id.to_owned(),
        None => host_key(segment.strings.get(segment.rows[row as usize].host)),
    }
}

fn put_host(segment: &mut Segment, machine: &str, addresses: &facts::Addresses) {
    identify_host(segment, machine);
    let mut own = Column::new(Kind::Ip);
    for row in 0..u32::try_from(segment.len()).expect("a segment is closed at MAX_ROWS") {
        let time = segment.rows[row as usize].time;
        for address in time.map(|time| addresses.at(time)).unwrap_or_default() {
            let address = segment.cell(&Value::from(address));
            own.push(row, address);
        }
    }
    segment.set_column(f::HOST_IP, own);
}
