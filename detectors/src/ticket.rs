//! Kerberos: the same ticket on three hosts (EVIDENCE.md §3, J3).
//!
//! A logon with Kerberos has a GUID. The target records it with the logon (4624), the domain controller with the ticket
//! that was asked for (4769), with the address of who asked, and the source where credentials were given explicitly
//! (4648). A GUID is one logon's: who shares it is the other end.

use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Reader, Segment, Ticks, Uid, fields as f, key};

use crate::enrich::can_be_own;
use crate::names::SECURITY;

/// How long a ticket is used again (EVIDENCE.md §3, J3).
const USED_WITHIN: i64 = 600 * timeline::TICKS_PER_SECOND;
/// How far the clocks of two hosts with Kerberos can be apart.
const SKEW: i64 = 300 * timeline::TICKS_PER_SECOND;

/// So many tickets of one GUID are looked at: a logon has three.
const MOST: usize = 64;

/// What another host recorded of a logon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// When.
    pub time: Ticks,
    /// The event.
    pub uid: Uid,
    /// Identity of the machine that recorded it.
    pub machine: String,
    /// What that machine is called.
    pub host: String,
    /// The address that asked for it; empty where the recording machine itself is the source (4648).
    pub source_ip: String,
}

impl Ticket {
    /// Whether the machine that recorded it is the source of the logon.
    #[must_use]
    pub fn is_of_source(&self) -> bool {
        self.source_ip.is_empty()
    }
}

/// All tickets by their GUIDs, on disk.
#[derive(Debug)]
pub struct Tickets(Table);

/// Notes tickets that a machine's events tell of.
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let reader = Reader::new(segment);
    for (row, own) in (0u32..).zip(&segment.rows) {
        let Some(time) = own.time else {
            continue;
        };
        let text = |field| reader.text(field, row).unwrap_or_default();
        if text(f::EVENT_PROVIDER) != SECURITY {
            continue;
        }
        let source_ip = match text(f::EVENT_CODE) {
            "4769" if can_be_own(text(f::SOURCE_IP)) => text(f::SOURCE_IP),
            "4648" => "",
            _ => continue,
        };
        // 4648 has that of the session it was called in, too: the other is that of the logon it made.
        let guid = |name| reader.own_text(name, row).and_then(normal_guid);
        let made = guid("winlog.event_data.TargetLogonGuid");
        let Some(guid) = made.or_else(|| guid("winlog.event_data.LogonGuid")) else {
            continue;
        };
        let mut fact = Vec::new();
        key::text(&mut fact, &guid);
        key::time(&mut fact, Some(time));
        fact.extend(own.uid.0);
        let mut payload = Vec::new();
        for text in [machine, segment.strings.get(own.host), source_ip] {
            key::text(&mut payload, text);
        }
        batch.push(&fact, &payload);
    }
}

/// A GUID in one spelling; none for that of nobody.
fn normal_guid(text: &str) -> Option<String> {
    let guid = text.trim_matches(['{', '}']).to_ascii_lowercase();
    let is_one = guid
        .bytes()
        .any(|byte| byte.is_ascii_hexdigit() && byte != b'0');
    is_one.then_some(guid)
}

impl Tickets {
    /// Keeps what [`note`] noted.
    pub fn build(folder: &Path, notes: Sorted) -> io::Result<Self> {
        Ok(Self(Table::write(folder, notes)?))
    }

    /// What other machines recorded of a logon with a GUID at a time.
    pub fn of(&self, guid: &str, machine: &str, at: Ticks) -> io::Result<Vec<Ticket>> {
        let mut tickets = Vec::new();
        let Some(guid) = normal_guid(guid) else {
            return Ok(tickets);
        };
        let mut prefix = Vec::new();
        key::text(&mut prefix, &guid);
        self.0.with_prefix(&prefix, |key, payload| {
            let ticket = read(key.get(prefix.len()..).unwrap_or_default(), payload);
            tickets.extend(ticket.filter(|ticket| {
                let before = at.0.saturating_sub(ticket.time.0);
                let near = (-SKEW..=USED_WITHIN + SKEW).contains(&before);
                let is_new = tickets.len() < MOST;
                is_new && near && ticket.machine != machine
            }));
        })?;
        Ok(tickets)
    }
}

fn read(rest: &[u8], mut payload: &[u8]) -> Option<Ticket> {
    let (time, uid) = rest.split_first_chunk::<8>()?;
    let mut text = || key::take_text(&mut payload);
    Some(Ticket {
        time: key::read_time(time)?,
        uid: Uid(uid.try_into().ok()?),
        machine: text()?,
        host: text()?,
        source_ip: text()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_have_one_spelling() {
        let guid = "{4D99B302-358B-A297-96D2-13A987E61D9F}";
        assert_eq!(
            normal_guid(guid).as_deref(),
            Some("4d99b302-358b-a297-96d2-13a987e61d9f")
        );
        assert_eq!(normal_guid("{00000000-0000-0000-0000-000000000000}"), None);
        assert_eq!(normal_guid("-"), None);
    }
}
