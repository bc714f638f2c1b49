//! How the session of a process was logged on (ECS.md §7.4).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

use timeline::{Cell, Field, Segment, StringId, Value, fields as f};

use super::account::well_known_logon;
use super::edit;
use super::facts::{Facts, Session};

/// Fills `process.Ext.session_info.*` from the logon that the process's logon id is of.
pub(super) fn fill(segment: &mut Segment, host: &str, facts: &Facts) -> io::Result<()> {
    let Some(column) = segment.column(f::PROCESS_EXT_AUTHENTICATION_ID) else {
        return Ok(());
    };
    // A logon id means one session only within a boot; sessions are asked for by the hour.
    let mut known: HashMap<(StringId, i64), Option<Session>> = HashMap::new();
    let (mut types, mut addresses) = (Vec::new(), Vec::new());
    for (row, cell) in column.iter() {
        let (Cell::Text(id), Some(at)) = (cell, segment.rows[row as usize].time) else {
            continue;
        };
        let hour = at.0.div_euclid(3600 * timeline::TICKS_PER_SECOND);
        let session = match known.entry((id, hour)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let id = segment.strings.get(id);
                // The system's own sessions are there from boot on; each service's start is a logon of
                // theirs, and there may be any number.
                let own = well_known_logon(id).is_some();
                new.insert(if own {
                    None
                } else {
                    facts.session(host, id, at)?
                })
            }
        };
        if let Some(session) = session {
            put(&mut types, row, &session.logon_type);
            put(&mut addresses, row, &session.address);
        }
    }
    add(segment, f::PROCESS_EXT_SESSION_INFO_LOGON_TYPE, &types);
    add(
        segment,
        f::PROCESS_EXT_SESSION_INFO_CLIENT_ADDRESS,
        &addresses,
    );
    Ok(())
}

fn put(values: &mut Vec<(u32, String)>, row: u32, text: &str) {
    if !text.is_empty() {
        values.push((row, text.to_owned()));
    }
}

fn add(segment: &mut Segment, field: Field, values: &[(u32, String)]) {
    let cells: Vec<(u32, Cell)> = values
        .iter()
        .map(|(row, text)| (*row, segment.cell(&Value::from(text.as_str()))))
        .collect();
    edit::add_cells(segment, field, &cells);
}
