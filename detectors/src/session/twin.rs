//! The two tokens of one user: a logon of an administrator under user account control is recorded twice, with
//! and without privileges, and each record names the other (EVIDENCE.md §3, J2).

use super::{Session, seconds};

/// How far both records are apart.
const TWINS: i64 = seconds(1);

/// What twins have alike, to be sorted by.
pub(super) fn pair_key(session: &Session) -> &str {
    let (own, linked) = (session.logon_id.as_str(), session.linked_logon_id.as_str());
    if linked.is_empty() {
        own
    } else {
        own.min(linked)
    }
}

/// Whether two sessions of one machine are the halves of one.
pub(super) fn are_twins(a: &Session, b: &Session) -> bool {
    let name_each_other = !a.linked_logon_id.is_empty()
        && a.linked_logon_id == b.logon_id
        && b.linked_logon_id == a.logon_id;
    let close = a.start.zip(b.start);
    name_each_other
        && a.machine == b.machine
        && close.is_some_and(|(a, b)| a.0.abs_diff(b.0) <= TWINS.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use timeline::Ticks;

    use super::*;

    #[test]
    fn twins_name_each_other_at_one_time() {
        let session = |id: &str, linked: &str, second: i64| Session {
            logon_id: id.into(),
            linked_logon_id: linked.into(),
            start: Some(Ticks(seconds(second))),
            ..Session::default()
        };
        let a = session("0xa", "0xb", 10);
        assert!(are_twins(&a, &session("0xb", "0xa", 10)));
        assert!(!are_twins(&a, &session("0xb", "0xc", 10)));
        assert!(!are_twins(&a, &session("0xb", "", 10)));
        assert!(!are_twins(&a, &session("0xb", "0xa", 12)), "another boot's");
        assert_eq!(pair_key(&a), pair_key(&session("0xb", "0xa", 10)));
    }
}
