//! `ecs`: events for Elasticsearch's bulk interface, with an index template beside them.
//!
//! A document that breaks its mapping is refused, and with it the event is lost. So a value that is no address does not
//! stand in a field of addresses but under `sidetrack.not_ip.`, a time that cannot be one under
//! `sidetrack.not_date.`; and a name that evidence brought is one name, whatever dots it has.

use std::net::{IpAddr, Ipv6Addr};

use serde_json::{Map, Value as Json, json};
use timeline::json::TIMESTAMP;
use timeline::sort::Sorted;
use timeline::{Kind, Value};

use super::{Tools, View, template};
use crate::export::json_text;
use crate::exports::event::Told;
use crate::exports::output::Files;
use crate::exports::table::begin;
use crate::exports::tally::Tally;

/// The index that the documents go to.
pub(super) const INDEX: &str = "sidetrack-events";
/// Names below these come from evidence.
pub(super) const OPEN: [&str; 5] = [
    "winlog.event_data.",
    "winlog.user_data.",
    "winlog.processing_error_data.",
    "winlog.rendering_info.",
    "winlog.other_data.",
];

pub(super) struct Ecs;

impl View for Ecs {
    fn rows(&self, event: &Told<'_>, tally: &mut Tally, put: &mut dyn FnMut(&[u8], &[u8])) {
        let mut own = own(event);
        let mut document = Map::new();
        if let Some(time) = event.time() {
            document.insert(TIMESTAMP.into(), time.to_string().into());
        }
        fields(event, &mut document, &mut own, tally);
        let tags = event.tags();
        if !tags.is_empty() {
            document.insert("tags".into(), tags.into());
        }
        let row = [
            json_text(json!({"create": {"_index": INDEX, "_id": event.uid().to_string()}})),
            json_text(Json::Object(document)),
            json_text(Json::Object(own)),
        ];
        put(&event.key(), row.join("\n").as_bytes());
    }

    fn write(
        &self,
        _: Tools<'_>,
        rows: Sorted,
        files: &Files<'_>,
        _: &mut Tally,
    ) -> anyhow::Result<()> {
        let mut main = begin(files, files.main_name(), b"")?;
        let mut undated = begin(files, files.part_name("undated"), b"")?;
        for (place, row) in (0u64..).zip(rows) {
            let row = row?;
            let is_dated = timeline::key::read_time(&row.key).is_some();
            let file = if is_dated { &mut main } else { &mut undated };
            file.row(&placed(&row.payload, place))?;
        }
        main.finish()?;
        undated.finish()?;
        template::write(files)
    }
}

