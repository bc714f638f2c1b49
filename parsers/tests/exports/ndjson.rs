//! JSON lines in the shapes of Winlogbeat and NXLog, and damaged.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use parsers::parser_of;
use serde_json::{Value, json};
use timeline::Severity;

use crate::keep::Keep;

fn winlogbeat() -> Value {
    json!({
        "@timestamp": "2026-03-02T21:14:02.123Z",
        "agent": {"type": "winlogbeat", "version": "8.4.0"},
        "event": {"code": "1", "kind": "event", "provider": "Microsoft-Windows-Sysmon"},
        "host": {"name": "collector"},
        "log": {"level": "information"},
        "message": "Process Create:",
        "winlog": {
            "channel": "Microsoft-Windows-Sysmon/Operational",
            "computer_name": "SRV02.corp.example.com",
            "event_data": {
                "Image": "C:\\Windows\\System32\\cmd.exe",
                "LogonGuid": "{49a15388-5ccf-5f2b-5502-00000000040a}",
                "ProcessId": 4242,
                "UtcTime": "2026-03-02 21:14:02.100",
                "Elevated": true
            },
            "event_id": 1,
            "keywords": ["Audit Success", "Classic"],
            "opcode": "Info",
            "process": {"pid": 4, "thread": {"id": 8}},
            "provider_guid": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
            "provider_name": "Microsoft-Windows-Sysmon",
            "record_id": 131_907,
            "user": {"identifier": "S-1-5-18", "name": "SYSTEM"},
            "version": 5
        }
    })
}

fn nxlog() -> Value {
    json!({
        "EventTime": "2026-03-02 22:14:02", "EventReceivedTime": "2026-03-02 22:14:04",
        "@timestamp": "2026-03-02T21:14:05.1Z", "Hostname": "SRV02.corp.example.com",
        "Keywords": -9_214_364_837_600_034_816_i64, "EventType": "AUDIT_SUCCESS",
        "SeverityValue": 2, "Severity": "INFO", "EventID": 4624,
        "SourceName": "Microsoft-Windows-Security-Auditing",
        "ProviderGuid": "{54849625-5478-4994-A5BA-3E3B0328C30D}", "Version": 2, "Task": 12544,
        "OpcodeValue": 0, "RecordNumber": 88, "ExecutionProcessID": 712, "ThreadID": 3004,
        "Channel": "Security", "Message": "An account was successfully logged on.",
        "TargetUserName": "svc-deploy", "TargetDomainName": "CORP", "LogonType": "3",
        "IpAddress": "10.20.30.11", "IpPort": "50123", "ProcessId": "0x0",
        "SourceModuleName": "eventlog", "SourceModuleType": "im_msvistalog"
    })
}

fn read(text: &str) -> Keep {
    Keep::read(text.as_bytes(), "evtx-ndjson")
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn winlogbeat_has_the_record_below_winlog() {
    let event = read(&winlogbeat().to_string()).only();
    let winlog = &event["winlog"];
    assert_eq!(event["@timestamp"], "2026-03-02T21:14:02.1000000Z");
    assert_eq!(event["event"]["created"], "2026-03-02T21:14:02.1230000Z");
    assert_eq!(event["host"]["name"], "SRV02.corp.example.com");
    assert_eq!(event["process"]["pid"], 4242);
    assert_eq!(event["process"]["name"], "cmd.exe");
    assert_eq!(event["log"]["level"], "information");
    assert_eq!(winlog["record_id"], "131907");
    assert_eq!(winlog["keywords"], json!(["Audit Success"]));
    assert_eq!(winlog["process"], json!({"pid": 4, "thread": {"id": 8}}));
    assert_eq!(winlog["user"]["identifier"], "S-1-5-18");
    let data = &winlog["event_data"];
    assert_eq!(data["ProcessId"], "4242");
    assert_eq!(data["Elevated"], "true");
    assert_eq!(data["LogonGuid"], "{49A15388-5CCF-5F2B-5502-00000000040A}");
    let added = &winlog["rendering_info"];
    assert_eq!(added["Message"], "Process Create:");
    assert_eq!(added["agent"]["version"], "8.4.0");
    assert_eq!(added["winlog"]["user"]["name"], "SYSTEM");
    assert_eq!(added["winlog"]["keywords"], "Classic");
    assert_eq!(added["host"]["name"], "collector");
}

#[test]
fn names_with_dots_are_as_good_as_nested_ones() {
    fn flatten(path: &str, value: &Value, flat: &mut serde_json::Map<String, Value>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(name, value)| {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(&path, value, flat);
            }),
            other => {
                flat.insert(path.to_owned(), other.clone());
            }
        }
    }
    let mut flat = serde_json::Map::new();
    flatten("", &winlogbeat(), &mut flat);
    let expected = read(&winlogbeat().to_string()).events();
    assert_eq!(read(&Value::Object(flat).to_string()).events(), expected);
    let wrapped = json!({"_index": "winlogbeat-8.4.0", "_source": winlogbeat()});
    let event = read(&wrapped.to_string()).only();
    assert_eq!(event["process"]["pid"], 4242);
}

