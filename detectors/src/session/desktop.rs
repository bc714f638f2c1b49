//! Remote desktop sessions on their target: one object over what four logs say of each (EVIDENCE.md §2.1).
//!
//! A Windows session has a number, from logon (21) to logoff (23), however often it is disconnected and taken
//! up again (24, 25): a reconnect is a continuation. Each connection is announced (131, 1149) and leaves logons
//! with ids of their own (4624), which are those of this one session.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use timeline::Ticks;

use super::boot::Boots;
use super::note::Texts;
use super::{Connection, EndBasis, Seen, Session, seconds};
use crate::names::is_guid;

/// What only says that somebody connects.
const ANNOUNCEMENTS: [&str; 2] = ["131", "1149"];
/// How long a connection is announced before its session begins: somebody types a password.
const ANNOUNCED: i64 = seconds(60);
/// How far the logon and the session's beginning are apart.
const LOGON: i64 = seconds(10);
/// How many announcements and logons wait for their session.
const WAITING: usize = 64;
/// How long before the desktop's logon the network lets its user in.
const LET_IN: i64 = seconds(5);
/// How many remote desktop sessions of a machine are put together.
const MOST: usize = 64 * 1024;
/// How many of them can be open at once: more are not told apart any more.
const MOST_OPEN: usize = 256;
/// How many logons one of them has. Others stay sessions of their own.
const MOST_LOGONS: usize = 256;
/// How long after the logoff something can still be seen of a session.
const AFTER_LOGOFF: i64 = seconds(600);

/// One event of remote desktop services, or a logon that can be of one.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) seen: Seen,
    pub(super) code: String,
    /// Number of the Windows session.
    pub(super) number: String,
    pub(super) logon_id: String,
    /// What the logs of one connection have in common, where they have it.
    pub(super) activity: String,
    pub(super) texts: Texts,
}

/// A Windows session.
#[derive(Debug, Default)]
pub(super) struct Desktop {
    pub(super) session: Session,
    /// The logons that are of it: id and time.
    logons: Vec<(String, Ticks)>,
    /// Those of them that were read.
    parts: Vec<Session>,
    is_over: bool,
    /// It was taken up before anything was seen of its beginning.
    is_older: bool,
    /// The network logon that let its user in is known.
    was_let_in: bool,
}

/// The Windows sessions of one machine.
#[derive(Debug, Default)]
pub(super) struct Desktops {
    all: Vec<Desktop>,
    waiting: Vec<Note>,
    /// Those that are not over, by their places.
    open: VecDeque<usize>,
    index: Option<Index>,
}

/// Where sessions are found.
#[derive(Debug)]
struct Index {
    /// By the logons that are of them.
    logons: BTreeMap<(String, Ticks), usize>,
    /// By their beginnings.
    starts: Vec<(Ticks, usize)>,
}

impl Index {
    fn of(all: &[Desktop]) -> Self {
        let mut logons = BTreeMap::new();
        let mut starts = Vec::new();
        for (place, desktop) in all.iter().enumerate() {
            for logon in &desktop.logons {
                logons.insert(logon.clone(), place);
            }
            starts.extend(desktop.session.start.map(|start| (start, place)));
        }
        starts.sort_unstable();
        Self { logons, starts }
    }

    fn of_logon(&self, session: &Session) -> Option<usize> {
        let start = session.start?;
        self.logons.get(&(session.logon_id.clone(), start)).copied()
    }

    fn let_in_by(&self, all: &[Desktop], session: &Session) -> Option<usize> {
        let start = session.start.filter(|_| session.logon_type == "3")?;
        let first = self.starts.partition_point(|(began, _)| *began < start);
        let mut near = self.starts.get(first..)?.iter();
        let near = near
            .by_ref()
            .take_while(|(began, _)| began.0.saturating_sub(start.0) <= LET_IN)
            .take(WAITING);
        let mut places = near.map(|(_, place)| *place);
        places.find(|place| {
            all.get(*place)
                .is_some_and(|desktop| desktop.was_let_in_by(session))
        })
    }
}

