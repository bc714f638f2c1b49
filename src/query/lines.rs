//! Lines of ECS events as a source: Winlogbeat, exports of Elasticsearch, published data sets. They are
//! asked as they are.
//!
//! Their order is that of the language (EQL.md §3): time, tiebreaker, arrival. So hosts and channels
//! have no part in it, and stand only in their fields.

use std::collections::BTreeMap;
use std::io;

use anyhow::Context;
use parsers::{EventLine, EventLines, ParseError, read_event_lines};
use serde_json::{Map, Value as Json};
use timeline::json::TIMESTAMP;
use timeline::parquet::EvidenceName;
use timeline::{EvidenceId, Issue, Provenance, Segment, Spilled, State, Uid, json};

use super::material::Material;
use super::stored::within;
use crate::collect::EvidenceFile;
use crate::export::LineContext;
use crate::plan::{Period, QueryPlan};
use crate::progress::Progress;
use crate::run::{Asking, Lines, Watch, Workshop};

/// Which fields of the lines have a part in the language.
#[derive(Clone, Debug)]
pub(crate) struct LineFields {
    /// The time.
    pub(crate) timestamp: String,
    /// What orders events of one time.
    pub(crate) tiebreaker: Option<String>,
    /// The category.
    pub(crate) category: String,
    /// What an event is called in an answer.
    pub(crate) id: String,
}

impl Default for LineFields {
    fn default() -> Self {
        Self {
            timestamp: TIMESTAMP.into(),
            tiebreaker: None,
            category: CATEGORY.into(),
            id: "_id".into(),
        }
    }
}

const CATEGORY: &str = "event.category";
const KIND: &str = "ndjson";
/// Events of one segment.
const MOST_EVENTS: usize = 32 * 1024;
/// Bytes of text of one segment.
const MOST_TEXT: u64 = 16 << 20;

/// Asks all events of a file.
pub(super) fn gather(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    lines: Lines<'_>,
    watch: Option<&Watch<'_>>,
    progress: &Progress,
) -> anyhow::Result<Material> {
    let path = plan.source.display().to_string();
    let file = EvidenceFile::open(&plan.source).with_context(|| format!("reading {path}"))?;
    let (sha256, size) = file.sha256().with_context(|| format!("reading {path}"))?;
    progress.stage("Asking events", size, true);
    let evidence = vec![EvidenceName {
        path: path.clone(),
        sha256,
    }];
    let asking = Asking::new(shop, lines, watch);
    let mut reading = Reading {
        asking: &asking,
        fields: &plan.fields,
        period: plan.reading.period,
        evidence: &evidence,
        lines: Vec::new(),
        start: 0,
        segments: Vec::new(),
        issues: Vec::new(),
        progress,
    };
    let read = read_event_lines(&file, &mut reading);
    reading.ask().context("asking events")?;
    let (segments, mut issues) = (reading.segments, reading.issues);
    match read {
        Ok(_) => {}
        Err(ParseError::Store(error)) => return Err(error).context("asking events"),
        Err(ParseError::Read { offset, source }) => issues.push(
            Issue::loss("io", format!("The file cannot be read further: {source}.")).at(offset),
        ),
    }
    for (number, issue) in (0u64..).zip(&issues) {
        shop.issues.add(&path, number, issue)?;
    }
    Ok(Material {
        answers: asking.finish().context("sorting")?,
        segments,
        hosts: BTreeMap::new(),
        evidence,
        kinds: vec![KIND.into()],
    })
}

struct Reading<'a> {
    asking: &'a Asking<'a>,
    fields: &'a LineFields,
    period: Period,
    evidence: &'a [EvidenceName],
    /// The events of the next segment.
    lines: Vec<EventLine>,
    /// Where in the text the first of them stands.
    start: u64,
    segments: Vec<Option<Spilled>>,
    issues: Vec<Issue>,
    progress: &'a Progress,
}

impl EventLines for Reading<'_> {
    fn event(&mut self, line: EventLine) -> io::Result<()> {
        let size = line.offset.saturating_sub(self.start);
        if self.lines.len() >= MOST_EVENTS || size >= MOST_TEXT {
            self.progress.advance(size);
            self.start = line.offset;
            self.ask()?;
        }
        self.lines.push(line);
        Ok(())
    }

    fn issue(&mut self, issue: Issue) {
        self.issues.push(issue);
    }
}

