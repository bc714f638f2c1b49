//! Connections by address and port of who opened them (EVIDENCE.md §3, J4).

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use timeline::sort::{Batch, Item, Sorted};
use timeline::table::Table;
use timeline::{Reader, Ticks, Uid, Value, fields as f, key};

use super::Skew;
use super::skew::MOST_APART;
use crate::enrich::can_be_own;
use crate::names::{SECURITY, qualified};

/// The kind of these notes.
pub(super) const CONNECTION: u8 = b'C';
/// How far apart both ends' records of one connection are, where the clocks agree (EVIDENCE.md §3, J4).
const APART: i64 = 5 * timeline::TICKS_PER_SECOND;
/// So many records of who opened one connection are told: it has one or two.
const MOST: usize = 64;
/// So many records of one port around one time are looked at.
const MOST_SEEN: usize = 4096;

/// Which end recorded a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// The one that opened it.
    Opener = 0,
    /// The other one.
    Acceptor = 1,
}

/// A record of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Address and port of who opened it, as the key has them.
    pub(super) opener: Vec<u8>,
    pub(super) time: Ticks,
    pub(super) end: End,
    pub(super) opened: Opened,
}

/// A connection, as the host that opened it recorded it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opened {
    /// When.
    pub time: Ticks,
    /// The event.
    pub uid: Uid,
    /// Identity of the machine.
    pub machine: String,
    /// What the machine is called.
    pub host: String,
    /// Which program opened it; `System` for shared folders.
    pub program: String,
    /// As whom, `DOMAIN\name`; empty where it is not recorded.
    pub user: String,
}

/// All connections, on disk.
#[derive(Debug)]
pub struct Connections(Table);

/// Notes an event that tells of a connection between two hosts.
pub(super) fn note(reader: &Reader<'_>, row: u32, time: Ticks, machine: &str, batch: &mut Batch) {
    let Some(ip) = reader.text(f::SOURCE_IP, row).filter(|ip| can_be_own(ip)) else {
        return;
    };
    let port = reader.get(f::SOURCE_PORT, row).as_ref().and_then(port_of);
    let Some((port, end)) = port.zip(end_of(reader, row)) else {
        return;
    };
    let Some(own) = reader.segment().rows.get(row as usize) else {
        return;
    };
    let mut fact = place(ip, port);
    key::time(&mut fact, Some(time));
    fact.push(end as u8);
    fact.extend(own.uid.0);
    let text = |field| reader.text(field, row).unwrap_or_default();
    let mut payload = Vec::new();
    key::text(&mut payload, machine);
    if end == End::Opener {
        let user = qualified(text(f::USER_DOMAIN), text(f::USER_NAME));
        let host = reader.segment().strings.get(own.host);
        for text in [host, text(f::PROCESS_EXECUTABLE), &user] {
            key::text(&mut payload, text);
        }
    }
    batch.push(&fact, &payload);
}

fn port_of(value: &Value<'_>) -> Option<u16> {
    value.to_string().parse().ok().filter(|port| *port != 0)
}

/// Which end recorded an event: a logon is recorded by the end that accepts it.
fn end_of(reader: &Reader<'_>, row: u32) -> Option<End> {
    let is = |way: &str| {
        let mut ways = reader.all(f::NETWORK_DIRECTION, row);
        ways.any(|value| value == Value::from(way))
    };
    let text = |field| reader.text(field, row);
    if text(f::EVENT_PROVIDER) == Some(SECURITY) && text(f::EVENT_CODE) == Some("4624") {
        return Some(End::Acceptor);
    }
    // Where the log does not tell who opened it, neither does this.
    if text(f::NETWORK_EXT_SWAPPED) == Some("unknown") {
        return None;
    }
    match (is("egress"), is("ingress")) {
        (true, false) => Some(End::Opener),
        (false, true) => Some(End::Acceptor),
        _ => None,
    }
}

fn place(ip: &str, port: u16) -> Vec<u8> {
    let mut place = vec![CONNECTION];
    key::text(&mut place, ip);
    place.extend(port.to_be_bytes());
    place
}

/// Reads what [`note`] wrote.
pub(super) fn read(fact: &[u8], mut payload: &[u8]) -> Option<Record> {
    let rest = fact.len().checked_sub(8 + 1 + 16)?;
    let (opener, rest) = fact.split_at_checked(rest)?;
    let (time, rest) = rest.split_first_chunk::<8>()?;
    let (&end, uid) = rest.split_first()?;
    let time = key::read_time(time)?;
    let mut text = || key::take_text(&mut payload).unwrap_or_default();
    Some(Record {
        opener: opener.to_owned(),
        time,
        end: if end == End::Opener as u8 {
            End::Opener
        } else {
            End::Acceptor
        },
        opened: Opened {
            time,
            uid: Uid(uid.try_into().ok()?),
            machine: text(),
            host: text(),
            program: text(),
            user: text(),
        },
    })
}

impl Connections {
    /// Keeps the notes of connections; `other` sees each note first.
    pub(super) fn build(
        folder: &Path,
        notes: Sorted,
        mut other: impl FnMut(&Item) -> io::Result<()>,
    ) -> io::Result<Self> {
        let mut failed = None;
        let mut is_kept = |item: &Item| {
            if let Err(error) = other(item) {
                failed = failed.take().or(Some(error));
            }
            item.key.first() == Some(&CONNECTION)
        };
        let kept = notes.filter(|item| item.as_ref().map_or(true, &mut is_kept));
        let table = Table::write(folder, kept)?;
        match failed {
            Some(error) => Err(error),
            None => Ok(Self(table)),
        }
    }

    /// Who opened a connection that a machine recorded at a time, from an address and a port. `skew` tells how far the
    /// clock of the machine is ahead of another's. A port is used again: what is too far away is another connection.
    pub fn opener(
        &self,
        (ip, port): (&str, &str),
        at: Ticks,
        machine: &str,
        skew: &Skew,
    ) -> io::Result<Vec<Opened>> {
        let mut found = Vec::new();
        let Some(port) = port.parse().ok().filter(|port| *port != 0) else {
            return Ok(found);
        };
        let prefix = place(ip, port);
        let bound = |distance| key::at(&prefix, Ticks(at.0.saturating_add(distance)));
        let reach = MOST_APART + APART;
        let mut seen = 0;
        let mut cursor = self.0.cursor();
        cursor.range_until(&bound(-reach), &bound(reach), |fact, payload| {
            seen += 1;
            let record = read(fact, payload).filter(|record| record.end == End::Opener);
            if let Some(record) = record {
                let own = record.opened.machine.as_str();
                let offset = skew.assumed(own, machine);
                let apart = at.0.saturating_sub(record.time.0);
                let apart = apart.saturating_sub(offset.ticks);
                if own != machine && apart.abs() <= APART.saturating_add(offset.spread) {
                    found.push(record.opened);
                }
            }
            if seen < MOST_SEEN && found.len() < MOST {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        found.sort_unstable();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let mut fact = place("10.0.0.9", 50123);
        key::time(&mut fact, Some(Ticks(7)));
        fact.push(End::Opener as u8);
        fact.extend([3; 16]);
        let mut payload = Vec::new();
        for text in ["ws01", "WS01", "System", "CORP\\ana"] {
            key::text(&mut payload, text);
        }
        let record = read(&fact, &payload).unwrap();
        assert_eq!(record.opener, place("10.0.0.9", 50123));
        assert_eq!((record.time, record.end), (Ticks(7), End::Opener));
        assert_eq!(record.opened.user, "CORP\\ana");
        assert_eq!(read(b"short", &payload), None);
    }
}