#[test]
fn user_data_and_what_a_module_moved_are_put_back() {
    let mut line = winlogbeat();
    line["winlog"]["event_data"] = json!({"UtcTime": "2026-03-02 21:14:02.100"});
    line["process"] = json!({
        "executable": "C:\\Windows\\System32\\cmd.exe", "pid": 4242,
        "parent": {"executable": "C:\\Windows\\explorer.exe"}
    });
    line["user"] = json!({"name": "alice", "domain": "CORP"});
    let event = read(&line.to_string()).only();
    let data = &event["winlog"]["event_data"];
    assert_eq!(data["Image"], "C:\\Windows\\System32\\cmd.exe");
    assert_eq!(data["ParentImage"], "C:\\Windows\\explorer.exe");
    assert_eq!(data["User"], "CORP\\alice");
    assert_eq!(event["process"]["parent"]["name"], "explorer.exe");
    let cleared = json!({"winlog": {
        "channel": "Security", "computer_name": "SRV02.corp.example.com", "event_id": "1102",
        "provider_name": "Microsoft-Windows-Eventlog", "record_id": "9",
        "user_data": {"xml_name": "LogFileCleared", "SubjectUserName": "alice"}
    }, "@timestamp": "2026-03-02T21:14:02.123Z"});
    let event = read(&cleared.to_string()).only();
    let winlog = &event["winlog"];
    assert_eq!(winlog["user_data"]["SubjectUserName"], "alice");
    assert_eq!(winlog["user_data"]["xml_name"], "LogFileCleared");
    assert_eq!(event["user"]["name"], "alice");
}

/// With the record's XML in the line, the event is the log's own, down to its identity.
#[test]
fn the_xml_that_a_line_holds_is_the_record() {
    let xml = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
        <Provider Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID>\
        <TimeCreated SystemTime='2026-03-02T21:14:02.1234567Z'/>\
        <EventRecordID>131907</EventRecordID>\
        <Channel>Microsoft-Windows-Sysmon/Operational</Channel>\
        <Computer>SRV02.corp.example.com</Computer></System>\
        <EventData><Data Name='Image'>C:\\Windows\\System32\\cmd.exe</Data></EventData></Event>";
    let mut line = winlogbeat();
    line["event"]["original"] = xml.into();
    let keep = read(&line.to_string());
    let record = Keep::read(xml.as_bytes(), "evtx-xml");
    assert_eq!(keep.events()[0].0, record.events()[0].0);
    let added = &keep.only()["winlog"]["rendering_info"];
    assert_eq!(added["Message"], "Process Create:");
}

