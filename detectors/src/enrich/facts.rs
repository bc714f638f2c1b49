//! What the first look learnt, looked up by host.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use timeline::sort::{Item, Sorted, Sorter};
use timeline::table::{Cursor, Table};
use timeline::{TICKS_PER_SECOND, Ticks, key};

use super::gather::{
    self, ADDRESS, BOOT, LIFE, LOGON, NAME, NAME_OF_SID, PROCESS, REGISTRY_ADDRESS, RENAME,
    SIGNATURE, host_fact, pid_fact,
};
use super::life::{Life, Lives};

/// How long an address stays a host's own before and after it was seen (ECS.md §7.5).
const OWN_FOR: i64 = 24 * 3600 * TICKS_PER_SECOND;
/// How many addresses of a host are remembered at once. Real hosts have a handful.
const MOST_ADDRESSES: usize = 256;
/// How many boots of a host are kept in memory. Where there are more, no pid is resolved.
const MOST_BOOTS: usize = 64 * 1024;
/// How many changes of machines' names are believed.
const MOST_RENAMES: usize = 64 * 1024;
/// How many lives of one pid may come into question at once.
const MOST_LIVES: usize = 8;

/// The facts of all hosts, on disk.
#[derive(Debug)]
pub struct Facts(Table);

impl Facts {
    /// Sorts out what the sorter holds.
    pub fn build(folder: &Path, facts: Sorter) -> io::Result<Self> {
        let distinct = Distinct {
            sorted: facts.finish()?,
            pending: None,
            lives: Lives::default(),
        };
        Ok(Self(Table::write(folder, distinct)?))
    }

    /// The addresses of a host, with the times for which they are known to be its own.
    pub fn own_addresses(&self, host: &str) -> io::Result<Addresses> {
        self.addresses(ADDRESS, host)
    }

    /// The same as the host's registry has them: leases, and fixed ones.
    pub(crate) fn registry_addresses(&self, host: &str) -> io::Result<Addresses> {
        self.addresses(REGISTRY_ADDRESS, host)
    }

    fn addresses(&self, kind: u8, host: &str) -> io::Result<Addresses> {
        let prefix = host_fact(kind, host);
        let mut addresses = Addresses::default();
        self.0.with_prefix(&prefix, |key, last| {
            let first = split_address(&key[prefix.len()..]);
            if let (Some((ip, first)), Some(last)) = (first, key::read_time(last)) {
                addresses.add(ip, first, last);
            }
        })?;
        addresses.order();
        Ok(addresses)
    }

    /// The changes of machines' names that were recorded: old and new.
    pub fn renames(&self) -> io::Result<BTreeSet<(String, String)>> {
        let mut renames = BTreeSet::new();
        self.0.with_prefix(&[RENAME], |key, _| {
            let mut names = key.get(1..).unwrap_or_default();
            let pair = key::take_text(&mut names).zip(key::take_text(&mut names));
            if renames.len() < MOST_RENAMES {
                renames.extend(pair);
            }
        })?;
        Ok(renames)
    }

    /// A reader for many questions about one host.
    pub(super) fn of_host<'f>(&'f self, host: &'f str) -> io::Result<HostFacts<'f>> {
        let prefix = host_fact(BOOT, host);
        let mut boots = Vec::new();
        self.0.with_prefix(&prefix, |key, _| {
            if boots.len() <= MOST_BOOTS {
                boots.extend(gather::time_after(key, &prefix));
            }
        })?;
        Ok(HostFacts {
            host,
            cursor: self.0.cursor(),
            boots,
        })
    }

    /// Domain and name of every account that a SID has a name of.
    pub(super) fn accounts(&self, mut each: impl FnMut(&str, &str)) -> io::Result<()> {
        self.0.with_prefix(&[NAME_OF_SID], |key, _| {
            let mut rest = key.get(1..).unwrap_or_default();
            if key::take_text(&mut rest).is_some()
                && let Some(account) = Account::decode(rest)
            {
                each(&account.domain, &account.name);
            }
        })
    }

