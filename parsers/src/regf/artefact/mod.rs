//! Keys that are known to tell something: where they are, which of their values count, what is decoded.
//!
//! Everything below is data: an artefact is a row of [`ARTEFACTS`], and what needs decoding has a file of its
//! own. Sources: EVIDENCE.md §0.2, ECS.md §9.2, RULES.md §2.10.

mod amcache;
mod audit_policy;
mod bam;
mod mru;
mod order;
mod remote;
mod sam;
mod service;
mod shell_bags;
mod shim_cache;
mod system;
mod task_cache;
mod user_assist;

use std::io;

use super::mount::Kind;
use super::node::Node;
use super::out::Out;

pub(super) use order::Order;
pub(super) use task_cache::{Lookups, actions::Actions, steps};

/// Decodes what a key says beyond its values.
pub(super) type Decode = fn(&mut Out<'_>, &Node<'_, '_>) -> io::Result<()>;

/// A key, or many of one kind.
pub(super) struct Artefact {
    /// What it is called in lists.
    pub(super) name: &'static str,
    /// The hives that have it.
    pub(super) hives: &'static [Kind],
    /// Where it is there. A part that ends in an asterisk stands for all that begin so.
    pub(super) paths: &'static [&'static str],
    /// Whether all that is below belongs to it.
    pub(super) is_deep: bool,
    /// Which of its values become events.
    pub(super) wanted: Wanted,
    /// Which of its values is the newest.
    pub(super) order: Order,
    /// What else it says.
    pub(super) decode: Option<Decode>,
}

/// Values that become events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of them, and the key itself when it has none.
    All,
    /// Those of these names.
    Named(&'static [&'static str]),
    /// None: what is decoded says it.
    None,
}

impl Artefact {
    /// Whether a value becomes an event.
    pub(super) fn wants(&self, name: &str) -> bool {
        match self.wanted {
            Wanted::All => true,
            Wanted::Named(names) => names.iter().any(|known| name.eq_ignore_ascii_case(known)),
            Wanted::None => false,
        }
    }

    const fn new(
        name: &'static str,
        hives: &'static [Kind],
        paths: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            hives,
            paths,
            is_deep: false,
            wanted: Wanted::All,
            order: Order::None,
            decode: None,
        }
    }

    const fn deep(mut self) -> Self {
        self.is_deep = true;
        self
    }

    const fn only(mut self, names: &'static [&'static str]) -> Self {
        self.wanted = Wanted::Named(names);
        self
    }

    const fn no_values(mut self) -> Self {
        self.wanted = Wanted::None;
        self
    }

    const fn ordered(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    const fn decoded(mut self, decode: Decode) -> Self {
        self.decode = Some(decode);
        self
    }
}

const SYSTEM: &[Kind] = &[Kind::System];
const SOFTWARE: &[Kind] = &[Kind::Software];
const USER: &[Kind] = &[Kind::User];