#[test]
fn the_shape_of_older_versions_is_read() {
    let line = json!({
        "@timestamp": "2018-03-02T21:14:02.123Z", "beat": {"name": "x"}, "computer_name": "SRV02",
        "event_data": {"param1": "Example", "param2": "running"}, "event_id": 7036,
        "level": "Information", "log_name": "System", "process_id": 4, "thread_id": 8,
        "record_number": "12", "source_name": "Service Control Manager",
        "user": {"identifier": "S-1-5-18"}
    });
    let event = read(&line.to_string()).only();
    assert_eq!(event["event"]["code"], "7036");
    assert_eq!(event["winlog"]["event_data"]["param2"], "running");
    assert_eq!(event["winlog"]["record_id"], "12");
}

#[test]
fn nxlog_has_all_on_one_level() {
    let event = read(&nxlog().to_string()).only();
    let winlog = &event["winlog"];
    assert_eq!(event["@timestamp"], "2026-03-02T21:14:02.0000000Z");
    assert_eq!(event["event"]["outcome"], "success");
    assert_eq!(event["event"]["code"], "4624");
    assert_eq!(event["source"]["ip"], "10.20.30.11");
    assert_eq!(event["user"]["name"], "svc-deploy");
    assert_eq!(event["host"]["name"], "SRV02.corp.example.com");
    assert_eq!(winlog["record_id"], "88");
    assert_eq!(winlog["process"]["pid"], 712);
    let data = winlog["event_data"].as_object().unwrap();
    let mut names: Vec<_> = data.keys().map(String::as_str).collect();
    names.sort_unstable();
    let own = [
        "IpAddress",
        "IpPort",
        "LogonType",
        "ProcessId",
        "TargetDomainName",
        "TargetUserName",
    ];
    assert_eq!(names, own);
    assert_eq!(winlog["rendering_info"]["SourceModuleName"], "eventlog");
}

#[test]
fn lines_without_a_record_number_are_no_copies_of_each_other() {
    let mut line = nxlog();
    line.as_object_mut().unwrap().remove("RecordNumber");
    let text = format!("{line}\n{line}");
    let identities = |keep: &Keep| keep.events().into_iter().map(|(uid, _)| uid);
    let events: Vec<_> = identities(&read(&text)).collect();
    assert_ne!(events[0], events[1]);
    let copy = Keep::read(&gzip(text.as_bytes()), "evtx-ndjson");
    assert_eq!(identities(&copy).collect::<Vec<_>>(), events);
}

#[test]
fn user_data_of_nxlog_is_told_by_the_provider() {
    let mut line = nxlog();
    line["SourceName"] = "Microsoft-Windows-Eventlog".into();
    line["EventID"] = 1102.into();
    line["SubjectUserName"] = "alice".into();
    let event = read(&line.to_string()).only();
    assert_eq!(event["winlog"]["user_data"]["SubjectUserName"], "alice");
    assert_eq!(event["user"]["name"], "alice");
}

#[test]
fn a_value_may_be_called_as_nxlog_calls_its_own() {
    let mut line = nxlog();
    line["EventType"] = "SetValue".into();
    let event = read(&line.to_string()).only();
    assert_eq!(event["winlog"]["event_data"]["EventType"], "SetValue");
}

#[test]
fn a_time_without_a_zone_is_noted() {
    let mut line = nxlog();
    line.as_object_mut().unwrap().remove("@timestamp");
    let keep = read(&format!("{line}\n{line}\n"));
    let notes: Vec<_> = keep.issues.iter().map(|i| (i.kind, i.severity)).collect();
    assert_eq!(notes, [("json-zone", Severity::Note)]);
    assert!(keep.issues[0].message.contains("2 events"));
}

#[test]
fn compressed_lines_are_the_same_events_at_the_same_places() {
    let line = nxlog().to_string();
    let text = format!("{line}\r\n\n{}\n{line}", winlogbeat());
    let plain = read(&text);
    assert_eq!(plain.issues, []);
    let third = text.rfind(&line).unwrap() as u64;
    assert_eq!(plain.offsets(), [0, line.len() as u64 + 3, third]);
    let (a, b) = text.as_bytes().split_at(700);
    let members = [gzip(a), gzip(b)].concat();
    for bytes in [gzip(text.as_bytes()), members] {
        let keep = Keep::read(&bytes, "evtx-ndjson");
        assert_eq!(keep.issues, []);
        assert_eq!(keep.events(), plain.events());
        assert_eq!(keep.offsets(), plain.offsets());
    }
    let marked = read(&format!("\u{feff}{text}"));
    assert_eq!(marked.issues, []);
    assert_eq!(marked.events(), plain.events());
}

