//! What the System log writes: services, and how Windows starts and stops.

use super::account::Account;
use super::happening::{Happening, Observation};
use super::host::{Host, Log};
use super::noise;
use crate::evtx::{Body, Fields, Guid, Provider, Record, Sid, Value};
use crate::time::{FileTime, Span};

/// Who writes, by name, GUID and keywords.
#[derive(Clone, Copy)]
struct Writer {
    name: &'static str,
    guid: Guid,
    keywords: u64,
    process_id: u32,
}

const SERVICES: Writer = Writer {
    name: "Service Control Manager",
    guid: Guid::new(
        0x5559_08D1,
        0xA6D7,
        0x4695,
        [0x8E, 0x1E, 0x26, 0x93, 0x1D, 0x20, 0x12, 0xF4],
    ),
    keywords: 0x8080_0000_0000_0000,
    process_id: 684,
};
const KERNEL: Writer = Writer {
    name: "Microsoft-Windows-Kernel-General",
    guid: Guid::new(
        0xA68C_A8B7,
        0x004F,
        0xD7B6,
        [0xA6, 0x98, 0x07, 0xE2, 0xDE, 0x0F, 0x1F, 0x5D],
    ),
    keywords: 0x8000_0000_0000_0000,
    process_id: 4,
};
/// Of old, and so without a GUID.
const LOG_SERVICE: Writer = Writer {
    name: "EventLog",
    guid: Guid::ZERO,
    keywords: 0x80_0000_0000_0000,
    process_id: 0,
};

/// How much later than the kernel the log service says that Windows starts.
const LOG_STARTS_AFTER: Span = Span::milliseconds(11_402);
/// How long services are waited for.
const PATIENCE: Span = Span::milliseconds(30_000);

/// The events for a happening.
pub(super) fn events(host: &Host<'_>, at: FileTime, what: &Happening<'_>) -> Vec<Observation> {
    let one = |writer, id, fields, user| vec![observation(host, at, (writer, id), fields, user)];
    match what {
        Happening::InstallsService(session, name, program) => one(
            SERVICES,
            7045,
            installed_fields(name, program),
            Some(session.account.sid()),
        ),
        Happening::IsService(name, state) => one(SERVICES, 7036, state_fields(name, state), None),
        Happening::NeverAnswers(name) => failed(host, at, name),
        Happening::Boots => boot(host, at),
        Happening::ShutsDown => shutdown(host, at),
        _ => Vec::new(),
    }
}

fn observation(
    host: &Host<'_>,
    at: FileTime,
    (writer, id): (Writer, u16),
    fields: Fields,
    user: Option<Sid>,
) -> Observation {
    let odd = noise::mix(at.0 ^ u64::from(id) << 40 ^ u64::from(host.machine));
    let time = at + Span(odd % 30_000);
    Observation {
        log: Log::System,
        time,
        record: Record {
            time,
            provider: Provider {
                name: writer.name.into(),
                guid: writer.guid,
            },
            channel: Log::System.channel().into(),
            computer: host.computer.to_owned().into(),
            event_id: id,
            version: 0,
            // Services that fail are errors.
            level: if matches!(id, 7000 | 7009) { 2 } else { 4 },
            task: 0,
            opcode: 0,
            keywords: writer.keywords,
            activity: None,
            process_id: writer.process_id,
            thread_id: writer.process_id + 4 * (odd >> 32 & 0x1F) as u32,
            user,
            body: Body::EventData(fields),
        },
    }
}

fn installed_fields(name: &str, program: &str) -> Fields {
    vec![
        ("ServiceName", name.into()),
        ("ImagePath", program.into()),
        ("ServiceType", "user mode service".into()),
        ("StartType", "demand start".into()),
        ("AccountName", "LocalSystem".into()),
    ]
}

fn state_fields(name: &str, state: &str) -> Fields {
    vec![
        ("param1", name.into()),
        ("param2", state.into()),
        (
            "Binary",
            Value::Binary(name.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ),
    ]
}

/// Half a minute after it was started.
fn failed(host: &Host<'_>, at: FileTime, name: &str) -> Vec<Observation> {
    let later = at + PATIENCE;
    let timeout = vec![("param1", "30000".into()), ("param2", name.into())];
    let reason = vec![("param1", name.into()), ("param2", "%%1053".into())];
    vec![
        observation(host, later, (SERVICES, 7009), timeout, None),
        observation(
            host,
            later + Span::milliseconds(4),
            (SERVICES, 7000),
            reason,
            None,
        ),
    ]
}

/// Windows Server 2022.
const BUILD: u32 = 20_348;

fn boot(host: &Host<'_>, at: FileTime) -> Vec<Observation> {
    let started = vec![
        ("MajorVersion", Value::UInt32(10)),
        ("MinorVersion", Value::UInt32(0)),
        ("BuildVersion", Value::UInt32(BUILD)),
        ("QfeVersion", Value::UInt32(2_340)),
        ("ServiceVersion", Value::UInt32(0)),
        ("BootMode", Value::UInt32(0)),
        ("StartTime", Value::FileTime(at)),
    ];
    let version = vec![
        ("", "10.00.".into()),
        ("", BUILD.to_string().into()),
        ("", "".into()),
        ("", "Multiprocessor Free".into()),
        ("", "2340".into()),
    ];
    let later = at + LOG_STARTS_AFTER;
    let system = Some(Account::SYSTEM.sid());
    vec![
        observation(host, at, (KERNEL, 12), started, system),
        observation(host, later, (LOG_SERVICE, 6009), version, None),
        observation(
            host,
            later + Span::milliseconds(3),
            (LOG_SERVICE, 6005),
            nothing(),
            None,
        ),
    ]
}

fn shutdown(host: &Host<'_>, at: FileTime) -> Vec<Observation> {
    let stopped = vec![("StopTime", Value::FileTime(at + Span::milliseconds(2_118)))];
    let system = Some(Account::SYSTEM.sid());
    vec![
        observation(host, at, (LOG_SERVICE, 6006), nothing(), None),
        observation(
            host,
            at + Span::milliseconds(2_118),
            (KERNEL, 13),
            stopped,
            system,
        ),
    ]
}

/// What the log service has to say of itself.
fn nothing() -> Fields {
    vec![("Binary", Value::Binary(vec![0; 16]))]
}
