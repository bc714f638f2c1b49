//! The mapper, on records that look like real ones: golden records whose values, names, ids and
//! providers are changed, written by the samples' writer.

#![no_main]

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use fuzz::{GOLDEN, watch};
use libfuzzer_sys::fuzz_target;
use parsers::Profile;
use parsers::evtx::Evtx;
use samples::evtx::{Guid, LogWriter, Record, Sid, Value};
use samples::time::FileTime;

/// A golden record and what is changed in it.
#[derive(Arbitrary, Debug)]
struct Change {
    base: u16,
    /// The provider and channel of another one.
    provider: Option<u16>,
    id: Option<u16>,
    /// Whether the data stands in the other element.
    moved: bool,
    edits: Vec<Edit>,
}

#[derive(Arbitrary, Debug)]
enum Edit {
    Set(u8, New),
    Rename(u8, u16),
    Remove(u8),
    Add(u16, New),
}

#[derive(Arbitrary, Debug)]
enum New {
    Null,
    Text(String),
    /// A value of a golden record, with something put into it.
    Like(u16, u8, u8, String),
    Number(u64),
    Small(u16),
    Hex(u64),
    Truth(bool),
    Binary(Vec<u8>),
    Guid([u8; 16]),
    Sid([u32; 4]),
    Time(u64),
    Texts(Vec<String>),
}

/// Every name of the golden records.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let names = GOLDEN.iter().flat_map(|record| &record.data);
    let names: BTreeSet<&str> = names.map(|(name, _)| name.as_str()).collect();
    names.into_iter().collect()
});

/// Every value of the golden records.
static VALUES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let values = GOLDEN.iter().flat_map(|record| &record.data);
    let values: BTreeSet<&str> = values.map(|(_, value)| value.as_str()).collect();
    values.into_iter().collect()
});

fn pick<T>(list: &'static LazyLock<Vec<T>>, number: impl Into<usize>) -> &'static T {
    &list[number.into() % list.len()]
}

impl New {
    fn value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(text),
            Self::Like(number, from, until, text) => {
                let units: Vec<char> = pick(&VALUES, number).chars().collect();
                let from = usize::from(from).min(units.len());
                let until = usize::from(until).clamp(from, units.len());
                let (head, tail) = (&units[..from], &units[until..]);
                Value::Text(
                    head.iter()
                        .copied()
                        .chain(text.chars())
                        .chain(tail.iter().copied())
                        .collect(),
                )
            }
            Self::Number(number) => Value::UInt64(number),
            Self::Small(number) => Value::UInt16(number),
            Self::Hex(number) => Value::HexInt64(number),
            Self::Truth(truth) => Value::Boolean(truth),
            Self::Binary(bytes) => Value::Binary(bytes),
            Self::Guid(bytes) => Value::Guid(Guid::from_bytes(bytes)),
            Self::Sid(parts) => Value::Sid(Sid::new(5, parts)),
            Self::Time(ticks) => Value::FileTime(FileTime(ticks)),
            Self::Texts(texts) => Value::Texts(texts),
        }
    }
}

impl Change {
    fn record(self) -> Record {
        let base = pick(&GOLDEN, self.base);
        let data = base.data.iter();
        let mut data: Vec<(&'static str, Value)> = data
            .map(|(name, value)| (name.as_str(), Value::from(value.as_str())))
            .collect();
        for edit in self.edits {
            apply(edit, &mut data);
        }
        let element = match (&base.element, self.moved) {
            (Some(element), false) => Some(element.as_str()),
            (None, true) => Some("EventXML"),
            (Some(_), true) | (None, false) => None,
        };
        let mut record = base.record(data, element);
        if let Some(number) = self.provider {
            let other = pick(&GOLDEN, number);
            record.provider.name = other.provider.as_str().into();
            record.channel = other.channel.as_str().into();
        }
        record.event_id = self.id.unwrap_or(record.event_id);
        record
    }
}

fn apply(edit: Edit, data: &mut Vec<(&'static str, Value)>) {
    let count = data.len();
    let place = |number: u8| (count > 0).then(|| usize::from(number) % count);
    match edit {
        Edit::Set(number, new) => {
            if let Some(place) = place(number) {
                data[place].1 = new.value();
            }
        }
        Edit::Rename(number, name) => {
            if let Some(place) = place(number) {
                data[place].0 = *pick(&NAMES, name);
            }
        }
        Edit::Remove(number) => {
            if let Some(place) = place(number) {
                data.remove(place);
            }
        }
        Edit::Add(name, new) => data.push((*pick(&NAMES, name), new.value())),
    }
}

fuzz_target!(|changes: Vec<Change>| {
    let mut log = LogWriter::create(Cursor::new(Vec::new())).expect("it is memory");
    let mut written = 0;
    for change in changes {
        // One that does not fit a chunk is left out by the writer.
        written += u64::from(log.write(&change.record()).is_ok());
    }
    let log = log.finish().expect("it is memory").into_inner();
    for profile in [Profile::Ours, Profile::Upstream] {
        let watched = watch(&Evtx, &log, profile);
        assert_eq!(watched.issues, [], "the writer writes sound logs");
        assert_eq!(watched.counts.records, written);
        assert_eq!(watched.counts.recovered, 0);
    }
});
