//! From sorted notes to sessions.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use timeline::sort::{Item, Sorted, Sorter};
use timeline::table::Table;
use timeline::{Ticks, Uid, key};

use super::boot::{Boots, Power};
use super::desktop::{Desktops, Note};
use super::hop::account_key;
use super::note::{DESKTOP, LOGON_ID, POWER, Part, Texts};
use super::twin::{are_twins, pair_key};
use super::{Connection, EndBasis, Seen, Session, seconds, take, take_time};

/// What is recorded before the logon itself: starts of processes are, by other logs.
const BEFORE_LOGON: i64 = seconds(2);
/// How long after the logoff something still counts as the session's.
const AFTER_LOGOFF: i64 = seconds(600);

/// All sessions.
#[derive(Debug)]
pub struct Sessions {
    by_id: Table,
    pub(super) by_account: Table,
    /// Those at the machine, and those that are not found by their accounts, by machine and time.
    pub(super) others: Table,
    /// How many there are.
    pub count: u64,
    /// How often each machine started.
    pub boots: BTreeMap<String, u64>,
}

impl Sessions {
    /// Puts together what [`super::note`] noted. Sessions come out sorted by machine, time and logon id.
    pub fn build(folder: &Path, budget: usize, notes: Sorted) -> io::Result<(Self, Sorted)> {
        let pairs = Sorter::new(folder, budget);
        let mut building = Building {
            pairs,
            machine: String::new(),
            boots: Boots::default(),
            desktops: Desktops::default(),
            open: None,
            starts: BTreeMap::new(),
        };
        for item in notes {
            building.take(&item?)?;
        }
        building.finish_machine()?;
        let (mut sessions, sorted) = join_twins(folder, budget, building.pairs.finish()?)?;
        sessions.boots = building.starts;
        Ok((sessions, sorted))
    }

    /// The session that an event of remote desktop services is of.
    pub fn of_event(&self, machine: &str, uid: Uid) -> io::Result<Option<Session>> {
        let mut prefix = Vec::new();
        key::text(&mut prefix, machine);
        key::text(&mut prefix, &of_event(&uid));
        let mut found = None;
        self.by_id
            .with_prefix(&prefix, |_, payload| found = Session::decode(payload))?;
        Ok(found)
    }

    /// The session of a machine that has a logon id at a time: the one that began last before. What came a
    /// moment before the logon is of it, too.
    pub fn find(&self, machine: &str, id: &str, at: Ticks) -> io::Result<Option<Session>> {
        let mut prefix = Vec::new();
        key::text(&mut prefix, machine);
        key::text(&mut prefix, id);
        let until = key::at(&prefix, Ticks(at.0.saturating_add(BEFORE_LOGON)));
        let last = self.by_id.last_before(&prefix, &until)?;
        let found = last.and_then(|item| Session::decode(&item.payload));
        let is_over = |session: &Session| {
            let boot = matches!(session.end_basis, EndBasis::Boot | EndBasis::Shutdown);
            boot && session.end.is_some_and(|end| end < at)
        };
        Ok(found.filter(|session| !is_over(session)))
    }
}

/// What a session is found by where only an event is known: no logon id looks like it.
fn of_event(uid: &Uid) -> String {
    format!("event {uid}")
}

/// Reads notes in their order.
struct Building {
    pairs: Sorter,
    machine: String,
    boots: Boots,
    desktops: Desktops,
    open: Option<Session>,
    starts: BTreeMap<String, u64>,
}

impl Building {
    fn take(&mut self, item: &Item) -> io::Result<()> {
        let mut rest = item.key.as_slice();
        let Some(machine) = key::take_text(&mut rest) else {
            return Ok(());
        };
        if machine != self.machine {
            self.finish_machine()?;
            self.machine = machine;
        }
        let Some([kind]) = take(&mut rest) else {
            return Ok(());
        };
        match kind {
            POWER => self.power(rest),
            DESKTOP => self.desktop(rest, &item.payload),
            LOGON_ID => self.event(rest, &item.payload)?,
            _ => {}
        }
        Ok(())
    }

    fn power(&mut self, mut rest: &[u8]) {
        let (time, power) = (take_time(&mut rest), take(&mut rest));
        if let (Some(time), Some([power])) = (time, power) {
            let power = if power == Power::Up as u8 {
                Power::Up
            } else {
                Power::Down
            };
            self.boots.add(time, power);
        }
    }

    fn desktop(&mut self, mut rest: &[u8], mut payload: &[u8]) {
        let Some(seen) = seen(take_time(&mut rest), &mut rest) else {
            return;
        };
        let mut text = || key::take_text(&mut payload).unwrap_or_default();
        let (code, number, logon_id, activity) = (text(), text(), text(), text());
        let note = Note {
            seen,
            code,
            number,
            logon_id,
            activity,
            texts: Texts::decode(payload),
        };
        self.desktops.add(note, &self.boots);
    }

    fn event(&mut self, mut rest: &[u8], payload: &[u8]) -> io::Result<()> {
        let Some(id) = key::take_text(&mut rest) else {
            return Ok(());
        };
        let Some(time) = take_time(&mut rest) else {
            return Ok(());
        };
        let part = take(&mut rest).and_then(|[rank]| Part::of(rank));
        let (Some(part), Some(seen)) = (part, seen(Some(time), &mut rest)) else {
            return Ok(());
        };
        if !self.goes_on(&id, part, time) {
            self.close()?;
        }
        let machine = &self.machine;
        let session = self.open.get_or_insert_with(|| Session {
            machine: machine.clone(),
            logon_id: id,
            ..Session::default()
        });
        session.note(part, seen, Texts::decode(payload));
        Ok(())
    }

