//! What a movement left behind on its target: files that it dropped, and what makes something run again.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use timeline::{Reader, TICKS_PER_SECOND, Ticks, Uid, fields as f};

use super::beside::others;
use super::{Evidence, Movement, target_of};
use crate::deed::{Deed, Kind, List, MOST, Part, deed_of};
use crate::session::Session;

/// Things of one movement that are told, in each list.
const MOST_TOLD: usize = 200;
/// Deeds of one movement that are looked at, for each list.
const MOST_READ: usize = 10 * MOST;
/// How long before its logon is written something can be done in a session.
const BEFORE: i64 = 2 * TICKS_PER_SECOND;
/// How long before it runs a file is dropped (EVIDENCE.md §3.3), and how long after.
const DROPPED_BEFORE: i64 = 600 * TICKS_PER_SECOND;
const DROPPED_AFTER: i64 = 60 * TICKS_PER_SECOND;
/// How far records of one deed are apart in different logs (EVIDENCE.md §3, J5).
const APART: i64 = 2 * TICKS_PER_SECOND;
/// Who writes a file again so much later writes another one.
const AGAIN: i64 = 10 * TICKS_PER_SECOND;

/// Where a movement's paths stand in its events.
const PATHS: [timeline::Field; 4] = [
    f::FILE_EXT_PATH_KEY,
    f::PROCESS_EXT_EXECUTABLE_KEY,
    f::SERVICE_EXT_EXECUTABLE_KEY,
    f::DLL_EXT_PATH_KEY,
];

/// How it is known that the movement did it, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// It is one of the movement's own events.
    Event,
    /// One of its processes did it.
    Process,
    /// It was done in one of its sessions.
    Session,
    /// The kernel wrote the file, as it does over SMB, and the movement's events name it.
    System,
    /// Its account did it while its session was open, and no other session of the account was.
    Account,
}

impl By {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "one of its events",
            Self::Process => "by one of its processes",
            Self::Session => "in its session",
            Self::System => "by System, and named by its events",
            Self::Account => "by its account, while only its session was open",
        }
    }
}

/// One thing that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// When.
    pub time: Ticks,
    /// The event.
    pub event: Uid,
    /// What it is.
    pub kind: Kind,
    /// Path, or name.
    pub name: String,
    /// What it starts, where an event says so; the group, of a member.
    pub detail: String,
    /// Hash of the file, where an event gives one.
    pub hash: String,
    /// When it was removed again.
    pub removed: Option<Ticks>,
    /// How it is known.
    pub by: By,
}

impl Left {
    /// What it is, in words.
    #[must_use]
    pub fn words(&self, list: List) -> String {
        let name = &self.name;
        let (what, mark) = match self.kind {
            Kind::File if list == List::Files => return name.clone(),
            Kind::File => return format!("start-up item {name}"),
            Kind::Member => return format!("{name} added to group {}", self.detail),
            Kind::Service => ("service", ": "),
            Kind::Task => ("task", ": "),
            Kind::Autostart => ("registry", " = "),
            Kind::Subscription => ("WMI", ": "),
            Kind::Account => ("account", ": "),
        };
        let mark = if self.detail.is_empty() { "" } else { mark };
        format!("{what} {name}{mark}{}", self.detail)
    }

    /// Only that it was removed is recorded.
    #[must_use]
    pub fn is_only_removed(&self) -> bool {
        self.removed == Some(self.time)
    }
}

impl Left {
    /// Whether it is one service: the System log has the name that is displayed (7045), the Security log and the
    /// registry that of its key (4697), and what all of them have is the program and the time.
    fn is_same_service(&self, other: &Self) -> bool {
        let is_service = self.kind == Kind::Service && other.kind == Kind::Service;
        let is_near = self.time.0.abs_diff(other.time.0) <= AGAIN.unsigned_abs();
        is_service && is_near && self.detail.eq_ignore_ascii_case(&other.detail)
    }

    fn join(&mut self, other: &Self) {
        self.name = format!("{} ({})", self.name, other.name);
        self.removed = self.removed.or(other.removed);
        self.by = self.by.min(other.by);
    }
}

/// What was left, in the order of the times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// Each thing once.
    pub all: Vec<Left>,
    /// There was more than is told.
    pub is_cut: bool,
}

