//! Event XML in the forms that Windows and others write, and damaged.

use std::fmt::Write as _;

use parsers::parser_of;
use serde_json::json;
use timeline::Severity;

use crate::keep::Keep;

/// An event as `wevtutil` writes it, but for line ends; `payload` is what follows `System`.
fn event(record: u64, payload: &str) -> String {
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='Example' Guid='{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}'/>\
         <EventID Qualifiers='16384'>7</EventID><Version>1</Version><Level>4</Level>\
         <Task>2</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords>\
         <TimeCreated SystemTime='2026-03-02T21:14:02.123456700Z'/>\
         <EventRecordID>{record}</EventRecordID><Correlation/>\
         <Execution ProcessID='4' ThreadID='8'/><Channel>Security</Channel>\
         <Computer>SRV02.corp.example.com</Computer><Security UserID='S-1-5-18'/></System>\
         {payload}</Event>"
    )
}

fn read(text: &str) -> Keep {
    Keep::read(text.as_bytes(), "evtx-xml")
}

/// The values that are the event's own.
#[track_caller]
fn check(payload: &str, section: &str, expected: &serde_json::Value) {
    let event = read(&event(1, payload)).only();
    assert_eq!(&event["winlog"][section], expected, "{payload}");
}

#[test]
fn every_field_of_system_is_read() {
    let event = read(&event(17, "")).only();
    let winlog = &event["winlog"];
    assert_eq!(event["@timestamp"], "2026-03-02T21:14:02.1234567Z");
    assert_eq!(event["event"]["outcome"], "success");
    assert_eq!(event["log"]["level"], "information");
    assert_eq!(winlog["record_id"], "17");
    assert_eq!(winlog["event_id"], "7");
    assert_eq!(
        winlog["provider_guid"],
        "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"
    );
    assert_eq!(winlog["process"]["pid"], 4);
    assert_eq!(winlog["process"]["thread"]["id"], 8);
    assert_eq!(winlog["user"]["identifier"], "S-1-5-18");
    assert_eq!(winlog["computer_name"], "SRV02.corp.example.com");
}

#[test]
fn event_data_is_named_or_numbered() {
    check(
        "<EventData><Data Name='A'>1</Data><Data>2</Data><Data Name=\"\">3</Data>\
         <Binary>00FF</Binary></EventData>",
        "event_data",
        &json!({"A": "1", "param2": "2", "param3": "3", "Binary": "00FF"}),
    );
}

#[test]
fn text_is_what_was_meant_to_be_written() {
    check(
        "<EventData><Data Name='A&quot;'>&lt;a&gt; &amp;&#x41;&#66;</Data>\
         <Data Name='B'><![CDATA[</Event><x>&lt;]]></Data><Data Name='C'>a\r\n b </Data>\
         <Data Name='D'>&lol;</Data></EventData>",
        "event_data",
        &json!({"A\"": "<a> &AB", "B": "</Event><x>&lt;", "C": "a\r\n b ", "D": "&lol;"}),
    );
}

#[test]
fn user_data_is_named_by_its_paths() {
    let event = read(&event(
        1,
        "<UserData>\n <Logged xmlns='urn:x'>\n <User>u</User><P a='1'><Q>2</Q><R/></P>\n\
         </Logged>\n</UserData>",
    ));
    let user_data = &event.only()["winlog"]["user_data"];
    assert_eq!(
        user_data,
        &json!({"xml_name": "Logged", "User": "u", "P": {"a": "1", "Q": "2"}})
    );
}

#[test]
fn the_other_sections_are_kept() {
    check(
        "<BinaryEventData>0A0B</BinaryEventData>",
        "event_data",
        &json!({"BinaryEventData": "0A0B"}),
    );
    check(
        "<ProcessingErrorData><ErrorCode>15027</ErrorCode><DataItemName>x</DataItemName>\
         </ProcessingErrorData>",
        "processing_error_data",
        &json!({"ErrorCode": "15027", "DataItemName": "x"}),
    );
    check(
        "<EventData/><RenderingInfo Culture='en-US'><Message>m</Message>\
         <Keywords><Keyword>k</Keyword></Keywords></RenderingInfo>",
        "rendering_info",
        &json!({"Culture": "en-US", "Message": "m", "Keywords": {"Keyword": "k"}}),
    );
}

/// What is around events does not matter, nor what they are called.
#[test]
fn events_are_found_in_every_frame() {
    let bare = format!("{}\r\n\r\n{}", event(1, ""), event(2, ""));
    let expected = read(&bare).events();
    assert_eq!(expected.len(), 2);
    let one = event(1, "").replace("<E", "<ns:E").replace("</E", "</ns:E");
    let prefixed: String = one
        .replace("xmlns=", "xmlns:ns=")
        .replace("<S", "<ns:S")
        .replace("</S", "</ns:S");
    assert!(prefixed.contains("<ns:System>"));
    let without = event(2, "").replace(
        " xmlns='http://schemas.microsoft.com/win/2004/08/events/event'",
        "",
    );
    for text in [
        format!("<?xml version=\"1.0\"?>\n<!-- x --><Events>{bare}</Events>\n"),
        format!(
            "\u{feff}{}text &amp; <x/> more{}",
            event(1, ""),
            event(2, "")
        ),
        format!("<!DOCTYPE Events><?x y?><Events>{bare}<!ENTITY a 'b'></Events>"),
        format!(
            "<Events xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>{}{without}\
             </Events>",
            event(1, "")
        ),
    ] {
        let keep = read(&text);
        assert_eq!(keep.issues, [], "{text}");
        assert_eq!(keep.events(), expected, "{text}");
    }
    let keep = read(&prefixed);
    assert_eq!(keep.issues, []);
    let event = keep.only();
    assert_eq!(event["winlog"]["provider_name"], "Example", "{prefixed}");
}