    /// The NetBIOS name of the domain that events of a SID use, when they agree on one.
    pub(crate) fn short_domain(&self, sid: &str) -> io::Result<Option<String>> {
        self.only_of_sid(sid, |account| Some(account.domain))
    }

    /// `DOMAIN\name` of an account on a host, when all events that name its SID agree. A SID of a
    /// domain means one account in the whole case, one of a machine only there.
    pub(super) fn name_of_sid(&self, host: &str, sid: &str) -> io::Result<Option<String>> {
        self.only_of_sid(sid, |account| {
            let is_here = account.only_on.is_empty() || account.only_on == host;
            is_here.then(|| format!("{}\\{}", account.domain, account.name))
        })
    }

    /// What all names of a SID have alike, whatever their case.
    fn only_of_sid(
        &self,
        sid: &str,
        part: impl Fn(Account) -> Option<String>,
    ) -> io::Result<Option<String>> {
        let mut fact = vec![NAME_OF_SID];
        key::text(&mut fact, sid);
        let mut only: Option<String> = None;
        let mut agree = true;
        self.0.with_prefix(&fact, |key, _| {
            let account = key.get(fact.len()..).and_then(Account::decode);
            let Some(part) = account.and_then(&part) else {
                return;
            };
            match &only {
                Some(known) => agree &= known.eq_ignore_ascii_case(&part),
                None => only = Some(part),
            }
        })?;
        Ok(only.filter(|_| agree))
    }

    /// The SID that a name stands for on a host, when the host's log gives it only one.
    pub(super) fn sid_of_name(&self, host: &str, account: &str) -> io::Result<Option<String>> {
        let mut fact = host_fact(NAME, host);
        key::text(&mut fact, account);
        let mut sids = Vec::new();
        self.0.with_prefix(&fact, |_, sid| {
            sids.push(String::from_utf8_lossy(sid).into_owned());
        })?;
        Ok(if sids.len() == 1 { sids.pop() } else { None })
    }

    /// The logon session that bore an id at a time: that of the last logon before, in the same boot,
    /// for logon ids begin again after each.
    pub(super) fn session(&self, host: &str, id: &str, at: Ticks) -> io::Result<Option<Session>> {
        let mut prefix = host_fact(LOGON, host);
        key::text(&mut prefix, id);
        let mut last = None;
        // The log writes a logon a moment after the session's first process may have started.
        let until = Ticks(at.0.saturating_add(2 * TICKS_PER_SECOND));
        self.0.with_prefix(&prefix, |key, session| {
            if let Some(time) = gather::time_after(key, &prefix).filter(|&time| time <= until) {
                last = Session::decode(session).map(|session| (time, session));
            }
        })?;
        let Some((logon, session)) = last else {
            return Ok(None);
        };
        Ok((!self.booted_between(host, logon, at)?).then_some(session))
    }

    fn booted_between(&self, host: &str, from: Ticks, to: Ticks) -> io::Result<bool> {
        let prefix = host_fact(BOOT, host);
        let mut booted = false;
        self.0.with_prefix(&prefix, |key, _| {
            booted |=
                gather::time_after(key, &prefix).is_some_and(|time| from < time && time <= to);
        })?;
        Ok(booted)
    }
}

/// Who a logon session is, how it was logged on, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) sid: String,
    pub(super) logon_type: String,
    pub(super) address: String,
}

impl Session {
    fn decode(mut payload: &[u8]) -> Option<Self> {
        Some(Self {
            sid: key::take_text(&mut payload)?,
            logon_type: key::take_text(&mut payload)?,
            address: key::take_text(&mut payload)?,
        })
    }
}

/// What a SID is called.
struct Account {
    domain: String,
    name: String,
    /// The machine that the account is of; empty for accounts of a domain.
    only_on: String,
}

impl Account {
    fn decode(mut key: &[u8]) -> Option<Self> {
        Some(Self {
            domain: key::take_text(&mut key)?,
            name: key::take_text(&mut key)?,
            only_on: key::take_text(&mut key)?,
        })
    }
}

/// The facts of one host.
pub(super) struct HostFacts<'f> {
    host: &'f str,
    cursor: Cursor<'f>,
    pub(super) boots: Vec<Ticks>,
}