/// The two lines of a document, with its place in the one order: what EQL's tiebreaker is, since
/// Elasticsearch keeps milliseconds.
fn placed(row: &[u8], place: u64) -> Vec<u8> {
    let mut parts = row.splitn(3, |&byte| byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (action, document, own) = (part(), part(), part());
    let open = |object: &[u8]| object.strip_suffix(b"}").unwrap_or(object).to_vec();
    let mut line = [action, b"\n"].concat();
    line.extend(open(document));
    line.extend(if document.len() > 2 {
        &b",\"sidetrack\":"[..]
    } else {
        b"\"sidetrack\":"
    });
    line.extend(open(own));
    line.extend(format!(",\"order\":{place}}}}}\n").as_bytes());
    line
}

/// What we say of an event beside its fields.
fn own(event: &Told<'_>) -> Map<String, Json> {
    let segment = event.segment();
    let places: Vec<_> = segment.provenances(event.row).collect();
    let name = |place: &timeline::Provenance| event.context.evidence.get(place.evidence.0 as usize);
    let each =
        |of: &dyn Fn(&timeline::Provenance) -> Json| places.iter().map(of).collect::<Vec<Json>>();
    let columns = event.columns();
    let mut own = Map::new();
    let mut put = |name: &str, value: Json| {
        let empty = [Json::from(""), json!([])].contains(&value);
        if !empty {
            own.insert(name.into(), value);
        }
    };
    put("event_uid", event.uid().to_string().into());
    for column in [
        "timestamp_desc",
        "message",
        "host",
        "host_raw",
        "source_type",
        "channel_or_key",
        "recovered",
    ] {
        put(column, columns.get(column).into());
    }
    put(
        "evidence",
        json!({
            "file": each(&|place| name(place).map(|name| name.path.clone()).into()),
            "sha256": each(&|place| name(place).map(|name| name.sha256.clone()).into()),
            // Beyond 63 bits it would be no long.
            "record": each(&|place| i64::try_from(place.record).unwrap_or(i64::MAX).into()),
            "offset": each(&|place| i64::try_from(place.offset).unwrap_or(i64::MAX).into()),
        }),
    );
    put("severity", event.mark.severity().into());
    put("attack", event.mark.attack().into());
    put("finding_ids", event.mark.findings().into());
    put("comment", event.comment().into());
    own
}

/// Puts every field of the event into its document.
fn fields(
    event: &Told<'_>,
    document: &mut Map<String, Json>,
    own: &mut Map<String, Json>,
    tally: &mut Tally,
) {
    let segment = event.segment();
    for (field, column) in segment.columns() {
        let places = column.places(event.row);
        if places.is_empty() {
            continue;
        }
        let (kind, arity) = segment.names.kind(field);
        let mut values = Vec::new();
        let mut others = Vec::new();
        for place in places {
            match valid(&segment.value(kind, column.cells.get(place)), kind) {
                Ok((value, None)) => values.push(value),
                Ok((value, Some(other))) => {
                    values.push(value);
                    others.push(other);
                }
                Err(other) => others.push(other),
            }
        }
        let name = safe_name(segment.names.name(field));
        if !others.is_empty() {
            let (below, what) = if kind == Kind::Date {
                (
                    "not_date",
                    "times that cannot be: they stand below sidetrack.not_date",
                )
            } else {
                (
                    "not_ip",
                    "values that are no address: they stand below sidetrack.not_ip",
                )
            };
            tally.lose(what, others.len() as u64);
            nest(own, &format!("{below}.{name}"), Json::Array(others), true);
        }
        let many = arity == timeline::Arity::Many;
        match values.len() {
            0 => {}
            1 if !many => nest(document, &name, values.remove(0), many),
            _ => nest(document, &name, Json::Array(values), many),
        }
    }
}

/// The value as its field takes it, and what had to be changed for that; or only what cannot be taken.
fn valid(value: &Value<'_>, kind: Kind) -> Result<(Json, Option<Json>), Json> {
    Ok(match value {
        Value::Text(text) if kind == Kind::Ip => {
            let given = Json::from(text.as_ref());
            if text.parse::<IpAddr>().is_ok() {
                return Ok((given, None));
            }
            // The zone of a link-local address is that of one machine.
            let bare = text.split_once('%').map(|(address, _)| address);
            match bare.filter(|bare| bare.parse::<Ipv6Addr>().is_ok()) {
                Some(bare) => (bare.into(), Some(given)),
                None => return Err(given),
            }
        }
        Value::Text(text) => (text.as_ref().into(), None),
        Value::Integer(number) => ((*number).into(), None),
        Value::Double(number) if number.is_finite() => ((*number).into(), None),
        Value::Double(number) => return Err(number.to_string().into()),
        Value::Boolean(truth) => ((*truth).into(), None),
        // Four digits of a year, as Elasticsearch's strict form demands.
        Value::Date(time) => {
            let text = time.to_string();
            let is_plain =
                text.len() == "2026-03-02T21:14:02.7710000Z".len() && text.ends_with('Z');
            if !is_plain {
                return Err(text.into());
            }
            (text.into(), None)
        }
    })
}

/// A name below which nothing else can stand: dots in what evidence brought would make objects of values.
fn safe_name(name: &str) -> String {
    let own = OPEN
        .iter()
        .find_map(|open| Some((open, name.strip_prefix(open)?)));
    let Some((open, own)) = own else {
        return name.to_owned();
    };
    let own = own.replace('.', "_");
    let own = if own.trim().is_empty() { "_" } else { &own };
    format!("{open}{own}")
}

/// Puts a value under a dotted name; values of one name stand together.
fn nest(object: &mut Map<String, Json>, name: &str, value: Json, many: bool) {
    if let Some((head, rest)) = name.split_once('.') {
        let inner = object.entry(head).or_insert_with(|| json!({}));
        if let Json::Object(inner) = inner {
            return nest(inner, rest, value, many);
        }
    }
    let list = |value: Json| match value {
        Json::Array(values) => values,
        value => vec![value],
    };
    match object.remove(name) {
        Some(before) => {
            let mut all = list(before);
            all.extend(list(value));
            object.insert(name.into(), Json::Array(all));
        }
        None if many => {
            object.insert(name.into(), Json::Array(list(value)));
        }
        None => {
            object.insert(name.into(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use timeline::Ticks;

    use super::*;

    #[test]
    fn only_addresses_are_addresses() {
        let of = |text: &str| valid(&Value::from(text), Kind::Ip);
        assert_eq!(of("10.0.0.5"), Ok(("10.0.0.5".into(), None)));
        assert_eq!(
            of("fe80::1%12"),
            Ok(("fe80::1".into(), Some("fe80::1%12".into())))
        );
        for text in ["LOCAL", "", "10.0.0", "10.0.0.5%1", "=x"] {
            assert_eq!(of(text), Err(text.into()));
        }
    }

    #[test]
    fn only_times_are_times() {
        let of = |ticks| valid(&Value::Date(Ticks(ticks)), Kind::Date).is_ok();
        assert!(of(0) && !of(i64::MAX) && !of(i64::MIN));
    }

    #[test]
    fn a_name_of_evidence_is_one_name() {
        for (name, expected) in [
            ("process.name", "process.name"),
            ("winlog.event_data.A.B", "winlog.event_data.A_B"),
            ("winlog.event_data.", "winlog.event_data._"),
            ("winlog.user_data. ", "winlog.user_data._"),
        ] {
            assert_eq!(safe_name(name), expected);
        }
        let mut object = Map::new();
        for (name, value) in [("a.b", "1"), ("a.b", "2"), ("a.c", "3")] {
            nest(&mut object, name, value.into(), false);
        }
        assert_eq!(
            Json::Object(object),
            json!({"a": {"b": ["1", "2"], "c": "3"}})
        );
    }

    #[test]
    fn a_document_knows_its_place() {
        let line = placed(b"{\"create\":{}}\n{\"a\":1}\n{\"b\":2}", 7);
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "{\"create\":{}}\n{\"a\":1,\"sidetrack\":{\"b\":2,\"order\":7}}\n"
        );
    }
}
