//! What every kind of record becomes, field by field: the records of `golden/evtx.records.ndjson`,
//! written as a log by the samples' writer, against the events of `golden/evtx.ndjson`.
//!
//! `SIDETRACK_BLESS=1` writes the expected events anew; read the difference before it is committed.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may open files and fail"
)]

#[path = "common/fields.rs"]
mod fields;
#[path = "common/keep.rs"]
mod keep;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use parsers::evtx::{MappedEvent, mapped};
use parsers::{Counts, Input, Profile, parser_of};
use samples::evtx::{Body, Fields, Guid, LogWriter, Provider, Record, Sid, Value};
use samples::time::FileTime;
use serde::Deserialize;
use timeline::json;

use fields::{Event, all, one};
use keep::Keep;

/// A record of the input. All values are texts: how the reader turns other types into the same
/// texts is for the reader's own tests.
#[derive(Deserialize)]
struct Written {
    provider: String,
    channel: String,
    id: u16,
    /// SID of the account that logged; only the system's own here.
    user: Option<String>,
    keywords: Option<String>,
    /// The element below `UserData`; `EventData` without.
    element: Option<String>,
    data: Vec<(String, String)>,
}

impl Written {
    fn record(self, place: u64) -> Record {
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let fields: Fields = self
            .data
            .into_iter()
            .map(|(name, value)| (leak(name), Value::Text(value)))
            .collect();
        let hex = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
        let body = match self.element {
            Some(element) => Body::UserData {
                element: leak(element),
                namespace: "http://manifests.microsoft.com/win/2004/08/windows/eventlog",
                fields,
            },
            None => Body::EventData(fields),
        };
        Record {
            // Not a whole millisecond, so that it differs from the record's own time.
            time: FileTime(
                FileTime::day(2026, 3, 2)
                    .at(21, place / 60, place % 60, 123)
                    .0
                    + 4567,
            ),
            provider: Provider {
                name: Cow::Owned(self.provider),
                guid: Guid::from_bytes([7; 16]),
            },
            version: 5,
            task: self.id,
            keywords: hex(self.keywords.as_deref().unwrap_or("0x8000000000000000")),
            process_id: 2148,
            thread_id: 3004,
            user: self.user.map(|sid| {
                assert_eq!(sid, "S-1-5-18");
                Sid::new(5, [18])
            }),
            ..Record::plain("", self.channel, self.id, body)
        }
    }
}

/// The same record as `wevtutil` writes it.
fn xml(written: &Written, place: u64) -> String {
    let escape = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        text.replace('\'', "&apos;").replace('"', "&quot;")
    };
    let element = |name: &str, value: &str| format!("<{name}>{}</{name}>", escape(value));
    let datum = |(name, value): &(String, String)| match written.element {
        Some(_) => element(name, value),
        None => format!("<Data Name='{}'>{}</Data>", escape(name), escape(value)),
    };
    let body: Vec<_> = written.data.iter().map(datum).collect();
    let body = body.concat();
    let body = match &written.element {
        Some(name) => format!("<UserData><{name} xmlns='urn:x'>{body}</{name}></UserData>"),
        None => format!("<EventData>{body}</EventData>"),
    };
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='{}' Guid='{{07070707-0707-0707-0707-070707070707}}'/>\
         <EventID>{id}</EventID><Version>5</Version><Level>4</Level><Task>{id}</Task>\
         <Opcode>0</Opcode><Keywords>{}</Keywords>\
         <TimeCreated SystemTime='2026-03-02T21:{:02}:{:02}.1234567Z'/>\
         <EventRecordID>{place}</EventRecordID><Correlation/>\
         <Execution ProcessID='2148' ThreadID='3004'/>{}\
         <Computer>SRV02.corp.example.com</Computer><Security{}/></System>{body}</Event>",
        escape(&written.provider),
        written.keywords.as_deref().unwrap_or("0x8000000000000000"),
        place / 60,
        place % 60,
        element("Channel", &written.channel),
        written
            .user
            .as_ref()
            .map_or(String::new(), |sid| format!(" UserID='{sid}'")),
        id = written.id,
    )
}

/// Reads the log that these records make.
fn read(records: impl IntoIterator<Item = Written>, profile: Profile) -> Keep {
    let mut log = LogWriter::create(std::io::Cursor::new(Vec::new())).unwrap();
    for (place, written) in (1..).zip(records) {
        log.write(&written.record(place)).unwrap();
    }
    read_bytes(&log.finish().unwrap().into_inner(), profile)
}

fn read_bytes(bytes: &[u8], profile: Profile) -> Keep {
    let parser = parser_of(bytes, "golden").unwrap();
    let bytes = bytes.to_vec();
    let input = Input {
        profile,
        ..Input::new(&bytes)
    };
    let keep = Keep::of(|keep| parser.parse(&input, keep));
    assert_eq!(keep.issues, []);
    keep
}

