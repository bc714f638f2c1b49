//! One event as a line of the timeline (TIMELINE.md §2.2).
//!
//! Which findings an event is in is known only after matching, so a line is made in two parts; the
//! columns in between are filled in when the timeline is written.

use std::borrow::Cow;

use chrono_tz::Tz;
use serde_json::{Map, Value as Json};
use timeline::parquet::EvidenceName;
use timeline::{Field, Provenance, Reader, Ticks, Value, fields as f};

use super::csv::Row;
use super::json::json_text;
use super::message::message;

/// The columns before those that findings fill.
pub(crate) const BEFORE: [&str; 21] = [
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
pub(crate) const MARKS: [&str; 4] = ["severity", "tag", "attack", "finding_ids"];
/// The columns after those.
pub(crate) const AFTER: [&str; 6] = [
    "evidence_file",
    "evidence_sha256",
    "recovered",
    "dup_count",
    "skew_ms",
    "event_uid",
];
/// The column that `--timezone` adds.
pub(crate) const LOCAL: &str = "datetime_local";

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
    /// Whether the line is written as JSON, too.
    pub(crate) json: bool,
}

/// The parts of an event's line, for the sorter: CSV before and after, then JSON. And how many cells
/// would have been formulas.
pub(crate) fn line(reader: &Reader<'_>, row: u32, context: LineContext<'_>) -> (Vec<u8>, u64) {
    let mut out = Vec::with_capacity(1024);
    let mut csv = Row::new();
    let mut before = |text: &str| {
        csv.cell(text);
    };
    each_before(reader, row, context, &mut before);
    put(&mut out, csv.as_str());
    let mut neutralised = csv.take_neutralised();
    let mut csv = Row::new();
    let mut after = |text: &str| {
        csv.cell(text);
    };
    each_after(reader, row, context, &mut after);
    put(&mut out, csv.as_str());
    neutralised += csv.take_neutralised();
    if context.json {
        put(&mut out, &json(reader, row, context));
    } else {
        put(&mut out, "");
    }
    (out, neutralised)
}

/// The columns of an event but for those that findings fill: those before them, and those after.
pub(crate) fn columns(
    reader: &Reader<'_>,
    row: u32,
    context: LineContext<'_>,
) -> (Vec<String>, Vec<String>) {
    let mut before = Vec::with_capacity(BEFORE.len());
    each_before(reader, row, context, &mut |text| {
        before.push(text.to_owned());
    });
    let mut after = Vec::with_capacity(AFTER.len());
    each_after(reader, row, context, &mut |text| {
        after.push(text.to_owned());
    });
    (before, after)
}

/// The header of events as CSV without the columns that findings fill, after some others.
pub(crate) fn csv_header(others: &[&str]) -> String {
    let columns = others.iter().chain(&BEFORE).chain(&AFTER);
    Row::new().cells(columns).take_line()
}

/// An event as a row below that header.
pub(crate) fn csv_line(reader: &Reader<'_>, row: u32, context: LineContext<'_>) -> String {
    csv_cells(&[], reader, row, context)
}

/// The same, after other cells.
pub(crate) fn csv_cells(
    others: &[String],
    reader: &Reader<'_>,
    row: u32,
    context: LineContext<'_>,
) -> String {
    let mut csv = Row::new();
    csv.cells(others);
    let mut cell = |text: &str| {
        csv.cell(text);
    };
    each_before(reader, row, context, &mut cell);
    each_after(reader, row, context, &mut cell);
    csv.as_str().to_owned()
}

