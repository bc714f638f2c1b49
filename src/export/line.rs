//! One event as a line of the timeline (TIMELINE.md §2.2).
//!
//! Which findings an event is in is known only after matching, so a line is made in two parts; the
//! columns in between are filled in when the timeline is written.

use chrono_tz::Tz;
use serde_json::{Map, Value as Json};
use timeline::parquet::EvidenceName;
use timeline::{Field, Segment, Ticks, fields as f};

use super::csv::Row;
use super::message::message;

/// The columns before those that findings fill.
pub(super) const BEFORE: [&str; 21] = [
    "datetime",
    "timestamp_desc",
    "message",
    "host",
    "host_raw",
    "source_type",
    "channel_or_key",
    "event_id",
    "record_id",
    "user",
    "user_sid",
    "logon_id",
    "logon_type",
    "src_host",
    "src_ip",
    "src_port",
    "dst_host",
    "process",
    "command",
    "object",
    "hashes",
];
/// The columns that findings fill.
pub(super) const MARKS: [&str; 4] = ["severity", "tag", "attack", "finding_ids"];
/// The columns after those.
pub(super) const AFTER: [&str; 6] = [
    "evidence_file",
    "evidence_sha256",
    "recovered",
    "dup_count",
    "skew_ms",
    "event_uid",
];
/// The column that `--timezone` adds.
pub(super) const LOCAL: &str = "datetime_local";

/// What a line needs beside its event.
#[derive(Clone, Copy)]
pub(crate) struct LineContext<'a> {
    /// Name of the host.
    pub(crate) host: &'a str,
    /// Kind of the evidence.
    pub(crate) kind: &'a str,
    /// Names of the evidence files.
    pub(crate) evidence: &'a [EvidenceName],
    /// Zone of the local time.
    pub(crate) timezone: Option<Tz>,
}

