//! Files below System32\Tasks.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use timeline::{Event, Issue, Provenance, Sink, State, Uid, fields as f};

use super::{Definition, put_definition};
use crate::ecs::Values;
use crate::evtx_xml::Coding;
use crate::residue::{put_machine, put_origin};
use crate::{Counts, Input, ParseError, Parser, ReadAt};

/// A definition has a few thousand bytes; Windows refuses much longer ones.
const LONGEST: u64 = 1 << 20;
/// The provider of events from these files.
pub const PROVIDER: &str = "task-definition";
const DATASET: &str = "offline.task";

/// The parser of definitions of scheduled tasks.
#[derive(Clone, Copy, Debug)]
pub struct TaskFile;

impl Parser for TaskFile {
    fn kind(&self) -> &'static str {
        "task"
    }

    fn describe(&self) -> &'static str {
        "Definitions of scheduled tasks (files below System32\\Tasks)"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        let text = decoded(head);
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let root = start
            .strip_prefix("<?xml")
            .and_then(|rest| rest.split_once("?>"));
        let mut root = root.map_or(start, |(_, rest)| rest).trim_start();
        while let Some((_, rest)) = root
            .strip_prefix("<!--")
            .and_then(|rest| rest.split_once("-->"))
        {
            root = rest.trim_start();
        }
        root.starts_with("<Task") && root.contains("schemas.microsoft.com/windows/2004/02/mit/task")
    }

    fn is_known_name(&self, _: &str) -> bool {
        false
    }

    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
        let Some(bytes) =
            bytes_of(input.bytes).map_err(|source| ParseError::Read { offset: 0, source })?
        else {
            let message = "The definition is longer than any that Windows takes: it was not read.";
            sink.issue(Issue::loss("task-size", message).expected(LONGEST, input.bytes.len()));
            return Ok(Counts::default());
        };
        let xml = decoded(&bytes);
        let definition = Definition::read(&xml);
        let name = task_path(input.path, &definition);
        let mut values = Values::default();
        values.put(f::EVENT_KIND, "state");
        put_origin(&mut values, PROVIDER, DATASET);
        put_machine(&mut values, input.machine);
        values.put_all(f::EVENT_CATEGORY, ["iam", "configuration"]);
        values.put(f::EVENT_TYPE, "info");
        values.put(f::EVENT_ACTION, "scheduled-task-defined");
        values.put(f::EVENT_EXT_TIMESTAMP_KIND, "none");
        put_definition(&xml, &mut values);
        values.put(f::SCHEDULED_TASK_NAME, name.clone());
        if !input.machine.registered_tasks.is_empty() {
            let registered = input.machine.registered_tasks.get(&name.to_lowercase());
            values.put(
                f::SCHEDULED_TASK_RECONCILED,
                match registered {
                    None => "no_registry",
                    Some(steps) if *steps == definition.steps => "same",
                    Some(_) => "differs",
                },
            );
        }
        values.relate();
        let event = Event {
            // A definition says when it was made in local time, and can say anything.
            time: None,
            host: &input.machine.host,
            channel: "task",
            provenance: Provenance {
                evidence: input.evidence,
                record: 0,
                offset: 0,
                state: State::Live,
            },
            uid: uid(&bytes, &input.machine.host, &name),
            values: values.as_slice(),
        };
        sink.event(&event).map_err(ParseError::Store)?;
        Ok(Counts {
            records: 1,
            events: 1,
            ..Counts::default()
        })
    }
}

/// The path of the task of a file, in lower case, and what it does; nothing when it is no definition.
#[must_use]
pub fn task_of_file(bytes: &dyn ReadAt, path: &str) -> Option<(String, super::Steps)> {
    let bytes = bytes_of(bytes).ok()??;
    let definition = Definition::read(&decoded(&bytes));
    let name = task_path(path, &definition);
    Some((name.to_lowercase(), definition.steps))
}

fn bytes_of(input: &dyn ReadAt) -> std::io::Result<Option<Vec<u8>>> {
    let Some(length) = usize::try_from(input.len())
        .ok()
        .filter(|_| input.len() <= LONGEST)
    else {
        return Ok(None);
    };
    let mut bytes = vec![0; length];
    let count = input.read_at(0, &mut bytes)?;
    bytes.truncate(count);
    Ok(Some(bytes))
}

fn decoded(bytes: &[u8]) -> String {
    let (coding, mark) = Coding::of(bytes);
    let mut text = Vec::new();
    coding.decode(bytes.get(mark..).unwrap_or_default(), &mut text);
    match String::from_utf8_lossy(&text) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

/// The path of a task: that of its file below `Tasks`, which counts, or else what it says itself.
fn task_path(path: &str, definition: &Definition) -> String {
    let lower = path.to_ascii_lowercase();
    let below = ["system32/tasks/", "syswow64/tasks/"]
        .iter()
        .find_map(|folder| lower.find(folder).map(|at| at + folder.len()));
    if let Some(below) = below.and_then(|start| path.get(start..)) {
        return format!("\\{}", below.replace('/', "\\"));
    }
    let name = path.rsplit(['/', '!']).next().unwrap_or_default();
    let own = definition.uri.clone().filter(|uri| !uri.is_empty());
    own.unwrap_or_else(|| format!("\\{name}"))
}

/// The same task has the same identity in two collections of one machine, and another on another.
fn uid(bytes: &[u8], host: &str, name: &str) -> Uid {
    let mut hash = Sha256::new();
    hash.update(Sha256::digest(bytes));
    for text in ["task", host, name] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let [uid, _] = *hash.finalize().as_chunks::<16>().0 else {
        return Uid::default();
    };
    Uid(uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" \
        xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"><Actions><Exec>\
        <Command>a.exe</Command></Exec></Actions></Task>";

    #[test]
    fn definitions_are_known_by_what_they_are() {
        let wide: Vec<u8> = XML.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &wide].concat();
        assert!(TaskFile.recognises(&marked));
        assert!(TaskFile.recognises(XML.as_bytes()));
        assert!(!TaskFile.recognises(b"<Task>"));
        assert!(
            !TaskFile
                .recognises(b"<Event xmlns=\"schemas.microsoft.com/windows/2004/02/mit/task\">")
        );
        assert!(!TaskFile.recognises(&[0xff, 0xfe]));
        let (name, steps) =
            task_of_file(&marked, "H/C/Windows/System32/Tasks/Microsoft/A").unwrap();
        assert_eq!(name, r"\microsoft\a");
        assert!(!steps.is_empty());
    }
}
