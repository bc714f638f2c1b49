//! Kerberos: the same ticket on three hosts (EVIDENCE.md §3, J3).
//!
//! A logon with Kerberos has a GUID. The target records it with the logon (4624), the domain controller with the ticket
//! that was asked for (4769), with the address of who asked, and the source where credentials were given explicitly
//! (4648). A GUID is one logon's: who shares it is the other end. Without a GUID that fits, a ticket is known by the
//! service and the user that it is for: that tells who could have come, not who did.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Reader, Segment, Ticks, Uid, fields as f, key};

use crate::enrich::{can_be_own, short_label};
use crate::names::{SECURITY, is_guid};

/// By the GUID of the logon.
const BY_GUID: u8 = b'G';
/// By the host and the user that it is for.
const BY_NAME: u8 = b'N';

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
        let mut payload = Vec::new();
        for text in [machine, segment.strings.get(own.host), source_ip] {
            key::text(&mut payload, text);
        }
        let mut put = |mut fact: Vec<u8>| {
            key::time(&mut fact, Some(time));
            fact.extend(own.uid.0);
            batch.push(&fact, &payload);
        };
        // 4648 has that of the session it was called in, too: the other is that of the logon it made.
        let guid = |name| reader.own_text(name, row).and_then(normal_guid);
        let made = guid("winlog.event_data.TargetLogonGuid");
        if let Some(guid) = made.or_else(|| guid("winlog.event_data.LogonGuid")) {
            put(by_guid(&guid));
        }
        // A ticket for a machine's account is one for the machine.
        let host = text(f::SERVICE_NAME).strip_suffix('$').unwrap_or_default();
        if !source_ip.is_empty() && !host.is_empty() {
            put(by_name(host, text(f::USER_NAME)));
        }
    }
}

fn by_guid(guid: &str) -> Vec<u8> {
    let mut fact = vec![BY_GUID];
    key::text(&mut fact, guid);
    fact
}

fn by_name(host: &str, user: &str) -> Vec<u8> {
    let mut fact = vec![BY_NAME];
    key::text(&mut fact, &short_label(host));
    key::text(&mut fact, &user.to_lowercase());
    fact
}

/// A GUID in one spelling; none for that of nobody.
fn normal_guid(text: &str) -> Option<String> {
    let guid = text.trim_matches(['{', '}']).to_ascii_lowercase();
    is_guid(&guid).then_some(guid)
}

impl Tickets {
    /// Keeps what [`note`] noted.
    pub fn build(folder: &Path, notes: Sorted) -> io::Result<Self> {
        Ok(Self(Table::write(folder, notes)?))
    }

    /// What other machines recorded of a logon with a GUID at a time.
    pub fn of(&self, guid: &str, machine: &str, at: Ticks) -> io::Result<Vec<Ticket>> {
        match normal_guid(guid) {
            Some(guid) => self.near(&by_guid(&guid), machine, at),
            None => Ok(Vec::new()),
        }
    }

    /// Tickets that a user was given for a host, when a logon of that user was recorded there at a time. A ticket is used
    /// again, and several hosts may have one: these are who could have come.
    pub fn for_host(
        &self,
        (host, user): (&str, &str),
        machine: &str,
        at: Ticks,
    ) -> io::Result<Vec<Ticket>> {
        if host.is_empty() || user.is_empty() {
            return Ok(Vec::new());
        }
        self.near(&by_name(host, user), machine, at)
    }

    fn near(&self, prefix: &[u8], machine: &str, at: Ticks) -> io::Result<Vec<Ticket>> {
        let mut tickets = VecDeque::new();
        let bound = |distance| key::at(prefix, Ticks(at.0.saturating_add(distance)));
        let (from, to) = (bound(-USED_WITHIN - SKEW), bound(SKEW));
        self.0.range(&from, &to, |key, payload| {
            let ticket = read(key.get(prefix.len()..).unwrap_or_default(), payload);
            tickets.extend(ticket.filter(|ticket| ticket.machine != machine));
            // The latest are the nearest.
            if tickets.len() > MOST {
                tickets.pop_front();
            }
        })?;
        Ok(tickets.into())
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