/// What a movement left on its target.
pub(super) fn behind(
    evidence: Evidence<'_>,
    movement: &Movement,
    list: List,
) -> io::Result<LeftBehind> {
    let Some(machine) = target_of(evidence, movement) else {
        return Ok(LeftBehind::default());
    };
    let search = Search {
        evidence,
        movement,
        machine,
        list,
    };
    let mut pile = Pile::default();
    search.own(&mut pile);
    search.of_processes(&mut pile)?;
    search.of_sessions(&mut pile)?;
    match list {
        List::Files => search.by_system(&mut pile)?,
        List::Persistence => search.of_accounts(&mut pile)?,
    }
    search.told(pile)
}

/// What the movement did to one thing.
struct Found {
    /// That it made it, or else that it removed it: the first.
    first: Deed,
    /// When it made it last.
    last: Ticks,
    by: By,
}

impl Found {
    /// Another record of it, or of something done to it.
    fn join(&mut self, deed: Deed, by: By) {
        self.by = self.by.min(by);
        self.last = self.last.max(deed.time);
        let place = |deed: &Deed| (deed.part, deed.time, deed.uid);
        let mut other = deed;
        if place(&other) < place(&self.first) {
            std::mem::swap(&mut self.first, &mut other);
        }
        for (own, others) in [
            (&mut self.first.detail, other.detail),
            (&mut self.first.hash, other.hash),
        ] {
            if own.is_empty() {
                *own = others;
            }
        }
        self.first.is_program |= other.is_program;
    }
}

/// All that was found so far, each thing once.
#[derive(Default)]
struct Pile {
    found: BTreeMap<(Kind, String), Found>,
    read: usize,
    is_cut: bool,
}

impl Pile {
    /// Takes what a look-up gave, which gives no more than [`MOST`].
    fn take(&mut self, deeds: Vec<Deed>, by: By) {
        self.is_cut |= deeds.len() >= MOST;
        self.read += deeds.len();
        for deed in deeds {
            self.add(deed, by);
        }
    }

    fn add(&mut self, deed: Deed, by: By) {
        match self.found.entry((deed.kind, deed.object.clone())) {
            Entry::Occupied(mut known) => known.get_mut().join(deed, by),
            Entry::Vacant(new) => {
                new.insert(Found {
                    last: deed.time,
                    first: deed,
                    by,
                });
            }
        }
    }

    /// Whether enough was looked at.
    fn is_full(&mut self) -> bool {
        let is_full = self.read >= MOST_READ;
        self.is_cut |= is_full;
        is_full
    }
}

struct Search<'a> {
    evidence: Evidence<'a>,
    movement: &'a Movement,
    machine: String,
    list: List,
}