/// The columns that have a value, as an object.
fn json(reader: &Reader<'_>, row: u32, context: LineContext<'_>) -> String {
    let mut names = BEFORE.iter().chain(&AFTER).chain([&LOCAL]);
    let mut object = Map::new();
    let mut add = |text: &str| {
        if let Some(name) = names.next().filter(|_| !text.is_empty()) {
            object.insert((*name).to_owned(), Json::String(text.to_owned()));
        }
    };
    each_before(reader, row, context, &mut add);
    each_after(reader, row, context, &mut add);
    json_text(Json::Object(object))
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

/// Calls `cell` with each column of [`BEFORE`].
fn each_before(
    reader: &Reader<'_>,
    row: u32,
    context: LineContext<'_>,
    cell: &mut dyn FnMut(&str),
) {
    let segment = reader.segment();
    let own = &segment.rows[row as usize];
    let text = |field: Field| reader.text(field, row).unwrap_or_default();
    cell(&own.time.map(|time| time.to_string()).unwrap_or_default());
    cell(&timestamp_descs(reader, row));
    cell(&message(reader, row));
    let (host, channel) = place_of(reader, row);
    cell(if context.host.is_empty() {
        host
    } else {
        context.host
    });
    cell(host);
    cell(context.kind);
    let key = key(reader, row);
    cell(key.as_deref().unwrap_or(channel));
    cell(text(f::EVENT_CODE));
    cell(&record_name(context.kind, own.provenance));
    cell(&user(reader, row));
    cell(text(f::USER_ID));
    let logon = reader.text(f::WINLOG_LOGON_ID, row);
    cell(logon.unwrap_or_else(|| text(f::PROCESS_EXT_AUTHENTICATION_ID)));
    cell(own_text(reader, row, "winlog.event_data.LogonType"));
    cell(text(f::SOURCE_DOMAIN));
    cell(text(f::SOURCE_IP));
    let port = reader.get(f::SOURCE_PORT, row);
    cell(&port.map(|port| port.to_string()).unwrap_or_default());
    cell(text(f::DESTINATION_DOMAIN));
    cell(text(f::PROCESS_EXECUTABLE));
    cell(command(reader, row));
    cell(object(reader, row));
    cell(&hashes(reader, row));
}

/// What the record is called: an entry of a file table by its number and sequence, a record of a change
/// journal by its number there, which can be 0.
pub(super) fn record_name(kind: &str, own: Provenance) -> String {
    match kind {
        "mft" => format!("{}-{}", own.record >> 16, own.record & 0xffff),
        "usn" => own.record.to_string(),
        _ => own.record_name(),
    }
}

/// What the time of an event means: all that happened to a file then.
fn timestamp_descs<'a>(reader: &Reader<'a>, row: u32) -> Cow<'a, str> {
    let mut kinds = reader.all(f::EVENT_EXT_TIMESTAMP_KIND, row);
    let desc = |kind: Option<Value<'a>>| match kind {
        Some(Value::Text(kind)) => timestamp_desc(&kind),
        _ => timestamp_desc(""),
    };
    let first = desc(kinds.next());
    let mut all = Cow::Borrowed(first);
    for kind in kinds {
        all.to_mut().push_str("; ");
        all.to_mut().push_str(desc(Some(kind)));
    }
    all
}

/// What a time means, in the words of the timeline.
fn timestamp_desc(kind: &str) -> &'static str {
    match kind {
        "key_last_write" => "Key Last Written",
        "task_registered" => "Task Registered",
        "task_last_run" => "Task Last Run",
        "task_last_completed" => "Task Last Completed",
        "last_executed" => "Last Executed",
        "last_logon" => "Last Logon",
        "password_set" => "Password Set",
        "bad_password" => "Last Wrong Password",
        "lease_obtained" => "Lease Obtained",
        "shutdown" => "Shutdown",
        "profile_loaded" => "Profile Loaded",
        "profile_unloaded" => "Profile Unloaded",
        "si_created" => "SI Created",
        "si_modified" => "SI Modified",
        "si_changed" => "SI Entry Changed",
        "si_accessed" => "SI Accessed",
        "fn_created" => "FN Created",
        "fn_modified" => "FN Modified",
        "fn_changed" => "FN Entry Changed",
        "fn_accessed" => "FN Accessed",
        "deleted_after" => "Deleted, not before",
        "usn_record" => "USN Record",
        "none" => "Not Dated",
        _ => "Event Logged",
    }
}

/// The key of an event that was read in a hive.
fn key<'a>(reader: &Reader<'a>, row: u32) -> Option<Cow<'a, str>> {
    if reader.text(f::EVENT_PROVIDER, row) != Some(parsers::regf::PROVIDER) {
        return None;
    }
    if let Some(key) = reader.text(f::REGISTRY_EXT_KEY, row) {
        return Some(Cow::Borrowed(key));
    }
    let path = reader.text(f::REGISTRY_PATH, row)?;
    let Some(value) = reader.text(f::REGISTRY_VALUE, row) else {
        return Some(Cow::Borrowed(path));
    };
    let key = path
        .strip_suffix(value)
        .and_then(|key| key.strip_suffix('\\'));
    Some(Cow::Borrowed(key.unwrap_or(path)))
}

/// Host and channel of an event. Those that were read as ECS events say them in fields alone.
pub(super) fn place_of<'a>(reader: &Reader<'a>, row: u32) -> (&'a str, &'a str) {
    let segment = reader.segment();
    let own = &segment.rows[row as usize];
    let host = segment.strings.get(own.host);
    if host.is_empty() {
        let text = |field: Field| reader.text(field, row).unwrap_or_default();
        return (text(f::HOST_NAME), text(f::WINLOG_CHANNEL));
    }
    (host, segment.strings.get(own.channel))
}

