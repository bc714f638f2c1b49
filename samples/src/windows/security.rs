//! What the Security log writes when everything is audited that hosts here can audit.

use super::account::{Account, DOMAIN, REALM, Session};
use super::happening::{Happening, Observation};
use super::host::{Host, Log};
use super::logon::{FailedLogon, Logon, LogonType, Package};
use super::network::Connection;
use super::noise;
use super::process::{Process, Start};
use super::share::{Share, ShareAccess};
use super::task::Task;
use super::ticket::{Explicit, ServiceTicket, Ticket};
use crate::evtx::{Body, Fields, Guid, Provider, Record, Sid, Value};
use crate::time::{FileTime, Span};

const PROVIDER: Guid = Guid::new(
    0x5484_9625,
    0x5478,
    0x4994,
    [0xA5, 0xBA, 0x3E, 0x3B, 0x03, 0x28, 0xC3, 0x0D],
);
const NOBODY: Sid = Sid::new(0, [0]);
const SUCCESS: u64 = 0x8020_0000_0000_0000;
const FAILURE: u64 = 0x8010_0000_0000_0000;
const YES: &str = "%%1842";
const NO: &str = "%%1843";

/// The events for a happening; a logon with an administrator's rights has two.
pub(super) fn events(host: &Host<'_>, at: FileTime, what: &Happening<'_>) -> Vec<Observation> {
    let one = |kind, fields| vec![observation(host, at, kind, fields)];
    match what {
        Happening::Starts(start) => one(Kind::PROCESS_START, start_fields(host, start)),
        Happening::Ends(process) => one(Kind::PROCESS_END, end_fields(host, process)),
        Happening::LogsOn(logon) => logon_events(host, at, logon),
        Happening::LogsOff(session, kind) => one(Kind::LOGOFF, logoff_fields(host, session, *kind)),
        Happening::IsRefused(failed) => one(Kind::LOGON_FAILED, refused_fields(failed)),
        Happening::OpensShare(session, over, share) => {
            one(Kind::SHARE, share_fields(host, session, over, share))
        }
        Happening::Reaches(session, over, share, path, access) => one(
            Kind::SHARED_FILE,
            shared_file_fields(host, session, over, share, path, *access),
        ),
        Happening::InstallsService(session, name, program) => {
            one(Kind::SERVICE, service_fields(host, session, name, program))
        }
        Happening::RegistersTask(session, task) => {
            one(Kind::TASK, task_fields(host, session, task))
        }
        Happening::Uses(explicit) => one(Kind::EXPLICIT, explicit_fields(host, explicit)),
        Happening::Grants(ticket) => one(Kind::TICKET, ticket_fields(ticket)),
        Happening::GrantsService(ticket) => {
            one(Kind::SERVICE_TICKET, service_ticket_fields(ticket))
        }
        Happening::Checks(account, workstation) => {
            one(Kind::CHECK, check_fields(account, workstation))
        }
        Happening::ClearsSecurity(session) => vec![cleared(host, at, session)],
        _ => Vec::new(),
    }
}

/// An event's id, version and task, and what logs it.
#[derive(Clone, Copy)]
struct Kind {
    id: u16,
    version: u8,
    task: u16,
    keywords: u64,
    logger: u32,
}

impl Kind {
    /// The kernel logs processes and shares, the authority (lsass) everything else.
    const KERNEL: u32 = 4;
    const AUTHORITY: u32 = 732;

    const LOGON: Self = Self::success(4624, 2, 12_544, Self::AUTHORITY);
    const LOGON_FAILED: Self = Self {
        keywords: FAILURE,
        ..Self::success(4625, 0, 12_544, Self::AUTHORITY)
    };
    const LOGOFF: Self = Self::success(4634, 0, 12_545, Self::AUTHORITY);
    const RIGHTS: Self = Self::success(4672, 0, 12_548, Self::AUTHORITY);
    const PROCESS_START: Self = Self::success(4688, 2, 13_312, Self::KERNEL);
    const PROCESS_END: Self = Self::success(4689, 0, 13_313, Self::KERNEL);
    const SERVICE: Self = Self::success(4697, 0, 12_289, Self::AUTHORITY);
    const TASK: Self = Self::success(4698, 1, 12_804, Self::AUTHORITY);
    const SHARE: Self = Self::success(5140, 1, 12_808, Self::KERNEL);
    const SHARED_FILE: Self = Self::success(5145, 0, 12_811, Self::KERNEL);
    const EXPLICIT: Self = Self::success(4648, 0, 12_544, Self::AUTHORITY);
    const TICKET: Self = Self::success(4768, 0, 14_339, Self::AUTHORITY);
    const SERVICE_TICKET: Self = Self::success(4769, 0, 14_337, Self::AUTHORITY);
    const CHECK: Self = Self::success(4776, 0, 14_336, Self::AUTHORITY);

