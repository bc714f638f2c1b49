//! Logon sessions: one for each (host, boot, LogonId) (EVIDENCE.md §1.2).
//!
//! The second look notes what every event says of a session ([`note`]); when all have been looked at,
//! the notes are sorted by host, logon id and time, and read once ([`Sessions::build`]). Nothing is held
//! in memory but the boots and the remote desktop sessions of one host.

mod beside;
mod boot;
mod build;
mod desktop;
mod hop;
mod note;
mod twin;

use timeline::{Ticks, Uid, key};

pub use build::Sessions;
pub use hop::Hop;
pub use note::{actor_logon_id, note};

/// How the end of a session is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndBasis {
    /// It is not known.
    #[default]
    Unknown,
    /// The log has the logoff.
    Logoff,
    /// The system was shut down: the session cannot have been longer.
    Shutdown,
    /// The system started anew, and nobody saw it go down: the session ended before that.
    Boot,
}

impl EndBasis {
    const ALL: [Self; 4] = [Self::Unknown, Self::Logoff, Self::Shutdown, Self::Boot];

    /// The word in `sessions.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Logoff => "logoff",
            Self::Shutdown => "shutdown",
            Self::Boot => "boot",
        }
    }
}

/// One event of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Its time.
    pub time: Ticks,
    /// Its identity.
    pub uid: Uid,
}

/// Where a session came from at a time: a remote desktop session can be taken up again from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// When.
    pub time: Ticks,
    /// From which address.
    pub ip: String,
    /// The logon that it made; empty where another log told of it.
    pub logon_id: String,
}

/// Connections of one session that are kept.
const MOST_CONNECTIONS: usize = 64;

/// A logon session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Identity of the machine.
    pub machine: String,
    /// When the system started in which it was; none when no start was recorded before it.
    pub boot: Option<Ticks>,
    /// Its id, `0x…`; empty of a remote desktop session that only the terminal services recorded.
    pub logon_id: String,
    /// The id of the other half of a user's two tokens, which is the same session.
    pub linked_logon_id: String,
    /// All other ids that it has: a remote desktop session has one for each connection.
    pub other_logon_ids: Vec<String>,
    /// GUID of the ticket that it was opened with; empty when there is none.
    pub logon_guid: String,
    /// Logon type, as a number; empty when no logon was recorded, unless the terminal services tell which it was.
    pub logon_type: String,
    /// `DOMAIN\name`.
    pub user: String,
    /// SID of the user.
    pub sid: String,
    /// Where it came from, and when.
    pub connections: Vec<Connection>,
    /// The address that the logon came from.
    pub source_ip: String,
    /// Its port.
    pub source_port: String,
    /// What the other side calls itself: it chose that.
    pub source_host: String,
    /// The logon; none when it was not recorded.
    pub start: Option<Ticks>,
    /// The end, or the latest time that it can have had.
    pub end: Option<Ticks>,
    /// How the end is known.
    pub end_basis: EndBasis,
    /// Whether it has privileges of an administrator (4672, an elevated token).
    pub is_admin: bool,
    /// Events that carry its id.
    pub events: u64,
    /// Starts of processes among them.
    pub processes: u64,
    /// Number of the Windows session, of remote desktop sessions.
    pub desktop: String,
    /// Events of remote desktop services that are part of it, `1149 21 24 25`, each code once.
    pub desktop_codes: Vec<String>,
    /// Those events: they carry no logon id.
    pub(crate) told_by: Vec<Uid>,
    /// The event of its logon.
    pub logon: Option<Uid>,
    /// Its first event.
    pub first: Option<Seen>,
    /// Its last event.
    pub last: Option<Seen>,
}

impl Session {
    /// The address that it was used from at a time.
    #[must_use]
    pub fn ip_at(&self, time: Ticks) -> &str {
        let until = Ticks(time.0.saturating_add(seconds(2)));
        let before = self
            .connections
            .iter()
            .filter(|connection| connection.time <= until);
        let last = before.max_by_key(|connection| connection.time);
        last.map_or(&self.source_ip, |connection| &connection.ip)
    }

    /// The address in the record of a logon id's own logon.
    #[must_use]
    pub fn own_ip(&self, logon_id: &str) -> Option<&str> {
        let mut own = self.connections.iter();
        let own = own.find(|connection| connection.logon_id == logon_id);
        own.map(|connection| connection.ip.as_str())
    }

    fn connect(&mut self, connection: Connection) {
        let is_new = self.connections.len() < MOST_CONNECTIONS
            && !connection.ip.is_empty()
            && !self.connections.contains(&connection);
        if is_new {
            self.connections.push(connection);
        }
    }

    /// When it began, or else when it was first seen.
    #[must_use]
    pub fn since(&self) -> Option<Ticks> {
        self.start.or(self.first.map(|first| first.time))
    }

    /// Every logon id that it has.
    pub fn logon_ids(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(&self.logon_id).chain(&self.other_logon_ids);
        own.map(String::as_str).filter(|id| !id.is_empty())
    }