    /// Whether an event is of the session at hand: the same id, in the same boot, and no logon that begins
    /// another.
    fn goes_on(&self, id: &str, part: Part, time: Ticks) -> bool {
        let Some(open) = self.open.as_ref().filter(|open| open.logon_id == id) else {
            return false;
        };
        let last = open.last.map_or(time, |last| last.time);
        let rebooted = self
            .boots
            .next_start(last)
            .is_some_and(|start| start <= time);
        let logged_off = open
            .end
            .is_some_and(|end| time.0.saturating_sub(end.0) > AFTER_LOGOFF);
        let begins = part == Part::Logon
            && (open.start.is_some()
                || open
                    .first
                    .is_some_and(|first| time.0.saturating_sub(first.time.0) > BEFORE_LOGON));
        !(rebooted || logged_off || begins)
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(mut session) = self.open.take() else {
            return Ok(());
        };
        session.boot = session.since().and_then(|since| self.boots.at(since));
        if session.end.is_none() {
            session.end_by_boot(&self.boots);
        }
        match self.desktops.claim(session) {
            Some(session) => self.put(&session),
            None => Ok(()),
        }
    }

    fn put(&mut self, session: &Session) -> io::Result<()> {
        let mut pair = Vec::new();
        key::text(&mut pair, &session.machine);
        key::text(&mut pair, pair_key(session));
        key::time(&mut pair, session.since());
        key::text(&mut pair, &session.logon_id);
        self.pairs.push(&pair, &session.encode())
    }

    fn finish_machine(&mut self) -> io::Result<()> {
        self.close()?;
        for session in self.desktops.finish(&self.machine, &self.boots) {
            self.put(&session)?;
        }
        let starts = self.boots.starts();
        if starts > 0 {
            self.starts.insert(self.machine.clone(), starts);
        }
        self.boots = Boots::default();
        self.desktops = Desktops::default();
        Ok(())
    }
}

impl Session {
    /// Takes what an event says.
    fn note(&mut self, part: Part, seen: Seen, texts: Texts) {
        self.see(seen);
        self.events += 1;
        let is_logon = part == Part::Logon;
        match part {
            Part::Logon => {
                self.start = Some(seen.time);
                self.logon = Some(seen.uid);
                self.is_admin |= texts.elevated == "yes";
                self.logon_guid = texts.guid;
                self.linked_logon_id = texts.linked;
                self.logon_type = texts.logon_type;
                self.connect(Connection {
                    time: seen.time,
                    ip: texts.source_ip.clone(),
                    logon_id: self.logon_id.clone(),
                });
                self.source_ip = texts.source_ip;
                self.source_port = texts.source_port;
                self.source_host = texts.source_host;
            }
            Part::Admin => self.is_admin = true,
            Part::Process => self.processes += 1,
            Part::Other => {}
            Part::Logoff => {
                // 4647 says that the user wants to, 4634 that it is done: the first counts.
                self.end = self.end.or(Some(seen.time));
                self.end_basis = EndBasis::Logoff;
            }
        }
        for (own, other) in [(&mut self.user, texts.user), (&mut self.sid, texts.sid)] {
            if !other.is_empty() && (own.is_empty() || is_logon) {
                *own = other;
            }
        }
    }
}

fn seen(time: Option<Ticks>, rest: &mut &[u8]) -> Option<Seen> {
    let uid = Uid(take(rest)?);
    time.map(|time| Seen { time, uid })
}

/// Makes one of each pair of twins, and sorts sessions for people and for looking up.
fn join_twins(folder: &Path, budget: usize, pairs: Sorted) -> io::Result<(Sessions, Sorted)> {
    let mut by_time = Sorter::new(folder, budget);
    let mut by_id = Sorter::new(folder, budget);
    let mut by_account = Sorter::new(folder, budget);
    let mut others = Sorter::new(folder, budget);
    let mut count = 0;
    let mut waiting: Option<Session> = None;
    let mut put = |session: Session| -> io::Result<()> {
        count += 1;
        let encoded = session.encode();
        let mut place = Vec::new();
        key::text(&mut place, &session.machine);
        key::time(&mut place, session.since());
        key::text(&mut place, &session.logon_id);
        by_time.push(&place, &encoded)?;
        let is_found = session.is_remote() && !session.sid.is_empty();
        if !is_found || session.is_local() {
            others.push(&place, &encoded)?;
        }
        if is_found {
            let mut place = account_key(&session.machine, &session.sid);
            key::time(&mut place, session.start);
            key::text(&mut place, &session.logon_id);
            by_account.push(&place, &encoded)?;
        }
        let events = session.told_by.iter().map(of_event);
        for id in session.logon_ids().map(str::to_owned).chain(events) {
            let mut place = Vec::new();
            key::text(&mut place, &session.machine);
            key::text(&mut place, &id);
            key::time(&mut place, session.since());
            by_id.push(&place, &encoded)?;
        }
        Ok(())
    };
    for item in pairs {
        let Some(session) = Session::decode(&item?.payload) else {
            continue;
        };
        match &mut waiting {
            Some(first) if are_twins(first, &session) => first.absorb(session),
            _ => {
                if let Some(done) = waiting.replace(session) {
                    put(done)?;
                }
            }
        }
    }
    if let Some(last) = waiting {
        put(last)?;
    }
    let by_id = Table::write(folder, by_id.finish()?)?;
    let sessions = Sessions {
        by_id,
        by_account: Table::write(folder, by_account.finish()?)?,
        others: Table::write(folder, others.finish()?)?,
        count,
        boots: BTreeMap::new(),
    };
    Ok((sessions, by_time.finish()?))
}

impl Session {
    /// Reads one that [`Sessions::build`] sorted.
    #[must_use]
    pub fn of_item(item: &Item) -> Option<Self> {
        Self::decode(&item.payload)
    }
}

#[cfg(test)]
mod tests;
