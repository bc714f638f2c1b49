//! Things of a machine that are kept once, by their events, whatever leads to them.

use std::io;
use std::ops::ControlFlow;

use timeline::sort::Batch;
use timeline::table::Table;
use timeline::{Ticks, Uid, key};

/// Where the thing itself is.
const BY_EVENT: u8 = b'E';

/// The start of the keys of all that a name leads to, in one way.
fn place(way: u8, machine: &str, name: &str) -> Vec<u8> {
    let mut place = vec![way];
    key::text(&mut place, machine);
    key::text(&mut place, name);
    place
}

/// Keeps a thing where its event is looked up.
pub(crate) fn put(batch: &mut Batch, machine: &str, uid: Uid, thing: &[u8]) {
    let mut own = place(BY_EVENT, machine, "");
    own.extend(uid.0);
    batch.push(&own, thing);
}

/// Lets a name lead to the thing that an event told of at a time.
pub(crate) fn lead(
    batch: &mut Batch,
    way: u8,
    machine: &str,
    name: &str,
    (time, uid): (Option<Ticks>, Uid),
) {
    let mut place = place(way, machine, name);
    key::time(&mut place, time);
    place.extend(uid.0);
    batch.push(&place, &[]);
}

/// The first things that a name leads to in one way, in the order of their times: at most so many.
pub(crate) fn list(
    table: &Table,
    way: u8,
    machine: &str,
    name: &str,
    between: Option<(Ticks, Ticks)>,
    most: usize,
) -> io::Result<Vec<Vec<u8>>> {
    let from = place(way, machine, name);
    let mut uids: Vec<[u8; 16]> = Vec::new();
    let each = |key: &[u8], _: &[u8]| {
        uids.extend(key.last_chunk::<16>());
        if uids.len() < most {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let bound = |time| key::at(&from, time);
    let (first, last) = match between {
        None => (from.clone(), from.clone()),
        Some((first, last)) => (bound(first), bound(last)),
    };
    table.cursor().range_until(&first, &last, each)?;
    let mut things = Vec::with_capacity(uids.len());
    let mut cursor = table.cursor();
    for uid in uids {
        let mut own = place(BY_EVENT, machine, "");
        own.extend(uid);
        cursor.with_prefix(&own, |_, thing| things.push(thing.to_vec()))?;
    }
    Ok(things)
}