/// Calls `cell` with each column of [`AFTER`], and with the local time if that is wanted.
fn each_after(reader: &Reader<'_>, row: u32, context: LineContext<'_>, cell: &mut dyn FnMut(&str)) {
    let segment = reader.segment();
    let own = &segment.rows[row as usize];
    let evidence = context.evidence.get(own.provenance.evidence.0 as usize);
    cell(evidence.map_or("", |evidence| &evidence.path));
    cell(evidence.map_or("", |evidence| &evidence.sha256));
    cell(own.provenance.state.as_str());
    cell(&(segment.provenances(row).count() - 1).to_string());
    cell("");
    cell(&own.uid.to_string());
    if let Some(zone) = context.timezone {
        cell(&own.time.map(|time| local(time, zone)).unwrap_or_default());
    }
}

/// The time in a zone, with its offset.
pub(crate) fn local(time: Ticks, zone: Tz) -> String {
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
pub(super) fn user<'a>(reader: &Reader<'a>, row: u32) -> Cow<'a, str> {
    let name = reader.text(f::USER_NAME, row).unwrap_or_default();
    if name.ends_with('$') && reader.text(f::USER_ID, row) == Some("S-1-5-18") {
        return Cow::Borrowed("NT AUTHORITY\\SYSTEM");
    }
    match reader.text(f::USER_DOMAIN, row) {
        Some(domain) if !name.is_empty() => Cow::Owned(format!("{domain}\\{name}")),
        _ => Cow::Borrowed(name),
    }
}

fn own_text<'a>(reader: &Reader<'a>, row: u32, name: &str) -> &'a str {
    reader.own_text(name, row).unwrap_or_default()
}

/// What was run, or is to be: command line, text of the Run dialog, action of a task, command of a WMI
/// consumer, script, image of a service.
fn command<'a>(reader: &Reader<'a>, row: u32) -> &'a str {
    // A script's process may have a command line, too: it is not what this event says.
    let own = [f::POWERSHELL_SCRIPT_BLOCK_TEXT, f::PROCESS_COMMAND_LINE];
    if let Some(command) = own.iter().find_map(|field| reader.text(*field, row)) {
        return command;
    }
    let path = reader.text(f::REGISTRY_PATH, row);
    let typed = path.filter(|path| path.contains("\\RunMRU\\") && !path.ends_with("\\MRUList"));
    if typed.is_some() {
        let text = reader.text(f::REGISTRY_DATA_STRINGS, row);
        let text = text.unwrap_or_default();
        return text.strip_suffix("\\1").unwrap_or(text);
    }
    let fields = [
        f::SCHEDULED_TASK_ACTIONS_DEFINITION,
        f::PROCESS_EXT_CONSUMER_DESTINATION,
    ];
    let registered = fields.iter().find_map(|field| reader.text(*field, row));
    if let Some(command) = registered {
        return command;
    }
    let service = own_text(reader, row, "winlog.event_data.ServiceFileName");
    if service.is_empty() {
        own_text(reader, row, "winlog.event_data.ImagePath")
    } else {
        service
    }
}

/// What was acted upon: file, registry value, share, pipe, service, task, name, URL.
pub(super) fn object<'a>(reader: &Reader<'a>, row: u32) -> &'a str {
    let fields = [
        f::DLL_PATH,
        f::FILE_PATH,
        f::FILE_TARGET_PATH,
        f::FILE_NAME,
        f::SCHEDULED_TASK_NAME,
        f::REGISTRY_PATH,
        f::SERVICE_NAME,
        f::TARGET_PROCESS_EXECUTABLE,
        f::DNS_QUESTION_NAME,
        f::URL_FULL,
    ];
    let known = fields.iter().find_map(|field| reader.text(*field, row));
    known.unwrap_or_else(|| own_text(reader, row, "winlog.event_data.ShareName"))
}

/// `sha1:…;sha256:…` of the file, or else of the process's image.
fn hashes(reader: &Reader<'_>, row: u32) -> String {
    let sets = [
        [f::FILE_HASH_MD5, f::FILE_HASH_SHA1, f::FILE_HASH_SHA256],
        [
            f::PROCESS_HASH_MD5,
            f::PROCESS_HASH_SHA1,
            f::PROCESS_HASH_SHA256,
        ],
    ];
    let mut text = String::new();
    for set in sets {
        for (name, field) in ["md5:", "sha1:", "sha256:"].into_iter().zip(set) {
            if let Some(hash) = reader.text(field, row) {
                text.push_str(if text.is_empty() { "" } else { ";" });
                text.push_str(name);
                text.push_str(hash);
            }
        }
        if !text.is_empty() {
            break;
        }
    }
    text
}
