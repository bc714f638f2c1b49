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

pub use facts::{Addresses, Facts};
pub use gather::Gather;
pub(crate) use gather::{same_host, short_label};
pub use script::assemble_scripts;

/// The identity of a host among the events of a case: its name in lower case, until something
/// better is known.
#[must_use]
pub fn host_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Fills in what the events of one host lack.
pub fn enrich(segment: &mut Segment, host: &str, facts: &Facts) -> std::io::Result<()> {
    let addresses = facts.own_addresses(host)?;
    put_host(segment, host, &addresses);
    flow::orient(segment, &addresses);
    process::fill(segment, host, facts)?;
    account::identify(segment, host, facts)?;
    account::name(segment, host, facts)?;
    session::fill(segment, host, facts)
}

/// Puts nothing but `host.id`, which every rule joins by: for a view of events without our additions.
pub fn identify_host(segment: &mut Segment, host: &str) {
    if !host.is_empty() {
        let id = segment.cell(&Value::from(host));
        let mut column = Column::new(Kind::Keyword);
        for (row, _) in (0u32..).zip(&segment.rows) {
            column.push(row, id);
        }
        segment.set_column(f::HOST_ID, column);
    }
}

fn put_host(segment: &mut Segment, host: &str, addresses: &facts::Addresses) {
    identify_host(segment, host);
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