#[test]
fn a_damaged_line_costs_no_other() {
    let line = nxlog().to_string();
    for broken in [
        line[..200].to_owned(),
        line.replace(':', "="),
        format!("{line}x"),
        "{".repeat(5000),
        "x".repeat((16 << 20) + 1),
        format!("{{\"EventID\":[{}0]}}", "0,".repeat(40_000)),
    ] {
        let keep = read(&format!("{line}\n{broken}\n{line}\n"));
        let at = line.len() as u64 + 1;
        assert_eq!(keep.losses(), [("json-event", Some(at))]);
        assert_eq!(keep.offsets(), [0, at + broken.len() as u64 + 1]);
    }
    let keep = read(&format!("{line}\n{{\"a\":1}}\n[1]\n{line}\n"));
    let notes: Vec<_> = keep.issues.iter().map(|i| (i.kind, i.severity)).collect();
    assert_eq!(notes, [("json-other", Severity::Note)]);
    assert_eq!(keep.segment.len(), 2);
}

#[test]
fn bytes_that_are_no_text_are_a_loss_of_their_characters_only() {
    let mut bytes = nxlog().to_string().into_bytes();
    let at = bytes.windows(3).position(|part| part == b"svc").unwrap();
    bytes[at] = 0xe9;
    let keep = Keep::read(&bytes, "evtx-ndjson");
    assert_eq!(keep.losses(), [("json-encoding", Some(at as u64))]);
    assert!(keep.events()[0].1.contains("\u{fffd}vc-deploy"));
}

#[test]
fn a_cut_file_loses_its_last_line_and_says_so() {
    let line = nxlog().to_string();
    let text = format!("{line}\n{line}");
    let start = line.len() as u64 + 1;
    for end in line.len() + 2..text.len() {
        let keep = read(&text[..end]);
        assert_eq!(keep.segment.len(), 1, "{end}");
        assert_eq!(keep.losses(), [("json-event", Some(start))], "{end}");
        assert_eq!(keep.issues[0].message, "The last line is cut off.");
    }
}

#[test]
fn damaged_compression_is_a_loss() {
    let line = nxlog().to_string();
    let text = format!("{line}\n").repeat(200);
    let whole = gzip(text.as_bytes());
    let keep = Keep::read(&whole[..whole.len() - 9], "evtx-ndjson");
    assert!(keep.segment.len() > 100);
    assert_eq!(keep.losses().len(), 1);
    assert_eq!(keep.losses()[0].0, "gzip");
    let more = [&whole[..], b"no more of it"].concat();
    let keep = Keep::read(&more, "evtx-ndjson");
    assert_eq!(keep.segment.len(), 200);
    assert_eq!(keep.losses(), [("gzip", Some(text.len() as u64))]);
}

#[test]
fn other_json_is_no_evidence() {
    for text in [
        "",
        "{",
        "{}",
        "[]",
        "{\"EventID\":1,\"Channel\":\"x\"}",
        "{\"event\":{\"code\":\"1\",\"provider\":\"x\"},\"@timestamp\":\"2026-03-02T21:14:02Z\"}",
        "{\"name\":\"package\",\"version\":\"1.0.0\"}",
        "\u{1f}",
    ] {
        assert!(parser_of(text.as_bytes(), "a.json").is_none(), "{text}");
        assert!(parser_of(&gzip(text.as_bytes()), "a.json.gz").is_none());
    }
    assert!(parser_of(&[0x1f, 0x8b, 8, 0, 0], "a.gz").is_none());
}