impl Desktops {
    /// Takes the next note in the order of time.
    pub(super) fn add(&mut self, note: Note, boots: &Boots) {
        let oldest = note.seen.time.0.saturating_sub(ANNOUNCED);
        self.waiting.retain(|waiting| waiting.seen.time.0 >= oldest);
        match note.code.as_str() {
            code if ANNOUNCEMENTS.contains(&code) => self.wait(note),
            "4624" => self.logon(note, boots),
            "21" => self.begin(&note, boots),
            "25" | "4778" => self.take_up(&note, boots),
            "23" => {
                if let Some(desktop) = self.of(&note, boots) {
                    desktop.take(&note);
                    desktop.session.end = Some(note.seen.time);
                    desktop.session.end_basis = EndBasis::Logoff;
                    desktop.is_over = true;
                }
            }
            _ => {
                if let Some(desktop) = self.of(&note, boots) {
                    desktop.take(&note);
                }
            }
        }
    }

    fn wait(&mut self, note: Note) {
        if self.waiting.len() == WAITING {
            self.waiting.remove(0);
        }
        self.waiting.push(note);
    }

    /// A logon comes a moment before its session begins, or is written a moment after.
    fn logon(&mut self, note: Note, boots: &Boots) {
        let now = note.seen.time;
        let fits = |desktop: &Desktop| {
            let began = desktop.session.since();
            began.is_some_and(|began| now.0.saturating_sub(began.0) <= LOGON)
                && desktop.is_by(&note, boots)
        };
        let near = self.open.iter().rev().take(WAITING).copied();
        let known = near
            .into_iter()
            .find(|place| self.all.get(*place).is_some_and(fits));
        if let Some(desktop) = known.and_then(|place| self.all.get_mut(place)) {
            desktop.take(&note);
            return;
        }
        // It may be the only record of its session, unless it takes one up that the terminal services told of.
        let open = self.of(&note, boots);
        let takes_up = open.is_some_and(|desktop| desktop.is_told());
        if note.texts.logon_type == "10" && !takes_up {
            let start = Some(note.seen.time);
            self.open(&note, start);
        } else {
            self.wait(note);
        }
    }

    fn begin(&mut self, note: &Note, boots: &Boots) {
        let now = note.seen.time;
        if let Some(before) = self.of(note, boots) {
            let began = before.session.start.filter(|_| !before.is_told());
            if began.is_some_and(|began| now.0.saturating_sub(began.0) <= LOGON) {
                before.take(note);
                return;
            }
            // The number is used again: its end was not recorded.
            before.is_over = true;
        }
        self.open(note, Some(note.seen.time));
    }

    /// A session is taken up again, one that began before the log does perhaps.
    fn take_up(&mut self, note: &Note, boots: &Boots) {
        if self.of(note, boots).is_none() {
            self.open(note, None);
            return;
        }
        let waiting = self.announced(note);
        if let Some(desktop) = self.of(note, boots) {
            for waiting in &waiting {
                desktop.take(waiting);
            }
            desktop.take(note);
        }
    }

    fn open(&mut self, note: &Note, start: Option<Ticks>) {
        if self.all.len() == MOST {
            return;
        }
        let mut desktop = Desktop::default();
        desktop.session.start = start;
        for waiting in self.announced(note) {
            desktop.take(&waiting);
        }
        desktop.take(note);
        desktop.is_older = start.is_none();
        desktop.session.desktop.clone_from(&note.number);
        self.all.push(desktop);
        self.open.push_back(self.all.len() - 1);
        if self.open.len() > MOST_OPEN {
            self.open.pop_front();
        }
    }

