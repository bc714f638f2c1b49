//! The shape of Winlogbeat, from version 6 on, and of what its exporters make of it: the record's
//! own values are below `winlog`, unchanged.
//!
//! Field names: <https://www.elastic.co/guide/en/beats/winlogbeat/8.4/exported-fields-winlog.html>;
//! version 6: <https://www.elastic.co/guide/en/beats/winlogbeat/6.3/exported-fields-eventlog.html>.
//!
//! The modules of version 7 moved values out of `winlog.event_data` to where ECS has them. They are
//! put back where that can be done without guessing. All else that a line has was added by the
//! collector, and is kept as `RenderingInfo`, which is no part of the event's identity.

use std::collections::BTreeSet;

use super::leaves::{Leaf, Leaves};
use crate::evtx::read::Section;
use crate::evtx::{Draft, Field, TooMuch};

/// Where the fields of `System` are.
const SYSTEM: &[(Field, &[&str])] = &[
    (
        Field::ProviderName,
        &["winlog.provider_name", "event.provider", "source_name"],
    ),
    (
        Field::ProviderGuid,
        &["winlog.provider_guid", "provider_guid"],
    ),
    (
        Field::EventId,
        &["winlog.event_id", "event.code", "event_id"],
    ),
    (Field::Version, &["winlog.version", "version"]),
    (Field::Task, &["winlog.task", "task"]),
    (Field::Opcode, &["winlog.opcode", "opcode"]),
    (Field::TimeCreated, &["@timestamp"]),
    (Field::RecordId, &["winlog.record_id", "record_number"]),
    (Field::ActivityId, &["winlog.activity_id", "activity_id"]),
    (
        Field::RelatedActivityId,
        &["winlog.related_activity_id", "related_activity_id"],
    ),
    (Field::ProcessId, &["winlog.process.pid", "process_id"]),
    (Field::ThreadId, &["winlog.process.thread.id", "thread_id"]),
    (Field::Channel, &["winlog.channel", "log_name"]),
    (
        Field::Computer,
        &["winlog.computer_name", "computer_name", "host.name"],
    ),
    (
        Field::UserId,
        &["winlog.user.identifier", "user.identifier"],
    ),
];

const LEVEL: [&str; 2] = ["log.level", "level"];
const KEYWORDS: [&str; 2] = ["winlog.keywords", "keywords"];
const AUDIT_FAILURE: u64 = 0x0010_0000_0000_0000;
const AUDIT_SUCCESS: u64 = 0x0020_0000_0000_0000;

/// Values that the module for Sysmon moved: event ids (none for all), name in the record, name in
/// ECS.
const SYSMON: &[(&[&str], &str, &str)] = &[
    (&["8"], "SourceProcessGuid", "process.entity_id"),
    (&["10"], "SourceProcessGUID", "process.entity_id"),
    (&["8", "10"], "SourceProcessId", "process.pid"),
    (&["8", "10"], "SourceImage", "process.executable"),
    (&["10"], "SourceThreadId", "process.thread.id"),
    (&[], "ProcessGuid", "process.entity_id"),
    (&[], "ProcessId", "process.pid"),
    (&["6", "7"], "ImageLoaded", "file.path"),
    (&[], "Image", "process.executable"),
    (&["1"], "CommandLine", "process.command_line"),
    (&["1"], "CurrentDirectory", "process.working_directory"),
    (&["1"], "ParentProcessGuid", "process.parent.entity_id"),
    (&["1"], "ParentProcessId", "process.parent.pid"),
    (&["1"], "ParentImage", "process.parent.executable"),
    (&["1"], "ParentCommandLine", "process.parent.command_line"),
    (&["3"], "Protocol", "network.transport"),
    (&["3"], "SourceIp", "source.ip"),
    (&["3"], "SourceHostname", "source.domain"),
    (&["3"], "SourcePort", "source.port"),
    (&["3"], "DestinationIp", "destination.ip"),
    (&["3"], "DestinationHostname", "destination.domain"),
    (&["3"], "DestinationPort", "destination.port"),
    (
        &["2", "11", "15", "23", "26"],
        "TargetFilename",
        "file.path",
    ),
    (&["12", "13", "14"], "TargetObject", "registry.path"),
    (&["17", "18"], "PipeName", "file.name"),
    (&["22"], "QueryName", "dns.question.name"),
];

