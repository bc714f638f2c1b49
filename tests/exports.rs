//! A log, and what it was exported to, are one set of events.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::analyze;
use samples::evtx::{Body, LogWriter, Record, Value};
use samples::time::FileTime;

fn write_log(path: &Path) {
    let file = std::fs::File::create(path).unwrap();
    let mut log = LogWriter::create(file).unwrap();
    let body = Body::EventData(vec![("Name", Value::Text("<a> & \"b\"".into()))]);
    log.write(&Record {
        time: FileTime(FileTime::day(2026, 3, 2).at(21, 14, 2, 123).0 + 4567),
        ..Record::plain("Example", "Application", 7, body)
    })
    .unwrap();
    log.finish().unwrap();
}

/// As Event Viewer saves it.
const XML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n\
    <Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
    <Provider Name='Example' Guid='{00000000-0000-0000-0000-000000000000}'/>\
    <EventID>7</EventID><Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode>\
    <Keywords>0x0</Keywords><TimeCreated SystemTime='2026-03-02T21:14:02.1234567Z'/>\
    <EventRecordID>1</EventRecordID><Correlation/><Execution ProcessID='4' ThreadID='8'/>\
    <Channel>Application</Channel><Computer>SRV02.corp.example.com</Computer><Security/>\
    </System><EventData><Data Name='Name'>&lt;a&gt; &amp; \"b\"</Data></EventData></Event></Events>";

#[test]
fn a_record_and_its_export_are_one_event_with_two_provenances() {
    let folder = tempfile::tempdir().unwrap();
    write_log(&folder.path().join("Application.evtx"));
    std::fs::write(folder.path().join("Application.xml"), XML).unwrap();
    std::fs::write(folder.path().join("other.xml"), "<Events/>").unwrap();
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    let events = case.rows("timeline.csv");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["dup_count"], "1");
    let manifest = case.manifest();
    let inputs = manifest["inputs"].as_array().unwrap();
    let kinds: Vec<_> = inputs.iter().map(|input| &input["kind"]).collect();
    assert_eq!(kinds, ["evtx", "evtx-xml"]);
    assert_eq!(inputs[1]["duplicates"], 1);
}