    /// Takes what announced a session: connections from its address, and logons of its user.
    fn announced(&mut self, note: &Note) -> Vec<Note> {
        let (own, others) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| announces(waiting, note));
        self.waiting = others;
        own
    }

    /// The session that a note is of: by its number, by a logon id, or else by its user.
    fn of(&mut self, note: &Note, boots: &Boots) -> Option<&mut Desktop> {
        let all = &self.all;
        let is_open = |desktop: &Desktop| {
            let since = desktop.session.last.map(|last| last.time);
            let rebooted = since.and_then(|since| boots.next_start(since));
            !desktop.is_over && rebooted.is_none_or(|start| note.seen.time < start)
        };
        self.open
            .retain(|place| all.get(*place).is_some_and(is_open));
        let mut open = self.open.iter().rev().copied();
        let place =
            open.find(|place| all.get(*place).is_some_and(|desktop| desktop.is_of(note)))?;
        let found = self.all.get_mut(place)?;
        if found.session.desktop.is_empty() {
            found.session.desktop.clone_from(&note.number);
        }
        Some(found)
    }

    /// Keeps a logon session that is of a remote desktop session, or gives it back. No note comes after that.
    pub(super) fn claim(&mut self, session: Session) -> Option<Session> {
        if self.all.is_empty() {
            return Some(session);
        }
        let all = &self.all;
        let index = self.index.get_or_insert_with(|| Index::of(all));
        let place = index
            .of_logon(&session)
            .or_else(|| index.let_in_by(all, &session));
        match place.and_then(|place| self.all.get_mut(place)) {
            Some(desktop) if desktop.parts.len() < MOST_LOGONS => {
                desktop.was_let_in |= session.logon_type == "3";
                desktop.parts.push(session);
                None
            }
            _ => Some(session),
        }
    }

    /// The sessions, complete.
    pub(super) fn finish(&mut self, machine: &str, boots: &Boots) -> Vec<Session> {
        self.waiting.clear();
        self.open.clear();
        self.index = None;
        let all = std::mem::take(&mut self.all);
        all.into_iter()
            .map(|desktop| desktop.finish(machine, boots))
            .collect()
    }
}

/// Whether what waits announced what a note begins.
fn announces(waiting: &Note, note: &Note) -> bool {
    let (a, b) = (&waiting.texts, &note.texts);
    let same_ip = is_remote(&a.source_ip) && a.source_ip == b.source_ip;
    let near = note.seen.time.0.saturating_sub(waiting.seen.time.0) <= LOGON;
    if is_guid(&waiting.activity) && waiting.activity == note.activity {
        return true;
    }
    match waiting.code.as_str() {
        "4624" => {
            near && same_user(&a.user, &b.user)
                && (same_ip || !is_remote(&a.source_ip) || !is_remote(&b.source_ip))
        }
        // 1149 names the user as typed.
        "1149" => same_ip && (a.user.is_empty() || same_user(&a.user, &b.user)),
        _ => same_ip,
    }
}

/// `DOMAIN\name` in any case; where one has no domain, or a long one, the name alone counts.
fn same_user(a: &str, b: &str) -> bool {
    let split = |user: &str| {
        let user = user.to_lowercase();
        match user.split_once('\\') {
            Some((domain, name)) => (domain.to_owned(), name.to_owned()),
            None => (String::new(), user),
        }
    };
    let ((domain_a, a), (domain_b, b)) = (split(a), split(b));
    let vague = |domain: &str| domain.is_empty() || domain.contains('.');
    !a.is_empty() && a == b && (domain_a == domain_b || vague(&domain_a) || vague(&domain_b))
}

