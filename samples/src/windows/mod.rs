//! A small Windows: hosts, accounts, processes and connections, and what the event logs of a host
//! keep of each thing that happens there.
//!
//! Takes a [`Happening`], gives the [`Observation`]s of all logs. Field names, their order and
//! their types are those of the providers' manifests, as seen in logs that Windows wrote; every
//! name, address, GUID and hash is made up.
//!
//! *Invariants.* What is seen depends on the host, the time and the happening alone. Ids agree
//! across the events of one process and one session, in both logs.

mod account;
mod desktops;
mod happening;
mod host;
mod logon;
mod network;
mod noise;
mod process;
pub mod program;
mod registry;
mod security;
mod share;
mod sysmon;
mod system;
mod task;
mod ticket;

pub use account::{Account, DOMAIN, REALM, Session};
pub use happening::{Happening, Observation, observe};
pub use host::{Host, Log};
pub use logon::{FailedLogon, Logon, LogonType, Package, Peer};
pub use network::{Connection, Endpoint, port_name};
pub use noise::Noise;
pub use process::{Integrity, Os, Process, Start};
pub use program::{Maker, Program};
pub use registry::{TASK_CACHE, run_mru, task_actions};
pub use share::{Share, ShareAccess};
pub use task::Task;
pub use ticket::{Explicit, ServiceTicket, Ticket};
