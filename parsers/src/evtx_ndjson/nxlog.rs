//! The shape of NXLog's `im_msvistalog` with `to_json()`: all names on one level, the record's data
//! beside its fields. Pipelines that followed it have `TimeCreated` and `Level`.
//!
//! Field names: <https://docs.nxlog.co/refman/current/im/msvistalog.html>.
//!
//! What NXLog and those after it added (`Message`, `EventReceivedTime`, …) is kept as
//! `RenderingInfo`, which is no part of the event's identity.

use super::clock::{self, Zone};
use super::leaves::{Leaf, Leaves};
use super::winlogbeat::{add, level_number};
use crate::evtx::read::Section;
use crate::evtx::{Draft, Field, TooMuch};

/// Where the fields of `System` are.
const SYSTEM: &[(Field, &[&str])] = &[
    (Field::ProviderName, &["SourceName", "ProviderName"]),
    (Field::ProviderGuid, &["ProviderGuid"]),
    (Field::EventId, &["EventID"]),
    (Field::Version, &["Version"]),
    (Field::Task, &["Task", "TaskValue"]),
    (Field::Opcode, &["OpcodeValue"]),
    (Field::Keywords, &["Keywords"]),
    (Field::RecordId, &["RecordNumber", "EventRecordID"]),
    (Field::ActivityId, &["ActivityID"]),
    (Field::RelatedActivityId, &["RelatedActivityID"]),
    // Before version 5, NXLog called the logging process `ProcessID`; events may call theirs so, too.
    (Field::ProcessId, &["ExecutionProcessID", "ProcessID"]),
    (Field::ThreadId, &["ExecutionThreadID", "ThreadID"]),
    (Field::Channel, &["Channel"]),
    (Field::Computer, &["Hostname", "Computer"]),
    (Field::UserId, &["UserID"]),
];

/// Names that say how severe an event is.
const LEVEL: [&str; 4] = ["LevelValue", "Level", "Severity", "EventType"];

/// Names that NXLog and those after it add.
const ADDED: &[&str] = &[
    "AccountName",
    "AccountType",
    "Category",
    "Domain",
    "EventReceivedTime",
    "EventTime",
    "EventTypeOrignal",
    "Level",
    "LevelValue",
    "Message",
    "Opcode",
    "Severity",
    "SeverityValue",
    "SourceModuleName",
    "SourceModuleType",
    "TimeCreated",
    "host",
    "message",
    "port",
    "tags",
    "type",
];

/// Providers whose events have `UserData`. On one level with all else, it looks like `EventData`.
const USER_DATA: [&str; 5] = [
    "Microsoft-Windows-AppLocker",
    "Microsoft-Windows-Eventlog",
    "Microsoft-Windows-TerminalServices-LocalSessionManager",
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager",
    "Microsoft-Windows-WMI-Activity",
];

/// What NXLog itself writes as `EventType`; an event may have a value of that name.
const EVENT_TYPES: [&str; 7] = [
    "CRITICAL",
    "ERROR",
    "AUDIT_FAILURE",
    "AUDIT_SUCCESS",
    "INFO",
    "WARNING",
    "VERBOSE",
];

/// Whether a line has this shape.
pub(super) fn fits(leaves: &Leaves) -> bool {
    let has = |path| leaves.get(path).is_some();
    has("EventID") && (has("SourceName") || has("Channel") || has("ProviderGuid"))
}

/// Whether the beginning of a line tells that it has this shape.
pub(super) fn begins(leaves: &Leaves) -> bool {
    const TELLING: [&str; 14] = [
        "Channel",
        "EventID",
        "EventReceivedTime",
        "EventTime",
        "ExecutionProcessID",
        "Hostname",
        "Keywords",
        "OpcodeValue",
        "ProviderGuid",
        "RecordNumber",
        "SeverityValue",
        "SourceModuleName",
        "SourceName",
        "TimeCreated",
    ];
    let has = |path: &&&str| leaves.get(path).is_some();
    TELLING.iter().filter(has).count() >= 5
}

/// Makes the record, and says how sure its time is.
pub(super) fn fill(leaves: &Leaves, draft: &mut Draft) -> Result<Zone, TooMuch> {
    // The names whose values become fields, so that they are not data, too.
    let mut said = Vec::with_capacity(SYSTEM.len());
    for (field, paths) in SYSTEM {
        let found = paths
            .iter()
            .find_map(|path| Some((path, leaves.get(path)?)));
        if let Some((path, value)) = found {
            draft.set(*field, value)?;
            said.push((*path, value));
        }
    }
    let level = LEVEL.iter().find_map(|path| leaves.get(path));
    draft.set(Field::Level, level_number(level.unwrap_or_default()))?;
    if draft.field(Field::Keywords).is_empty() {
        draft.set(Field::Keywords, audit(leaves))?;
    }
    let time = clock::time(leaves);
    if let Some((time, _)) = time {
        draft.set(Field::TimeCreated, &time.to_string())?;
    }
    let section = if USER_DATA.contains(&draft.field(Field::ProviderName)) {
        Section::UserData
    } else {
        Section::EventData
    };
    draft.enter(section);
    for leaf in leaves.iter() {
        if said.contains(&(leaf.path, leaf.value)) {
            continue;
        }
        if is_added(leaf) {
            add(leaf, draft)?;
        } else {
            draft.push(section, leaf.path, leaf.value)?;
        }
    }
    Ok(time.map_or(Zone::Known, |(_, zone)| zone))
}

/// The keywords that the type of an event tells.
fn audit(leaves: &Leaves) -> &'static str {
    match leaves.get("EventType") {
        Some("AUDIT_FAILURE") => "0x8010000000000000",
        Some("AUDIT_SUCCESS") => "0x8020000000000000",
        _ => "",
    }
}

fn is_added(leaf: Leaf<'_>) -> bool {
    leaf.path.starts_with(['@', '_'])
        || ADDED.contains(&leaf.path)
        || leaf.path == "EventType" && EVENT_TYPES.contains(&leaf.value)
}
