//! The logon sessions that a finding's events are of (MATCHING.md §6, hop sessions).

use std::io;

use timeline::{Reader, Segment, fields as f};

use super::draft::Draft;
use super::{Evidence, SourceBasis};
use crate::enrich::{can_be_own, machine_of};
use crate::rule::Side;
use crate::session::{Hop, Session, Sessions, actor_logon_id};

/// Events that tell of logons and logoffs: what is done is told by others.
const OF_LOGONS: [&str; 6] = ["4624", "4634", "4647", "4648", "4672", "4964"];

/// Finds the sessions of a draft's events, and the hop session that they are of. A finding of the target without a
/// source of its own has that of its hop session.
pub(super) fn attach(
    evidence: Evidence<'_>,
    draft: &mut Draft,
    own: impl Fn(&str) -> bool,
) -> io::Result<()> {
    let rows = evidence.findings[draft.finding].rows();
    let lookup = Lookup {
        events: evidence.events,
        reader: Reader::new(evidence.events),
        sessions: evidence.sessions,
    };
    for row in rows {
        if let Some((session, _)) = lookup.of_row(row)?
            && !draft.sessions.contains(&session)
        {
            draft.sessions.push(session);
        }
    }
    if draft.side == Side::Source {
        return Ok(());
    }
    find_hop(&lookup, draft)?;
    inherit(draft, &own);
    by_ticket(evidence, draft, &own)?;
    if let Some(row) = draft.action
        && let Some((session, id)) = lookup.of_action(row)?.filter(|(_, id)| !id.is_empty())
    {
        // The logon of the very session that the action was done in has the address (§6, exact joins).
        let ip = session.own_ip(&id).unwrap_or_default();
        draft.exact |= !ip.is_empty() && ip == draft.source_ip;
    }
    Ok(())
}

struct Lookup<'a> {
    events: &'a Segment,
    reader: Reader<'a>,
    sessions: &'a Sessions,
}

impl Lookup<'_> {
    /// The session of an event, with the address that it was used from then, and the id that the event has: none in the
    /// logs of remote desktop services.
    fn of_row(&self, row: u32) -> io::Result<Option<(Session, String)>> {
        let id = actor_logon_id(&self.reader, row);
        let own = &self.events.rows[row as usize];
        let Some(time) = own.time else {
            return Ok(None);
        };
        let machine = machine_of(self.events, row);
        let (found, id) = match id {
            Some(id) => (self.sessions.find(&machine, &id, time)?, id),
            None => (self.sessions.of_event(&machine, own.uid)?, String::new()),
        };
        Ok(found.map(|mut session| {
            session.source_ip = session.ip_at(time).to_owned();
            (session, id)
        }))
    }

    /// The session of an event that tells of something done.
    fn of_action(&self, row: u32) -> io::Result<Option<(Session, String)>> {
        let code = self.reader.text(f::EVENT_CODE, row).unwrap_or_default();
        if OF_LOGONS.contains(&code) {
            return Ok(None);
        }
        self.of_row(row)
    }
}

/// The hop session of the account that moved, or of whoever it was where the account is not known. Of several that came
/// from different addresses none is it, and all of them are told.
fn find_hop(lookup: &Lookup<'_>, draft: &mut Draft) -> io::Result<()> {
    let is_account = |session: &&Session| session.sid == draft.account_sid;
    let remote = || draft.sessions.iter().filter(|session| session.is_remote());
    let is_known = remote().any(|session| is_account(&session));
    let mut hops: Vec<Hop> = Vec::new();
    for session in remote().filter(|session| !is_known || is_account(session)) {
        hops.extend(lookup.sessions.hop(session)?);
    }
    let mut ips: Vec<String> = hops.iter().map(|hop| hop.source_ip.clone()).collect();
    ips.retain(|ip| !ip.is_empty());
    ips.sort_unstable();
    ips.dedup();
    if ips.len() > 1 && draft.source_ip.is_empty() && draft.source_host.is_empty() {
        draft.also.push(("source_ip", ips));
        return Ok(());
    }
    draft.hop = hops.into_iter().next();
    Ok(())
}

/// Takes over the hop session's address (§5: no other fallback). Where several could be the source, none is.
fn inherit(draft: &mut Draft, own: impl Fn(&str) -> bool) {
    let Some(hop) = &draft.hop else {
        return;
    };
    if !draft.lacks_source() || !can_be_own(&hop.source_ip) || own(&hop.source_ip) {
        return;
    }
    draft.source_ip.clone_from(&hop.source_ip);
    draft.source_basis = SourceBasis::Joined;
    let logon = hop
        .sessions
        .iter()
        .find(|session| session.source_ip == hop.source_ip);
    if let Some(logon) = logon {
        draft.source_port.clone_from(&logon.source_port);
        draft.logon_type.clone_from(&logon.logon_type);
    }
}

/// Where the logon has a ticket, its GUID tells who asked for it: the domain controller has the address, the source itself
/// the explicit use of credentials. It names the source of that very logon.
fn by_ticket(
    evidence: Evidence<'_>,
    draft: &mut Draft,
    own: impl Fn(&str) -> bool,
) -> io::Result<()> {
    let Some(hop) = draft.hop.as_ref().filter(|_| draft.lacks_source()) else {
        return Ok(());
    };
    let (mut ips, mut hosts) = (Vec::new(), Vec::new());
    for session in &hop.sessions {
        let Some(start) = session.start else {
            continue;
        };
        for ticket in evidence
            .tickets
            .of(&session.logon_guid, &hop.machine, start)?
        {
            if ticket.is_of_source() {
                hosts.push(ticket.host);
            } else if !own(&ticket.source_ip) {
                ips.push(ticket.source_ip);
            }
        }
    }
    for names in [&mut ips, &mut hosts] {
        names.sort_unstable();
        names.dedup();
    }
    // One that contradicts itself names nobody.
    if ips.len() > 1 || hosts.len() > 1 {
        for (name, names) in [("source_ip", ips), ("source_host", hosts)] {
            if !names.is_empty() {
                draft.also.push((name, names));
            }
        }
        return Ok(());
    }
    if !ips.is_empty() || !hosts.is_empty() {
        draft.source_ip = ips.pop().unwrap_or_default();
        draft.source_host = hosts.pop().unwrap_or_default();
        draft.source_basis = SourceBasis::Joined;
        draft.by_ticket = true;
    }
    Ok(())
}
