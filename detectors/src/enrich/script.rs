//! PowerShell script blocks that were logged in several parts, put together (ECS.md §4.2).
//!
//! A long script is written as several events 4104; what a rule looks for may straddle two of them. The
//! whole is one event more, beside its parts, which stay as they were recorded.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use timeline::{
    Cell, Column, Field, Provenance, Row, Segment, State, StringId, Uid, Value, fields as f,
};

/// The text as recorded: that of the field table has lost the blanks at the ends of each part.
const RAW_TEXT: &str = "winlog.event_data.ScriptBlockText";
/// What only a part has.
const RAW_NUMBERS: [&str; 2] = [
    "winlog.event_data.MessageNumber",
    "winlog.event_data.MessageTotal",
];

/// The rows of the parts of one script block, by their numbers.
type Parts = BTreeMap<i64, u32>;

/// Adds an event for each script block of the segment that has all its parts there, and says how many
/// those are. The segment is in the one order before and after.
pub fn assemble_scripts(segment: &mut Segment) -> u64 {
    let mut count = 0;
    for (total, parts) in blocks(segment) {
        if is_complete(total, &parts) {
            let rows: Vec<u32> = parts.into_values().collect();
            add_whole(segment, &rows);
            count += 1;
        }
    }
    if count > 0 {
        segment.sort();
    }
    count
}

/// Parts of script blocks, by host, block and number of parts.
fn blocks(segment: &Segment) -> impl Iterator<Item = (i64, Parts)> + use<> {
    let mut blocks: BTreeMap<(StringId, String, i64), Parts> = BTreeMap::new();
    let totals = segment.column(f::POWERSHELL_TOTAL);
    for (row, total) in totals.into_iter().flat_map(Column::iter) {
        let id = segment.text(f::POWERSHELL_SCRIPT_BLOCK_ID, row);
        let number = segment.get(f::POWERSHELL_SEQUENCE, row);
        let (Cell::Integer(total @ 2..), Some(id), Some(Value::Integer(number))) =
            (total, id, number)
        else {
            continue;
        };
        // Text may be missing or wrong in a damaged part; a whole would hide that.
        if segment.get(f::EVENT_EXT_DAMAGED, row).is_some() {
            continue;
        }
        let block = (segment.rows[row as usize].host, id.to_owned(), total);
        // What was logged twice counts once.
        blocks
            .entry(block)
            .or_default()
            .entry(number)
            .or_insert(row);
    }
    blocks
        .into_iter()
        .map(|((_, _, total), parts)| (total, parts))
}

/// Whether parts 1 to the total are there. The total is the evidence's own word, so nothing is sized by
/// it.
fn is_complete(total: i64, parts: &Parts) -> bool {
    let ends = parts.first_key_value().zip(parts.last_key_value());
    let spans_all = ends.is_some_and(|((first, _), (last, _))| *first == 1 && *last == total);
    spans_all && i64::try_from(parts.len()) == Ok(total)
}

