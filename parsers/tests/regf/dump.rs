//! A hive as a list of its keys and values.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use parsers::ReadAt;
use parsers::regf::read::{At, Fault, Hive, Origin, ValueCell, Visitor, visit};
use samples::regf::{Hive as Made, Key};
use samples::time::FileTime;

/// When most keys of the tests were written.
pub(crate) const TIME: FileTime = FileTime::day(2026, 3, 2);

/// What a hive has.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Dump {
    pub(crate) keys: BTreeMap<String, (Origin2, i64)>,
    /// By path and name: origin of the key, type, data.
    pub(crate) values: BTreeMap<(String, String), (Origin2, u32, Vec<u8>)>,
    pub(crate) lost: Vec<(String, Vec<u8>)>,
    pub(crate) faults: Vec<(&'static str, Fault)>,
    pub(crate) issues: Vec<&'static str>,
}

/// An origin that can be compared and sorted.
pub(crate) type Origin2 = &'static str;

fn word(origin: Origin) -> Origin2 {
    match origin {
        Origin::Live => "live",
        Origin::Log => "log",
        Origin::Before => "before",
        Origin::Free => "free",
        Origin::Orphan => "orphan",
    }
}

impl<'h> Visitor<'h> for Dump {
    fn key(&mut self, at: &At<'_, 'h>) -> ControlFlow<()> {
        let origin = word(at.origin);
        let is_now = matches!(at.origin, Origin::Live | Origin::Log);
        let time = at.key.last_written().map_or(0, |time| time.0);
        self.keys.insert(at.path.to_owned(), (origin, time));
        for value in at.key.values() {
            match value {
                Ok(value) => {
                    let data = value.data();
                    let key = (at.path.to_owned(), value.name().into_owned());
                    let value = (origin, value.data_type(), data.bytes.into_owned());
                    self.values.insert(key, value);
                    let fault = data.fault.filter(|_| is_now);
                    self.faults.extend(fault.map(|fault| ("data", fault)));
                }
                Err(fault) if is_now => self.faults.push(("value", fault)),
                // What was deleted is seldom whole.
                Err(_) => {}
            }
        }
        ControlFlow::Continue(())
    }

    fn lost_value(&mut self, value: ValueCell<'h>) -> ControlFlow<()> {
        let data = value.data().bytes.into_owned();
        self.lost.push((value.name().into_owned(), data));
        ControlFlow::Continue(())
    }

    fn fault(&mut self, fault: Fault, what: &'static str) {
        self.faults.push((what, fault));
    }
}

impl Dump {
    /// Reads a hive with its logs.
    pub(crate) fn of(hive: &[u8], logs: &[&[u8]]) -> Self {
        let logs: Vec<Vec<u8>> = logs.iter().map(|log| log.to_vec()).collect();
        let logs: Vec<&dyn ReadAt> = logs.iter().map(|log| log as &dyn ReadAt).collect();
        let hive = Hive::read(&hive.to_vec(), &logs, u64::MAX).expect("it begins as a hive");
        let mut dump = Self {
            issues: hive.issues().iter().map(|issue| issue.kind).collect(),
            ..Self::default()
        };
        let _ = visit(&hive, &mut dump);
        dump
    }

    /// The data of a value.
    pub(crate) fn data(&self, path: &str, name: &str) -> Option<&[u8]> {
        let value = self.values.get(&(path.to_owned(), name.to_owned()))?;
        Some(&value.2)
    }

    /// The paths of all keys of one origin.
    pub(crate) fn of_origin(&self, origin: &str) -> Vec<&str> {
        let keys = self.keys.iter().filter(|(_, key)| key.0 == origin);
        keys.map(|(path, _)| path.as_str()).collect()
    }
}

/// A hive of this root.
pub(crate) fn hive(root: Key) -> Made {
    Made {
        root,
        file_name: r"\??\C:\Users\x\NTUSER.DAT".to_owned(),
        written: TIME,
        sequence: 7,
        minor: 5,
        granted: Vec::new(),
    }
}

/// UTF-16LE with its end.
pub(crate) fn text(text: &str) -> Vec<u8> {
    format!("{text}\0")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect()
}
