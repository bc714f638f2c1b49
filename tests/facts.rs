//! Each record that FACTS.md cites is in the timeline with the right host, user, source, process and
//! object. What is right comes from the record itself, as the `evtx` crate reads it. The corpus lies
//! beside the project; without it the test says so and passes.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{Row, analyze, corpus};
use evtx::EvtxParser;
use serde_json::Value as Json;

/// A record that FACTS.md cites.
struct Cited {
    case: String,
    file: PathBuf,
    record: u64,
    event: String,
    /// When the log wrote it.
    time: String,
    host: String,
}

/// The rows `| a | record | channel | event | time | host | what |` below the cases' headings.
fn cited(facts: &str) -> Vec<Cited> {
    let (mut case, mut files) = (String::new(), BTreeMap::new());
    let mut all = Vec::new();
    for line in facts.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            case = heading.chars().take_while(|char| *char != ' ').collect();
            files.clear();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["", file, path, ""] if file.starts_with("file ") => {
                if let Some(path) = path.split('`').nth(1) {
                    files.insert(file["file ".len()..].to_owned(), PathBuf::from(path));
                }
            }
            ["", file, record, _, event, time, host, ..] if record.parse::<u64>().is_ok() => {
                let Some(path) = files.get(*file) else {
                    continue;
                };
                all.push(Cited {
                    case: case.clone(),
                    file: path.clone(),
                    record: record.parse().unwrap(),
                    event: (*event).to_owned(),
                    time: (*time).to_owned(),
                    host: (*host).to_owned(),
                });
            }
            _ => {}
        }
    }
    all
}

/// The values of a record, by name; that of its Security element as `UserID`.
type Raw = BTreeMap<String, String>;

/// The records of a log by the id in their System element: Event Viewer numbers what it saves anew,
/// in the records' headers alone.
fn raw_records(file: &Path) -> BTreeMap<u64, Raw> {
    let mut parser = EvtxParser::from_path(file).unwrap();
    let records = parser.records_json_value().filter_map(Result::ok);
    records
        .map(|record| {
            let event = &record.data["Event"];
            let id = event["System"]["EventRecordID"].as_u64();
            (id.unwrap(), raw(event))
        })
        .collect()
}

fn raw(event: &Json) -> Raw {
    let mut raw = Raw::new();
    if let Some(sid) = event["System"]["Security"]["#attributes"]["UserID"].as_str() {
        raw.insert("UserID".to_owned(), sid.to_owned());
    }
    for (name, value) in event["EventData"].as_object().into_iter().flatten() {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Null => String::new(),
            other => other.to_string(),
        };
        raw.insert(name.clone(), text);
    }
    raw
}

/// Columns of the timeline that an event must fill, each from values of its record: `{Name}`.
fn expected(channel: &str, event: &str, raw: &Raw) -> Option<Vec<(&'static str, String)>> {
    const SUBJECT: (&str, &str) = ("user", r"{SubjectDomainName}\{SubjectUserName}");
    const SESSION: (&str, &str) = ("logon_id", "{SubjectLogonId}");
    const SYSMON_USER: (&str, &str) = ("user", "{User}");
    const IMAGE: (&str, &str) = ("process", "{Image}");
    let columns: &[(&str, &str)] = match (channel, event) {
        ("Security", "4624") => &[
            ("user", r"{TargetDomainName}\{TargetUserName}"),
            ("user_sid", "{TargetUserSid}"),
            ("logon_id", "{TargetLogonId}"),
            ("logon_type", "{LogonType}"),
            ("src_ip", "{IpAddress}"),
            ("src_host", "{WorkstationName}"),
            ("process", "{ProcessName}"),
        ],
        ("Security", "4648") => &[
            SUBJECT,
            SESSION,
            ("dst_host", "{TargetServerName}"),
            ("process", "{ProcessName}"),
        ],
        ("Security", "4688") if has_owner(raw) => &[
            ("user", r"{TargetDomainName}\{TargetUserName}"),
            ("logon_id", "{TargetLogonId}"),
            ("process", "{NewProcessName}"),
            ("command", "{CommandLine}"),
        ],
        ("Security", "4688") => &[
            SUBJECT,
            SESSION,
            ("user_sid", "{SubjectUserSid}"),
            ("process", "{NewProcessName}"),
            ("command", "{CommandLine}"),
        ],
        ("Security", "4697") => &[
            SUBJECT,
            SESSION,
            ("object", "{ServiceName}"),
            ("command", "{ServiceFileName}"),
        ],
        ("Security", "4698" | "4699") => &[SUBJECT, SESSION, ("object", "{TaskName}")],
        ("Security", "4778" | "4779") => &[
            ("user", r"{AccountDomain}\{AccountName}"),
            ("logon_id", "{LogonID}"),
            ("src_ip", "{ClientAddress}"),
            ("src_host", "{ClientName}"),
        ],
        ("Security", "5145") => &[SUBJECT, SESSION, ("src_ip", "{IpAddress}"), shared(raw)],
        ("System", "7045") => &[
            ("user_sid", "{UserID}"),
            ("object", "{ServiceName}"),
            ("command", "{ImagePath}"),
        ],
        ("System", "7036") => &[("object", "{param1}")],
        ("System", "10016") => &[
            ("user", r"{param6}\{param7}"),
            ("user_sid", "{param8}"),
            ("src_ip", "{param9}"),
        ],
        ("Application", "18454") => &[("user", "{param1}"), ("message", "{param1}")],
        ("Application", "15457") => &[("message", "{param1} changed from {param2} to {param3}")],
        ("Microsoft-Windows-PowerShell/Operational", "4104") => {
            &[("user_sid", "{UserID}"), ("command", "{ScriptBlockText}")]
        }
        ("Microsoft-Windows-WinRM/Operational", "91") => &[("user_sid", "{UserID}")],
        (_, "1") => &[
            IMAGE,
            SYSMON_USER,
            ("command", "{CommandLine}"),
            ("logon_id", "{LogonId}"),
        ],
        // The end that opened the connection is first; old systems wrote the ends of incoming ones
        // the other way round.
        (_, "3") => &[
            IMAGE,
            SYSMON_USER,
            ("message", "{SourceIp}"),
            ("message", "{DestinationIp}"),
        ],
        (_, "7") => &[IMAGE, ("object", "{ImageLoaded}")],
        (_, "11" | "27") => &[IMAGE, ("object", "{TargetFilename}")],
        (_, "13") => &[IMAGE, ("object", "{TargetObject}")],
        (_, "18") => &[IMAGE, ("object", "{PipeName}")],
        (_, "19" | "21") => &[SYSMON_USER],
        (_, "20") => &[SYSMON_USER, ("command", "{Destination}")],
        _ => return None,
    };
    let filled = columns
        .iter()
        .map(|(column, text)| (*column, fill(text, raw)));
    Some(filled.filter(|(_, text)| !text.is_empty()).collect())
}

