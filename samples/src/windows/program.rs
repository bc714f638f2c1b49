//! Program files and libraries, with what their version resource says. The texts are those of
//! Windows, which every host has; the made-up ones belong to nobody.

/// A program or library on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program<'a> {
    /// Its path.
    pub path: &'a str,
    /// `FileDescription`.
    pub description: &'a str,
    /// `OriginalFilename`.
    pub original_name: &'a str,
    /// Who made it.
    pub maker: Maker,
}

/// Whose version resource and signature a program carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Part of Windows, signed.
    Windows,
    /// Another signed product of its maker.
    Office,
    /// A made-up agent, signed.
    Northvault,
    /// No version resource, no signature: what an intruder brings.
    Nobody,
}

impl Maker {
    /// `FileVersion`, `ProductName` and `CompanyName`.
    #[must_use]
    pub const fn version(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Windows => (
                "10.0.20348.1 (WinBuild.160101.0800)",
                "Microsoft® Windows® Operating System",
                "Microsoft Corporation",
            ),
            Self::Office => (
                "16.0.17928.20114",
                "Microsoft Office",
                "Microsoft Corporation",
            ),
            Self::Northvault => ("4.2.1.0", "Northvault Agent", "Northvault"),
            Self::Nobody => ("-", "-", "-"),
        }
    }

    /// Whose signature it has, if any.
    #[must_use]
    pub const fn signature(self) -> Option<&'static str> {
        match self {
            Self::Windows => Some("Microsoft Windows"),
            Self::Office => Some("Microsoft Corporation"),
            Self::Northvault => Some("Northvault"),
            Self::Nobody => None,
        }
    }
}

const fn windows(
    path: &'static str,
    description: &'static str,
    original_name: &'static str,
) -> Program<'static> {
    Program {
        path,
        description,
        original_name,
        maker: Maker::Windows,
    }
}

const fn office(
    path: &'static str,
    description: &'static str,
    original_name: &'static str,
) -> Program<'static> {
    Program {
        path,
        description,
        original_name,
        maker: Maker::Office,
    }
}

impl<'a> Program<'a> {
    /// A file without any version resource.
    #[must_use]
    pub const fn unknown(path: &'a str) -> Self {
        Self {
            path,
            description: "-",
            original_name: "-",
            maker: Maker::Nobody,
        }
    }
}

/// The kernel's own process, which also serves files over SMB.
pub const SYSTEM: Program<'_> = Program::unknown("System");
/// Starts and stops services.
pub const SERVICES: Program<'_> = windows(
    r"C:\Windows\System32\services.exe",
    "Services and Controller app",
    "services.exe",
);
/// Hosts services.
pub const SVCHOST: Program<'_> = windows(
    r"C:\Windows\System32\svchost.exe",
    "Host Process for Windows Services",
    "svchost.exe",
);
/// Authenticates.
pub const LSASS: Program<'_> = windows(
    r"C:\Windows\System32\lsass.exe",
    "Local Security Authority Process",
    "lsass.exe",
);
/// Logs people on at a screen.
pub const WINLOGON: Program<'_> = windows(
    r"C:\Windows\System32\winlogon.exe",
    "Windows Logon Application",
    "WINLOGON.EXE",
);
/// Starts a person's shell.
pub const USERINIT: Program<'_> = windows(
    r"C:\Windows\System32\userinit.exe",
    "Userinit Logon Application",
    "USERINIT.EXE",
);
/// The shell.
pub const EXPLORER: Program<'_> = windows(
    r"C:\Windows\explorer.exe",
    "Windows Explorer",
    "EXPLORER.EXE",
);
/// The command interpreter.
pub const CMD: Program<'_> = windows(
    r"C:\Windows\System32\cmd.exe",
    "Windows Command Processor",
    "Cmd.Exe",
);
/// The window around it.
pub const CONHOST: Program<'_> = windows(
    r"C:\Windows\System32\conhost.exe",
    "Console Window Host",
    "CONHOST.EXE",
);
/// PowerShell.
pub const POWERSHELL: Program<'_> = windows(
    r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
    "Windows PowerShell",
    "PowerShell.EXE",
);
/// Starts a program as somebody else.
pub const RUNAS: Program<'_> = windows(
    r"C:\Windows\System32\runas.exe",
    "Run As Utility",
    "RUNAS.EXE",
);
/// Says who one is.
pub const WHOAMI: Program<'_> = windows(
    r"C:\Windows\System32\whoami.exe",
    "whoami - displays logged on user information",
    "whoami.exe",
);
/// Says what the host is.
pub const SYSTEMINFO: Program<'_> = windows(
    r"C:\Windows\System32\systeminfo.exe",
    "Displays system information",
    "sysinfo.exe",
);
/// Says how the network is set up.
pub const IPCONFIG: Program<'_> = windows(
    r"C:\Windows\System32\ipconfig.exe",
    "IP Configuration Utility",
    "ipconfig.exe",
);
/// Runs a function of a library.
pub const RUNDLL32: Program<'_> = windows(
    r"C:\Windows\System32\rundll32.exe",
    "Windows host process (Rundll32)",
    "RUNDLL32.EXE",
);
/// Notepad.
pub const NOTEPAD: Program<'_> =
    windows(r"C:\Windows\System32\notepad.exe", "Notepad", "NOTEPAD.EXE");
