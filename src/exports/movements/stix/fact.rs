//! What the events of movements say that STIX has objects for: processes, services, tasks, files, the transport. It is
//! taken from the events in `findings.jsonl`, where values are as recorded; lists in `movements.csv` are for people.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use timeline::sort::Sorter;
use timeline::table::Table;

use super::super::movement::Movement;
use crate::exports::profile::Tools;
use crate::store::Store;

const FILE: &str = "findings.jsonl";
/// Names of hashes, as events and STIX have them, with their lengths.
const HASHES: [(&str, &str, usize); 4] = [
    ("md5", "MD5", 32),
    ("sha1", "SHA-1", 40),
    ("sha256", "SHA-256", 64),
    ("sha512", "SHA-512", 128),
];

/// What one event says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Fact {
    /// Whose event it is.
    pub(super) host: String,
    pub(super) process: Option<Process>,
    pub(super) service: Option<Service>,
    /// What a task runs.
    pub(super) actions: Vec<String>,
    /// A file that was made, changed or removed.
    pub(super) file: Option<Image>,
    /// The port of the source, and what it is one of.
    pub(super) transport: Option<(u64, String)>,
}

/// A process that started, or a command that was given.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Process {
    pub(super) command: String,
    pub(super) image: Image,
    pub(super) folder: String,
    pub(super) pid: Option<u64>,
    /// When it started, where this is its start.
    pub(super) started: String,
    pub(super) user: String,
    pub(super) sid: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) command: String,
}

/// A file, with its hashes as STIX calls them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Image {
    pub(super) path: String,
    pub(super) hashes: BTreeMap<String, String>,
}

/// The facts of all movements, on disk.
pub(super) struct Facts(Table);

/// What of a line of findings.jsonl is needed.
#[derive(Deserialize)]
struct Finding {
    movement_id: String,
    /// One for each stage; of a stage that wants an event missing there is none.
    events: Vec<Option<Event>>,
}

#[derive(Deserialize)]
struct Event {
    uid: String,
    event: Json,
}

impl Facts {
    /// Gathers the facts of a case.
    pub(super) fn read(tools: Tools<'_>, store: &Store) -> anyhow::Result<Self> {
        let file = store.listed(FILE)?;
        let reading = || format!("reading {FILE}");
        let mut sorter = Sorter::new(tools.folder, tools.budget);
        for line in BufReader::new(file).lines() {
            let finding: Finding = serde_json::from_str(&line.with_context(reading)?)
                .with_context(|| format!("{FILE} is none of a case"))?;
            if finding.movement_id.is_empty() {
                continue;
            }
            for event in finding.events.into_iter().flatten() {
                if let Some(fact) = Fact::of(&event.event) {
                    let key = key(&finding.movement_id, &event.uid);
                    sorter.push(&key, &serde_json::to_vec(&fact)?)?;
                }
            }
        }
        let facts = sorter.finish().context("sorting")?;
        let table = Table::write(tools.folder, facts).context("writing what events say")?;
        Ok(Self(table))
    }

    /// The facts of a movement, in the order of its events, each with the event's identity.
    pub(super) fn of(&self, movement: &Movement) -> anyhow::Result<Vec<(String, Fact)>> {
        let prefix = key(movement.id(), "");
        let mut found = BTreeMap::new();
        let mut damaged = Ok(());
        self.0.with_prefix(&prefix, |key, payload| {
            let uid = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
            match serde_json::from_slice(payload) {
                Ok(fact) => {
                    found.insert(uid, fact);
                }
                Err(error) => damaged = Err(error),
            }
        })?;
        damaged?;
        let uids = movement.get("event_uids").split(';');
        Ok(uids.filter_map(|uid| found.remove_entry(uid)).collect())
    }
}

fn key(movement: &str, uid: &str) -> Vec<u8> {
    [movement.as_bytes(), b"\0", uid.as_bytes()].concat()
}

impl Fact {
    /// What an event says, if it says any of this.
    pub(super) fn of(event: &Json) -> Option<Self> {
        let fact = Self {
            host: text(event, "/host/name"),
            process: Process::of(event),
            service: Service::of(event),
            actions: texts(event, "/winlog/scheduled_task/actions/definition"),
            file: Image::changed(event),
            transport: transport(event),
        };
        let nothing = Self {
            host: fact.host.clone(),
            ..Self::default()
        };
        (fact != nothing).then_some(fact)
    }
}

