//! What remote desktop clients recorded on the source (EVIDENCE.md §2.1, §3 J9, J10, J19).
//!
//! A client says in several events where it goes (1024 as typed, 1102 the address) and as whom (1029): they have the
//! activity in common.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::Path;

use timeline::sort::{Batch, Item, Sorter};
use timeline::table::Table;
use timeline::{Reader, TICKS_PER_SECOND, Ticks, Uid, fields as f, key};

use super::Skew;
use crate::enrich::{same_host, short_label};
use crate::names::{bare, qualified};

const PROVIDER: &str = "Microsoft-Windows-TerminalServices-ClientActiveXCore";
/// The kind of these notes.
const CLIENT: u8 = b'R';
/// Events of one connection without an activity follow each other this close.
const ONE: i64 = 5 * TICKS_PER_SECOND;
/// How long before the session begins its client was started: it reaches the target within 30 s, and somebody types a
/// password (EVIDENCE.md §2.1).
const BEFORE: i64 = 90 * TICKS_PER_SECOND;
/// How long after.
const AFTER: i64 = 5 * TICKS_PER_SECOND;
/// Connections to one host around one time that are looked at.
const MOST_SEEN: usize = 4096;
/// Events of one connection that are kept.
const MOST: usize = 64;

/// A connection of a remote desktop client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Client {
    /// Its first event.
    pub time: Ticks,
    /// Identity of that event.
    pub uid: Uid,
    /// Identity of the machine that it ran on.
    pub machine: String,
    /// What that machine is called.
    pub host: String,
    /// SID of whose client it was.
    pub sid: String,
    /// The user that was named, where the case has one whose name fits the hash.
    pub user: String,
    /// Where it went to: names and addresses.
    pub targets: Vec<String>,
    /// Its events, `1024 1102 1029`, each code once.
    pub codes: Vec<String>,
}

impl Client {
    /// Whether another event can be of the same connection where no activity says so.
    fn goes_on_with(&self, other: &Self) -> bool {
        let begins = |client: &Self| client.codes.iter().any(|code| code == "1024");
        self.sid == other.sid && !(begins(self) && begins(other))
    }

    fn join(&mut self, other: Self) {
        for (own, other) in [(&mut self.sid, other.sid), (&mut self.user, other.user)] {
            if own.is_empty() {
                *own = other;
            }
        }
        for (own, other) in [
            (&mut self.targets, other.targets),
            (&mut self.codes, other.codes),
        ] {
            for text in other {
                if !own.contains(&text) && own.len() < MOST {
                    own.push(text);
                }
            }
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for text in [&self.machine, &self.host, &self.sid, &self.user] {
            key::text(&mut bytes, text);
        }
        for list in [&self.targets, &self.codes] {
            key::text(&mut bytes, &list.join("\n"));
        }
        bytes
    }

    fn decode(time: Ticks, uid: Uid, mut bytes: &[u8]) -> Option<Self> {
        let mut text = || key::take_text(&mut bytes);
        let (machine, host, sid, user) = (text()?, text()?, text()?, text()?);
        let mut list = || text().map(|text| text.lines().map(str::to_owned).collect());
        Some(Self {
            time,
            uid,
            machine,
            host,
            sid,
            user,
            targets: list()?,
            codes: list()?,
        })
    }
}

/// Notes an event of a remote desktop client.
pub(super) fn note(reader: &Reader<'_>, row: u32, time: Ticks, machine: &str, batch: &mut Batch) {
    let text = |field| reader.text(field, row).unwrap_or_default();
    let code = text(f::EVENT_CODE);
    if !matches!(code, "1024" | "1102" | "1029") || text(f::EVENT_PROVIDER) != PROVIDER {
        return;
    }
    let Some(own) = reader.segment().rows.get(row as usize) else {
        return;
    };
    let mut fact = vec![CLIENT];
    key::text(&mut fact, machine);
    key::text(&mut fact, text(f::WINLOG_ACTIVITY_ID));
    key::time(&mut fact, Some(time));
    fact.extend(own.uid.0);
    let targets = [f::DESTINATION_DOMAIN, f::DESTINATION_IP];
    let targets = targets
        .into_iter()
        .filter_map(|field| reader.text(field, row));
    let client = Client {
        time,
        uid: own.uid,
        machine: machine.to_owned(),
        host: reader.segment().strings.get(own.host).to_owned(),
        sid: text(f::USER_ID).to_owned(),
        user: qualified(text(f::USER_TARGET_DOMAIN), text(f::USER_TARGET_NAME)),
        targets: targets
            .map(|name| name.replace(['\n', '\r'], " "))
            .collect(),
        codes: vec![code.to_owned()],
    };
    batch.push(&fact, &client.encode());
}

/// Puts the events of each connection together, in notes that come sorted.
#[derive(Debug)]
pub(super) struct ClientNotes {
    sorter: Sorter,
    /// Machine and activity of the connection at hand, and its last time.
    now: Option<(Vec<u8>, Ticks, Client)>,
}

impl ClientNotes {
    pub(super) fn new(folder: &Path, budget: usize) -> Self {
        Self {
            sorter: Sorter::new(folder, budget),
            now: None,
        }
    }

