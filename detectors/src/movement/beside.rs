//! Whether something that only an account is known of can be another session's than the movement's.

use std::io;

use timeline::Ticks;

use super::{Evidence, Movement};
use crate::session::Session;

/// The sessions of a session's account between two times that are not the movement's: not those from its address, for who
/// opens one over the network opens several.
pub(super) fn others(
    evidence: Evidence<'_>,
    movement: &Movement,
    session: &Session,
    between: (Ticks, Ticks),
) -> io::Result<Option<Vec<Session>>> {
    let Some(mut others) = evidence.sessions.beside(session, between)? else {
        return Ok(None);
    };
    others.retain(|other| {
        let is_own = movement
            .sessions
            .iter()
            .any(|own| own.logon_id == other.logon_id && own.since() == other.since());
        let mut sources = movement.sessions.iter().map(|own| &own.source_ip);
        let is_same_source =
            !other.source_ip.is_empty() && sources.any(|ip| *ip == other.source_ip);
        !is_own && !is_same_source
    });
    Ok(Some(others))
}