impl Search<'_> {
    /// What the movement's own events tell of.
    fn own(&self, pile: &mut Pile) {
        let reader = Reader::new(self.evidence.events);
        for &row in &self.movement.target_events {
            if let Some(deed) = deed_of(&reader, row).filter(|deed| deed.is_of(self.list)) {
                pile.add(deed, By::Event);
            }
        }
    }

    fn of_processes(&self, pile: &mut Pile) -> io::Result<()> {
        for branch in &self.movement.tree.branches {
            let entity = &branch.process.entity;
            if !entity.is_empty() && !pile.is_full() {
                let deeds = self.evidence.deeds;
                let deeds = deeds.of_process(self.list, &self.machine, entity)?;
                pile.take(deeds, By::Process);
            }
        }
        Ok(())
    }

    fn sessions(&self) -> impl Iterator<Item = &Session> {
        let sessions = self.movement.sessions.iter();
        sessions.filter(|session| session.is_remote())
    }

    fn of_sessions(&self, pile: &mut Pile) -> io::Result<()> {
        for session in self.sessions() {
            let (Some(since), Some(last)) = (session.since(), session.last) else {
                continue;
            };
            let between = (Ticks(since.0.saturating_sub(BEFORE)), last.time);
            for id in session.logon_ids() {
                if pile.is_full() {
                    return Ok(());
                }
                let deeds = self.evidence.deeds;
                let deeds = deeds.of_logon(self.list, &self.machine, id, between)?;
                pile.take(deeds, By::Session);
            }
        }
        Ok(())
    }

    /// Files that the kernel wrote and the movement's events name, shortly before or after.
    fn by_system(&self, pile: &mut Pile) -> io::Result<()> {
        let (Some(start), Some(end)) = (self.movement.start, self.movement.end) else {
            return Ok(());
        };
        let between = (
            Ticks(start.0.saturating_sub(DROPPED_BEFORE)),
            Ticks(end.0.saturating_add(DROPPED_AFTER)),
        );
        for path in self.paths() {
            if pile.is_full() {
                break;
            }
            let object = (Kind::File, path.as_str());
            let mut deeds = self
                .evidence
                .deeds
                .of_object(&self.machine, object, between)?;
            deeds.retain(|deed| deed.by_system && deed.part == Part::Made && deed.is_of(self.list));
            pile.take(deeds, By::System);
        }
        Ok(())
    }

    /// The files that the movement's events on its target name.
    fn paths(&self) -> BTreeSet<String> {
        let reader = Reader::new(self.evidence.events);
        let rows = self.movement.target_events.iter();
        rows.flat_map(|&row| PATHS.into_iter().map(move |field| (field, row)))
            .filter_map(|(field, row)| reader.text(field, row))
            .map(str::to_owned)
            .collect()
    }

    /// What is recorded with the account alone. Where another session of it can have been open, nobody knows whose it
    /// was, and it is left out.
    fn of_accounts(&self, pile: &mut Pile) -> io::Result<()> {
        for session in self.sessions() {
            let Some(between) = session.since().zip(session.until()) else {
                continue;
            };
            let mut deeds = Vec::new();
            for account in [session.sid.clone(), session.user.to_lowercase()] {
                if !account.is_empty() && !pile.is_full() {
                    let own = self.evidence.deeds;
                    let own = own.of_account(self.list, &self.machine, &account, between)?;
                    pile.is_cut |= own.len() >= MOST;
                    deeds.extend(own);
                }
            }
            if deeds.is_empty() {
                continue;
            }
            let others = others(self.evidence, self.movement, session, between)?;
            deeds.retain(|deed| {
                let mut others = others.iter().flatten();
                !others.any(|other| other.may_be_open(deed.time))
            });
            if others.is_none() {
                deeds.clear();
                pile.is_cut = true;
            }
            pile.take(deeds, By::Account);
        }
        Ok(())
    }

    /// The list, with what became of each thing.
    fn told(&self, pile: Pile) -> io::Result<LeftBehind> {
        // That something was removed is told of programs alone: what else was there before is not the movement's.
        let is_told = |found: &Found| found.first.part == Part::Made || found.first.is_program;
        let mut found: Vec<Found> = pile.found.into_values().filter(is_told).collect();
        found.sort_by_key(|found| (found.first.time, found.first.uid));
        let mut behind = LeftBehind {
            is_cut: pile.is_cut || found.len() > MOST_TOLD,
            all: Vec::new(),
        };
        for found in found.into_iter().take(MOST_TOLD) {
            let left = self.left(found)?;
            match behind
                .all
                .iter_mut()
                .find(|known| known.is_same_service(&left))
            {
                Some(known) => known.join(&left),
                None => behind.all.push(left),
            }
        }
        Ok(behind)
    }

    fn left(&self, mut found: Found) -> io::Result<Left> {
        let is_made = found.first.part == Part::Made;
        let removed = if is_made {
            self.follow(&mut found)?
        } else {
            Some(found.first.time)
        };
        let Found { first, by, .. } = found;
        Ok(Left {
            time: first.time,
            event: first.uid,
            kind: first.kind,
            name: first.name,
            detail: first.detail,
            hash: first.hash,
            removed,
            by,
        })
    }

    /// When something that was made was removed again, and on the way there the hash of a file: of an event of it, or of
    /// the process that ran from there.
    fn follow(&self, found: &mut Found) -> io::Result<Option<Ticks>> {
        let first = &mut found.first;
        let from = Ticks(first.time.0.saturating_sub(APART));
        let object = (first.kind, first.object.as_str());
        let ever = (from, Ticks(i64::MAX));
        let history = self.evidence.deeds.of_object(&self.machine, object, ever)?;
        let again = Ticks(found.last.0.saturating_add(AGAIN));
        let (mut hash, mut until, mut removed) = (String::new(), ever.1, None);
        for deed in history {
            let is_removed = deed.part == Part::Removed && deed.time >= first.time;
            // What somebody put in its place later is something else.
            let is_another = deed.part == Part::Made && deed.time > again;
            if !is_another && hash.is_empty() {
                hash = deed.hash;
            }
            if is_removed || is_another {
                removed = is_removed.then_some(deed.time);
                until = deed.time;
                break;
            }
        }
        if first.hash.is_empty() && first.kind == Kind::File {
            if hash.is_empty() {
                let processes = self.evidence.processes;
                let between = (from, until);
                hash = processes.hash_of(&self.machine, &first.object, between)?;
            }
            first.hash = hash;
        }
        Ok(removed)
    }
}
