//! What Sysmon 15 writes: every event in the form and field order of its manifest.

use std::path::Path;

use super::happening::{Happening, Observation};
use super::host::{Host, Log};
use super::network::{Connection, port_name};
use super::noise;
use super::process::{Process, Start};
use super::program::Program;
use crate::evtx::{Body, Fields, Guid, Provider, Record, Sid, Value};
use crate::time::{FileTime, Span};

const PROVIDER: Guid = Guid::new(
    0x5770_385F,
    0xC22A,
    0x43E0,
    [0xBF, 0x4C, 0x06, 0xF5, 0x69, 0x8F, 0xFB, 0xD9],
);
/// The service that logs, on every host here.
const PROCESS_ID: u32 = 3_120;
const KEYWORDS: u64 = 0x8000_0000_0000_0000;
/// How long Sysmon collects connections and names before it writes them.
const COLLECTED_TOGETHER: Span = Span::seconds(4);
const LOCAL_SYSTEM: Sid = Sid::new(5, [18]);

/// The event for a happening, if Sysmon has one.
pub(super) fn event(host: &Host<'_>, at: FileTime, what: &Happening<'_>) -> Option<Observation> {
    let at = at.to_millisecond();
    let (kind, fields) = match what {
        Happening::Starts(start) => (Kind::PROCESS_START, start_fields(host, at, start)),
        Happening::Ends(process) => (Kind::PROCESS_END, end_fields(host, at, process)),
        Happening::Connects(by, over) => (Kind::NETWORK, network_fields(host, at, by, over, true)),
        Happening::Accepts(by, over) => (Kind::NETWORK, network_fields(host, at, by, over, false)),
        Happening::Loads(by, library) => (Kind::LIBRARY, library_fields(host, at, by, library)),
        Happening::Writes(by, path) => (Kind::FILE, file_fields(host, at, by, path)),
        Happening::Deletes(by, path) => (Kind::DELETION, deletion_fields(host, at, by, path)),
        Happening::CreatesKey(by, path) => (
            Kind::REGISTRY_KEY,
            registry_fields(host, at, by, "CreateKey", path, None),
        ),
        Happening::SetsValue(by, path, data) => (
            Kind::REGISTRY_VALUE,
            registry_fields(host, at, by, "SetValue", path, Some(data)),
        ),
        Happening::Resolves(by, name, answers) => {
            (Kind::DNS, dns_fields(host, at, by, name, *answers))
        }
        Happening::Sysmon(state) => (Kind::STATE, state_fields(at, state)),
        _ => return None,
    };
    Some(observation(host, at, kind, fields))
}

/// An event's id and version, and by how many milliseconds its record is late.
#[derive(Clone, Copy)]
struct Kind {
    id: u16,
    version: u8,
    late: (u64, u64),
}

impl Kind {
    const PROCESS_START: Self = Self::prompt(1, 5);
    /// Sysmon collects connections and writes them a second or two after they were made.
    const NETWORK: Self = Self {
        id: 3,
        version: 5,
        late: (1_000, 2_000),
    };
    const STATE: Self = Self::prompt(4, 3);
    const PROCESS_END: Self = Self::prompt(5, 3);
    const LIBRARY: Self = Self::prompt(7, 3);
    const FILE: Self = Self::prompt(11, 2);
    const REGISTRY_KEY: Self = Self::prompt(12, 2);
    const REGISTRY_VALUE: Self = Self::prompt(13, 2);
    /// Names are late, too.
    const DNS: Self = Self {
        id: 22,
        version: 5,
        late: (700, 1_400),
    };
    const DELETION: Self = Self::prompt(26, 5);

    const fn prompt(id: u16, version: u8) -> Self {
        Self {
            id,
            version,
            late: (3, 14),
        }
    }
}

fn observation(host: &Host<'_>, at: FileTime, kind: Kind, fields: Fields) -> Observation {
    let time = at + lateness(host, at, kind);
    Observation {
        log: Log::Sysmon,
        time: at,
        record: Record {
            time,
            provider: Provider {
                name: "Microsoft-Windows-Sysmon".into(),
                guid: PROVIDER,
            },
            channel: Log::Sysmon.channel().into(),
            computer: host.computer.to_owned().into(),
            event_id: kind.id,
            version: kind.version,
            level: 4,
            // Sysmon's tasks are numbered like its events.
            task: kind.id,
            opcode: 0,
            keywords: KEYWORDS,
            activity: None,
            process_id: PROCESS_ID,
            // Connections and names come from threads of their own.
            thread_id: PROCESS_ID + 4 * u32::from(kind.id),
            user: Some(LOCAL_SYSTEM),
            body: Body::EventData(fields),
        },
    }
}