/// Which process had this pid at that time?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question<'q> {
    pub(super) pid: i64,
    pub(super) at: Ticks,
    /// What it ran, in lower case, if that is known.
    pub(super) image: &'q str,
}

impl HostFacts<'_> {
    /// When a process started, and what its start said: each value with the place of its field.
    /// Nothing, where starts that bear one identity contradict each other.
    pub(super) fn process(&mut self, entity: &str) -> io::Result<Option<Start>> {
        let mut start = None;
        self.one(PROCESS, entity, |payload| {
            start = payload.split_at_checked(8).map(|(time, values)| Start {
                time: key::read_time(time),
                values: owned(values),
            });
        })?;
        Ok(start)
    }

    /// What is known of the signature of a process's image.
    pub(super) fn signature(&mut self, entity: &str) -> io::Result<Vec<(usize, String)>> {
        let mut values = Vec::new();
        self.one(SIGNATURE, entity, |payload| values = owned(payload))?;
        Ok(values)
    }

    fn one(&mut self, kind: u8, entity: &str, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let mut fact = host_fact(kind, self.host);
        key::text(&mut fact, entity);
        self.cursor.with_prefix(&fact, |_, payload| each(payload))
    }

    /// Answers questions, given in their order: `answer` gets the place of each, and the life, if
    /// there is one. It is not called where several come into question.
    ///
    /// The lives of a pid are read once for all its questions, and only those are kept that come
    /// into question, so this needs little memory whatever the evidence holds.
    pub(super) fn lives(
        &mut self,
        questions: &[Question<'_>],
        mut answer: impl FnMut(usize, Option<&Life>),
    ) -> io::Result<()> {
        if self.boots.len() > MOST_BOOTS {
            return Ok(());
        }
        let mut first = 0;
        for of_pid in questions.chunk_by(|a, b| a.pid == b.pid) {
            self.lives_of_pid(of_pid, |place, life| answer(first + place, life))?;
            first += of_pid.len();
        }
        Ok(())
    }

    fn lives_of_pid(
        &mut self,
        questions: &[Question<'_>],
        mut answer: impl FnMut(usize, Option<&Life>),
    ) -> io::Result<()> {
        let [Question { pid, .. }, ..] = questions else {
            return Ok(());
        };
        let from = pid_fact(self.host, *pid);
        let mut to = from.clone();
        key::time(&mut to, questions.last().map(|last| last.at));
        let boots = &self.boots;
        let mut near: Vec<Life> = Vec::new();
        let mut next = 0;
        let mut answer_next = |near: &[Life], next: usize| {
            let Question { at, image, .. } = questions[next];
            let mut fit = near
                .iter()
                .filter(|life| life.answers(at, image, *pid, boots));
            let (life, other) = (fit.next(), fit.next());
            if other.is_none() && near.len() <= MOST_LIVES {
                answer(next, life);
            }
        };
        self.cursor.range(&from, &to, |key, payload| {
            let begin = gather::time_after(key, &from);
            let (Some(begin), Some(life)) = (begin, Life::decode(payload)) else {
                return;
            };
            while questions.get(next).is_some_and(|next| next.at < begin) {
                answer_next(&near, next);
                next += 1;
            }
            if let Some(next) = questions.get(next) {
                near.retain(|life| !life.is_over_at(next.at));
            }
            // One too many is kept, to tell that there are too many.
            if near.len() <= MOST_LIVES {
                near.push(life);
            }
        })?;
        (next..questions.len()).for_each(|next| answer_next(&near, next));
        Ok(())
    }
}

fn owned(values: &[u8]) -> Vec<(usize, String)> {
    let decoded = gather::decode(values).into_iter();
    decoded
        .map(|(place, text)| (place, text.to_owned()))
        .collect()
}

/// What is known of the start of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) time: Option<Ticks>,
    /// Values, each with the place of its field in [`gather::OF_PROCESS`].
    pub(super) values: Vec<(usize, String)>,
}

