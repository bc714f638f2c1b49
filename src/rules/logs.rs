//! The logs of Windows, by short names, and which of their events it records by default (EVIDENCE.md §0.1).

use std::ops::RangeInclusive;

/// A log, or several of one component.
#[derive(Debug)]
pub(super) struct Log {
    /// What the page calls it.
    pub(super) name: &'static str,
    /// Its channels in full.
    pub(super) channel: &'static str,
    /// Who writes there.
    providers: &'static [&'static str],
    /// What Windows does not record in it unless it is told to.
    off: Off,
    /// What to know of that.
    pub(super) default: &'static str,
}

#[derive(Debug)]
enum Off {
    /// It records everything.
    Nothing,
    /// It is off, or nobody writes there.
    Everything,
    /// It lacks these events.
    Those(&'static [u32]),
    /// It depends on the audit policy.
    Audit,
}

/// What the audit policy calls a group of events.
#[derive(Debug)]
pub(super) struct Subcategory {
    /// As `auditpol` calls it.
    pub(super) name: &'static str,
    /// Whether it is audited by default, at least where it matters: on domain controllers those of Kerberos.
    is_on: bool,
    ids: &'static [RangeInclusive<u32>],
}

const fn on(name: &'static str, ids: &'static [RangeInclusive<u32>]) -> Subcategory {
    Subcategory {
        name,
        is_on: true,
        ids,
    }
}

const fn off(name: &'static str, ids: &'static [RangeInclusive<u32>]) -> Subcategory {
    Subcategory {
        name,
        is_on: false,
        ids,
    }
}

/// The subcategories of the audit policy.
#[rustfmt::skip]
const SUBCATEGORIES: &[Subcategory] = &[
    on("Logon", &[4624..=4626, 4648..=4648, 4675..=4675]),
    on("Logoff", &[4634..=4634, 4647..=4647]),
    on("Special Logon", &[4672..=4672, 4964..=4964]),
    off("Other Logon/Logoff Events", &[4649..=4649, 4778..=4779, 4800..=4803, 5378..=5378, 5632..=5633]),
    on("Credential Validation", &[4774..=4777]),
    on("Kerberos Authentication Service", &[4768..=4768, 4771..=4772]),
    on("Kerberos Service Ticket Operations", &[4769..=4770, 4773..=4773]),
    on("User Account Management", &[4720..=4720, 4722..=4726, 4738..=4738, 4740..=4740, 4765..=4767, 4780..=4781, 4794..=4794, 4797..=4798, 5376..=5382]),
    on("Computer Account Management", &[4741..=4743]),
    on("Security Group Management", &[4727..=4735, 4737..=4737, 4754..=4758, 4764..=4764, 4799..=4799]),
    off("Distribution Group Management", &[4744..=4753, 4759..=4763]),
    on("Directory Service Access", &[4662..=4662]),
    off("Directory Service Changes", &[5136..=5139, 5141..=5141]),
    off("Process Creation", &[4688..=4688, 4696..=4696]),
    off("Process Termination", &[4689..=4689]),
    off("Plug and Play Events", &[6416..=6416, 6419..=6424]),
    off("Token Right Adjusted Events", &[4703..=4703]),
    off("File Share", &[5140..=5140, 5142..=5144, 5168..=5168]),
    off("Detailed File Share", &[5145..=5145]),
    off("File System or Registry", &[4656..=4656, 4658..=4658, 4660..=4660, 4663..=4664, 4670..=4670]),
    off("Registry", &[4657..=4657]),
    off("SAM", &[4661..=4661]),
    off("Handle Manipulation", &[4690..=4690]),
    off("Other Object Access Events", &[4691..=4691, 4698..=4702, 5148..=5149, 5888..=5890]),
    off("Filtering Platform Connection", &[5031..=5031, 5150..=5151, 5154..=5159]),
    off("Filtering Platform Packet Drop", &[5152..=5153]),
    on("Audit Policy Change", &[4715..=4715, 4719..=4719, 4817..=4817, 4902..=4902, 4904..=4908, 4912..=4912]),
    on("Authentication Policy Change", &[4706..=4707, 4713..=4713, 4716..=4718, 4739..=4739, 4864..=4867]),
    off("Authorization Policy Change", &[4704..=4705, 4911..=4911, 4913..=4913]),
    off("MPSSVC Rule-Level Policy Change", &[4944..=4958]),
    off("Other Policy Change Events", &[4714..=4714]),
    off("Sensitive Privilege Use", &[4673..=4674]),
    on("Security State Change", &[4608..=4609, 4616..=4616, 4621..=4621]),
    off("Security System Extension", &[4610..=4611, 4614..=4614, 4622..=4622, 4697..=4697]),
    on("Other System Events", &[5024..=5025, 5027..=5030, 5032..=5035, 5037..=5037]),
];

const fn log(name: &'static str, channel: &'static str, providers: &'static [&'static str]) -> Log {
    Log {
        name,
        channel,
        providers,
        off: Off::Nothing,
        default: "recorded",
    }
}