    pub(super) fn see(&mut self, item: &Item) -> io::Result<()> {
        let Some((activity, client)) = read(item) else {
            return Ok(());
        };
        let time = client.time;
        if let Some((own, last, known)) = &mut self.now
            && *own == activity
            && time.0.saturating_sub(last.0) <= ONE
            && (has_activity(&activity) || known.goes_on_with(&client))
        {
            known.join(client);
            *last = time;
            return Ok(());
        }
        self.flush()?;
        self.now = Some((activity, time, client));
        Ok(())
    }

    /// Puts the connection at hand where each of its targets is looked up.
    fn flush(&mut self) -> io::Result<()> {
        let Some((_, _, client)) = self.now.take() else {
            return Ok(());
        };
        for target in &client.targets {
            let mut fact = target_key(target);
            key::time(&mut fact, Some(client.time));
            fact.extend(client.uid.0);
            self.sorter.push(&fact, &client.encode())?;
        }
        Ok(())
    }

    pub(super) fn finish(
        mut self,
        folder: &Path,
        called: BTreeMap<String, Vec<String>>,
    ) -> io::Result<Clients> {
        self.flush()?;
        Ok(Clients {
            table: Table::write(folder, self.sorter.finish()?)?,
            called,
        })
    }
}

/// Whether the key of notes ends with an activity.
fn has_activity(activity: &[u8]) -> bool {
    let mut rest = activity.get(1..).unwrap_or_default();
    let _ = key::take_text(&mut rest);
    key::take_text(&mut rest).is_some_and(|activity| !activity.is_empty())
}

/// Whether what a client typed is a name or an address of a host.
fn same_end(target: &str, name: &str) -> bool {
    match target.parse::<IpAddr>() {
        Ok(ip) => name.parse::<IpAddr>().is_ok_and(|name| name == ip),
        Err(_) => same_host(target, name),
    }
}

/// Whether the user that a client named can be that of a session: the domain may be left out.
fn may_be(named: &str, user: &str) -> bool {
    named.is_empty() || user.is_empty() || bare(named) == bare(user)
}

/// A name by its first label, an address as it is.
fn target_key(target: &str) -> Vec<u8> {
    let mut fact = Vec::new();
    match target.parse::<IpAddr>() {
        Ok(ip) => key::text(&mut fact, &ip.to_string()),
        Err(_) => key::text(&mut fact, &short_label(target)),
    }
    fact
}

fn read(item: &Item) -> Option<(Vec<u8>, Client)> {
    if item.key.first() != Some(&CLIENT) {
        return None;
    }
    let (activity, rest) = item.key.split_at_checked(item.key.len().checked_sub(24)?)?;
    let (time, uid) = rest.split_first_chunk::<8>()?;
    let uid = Uid(uid.try_into().ok()?);
    let client = Client::decode(key::read_time(time)?, uid, &item.payload)?;
    Some((activity.to_owned(), client))
}

/// What remote desktop clients recorded, on disk.
#[derive(Debug)]
pub struct Clients {
    table: Table,
    /// Names and addresses of each machine.
    called: BTreeMap<String, Vec<String>>,
}

impl Clients {
    /// The clients on other machines that went to a machine when a session began there at a time: of each machine the
    /// nearest.
    pub fn of_session(
        &self,
        (machine, user): (&str, &str),
        began: Ticks,
        skew: &Skew,
    ) -> io::Result<Vec<Client>> {
        let mut nearest: BTreeMap<String, (u64, Client)> = BTreeMap::new();
        let reach = super::skew::MOST_APART;
        for name in self.called.get(machine).into_iter().flatten() {
            let prefix = target_key(name);
            let bound = |distance| key::at(&prefix, Ticks(began.0.saturating_add(distance)));
            let (from, to) = (bound(-BEFORE - reach), bound(AFTER + reach));
            let mut seen = 0;
            let mut cursor = self.table.cursor();
            cursor.range_until(&from, &to, |fact, payload| {
                seen += 1;
                let rest = fact.get(prefix.len()..).unwrap_or_default();
                let client = decode(rest, payload).filter(|client| {
                    let mut targets = client.targets.iter();
                    targets.any(|target| same_end(target, name)) && may_be(&client.user, user)
                });
                let go_on = if seen < MOST_SEEN {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                };
                let Some(client) = client else {
                    return go_on;
                };
                let ahead = skew.assumed(&client.machine, machine).ticks;
                let before = began.0.saturating_sub(client.time.0).saturating_sub(ahead);
                if client.machine == machine || !(-AFTER..=BEFORE).contains(&before) {
                    return go_on;
                }
                let distance = before.unsigned_abs();
                let known = nearest.get(&client.machine);
                if known.is_none_or(|(best, _)| distance < *best) {
                    nearest.insert(client.machine.clone(), (distance, client));
                }
                go_on
            })?;
        }
        Ok(nearest.into_values().map(|(_, client)| client).collect())
    }
}

fn decode(rest: &[u8], payload: &[u8]) -> Option<Client> {
    let (time, uid) = rest.split_first_chunk::<8>()?;
    Client::decode(key::read_time(time)?, Uid(uid.try_into().ok()?), payload)
}
