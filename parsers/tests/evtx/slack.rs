//! Records of a chunk's former use, left over in what its records of today have not reached yet.

use std::ops::{ControlFlow, Range};

use parsers::evtx::read::{Reader, Record, Visitor};
use samples::evtx::{Body, Fields, Guid, LogWriter, Provider, Value};
use samples::time::FileTime;
use timeline::Issue;

use super::build::sum;

/// Bytes before the first chunk.
const CHUNKS: usize = 4096;

/// Number, state and first value of each record.
#[derive(Default)]
struct Seen {
    records: Vec<(u64, bool, String)>,
    issues: Vec<Issue>,
}

impl Visitor for Seen {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let value = record.data().next().unwrap();
        self.records.push((
            record.system.record_id().to_u64().unwrap(),
            record.is_recovered,
            value.value.to_text(),
        ));
        ControlFlow::Continue(())
    }

    fn issue(&mut self, issue: Issue) {
        self.issues.push(issue);
    }
}

fn read(log: &[u8]) -> Seen {
    let mut seen = Seen::default();
    Reader::new().read(&log.to_vec(), &mut seen).unwrap();
    seen
}

/// A log of records with one value each, numbered from a first on.
fn log(value: &'static str, numbers: Range<u64>) -> Vec<u8> {
    let out = std::io::Cursor::new(Vec::new());
    let mut log = LogWriter::starting_at(out, numbers.start).unwrap();
    for number in numbers {
        let text = format!("value {number}");
        let fields: Fields = [(value, Value::Text(text))].into_iter().collect();
        log.write(&samples::evtx::Record {
            time: FileTime::day(2026, 3, 2).at(21, 0, number % 60, 0),
            provider: Provider {
                name: "Maker".into(),
                guid: Guid::from_bytes([7; 16]),
            },
            ..samples::evtx::Record::plain("Maker", "Made", 7, Body::EventData(fields))
        })
        .unwrap();
    }
    log.finish().unwrap().into_inner()
}

/// The offset of a record in its chunk.
fn place(log: &[u8], number: u64) -> usize {
    let chunk = &log[CHUNKS..];
    let starts = chunk
        .windows(4)
        .enumerate()
        .filter(|(_, four)| *four == b"**\0\0");
    let of = |at: usize| u64::from_le_bytes(chunk[at + 8..at + 16].try_into().unwrap());
    let mut places = starts.map(|(at, _)| at);
    places.find(|at| of(*at) == number).unwrap()
}

/// Ends the records of the first chunk before one of them; its header says so.
fn end_before(log: &mut [u8], number: u64) {
    let free = u32::try_from(place(log, number)).unwrap();
    let chunk = &mut log[CHUNKS..CHUNKS + 65_536];
    chunk[48..52].copy_from_slice(&free.to_le_bytes());
    for at in [16, 32] {
        chunk[at..at + 8].copy_from_slice(&(number - 1).to_le_bytes());
    }
    sum(chunk);
}

fn numbers(seen: &Seen, recovered: bool) -> Vec<u64> {
    let of_kind = seen.records.iter().filter(|(_, own, _)| *own == recovered);
    of_kind.map(|(number, _, _)| *number).collect()
}

#[test]
fn records_beyond_the_end_are_recovered() {
    let mut log = log("A", 1..31);
    end_before(&mut log, 21);
    // The beginning of one is overwritten.
    let cut = CHUNKS + place(&log, 25);
    log[cut..cut + 16].fill(0);
    let seen = read(&log);
    assert_eq!(numbers(&seen, false), (1..21).collect::<Vec<_>>());
    assert_eq!(
        numbers(&seen, true),
        [21, 22, 23, 24, 26, 27, 28, 29, 30],
        "what is whole"
    );
    for (number, _, value) in &seen.records {
        assert_eq!(*value, format!("value {number}"));
    }
    assert_eq!(seen.issues, [], "what is gone there is no loss");
}

/// A chunk that is used anew: its new records are shorter than the old ones.
fn used_anew(old: &'static str, new: &'static str) -> Vec<u8> {
    let before = log(old, 1..61);
    let after = log(new, 1001..1011);
    let mut log = after.clone();
    let end = CHUNKS + place(&before, 30);
    let chunk = CHUNKS + 65_536;
    let live = u32::from_le_bytes(log[CHUNKS + 48..CHUNKS + 52].try_into().unwrap()) as usize;
    assert!(CHUNKS + live < end);
    log[end..chunk].copy_from_slice(&before[end..chunk]);
    log
}

#[test]
fn records_whose_template_is_overwritten_need_one_that_is_known() {
    let same = read(&used_anew("A", "A"));
    assert_eq!(numbers(&same, false), (1001..1011).collect::<Vec<_>>());
    assert_eq!(numbers(&same, true), (30..61).collect::<Vec<_>>());
    let other = read(&used_anew("A", "Another"));
    assert_eq!(numbers(&other, false), (1001..1011).collect::<Vec<_>>());
    assert_eq!(
        numbers(&other, true),
        [0; 0],
        "nobody can say what their values are called"
    );
    assert_eq!(other.issues, []);
}

/// What the header of a record says must be what it says itself.
#[test]
fn a_record_that_contradicts_its_header_is_not_believed() {
    let mut log = log("A", 1..11);
    end_before(&mut log, 6);
    let at = CHUNKS + place(&log, 8);
    log[at + 8..at + 16].copy_from_slice(&99_u64.to_le_bytes());
    assert_eq!(numbers(&read(&log), true), [6, 7, 9, 10]);
}