    /// Takes an event into account.
    fn see(&mut self, seen: Seen) {
        self.first = Some(self.first.map_or(seen, |first| first.min(seen)));
        self.last = Some(self.last.map_or(seen, |last| last.max(seen)));
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for text in self.texts() {
            key::text(&mut bytes, text);
        }
        key::text(&mut bytes, &self.desktop_codes.join(" "));
        key::text(&mut bytes, &self.other_logon_ids.join(" "));
        let told_by: Vec<String> = self.told_by.iter().map(ToString::to_string).collect();
        key::text(&mut bytes, &told_by.join(" "));
        let connections = self.connections.iter().map(|connection| {
            format!(
                "{},{},{}",
                connection.time.0, connection.ip, connection.logon_id
            )
        });
        key::text(&mut bytes, &connections.collect::<Vec<_>>().join(" "));
        for time in [self.boot, self.start, self.end] {
            key::time(&mut bytes, time);
        }
        bytes.extend(self.events.to_be_bytes());
        bytes.extend(self.processes.to_be_bytes());
        bytes.push(self.end_basis as u8);
        bytes.push(u8::from(self.is_admin));
        bytes.push(u8::from(self.logon.is_some()));
        bytes.extend(self.logon.unwrap_or_default().0);
        for seen in [self.first, self.last] {
            key::time(&mut bytes, seen.map(|seen| seen.time));
            bytes.extend(seen.map_or([0; 16], |seen| seen.uid.0));
        }
        bytes
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut session = Self::default();
        for text in session.texts_mut() {
            *text = key::take_text(&mut bytes)?;
        }
        for list in [&mut session.desktop_codes, &mut session.other_logon_ids] {
            let words = key::take_text(&mut bytes)?;
            *list = words.split_whitespace().map(str::to_owned).collect();
        }
        let told_by = key::take_text(&mut bytes)?;
        session.told_by = told_by.split_whitespace().filter_map(uid).collect();
        let connections = key::take_text(&mut bytes)?;
        session.connections = connections
            .split_whitespace()
            .filter_map(connection)
            .collect();
        for time in [&mut session.boot, &mut session.start, &mut session.end] {
            *time = take_time(&mut bytes);
        }
        session.events = u64::from_be_bytes(take(&mut bytes)?);
        session.processes = u64::from_be_bytes(take(&mut bytes)?);
        let [basis, is_admin, has_logon] = take(&mut bytes)?;
        let logon = Uid(take(&mut bytes)?);
        session.logon = (has_logon != 0).then_some(logon);
        session.end_basis = *EndBasis::ALL.get(usize::from(basis))?;
        session.is_admin = is_admin != 0;
        for seen in [&mut session.first, &mut session.last] {
            let time = take_time(&mut bytes);
            let uid = Uid(take(&mut bytes)?);
            *seen = time.map(|time| Seen { time, uid });
        }
        Some(session)
    }

    fn texts(&self) -> [&str; 11] {
        [
            &self.machine,
            &self.logon_id,
            &self.linked_logon_id,
            &self.logon_guid,
            &self.logon_type,
            &self.user,
            &self.sid,
            &self.source_ip,
            &self.source_port,
            &self.source_host,
            &self.desktop,
        ]
    }

    fn texts_mut(&mut self) -> [&mut String; 11] {
        [
            &mut self.machine,
            &mut self.logon_id,
            &mut self.linked_logon_id,
            &mut self.logon_guid,
            &mut self.logon_type,
            &mut self.user,
            &mut self.sid,
            &mut self.source_ip,
            &mut self.source_port,
            &mut self.source_host,
            &mut self.desktop,
        ]
    }
}

/// The identity of an event, from its text.
fn uid(text: &str) -> Option<Uid> {
    u128::from_str_radix(text, 16)
        .ok()
        .map(|number| Uid(number.to_be_bytes()))
}

/// A connection, from its text.
fn connection(text: &str) -> Option<Connection> {
    let mut parts = text.split(',');
    Some(Connection {
        time: Ticks(parts.next()?.parse().ok()?),
        ip: parts.next()?.to_owned(),
        logon_id: parts.next()?.to_owned(),
    })
}

/// Takes bytes off the front.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}

/// Takes off a time that [`key::time`] wrote.
fn take_time(bytes: &mut &[u8]) -> Option<Ticks> {
    let own: [u8; 8] = take(bytes)?;
    key::read_time(&own)
}

/// Ticks of a number of seconds.
const fn seconds(seconds: i64) -> i64 {
    seconds * timeline::TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_comes_back_as_it_was_written() {
        let seen = |time| Seen {
            time: Ticks(time),
            uid: Uid([7; 16]),
        };
        let session = Session {
            machine: "srv02".into(),
            boot: Some(Ticks(-1)),
            logon_id: "0x1".into(),
            other_logon_ids: vec!["0x2".into()],
            connections: vec![Connection {
                time: Ticks(4),
                ip: "10.0.0.9".into(),
                logon_id: String::new(),
            }],
            user: "CORP\\a\0b".into(),
            end: Some(Ticks(9)),
            end_basis: EndBasis::Shutdown,
            is_admin: true,
            events: 3,
            processes: 1,
            desktop: "2".into(),
            desktop_codes: vec!["21".into(), "24".into()],
            told_by: vec![Uid([0xab; 16]), Uid([1; 16])],
            logon: Some(Uid([3; 16])),
            first: Some(seen(1)),
            last: Some(seen(5)),
            ..Session::default()
        };
        assert_eq!(Session::decode(&session.encode()), Some(session));
        assert_eq!(Session::decode(b"short"), None);
    }
}