    const fn success(id: u16, version: u8, task: u16, logger: u32) -> Self {
        Self {
            id,
            version,
            task,
            keywords: SUCCESS,
            logger,
        }
    }
}

fn observation(host: &Host<'_>, at: FileTime, kind: Kind, fields: Fields) -> Observation {
    let odd = noise::mix(at.0 ^ u64::from(kind.id) << 40 ^ u64::from(host.machine));
    let time = at + Span(odd % 30_000);
    Observation {
        log: Log::Security,
        time,
        record: Record {
            time,
            provider: Provider {
                name: "Microsoft-Windows-Security-Auditing".into(),
                guid: PROVIDER,
            },
            channel: Log::Security.channel().into(),
            computer: host.computer.to_owned().into(),
            event_id: kind.id,
            version: kind.version,
            level: 0,
            task: kind.task,
            opcode: 0,
            keywords: kind.keywords,
            activity: (kind.logger == Kind::AUTHORITY).then(|| activity(host)),
            process_id: kind.logger,
            thread_id: kind.logger + 48 + (odd >> 32 & 0x1C) as u32,
            user: None,
            body: Body::EventData(fields),
        },
    }
}

/// The authority logs under one activity from boot on.
fn activity(host: &Host<'_>) -> Guid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&host.boot.0.to_le_bytes());
    bytes[8..].copy_from_slice(&noise::mix(host.boot.0).to_le_bytes());
    Guid::from_bytes(bytes)
}

/// Who did it: SID, name, domain and logon id. The local system goes by the host's own name.
fn subject(host: &Host<'_>, session: &Session<'_>) -> Fields {
    let account = session.account;
    let (name, domain) = if account == Account::SYSTEM {
        (format!("{}$", host.name), DOMAIN)
    } else {
        (account.name.to_owned(), account.domain())
    };
    vec![
        ("SubjectUserSid", Value::Sid(account.sid())),
        ("SubjectUserName", name.into()),
        ("SubjectDomainName", domain.into()),
        ("SubjectLogonId", Value::HexInt64(session.logon_id)),
    ]
}

fn no_subject() -> Fields {
    vec![
        ("SubjectUserSid", Value::Sid(NOBODY)),
        ("SubjectUserName", "-".into()),
        ("SubjectDomainName", "-".into()),
        ("SubjectLogonId", Value::HexInt64(0)),
    ]
}

fn logon_events(host: &Host<'_>, at: FileTime, logon: &Logon<'_>) -> Vec<Observation> {
    let mut events = vec![observation(
        host,
        at,
        Kind::LOGON,
        logon_fields(host, logon),
    )];
    if logon.elevated {
        let rights = rights_fields(host, &logon.session);
        // Never before the logon itself.
        let after = events[0].time + Span(97);
        let mut event = observation(host, at, Kind::RIGHTS, rights);
        event.time = after;
        event.record.time = after;
        events.push(event);
    }
    events
}

fn logon_fields(host: &Host<'_>, logon: &Logon<'_>) -> Fields {
    let Logon {
        session,
        kind,
        package,
        by,
        from,
        ..
    } = logon;
    let (lan_manager, key_length) = package.lan_manager();
    let mut fields = match by {
        Some(_) => subject(host, &Session::of_system(host.boot)),
        None => no_subject(),
    };
    fields.extend([
        ("TargetUserSid", Value::Sid(session.account.sid())),
        ("TargetUserName", session.account.name.into()),
        ("TargetDomainName", logon_domain(logon).into()),
        ("TargetLogonId", Value::HexInt64(session.logon_id)),
        ("LogonType", Value::UInt32(*kind as u32)),
        ("LogonProcessName", package.process_name().into()),
        ("AuthenticationPackageName", package.name().into()),
        ("WorkstationName", from.workstation.into()),
        ("LogonGuid", Value::Guid(logon.guid(host))),
        ("TransmittedServices", "-".into()),
        ("LmPackageName", lan_manager.into()),
        ("KeyLength", Value::UInt32(key_length)),
        (
            "ProcessId",
            Value::Pointer(by.map_or(0, |by| by.pid.into())),
        ),
        ("ProcessName", by.map_or("-", |by| by.program.path).into()),
        ("IpAddress", from.ip.into()),
        ("IpPort", port_text(from.port)),
        ("ImpersonationLevel", "%%1833".into()),
        ("RestrictedAdminMode", restricted_admin(*kind).into()),
        ("TargetOutboundUserName", "-".into()),
        ("TargetOutboundDomainName", "-".into()),
        ("VirtualAccount", NO.into()),
        ("TargetLinkedLogonId", Value::HexInt64(logon.linked)),
        (
            "ElevatedToken",
            if logon.elevated { YES } else { NO }.into(),
        ),
    ]);
    fields
}