/// Whether an address is another machine's: the terminal services write `LOCAL` for the console, which is a
/// loopback address to us.
fn is_remote(ip: &str) -> bool {
    ip.parse::<IpAddr>()
        .is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

impl Desktop {
    /// Whether the terminal services told of it, more than that somebody connects.
    fn is_told(&self) -> bool {
        let mut codes = self.session.desktop_codes.iter();
        codes.any(|code| !ANNOUNCEMENTS.contains(&code.as_str()))
    }

    /// Whether a note can be of it. A number is used again, by somebody else perhaps.
    fn is_of(&self, note: &Note) -> bool {
        let session = &self.session;
        let users = [&session.user, &note.texts.user];
        let named = users.iter().all(|user| !user.is_empty());
        let is_same = named && same_user(users[0], users[1]);
        if !note.number.is_empty() && !session.desktop.is_empty() {
            return session.desktop == note.number && (is_same || !named);
        }
        let has_logon = self.logons.iter().any(|(id, _)| *id == note.logon_id);
        has_logon || is_same
    }

    /// Whether a logon is of the session's user and address.
    fn is_by(&self, note: &Note, boots: &Boots) -> bool {
        let session = &self.session;
        let ips = [&session.source_ip, &note.texts.source_ip];
        let same_ip = ips[0] == ips[1] || !ips.iter().all(|ip| is_remote(ip));
        let same_boot = session
            .last
            .is_some_and(|last| boots.at(last.time) == boots.at(note.seen.time));
        !self.is_over && same_ip && same_boot && same_user(&session.user, &note.texts.user)
    }

    /// Whether a network logon is the one by which network level authentication let the user in.
    fn was_let_in_by(&self, logon: &Session) -> bool {
        let session = &self.session;
        !self.was_let_in
            && !session.source_ip.is_empty()
            && session.source_ip == logon.source_ip
            && same_user(&session.user, &logon.user)
    }

    fn take(&mut self, note: &Note) {
        let session = &mut self.session;
        session.see(note.seen);
        if is_remote(&note.texts.source_ip) && note.code != "131" && note.code != "1149" {
            session.connect(Connection {
                time: note.seen.time,
                ip: note.texts.source_ip.clone(),
                logon_id: note.logon_id.clone(),
            });
        }
        if note.code == "4624" {
            if self.logons.len() < MOST_LOGONS {
                self.logons.push((note.logon_id.clone(), note.seen.time));
            }
        } else {
            if !session.desktop_codes.contains(&note.code) {
                session.desktop_codes.push(note.code.clone());
            }
            if session.told_by.len() < MOST_LOGONS {
                session.told_by.push(note.seen.uid);
            }
            // A logon is counted with those of its id.
            session.events += 1;
        }
        let texts = &note.texts;
        let remote = is_remote(&texts.source_ip);
        for (own, other, counts) in [
            (&mut session.user, &texts.user, note.code != "1149"),
            (&mut session.sid, &texts.sid, true),
            (&mut session.source_ip, &texts.source_ip, remote),
            (&mut session.source_port, &texts.source_port, remote),
            (
                &mut session.source_host,
                &texts.source_host,
                note.code != "4624",
            ),
        ] {
            if own.is_empty() && counts {
                own.clone_from(other);
            }
        }
    }

    fn finish(self, machine: &str, boots: &Boots) -> Session {
        let Self {
            mut session,
            mut parts,
            is_older,
            ..
        } = self;
        machine.clone_into(&mut session.machine);
        let kind = if session.source_ip.is_empty() {
            "2"
        } else {
            "10"
        };
        let order = |part: &Session| (part.logon_type == "3", part.start, part.logon_id.clone());
        parts.sort_by_cached_key(order);
        let began = session.since();
        let mut logoff = None;
        for mut part in parts {
            // Logons that only let the user in, or took the session up again, end at once.
            let times = began.zip(part.start);
            let takes_up =
                times.is_some_and(|(began, start)| start.0.saturating_sub(began.0) > LOGON);
            let is_own = part.logon_type != "3" && !takes_up;
            if is_own && part.end_basis == EndBasis::Logoff {
                logoff = logoff.max(part.end);
            }
            part.end = None;
            part.end_basis = EndBasis::Unknown;
            if is_older {
                part.start = None;
                part.logon = None;
            }
            if part.logon_type == "3" {
                part.logon_type.clear();
            }
            session.absorb(part);
        }
        if session.logon_type.is_empty() {
            kind.clone_into(&mut session.logon_type);
        }
        let last = session.last.map(|last| last.time);
        let is_end =
            |end: &Ticks| last.is_none_or(|last| last.0.saturating_sub(end.0) <= AFTER_LOGOFF);
        if session.end.is_none() {
            session.end = logoff.filter(is_end);
            match session.end {
                Some(_) => session.end_basis = EndBasis::Logoff,
                None => session.end_by_boot(boots),
            }
        }
        if let Some(since) = session.since() {
            session.boot = boots.at(since);
        }
        session
    }
}

impl Session {
    /// Becomes one with a session that is another part of it.
    pub(super) fn absorb(&mut self, part: Session) {
        if self.logon_id.is_empty() {
            self.logon_id = part.logon_id;
            self.logon_type = part.logon_type;
        } else if self.logon_id != part.logon_id && !self.other_logon_ids.contains(&part.logon_id) {
            self.other_logon_ids.push(part.logon_id);
        }
        for (own, other) in [
            (&mut self.linked_logon_id, part.linked_logon_id),
            (&mut self.logon_guid, part.logon_guid),
            (&mut self.user, part.user),
            (&mut self.sid, part.sid),
            (&mut self.source_ip, part.source_ip),
            (&mut self.source_port, part.source_port),
            (&mut self.source_host, part.source_host),
        ] {
            if own.is_empty() {
                *own = other;
            }
        }
        self.logon = self.logon.or(part.logon);
        self.told_by.extend(part.told_by);
        part.connections
            .into_iter()
            .for_each(|connection| self.connect(connection));
        self.is_admin |= part.is_admin;
        self.events += part.events;
        self.processes += part.processes;
        self.start = self.start.min(part.start).or(self.start).or(part.start);
        [part.first, part.last]
            .into_iter()
            .flatten()
            .for_each(|seen| self.see(seen));
        let is_known = |basis| basis == EndBasis::Logoff;
        if self.end.is_none() || (!is_known(self.end_basis) && is_known(part.end_basis)) {
            self.end = part.end;
            self.end_basis = part.end_basis;
        } else if self.desktop.is_empty() && is_known(part.end_basis) {
            self.end = self.end.max(part.end);
        }
    }

    /// Ends with the system that it was in, where the log has no logoff.
    pub(super) fn end_by_boot(&mut self, boots: &Boots) {
        let Some(last) = self.last else {
            return;
        };
        if let Some(down) = boots.shutdown_after(last.time) {
            self.end = Some(down);
            self.end_basis = EndBasis::Shutdown;
        } else if let Some(start) = boots.next_start(last.time) {
            self.end = Some(start);
            self.end_basis = EndBasis::Boot;
        }
    }
}

#[cfg(test)]
mod tests {
    use timeline::Uid;

    use super::*;

    fn note(second: i64, code: &str, number: &str, user: &str, ip: &str) -> Note {
        Note {
            seen: Seen {
                time: Ticks(seconds(second)),
                uid: Uid([0; 16]),
            },
            code: code.into(),
            number: number.into(),
            logon_id: String::new(),
            activity: String::new(),
            texts: Texts {
                user: user.into(),
                source_ip: ip.into(),
                ..Texts::default()
            },
        }
    }

    fn with_id(id: &str, note: Note) -> Note {
        Note {
            logon_id: id.into(),
            ..note
        }
    }

    fn typed(logon_type: &str, mut note: Note) -> Note {
        note.texts.logon_type = logon_type.into();
        note
    }

    fn sessions(notes: Vec<Note>) -> Vec<Session> {
        let boots = Boots::default();
        let mut desktops = Desktops::default();
        for note in notes {
            desktops.add(note, &boots);
        }
        desktops.finish("srv02", &boots)
    }

    #[test]
    fn a_reconnect_is_a_continuation() {
        let all = sessions(vec![
            note(0, "131", "", "", "10.0.0.9"),
            note(1, "1149", "", "ana", "10.0.0.9"),
            with_id("0xa", note(2, "4624", "", "CORP\\ana", "10.0.0.9")),
            note(3, "21", "2", "CORP\\ana", "10.0.0.9"),
            note(4, "22", "2", "CORP\\ana", "10.0.0.9"),
            note(100, "24", "2", "CORP\\ana", "10.0.0.9"),
            note(900, "131", "", "", "10.0.0.7"),
            with_id("0xb", note(901, "4624", "", "CORP\\ana", "10.0.0.7")),
            note(902, "25", "2", "CORP\\ana", "10.0.0.7"),
            note(1000, "23", "2", "CORP\\ana", ""),
        ]);
        let [session] = all.as_slice() else {
            panic!("{all:?}");
        };
        assert_eq!(session.desktop_codes.join(" "), "131 1149 21 22 24 25 23");
        assert_eq!(session.source_ip, "10.0.0.9");
        assert_eq!(session.user, "CORP\\ana");
        assert_eq!(session.end, Some(Ticks(seconds(1000))));
        assert_eq!(session.end_basis, EndBasis::Logoff);
    }

    /// The logon is written before the session begins, and what announced both before that.
    #[test]
    fn an_announced_logon_and_its_session_are_one() {
        let all = sessions(vec![
            note(0, "131", "", "", "10.0.0.9"),
            note(1, "1149", "", "ana", "10.0.0.9"),
            with_id(
                "0xa",
                typed("10", note(2, "4624", "", "CORP\\ana", "10.0.0.9")),
            ),
            note(3, "21", "2", "CORP\\ana", "10.0.0.9"),
            note(9, "24", "2", "CORP\\ana", "10.0.0.9"),
        ]);
        let codes: Vec<String> = all.iter().map(|one| one.desktop_codes.join(" ")).collect();
        assert_eq!(codes, ["131 1149 21 24"]);
    }

    #[test]
    fn two_users_and_two_addresses_are_two_sessions() {
        let all = sessions(vec![
            note(0, "131", "", "", "10.0.0.9"),
            note(1, "131", "", "", "10.0.0.8"),
            note(3, "21", "2", "CORP\\ana", "10.0.0.9"),
            note(4, "21", "3", "CORP\\bob", "10.0.0.8"),
            note(9, "23", "3", "CORP\\bob", ""),
            note(20, "21", "3", "CORP\\eve", "10.0.0.8"),
        ]);
        let users: Vec<&str> = all.iter().map(|session| session.user.as_str()).collect();
        assert_eq!(users, ["CORP\\ana", "CORP\\bob", "CORP\\eve"]);
        assert_eq!(
            all[2].desktop_codes,
            ["21"],
            "the announcement was the other's"
        );
    }

    #[test]
    fn a_number_that_somebody_else_has_is_another_session() {
        let all = sessions(vec![
            note(3, "21", "2", "CORP\\ana", "10.0.0.9"),
            // What ended it, and what began the next, is not in the log.
            note(900, "25", "2", "CORP\\bob", "10.0.0.7"),
        ]);
        let told: Vec<_> = all
            .iter()
            .map(|s| (s.user.as_str(), s.source_ip.as_str()))
            .collect();
        assert_eq!(told, [("CORP\\ana", "10.0.0.9"), ("CORP\\bob", "10.0.0.7")]);
    }

    #[test]
    fn a_session_that_is_taken_up_from_elsewhere_has_two_addresses() {
        let all = sessions(vec![
            note(3, "21", "2", "CORP\\ana", "10.0.0.9"),
            note(100, "24", "2", "CORP\\ana", "10.0.0.9"),
            with_id("0xb", note(900, "4624", "", "CORP\\ana", "10.0.0.7")),
            note(901, "25", "2", "CORP\\ana", "10.0.0.7"),
        ]);
        let at = |second| all[0].ip_at(Ticks(seconds(second)));
        assert_eq!(
            [at(3), at(500), at(901), at(5000)],
            ["10.0.0.9", "10.0.0.9", "10.0.0.7", "10.0.0.7"]
        );
        assert_eq!(all[0].own_ip("0xb"), Some("10.0.0.7"));
        assert_eq!(all[0].own_ip("0xa"), None);
    }

    /// J19: the activity is the connection's, whatever address a relay has put in.
    #[test]
    fn logs_of_one_activity_are_one_session() {
        let of = |activity: &str, note: Note| Note {
            activity: activity.into(),
            ..note
        };
        let all = sessions(vec![
            of("{F420-1}", note(0, "131", "", "", "10.0.0.1")),
            of("{F420-2}", note(1, "131", "", "", "10.0.0.1")),
            of("{F420-1}", note(3, "21", "2", "CORP\\ana", "10.0.0.9")),
        ]);
        assert_eq!(all[0].desktop_codes.join(" "), "131 21");
    }

    #[test]
    fn the_console_is_not_remote() {
        let all = sessions(vec![note(3, "21", "1", "SRV02\\ana", "127.0.0.1")]);
        assert_eq!(
            (all[0].logon_type.as_str(), all[0].source_ip.as_str()),
            ("2", "")
        );
    }

    #[test]
    fn users_are_compared_by_name_where_the_domain_is_vague() {
        for (a, b, same) in [
            ("CORP\\ana", "corp\\ANA", true),
            ("ana", "CORP\\ana", true),
            ("corp.example.com\\ana", "CORP\\ana", true),
            ("SRV02\\ana", "CORP\\ana", false),
            ("", "", false),
        ] {
            assert_eq!(same_user(a, b), same, "{a} {b}");
        }
    }
}
