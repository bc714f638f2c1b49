//! Tickets, as domain controllers give them out, and credentials that are used for others than one's own.

use super::account::Account;
use super::host::Host;
use super::process::Process;
use crate::evtx::Guid;

/// A ticket to ask for tickets with: somebody has logged on somewhere.
#[derive(Clone, Copy, Debug)]
pub struct Ticket<'a> {
    /// Who.
    pub account: Account<'a>,
    /// The account of the service that gives tickets out.
    pub krbtgt: Account<'a>,
    /// From where.
    pub ip: &'a str,
    /// And from which port.
    pub port: u16,
}

/// A ticket for the services of a host.
#[derive(Clone, Copy, Debug)]
pub struct ServiceTicket<'a> {
    /// Who goes there.
    pub account: Account<'a>,
    /// The host's own account.
    pub service: Account<'a>,
    /// From where.
    pub ip: &'a str,
    /// And from which port.
    pub port: u16,
    /// What the logon there will have as `LogonGuid`.
    pub guid: Guid,
}

/// Credentials that a process gives for another host.
#[derive(Clone, Copy, Debug)]
pub struct Explicit<'a> {
    /// The process.
    pub by: Process<'a>,
    /// Whose they are.
    pub account: Account<'a>,
    /// For which host.
    pub to: Host<'a>,
}
