//! Hop sessions: what one remote action opens (MATCHING.md §6).
//!
//! One remote action opens several logons within seconds, some of which carry no address. Those of one account on
//! one host that follow each other within ten seconds, and whose addresses do not contradict each other, are one
//! hop session; its address is that of all of them.

use std::collections::{BTreeSet, VecDeque};
use std::io;

use timeline::{Ticks, key};

use super::{Session, Sessions, seconds};

/// How far logons of one hop session are apart.
const APART: i64 = seconds(10);
/// How far to either side logons are looked at first.
const REACH: i64 = seconds(120);
/// How far back at most: a longer chain is cut there.
const FARTHEST: i64 = seconds(4 * 3600);
/// How many logons of a hop session are looked at: the nearest.
const MOST: usize = 128;

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

    /// Whether it is of remote desktop services, with a desktop that somebody elsewhere sees.
    #[must_use]
    pub fn is_desktop(&self) -> bool {
        self.is_remote() && (self.logon_type != "3" && self.logon_type != "8")
    }

    /// When it began, and when it was taken up again.
    pub fn beginnings(&self) -> impl Iterator<Item = Ticks> + '_ {
        let connected = self.connections.iter().map(|connection| connection.time);
        let times: BTreeSet<Ticks> = self.start.into_iter().chain(connected).collect();
        times.into_iter()
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
        let mut reach = REACH;
        loop {
            let near = self.near(&prefix, start, reach)?;
            let first = near.first().and_then(|first| first.start);
            let hop = hop_of(session, near);
            // A chain that begins where the view does may have begun before.
            let is_cut = hop.start == first
                && first.is_some_and(|first| {
                    start.0.saturating_sub(first.0) > reach.saturating_sub(APART)
                });
            if !is_cut || reach >= FARTHEST {
                return Ok(Some(hop));
            }
            reach = reach.saturating_mul(4);
        }
    }

    /// Logons of an account around a time.
    fn near(&self, prefix: &[u8], start: Ticks, reach: i64) -> io::Result<Vec<Session>> {
        let bound = |distance| key::at(prefix, Ticks(start.0.saturating_add(distance)));
        let mut near = VecDeque::new();
        self.by_account
            .range(&bound(-reach), &bound(REACH), |_, payload| {
                let session = Session::decode(payload);
                // Those around the time itself count: what is before gives way.
                let is_before = session.as_ref().and_then(|session| session.start) <= Some(start);
                if near.len() == MOST && is_before {
                    near.pop_front();
                }
                if near.len() < MOST {
                    near.extend(session);
                }
            })?;
        Ok(near.into())
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

/// The hop session of a session among logons of its account. Where their addresses differ, those with the session's own
/// are its hop; one without an address could be any's, and stands alone.
fn hop_of(session: &Session, all: Vec<Session>) -> Hop {
    let around = session.start.unwrap_or(Ticks(0));
    let whole = chain(all, around);
    let mut addresses: Vec<&str> = whole
        .iter()
        .map(|other| other.source_ip.as_str())
        .filter(|ip| !ip.is_empty())
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    let source_ip = match addresses.as_slice() {
        [only] if session.source_ip.is_empty() || session.source_ip == **only => (*only).to_owned(),
        _ => session.source_ip.clone(),
    };
    let is_one = addresses.iter().all(|ip| **ip == source_ip);
    let is_it =
        |other: &Session| other.logon_id == session.logon_id && other.start == session.start;
    let own = whole.into_iter().filter(|other| {
        is_it(other) || is_one || (!source_ip.is_empty() && other.source_ip == source_ip)
    });
    let mut sessions = chain(own.collect(), around);
    sessions.truncate(MOST);
    Hop {
        machine: session.machine.clone(),
        sid: session.sid.clone(),
        start: sessions.first().and_then(|first| first.start),
        source_ip,
        sessions,
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
        let hop = hop_of(&session, all);
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
    fn logons_of_one_address_that_are_too_far_apart_are_two_hops() {
        let all = [
            (0, "a", "10.0.0.9"),
            (8, "b", "10.0.0.7"),
            (16, "c", "10.0.0.9"),
        ];
        check(&all, 0, &["a"], "10.0.0.9");
        check(&all, 2, &["c"], "10.0.0.9");
    }

    #[test]
    fn two_addresses_are_two_hops() {
        let all = [(0, "a", "10.0.0.9"), (3, "b", ""), (6, "c", "10.0.0.7")];
        check(&all, 0, &["a"], "10.0.0.9");
        check(&all, 1, &["b"], "");
        check(&all, 2, &["c"], "10.0.0.7");
    }
}
