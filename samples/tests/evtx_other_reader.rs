//! What the writer writes, read back by the `evtx` crate with strict checksums.
#![expect(
    clippy::unwrap_used,
    reason = "a reader's complaint is what fails these tests"
)]

use std::collections::BTreeSet;
use std::io::Cursor;

use evtx::{EvtxParser, ParserSettings};
use samples::evtx::{Body, Error, Guid, LogWriter, Provider, Record, Sid, Value};
use samples::time::FileTime;
use serde_json::{Value as Json, json};

const PROVIDER: Guid = Guid::new(0x1234_5678, 0x9ABC, 0xDEF0, [1, 2, 3, 4, 5, 6, 7, 8]);
const ACTIVITY: Guid = Guid::new(0xFEDC_BA98, 0x7654, 0x3210, [8, 7, 6, 5, 4, 3, 2, 1]);
const NOON: FileTime = FileTime::day(2026, 3, 2).at(12, 0, 0, 0);

fn record(body: Body) -> Record {
    Record {
        time: FileTime(NOON.0 + 1_234_567),
        provider: Provider {
            name: "Example-Provider".into(),
            guid: PROVIDER,
        },
        channel: "Example/Operational".into(),
        computer: "WS01.corp.example.com".into(),
        event_id: 4711,
        version: 3,
        level: 4,
        task: 12,
        opcode: 2,
        keywords: 0x8020_0000_0000_0000,
        activity: Some(ACTIVITY),
        process_id: 812,
        thread_id: 4_000_000_000,
        user: Some(Sid::new(5, [21, 1, 2, 3, 1117])),
        body,
    }
}

/// One field per type, texts with everything that XML or UTF-16 finds hard.
fn every_type() -> Vec<(&'static str, Value)> {
    vec![
        ("Text", Value::from(r"C:\Users\j.moreau\été <&> 𝄞")),
        ("EmptyText", Value::from("")),
        ("Lines", Value::from("first\r\n\t\tsecond")),
        ("UInt8", Value::UInt8(255)),
        ("UInt16", Value::UInt16(65_535)),
        ("UInt32", Value::UInt32(u32::MAX)),
        ("UInt64", Value::UInt64(u64::MAX)),
        ("HexInt32", Value::HexInt32(0xC000_006D)),
        ("HexInt64", Value::HexInt64(0x3E7)),
        ("Pointer", Value::Pointer(0x1F4)),
        ("True", Value::Boolean(true)),
        ("False", Value::Boolean(false)),
        ("Binary", Value::Binary(vec![0, 1, 0xFE, 0xFF])),
        ("Guid", Value::Guid(PROVIDER)),
        ("Sid", Value::Sid(Sid::new(5, [32, 544]))),
        ("FileTime", Value::FileTime(NOON)),
        ("Null", Value::Null),
    ]
}

/// What the crate says for each value.
fn as_the_crate_says(value: &Value) -> Json {
    match value {
        Value::Null => json!(null),
        Value::Text(text) => json!(text),
        Value::UInt8(number) => json!(number),
        Value::UInt16(number) => json!(number),
        Value::UInt32(number) => json!(number),
        Value::UInt64(number) => json!(number),
        Value::HexInt32(number) => json!(format!("0x{number:x}")),
        Value::HexInt64(number) | Value::Pointer(number) => json!(format!("0x{number:x}")),
        Value::Boolean(truth) => json!(truth),
        Value::Binary(bytes) => json!(in_hexadecimal(bytes)),
        Value::Guid(guid) => json!(in_small_letters(*guid)),
        Value::Sid(sid) => json!(sid.to_string()),
        Value::FileTime(time) => json!(time.to_string()),
        Value::Texts(texts) => json!(texts),
    }
}

fn in_hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02X}"))
}

fn in_small_letters(guid: Guid) -> String {
    guid.to_string().to_lowercase()
}

fn write(records: &[Record]) -> Vec<u8> {
    let mut log = LogWriter::create(Cursor::new(Vec::new())).unwrap();
    for record in records {
        log.write(record).unwrap();
    }
    log.finish().unwrap().into_inner()
}

/// All records as the crate sees them; any complaint of its fails the test.
fn read(log: Vec<u8>) -> Vec<(u64, Json)> {
    let strict = ParserSettings::new().validate_checksums(true);
    let mut parser = EvtxParser::from_buffer(log)
        .unwrap()
        .with_configuration(strict);
    parser
        .records_json_value()
        .map(|record| {
            let record = record.unwrap();
            (record.event_record_id, record.data)
        })
        .collect()
}

