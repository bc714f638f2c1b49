//! Records that our decoder declines and the `evtx` crate reads: what becomes of them, and that it is
//! what our decoder would have made of them.

#[path = "../common/keep.rs"]
mod keep;

use std::collections::BTreeMap;

use parsers::evtx::{Evtx, parse_by_fallback};
use parsers::{Counts, Input, ParseError, Parser};
use serde_json::Value as Json;
use timeline::{Severity, json};

use crate::build::{Chunk, Content, log, sum, text};
use crate::corpus::{bytes_of, logs};
use crate::flat::normal;
use keep::Keep;

/// An event: who it is, and all its fields.
#[derive(Debug, PartialEq)]
struct Told {
    uid: String,
    record: u64,
    fields: Json,
}

/// What came of a log.
struct Parsed(Keep);

impl Parsed {
    /// What the program makes of it.
    fn ours(file: &[u8]) -> Self {
        Self::of(|sink| Evtx.parse(&Input::new(&file.to_vec()), sink))
    }

    /// What the fallback makes of it, with our decoder off.
    fn by_fallback(file: &[u8]) -> Self {
        Self::of(|sink| parse_by_fallback(&Input::new(&file.to_vec()), sink))
    }

    fn of(parse: impl FnOnce(&mut Keep) -> Result<Counts, ParseError>) -> Self {
        let keep = Keep::of(parse);
        let counts = keep.counts;
        assert_eq!(counts.events, counts.records + counts.recovered);
        assert_eq!(counts.events, keep.segment.len() as u64);
        Self(keep)
    }

    /// The events by the places of their records.
    fn events(&self) -> BTreeMap<u64, Told> {
        let rows = (0_u32..).zip(&self.0.segment.rows);
        let events = rows.map(|(place, row)| {
            let told = Told {
                uid: row.uid.to_string(),
                record: row.provenance.record,
                fields: Json::Object(json::to_json(&self.0.segment, place)),
            };
            (row.provenance.offset, told)
        });
        events.collect()
    }

    /// The values called `x`, in the order of the file.
    fn values(&self) -> Vec<String> {
        let events = self.events();
        let values = events.values().map(|event| {
            let value = &event.fields["winlog"]["event_data"]["x"];
            value.as_str().unwrap_or_default().to_owned()
        });
        values.collect()
    }

    fn kinds(&self, severity: Severity) -> Vec<&'static str> {
        let issues = self.0.issues.iter();
        let issues = issues.filter(|issue| issue.severity == severity);
        issues.map(|issue| issue.kind).collect()
    }
}

/// An event with a value.
fn body(content: &mut Content) {
    content.open("Event").start().system();
    content.open("EventData").start().data("x", 0).close();
    content.close();
}

fn known(content: &mut Content, value: &str) {
    content.instance(1, &body, &[text(value)]);
}

/// The same, with a definition that ends where its size says and has no token for it. Our decoder goes by
/// the tokens and declines it.
fn endless(content: &mut Content, value: &str) {
    content.endless_instance(2, &body, &[text(value)]);
}

/// Content that no reader knows.
fn unknown(content: &mut Content) {
    content.raw(&[0x3f; 40]);
}

/// A log of one chunk, whose second and fourth record only the fallback reads.
fn mixed() -> (Vec<u8>, [usize; 4]) {
    let mut chunk = Chunk::new(5);
    let places = [
        chunk.record(|content| known(content, "one")),
        chunk.record(|content| endless(content, "two")),
        chunk.record(|content| known(content, "three")),
        chunk.record(|content| endless(content, "four")),
    ];
    (chunk.finish(), places)
}

#[test]
fn what_we_decline_is_read_by_the_fallback_and_counted() {
    let (chunk, places) = mixed();
    let parsed = Parsed::ours(&log(&[chunk]));
    assert_eq!(parsed.values(), ["one", "two", "three", "four"]);
    assert_eq!(
        parsed.0.counts,
        Counts {
            records: 4,
            events: 4,
            by_fallback: 2,
            ..Counts::default()
        }
    );
    let [issue] = &parsed.0.issues[..] else {
        panic!("{:?}", parsed.0.issues);
    };
    assert_eq!(
        (issue.severity, issue.kind),
        (Severity::Note, "record-fallback")
    );
    assert_eq!(issue.offset, Some(4096 + places[1] as u64));
    assert_eq!(issue.record.as_deref(), Some("6"));
    assert_eq!(issue.found, "2 others");
}

#[test]
fn a_record_is_the_same_event_whoever_reads_it() {
    let mut ours = Chunk::new(5);
    ours.record(|content| {
        known(
            content,
            "{49a15388-5ccf-5f2b-5502-00000000040A} <&> \"x\"\r\n\té",
        );
    });
    let file = log(&[ours.finish()]);
    let (own, other) = (Parsed::ours(&file), Parsed::by_fallback(&file));
    assert_eq!(
        (own.0.counts.by_fallback, other.0.counts.by_fallback),
        (0, 1)
    );
    let (own, other) = (own.events(), other.events());
    assert_eq!(own.len(), 1);
    for (own, other) in own.values().zip(other.values()) {
        // A text that looks like a GUID has its capitals, and so the record another identity.
        assert_eq!(normal_json(&own.fields), normal_json(&other.fields));
    }
}

