//! The records of the golden test: every mapped event in its real shape. The fuzzer changes them.

use std::sync::LazyLock;

use samples::evtx::{Body, LogWriter, Record, Sid, Value};
use samples::time::FileTime;
use serde::Deserialize;

/// One record of the golden test.
#[derive(Clone, Debug, Deserialize)]
pub struct Golden {
    /// The provider's name.
    pub provider: String,
    /// The channel.
    pub channel: String,
    /// `EventID`.
    pub id: u16,
    /// The element below `UserData`; `EventData` without.
    pub element: Option<String>,
    /// Names and values.
    pub data: Vec<(String, String)>,
}

/// All of them.
pub static GOLDEN: LazyLock<Vec<Golden>> = LazyLock::new(|| {
    let lines = include_str!("../../parsers/tests/golden/evtx.records.ndjson").lines();
    let records = lines.filter(|line| !line.trim().is_empty());
    records
        .map(|line| serde_json::from_str(line).expect("the golden test reads it, too"))
        .collect()
});

impl Golden {
    /// The record, with other data.
    pub fn record(
        &self,
        data: Vec<(&'static str, Value)>,
        element: Option<&'static str>,
    ) -> Record {
        let body = match element {
            Some(element) => Body::UserData {
                element,
                namespace: "urn:x",
                fields: data,
            },
            None => Body::EventData(data),
        };
        Record {
            time: FileTime(FileTime::day(2026, 3, 2).at(21, 14, 2, 123).0 + 4567),
            process_id: 2148,
            thread_id: 3004,
            user: Some(Sid::new(5, [18])),
            ..Record::plain(self.provider.clone(), self.channel.clone(), self.id, body)
        }
    }

    /// A log of this record as it is.
    pub fn log(&self) -> Vec<u8> {
        let leak = |text: &String| -> &'static str { Box::leak(text.clone().into_boxed_str()) };
        let data = self.data.iter();
        let data = data.map(|(name, value)| (leak(name), Value::from(value.as_str())));
        let record = self.record(data.collect(), self.element.as_ref().map(leak));
        let mut log = LogWriter::create(std::io::Cursor::new(Vec::new())).expect("it is memory");
        log.write(&record).expect("golden records are small");
        log.finish().expect("it is memory").into_inner()
    }

    /// The record as `wevtutil` writes it.
    pub fn xml(&self) -> String {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let datum = |(name, value): &(String, String)| match self.element {
            Some(_) => format!("<{name}>{}</{name}>", escape(value)),
            None => format!("<Data Name='{name}'>{}</Data>", escape(value)),
        };
        let data: String = self.data.iter().map(datum).collect();
        let body = match &self.element {
            Some(name) => format!("<UserData><{name} xmlns='urn:x'>{data}</{name}></UserData>"),
            None => format!("<EventData>{data}</EventData>"),
        };
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
             <Provider Name='{}'/><EventID Qualifiers='0'>{}</EventID><Level>4</Level>\
             <TimeCreated SystemTime='2026-03-02T21:14:02.1234567Z'/>\
             <EventRecordID>7</EventRecordID><Execution ProcessID='2148' ThreadID='3004'/>\
             <Channel>{}</Channel><Computer>SRV02.corp.example.com</Computer>\
             <Security UserID='S-1-5-18'/></System>{body}</Event>",
            escape(&self.provider),
            self.id,
            escape(&self.channel),
        )
    }

    /// The record as Winlogbeat writes it.
    pub fn winlogbeat(&self) -> String {
        let data: serde_json::Map<_, _> = self.data.iter().map(named).collect();
        serde_json::json!({
            "@timestamp": "2026-03-02T21:14:02.123Z",
            "host": {"name": "SRV02.corp.example.com"},
            "event": {"code": self.id, "provider": self.provider},
            "winlog": {
                "provider_name": self.provider, "channel": self.channel, "event_id": self.id,
                "record_id": 7, "computer_name": "SRV02.corp.example.com", "api": "wineventlog",
                "process": {"pid": 2148, "thread": {"id": 3004}},
                "user": {"identifier": "S-1-5-18"}, "event_data": data,
            },
        })
        .to_string()
    }

    /// The record as NXLog writes it.
    pub fn nxlog(&self) -> String {
        let mut line: serde_json::Map<_, _> = self.data.iter().map(named).collect();
        for (name, value) in [
            ("EventTime", serde_json::json!("2026-03-02 21:14:02")),
            ("SourceName", self.provider.clone().into()),
            ("Channel", self.channel.clone().into()),
            ("EventID", self.id.into()),
            ("RecordNumber", 7.into()),
            ("Hostname", "SRV02.corp.example.com".into()),
            ("ExecutionProcessID", 2148.into()),
            ("UserID", "S-1-5-18".into()),
        ] {
            line.insert(name.to_owned(), value);
        }
        serde_json::Value::from(line).to_string()
    }
}

fn named((name, value): &(String, String)) -> (String, serde_json::Value) {
    (name.clone(), value.clone().into())
}
