//! The user's tags (`--tags`): CSV with a heading, or JSON lines, by event.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use timeline::Uid;

use crate::exit::UsageError;

/// The user's tags.
#[derive(Debug)]
pub(super) struct Tags {
    by_event: BTreeMap<Uid, Tagged>,
    /// SHA-256 of the file.
    pub(super) sha256: String,
}

/// What the user says of an event.
#[derive(Debug, Default)]
pub(super) struct Tagged {
    /// Tags, each once.
    pub(super) tags: Vec<String>,
    /// Remarks.
    pub(super) comments: Vec<String>,
    seen: AtomicBool,
}

/// A line: as JSON, its tag may be a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    event_uid: String,
    tag: OneOrMany,
    #[serde(default)]
    comment: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Tags {
    /// Reads a file; what is wrong in it is wrong usage.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let wrong = |why: String| UsageError::because(format!("--tags {}: {why}", path.display()));
        let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is not UTF-8".into()))?;
        let text = text.trim_start_matches('\u{feff}');
        let lines = if text.trim_start().starts_with('{') {
            json_lines(text)
        } else {
            csv_lines(text)
        };
        let mut by_event: BTreeMap<Uid, Tagged> = BTreeMap::new();
        for (number, line) in lines.map_err(&wrong)? {
            let Some(event) = uid(line.event_uid.trim()) else {
                let found = &line.event_uid;
                return Err(wrong(format!(
                    "line {number}: expected an event_uid of 32 hexadecimal digits; found `{found}`"
                )));
            };
            by_event.entry(event).or_default().add(line);
        }
        Ok(Self {
            by_event,
            sha256: timeline::hex(&Sha256::digest(&bytes)),
        })
    }

    /// What is said of an event of the case.
    pub(super) fn of(&self, event: Uid) -> Option<&Tagged> {
        let tagged = self.by_event.get(&event)?;
        tagged.seen.store(true, Ordering::Relaxed);
        Some(tagged)
    }

    /// How many events have tags.
    pub(super) fn len(&self) -> u64 {
        self.by_event.len() as u64
    }

    /// How many of them were never asked for.
    pub(super) fn unknown(&self) -> u64 {
        let unseen = |tagged: &&Tagged| !tagged.seen.load(Ordering::Relaxed);
        self.by_event.values().filter(unseen).count() as u64
    }
}

impl Tagged {
    fn add(&mut self, line: Line) {
        let tags = match line.tag {
            OneOrMany::One(tag) => vec![tag],
            OneOrMany::Many(tags) => tags,
        };
        let add = |list: &mut Vec<String>, text: &str| {
            let text = text.trim();
            if !text.is_empty() && !list.iter().any(|known| known == text) {
                list.push(text.to_owned());
            }
        };
        for tag in &tags {
            add(&mut self.tags, tag);
        }
        add(&mut self.comments, &line.comment);
    }
}

/// Lines with their numbers.
type Lines = Result<Vec<(usize, Line)>, String>;

fn json_lines(text: &str) -> Lines {
    let lines = (1..).zip(text.lines());
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let line = serde_json::from_str(line);
            let line = line.map_err(|error| format!("line {number}: {error}"))?;
            Ok((number, line))
        })
        .collect()
}

fn csv_lines(text: &str) -> Lines {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let heading = reader.headers().map_err(|error| error.to_string())?;
    if !["event_uid", "tag"]
        .iter()
        .all(|name| heading.iter().any(|column| column == *name))
    {
        return Err("expected the heading event_uid,tag or event_uid,tag,comment".into());
    }
    (2..)
        .zip(reader.deserialize())
        .map(|(number, line)| Ok((number, line.map_err(|error: csv::Error| error.to_string())?)))
        .collect()
}

/// An event's identity, as it is printed.
pub(super) fn uid(text: &str) -> Option<Uid> {
    let mut uid = [0; 16];
    if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in uid.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Uid(uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "000102030405060708090a0b0c0d0e0f";

    fn read(text: &str) -> Result<Tags, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags");
        std::fs::write(&path, text).unwrap();
        Tags::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn both_forms_say_the_same() {
        let csv = format!("event_uid,tag,comment\n{A},one,\"a, b\"\n{A},two,\n{A},one,\n");
        let json =
            format!("{{\"event_uid\":\"{A}\",\"tag\":[\"one\",\"two\"],\"comment\":\"a, b\"}}\n\n");
        let event = uid(A).unwrap();
        for text in [csv, json] {
            let tags = read(&text).unwrap();
            assert_eq!(tags.unknown(), 1);
            let tagged = tags.of(event).unwrap();
            assert_eq!(tagged.tags, ["one", "two"]);
            assert_eq!(tagged.comments, ["a, b"]);
            assert_eq!((tags.len(), tags.unknown()), (1, 0));
        }
        assert_eq!(event.to_string(), A);
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, expected) in [
            ("uid,tag\nx,y\n", "expected the heading"),
            ("event_uid,tag\nx,y\n", "line 2: expected an event_uid"),
            ("{\"event_uid\":\"x\"}", "line 1: missing field"),
            ("", "expected the heading"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
