//! Logons, in the words of the Security log.

use super::account::{Account, Session};
use super::network::Connection;
use super::process::Process;

/// `LogonType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogonType {
    /// At the console.
    Interactive = 2,
    /// From the network, without a desktop.
    Network = 3,
    /// A service.
    Service = 5,
    /// Back at a locked screen.
    Unlock = 7,
    /// By remote desktop.
    RemoteInteractive = 10,
}

/// By which means somebody proved who he is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// Kerberos, from the network.
    Kerberos,
    /// NTLM, from the network.
    Ntlm,
    /// Whichever, at a screen.
    AtScreen,
    /// A service's own logon.
    OfService,
}

impl Package {
    /// `LogonProcessName`, whose padding is Windows' own.
    #[must_use]
    pub const fn process_name(self) -> &'static str {
        match self {
            Self::Kerberos => "Kerberos",
            Self::Ntlm => "NtLmSsp ",
            Self::AtScreen => "User32 ",
            Self::OfService => "Advapi  ",
        }
    }

    /// `AuthenticationPackageName`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kerberos => "Kerberos",
            Self::Ntlm => "NTLM",
            Self::AtScreen | Self::OfService => "Negotiate",
        }
    }

    /// `LmPackageName` and `KeyLength`.
    #[must_use]
    pub const fn lan_manager(self) -> (&'static str, u32) {
        match self {
            Self::Ntlm => ("NTLM V2", 128),
            _ => ("-", 0),
        }
    }
}

/// A logon that succeeds.
#[derive(Clone, Copy, Debug)]
pub struct Logon<'a> {
    /// The session it makes.
    pub session: Session<'a>,
    /// Its type.
    pub kind: LogonType,
    /// The means.
    pub package: Package,
    /// Who asked for it on this host, if a process did.
    pub by: Option<Process<'a>>,
    /// From where: address and port, `-` and 0 where Windows says so.
    pub from: Peer<'a>,
    /// Whether the session has an administrator's rights in force.
    pub elevated: bool,
    /// The other half of an administrator's session, or 0.
    pub linked: u64,
}

impl<'a> Logon<'a> {
    /// A network logon by Kerberos over this connection.
    #[must_use]
    pub const fn over_network(session: Session<'a>, over: &Connection<'a>, elevated: bool) -> Self {
        Self {
            session,
            kind: LogonType::Network,
            package: Package::Kerberos,
            by: None,
            from: Peer {
                ip: over.from.ip,
                port: Some(over.from.port),
                workstation: "-",
            },
            elevated,
            linked: 0,
        }
    }
}

/// The far side of a logon, as far as it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer<'a> {
    /// `IpAddress`.
    pub ip: &'a str,
    /// `IpPort`.
    pub port: Option<u16>,
    /// `WorkstationName`.
    pub workstation: &'a str,
}

impl Peer<'_> {
    /// Nothing is recorded.
    pub const NONE: Self = Self {
        ip: "-",
        port: None,
        workstation: "-",
    };
}

/// A logon that fails.
#[derive(Clone, Copy, Debug)]
pub struct FailedLogon<'a> {
    /// Whose name was given.
    pub account: Account<'a>,
    /// From where.
    pub from: Peer<'a>,
}
