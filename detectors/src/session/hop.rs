//! Hop sessions: what one remote action opens (MATCHING.md §6).
//!
//! One remote action opens several logons within seconds, some of which carry no address. Those of one account on
//! one host that follow each other within ten seconds, and whose addresses do not contradict each other, are one
//! hop session; its address is that of all of them.

use std::io;

use timeline::{Ticks, key};

use super::{Session, Sessions, seconds};

/// How far logons of one hop session are apart.
const APART: i64 = seconds(10);
/// How far to either side logons are looked at: a longer chain is cut there.
const REACH: i64 = seconds(120);

/// A hop session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hop {
    /// Identity of the machine.
    pub machine: String,
    /// SID of the account.
    pub sid: String,
    /// Its first logon.
    pub start: Option<Ticks>,
    /// The address of its logons; empty when none has one, or several come into question.
    pub source_ip: String,
    /// The logons, in the order of their times.
    pub sessions: Vec<Session>,
}

impl Session {
    /// Whether it is a logon from elsewhere: over the network, of remote desktop, or one that takes such a session
    /// up again.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        match self.logon_type.as_str() {
            "3" | "8" | "10" => true,
            "7" => !self.source_ip.is_empty(),
            _ => false,
        }
    }
}

/// What sessions of one account are found by.
pub(super) fn account_key(machine: &str, sid: &str) -> Vec<u8> {
    let mut place = Vec::new();
    key::text(&mut place, machine);
    key::text(&mut place, sid);
    place
}

impl Sessions {
    /// The hop session that a session is of; none of one that is not remote, or whose logon is not recorded.
    pub fn hop(&self, session: &Session) -> io::Result<Option<Hop>> {
        let Some(start) = session
            .start
            .filter(|_| session.is_remote() && !session.sid.is_empty())
        else {
            return Ok(None);
        };
        let prefix = account_key(&session.machine, &session.sid);
        let bound = |distance: i64| {
            let mut bound = prefix.clone();
            key::time(&mut bound, Some(Ticks(start.0.saturating_add(distance))));
            bound
        };
        let mut near = Vec::new();
        self.by_account
            .range(&bound(-REACH), &bound(REACH), |_, payload| {
                near.extend(Session::decode(payload));
            })?;
        Ok(Some(hop_of(session, chain(near, start))))
    }
}

/// The logons that follow each other closely enough, around one of them.
fn chain(all: Vec<Session>, around: Ticks) -> Vec<Session> {
    let mut chain: Vec<Session> = Vec::new();
    for session in all {
        let Some(start) = session.start else {
            continue;
        };
        let last = chain.last().and_then(|last| last.start);
        if last.is_some_and(|last| start.0.saturating_sub(last.0) > APART) {
            if start > around {
                break;
            }
            chain.clear();
        }
        chain.push(session);
    }
    chain
}

/// Of a chain whose addresses differ, only those with the session's own address are its hop; one without an
/// address could be any's, and stands alone.
fn hop_of(session: &Session, mut chain: Vec<Session>) -> Hop {
    let mut addresses: Vec<&str> = chain
        .iter()
        .map(|session| session.source_ip.as_str())
        .filter(|ip| !ip.is_empty())
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    let source_ip = match addresses.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        _ => {
            let own = session.source_ip.clone();
            chain.retain(|other| {
                if own.is_empty() {
                    other.logon_id == session.logon_id && other.start == session.start
                } else {
                    other.source_ip == own
                }
            });
            own
        }
    };
    Hop {
        machine: session.machine.clone(),
        sid: session.sid.clone(),
        start: chain.first().and_then(|first| first.start),
        source_ip,
        sessions: chain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logon(second: i64, id: &str, ip: &str) -> Session {
        Session {
            logon_id: id.into(),
            start: Some(Ticks(seconds(second))),
            source_ip: ip.into(),
            ..Session::default()
        }
    }

    #[track_caller]
    fn check(all: &[(i64, &str, &str)], of: usize, ids: &[&str], ip: &str) {
        let all: Vec<Session> = all.iter().map(|(s, id, ip)| logon(*s, id, ip)).collect();
        let session = all[of].clone();
        let hop = hop_of(&session, chain(all, session.start.unwrap()));
        let found: Vec<&str> = hop.sessions.iter().map(|s| s.logon_id.as_str()).collect();
        assert_eq!((found.as_slice(), hop.source_ip.as_str()), (ids, ip));
    }

    #[test]
    fn logons_that_follow_each_other_are_one_hop() {
        let all = [
            (0, "a", "10.0.0.9"),
            (8, "b", ""),
            (15, "c", "10.0.0.9"),
            (40, "d", ""),
        ];
        check(&all, 1, &["a", "b", "c"], "10.0.0.9");
        check(&all, 3, &["d"], "");
        check(&all, 0, &["a", "b", "c"], "10.0.0.9");
    }

    #[test]
    fn two_addresses_are_two_hops() {
        let all = [(0, "a", "10.0.0.9"), (3, "b", ""), (6, "c", "10.0.0.7")];
        check(&all, 0, &["a"], "10.0.0.9");
        check(&all, 1, &["b"], "");
        check(&all, 2, &["c"], "10.0.0.7");
    }
}