/// Whether the record of a process start names the owner of the process beside its creator.
fn has_owner(raw: &Raw) -> bool {
    let get = |name: &str| raw.get(name).map_or("", String::as_str);
    !matches!(get("TargetUserName"), "" | "-") && !matches!(get("TargetLogonId"), "" | "0x0")
}

/// A file below a share, where its folder is known; else the share, or the pipe in it.
fn shared(raw: &Raw) -> (&'static str, &'static str) {
    let get = |name: &str| raw.get(name).map_or("", String::as_str);
    let is_share = matches!(get("RelativeTargetName"), "" | "\\");
    let text = match get("ShareLocalPath") {
        _ if is_share => "{ShareName}",
        "" | "-" => r"{ShareName}\{RelativeTargetName}",
        _ => r"{ShareLocalPath}\{RelativeTargetName}",
    };
    ("object", text)
}

/// The text with the record's values in it; nothing when the record lacks one of them.
fn fill(text: &str, raw: &Raw) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, more)) = rest.split_once('{') {
        let (name, after) = more.split_once('}').unwrap();
        let value = raw.get(name).map_or("", |value| value.trim_end());
        if matches!(value, "" | "-") {
            return String::new();
        }
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out + rest
}

/// What a cell says and what the record says, in one spelling: `\??\` and doubled separators of paths,
/// case, quotes and blanks around; the system by its name.
fn plain(text: &str, row: &Row) -> String {
    let text = text.strip_prefix(r"\??\").unwrap_or(text);
    let doubled = text.starts_with(r"\\");
    let inner = text.trim_start_matches('\\').replace(r"\\", r"\");
    let start = if doubled { r"\\" } else { "" };
    let text = format!("{start}{}", inner.trim().trim_matches('"').to_lowercase());
    // The host's own account, acting as the system.
    if row["user_sid"] == "S-1-5-18" && text.ends_with('$') {
        return r"nt authority\system".to_owned();
    }
    text
}

/// Sysmon's events have the time of what happened; all others that of the log, as FACTS.md does.
fn is_at(row: &Row, cited: &Cited) -> bool {
    row["channel_or_key"].contains("Sysmon") || row["datetime"].starts_with(&cited.time)
}

#[test]
fn every_cited_record_is_in_the_timeline_as_it_was() {
    let Some(folder) = corpus("") else { return };
    let facts = std::fs::read_to_string(folder.join("FACTS.md")).unwrap();
    let cited = cited(&facts);
    let mut files: Vec<&PathBuf> = cited.iter().map(|cited| &cited.file).collect();
    files.sort();
    files.dedup();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "evtx"));
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let case = analyze(&paths, &[]);
    assert!(matches!(case.code, 0 | 3), "{}", case.stderr);
    let timeline = case.rows("timeline.csv");
    let raw: BTreeMap<&PathBuf, _> = files
        .iter()
        .copied()
        .zip(paths.iter().map(|path| raw_records(path)))
        .collect();

    let (mut wrong, mut compared) = (Vec::new(), 0);
    for cited in cited.iter().filter(|cited| raw.contains_key(&cited.file)) {
        let at = format!("{} {} {}", cited.case, cited.record, cited.event);
        let name = cited.file.file_name().unwrap().to_str().unwrap();
        let row = timeline.iter().find(|row| {
            row["record_id"] == cited.record.to_string()
                && row["event_id"] == cited.event
                && row["host"].eq_ignore_ascii_case(&cited.host)
                && row["evidence_file"].ends_with(name)
                && is_at(row, cited)
        });
        let Some(row) = row else {
            wrong.push(format!("{at}: not in the timeline"));
            continue;
        };
        let Some(raw) = raw[&cited.file].get(&cited.record) else {
            wrong.push(format!("{at}: the other reader has no such record"));
            continue;
        };
        let Some(columns) = expected(&row["channel_or_key"], &cited.event, raw) else {
            wrong.push(format!("{at}: nothing is expected of it"));
            continue;
        };
        for (column, text) in columns {
            compared += 1;
            let (own, text) = (plain(&row[column], row), plain(&text, row));
            let fits = own == text || column == "message" && own.contains(&text);
            if !fits {
                wrong.push(format!("{at}: {column} is {own:?}, not {text:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {compared} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        compared > cited.len(),
        "only {compared} cells were compared"
    );
}