impl Reading<'_> {
    fn ask(&mut self) -> io::Result<()> {
        let segment = within(
            segment(std::mem::take(&mut self.lines), self.fields),
            self.period,
        );
        let context = LineContext {
            host: "",
            kind: KIND,
            evidence: self.evidence,
            timezone: None,
            json: false,
        };
        let asked = self.asking.ask(&segment, self.segments.len(), context)?;
        self.segments.push(asked.candidates);
        Ok(())
    }
}

/// The events as a segment, in the order of the language.
fn segment(lines: Vec<EventLine>, fields: &LineFields) -> Segment {
    let mut places = Vec::with_capacity(lines.len());
    let mut objects = Vec::with_capacity(lines.len());
    for EventLine {
        number,
        offset,
        mut event,
    } in lines
    {
        rename(&mut event, &fields.timestamp, TIMESTAMP);
        rename(&mut event, &fields.category, CATEGORY);
        let tiebreaker = fields.tiebreaker.as_ref();
        places.push((
            number,
            offset,
            tiebreaker.map(|name| rank(find(&event, name))),
        ));
        objects.push(event);
    }
    let mut segment = json::read(&objects);
    let nobody = segment.strings.intern("");
    for (row, (number, offset, tiebreaker)) in places.into_iter().enumerate() {
        let tiebreaker = tiebreaker.map_or(nobody, |text| segment.strings.intern(&text));
        let row = &mut segment.rows[row];
        row.host = nobody;
        row.channel = tiebreaker;
        row.uid = Uid(u128::from(number).to_be_bytes());
        row.provenance = Provenance {
            evidence: EvidenceId(0),
            record: number,
            offset,
            state: State::Live,
        };
    }
    segment.sort();
    segment
}

/// Gives the engine's name to the field that the events use for it.
fn rename(event: &mut Map<String, Json>, from: &str, to: &str) {
    if from == to {
        return;
    }
    if let Some(value) = find(event, from).cloned() {
        event.insert(to.into(), value);
    }
}

/// The value of a name, dotted or nested.
fn find<'a>(event: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    if let Some(value) = event.get(name) {
        return Some(value);
    }
    name.match_indices('.').find_map(|(dot, _)| {
        let inner = event.get(&name[..dot])?.as_object()?;
        find(inner, &name[dot + 1..])
    })
}

/// A tiebreaker as text that sorts as it does; what has none comes last.
fn rank(value: Option<&Json>) -> String {
    match value {
        Some(Json::String(text)) => text.clone(),
        Some(number) if number.is_i64() || number.is_u64() => {
            let number = number.as_i64().map(i128::from);
            let number = number.or_else(|| value.and_then(Json::as_u64).map(i128::from));
            format!("{:020}", number.unwrap_or_default() - i128::from(i64::MIN))
        }
        _ => "\u{10ffff}".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, event: Json) -> EventLine {
        let Json::Object(event) = event else {
            panic!("an object");
        };
        EventLine {
            number,
            offset: number * 100,
            event,
        }
    }

    /// The numbers of the lines in their order.
    fn order(fields: &LineFields, events: &[Json]) -> Vec<u64> {
        let lines = (1..).zip(events.iter().cloned());
        let segment = segment(lines.map(|(n, event)| line(n, event)).collect(), fields);
        let rows = segment.rows.iter();
        rows.map(|row| row.provenance.record).collect()
    }

    #[test]
    fn time_then_tiebreaker_then_arrival_is_the_order() {
        let events = [
            serde_json::json!({"t": 2000, "n": {"b": 10}, "host": {"name": "b"}}),
            serde_json::json!({"t": 2000, "n.b": -3, "host.name": "a"}),
            serde_json::json!({"t": 2000, "host.name": "a"}),
            serde_json::json!({"t": "1970-01-01T00:00:01Z", "n.b": 9}),
            serde_json::json!({"t": 2000, "n.b": 9_u64}),
        ];
        let mut fields = LineFields {
            timestamp: "t".into(),
            ..LineFields::default()
        };
        assert_eq!(order(&fields, &events), [4, 1, 2, 3, 5]);
        fields.tiebreaker = Some("n.b".into());
        assert_eq!(order(&fields, &events), [4, 2, 5, 1, 3]);
    }
}