/// Adds the whole: what one part says, with the text of all. That one is the first, or the first that
/// was recovered: then so was the whole.
fn add_whole(segment: &mut Segment, parts: &[u32]) {
    let is_recovered = |part: &u32| segment.rows[*part as usize].provenance.state != State::Live;
    let model = parts.iter().copied().find(is_recovered).unwrap_or(parts[0]);
    let raw = segment.names.find(RAW_TEXT);
    let raw_numbers = RAW_NUMBERS.map(|name| segment.names.find(name));
    let text: String = parts
        .iter()
        .filter_map(|part| {
            let raw = raw.and_then(|raw| segment.text(raw, *part));
            raw.or_else(|| segment.text(f::POWERSHELL_SCRIPT_BLOCK_TEXT, *part))
        })
        .collect();
    let is_of_part = |field: Field| {
        const OWN: [Field; 3] = [
            f::POWERSHELL_SEQUENCE,
            f::POWERSHELL_TOTAL,
            f::POWERSHELL_SCRIPT_BLOCK_TEXT,
        ];
        OWN.contains(&field) || raw == Some(field) || raw_numbers.contains(&Some(field))
    };
    let mut values: Vec<(Field, Value<'static>)> = segment
        .columns()
        .filter(|(field, _)| !is_of_part(*field))
        .flat_map(|(field, _)| segment.all(field, model).map(move |value| (field, value)))
        .map(|(field, value)| (field, value.into_owned()))
        .collect();
    let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
    values.extend([
        (f::EVENT_EXT_ASSEMBLED_PARTS, Value::Integer(count)),
        (
            f::POWERSHELL_SCRIPT_BLOCK_TEXT,
            text.trim().to_owned().into(),
        ),
    ]);
    let row = Row {
        uid: identity(segment, parts),
        ..segment.rows[model as usize].clone()
    };
    let copies: Vec<Provenance> = segment.provenances(model).skip(1).collect();
    let whole = u32::try_from(segment.len()).expect("a segment is closed at MAX_ROWS");
    segment.push_row(row, &values);
    segment
        .copies
        .extend(copies.into_iter().map(|copy| (whole, copy)));
}

/// The identity of a whole follows from those of its parts: the same wherever they were collected.
fn identity(segment: &Segment, parts: &[u32]) -> Uid {
    let mut hash = Sha256::new_with_prefix(b"script block\0");
    for part in parts {
        hash.update(segment.rows[*part as usize].uid.0);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let (half, _) = hash.split_first_chunk().expect("a hash has 32 bytes");
    Uid(*half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Three parts of a script, the second of which also has these fields, and how it was read.
    fn parts(beside: &serde_json::Value, state: State) -> Segment {
        let events: Vec<_> = (1..=3)
            .map(|number| {
                let mut event = json!({
                    "@timestamp": format!("2026-03-02T21:00:0{number}Z"),
                    "powershell.sequence": number, "powershell.total": 3,
                    "powershell.file.script_block_id": "0ad4e05d-23ab-4bd9-8d6b-1d9b7bd5e001",
                    "powershell.file.script_block_text": format!("part {number};"),
                });
                let event = event.as_object_mut().unwrap();
                if number == 2 {
                    event.extend(beside.as_object().unwrap().clone());
                }
                event.clone()
            })
            .collect();
        let mut segment = timeline::json::read(&events);
        segment.rows[1].provenance.state = state;
        segment
    }

    fn whole(segment: &Segment) -> Option<u32> {
        let column = segment.column(f::EVENT_EXT_ASSEMBLED_PARTS)?;
        column.rows.first().copied()
    }

    #[test]
    fn a_whole_is_what_its_parts_are() {
        let mut segment = parts(&json!({}), State::Live);
        assert_eq!(assemble_scripts(&mut segment), 1);
        let row = whole(&segment).unwrap();
        let text = segment.text(f::POWERSHELL_SCRIPT_BLOCK_TEXT, row);
        assert_eq!(text, Some("part 1;part 2;part 3;"));
        assert_eq!(segment.rows[row as usize].provenance.state, State::Live);
    }

    #[test]
    fn a_whole_with_a_recovered_part_is_recovered() {
        let mut segment = parts(&json!({"event.Ext.recovered": "slack"}), State::Slack);
        assert_eq!(assemble_scripts(&mut segment), 1);
        let row = whole(&segment).unwrap();
        assert_eq!(segment.rows[row as usize].provenance.state, State::Slack);
        assert_eq!(segment.text(f::EVENT_EXT_RECOVERED, row), Some("slack"));
    }

    #[test]
    fn a_damaged_part_makes_no_whole() {
        let mut segment = parts(&json!({"event.Ext.damaged": true}), State::Live);
        assert_eq!(assemble_scripts(&mut segment), 0);
        assert_eq!(whole(&segment), None);
    }
}