/// Kerberos brings the realm along; everything else the short name.
fn logon_domain<'a>(logon: &Logon<'a>) -> &'a str {
    if logon.package == Package::Kerberos {
        REALM
    } else {
        logon.session.account.domain()
    }
}

impl Logon<'_> {
    /// `LogonGuid`, which the ticket for it has, too. Only Kerberos has one.
    #[must_use]
    pub fn guid(&self, host: &Host<'_>) -> Guid {
        if self.package != Package::Kerberos {
            return Guid::ZERO;
        }
        let seed = noise::mix(self.session.logon_id ^ u64::from(host.machine) << 32);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..].copy_from_slice(&noise::mix(seed).to_le_bytes());
        Guid::from_bytes(bytes)
    }
}

const fn restricted_admin(kind: LogonType) -> &'static str {
    match kind {
        LogonType::RemoteInteractive => NO,
        _ => "-",
    }
}

fn port_text(port: Option<u16>) -> Value {
    port.map_or_else(|| "-".into(), |port| port.to_string().into())
}

fn rights_fields(host: &Host<'_>, session: &Session<'_>) -> Fields {
    const RIGHTS: [&str; 10] = [
        "SeSecurityPrivilege",
        "SeBackupPrivilege",
        "SeRestorePrivilege",
        "SeTakeOwnershipPrivilege",
        "SeDebugPrivilege",
        "SeSystemEnvironmentPrivilege",
        "SeLoadDriverPrivilege",
        "SeImpersonatePrivilege",
        "SeDelegateSessionUserImpersonatePrivilege",
        "SeEnableDelegationPrivilege",
    ];
    let mut fields = subject(host, session);
    fields.push(("PrivilegeList", RIGHTS.join("\r\n\t\t\t").into()));
    fields
}

fn logoff_fields(host: &Host<'_>, session: &Session<'_>, kind: LogonType) -> Fields {
    let account = session.account;
    let name = if account == Account::SYSTEM {
        format!("{}$", host.name)
    } else {
        account.name.to_owned()
    };
    vec![
        ("TargetUserSid", Value::Sid(account.sid())),
        ("TargetUserName", name.into()),
        ("TargetDomainName", account.domain().into()),
        ("TargetLogonId", Value::HexInt64(session.logon_id)),
        ("LogonType", Value::UInt32(kind as u32)),
    ]
}

/// A wrong password over the network.
fn refused_fields(failed: &FailedLogon<'_>) -> Fields {
    let FailedLogon { account, from } = failed;
    let mut fields = no_subject();
    fields.extend([
        ("TargetUserSid", Value::Sid(NOBODY)),
        ("TargetUserName", account.name.into()),
        ("TargetDomainName", account.domain().into()),
        ("Status", Value::HexInt32(0xC000_006D)),
        ("FailureReason", "%%2313".into()),
        ("SubStatus", Value::HexInt32(0xC000_006A)),
        ("LogonType", Value::UInt32(LogonType::Network as u32)),
        ("LogonProcessName", Package::Ntlm.process_name().into()),
        ("AuthenticationPackageName", Package::Ntlm.name().into()),
        ("WorkstationName", from.workstation.into()),
        ("TransmittedServices", "-".into()),
        ("LmPackageName", "-".into()),
        ("KeyLength", Value::UInt32(0)),
        ("ProcessId", Value::Pointer(0)),
        ("ProcessName", "-".into()),
        ("IpAddress", from.ip.into()),
        ("IpPort", port_text(from.port)),
    ]);
    fields
}