fn lateness(host: &Host<'_>, at: FileTime, kind: Kind) -> Span {
    let (from, to) = kind.late;
    // What is collected is written together, so that it stays in order.
    let moment = if from < 500 {
        at.0
    } else {
        at.0 / COLLECTED_TOGETHER.0
    };
    let odd = noise::mix(moment ^ u64::from(kind.id) << 56 ^ u64::from(host.machine));
    Span::milliseconds(from + odd % (to - from)) + Span(odd >> 32 & 0xFFF)
}

fn utc(at: FileTime) -> Value {
    Value::Text(at.to_sysmon_text())
}

fn user(process: &Process<'_>) -> Value {
    Value::Text(process.session.account.full_name())
}

fn guid(host: &Host<'_>, process: &Process<'_>) -> Value {
    Value::Guid(process.sysmon_guid(host))
}

fn start_fields(host: &Host<'_>, at: FileTime, start: &Start<'_>) -> Fields {
    let Start {
        process, parent, ..
    } = start;
    let Program {
        path,
        description,
        original_name,
        maker,
    } = *process.program;
    let (version, product, company) = maker.version();
    vec![
        ("RuleName", "-".into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, process)),
        ("ProcessId", Value::UInt32(process.pid)),
        ("Image", path.into()),
        ("FileVersion", version.into()),
        ("Description", description.into()),
        ("Product", product.into()),
        ("Company", company.into()),
        ("OriginalFileName", original_name.into()),
        ("CommandLine", process.command_line.into()),
        ("CurrentDirectory", start.directory.into()),
        ("User", user(process)),
        ("LogonGuid", Value::Guid(process.session.sysmon_guid(host))),
        ("LogonId", Value::HexInt64(process.session.logon_id)),
        ("TerminalSessionId", Value::UInt32(process.session.terminal)),
        ("IntegrityLevel", start.integrity.name().into()),
        ("Hashes", hashes(path)),
        ("ParentProcessGuid", guid(host, parent)),
        ("ParentProcessId", Value::UInt32(parent.pid)),
        ("ParentImage", parent.program.path.into()),
        ("ParentCommandLine", parent.command_line.into()),
        ("ParentUser", user(parent)),
    ]
}

fn end_fields(host: &Host<'_>, at: FileTime, process: &Process<'_>) -> Fields {
    vec![
        ("RuleName", "-".into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, process)),
        ("ProcessId", Value::UInt32(process.pid)),
        ("Image", process.program.path.into()),
        ("User", user(process)),
    ]
}

/// Since version 11 or so, the source is the side that opened the connection, on both sides.
fn network_fields(
    host: &Host<'_>,
    at: FileTime,
    by: &Process<'_>,
    over: &Connection<'_>,
    initiated: bool,
) -> Fields {
    let Connection { from, to } = over;
    let is_ipv6 = |ip: &str| Value::Boolean(ip.contains(':'));
    vec![
        ("RuleName", network_rule(to.port).into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, by)),
        ("ProcessId", Value::UInt32(by.pid)),
        ("Image", by.program.path.into()),
        ("User", user(by)),
        ("Protocol", "tcp".into()),
        ("Initiated", Value::Boolean(initiated)),
        ("SourceIsIpv6", is_ipv6(from.ip)),
        ("SourceIp", from.ip.into()),
        ("SourceHostname", from.name.into()),
        ("SourcePort", Value::UInt16(from.port)),
        ("SourcePortName", "-".into()),
        ("DestinationIsIpv6", is_ipv6(to.ip)),
        ("DestinationIp", to.ip.into()),
        ("DestinationHostname", to.name.into()),
        ("DestinationPort", Value::UInt16(to.port)),
        ("DestinationPortName", port_name(to.port).into()),
    ]
}

/// The names that the configuration gives to what it asks for; most of it has none.
fn network_rule(port: u16) -> &'static str {
    match port {
        3389 => "RDP",
        _ => "-",
    }
}

