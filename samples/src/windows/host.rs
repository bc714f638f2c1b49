//! A host, and the logs that were collected from one.

use crate::evtx::Guid;
use crate::time::FileTime;

/// A Windows host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// The NetBIOS name, such as `WS01`.
    pub name: &'a str,
    /// The full name, which is `Computer` in every record.
    pub computer: &'a str,
    /// Its address.
    pub ip: &'a str,
    /// What every Sysmon GUID of the host begins with.
    pub machine: u32,
    /// When it was started.
    pub boot: FileTime,
}

impl Host<'_> {
    /// The form of all GUIDs that Sysmon makes: host, time in seconds, and a number.
    #[must_use]
    pub fn sysmon_guid(&self, time: FileTime, number: u64) -> Guid {
        // The second and third field are the two halves of the time.
        let seconds = time.unix_seconds();
        Guid::new(
            self.machine,
            (seconds & 0xFFFF) as u16,
            (seconds >> 16 & 0xFFFF) as u16,
            number.to_le_bytes(),
        )
    }
}

/// One of the event logs that a host keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Log {
    /// `Microsoft-Windows-Sysmon/Operational`.
    Sysmon,
    /// `Security`.
    Security,
    /// `System`.
    System,
    /// `Microsoft-Windows-TerminalServices-LocalSessionManager/Operational`.
    Desktops,
}

impl Log {
    /// The name of the channel.
    #[must_use]
    pub const fn channel(self) -> &'static str {
        match self {
            Self::Sysmon => "Microsoft-Windows-Sysmon/Operational",
            Self::Security => "Security",
            Self::System => "System",
            Self::Desktops => "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        }
    }

    /// The name of the file that Windows keeps the channel in.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Sysmon => "Microsoft-Windows-Sysmon%4Operational.evtx",
            Self::Security => "Security.evtx",
            Self::System => "System.evtx",
            Self::Desktops => {
                "Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational.evtx"
            }
        }
    }
}