/// The two parts of an event's line, for the sorter: CSV before and after, then JSON.
pub(crate) fn line(
    segment: &Segment,
    row: u32,
    context: LineContext<'_>,
    neutralised: &mut u64,
) -> Vec<u8> {
    let before = before(segment, row, context);
    let after = after(segment, row, context);
    let mut out = Vec::new();
    for cells in [before.as_slice(), &after] {
        let mut csv = Row::new();
        csv.cells(cells);
        *neutralised += csv.neutralised;
        put(&mut out, csv.as_str());
    }
    let names = BEFORE.iter().chain(&AFTER).chain([&LOCAL]);
    let mut object = Map::new();
    for (name, cell) in names.zip(before.into_iter().chain(after)) {
        if !cell.is_empty() {
            object.insert((*name).to_owned(), Json::String(cell));
        }
    }
    put(&mut out, &Json::Object(object).to_string());
    out
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

/// Reads the parts back.
pub(super) fn parts(mut line: &[u8]) -> Option<[&str; 3]> {
    let mut take = || {
        let (length, rest) = line.split_first_chunk::<8>()?;
        let (text, rest) =
            rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        line = rest;
        std::str::from_utf8(text).ok()
    };
    Some([take()?, take()?, take()?])
}

fn before(segment: &Segment, row: u32, context: LineContext<'_>) -> [String; 21] {
    let own = &segment.rows[row as usize];
    let text = |field: Field| {
        segment
            .get(field, row)
            .map(|v| v.to_string())
            .unwrap_or_default()
    };
    [
        own.time.map(|time| time.to_string()).unwrap_or_default(),
        "Event Logged".into(),
        message(segment, row),
        context.host.into(),
        segment.strings.get(own.host).into(),
        context.kind.into(),
        segment.strings.get(own.channel).into(),
        text(f::EVENT_CODE),
        own.provenance.record.to_string(),
        user(segment, row),
        text(f::USER_ID),
        text(f::WINLOG_LOGON_ID),
        own_text(segment, row, "winlog.event_data.LogonType"),
        text(f::SOURCE_DOMAIN),
        text(f::SOURCE_IP),
        text(f::SOURCE_PORT),
        text(f::DESTINATION_DOMAIN),
        text(f::PROCESS_EXECUTABLE),
        command(segment, row),
        object(segment, row),
        hashes(segment, row),
    ]
}

fn after(segment: &Segment, row: u32, context: LineContext<'_>) -> Vec<String> {
    let own = &segment.rows[row as usize];
    let evidence = context.evidence.get(own.provenance.evidence.0 as usize);
    let mut cells = vec![
        evidence
            .map(|evidence| evidence.path.clone())
            .unwrap_or_default(),
        evidence
            .map(|evidence| evidence.sha256.clone())
            .unwrap_or_default(),
        own.provenance.state.as_str().into(),
        (segment.provenances(row).count() - 1).to_string(),
        String::new(),
        own.uid.to_string(),
    ];
    if let Some(zone) = context.timezone {
        cells.push(own.time.map(|time| local(time, zone)).unwrap_or_default());
    }
    cells
}

/// The time in a zone, with its offset.
fn local(time: Ticks, zone: Tz) -> String {
    let Some(utc) = time.to_utc() else {
        return String::new();
    };
    let local = utc.with_timezone(&zone);
    let (_, ticks) = time.to_unix();
    format!(
        "{}.{ticks:07}{}",
        local.format("%Y-%m-%dT%H:%M:%S"),
        local.format("%:z")
    )
}

/// `DOMAIN\name`. The machine's own account, acting as the system, is called what it acts as
/// (ECS.md C4).
pub(super) fn user(segment: &Segment, row: u32) -> String {
    let name = segment.text(f::USER_NAME, row).unwrap_or_default();
    if name.ends_with('$') && segment.text(f::USER_ID, row) == Some("S-1-5-18") {
        return "NT AUTHORITY\\SYSTEM".into();
    }
    match segment.text(f::USER_DOMAIN, row) {
        Some(domain) if !name.is_empty() => format!("{domain}\\{name}"),
        _ => name.to_owned(),
    }
}

/// The value of a name that evidence brought.
pub(super) fn own_text(segment: &Segment, row: u32, name: &str) -> String {
    let field = segment.names.find(name);
    field
        .and_then(|field| segment.text(field, row))
        .unwrap_or_default()
        .to_owned()
}

/// What was run, or is to be: command line, image of a service, text of the Run dialog.
fn command(segment: &Segment, row: u32) -> String {
    let command = segment
        .text(f::PROCESS_COMMAND_LINE, row)
        .unwrap_or_default();
    if !command.is_empty() {
        return command.to_owned();
    }
    if segment
        .text(f::REGISTRY_PATH, row)
        .is_some_and(|path| path.contains("\\RunMRU\\"))
    {
        return segment
            .text(f::REGISTRY_DATA_STRINGS, row)
            .unwrap_or_default()
            .to_owned();
    }
    [
        "winlog.event_data.ServiceFileName",
        "winlog.event_data.ImagePath",
    ]
    .iter()
    .map(|name| own_text(segment, row, name))
    .find(|text| !text.is_empty())
    .unwrap_or_default()
}

/// What was acted upon: file, registry value, share, pipe, service, task, name.
pub(super) fn object(segment: &Segment, row: u32) -> String {
    let fields = [
        f::DLL_PATH,
        f::FILE_PATH,
        f::FILE_TARGET_PATH,
        f::FILE_NAME,
        f::REGISTRY_PATH,
        f::SERVICE_NAME,
        f::SCHEDULED_TASK_NAME,
        f::TARGET_PROCESS_EXECUTABLE,
        f::DNS_QUESTION_NAME,
    ];
    let known = fields.iter().find_map(|field| segment.text(*field, row));
    known.map_or_else(
        || own_text(segment, row, "winlog.event_data.ShareName"),
        str::to_owned,
    )
}

fn hashes(segment: &Segment, row: u32) -> String {
    let sets = [
        [f::FILE_HASH_MD5, f::FILE_HASH_SHA1, f::FILE_HASH_SHA256],
        [
            f::PROCESS_HASH_MD5,
            f::PROCESS_HASH_SHA1,
            f::PROCESS_HASH_SHA256,
        ],
    ];
    for set in sets {
        let named = ["md5", "sha1", "sha256"].into_iter().zip(set);
        let parts: Vec<String> = named
            .filter_map(|(name, field)| Some(format!("{name}:{}", segment.text(field, row)?)))
            .collect();
        if !parts.is_empty() {
            return parts.join(";");
        }
    }
    String::new()
}