/// The crate shows an empty text and a missing value alike: as "" in EventData, as null in UserData.
fn or_null(value: &Json) -> &Json {
    if value == "" { &Json::Null } else { value }
}

fn check_fields(read: &Json, written: &[(&'static str, Value)]) {
    for (name, value) in written {
        let expected = as_the_crate_says(value);
        assert_eq!(or_null(&read[name]), or_null(&expected), "{name}");
    }
    let names = read.as_object().unwrap().keys();
    let own: BTreeSet<_> = names
        .filter(|name| !name.starts_with('#'))
        .cloned()
        .collect();
    let all: BTreeSet<_> = written.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(own, all);
}

#[test]
fn event_data_of_every_type_is_read_back() {
    let log = write(&[record(Body::EventData(every_type()))]);
    check_fields(&read(log)[0].1["Event"]["EventData"], &every_type());
}

#[test]
fn user_data_of_every_type_is_read_back() {
    let log = write(&[record(Body::UserData {
        element: "LogFileCleared",
        namespace: "urn:example:cleared",
        fields: every_type(),
    })]);
    let event = &read(log)[0].1["Event"];
    assert_eq!(event["EventData"], json!(null));
    let own = &event["UserData"]["LogFileCleared"];
    assert_eq!(own["#attributes"]["xmlns"], json!("urn:example:cleared"));
    check_fields(own, &every_type());
}

#[test]
fn a_list_of_texts_is_read_back_in_order() {
    let texts = Value::Texts(vec!["one".into(), "two".into(), "three".into()]);
    let log = write(&[record(Body::EventData(vec![("List", texts)]))]);
    let event = read(log)[0].1.to_string();
    let places: Vec<_> = ["one", "two", "three"]
        .map(|text| event.find(text).unwrap())
        .into();
    assert!(places.is_sorted(), "{event}");
}

#[test]
fn every_system_value_is_read_back() {
    let log = write(&[record(Body::EventData(Vec::new()))]);
    let system = &read(log)[0].1["Event"]["System"];
    assert_eq!(
        *system,
        json!({
            "Provider": {"#attributes": {"Name": "Example-Provider", "Guid": in_small_letters(PROVIDER)}},
            "EventID": 4711,
            "Version": 3,
            "Level": 4,
            "Task": 12,
            "Opcode": 2,
            "Keywords": "0x8020000000000000",
            "TimeCreated": {"#attributes": {"SystemTime": "2026-03-02T12:00:00.1234567Z"}},
            "EventRecordID": 1,
            "Correlation": {"#attributes": {"ActivityID": in_small_letters(ACTIVITY)}},
            "Execution": {"#attributes": {"ProcessID": 812, "ThreadID": 4_000_000_000_u32}},
            "Channel": "Example/Operational",
            "Computer": "WS01.corp.example.com",
            "Security": {"#attributes": {"UserID": "S-1-5-21-1-2-3-1117"}},
        })
    );
}

#[test]
fn what_is_not_given_is_left_out() {
    let mut bare = record(Body::EventData(Vec::new()));
    bare.activity = None;
    bare.user = None;
    let log = write(&[bare]);
    let system = &read(log)[0].1["Event"]["System"];
    assert!(system["Correlation"]["#attributes"].is_null(), "{system}");
    assert!(system["Security"]["#attributes"].is_null(), "{system}");
}

/// Different shapes, computers and lengths, enough of them for several chunks.
fn mixture(index: u32) -> Record {
    let name = if index.is_multiple_of(2) {
        "Even"
    } else {
        "Odd"
    };
    let mut record = record(Body::EventData(vec![
        (name, Value::UInt32(index)),
        ("Text", Value::from("x".repeat(index as usize % 700))),
    ]));
    if index.is_multiple_of(5) {
        record.computer = "SRV02.corp.example.com".into();
    }
    record.time = FileTime(NOON.0 + u64::from(index));
    record
}

#[test]
fn many_chunks_keep_every_record_and_number_them_in_order() {
    let records: Vec<_> = (0..1_000).map(mixture).collect();
    let log = write(&records);
    assert!(log.len() > 4096 + 5 * 65_536);
    let read = read(log);
    assert_eq!(read.len(), records.len());
    for (index, ((id, event), written)) in read.iter().zip(&records).enumerate() {
        assert_eq!(*id, index as u64 + 1);
        assert_eq!(event["Event"]["System"]["EventRecordID"], json!(id));
        assert_eq!(
            event["Event"]["System"]["Computer"],
            json!(written.computer)
        );
        check_fields(&event["Event"]["EventData"], written.body.fields());
    }
}

#[test]
fn a_log_can_start_at_any_record_id() {
    let mut log = LogWriter::starting_at(Cursor::new(Vec::new()), 48_213).unwrap();
    assert_eq!(log.write(&mixture(1)).unwrap(), 48_213);
    assert_eq!(log.write(&mixture(2)).unwrap(), 48_214);
    let read = read(log.finish().unwrap().into_inner());
    assert_eq!(
        read.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [48_213, 48_214]
    );
}

#[test]
fn a_record_too_large_for_a_chunk_is_refused_and_the_log_goes_on() {
    let huge = record(Body::EventData(vec![(
        "Text",
        Value::from("x".repeat(40_000)),
    )]));
    let mut log = LogWriter::create(Cursor::new(Vec::new())).unwrap();
    log.write(&mixture(1)).unwrap();
    assert!(matches!(
        log.write(&huge),
        Err(Error::RecordTooLarge { event_id: 4711 })
    ));
    assert_eq!(log.write(&mixture(2)).unwrap(), 2);
    assert_eq!(read(log.finish().unwrap().into_inner()).len(), 2);
}

#[test]
fn an_empty_log_is_a_header_alone() {
    let log = write(&[]);
    assert_eq!(log.len(), 4096);
    assert_eq!(read(log).len(), 0);
}

/// The offsets in one chain table of a chunk's header, chains followed to their ends.
fn chains(chunk: &[u8], table: usize, buckets: usize) -> Vec<usize> {
    let number = |at: usize| u32::from_le_bytes(chunk[at..at + 4].try_into().unwrap()) as usize;
    let mut found = Vec::new();
    for bucket in 0..buckets {
        let mut offset = number(table + 4 * bucket);
        while offset != 0 {
            found.push(offset);
            offset = number(offset);
        }
    }
    found
}

#[test]
fn names_and_templates_stand_once_in_each_chunk() {
    let records: Vec<_> = (0..500).map(mixture).collect();
    let log = write(&records);
    for chunk in log[4096..].chunks(65_536) {
        let names = chains(chunk, 128, 64);
        let texts: BTreeSet<_> = names
            .iter()
            .map(|&at| {
                let length = usize::from(u16::from_le_bytes([chunk[at + 6], chunk[at + 7]]));
                &chunk[at + 8..at + 8 + 2 * length]
            })
            .collect();
        assert_eq!(texts.len(), names.len());
        assert!(names.len() > 25);
        // Two computers, and two shapes of data.
        let templates = chains(chunk, 384, 32);
        let guids: BTreeSet<_> = templates
            .iter()
            .map(|&at| &chunk[at + 4..at + 20])
            .collect();
        assert_eq!((templates.len(), guids.len()), (4, 4));
    }
}

/// libevtx overlooks a record that ends with the chunk, and Windows leaves room, too.
#[test]
fn the_largest_record_that_fits_leaves_eight_bytes_of_its_chunk() {
    let try_length = |length| {
        let text = Value::from("x".repeat(length));
        let mut log = LogWriter::create(Cursor::new(Vec::new())).unwrap();
        let written = log.write(&record(Body::EventData(vec![("Text", text)])));
        written.ok().map(|_| log.finish().unwrap().into_inner())
    };
    let largest = (31_000..32_000).map_while(try_length).last().unwrap();
    let free = u32::from_le_bytes(largest[4096 + 48..4096 + 52].try_into().unwrap());
    assert_eq!(free, 65_528);
    assert_eq!(read(largest).len(), 1);
}

#[test]
fn a_log_that_was_not_finished_says_so() {
    let finished = write(&[mixture(1)]);
    assert_eq!(finished[120], 0);
    let mut out = Cursor::new(Vec::new());
    drop(LogWriter::create(&mut out).unwrap());
    assert_eq!(out.into_inner()[120], 1);
}

#[test]
fn equal_records_give_equal_bytes() {
    let records: Vec<_> = (0..200).map(mixture).collect();
    assert_eq!(write(&records), write(&records));
}