/// Facts without repetitions: of equal keys the first, and of one address's sights, as long as they
/// follow each other closely enough, one with the last sight as payload. Starts of processes that
/// bear one identity and differ say nothing. The signs of a pid become its lives.
struct Distinct {
    sorted: Sorted,
    pending: Option<Item>,
    lives: Lives,
}

impl Distinct {
    /// Whether the item says nothing that the pending one does not; that then says it, too.
    fn absorbs(&mut self, item: &Item) -> bool {
        let Some(pending) = &mut self.pending else {
            return false;
        };
        match item.key.first() {
            Some(&(ADDRESS | REGISTRY_ADDRESS)) => {}
            Some(&(PROCESS | SIGNATURE)) => {
                let same = pending.key == item.key;
                if same && pending.payload != item.payload {
                    pending.payload.clear();
                }
                return same;
            }
            _ => return pending.key == item.key,
        }
        let (Some(before), Some(own)) = (
            pending.key.split_last_chunk::<8>(),
            item.key.split_last_chunk::<8>(),
        ) else {
            return false;
        };
        let (Some(last), Some(time)) = (key::read_time(&pending.payload), key::read_time(own.1))
        else {
            return false;
        };
        let close = before.0 == own.0 && time.0.saturating_sub(last.0) <= 2 * OWN_FOR;
        if close {
            let until = key::read_time(&item.payload).unwrap_or(time);
            pending.payload.clear();
            key::time(&mut pending.payload, Some(last.max(until)));
        }
        close
    }

    /// Takes an item; gives the one before, if that is done.
    fn pend(&mut self, mut item: Item) -> Option<Item> {
        if self.absorbs(&item) {
            return None;
        }
        if let (Some(&(ADDRESS | REGISTRY_ADDRESS)), Some((_, time)), true) = (
            item.key.first(),
            item.key.split_last_chunk::<8>(),
            item.payload.is_empty(),
        ) {
            item.payload = time.to_vec();
        }
        self.pending.replace(item)
    }
}

impl Iterator for Distinct {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(item) = self.sorted.next() else {
                let last = self.pending.take().or_else(|| self.lives.finish());
                return last.map(Ok);
            };
            let item = match item {
                Ok(item) => item,
                Err(error) => return Some(Err(error)),
            };
            // Facts of other kinds stand before and behind the lives: never are both pending.
            let (life, done) = if item.key.first() == Some(&LIFE) {
                (self.lives.take(&item), self.pending.take())
            } else {
                (self.lives.finish(), self.pend(item))
            };
            if let Some(done) = life.or(done) {
                return Some(Ok(done));
            }
        }
    }
}

/// The address and the time in the rest of an address fact's key.
fn split_address(rest: &[u8]) -> Option<(&str, Ticks)> {
    let (ip, time) = rest.split_at_checked(rest.len().checked_sub(8)?)?;
    let ip = ip.strip_suffix(&[0, 0])?;
    Some((std::str::from_utf8(ip).ok()?, key::read_time(time)?))
}

/// Addresses of one host, each with the times for which it is known to be the host's own.
#[derive(Clone, Debug, Default)]
pub struct Addresses(Vec<(String, Vec<(Ticks, Ticks)>)>);

impl Addresses {
    /// Adds a time from the first to the last sight of an address as the host's own.
    fn add(&mut self, ip: &str, first: Ticks, last: Ticks) {
        let (from, to) = (
            Ticks(first.0.saturating_sub(OWN_FOR)),
            Ticks(last.0.saturating_add(OWN_FOR)),
        );
        if self.0.last().is_none_or(|(known, _)| known != ip) {
            if self.0.len() == MOST_ADDRESSES {
                return;
            }
            self.0.push((ip.to_owned(), Vec::new()));
        }
        if let Some((_, periods)) = self.0.last_mut() {
            periods.push((from, to));
        }
    }

    #[cfg(test)]
    pub(super) fn add_for_test(&mut self, ip: &str, time: Ticks) {
        self.add(ip, time, time);
    }

    /// IPv4 first: string functions see the first one (ECS.md §1, `host.ip`).
    fn order(&mut self) {
        self.0.sort_by_key(|(ip, _)| ip.contains(':'));
    }

