//! Connections, seen from whichever end.

use super::host::Host;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// The address.
    pub ip: &'a str,
    /// The host's name as the logging host resolves it, or `-`.
    pub name: &'a str,
    /// The port.
    pub port: u16,
}

/// A TCP connection: from the side that opened it to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection<'a> {
    /// The side that opened it.
    pub from: Endpoint<'a>,
    /// The side that listened.
    pub to: Endpoint<'a>,
}

impl Host<'_> {
    /// A port of this host.
    #[must_use]
    pub const fn port(&self, port: u16) -> Endpoint<'_> {
        Endpoint {
            ip: self.ip,
            name: self.computer,
            port,
        }
    }
}

/// What Sysmon calls a well-known port.
#[must_use]
pub const fn port_name(port: u16) -> &'static str {
    match port {
        80 => "http",
        88 => "kerberos",
        135 => "epmap",
        389 => "ldap",
        443 => "https",
        445 => "microsoft-ds",
        3389 => "ms-wbt-server",
        _ => "-",
    }
}
