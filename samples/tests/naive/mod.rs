//! The logs as the `evtx` crate reads them, and the six behaviours looked for in the plainest way:
//! every pair of events is tried, with a minute between them. Slow, and short enough to be trusted.
#![expect(
    clippy::unwrap_used,
    reason = "what does not read or has no such field fails the test"
)]

use evtx::{EvtxParser, ParserSettings};
use serde_json::Value as Json;

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
const A_MINUTE: i64 = 60_000;
const PROGRAMS: [&str; 6] = [".exe", ".dll", ".bat", ".cmd", ".ps1", ".com"];

/// One record.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: u64,
    pub(crate) code: u64,
    pub(crate) computer: String,
    pub(crate) channel: String,
    /// `TimeCreated`.
    pub(crate) created: String,
    /// When it happened, in milliseconds of the day's start of its year: enough to compare.
    pub(crate) time: i64,
    pub(crate) data: Json,
}

impl Event {
    /// A field as text, whatever its type; empty when it is missing.
    pub(crate) fn text(&self, name: &str) -> String {
        match &self.data[name] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    fn port(&self, name: &str) -> u64 {
        self.data[name].as_u64().unwrap()
    }

    pub(crate) fn is_sysmon(&self, code: u64) -> bool {
        self.channel == SYSMON && self.code == code
    }

    fn image_is(&self, name: &str) -> bool {
        self.text("Image").to_lowercase().ends_with(name)
    }

    fn by_kernel(&self) -> bool {
        self.data["ProcessId"] == 4
    }

    /// Accepted from another host.
    pub(crate) fn is_inbound(&self) -> bool {
        self.is_sysmon(3)
            && self.data["Initiated"] == false
            && !["127.0.0.1", "0:0:0:0:0:0:0:1"].contains(&self.text("SourceIp").as_str())
    }

    fn is_kernel_file(&self) -> bool {
        self.is_sysmon(11) && self.by_kernel()
    }

    fn both_ports_are_dynamic(&self) -> bool {
        self.port("SourcePort") >= 49_152 && self.port("DestinationPort") >= 49_152
    }
}

/// All records of a log; whatever the crate complains about fails the test.
pub(crate) fn read(log: Vec<u8>) -> Vec<Event> {
    let strict = ParserSettings::new().validate_checksums(true);
    let mut parser = EvtxParser::from_buffer(log)
        .unwrap()
        .with_configuration(strict);
    let records = parser.records_json_value();
    records.map(|record| event(record.unwrap().data)).collect()
}

fn event(mut record: Json) -> Event {
    let system = record["Event"]["System"].take();
    let data = record["Event"]["EventData"].take();
    let created = system["TimeCreated"]["#attributes"]["SystemTime"]
        .as_str()
        .unwrap();
    let happened = data["UtcTime"].as_str().unwrap_or(created);
    Event {
        id: system["EventRecordID"].as_u64().unwrap(),
        code: system["EventID"].as_u64().unwrap(),
        computer: system["Computer"].as_str().unwrap().to_owned(),
        channel: system["Channel"].as_str().unwrap().to_owned(),
        created: created.to_owned(),
        time: milliseconds(happened),
        data,
    }
}

/// Of `2026-03-02 21:14:02.640` or `2026-03-02T21:14:02.6400000Z`; all months as long as the longest.
fn milliseconds(time: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| time[range].parse::<i64>().unwrap();
    let days = number(5..7) * 31 + number(8..10);
    let seconds = ((days * 24 + number(11..13)) * 60 + number(14..16)) * 60 + number(17..19);
    seconds * 1_000 + number(20..23)
}

/// Every match of one of the six behaviours: the rule, and the records stage by stage.
pub(crate) fn matches(events: &[Event]) -> Vec<(&'static str, Vec<u64>)> {
    let mut found = Vec::new();
    let mut keep = |rule, stages: Vec<Vec<&Event>>| {
        found.extend(stages.iter().map(|stages| (rule, ids(stages))));
    };
    keep(
        "tool_transfer_smb",
        pairs(
            events,
            |first| first.is_inbound() && first.by_kernel() && first.port("DestinationPort") == 445,
            |_, file| {
                file.is_kernel_file()
                    && PROGRAMS
                        .iter()
                        .any(|kind| file.text("TargetFilename").ends_with(kind))
            },
        ),
    );
    keep(
        "execution_via_file_share",
        pairs(events, Event::is_kernel_file, |file, start| {
            start.is_sysmon(1) && start.text("Image") == file.text("TargetFilename")
        }),
    );
    keep(
        "startup_folder",
        events
            .iter()
            .filter(|file| {
                file.is_kernel_file()
                    && file
                        .text("TargetFilename")
                        .contains(r"\Start Menu\Programs\Startup\")
            })
            .map(|file| vec![file])
            .collect(),
    );
    keep(
        "outbound_task_scheduler",
        pairs(
            events,
            |library| {
                library.is_sysmon(7) && library.text("ImageLoaded").ends_with(r"\taskschd.dll")
            },
            |library, call| {
                call.is_sysmon(3)
                    && call.data["Initiated"] == true
                    && call.text("ProcessGuid") == library.text("ProcessGuid")
                    && call.both_ports_are_dynamic()
            },
        ),
    );
    keep(
        "remote_task_taskcache",
        pairs(
            events,
            |call| {
                call.is_inbound() && call.image_is("svchost.exe") && call.both_ports_are_dynamic()
            },
            |call, value| {
                value.is_sysmon(13)
                    && value.text("ProcessGuid") == call.text("ProcessGuid")
                    && value.text("TargetObject").ends_with(r"\Actions")
            },
        ),
    );
    keep("sharprdp", triples(events));
    found
}

fn triples(events: &[Event]) -> Vec<Vec<&Event>> {
    let typed = pairs(
        events,
        |connection| {
            connection.is_inbound()
                && connection.image_is("svchost.exe")
                && connection.port("DestinationPort") == 3389
        },
        |_, value| {
            value.is_sysmon(13)
                && value.image_is("explorer.exe")
                && value.text("TargetObject").contains(r"\Explorer\RunMRU\")
                && value.text("Details").starts_with("cmd.exe")
        },
    );
    let mut found = Vec::new();
    for pair in typed {
        let starts = events.iter().filter(|start| {
            start.is_sysmon(1)
                && start
                    .text("ParentImage")
                    .to_lowercase()
                    .ends_with("cmd.exe")
                && !start.image_is("conhost.exe")
                && pair[0].computer == start.computer
                && within_a_minute(pair[1], start)
                && within_a_minute(pair[0], start)
        });
        found.extend(starts.map(|start| vec![pair[0], pair[1], start]));
    }
    found
}

fn pairs(
    events: &[Event],
    first: impl Fn(&Event) -> bool,
    second: impl Fn(&Event, &Event) -> bool,
) -> Vec<Vec<&Event>> {
    let mut found = Vec::new();
    for one in events.iter().filter(|one| first(one)) {
        let others = events.iter().filter(|other| {
            within_a_minute(one, other) && one.computer == other.computer && second(one, other)
        });
        found.extend(others.map(|other| vec![one, other]));
    }
    found
}

fn within_a_minute(first: &Event, second: &Event) -> bool {
    (0..=A_MINUTE).contains(&(second.time - first.time))
}

fn ids(stages: &[&Event]) -> Vec<u64> {
    stages.iter().map(|event| event.id).collect()
}