/// The same for the Security log.
const SECURITY: &[(&[&str], &str, &str)] = &[
    (&["4624", "4625", "4648"], "IpAddress", "source.ip"),
    (&["4624", "4625", "4648"], "IpPort", "source.port"),
    (&["4624", "4625"], "WorkstationName", "source.domain"),
    (
        &["4624", "4625", "4648"],
        "ProcessName",
        "process.executable",
    ),
    (&["4688"], "NewProcessName", "process.executable"),
    (&["4688"], "ParentProcessName", "process.parent.executable"),
    (&["4688"], "CommandLine", "process.command_line"),
];

/// Whether a line has this shape.
pub(super) fn fits(leaves: &Leaves) -> bool {
    let has = |path| leaves.get(path).is_some();
    let is_winlog = leaves.iter().any(|leaf| leaf.path.starts_with("winlog."));
    is_winlog && (has("winlog.event_id") || has("event.code"))
        || has("log_name") && has("event_id") && has("computer_name")
}

/// Whether the beginning of a line tells that it has this shape.
pub(super) fn begins(leaves: &Leaves) -> bool {
    let is_beat = |leaf: &Leaf<'_>| {
        matches!(leaf.path, "@metadata.beat" | "agent.type") && leaf.value == "winlogbeat"
    };
    let is_own = |leaf: &Leaf<'_>| {
        let is_system = SYSTEM.iter().any(|(_, paths)| paths.contains(&leaf.path));
        is_system && leaf.path.starts_with("winlog.")
    };
    let is_old = |path: &&str| leaves.get(path).is_some();
    let old = ["log_name", "event_id", "record_number", "computer_name"];
    leaves.iter().any(|leaf| is_beat(&leaf))
        || leaves.iter().filter(is_own).count() >= 2
        || old.iter().filter(|path| is_old(path)).count() >= 3
}

/// The XML of the record, if the collector was told to keep it.
pub(super) fn xml(leaves: &Leaves) -> Option<&str> {
    let kept = leaves.get("event.original").or_else(|| leaves.get("xml"));
    kept.filter(|text| text.starts_with("<Event"))
}

/// Makes the record.
pub(super) fn fill(leaves: &Leaves, draft: &mut Draft) -> Result<(), TooMuch> {
    for (field, paths) in SYSTEM {
        if let Some(value) = paths.iter().find_map(|path| leaves.get(path)) {
            draft.set(*field, value)?;
        }
    }
    if let Some(level) = LEVEL.iter().find_map(|path| leaves.get(path)) {
        draft.set(Field::Level, level_number(level))?;
    }
    fill_keywords(leaves, draft)?;
    let known = Known {
        data: leaves
            .iter()
            .filter_map(|leaf| data_name(leaf.path))
            .collect(),
        domain: leaves.get("user.domain"),
    };
    leaves
        .iter()
        .try_for_each(|leaf| place(leaf, &known, draft))
}

/// What has to be known of a line to place one of its values.
struct Known<'l> {
    /// Names of the record's data.
    data: BTreeSet<&'l str>,
    /// The domain of the account that ECS has.
    domain: Option<&'l str>,
}

fn data_name(path: &str) -> Option<&str> {
    path.strip_prefix("winlog.event_data.")
        .or_else(|| path.strip_prefix("event_data."))
}

/// What stays of a line whose record was read from XML: what the collector added.
pub(super) fn fill_added(leaves: &Leaves, draft: &mut Draft) -> Result<(), TooMuch> {
    let is_record = |leaf: &Leaf<'_>| {
        leaf.path.starts_with("winlog.")
            || leaf.path.starts_with("event_data.")
            || matches!(leaf.path, "event.original" | "xml")
            || is_said(*leaf, draft)
    };
    let added: Vec<_> = leaves.iter().filter(|leaf| !is_record(leaf)).collect();
    added.into_iter().try_for_each(|leaf| add(leaf, draft))
}

