//! What a process start said, on the process's later events (ECS.md §2, back-fill by ProcessGuid).

use std::collections::HashMap;
use std::io;

use timeline::{Field, Kind, Segment, StringId, Value, fields as f};

use super::edit;
use super::facts::Facts;
use super::gather::OF_PROCESS;

/// Fills fields that events of a process lack from its start.
pub(super) fn fill(segment: &mut Segment, host: &str, facts: &Facts) -> io::Result<()> {
    let starts = Starts::look_up(segment, host, facts)?;
    // All of them are found before any is added: a name that is filled would hide that its domain
    // is missing.
    let missing: Vec<_> = OF_PROCESS
        .iter()
        .map(|&field| (field, starts.missing(segment, field)))
        .collect();
    for (field, values) in missing {
        edit::add(segment, field, &values);
    }
    Ok(())
}

/// The starts of the processes that the segment's events belong to.
struct Starts {
    /// The process of each row that has one.
    rows: Vec<(u32, StringId)>,
    /// What its start said, if it is in the evidence.
    starts: HashMap<StringId, Vec<(Field, String)>>,
}

impl Starts {
    fn look_up(segment: &Segment, host: &str, facts: &Facts) -> io::Result<Self> {
        let rows = entities(segment);
        let mut starts = HashMap::new();
        // Looked up in the order of the table, so that each block is read once.
        let mut ids: Vec<StringId> = rows.iter().map(|&(_, id)| id).collect();
        ids.sort_unstable_by_key(|&id| segment.strings.get(id));
        ids.dedup();
        for id in ids {
            let start = facts.process(host, segment.strings.get(id))?;
            if !start.is_empty() {
                starts.insert(id, start);
            }
        }
        Ok(Self { rows, starts })
    }

    /// The values of a field that rows lack and their process's start has.
    fn missing(&self, segment: &Segment, field: Field) -> Vec<(u32, Value<'static>)> {
        let kind = segment.names.kind(field).0;
        let mut values = Vec::new();
        for &(row, id) in &self.rows {
            let Some(start) = self.starts.get(&id) else {
                continue;
            };
            if !lacks(segment, field, row) {
                continue;
            }
            let of_field = start.iter().filter(|(f, _)| *f == field);
            values.extend(of_field.filter_map(|(_, text)| Some((row, value(kind, text)?))));
        }
        values
    }
}

/// Whether the row has no value of the field. A user's domain is lacking where the name is: the two
/// are one.
fn lacks(segment: &Segment, field: Field, row: u32) -> bool {
    let field = if field == f::USER_DOMAIN {
        f::USER_NAME
    } else {
        field
    };
    segment
        .column(field)
        .is_none_or(|column| column.places(row).is_empty())
}

fn value(kind: Kind, text: &str) -> Option<Value<'static>> {
    Some(match kind {
        Kind::Integer => Value::Integer(text.parse().ok()?),
        _ => Value::from(text.to_owned()),
    })
}

/// Rows that belong to a process, with its identity.
fn entities(segment: &Segment) -> Vec<(u32, StringId)> {
    let Some(column) = segment.column(f::PROCESS_ENTITY_ID) else {
        return Vec::new();
    };
    let texts = column.iter().filter_map(|(row, cell)| match cell {
        timeline::Cell::Text(id) => Some((row, id)),
        _ => None,
    });
    texts.collect()
}
