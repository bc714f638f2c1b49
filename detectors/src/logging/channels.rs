//! The logs that matter to lateral movement.

/// A log that tells of lateral movement where it is.
#[derive(Clone, Copy, Debug)]
pub struct Channel {
    /// Its name.
    pub name: &'static str,
    /// What it tells.
    pub tells: &'static str,
    /// Every Windows has it, so that it is missing even where the registry was not collected.
    pub is_everywhere: bool,
}

const fn channel(name: &'static str, tells: &'static str) -> Channel {
    Channel {
        name,
        tells,
        is_everywhere: false,
    }
}

const fn everywhere(name: &'static str, tells: &'static str) -> Channel {
    Channel {
        name,
        tells,
        is_everywhere: true,
    }
}

/// Logs that tell of lateral movement.
#[rustfmt::skip]
pub const CHANNELS: &[Channel] = &[
    everywhere("Security", "logons and, where audited, processes, shares, services and tasks"),
    everywhere("System", "services, restarts, cleared logs, the clock"),
    channel("Microsoft-Windows-Sysmon/Operational", "processes, connections, files, registry changes"),
    channel("Microsoft-Windows-TaskScheduler/Operational", "tasks registered and run"),
    channel("Microsoft-Windows-WinRM/Operational", "remote management sessions, both ends"),
    channel("Microsoft-Windows-WMI-Activity/Operational", "WMI operations and consumers"),
    channel("Microsoft-Windows-PowerShell/Operational", "script blocks"),
    channel("Windows PowerShell", "hosts of PowerShell, remote ones too"),
    channel("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "remote desktop sessions with their addresses"),
    channel("Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "remote desktop connections that authenticated"),
    channel("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational", "remote desktop connections, failed ones too"),
    channel("Microsoft-Windows-TerminalServices-RDPClient/Operational", "remote desktop connections to other hosts"),
    channel("Microsoft-Windows-SmbClient/Connectivity", "connections to shares that failed or came back"),
    channel("Microsoft-Windows-SmbClient/Operational", "shares that were connected to"),
    channel("Microsoft-Windows-SmbClient/Security", "authentication at shares that failed"),
    channel("Microsoft-Windows-SMBServer/Audit", "clients with old protocols"),
    channel("Microsoft-Windows-SMBServer/Connectivity", "clients that came and went"),
    channel("Microsoft-Windows-SMBServer/Operational", "shares that were offered"),
    channel("Microsoft-Windows-SMBServer/Security", "clients that failed to authenticate"),
    channel("OpenSSH/Operational", "logons over SSH"),
    channel("Microsoft-Windows-Bits-Client/Operational", "files that were fetched"),
];

/// Events of the Security log that prove that it records their kind.
pub const PROVING: [&str; 6] = ["4624", "4688", "4697", "4698", "5140", "5145"];

/// Whether a log, by its lower-case name, is one of [`CHANNELS`].
pub(super) fn is_telling(key: &str) -> bool {
    CHANNELS
        .iter()
        .any(|channel| channel.name.eq_ignore_ascii_case(key))
}