#[test]
fn what_neither_reads_is_a_loss_and_costs_only_itself() {
    let mut chunk = Chunk::new(5);
    chunk.record(|content| known(content, "one"));
    chunk.record(unknown);
    chunk.record(|content| endless(content, "three"));
    chunk.record(|content| known(content, "four"));
    let parsed = Parsed::ours(&log(&[chunk.finish()]));
    assert_eq!(parsed.values(), ["one", "three", "four"]);
    assert_eq!(
        (parsed.0.counts.records, parsed.0.counts.by_fallback),
        (3, 1)
    );
    assert_eq!(parsed.kinds(Severity::Loss), ["record-token"]);
    assert_eq!(parsed.kinds(Severity::Note), ["record-fallback"]);
}

#[test]
fn a_damaged_header_of_the_chunk_does_not_keep_the_fallback_from_its_records() {
    let (mut chunk, _) = mixed();
    chunk[..8].fill(0);
    chunk[24..52].fill(0xff);
    chunk[128..512].fill(0xff);
    let parsed = Parsed::ours(&log(&[chunk]));
    assert_eq!(parsed.values(), ["one", "two", "three", "four"]);
    assert_eq!(parsed.0.counts.by_fallback, 2);
}

#[test]
fn values_that_end_beyond_their_record_are_not_read_from_the_next() {
    let (mut chunk, [first, second, ..]) = mixed();
    // The size of the first record's value, which stands last in it.
    let size = chunk[first..second]
        .windows(4)
        .rposition(|bytes| bytes == [6, 0, 1, 0])
        .unwrap();
    chunk[first + size] = 200;
    sum(&mut chunk);
    let parsed = Parsed::ours(&log(&[chunk]));
    assert_eq!(parsed.values(), ["two", "three", "four"]);
    assert_eq!(parsed.kinds(Severity::Loss), ["record-truncated"]);
}

#[test]
fn a_record_whose_end_is_damaged_is_not_for_the_fallback() {
    let (mut chunk, [_, _, third, _]) = mixed();
    chunk[third - 4] ^= 1;
    sum(&mut chunk);
    let parsed = Parsed::ours(&log(&[chunk]));
    assert_eq!(parsed.values(), ["one", "three", "four"]);
    assert_eq!(parsed.kinds(Severity::Loss), ["record-template"]);
}

#[test]
fn a_chunk_of_declined_records_is_read_once() {
    // Each reading of the chunk takes milliseconds; three hundred would take seconds.
    let mut chunk = Chunk::new(1);
    let mut place = 0;
    chunk.record(|content| place = content.endless_instance(2, &body, &[text("0")]));
    for number in 1..300 {
        chunk.record(|content| {
            content.instance_of(place, &[text(&number.to_string())]);
        });
    }
    let file = log(&[chunk.finish()]);
    let parsed = Parsed::ours(&file);
    assert_eq!(parsed.0.counts.by_fallback, 300);
    let expected: Vec<_> = (0..300).map(|number| number.to_string()).collect();
    assert_eq!(parsed.values(), expected);
}

/// A value without what the fallback is known to change in texts.
fn normal_json(value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(normal(&without_half_pairs(text))),
        Json::Array(values) => values.iter().map(normal_json).collect(),
        Json::Object(object) => {
            let each = object.iter();
            let each = each.map(|(name, value)| (name.clone(), normal_json(value)));
            Json::Object(each.collect())
        }
        other => other.clone(),
    }
}

/// Half of a surrogate pair: we write its number, the crate `_`.
fn without_half_pairs(text: &str) -> String {
    let mut parts = text.split("\\ud");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..3) {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                out.push('_');
                out.push_str(&part[3..]);
            }
            _ => {
                out.push_str("\\ud");
                out.push_str(part);
            }
        }
    }
    out
}

#[test]
fn with_the_decoder_off_the_corpus_gives_the_same_events() {
    for path in logs() {
        let file = bytes_of(&path);
        let own = Parsed::ours(&file);
        let other = Parsed::by_fallback(&file);
        // Damaged records are not for the fallback. What is left over in a chunk is recovered by what the
        // decoder has learned: not without it.
        let issues = own.0.issues.iter();
        let damaged = issues.filter(|issue| issue.kind == "record-torn");
        assert_eq!(own.0.counts.by_fallback, 0, "{}", path.display());
        assert_eq!(
            own.0.counts.records,
            other.0.counts.by_fallback + damaged.count() as u64,
            "{}",
            path.display()
        );
        let own = own.events();
        for (place, other) in other.events() {
            let own = &own[&place];
            assert_eq!(own.record, other.record);
            assert_eq!(
                normal_json(&own.fields),
                normal_json(&other.fields),
                "{} at {place}",
                path.display()
            );
        }
    }
}
