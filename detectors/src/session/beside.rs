//! Which other sessions an account had at a time: what only its SID is known of can be of any of them.

use std::io;

use timeline::{Ticks, key};

use super::hop::account_key;
use super::{Session, Sessions, seconds};
use crate::names::bare;

/// How long a session is taken to go on after its last event, where its end is not known.
const GOES_ON: i64 = seconds(600);
/// How long before a time a session over the network can have begun that was still open then.
const FAR: i64 = seconds(24 * 3600);
/// The same of a session at the machine.
const FARTHEST: i64 = seconds(60 * 24 * 3600);
/// Sessions that are told. Who has more than that at once is not told apart.
const MOST: usize = 256;

impl Session {
    /// Its end, or ten minutes after its last event where that is not known.
    #[must_use]
    pub fn until(&self) -> Option<Ticks> {
        let last = self.last.or(self.first).map(|seen| seen.time);
        let later = |time: Ticks| Ticks(time.0.saturating_add(GOES_ON));
        self.end.or(last.or(self.start).map(later))
    }

    /// Whether somebody sits at the machine in it, as far as it is known what it is.
    pub(super) fn is_local(&self) -> bool {
        matches!(
            self.logon_type.as_str(),
            "2" | "7" | "10" | "11" | "12" | "13"
        )
    }

    /// Whether it can have been open at a time: one at the machine until its end is known.
    #[must_use]
    pub fn may_be_open(&self, at: Ticks) -> bool {
        let has_begun = self.since().is_some_and(|since| since <= at);
        let is_endless = self.is_local() && self.end.is_none();
        has_begun && (is_endless || self.until().is_some_and(|until| at <= until))
    }

    /// Whether it is another of the same account. A log of the terminal services alone gives no SID.
    fn is_anothers(&self, other: &Self) -> bool {
        let name = |user: &str| bare(user).split('@').next().map(str::to_owned);
        let is_account = if self.sid.is_empty() || other.sid.is_empty() {
            !self.user.is_empty() && name(&self.user) == name(&other.user)
        } else {
            self.sid == other.sid
        };
        let is_it = self.since() == other.since() && self.logon_id == other.logon_id;
        is_account && !is_it
    }
}

impl Sessions {
    /// The other sessions of a session's account that can have been open between two times; none where there are so many
    /// that not all are looked at.
    pub fn beside(
        &self,
        session: &Session,
        (from, to): (Ticks, Ticks),
    ) -> io::Result<Option<Vec<Session>>> {
        let mut beside = Vec::new();
        let mut each = |payload: &[u8], is_local: Option<bool>| {
            let other = Session::decode(payload).filter(|other| {
                // It was open at the beginning, or began later.
                let begins = other.since().is_some_and(|since| from <= since);
                let is_new = is_local.is_none_or(|is_local| is_local == other.is_local());
                is_new && session.is_anothers(other) && (begins || other.may_be_open(from))
            });
            if beside.len() <= MOST {
                beside.extend(other);
            }
        };
        let bound = |prefix: &[u8], time: i64| key::at(prefix, Ticks(time));
        let own = account_key(&session.machine, &session.sid);
        let range = [bound(&own, from.0.saturating_sub(FAR)), bound(&own, to.0)];
        self.by_account.range(&range[0], &range[1], |_, payload| {
            each(payload, Some(false));
        })?;
        let mut machine = Vec::new();
        key::text(&mut machine, &session.machine);
        let first = bound(&machine, from.0.saturating_sub(FARTHEST));
        self.others
            .range(&first, &bound(&machine, to.0), |_, payload| {
                each(payload, None);
            })?;
        Ok((beside.len() <= MOST).then_some(beside))
    }
}

#[cfg(test)]
mod tests {
    use timeline::Uid;

    use super::super::Seen;
    use super::*;

    fn session(logon_type: &str, start: i64, end: Option<i64>) -> Session {
        let seen = |second| Seen {
            time: Ticks(seconds(second)),
            uid: Uid::default(),
        };
        Session {
            logon_id: start.to_string(),
            logon_type: logon_type.into(),
            user: r"CORP\ana".into(),
            sid: "S-1-5-21-1-2-3-1104".into(),
            start: Some(Ticks(seconds(start))),
            end: end.map(|end| Ticks(seconds(end))),
            first: Some(seen(start)),
            last: Some(seen(start)),
            ..Session::default()
        }
    }

    #[test]
    fn who_sits_there_stays_until_the_end_is_known() {
        let open = |session: &Session, second| session.may_be_open(Ticks(seconds(second)));
        for logon_type in ["2", "10", "11"] {
            assert!(open(&session(logon_type, 0, None), 90_000), "{logon_type}");
            assert!(!open(&session(logon_type, 0, Some(60)), 61));
        }
        assert!(open(&session("3", 0, None), 600));
        assert!(!open(&session("3", 0, None), 601));
        assert!(!open(&session("2", 100, None), 99));
    }

    #[test]
    fn a_session_without_a_sid_is_of_who_is_called_so() {
        let own = session("3", 0, None);
        let mut other = session("2", 50, None);
        assert!(own.is_anothers(&other));
        other.sid = String::new();
        other.user = r"corp.example.com\ANA".into();
        assert!(own.is_anothers(&other));
        other.user = r"CORP\bo".into();
        assert!(!own.is_anothers(&other));
        assert!(!own.is_anothers(&own.clone()), "not beside itself");
    }
}