#[test]
fn offsets_are_those_of_the_file_in_every_coding() {
    let text = format!(
        "<Events>{}é\u{1F600}{}</Events>",
        event(1, "<EventData>ü</EventData>"),
        event(2, "")
    );
    let first = text.find("<Event ").unwrap();
    let second = text.rfind("<Event ").unwrap();
    assert_eq!(read(&text).offsets(), [first as u64, second as u64]);
    let units = |at: usize| text[..at].encode_utf16().count() as u64;
    for (mark, coding) in [
        (0, u16::to_le_bytes as fn(u16) -> [u8; 2]),
        (0, u16::to_be_bytes),
        (1, u16::to_le_bytes),
        (1, u16::to_be_bytes),
    ] {
        let with_mark = format!("{}{text}", "\u{feff}".repeat(mark));
        let bytes: Vec<u8> = with_mark.encode_utf16().flat_map(coding).collect();
        let keep = Keep::read(&bytes, "evtx-xml");
        assert_eq!(keep.issues, []);
        let expected = [first, second].map(|at| (units(at) + mark as u64) * 2);
        assert_eq!(keep.offsets(), expected);
    }
}

#[test]
fn a_damaged_event_costs_no_other() {
    let (a, b, c) = (event(1, ""), event(2, ""), event(3, ""));
    for broken in [
        b[..b.len() / 2].to_owned(),
        b.replace("</System>", ""),
        b.replace("<Level>", "<Level"),
        b.replace("</System>", "</System><EventData><![CDATA[ "),
        b.replace("</System>", "</System><!-- "),
        b.replace("</System>", &"<a>".repeat(200)),
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>".into(),
        "<Event xmlns='http://schemas.micro".into(),
        "<Event xmlns='urn:x'></Event>".into(),
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'/>".into(),
    ] {
        let keep = read(&format!("{a}{broken}{c}"));
        let at = Some(a.len() as u64);
        assert_eq!(keep.losses(), [("xml-event", at)], "{broken}");
        assert_eq!(keep.offsets(), [0, (a.len() + broken.len()) as u64]);
    }
}

#[test]
fn a_cut_file_loses_its_last_event_and_says_so() {
    let text = format!(
        "<Events>{}{}",
        event(1, ""),
        event(2, "<EventData>é</EventData>")
    );
    let start = text.rfind("<Event ").unwrap();
    for end in start + 7..text.len() {
        let keep = Keep::read(&text.as_bytes()[..end], "evtx-xml");
        assert_eq!(keep.segment.len(), 1, "{end}");
        assert_eq!(keep.losses(), [("xml-event", Some(start as u64))], "{end}");
    }
    let keep = read(&text);
    assert_eq!(keep.segment.len(), 2);
    let notes: Vec<_> = keep.issues.iter().map(|i| (i.kind, i.severity)).collect();
    assert_eq!(notes, [("xml-end", Severity::Note)]);
}

#[test]
fn bytes_that_are_no_text_are_a_loss_of_their_characters_only() {
    let mut bytes = event(1, "<EventData><Data Name='A'>caf?</Data></EventData>").into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[at] = 0x82;
    let keep = Keep::read(&bytes, "evtx-xml");
    assert_eq!(keep.losses(), [("xml-encoding", Some(at as u64))]);
    assert!(keep.events()[0].1.contains("caf\u{fffd}"));
}

/// Crafted files: each would cost hours or gigabytes if something were repeated for each element.
#[test]
fn crafted_files_cost_no_more_than_their_size() {
    let open = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>";
    let many = |text: &str| text.repeat((5 << 20) / text.len());
    for text in [
        many(&format!("{open}<![CDATA[")),
        many(&format!("{open}<!--")),
        many("<?"),
        many("<a \""),
        many("<Event>"),
        many("<a>"),
        many("<a b='c'/>"),
        "x".repeat(5 << 20),
        format!("<a b='{}'/>", "x".repeat(5 << 20)),
        format!("<EventData><{}>{}", "n".repeat(1 << 16), many("<a/>")),
    ] {
        let keep = read(&format!("{}{open}{text}", event(1, "")));
        assert_eq!(keep.segment.len(), 1);
        assert!(!keep.losses().is_empty());
    }
    let mut wide = String::from("<EventData>");
    for number in 0..40_000 {
        write!(wide, "<a{number}/>").unwrap();
    }
    let keep = read(&event(1, &format!("{wide}</EventData>")));
    assert_eq!(keep.losses(), [("xml-event", Some(0))]);
}

#[test]
fn other_xml_is_no_evidence() {
    let task = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<Task version=\"1.2\" \
                xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"></Task>";
    for text in [
        "",
        "<",
        "<Events/>",
        "<Events><Event/></Events>",
        "<Event>no name space</Event>",
        &format!("<rss>{}</rss>", event(1, "")),
        &format!("To: you\n{}", event(1, "")),
    ] {
        assert!(parser_of(text.as_bytes(), "a.xml").is_none(), "{text}");
    }
    assert_eq!(parser_of(task.as_bytes(), "a.xml").unwrap().kind(), "task");
}