/// Nothing is lost of a record with any number of values of one name, and it has few fields.
#[test]
fn values_of_one_name_are_fields_of_their_own_up_to_a_point() {
    let data = |name: &str, value: String| (name.to_owned(), value);
    let mut values: Vec<_> = (1..=70).map(|n| data("A", n.to_string())).collect();
    values.push(data("A_2", "own".into()));
    values.push(data("B", "b".into()));
    let record = Written {
        provider: "P".into(),
        channel: "C".into(),
        id: 1,
        user: None,
        keywords: None,
        element: None,
        data: values,
    };
    let keep = read([record], Profile::Ours);
    let event = json::to_json(&keep.segment, 0);
    let data = event["winlog"]["event_data"].as_object().unwrap();
    assert_eq!(data["A"], "1");
    assert_eq!(data["A_2"], "2");
    assert_eq!(data["A_64"], "64");
    assert_eq!(data["A_rest"], "65\n66\n67\n68\n69\n70");
    assert_eq!(data["A_2_2"], "own");
    assert_eq!(data["B"], "b");
    assert_eq!(data.len(), 67);
}

#[test]
fn every_kind_of_record_becomes_the_same_event_from_xml() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let records = std::fs::read_to_string(folder.join("evtx.records.ndjson")).unwrap();
    let parse = |line| serde_json::from_str::<Written>(line).unwrap();
    let log = read(records.lines().map(parse), Profile::Ours);
    let mut document = String::from("<Events>\r\n");
    for (place, line) in (1..).zip(records.lines()) {
        document += &xml(&parse(line), place);
        document += "\r\n";
    }
    let exported = read_bytes(&(document + "</Events>").into_bytes(), Profile::Ours);
    assert_eq!(log.segment.len(), exported.segment.len());
    for (row, line) in (0..).zip(records.lines()) {
        let of = |keep: &Keep| json::to_json(&keep.segment, row);
        assert_eq!(of(&log), of(&exported), "of {line}");
        let uid = |keep: &Keep| keep.segment.rows[row as usize].uid;
        assert_eq!(uid(&log), uid(&exported), "of {line}");
    }
}

#[test]
fn every_kind_of_record_becomes_the_event_it_should() {
    check(Profile::Ours, "evtx.ndjson");
}

/// References, and what rules are said to need, rest on that list.
#[test]
fn the_list_of_mapped_events_has_all_that_they_become() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let golden = std::fs::read_to_string(folder.join("evtx.ndjson")).unwrap();
    let mapped = mapped().unwrap();
    for line in golden.lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        let (provider, channel) = (one(&event, "event.provider"), one(&event, "winlog.channel"));
        let is_it = |mapped: &&MappedEvent| {
            let start = mapped.provider.strip_suffix('*');
            let is_provider = start.map_or(mapped.provider == provider, |start| {
                provider.starts_with(start)
            });
            let channels = &mapped.channels;
            is_provider
                && (channels.is_empty() || channels.contains(&channel))
                && mapped.id.to_string() == one(&event, "event.code")
        };
        let Some(listed) = mapped.iter().find(is_it) else {
            continue;
        };
        for (field, words) in [
            ("event.category", &listed.category),
            ("event.type", &listed.kind),
            ("event.action", &listed.action),
        ] {
            for word in all(&event, field) {
                assert!(words.contains(&word), "{field} {word}: {line}");
            }
        }
        for (field, words) in &listed.words {
            for text in all(&event, field) {
                assert!(words.contains(&text), "{field} {text}: {line}");
            }
        }
        for name in names("", &serde_json::Value::Object(event)) {
            let is_of_any = [
                "event.",
                "host.",
                "data_stream.",
                "related.",
                "log.",
                "@",
                "ecs.",
            ]
            .iter()
            .any(|start| name.starts_with(start));
            let is_own = name.starts_with("winlog.")
                && !["winlog.logon.", "winlog.scheduled_task."]
                    .iter()
                    .any(|start| name.starts_with(start));
            let is_listed = listed.fields.contains(&name);
            assert!(is_of_any || is_own || is_listed, "{name}: {line}");
        }
    }
}

/// The names of all fields below a name.
fn names(above: &str, value: &serde_json::Value) -> Vec<String> {
    let serde_json::Value::Object(inner) = value else {
        return vec![above.to_owned()];
    };
    let dot = if above.is_empty() { "" } else { "." };
    let each = inner.iter();
    each.flat_map(|(name, value)| names(&format!("{above}{dot}{name}"), value))
        .collect()
}

/// What upstream's pipelines make of the same records (ECS.md §11).
#[test]
fn upstream_makes_its_own_events_of_them() {
    check(Profile::Upstream, "evtx.upstream.ndjson");
}

#[track_caller]
fn check(profile: Profile, golden: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let records = std::fs::read_to_string(folder.join("evtx.records.ndjson")).unwrap();
    let written = records
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let keep = read(written, profile);
    let lines = records.lines().count() as u64;
    assert_eq!(
        keep.counts,
        Counts {
            records: lines,
            events: lines,
            ..Counts::default()
        }
    );
    let mut actual = String::new();
    for row in 0..u32::try_from(keep.segment.len()).unwrap() {
        let event = json::to_json(&keep.segment, row);
        writeln!(actual, "{}", serde_json::to_string(&event).unwrap()).unwrap();
    }
    let golden = folder.join(golden);
    if std::env::var_os("SIDETRACK_BLESS").is_some() {
        std::fs::write(&golden, &actual).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    for ((actual, expected), record) in actual.lines().zip(expected.lines()).zip(records.lines()) {
        assert_eq!(actual, expected, "of {record}");
    }
    assert_eq!(actual.lines().count(), expected.lines().count());
}