impl Log {
    const fn but(self, off: Off, default: &'static str) -> Self {
        Self {
            off,
            default,
            ..self
        }
    }

    /// Whether Windows records the event without being told to.
    pub(super) fn records(&self, id: u32) -> bool {
        match self.off {
            Off::Nothing => true,
            Off::Everything => false,
            Off::Those(ids) => !ids.contains(&id),
            Off::Audit => self.subcategory(id).is_none_or(|audit| audit.is_on),
        }
    }

    /// Whether Windows records none of its events without being told to.
    pub(super) fn is_off(&self) -> bool {
        matches!(self.off, Off::Everything)
    }

    /// The subcategory of the audit policy that an event belongs to.
    pub(super) fn subcategory(&self, id: u32) -> Option<&'static Subcategory> {
        let mut all = SUBCATEGORIES
            .iter()
            .filter(|_| matches!(self.off, Off::Audit));
        all.find(|audit| audit.ids.iter().any(|ids| ids.contains(&id)))
    }
}

/// The logs, in the order in which they are named.
#[rustfmt::skip]
pub(super) const LOGS: &[Log] = &[
    log("Security", "Security", &["Microsoft-Windows-Security-Auditing"])
        .but(Off::Audit, "by the audit policy: what it leaves out by default is marked, with its subcategory; command lines in 4688 need a policy of their own"),
    log("System", "System", &[
        "Service Control Manager", "Microsoft-Windows-DistributedCOM", "DCOM", "Microsoft-Windows-Eventlog", "EventLog",
        "Microsoft-Windows-Kernel-General", "Microsoft-Windows-Kernel-Power",
        "Microsoft-Windows-Kerberos-Key-Distribution-Center", "Microsoft-Windows-Security-Kerberos", "NETLOGON", "User32",
        "USER32",
    ]),
    log("Application", "Application", &["Application Error", "ESENT", "MSSQLSERVER", "MSSQL$*"])
        .but(Off::Those(&[18453, 18454, 18455]), "recorded; logins to SQL Server that succeed only when it is set to"),
    log("Sysmon", "Microsoft-Windows-Sysmon/Operational", &["Microsoft-Windows-Sysmon"])
        .but(Off::Everything, "Sysmon is installed separately; its configuration decides"),
    log("LocalSessionManager", "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        &["Microsoft-Windows-TerminalServices-LocalSessionManager"]),
    log("RemoteConnectionManager", "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
        &["Microsoft-Windows-TerminalServices-RemoteConnectionManager"]),
    log("RdpCoreTS", "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational",
        &["Microsoft-Windows-RemoteDesktopServices-RdpCoreTS"]),
    log("RDPClient", "Microsoft-Windows-TerminalServices-RDPClient/Operational",
        &["Microsoft-Windows-TerminalServices-ClientActiveXCore"]),
    log("RD Gateway", "Microsoft-Windows-TerminalServices-Gateway/Operational",
        &["Microsoft-Windows-TerminalServices-Gateway"])
        .but(Off::Nothing, "recorded, on gateways"),
    log("WinRM", "Microsoft-Windows-WinRM/Operational", &["Microsoft-Windows-WinRM"]),
    log("WMI-Activity", "Microsoft-Windows-WMI-Activity/Operational", &["Microsoft-Windows-WMI-Activity"]),
    log("PowerShell", "Microsoft-Windows-PowerShell/Operational, PowerShellCore/Operational",
        &["Microsoft-Windows-PowerShell", "PowerShellCore"])
        .but(Off::Those(&[4103, 4105, 4106]),
             "recorded; of script blocks (4104) those that look suspicious, unless all are logged; 4103 needs module logging"),
    log("Windows PowerShell", "Windows PowerShell", &["PowerShell"])
        .but(Off::Those(&[800]), "recorded; 800 needs module logging"),
    log("TaskScheduler", "Microsoft-Windows-TaskScheduler/Operational", &["Microsoft-Windows-TaskScheduler"])
        .but(Off::Everything, "mostly off since Windows 10 and Server 2016"),
    log("SMBClient", "Microsoft-Windows-SmbClient/Connectivity, /Operational, /Security", &["Microsoft-Windows-SMBClient"]),
    log("SMBServer", "Microsoft-Windows-SMBServer/Audit, /Connectivity, /Operational, /Security", &["Microsoft-Windows-SMBServer"])
        .but(Off::Those(&[3000]), "recorded; 3000 only when the use of old protocols is audited"),
    log("OpenSSH", "OpenSSH/Operational", &["OpenSSH"]).but(Off::Nothing, "recorded, where the server is installed"),
    log("Bits-Client", "Microsoft-Windows-Bits-Client/Operational", &["Microsoft-Windows-Bits-Client"]),
    log("Firewall", "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        &["Microsoft-Windows-Windows Firewall With Advanced Security"]),
    log("NTLM", "Microsoft-Windows-NTLM/Operational", &["Microsoft-Windows-NTLM"])
        .but(Off::Everything, "only when the use of NTLM is audited"),
    log("Shell-Core", "Microsoft-Windows-Shell-Core/Operational", &["Microsoft-Windows-Shell-Core"]),
    log("Defender", "Microsoft-Windows-Windows Defender/Operational", &["Microsoft-Windows-Windows Defender"]),
    log("AppLocker", "Microsoft-Windows-AppLocker/EXE and DLL, /MSI and Script, /Packaged app-Deployment, /Packaged app-Execution",
        &["Microsoft-Windows-AppLocker"])
        .but(Off::Everything, "only when AppLocker has rules"),
    log("CodeIntegrity", "Microsoft-Windows-CodeIntegrity/Operational", &["Microsoft-Windows-CodeIntegrity"]),
    log("DNS-Client", "Microsoft-Windows-DNS-Client/Operational", &["Microsoft-Windows-DNS-Client"])
        .but(Off::Everything, "off"),
    log("DriverFrameworks", "Microsoft-Windows-DriverFrameworks-UserMode/Operational",
        &["Microsoft-Windows-DriverFrameworks-UserMode"])
        .but(Off::Everything, "off"),
    log("GroupPolicy", "Microsoft-Windows-GroupPolicy/Operational", &["Microsoft-Windows-GroupPolicy"]),
    log("Kernel-PnP", "Microsoft-Windows-Kernel-PnP/Configuration", &["Microsoft-Windows-Kernel-PnP"]),
    log("Ntfs", "Microsoft-Windows-Ntfs/Operational", &["Microsoft-Windows-Ntfs"]),
    log("Partition", "Microsoft-Windows-Partition/Diagnostic", &["Microsoft-Windows-Partition"]),
    log("PrintService", "Microsoft-Windows-PrintService/Admin, /Operational", &["Microsoft-Windows-PrintService"])
        .but(Off::Those(&[307, 316]), "/Admin is recorded, /Operational is off"),
];

/// The place in [`LOGS`] of the log that events of a provider are in. Its channels are given where the
/// provider writes into several.
pub(super) fn log_of(provider: &str, channels: &[String]) -> Option<usize> {
    let by_channel = LOGS.iter().position(|log| channels == [log.channel]);
    let has_it = |log: &Log| log.providers.iter().any(|own| is_of(provider, own));
    by_channel.or_else(|| LOGS.iter().position(has_it))
}

/// Whether a provider has a name, or one of a family of names: `NAME*`.
pub(super) fn is_of(provider: &str, name: &str) -> bool {
    let start = name.strip_suffix('*');
    provider == name || start.is_some_and(|start| provider.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapped_event_is_in_a_log_and_every_audited_one_has_its_subcategory() {
        for event in parsers::evtx::mapped().unwrap() {
            let log = log_of(&event.provider, &event.channels);
            let log = log.unwrap_or_else(|| panic!("{} is in no log", event.provider));
            if event.provider == "Microsoft-Windows-Security-Auditing" {
                let has_it = |audit: &&Subcategory| {
                    let mut ids = audit.ids.iter();
                    ids.any(|ids| ids.contains(&event.id))
                };
                let count = SUBCATEGORIES.iter().filter(has_it).count();
                assert_eq!((LOGS[log].name, count), ("Security", 1), "{}", event.id);
            }
        }
    }

    #[test]
    fn what_is_off_by_default_is_known() {
        let records = |name: &str, id| {
            let log = LOGS.iter().find(|log| log.name == name).unwrap();
            log.records(id)
        };
        for (name, id, expected) in [
            ("Security", 4624, true),
            ("Security", 5145, false),
            ("Security", 1102, true),
            ("System", 7045, true),
            ("Sysmon", 1, false),
            ("TaskScheduler", 106, false),
            ("Windows PowerShell", 400, true),
            ("Windows PowerShell", 800, false),
        ] {
            assert_eq!(records(name, id), expected, "{name} {id}");
        }
    }
}