/// The subject is who started it; the target is named only when the new process is somebody else's.
fn start_fields(host: &Host<'_>, start: &Start<'_>) -> Fields {
    let Start {
        process,
        parent,
        integrity,
        ..
    } = start;
    let mut fields = subject(host, &parent.session);
    fields.extend([
        ("NewProcessId", Value::Pointer(process.pid.into())),
        ("NewProcessName", process.program.path.into()),
        ("TokenElevationType", "%%1936".into()),
        ("ProcessId", Value::Pointer(parent.pid.into())),
        ("CommandLine", process.command_line.into()),
    ]);
    fields.extend(new_owner(process, parent));
    fields.extend([
        ("ParentProcessName", parent.program.path.into()),
        ("MandatoryLabel", Value::Sid(integrity.label())),
    ]);
    fields
}

fn new_owner(process: &Process<'_>, parent: &Process<'_>) -> Fields {
    let changed = process.session.logon_id != parent.session.logon_id;
    let owner = changed.then_some(process.session);
    let account = owner.map(|owner| owner.account);
    vec![
        (
            "TargetUserSid",
            Value::Sid(account.map_or(NOBODY, |account| account.sid())),
        ),
        (
            "TargetUserName",
            account.map_or("-", |account| account.name).into(),
        ),
        (
            "TargetDomainName",
            account.map_or("-", |account| account.domain()).into(),
        ),
        (
            "TargetLogonId",
            Value::HexInt64(owner.map_or(0, |owner| owner.logon_id)),
        ),
    ]
}

fn end_fields(host: &Host<'_>, process: &Process<'_>) -> Fields {
    let mut fields = subject(host, &process.session);
    fields.extend([
        ("Status", Value::HexInt32(0)),
        ("ProcessId", Value::Pointer(process.pid.into())),
        ("ProcessName", process.program.path.into()),
    ]);
    fields
}

fn share_fields(
    host: &Host<'_>,
    session: &Session<'_>,
    over: &Connection<'_>,
    share: &Share<'_>,
) -> Fields {
    let mut fields = subject(host, session);
    fields.extend(share_and_peer(over, share));
    fields.extend([
        ("AccessMask", Value::HexInt32(1)),
        ("AccessList", access_list(&[4416])),
    ]);
    fields
}

fn share_and_peer(over: &Connection<'_>, share: &Share<'_>) -> Fields {
    vec![
        ("ObjectType", "File".into()),
        ("IpAddress", over.from.ip.into()),
        ("IpPort", over.from.port.to_string().into()),
        ("ShareName", share.name.into()),
        ("ShareLocalPath", share.local_path.into()),
    ]
}

fn shared_file_fields(
    host: &Host<'_>,
    session: &Session<'_>,
    over: &Connection<'_>,
    share: &Share<'_>,
    path: &str,
    access: ShareAccess,
) -> Fields {
    let mut fields = subject(host, session);
    fields.extend(share_and_peer(over, share));
    fields.extend([
        ("RelativeTargetName", path.into()),
        ("AccessMask", Value::HexInt32(access.mask())),
        ("AccessList", access_list(access.codes())),
        ("AccessReason", "-".into()),
    ]);
    fields
}

/// Each code on a line of its own, the last one ended, too.
fn access_list(codes: &[u32]) -> Value {
    let mut lines = String::new();
    for code in codes {
        lines.push_str("%%");
        lines.push_str(&code.to_string());
        lines.push_str("\r\n\t\t\t\t");
    }
    lines.into()
}

fn service_fields(host: &Host<'_>, session: &Session<'_>, name: &str, program: &str) -> Fields {
    let mut fields = subject(host, session);
    fields.extend([
        ("ServiceName", name.into()),
        ("ServiceFileName", program.into()),
        ("ServiceType", Value::HexInt32(0x10)),
        ("ServiceStartType", Value::UInt32(3)),
        ("ServiceAccount", "LocalSystem".into()),
    ]);
    fields
}

fn task_fields(host: &Host<'_>, session: &Session<'_>, task: &Task<'_>) -> Fields {
    let mut fields = subject(host, session);
    fields.extend([
        ("TaskName", task.path.into()),
        ("TaskContent", task.xml().into()),
        (
            "ClientProcessStartKey",
            Value::UInt64(start_key(task.client)),
        ),
        ("ClientProcessId", Value::UInt32(task.client)),
        ("ParentProcessId", Value::UInt32(task.client_parent)),
        // Zero for callers on the host itself, too: only the missing process id tells them apart.
        ("RpcCallClientLocality", Value::UInt32(0)),
        ("FQDN", host.computer.into()),
    ]);
    fields
}