fn library_fields(
    host: &Host<'_>,
    at: FileTime,
    by: &Process<'_>,
    library: &Program<'_>,
) -> Fields {
    let (version, product, company) = library.maker.version();
    let signature = library.maker.signature();
    let status = signature.map_or("Unavailable", |_| "Valid");
    vec![
        ("RuleName", "-".into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, by)),
        ("ProcessId", Value::UInt32(by.pid)),
        ("Image", by.program.path.into()),
        ("ImageLoaded", library.path.into()),
        ("FileVersion", version.into()),
        ("Description", library.description.into()),
        ("Product", product.into()),
        ("Company", company.into()),
        ("OriginalFileName", library.original_name.into()),
        ("Hashes", hashes(library.path)),
        ("Signed", signature.is_some().to_string().into()),
        ("Signature", signature.unwrap_or("-").into()),
        ("SignatureStatus", status.into()),
        ("User", user(by)),
    ]
}

fn file_fields(host: &Host<'_>, at: FileTime, by: &Process<'_>, path: &str) -> Fields {
    vec![
        ("RuleName", file_rule(path).into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, by)),
        ("ProcessId", Value::UInt32(by.pid)),
        ("Image", by.program.path.into()),
        ("TargetFilename", path.into()),
        ("CreationUtcTime", utc(at)),
        ("User", user(by)),
    ]
}

fn file_rule(path: &str) -> &'static str {
    if path.contains(r"\Start Menu\Programs\Startup\") {
        "T1547.001"
    } else if is_program(path) {
        "EXE"
    } else {
        "-"
    }
}

fn is_program(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "exe")
}

fn deletion_fields(host: &Host<'_>, at: FileTime, by: &Process<'_>, path: &str) -> Fields {
    vec![
        ("RuleName", "-".into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, by)),
        ("ProcessId", Value::UInt32(by.pid)),
        ("User", user(by)),
        ("Image", by.program.path.into()),
        ("TargetFilename", path.into()),
        ("Hashes", hashes(path)),
        ("IsExecutable", Value::Boolean(is_program(path))),
    ]
}

fn registry_fields(
    host: &Host<'_>,
    at: FileTime,
    by: &Process<'_>,
    kind: &str,
    path: &str,
    data: Option<&str>,
) -> Fields {
    let mut fields = vec![
        ("RuleName", registry_rule(path).into()),
        ("EventType", kind.into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, by)),
        ("ProcessId", Value::UInt32(by.pid)),
        ("Image", by.program.path.into()),
        ("TargetObject", path.into()),
    ];
    fields.extend(data.map(|data| ("Details", data.into())));
    fields.push(("User", user(by)));
    fields
}

fn registry_rule(path: &str) -> &'static str {
    if path.contains(r"\Schedule\TaskCache\") {
        "T1053"
    } else if path.contains(r"\CurrentControlSet\Services\") {
        "T1543"
    } else {
        "-"
    }
}

fn dns_fields(
    host: &Host<'_>,
    at: FileTime,
    by: &Process<'_>,
    name: &str,
    answers: Option<&str>,
) -> Fields {
    // 9003: there is no such name.
    let status = if answers.is_some() { "0" } else { "9003" };
    vec![
        ("RuleName", "-".into()),
        ("UtcTime", utc(at)),
        ("ProcessGuid", guid(host, by)),
        ("ProcessId", Value::UInt32(by.pid)),
        ("QueryName", name.into()),
        ("QueryStatus", status.into()),
        ("QueryResults", answers.unwrap_or("-").into()),
        ("Image", by.program.path.into()),
        ("User", user(by)),
    ]
}

fn state_fields(at: FileTime, state: &str) -> Fields {
    vec![
        ("UtcTime", utc(at)),
        ("State", state.into()),
        ("Version", "15.15".into()),
        ("SchemaVersion", "4.90".into()),
    ]
}

/// Made up from the path, so that one file has one hash on all hosts.
fn hashes(path: &str) -> Value {
    let seed = noise::of_text(path);
    Value::Text(format!(
        "MD5={},SHA256={},IMPHASH={}",
        noise::hash_digits(seed, 2),
        noise::hash_digits(seed ^ 1, 4),
        noise::hash_digits(seed ^ 2, 2)
    ))
}
