//! Processes, and the ones that every Windows host runs all the time.

use super::account::Session;
use super::host::Host;
use super::program::{self, Program};
use crate::evtx::{Guid, Sid};
use crate::time::{FileTime, Span};

/// The kernel's process has a name of its own in Sysmon's counting.
const SYSTEM_PID: u32 = 4;
const SYSTEM_NUMBER: u64 = 0x3EB;

/// A process, from its start to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process<'a> {
    /// What it runs.
    pub program: &'a Program<'a>,
    /// Its id.
    pub pid: u32,
    /// When it was started.
    pub started: FileTime,
    /// How it was called.
    pub command_line: &'a str,
    /// As whom it runs.
    pub session: Session<'a>,
}

impl Process<'_> {
    /// Sysmon's name for the process, which all its events share.
    #[must_use]
    pub fn sysmon_guid(&self, host: &Host<'_>) -> Guid {
        let number = if self.pid == SYSTEM_PID {
            SYSTEM_NUMBER
        } else {
            // Unique as long as no pid is used twice within a second.
            u64::from(self.pid) << 2 | 1 << 48
        };
        host.sysmon_guid(self.started, number)
    }
}

impl<'a> Process<'a> {
    /// How it is started by another one: in the system's folder, with no more power than its
    /// session gives.
    #[must_use]
    pub const fn started_by(self, parent: Self) -> Start<'a> {
        Start {
            process: self,
            parent,
            directory: r"C:\Windows\system32\",
            integrity: if self.session.terminal == 0 {
                Integrity::System
            } else {
                Integrity::Medium
            },
        }
    }
}

/// How a process comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start<'a> {
    /// The new process.
    pub process: Process<'a>,
    /// Who started it.
    pub parent: Process<'a>,
    /// Where.
    pub directory: &'a str,
    /// With how much power.
    pub integrity: Integrity,
}

/// How much power a process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// A person's ordinary programs.
    Medium,
    /// An administrator's.
    High,
    /// Services'.
    System,
}

impl Integrity {
    /// As Sysmon writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Medium => "Medium",
            Self::High => "High",
            Self::System => "System",
        }
    }

    /// As the Security log writes it.
    #[must_use]
    pub const fn label(self) -> Sid {
        Sid::new(
            16,
            [match self {
                Self::Medium => 8_192,
                Self::High => 12_288,
                Self::System => 16_384,
            }],
        )
    }
}

/// The processes that run from boot on.
#[derive(Clone, Copy, Debug)]
pub struct Os<'a> {
    /// The kernel's process: its network events are SMB's, its file events too.
    pub system: Process<'a>,
    /// Starts services.
    pub services: Process<'a>,
    /// Authenticates.
    pub lsass: Process<'a>,
    /// Logs people on.
    pub winlogon: Process<'a>,
    /// Starts what COM asks for.
    pub dcom: Process<'a>,
    /// Maps remote procedure calls to ports (135).
    pub rpc: Process<'a>,
    /// Runs scheduled tasks, and listens for them on a high port.
    pub schedule: Process<'a>,
    /// Writes event logs, and lets them be read over another high port.
    pub event_log: Process<'a>,
    /// Serves remote desktops (3389).
    pub terminal: Process<'a>,
    /// Asks for names.
    pub dns: Process<'a>,
    /// Updates Windows.
    pub update: Process<'a>,
    /// Keeps the search index.
    pub indexer: Process<'a>,
    /// The backup agent.
    pub agent: Process<'a>,
}

impl Os<'_> {
    /// The processes of a host that started at this time.
    #[must_use]
    pub const fn since(boot: FileTime) -> Self {
        let system = Session::of_system(boot);
        let network = Session::of_network_service(boot);
        let local = Session::of_local_service(boot);
        Self {
            system: run(&program::SYSTEM, SYSTEM_PID, boot, 0, "", system),
            services: run(
                &program::SERVICES,
                684,
                boot,
                9,
                r"C:\Windows\system32\services.exe",
                system,
            ),
            lsass: run(
                &program::LSASS,
                732,
                boot,
                9,
                r"C:\Windows\system32\lsass.exe",
                system,
            ),
            winlogon: run(&program::WINLOGON, 628, boot, 9, "winlogon.exe", system),
            dcom: svchost(
                864,
                boot,
                r"C:\Windows\system32\svchost.exe -k DcomLaunch -p",
                system,
            ),
            rpc: svchost(
                976,
                boot,
                r"C:\Windows\system32\svchost.exe -k RPCSS -p",
                network,
            ),
            schedule: svchost(
                1_284,
                boot,
                r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule",
                system,
            ),
            event_log: svchost(
                1_336,
                boot,
                r"C:\Windows\system32\svchost.exe -k LocalServiceNetworkRestricted -p -s EventLog",
                local,
            ),
            terminal: svchost(
                1_112,
                boot,
                r"C:\Windows\system32\svchost.exe -k NetworkService -s TermService",
                network,
            ),
            dns: svchost(
                1_488,
                boot,
                r"C:\Windows\system32\svchost.exe -k NetworkService -p -s Dnscache",
                network,
            ),
            update: svchost(
                4_604,
                boot,
                r"C:\Windows\system32\svchost.exe -k netsvcs -p -s wuauserv",
                system,
            ),
            indexer: run(
                &program::SEARCH_INDEXER,
                5_232,
                boot,
                75,
                r"C:\Windows\system32\SearchIndexer.exe /Embedding",
                system,
            ),
            agent: run(
                &program::AGENT,
                3_344,
                boot,
                31,
                r#""C:\Program Files\Northvault\Agent\nvagent.exe" --service"#,
                system,
            ),
        }
    }
}

const fn run<'a>(
    program: &'a Program<'a>,
    pid: u32,
    boot: FileTime,
    seconds: u64,
    command_line: &'a str,
    session: Session<'a>,
) -> Process<'a> {
    Process {
        program,
        pid,
        started: FileTime(boot.0 + Span::seconds(seconds).0),
        command_line,
        session,
    }
}

const fn svchost<'a>(
    pid: u32,
    boot: FileTime,
    command_line: &'a str,
    session: Session<'a>,
) -> Process<'a> {
    run(&program::SVCHOST, pid, boot, 11, command_line, session)
}