impl Process {
    fn of(event: &Json) -> Option<Self> {
        let is_start = has(event, "/event/type", "start");
        let is_one = has(event, "/event/category", "process")
            // What a process loads is no process.
            && !has(event, "/event/category", "library")
            && (is_start || has(event, "/event/type", "info"));
        let process = Self {
            command: text(event, "/process/command_line"),
            image: Image {
                path: text(event, "/process/executable"),
                hashes: hashes(event, "/process/hash"),
            },
            folder: text(event, "/process/working_directory"),
            pid: event.pointer("/process/pid").and_then(Json::as_u64),
            started: Some(text(event, "/@timestamp"))
                .filter(|_| is_start)
                .unwrap_or_default(),
            user: account(&text(event, "/user/domain"), &text(event, "/user/name")),
            sid: text(event, "/user/id"),
        };
        let is_told = !process.command.is_empty() || !process.image.path.is_empty();
        (is_one && is_told).then_some(process)
    }
}

impl Service {
    /// A service that was installed.
    fn of(event: &Json) -> Option<Self> {
        let name = text(event, "/service/name");
        let commands = ["ImagePath", "ServiceFileName"];
        let mut commands = commands.iter().map(|name| {
            let path = format!("/winlog/event_data/{name}");
            text(event, &path)
        });
        let command = commands.find(|command| !command.is_empty())?;
        (!name.is_empty()).then_some(Self { name, command })
    }
}

impl Image {
    /// A file that was made, changed or removed; that somebody looked at one is not told.
    fn changed(event: &Json) -> Option<Self> {
        let kinds = ["creation", "change", "deletion"];
        let is_changed = has(event, "/event/category", "file")
            && kinds.iter().any(|kind| has(event, "/event/type", kind))
            && !has(event, "/file/type", "dir");
        let path = text(event, "/file/path");
        (is_changed && !path.is_empty()).then(|| Self {
            path,
            hashes: hashes(event, "/file/hash"),
        })
    }
}

/// Which port of the source this event says the transport of.
fn transport(event: &Json) -> Option<(u64, String)> {
    let port = event.pointer("/source/port")?.as_u64()?;
    let transport = text(event, "/network/transport");
    ["tcp", "udp"]
        .contains(&transport.as_str())
        .then_some((port, transport))
}

/// `DOMAIN\name`.
fn account(domain: &str, name: &str) -> String {
    match (domain, name) {
        (_, "") => String::new(),
        ("", name) => name.to_owned(),
        (domain, name) => format!("{domain}\\{name}"),
    }
}

fn hashes(event: &Json, path: &str) -> BTreeMap<String, String> {
    let each = HASHES.iter().filter_map(|(name, stix, length)| {
        let hash = text(event, &format!("{path}/{name}"));
        let is_one = hash.len() == *length && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| ((*stix).to_owned(), hash.to_lowercase()))
    });
    each.collect()
}

/// The first text at a place; empty when there is none.
fn text(event: &Json, path: &str) -> String {
    texts(event, path).into_iter().next().unwrap_or_default()
}

fn texts(event: &Json, path: &str) -> Vec<String> {
    let Some(value) = event.pointer(path) else {
        return Vec::new();
    };
    let values = match value {
        Json::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let texts = values.iter().filter_map(Json::as_str);
    texts.map(str::to_owned).collect()
}

fn has(event: &Json, path: &str, value: &str) -> bool {
    texts(event, path).iter().any(|text| text == value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(category: &str, kind: &str, rest: &Json) -> Option<Fact> {
        let mut event = json!({"event": {"category": [category], "type": [kind]}});
        if let (Some(event), Some(rest)) = (event.as_object_mut(), rest.as_object()) {
            event.extend(rest.clone());
        }
        Fact::of(&event)
    }

    #[test]
    fn only_what_ran_or_was_changed_is_told() {
        let process = json!({"process": {"command_line": "whoami", "pid": 7}});
        let told = |category, kind, event| of(category, kind, event).is_some();
        assert!(told("process", "start", &process) && told("process", "info", &process));
        assert!(!told("process", "access", &process) && !told("network", "start", &process));
        let file =
            json!({"file": {"path": r"C:\a.exe", "hash": {"md5": "AB", "sha1": "A".repeat(40)}}});
        let fact = of("file", "creation", &file).unwrap();
        assert_eq!(
            fact.file.unwrap().hashes,
            BTreeMap::from([("SHA-1".into(), "a".repeat(40))])
        );
        assert!(!told("file", "access", &file) && !told("process", "start", &file));
        let pipe = json!({"file": {"name": "svcctl"}});
        assert!(!told("file", "creation", &pipe));
    }

    #[test]
    fn only_a_start_says_when_a_process_started() {
        let event =
            json!({"@timestamp": "2026-03-02T21:14:02.0000000Z", "process": {"command_line": "x"}});
        let started = |kind| {
            of("process", kind, &event)
                .unwrap()
                .process
                .unwrap()
                .started
        };
        assert_eq!(started("start"), "2026-03-02T21:14:02.0000000Z");
        assert_eq!(started("info"), "");
    }
}