    /// Whether the address was the host's own at that time.
    #[must_use]
    pub fn contains(&self, ip: &str, at: Ticks) -> bool {
        self.0
            .iter()
            .any(|(known, periods)| known == ip && within(periods, at))
    }

    /// The addresses that were the host's own at some time.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(ip, _)| ip.as_str())
    }

    /// Each address with the first and the last time that it was seen to be the host's own.
    pub(crate) fn seen(&self) -> impl Iterator<Item = (&str, Ticks, Ticks)> {
        self.0.iter().flat_map(|(ip, periods)| {
            let seen = |&(from, to): &(Ticks, Ticks)| {
                let first = Ticks(from.0.saturating_add(OWN_FOR));
                (ip.as_str(), first, Ticks(to.0.saturating_sub(OWN_FOR)))
            };
            periods.iter().map(seen)
        })
    }

    /// The host's own addresses at that time.
    #[must_use]
    pub fn at(&self, at: Ticks) -> Vec<&str> {
        let valid = self.0.iter().filter(|(_, periods)| within(periods, at));
        valid.map(|(ip, _)| ip.as_str()).collect()
    }
}

fn within(periods: &[(Ticks, Ticks)], at: Ticks) -> bool {
    periods.iter().any(|&(from, to)| from <= at && at <= to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts of a few sights of addresses on one host, by hour.
    fn facts(sights: &[(&str, i64)]) -> (tempfile::TempDir, Facts) {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), 1 << 20);
        for (ip, hour) in sights {
            let mut fact = host_fact(ADDRESS, "srv02");
            key::text(&mut fact, ip);
            key::time(&mut fact, Some(hours(*hour)));
            sorter.push(&fact, &[]).unwrap();
        }
        let facts = Facts::build(folder.path(), sorter).unwrap();
        (folder, facts)
    }

    fn hours(hours: i64) -> Ticks {
        Ticks(hours * 3600 * TICKS_PER_SECOND)
    }

    /// Addresses of the registry: a lease from its beginning to its end, and a day around them; a fixed one from its
    /// key's time on. They are not among those that are proven by what the host did.
    #[test]
    fn the_registry_s_addresses_are_of_a_kind_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), 1 << 20);
        for (ip, from, to) in [
            ("10.0.0.5", 0, hours(200)),
            ("192.0.2.7", 100, gather::ALWAYS),
        ] {
            let mut fact = host_fact(REGISTRY_ADDRESS, "srv02");
            key::text(&mut fact, ip);
            key::time(&mut fact, Some(hours(from)));
            let mut last = Vec::new();
            key::time(&mut last, Some(to));
            sorter.push(&fact, &last).unwrap();
        }
        let facts = Facts::build(folder.path(), sorter).unwrap();
        let addresses = facts.registry_addresses("srv02").unwrap();
        assert_eq!(addresses.at(hours(50)), ["10.0.0.5"]);
        assert_eq!(addresses.at(hours(210)), ["10.0.0.5", "192.0.2.7"]);
        assert_eq!(addresses.at(hours(300_000)), ["192.0.2.7"]);
        assert!(
            facts
                .own_addresses("srv02")
                .unwrap()
                .at(hours(50))
                .is_empty()
        );
    }

    #[test]
    fn an_address_is_own_for_a_day_around_each_sight() {
        let sights = [
            ("10.0.0.1", 200),
            ("10.0.0.1", 0),
            ("10.0.0.1", 40),
            ("fe80::1", 0),
        ];
        let (_folder, facts) = facts(&sights);
        let addresses = facts.own_addresses("srv02").unwrap();
        for (time, own) in [
            (-25, false),
            (-24, true),
            (64, true),
            (65, false),
            (176, true),
        ] {
            assert_eq!(addresses.contains("10.0.0.1", hours(time)), own, "{time}");
        }
        assert_eq!(addresses.at(hours(0)), ["10.0.0.1", "fe80::1"]);
        assert!(!addresses.contains("10.0.0.2", hours(0)));
        assert!(facts.own_addresses("srv0").unwrap().at(hours(0)).is_empty());
    }
}