/// A process's number since boot, which no remote client has.
const fn start_key(client: u32) -> u64 {
    if client == 0 {
        0
    } else {
        0x0013_0000_0000_0000 | client as u64
    }
}

/// As whom a process goes elsewhere, and where.
fn explicit_fields(host: &Host<'_>, explicit: &Explicit<'_>) -> Fields {
    let Explicit { by, account, to } = explicit;
    let mut fields = subject(host, &by.session);
    fields.extend([
        ("LogonGuid", Value::Guid(Guid::ZERO)),
        ("TargetUserName", account.name.into()),
        ("TargetDomainName", account.domain().into()),
        ("TargetLogonGuid", Value::Guid(Guid::ZERO)),
        ("TargetServerName", to.computer.into()),
        ("TargetInfo", format!("host/{}", to.computer).into()),
        ("ProcessId", Value::Pointer(by.pid.into())),
        ("ProcessName", by.program.path.into()),
        ("IpAddress", "-".into()),
        ("IpPort", "-".into()),
    ]);
    fields
}

/// Addresses of version 4 are written as such of version 6 here.
fn client(ip: &str) -> Value {
    format!("::ffff:{ip}").into()
}

/// AES with 256 bits.
const ENCRYPTION: u32 = 0x12;

fn ticket_fields(ticket: &Ticket<'_>) -> Fields {
    let Ticket {
        account,
        krbtgt,
        ip,
        port,
    } = ticket;
    vec![
        ("TargetUserName", account.name.into()),
        ("TargetDomainName", account.domain().into()),
        ("TargetSid", Value::Sid(account.sid())),
        ("ServiceName", krbtgt.name.into()),
        ("ServiceSid", Value::Sid(krbtgt.sid())),
        ("TicketOptions", Value::HexInt32(0x4081_0010)),
        ("Status", Value::HexInt32(0)),
        ("TicketEncryptionType", Value::HexInt32(ENCRYPTION)),
        ("PreAuthType", "2".into()),
        ("IpAddress", client(ip)),
        ("IpPort", port.to_string().into()),
        ("CertIssuerName", "".into()),
        ("CertSerialNumber", "".into()),
        ("CertThumbprint", "".into()),
    ]
}

fn service_ticket_fields(ticket: &ServiceTicket<'_>) -> Fields {
    let ServiceTicket {
        account,
        service,
        ip,
        port,
        guid,
    } = ticket;
    vec![
        ("TargetUserName", format!("{}@{REALM}", account.name).into()),
        ("TargetDomainName", REALM.into()),
        ("ServiceName", service.name.into()),
        ("ServiceSid", Value::Sid(service.sid())),
        ("TicketOptions", Value::HexInt32(0x4081_0000)),
        ("TicketEncryptionType", Value::HexInt32(ENCRYPTION)),
        ("IpAddress", client(ip)),
        ("IpPort", port.to_string().into()),
        ("Status", Value::HexInt32(0)),
        ("LogonGuid", Value::Guid(*guid)),
        ("TransmittedServices", "-".into()),
    ]
}

fn check_fields(account: &Account<'_>, workstation: &str) -> Fields {
    vec![
        (
            "PackageName",
            "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0".into(),
        ),
        ("TargetUserName", account.name.into()),
        ("Workstation", workstation.into()),
        ("Status", Value::HexInt32(0)),
    ]
}

/// The log service itself says who cleared the log.
fn cleared(host: &Host<'_>, at: FileTime, session: &Session<'_>) -> Observation {
    let mut seen = observation(host, at, Kind::success(1102, 0, 104, 1_336), Vec::new());
    seen.record.provider = Provider {
        name: "Microsoft-Windows-Eventlog".into(),
        guid: Guid::new(
            0xFC65_DDD8,
            0xD6EF,
            0x4962,
            [0x83, 0xD5, 0x6E, 0x5C, 0xFE, 0x9C, 0xE1, 0x48],
        ),
    };
    seen.record.level = 4;
    seen.record.keywords = 0x4020_0000_0000_0000;
    seen.record.body = Body::UserData {
        element: "LogFileCleared",
        namespace: "http://manifests.microsoft.com/win/2004/08/windows/eventlog",
        fields: subject(host, session),
    };
    seen
}