/// The management console.
pub const MMC: Program<'_> = windows(
    r"C:\Windows\System32\mmc.exe",
    "Microsoft Management Console",
    "mmc.exe",
);
/// Hosts what the task scheduler runs inside libraries.
pub const TASKHOSTW: Program<'_> = windows(
    r"C:\Windows\System32\taskhostw.exe",
    "Host Process for Windows Tasks",
    "taskhostw.exe",
);
/// Hosts background tasks of apps.
pub const BACKGROUND_TASK_HOST: Program<'_> = windows(
    r"C:\Windows\System32\backgroundTaskHost.exe",
    "Background Task Host",
    "backgroundTaskHost.exe",
);
/// Brokers rights for apps.
pub const RUNTIME_BROKER: Program<'_> = windows(
    r"C:\Windows\System32\RuntimeBroker.exe",
    "Runtime Broker",
    "RuntimeBroker.exe",
);
/// Feeds the search index.
pub const SEARCH_PROTOCOL_HOST: Program<'_> = windows(
    r"C:\Windows\System32\SearchProtocolHost.exe",
    "Microsoft Windows Search Protocol Host",
    "SearchProtocolHost.exe",
);
/// Keeps the search index.
pub const SEARCH_INDEXER: Program<'_> = windows(
    r"C:\Windows\System32\SearchIndexer.exe",
    "Microsoft Windows Search Indexer",
    "SearchIndexer.exe",
);
/// Serves WMI.
pub const WMIPRVSE: Program<'_> = windows(
    r"C:\Windows\System32\wbem\WmiPrvSE.exe",
    "WMI Provider Host",
    "Wmiprvse.exe",
);
/// The virus scanner's helper.
pub const MPCMDRUN: Program<'_> = windows(
    r"C:\Program Files\Windows Defender\MpCmdRun.exe",
    "Microsoft Malware Protection Command Line Utility",
    "MpCmdRun.exe",
);
/// Installs parts of Windows.
pub const TRUSTED_INSTALLER: Program<'_> = windows(
    r"C:\Windows\servicing\TrustedInstaller.exe",
    "Windows Modules Installer",
    "TrustedInstaller.exe",
);
/// Group policy, by hand or by schedule.
pub const GPUPDATE: Program<'_> = windows(
    r"C:\Windows\System32\gpupdate.exe",
    "Microsoft® Group Policy Update Utility",
    "GPUpdate.exe",
);
/// The library that talks to the task scheduler, here or on another host.
pub const TASKSCHD: Program<'_> = windows(
    r"C:\Windows\System32\taskschd.dll",
    "Task Scheduler COM API",
    "taskschd.dll",
);
/// A library that every program with windows loads.
pub const UXTHEME: Program<'_> = windows(
    r"C:\Windows\System32\uxtheme.dll",
    "Microsoft UxTheme Library",
    "UxTheme.dll",
);
/// The browser.
pub const EDGE: Program<'_> = office(
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    "Microsoft Edge",
    "msedge.exe",
);
/// Mail.
pub const OUTLOOK: Program<'_> = office(
    r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE",
    "Microsoft Outlook",
    "Outlook.exe",
);
/// Letters.
pub const WINWORD: Program<'_> = office(
    r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
    "Microsoft Word",
    "WinWord.exe",
);
/// The backup agent of the servers.
pub const AGENT: Program<'_> = Program {
    path: r"C:\Program Files\Northvault\Agent\nvagent.exe",
    description: "Northvault Agent",
    original_name: "nvagent.exe",
    maker: Maker::Northvault,
};
