//! What can happen on a host, and which records its logs keep of it.

use super::account::{Account, Session};
use super::desktops;
use super::host::{Host, Log};
use super::logon::{FailedLogon, Logon, LogonType};
use super::network::Connection;
use super::process::{Process, Start};
use super::program::Program;
use super::share::{Share, ShareAccess};
use super::task::Task;
use super::ticket::{Explicit, ServiceTicket, Ticket};
use super::{security, sysmon, system};
use crate::evtx::Record;
use crate::time::FileTime;

/// One thing that happens on one host.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// A process starts.
    Starts(Start<'a>),
    /// A process ends.
    Ends(Process<'a>),
    /// A process opens a connection.
    Connects(Process<'a>, Connection<'a>),
    /// A process accepts one.
    Accepts(Process<'a>, Connection<'a>),
    /// A process loads a library.
    Loads(Process<'a>, &'a Program<'a>),
    /// A process creates the file with this path.
    Writes(Process<'a>, &'a str),
    /// A process deletes it.
    Deletes(Process<'a>, &'a str),
    /// A process creates a registry key.
    CreatesKey(Process<'a>, &'a str),
    /// A process sets a registry value: its path, and what Sysmon says of the data.
    SetsValue(Process<'a>, &'a str, &'a str),
    /// A process asks for a name, and gets these answers (`::ffff:10.1.2.3;`) or none.
    Resolves(Process<'a>, &'a str, Option<&'a str>),
    /// Sysmon itself starts or stops.
    Sysmon(&'a str),
    /// Somebody logs on.
    LogsOn(Logon<'a>),
    /// And off.
    LogsOff(Session<'a>, LogonType),
    /// Somebody is turned away.
    IsRefused(FailedLogon<'a>),
    /// A session reaches a share of this host.
    OpensShare(Session<'a>, Connection<'a>, Share<'a>),
    /// And a file or pipe in it, by this path and with these rights.
    Reaches(Session<'a>, Connection<'a>, Share<'a>, &'a str, ShareAccess),
    /// A session installs a service: name and program.
    InstallsService(Session<'a>, &'a str, &'a str),
    /// A session registers a scheduled task.
    RegistersTask(Session<'a>, Task<'a>),
    /// A service, by the name that people see, is `running` or `stopped` now.
    IsService(&'a str, &'a str),
    /// A service, by its name, did not answer when it was started: its program is none of a service.
    NeverAnswers(&'a str),
    /// Windows starts.
    Boots,
    /// Windows is shut down.
    ShutsDown,
    /// A session clears the Security log.
    ClearsSecurity(Session<'a>),
    /// A process uses credentials that are not its session's.
    Uses(Explicit<'a>),
    /// A domain controller lets somebody in.
    Grants(Ticket<'a>),
    /// And to a host's services.
    GrantsService(ServiceTicket<'a>),
    /// A domain controller checks somebody's password for the workstation of this name.
    Checks(Account<'a>, &'a str),
    /// A desktop of this number is begun, from an address or `LOCAL`.
    SitsDown(Account<'a>, u32, &'a str),
    /// And ended.
    GetsUp(Account<'a>, u32),
}

/// One record that a log keeps of a happening.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The log.
    pub log: Log,
    /// When it happened: Sysmon's `UtcTime`, else the record's time.
    pub time: FileTime,
    /// The record; its own time may be a little later.
    pub record: Record,
}

/// All records that a host with every log and all auditing keeps of what happens at this time.
#[must_use]
pub fn observe(host: &Host<'_>, at: FileTime, what: &Happening<'_>) -> Vec<Observation> {
    let mut seen = Vec::with_capacity(2);
    seen.extend(sysmon::event(host, at, what));
    seen.extend(security::events(host, at, what));
    seen.extend(system::events(host, at, what));
    seen.extend(desktops::event(host, at, what));
    seen
}
