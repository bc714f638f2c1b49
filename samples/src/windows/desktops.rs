//! What the session manager writes of desktops, at the console and remote ones.

use super::happening::{Happening, Observation};
use super::host::{Host, Log};
use super::noise;
use crate::evtx::{Body, Fields, Guid, Provider, Record, Sid, Value};
use crate::time::{FileTime, Span};

const PROVIDER: Guid = Guid::new(
    0x5D89_6912,
    0x022D,
    0x40AA,
    [0xA3, 0xA8, 0x4F, 0xA5, 0x51, 0x5C, 0x76, 0xD7],
);
const LOGON: u16 = 21;
const LOGOFF: u16 = 23;

/// The event for a happening, if the session manager has one.
pub(super) fn event(host: &Host<'_>, at: FileTime, what: &Happening<'_>) -> Option<Observation> {
    let (id, fields): (_, Fields) = match what {
        Happening::SitsDown(account, desktop, from) => (
            LOGON,
            vec![
                ("User", account.full_name().into()),
                ("SessionID", Value::UInt32(*desktop)),
                ("Address", (*from).into()),
            ],
        ),
        Happening::GetsUp(account, desktop) => (
            LOGOFF,
            vec![
                ("User", account.full_name().into()),
                ("SessionID", Value::UInt32(*desktop)),
            ],
        ),
        _ => return None,
    };
    let time = at + Span(noise::mix(at.0 ^ u64::from(host.machine)) % 90_000);
    let record = Record {
        time,
        provider: Provider {
            name: "Microsoft-Windows-TerminalServices-LocalSessionManager".into(),
            guid: PROVIDER,
        },
        channel: Log::Desktops.channel().into(),
        computer: host.computer.to_owned().into(),
        event_id: id,
        version: 0,
        level: 4,
        task: 0,
        opcode: 0,
        keywords: 0x1000_0000_0000_0000,
        activity: None,
        process_id: 1_060,
        thread_id: 1_196,
        user: Some(Sid::new(5, [18])),
        body: Body::UserData {
            element: "EventXML",
            namespace: "Event_NS",
            fields,
        },
    };
    Some(Observation {
        log: Log::Desktops,
        time,
        record,
    })
}