fn fill_keywords(leaves: &Leaves, draft: &mut Draft) -> Result<(), TooMuch> {
    let texts = leaves.iter().filter(|leaf| KEYWORDS.contains(&leaf.path));
    let bits = texts.map(|leaf| keyword(leaf.value).unwrap_or(0));
    let bits = bits.fold(0, |all, bit| all | bit);
    if bits != 0 {
        draft.set(Field::Keywords, &format!("{bits:#x}"))?;
    }
    Ok(())
}

fn keyword(text: &str) -> Option<u64> {
    match text {
        "Audit Failure" => Some(AUDIT_FAILURE),
        "Audit Success" => Some(AUDIT_SUCCESS),
        _ => crate::evtx::number(text),
    }
}

/// The number of a level's name; the name itself, if it is none that we know.
pub(super) fn level_number(name: &str) -> &str {
    match name.to_ascii_lowercase().as_str() {
        "critical" => "1",
        "error" => "2",
        "warning" => "3",
        "information" | "info" => "4",
        "verbose" | "debug" => "5",
        _ => name,
    }
}

fn place(leaf: Leaf<'_>, known: &Known<'_>, draft: &mut Draft) -> Result<(), TooMuch> {
    let Leaf { path, value, .. } = leaf;
    if let Some(name) = data_name(path) {
        draft.enter(Section::EventData);
        return draft.push(Section::EventData, name, value);
    }
    let below = path.strip_prefix("winlog.").unwrap_or(path);
    if let Some(name) = below.strip_prefix("user_data.") {
        draft.enter(Section::UserData);
        return if name == "xml_name" {
            draft.name_user_data(value)
        } else {
            draft.push(Section::UserData, name, value)
        };
    }
    if is_said(leaf, draft) {
        return Ok(());
    }
    match moved(path, known, draft) {
        Some(name) => draft.push(Section::EventData, name, value),
        None if path == "user.name" && is_sysmon(draft) && !known.data.contains("User") => {
            let user = match known.domain {
                Some(domain) => format!("{domain}\\{value}"),
                None => value.to_owned(),
            };
            draft.push(Section::EventData, "User", &user)
        }
        None => add(leaf, draft),
    }
}

/// Whether a value says only what a field of the record says.
fn is_said(leaf: Leaf<'_>, draft: &Draft) -> bool {
    let is = |field, value: &str| draft.field(field).eq_ignore_ascii_case(value.trim());
    let mut system = SYSTEM.iter();
    system.any(|(field, paths)| paths.contains(&leaf.path) && is(*field, leaf.value))
        || LEVEL.contains(&leaf.path) && is(Field::Level, level_number(leaf.value))
        || KEYWORDS.contains(&leaf.path) && keyword(leaf.value).is_some()
}

/// What a value was called in the record before it was moved.
fn moved(path: &str, known: &Known<'_>, draft: &Draft) -> Option<&'static str> {
    let table = match draft.field(Field::ProviderName) {
        "Microsoft-Windows-Sysmon" => SYSMON,
        "Microsoft-Windows-Security-Auditing" => SECURITY,
        _ => return None,
    };
    let id = draft.field(Field::EventId);
    let (_, name, _) = table
        .iter()
        .find(|(ids, _, from)| *from == path && (ids.is_empty() || ids.contains(&id)))?;
    (!known.data.contains(name)).then_some(*name)
}

fn is_sysmon(draft: &Draft) -> bool {
    draft.field(Field::ProviderName) == "Microsoft-Windows-Sysmon"
}

/// Keeps what a collector added. What the event says in words is called as Windows calls it.
pub(super) fn add(leaf: Leaf<'_>, draft: &mut Draft) -> Result<(), TooMuch> {
    let name = if leaf.path == "message" {
        "Message"
    } else {
        leaf.path
    };
    draft.push(Section::RenderingInfo, name, leaf.value)
}