/// Every artefact.
#[rustfmt::skip] // One artefact, a few lines.
pub(super) const ARTEFACTS: &[Artefact] = &[
    // What runs, when.
    Artefact::new("TaskCache: tasks", SOFTWARE, &[r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks\*"])
        .only(&["Actions", "Triggers"])
        .decoded(task_cache::task),
    Artefact::new("TaskCache: tree", SOFTWARE, &[r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree"])
        .deep().only(&["Id", "SD", "Index"]).decoded(task_cache::tree),
    Artefact::new("Services", SYSTEM, &[r"ControlSet*\Services\*"])
        .only(&["ImagePath", "Start", "Type", "ObjectName", "DisplayName", "FailureCommand"]).decoded(service::service),
    Artefact::new("Services: libraries", SYSTEM, &[r"ControlSet*\Services\*\Parameters"]).only(&["ServiceDll", "ServiceMain"]),
    Artefact::new("Autostarts of the machine", SOFTWARE, &[
        r"Microsoft\Windows\CurrentVersion\Run", r"Microsoft\Windows\CurrentVersion\RunOnce", r"Microsoft\Windows\CurrentVersion\RunOnceEx",
        r"Microsoft\Windows\CurrentVersion\RunServices", r"Microsoft\Windows\CurrentVersion\RunServicesOnce",
        r"Microsoft\Windows\CurrentVersion\Policies\Explorer\Run", r"Microsoft\Windows\CurrentVersion\Policies\System",
        r"Microsoft\Windows\CurrentVersion\Group Policy\Scripts",
        r"WOW6432Node\Microsoft\Windows\CurrentVersion\Run", r"WOW6432Node\Microsoft\Windows\CurrentVersion\RunOnce",
        r"WOW6432Node\Microsoft\Windows\CurrentVersion\RunOnceEx", r"WOW6432Node\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run",
        r"Microsoft\Command Processor", r"Microsoft\Active Setup\Installed Components",
        r"Policies\Microsoft\Windows\System\Scripts", r"Microsoft\Ctf\LangBarAddin", r"Microsoft\Internet Explorer\Extensions",
    ]).deep(),
    Artefact::new("Autostarts of a user", USER, &[
        r"Software\Microsoft\Windows\CurrentVersion\Run", r"Software\Microsoft\Windows\CurrentVersion\RunOnce",
        r"Software\Microsoft\Windows\CurrentVersion\RunOnceEx", r"Software\Microsoft\Windows\CurrentVersion\RunServices",
        r"Software\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run", r"Software\Microsoft\Windows\CurrentVersion\Policies\System",
        r"Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Run", r"Software\WOW6432Node\Microsoft\Windows\CurrentVersion\RunOnce",
        r"Software\Microsoft\Command Processor", r"Software\Policies\Microsoft\Windows\System\Scripts",
        r"Software\Microsoft\Ctf\LangBarAddin", r"Software\Microsoft\Internet Explorer\Extensions",
    ]).deep(),
    Artefact::new("Logon and shell", SOFTWARE, &[r"Microsoft\Windows NT\CurrentVersion\Winlogon"])
        .only(&["Shell", "Userinit", "Taskman", "VmApplet", "GinaDLL", "DefaultUserName", "DefaultDomainName", "AutoAdminLogon", "LastUsedUsername"]),
    Artefact::new("Logon and shell", SOFTWARE, &[r"Microsoft\Windows NT\CurrentVersion\Winlogon\Notify"]).deep(),
    Artefact::new("Logon and shell of a user", USER, &[r"Software\Microsoft\Windows NT\CurrentVersion\Winlogon"]).only(&["Shell"]),
    Artefact::new("Logon and shell of a user", USER, &[r"Software\Microsoft\Windows NT\CurrentVersion\Windows"]).only(&["Load", "Run"]),
    Artefact::new("Logon and shell of a user", USER, &[r"Environment"]).only(&["UserInitMprLogonScript"]),
    Artefact::new("AppInit libraries", SOFTWARE, &[
        r"Microsoft\Windows NT\CurrentVersion\Windows", r"WOW6432Node\Microsoft\Windows NT\CurrentVersion\Windows",
    ]).only(&["AppInit_DLLs", "LoadAppInit_DLLs", "RequireSignedAppInit_DLLs"]),
    Artefact::new("Image File Execution Options", SOFTWARE, &[
        r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options", r"Microsoft\Windows NT\CurrentVersion\SilentProcessExit",
    ]).deep().only(&["Debugger", "GlobalFlag", "MonitorProcess", "ReportingMode", "VerifierDlls"]),
    Artefact::new("LSA", SYSTEM, &[r"ControlSet*\Control\Lsa"])
        .only(&["Authentication Packages", "Notification Packages", "Security Packages", "RunAsPPL", "DisableRestrictedAdmin", "DisableRestrictedAdminOutboundCreds", "LmCompatibilityLevel", "NoLMHash", "LimitBlankPasswordUse", "RestrictAnonymous"]),
    Artefact::new("LSA", SYSTEM, &[r"ControlSet*\Control\Lsa\OSConfig"]).only(&["Security Packages"]),
    Artefact::new("WDigest", SYSTEM, &[r"ControlSet*\Control\SecurityProviders\WDigest"]).only(&["UseLogonCredential", "Negotiate"]),
    Artefact::new("Session manager", SYSTEM, &[r"ControlSet*\Control\Session Manager"]).only(&["BootExecute", "PendingFileRenameOperations", "SetupExecute"]),
    Artefact::new("Program executions (BAM, DAM)", SYSTEM, &[
        r"ControlSet*\Services\bam\State\UserSettings\*", r"ControlSet*\Services\dam\State\UserSettings\*",
        r"ControlSet*\Services\bam\UserSettings\*", r"ControlSet*\Services\dam\UserSettings\*",
    ]).no_values().decoded(bam::executions),
    Artefact::new("ShimCache", SYSTEM, &[r"ControlSet*\Control\Session Manager\AppCompatCache"]).no_values().decoded(shim_cache::entries),
    Artefact::new("Amcache", &[Kind::Amcache], &[r"Root\InventoryApplicationFile\*", r"Root\File\*\*"]).no_values().decoded(amcache::file),
    Artefact::new("UserAssist", USER, &[r"Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist\*\Count"]).no_values().decoded(user_assist::entries),
    // What a user typed, opened, connected to.
    Artefact::new("RunMRU", USER, &[r"Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU"]).ordered(Order::Letters).decoded(mru::run_dialog),
    Artefact::new("Map Network Drive MRU", USER, &[r"Software\Microsoft\Windows\CurrentVersion\Explorer\Map Network Drive MRU"]).ordered(Order::Letters).decoded(remote::mapped),
    Artefact::new("TypedPaths", USER, &[r"Software\Microsoft\Windows\CurrentVersion\Explorer\TypedPaths"]).ordered(Order::Numbered("url", 1)),
    Artefact::new("RecentDocs", USER, &[r"Software\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs"]).deep().no_values().decoded(mru::recent_documents),
    Artefact::new("Remote desktop: last targets", USER, &[r"Software\Microsoft\Terminal Server Client\Default"]).ordered(Order::Numbered("MRU", 0)).decoded(remote::rdp_last),
    Artefact::new("Remote desktop: targets", USER, &[r"Software\Microsoft\Terminal Server Client\Servers\*"]).decoded(remote::rdp_target),
    Artefact::new("MountPoints2", USER, &[r"Software\Microsoft\Windows\CurrentVersion\Explorer\MountPoints2\##*"]).decoded(remote::mount_point),
    Artefact::new("Network drives", USER, &[r"Network\*"]).decoded(remote::network_drive),
    Artefact::new("PuTTY", USER, &[r"Software\SimonTatham\PuTTY\SshHostKeys", r"Software\SimonTatham\PuTTY\Jumplist"]).deep(),
    Artefact::new("PuTTY", USER, &[r"Software\SimonTatham\PuTTY\Sessions\*"]).only(&["HostName", "UserName", "PortNumber", "Protocol", "PublicKeyFile"]),
    Artefact::new("WinSCP", USER, &[r"Software\Martin Prikryl\WinSCP 2\SshHostKeys"]),
    Artefact::new("WinSCP", USER, &[r"Software\Martin Prikryl\WinSCP 2\Sessions\*", r"Software\Martin Prikryl\WinSCP 2\Configuration\CDCache"])
        .only(&["HostName", "UserName", "PortNumber", "FSProtocol", "LocalDirectory", "RemoteDirectory"]),
    Artefact::new("Sysinternals licences", USER, &[r"Software\Sysinternals"]).deep().only(&["EulaAccepted"]),
    Artefact::new("ShellBags: network", &[Kind::User, Kind::UserClasses], &[
        r"Software\Microsoft\Windows\Shell\BagMRU", r"Software\Microsoft\Windows\ShellNoRoam\BagMRU",
        r"Local Settings\Software\Microsoft\Windows\Shell\BagMRU",
    ]).deep().no_values().decoded(shell_bags::folder),
    // The machine.
    Artefact::new("Computer name", SYSTEM, &[r"ControlSet*\Control\ComputerName\ComputerName", r"ControlSet*\Control\ComputerName\ActiveComputerName"]).only(&["ComputerName"]),
    Artefact::new("Product", SYSTEM, &[r"ControlSet*\Control\ProductOptions"]).only(&["ProductType"]),
    Artefact::new("Time zone", SYSTEM, &[r"ControlSet*\Control\TimeZoneInformation"]),
    Artefact::new("Control sets", SYSTEM, &[r"Select"]),
    Artefact::new("Network interfaces", SYSTEM, &[r"ControlSet*\Services\Tcpip\Parameters"])
        .only(&["Hostname", "NV Hostname", "Domain", "NV Domain", "DhcpDomain", "DhcpNameServer", "NameServer", "SearchList"]),
    Artefact::new("Network interfaces", SYSTEM, &[r"ControlSet*\Services\Tcpip\Parameters\Interfaces\*"]).deep()
        .only(&["DhcpIPAddress", "IPAddress", "DhcpServer", "DhcpDefaultGateway", "DefaultGateway", "Domain", "DhcpDomain", "NameServer", "LeaseObtainedTime", "LeaseTerminatesTime"])
        .decoded(system::lease),
    Artefact::new("Shutdown", SYSTEM, &[r"ControlSet*\Control\Windows"]).only(&["ShutdownTime"]).decoded(system::shutdown),
    Artefact::new("File system", SYSTEM, &[r"ControlSet*\Control\FileSystem"]).only(&["NtfsDisableLastAccessUpdate", "NtfsDisable8dot3NameCreation"]),
    Artefact::new("Shares", SYSTEM, &[r"ControlSet*\Services\LanmanServer\Shares", r"ControlSet*\Services\LanmanServer\Parameters"]),
    Artefact::new("Port forwarding", SYSTEM, &[r"ControlSet*\Services\PortProxy"]).deep(),
    Artefact::new("Firewall", SYSTEM, &[r"ControlSet*\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"]),
    Artefact::new("Firewall", SYSTEM, &[r"ControlSet*\Services\SharedAccess\Parameters\FirewallPolicy\*Profile", r"ControlSet*\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile", r"ControlSet*\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile", r"ControlSet*\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile"])
        .only(&["EnableFirewall"]),
    Artefact::new("Remote desktop server", SYSTEM, &[r"ControlSet*\Control\Terminal Server", r"ControlSet*\Control\Terminal Server\WinStations\RDP-Tcp"])
        .only(&["fDenyTSConnections", "fSingleSessionPerUser", "PortNumber", "UserAuthentication", "SecurityLayer", "Shadow"]),
    Artefact::new("Event logs", SYSTEM, &[r"ControlSet*\Services\EventLog\*"]).only(&["MaxSize", "Retention", "File", "AutoBackupLogFiles"]),
    Artefact::new("Event logs", SOFTWARE, &[r"Microsoft\Windows\CurrentVersion\WINEVT\Channels\*"]).only(&["Enabled", "MaxSize", "MaxSizeUpper", "Retention"]),
    Artefact::new("Machine identity", SOFTWARE, &[r"Microsoft\Cryptography"]).only(&["MachineGuid"]),
    Artefact::new("Windows version", SOFTWARE, &[r"Microsoft\Windows NT\CurrentVersion"])
        .only(&["ProductName", "DisplayVersion", "ReleaseId", "CurrentBuild", "CurrentBuildNumber", "UBR", "EditionID", "InstallDate", "InstallTime", "RegisteredOwner", "SystemRoot"]),
    Artefact::new("Profiles", SOFTWARE, &[r"Microsoft\Windows NT\CurrentVersion\ProfileList\*"])
        .only(&["ProfileImagePath", "State", "Sid", "LocalProfileLoadTimeLow", "LocalProfileLoadTimeHigh", "LocalProfileUnloadTimeLow", "LocalProfileUnloadTimeHigh"])
        .decoded(system::profile),
    Artefact::new("Networks", SOFTWARE, &[r"Microsoft\Windows NT\CurrentVersion\NetworkList\Profiles\*", r"Microsoft\Windows NT\CurrentVersion\NetworkList\Signatures\Unmanaged\*"]),
    Artefact::new("PowerShell policy", SOFTWARE, &[r"Policies\Microsoft\Windows\PowerShell", r"Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell"]).deep(),
    Artefact::new("Audit policy", &[Kind::Security], &[r"Policy\PolAdtEv"]).decoded(audit_policy::policy),
    Artefact::new("Domain", &[Kind::Security], &[r"Policy\PolDnDDN", r"Policy\PolPrDmN", r"Policy\PolAcDmN", r"Policy\PolPrDmS", r"Policy\PolAcDmS"]),
    Artefact::new("Local users", &[Kind::Sam], &[r"SAM\Domains\Account\Users\*"]).only(&["F", "V"]).decoded(sam::user),
    Artefact::new("Local groups", &[Kind::Sam], &[r"SAM\Domains\Builtin\Aliases\*", r"SAM\Domains\Account\Aliases\*"]).only(&["C"]).decoded(sam::group),
];
