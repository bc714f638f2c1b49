//! Which process had a pid at a time (ECS.md §7.2).
//!
//! The first look notes starts, ends, and when each of Sysmon's processes was seen; sorted by host,
//! pid and time they become *lives*: one process, from its start to its end. Nothing is guessed: at
//! a time for which two processes come into question, or none that is proven, there is no answer.

use timeline::sort::Item;
use timeline::{TICKS_PER_SECOND, Ticks, Uid, key};

/// The kernel's process: it lives as long as its boot, and has no image of its own.
pub(super) const SYSTEM: i64 = 4;

/// How far apart the two records of one start may be dated.
const SAME_START: i64 = TICKS_PER_SECOND;
/// How long after its last proof an open life is believed in. Logs have holes, hosts are set back to
/// snapshots, and many processes run `svchost.exe`: later, the pid may be another's.
const OPEN: i64 = 24 * 3600 * TICKS_PER_SECOND;
/// How long before the first record of a boot its first processes may have been started.
const EARLY: i64 = 60 * TICKS_PER_SECOND;

/// What one record says about the life of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Sysmon 1.
    Start {
        uid: Uid,
        entity: String,
        image: String,
    },
    /// Security 4688.
    Created { uid: Uid, image: String },
    /// One of Sysmon's processes lived from one time to another.
    Seen {
        first: Ticks,
        last: Ticks,
        entity: String,
        image: String,
    },
    /// Sysmon 5, with the process, or Security 4689, with the image alone.
    End { entity: String, image: String },
}

impl Sign {
    /// What the fact's key and payload end with: of signs at one time, starts come first.
    pub(super) fn encode(&self) -> (u8, Vec<u8>) {
        let mut payload = Vec::new();
        let (rank, entity, image) = match self {
            Self::Start { uid, entity, image } => {
                payload.extend(uid.0);
                (0, entity.as_str(), image)
            }
            Self::Created { uid, image } => {
                payload.extend(uid.0);
                (1, "", image)
            }
            Self::Seen {
                first,
                last,
                entity,
                image,
            } => {
                key::time(&mut payload, Some(*first));
                key::time(&mut payload, Some(*last));
                (2, entity.as_str(), image)
            }
            Self::End { entity, image } => (3, entity.as_str(), image),
        };
        key::text(&mut payload, entity);
        key::text(&mut payload, image);
        (rank, payload)
    }

    fn decode(rank: u8, mut payload: &[u8]) -> Option<Self> {
        let uid = |payload: &mut &[u8]| {
            let (uid, rest) = payload.split_first_chunk::<16>()?;
            *payload = rest;
            Some(Uid(*uid))
        };
        let text = |payload: &mut &[u8]| key::take_text(payload);
        Some(match rank {
            0 => Self::Start {
                uid: uid(&mut payload)?,
                entity: text(&mut payload)?,
                image: text(&mut payload)?,
            },
            1 => Self::Created {
                uid: uid(&mut payload)?,
                image: text(&mut payload).and_then(|_| text(&mut payload))?,
            },
            2 => {
                let (first, rest) = payload.split_at_checked(8)?;
                let (last, mut rest) = rest.split_at_checked(8)?;
                Self::Seen {
                    first: key::read_time(first)?,
                    last: key::read_time(last)?,
                    entity: text(&mut rest)?,
                    image: text(&mut rest)?,
                }
            }
            _ => Self::End {
                entity: text(&mut payload)?,
                image: text(&mut payload)?,
            },
        })
    }
}

/// One process, as long as it had its pid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Life {
    /// From when on it is known to have lived.
    pub(super) from: Ticks,
    /// The last proof that it lived.
    last: Ticks,
    /// Its end, or the last moment before the pid's next process.
    until: Option<Ticks>,
    /// Sysmon's identity of the process.
    guid: String,
    /// Path of the image; empty where it is not known.
    pub(super) image: String,
    /// Sysmon's record of the start.
    pub(super) started: Option<(Ticks, Uid)>,
    /// The Security log's record of the start.
    pub(super) created: Option<(Ticks, Uid)>,
}

impl Life {
    /// The identity of the process.
    pub(super) fn entity(&self, host: &str, pid: i64) -> String {
        match self.created {
            Some((time, _)) if self.guid.is_empty() => made_up(host, pid, time),
            _ => self.guid.clone(),
        }
    }

    /// The identity under which the Security log's record of the start was noted.
    pub(super) fn created_as(&self, host: &str, pid: i64) -> Option<String> {
        self.created.map(|(time, _)| made_up(host, pid, time))
    }

    /// The Sysmon event that tells of the same start as the Security log's record.
    pub(super) fn original(&self) -> Option<Uid> {
        self.created.and(self.started).map(|(_, uid)| uid)
    }

    fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        key::time(&mut payload, Some(self.from));
        key::time(&mut payload, Some(self.last));
        key::time(&mut payload, self.until);
        for record in [self.started, self.created] {
            key::time(&mut payload, record.map(|(time, _)| time));
            payload.extend(record.map(|(_, uid)| uid.0).unwrap_or_default());
        }
        key::text(&mut payload, &self.guid);
        key::text(&mut payload, &self.image);
        payload
    }

    pub(super) fn decode(payload: &[u8]) -> Option<Self> {
        let (times, rest) = payload.split_first_chunk::<24>()?;
        let (records, mut texts) = rest.split_first_chunk::<48>()?;
        let record = |place: usize| {
            let (time, uid) = records.get(place..place + 24)?.split_first_chunk::<8>()?;
            Some((key::read_time(time)?, Uid(uid.try_into().ok()?)))
        };
        Some(Self {
            from: key::read_time(times)?,
            last: key::read_time(&times[8..])?,
            until: key::read_time(&times[16..]),
            started: record(0),
            created: record(24),
            guid: key::take_text(&mut texts)?,
            image: key::take_text(&mut texts)?,
        })
    }

    /// Whether the process is known to have lived at that time, and to have had that image.
    pub(super) fn answers(&self, at: Ticks, image: &str, pid: i64, boots: &[Ticks]) -> bool {
        let within = self.from <= at && self.until.is_none_or(|until| at <= until);
        if !within || differ(&self.image, image) {
            return false;
        }
        let proof = self.last.max(self.from);
        if at <= proof {
            return true;
        }
        let named = !self.image.is_empty() && !image.is_empty();
        let early = if named && pid != SYSTEM { EARLY } else { 0 };
        let recent = at.0.saturating_sub(proof.0) <= OPEN;
        recent && !booted(proof, at, early, boots)
    }

    pub(super) fn is_over_at(&self, time: Ticks) -> bool {
        self.until.is_some_and(|until| until < time)
    }

    /// Whether a sign is one of this process.
    fn is_of(&self, time: Ticks, sign: &Sign) -> bool {
        match sign {
            Sign::Start { entity, image, .. } => {
                self.guid == *entity
                    || self.guid.is_empty()
                        && self.created.is_some_and(|(own, _)| near(own, time))
                        && same(&self.image, image)
            }
            Sign::Seen { entity, image, .. } => {
                self.guid == *entity
                    || self.guid.is_empty()
                        && self.created.is_some_and(|(own, _)| began(entity, own))
                        && same(&self.image, image)
            }
            // A copy of the evidence tells it again.
            Sign::Created { uid, .. } if self.created.is_some_and(|(_, own)| own == *uid) => true,
            Sign::Created { image, .. } => {
                let close = match self.started {
                    Some((own, _)) => near(own, time),
                    None => began(&self.guid, time),
                };
                close && self.created.is_none() && same(&self.image, image)
            }
            Sign::End { .. } => false,
        }
    }

    fn learn(&mut self, time: Ticks, sign: Sign) {
        let (first, last, entity, image) = match sign {
            Sign::Start { uid, entity, image } => {
                self.started.get_or_insert((time, uid));
                (time, time, entity, image)
            }
            Sign::Created { uid, image } => {
                self.created.get_or_insert((time, uid));
                (time, time, String::new(), image)
            }
            Sign::Seen {
                first,
                last,
                entity,
                image,
            } => (first, last, entity, image),
            Sign::End { .. } => return,
        };
        self.from = self.from.min(first);
        self.last = self.last.max(last);
        if self.guid.is_empty() {
            self.guid = entity;
        }
        if self.image.is_empty() {
            self.image = image;
        }
    }

    /// Both logs may tell of the end.
    fn end(&mut self, time: Ticks, entity: &str, image: &str) {
        let own = if entity.is_empty() {
            !differ(&self.image, image)
        } else {
            self.guid == entity
        };
        if own && self.until.is_none_or(|until| near(until, time)) {
            self.until = self.until.max(Some(time));
            self.last = self.last.max(time);
        }
    }

    /// The pid has another process from a time on. Where this one was seen later still, one of them
    /// is wrong, and both come into question.
    fn give_way(&mut self, time: Ticks) {
        let latest = self.last.max(Ticks(time.0.saturating_sub(1)));
        self.until = Some(self.until.map_or(latest, |until| until.min(latest)));
    }
}

impl Default for Life {
    fn default() -> Self {
        Self {
            from: Ticks(i64::MAX - 1),
            last: Ticks(i64::MIN),
            until: None,
            guid: String::new(),
            image: String::new(),
            started: None,
            created: None,
        }
    }
}

fn near(a: Ticks, b: Ticks) -> bool {
    a.0.abs_diff(b.0) <= SAME_START.cast_unsigned()
}

/// Whether the process of a `ProcessGuid`, which tells the second of its start, began at a time.
fn began(guid: &str, time: Ticks) -> bool {
    start_of_guid(guid).is_some_and(|second| {
        let late = time.0.saturating_sub(second.0);
        (0..2 * SAME_START).contains(&late)
    })
}

fn same(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && !differ(a, b)
}

/// The identity of a process that Sysmon did not name.
pub(super) fn made_up(host: &str, pid: i64, start: Ticks) -> String {
    format!("{host}:{pid}:{start}")
}

/// Whether the host was started between two times. What began `early` before a boot's first record
/// may belong to it.
fn booted(from: Ticks, to: Ticks, early: i64, boots: &[Ticks]) -> bool {
    let from = Ticks(from.0.saturating_add(early));
    let next = boots.partition_point(|&boot| boot <= from);
    boots.get(next).is_some_and(|&boot| boot <= to)
}

/// The boot that a time belongs to: the first of the records that a boot leaves within a minute.
pub(super) fn boot_before(boots: &[Ticks], at: Ticks) -> Option<Ticks> {
    let mut first = boots.partition_point(|&boot| boot <= at).checked_sub(1)?;
    while let Some(before) = first.checked_sub(1)
        && boots[first].0.saturating_sub(boots[before].0) <= EARLY
    {
        first = before;
    }
    Some(boots[first])
}

/// What device paths of files begin with; the volume's number follows.
const DEVICE: &str = "\\device\\harddiskvolume";

/// Whether two paths are known, and name different files. One may be a device path, which does not
/// tell the drive's letter.
fn differ(a: &str, b: &str) -> bool {
    fn split(path: &str) -> (&str, &str) {
        let path = ["\\??\\", "\\\\?\\"]
            .iter()
            .find_map(|prefix| path.strip_prefix(prefix))
            .unwrap_or(path);
        if let Some((device, rest)) = path.split_at_checked(DEVICE.len())
            && device.eq_ignore_ascii_case(DEVICE)
            && let Some(tail) = rest.find('\\').map(|at| &rest[at..])
        {
            return ("", tail);
        }
        match path.split_at_checked(2) {
            Some((drive, tail)) if drive.ends_with(':') => (drive, tail),
            _ => ("", path),
        }
    }
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let ((drive_a, tail_a), (drive_b, tail_b)) = (split(a), split(b));
    let drives = !drive_a.is_empty() && !drive_b.is_empty();
    !alike(tail_a, tail_b) || drives && !alike(drive_a, drive_b)
}

fn alike(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || !a.is_ascii() && a.to_lowercase() == b.to_lowercase()
}

/// When a process started, as Sysmon's `ProcessGuid` says: whole seconds since 1970 in its second
/// and third group.
pub(super) fn start_of_guid(guid: &str) -> Option<Ticks> {
    let group = |range| u16::from_str_radix(guid.get(range)?, 16).ok();
    let (low, high) = (group(10..14)?, group(15..19)?);
    let braces = guid.starts_with('{') && guid.as_bytes().get(9) == Some(&b'-');
    let seconds = i64::from(high) << 16 | i64::from(low);
    braces
        .then(|| Ticks::from_unix(seconds, 0))
        .flatten()
        .filter(|_| seconds > 0)
}

/// Turns the signs of each pid, in order of time, into lives, one at a time.
#[derive(Debug, Default)]
pub(super) struct Lives {
    /// Host and pid, as the keys begin.
    pid: Vec<u8>,
    open: Option<(Ticks, Life)>,
}

impl Lives {
    /// Takes the next sign; gives the life that is over with it.
    pub(super) fn take(&mut self, item: &Item) -> Option<Item> {
        let (rank, rest) = item.key.split_last()?;
        let (pid, time) = rest.split_last_chunk::<8>()?;
        let time = key::read_time(time)?;
        let sign = Sign::decode(*rank, &item.payload)?;
        if self.pid == pid {
            return self.apply(time, sign);
        }
        let over = self.finish();
        self.pid = pid.to_vec();
        // Nothing is open now, so nothing more can be over.
        self.apply(time, sign).or(over)
    }

    fn apply(&mut self, time: Ticks, sign: Sign) -> Option<Item> {
        if let Sign::End { entity, image } = &sign {
            if let Some((_, life)) = &mut self.open {
                life.end(time, entity, image);
            }
            return None;
        }
        if let Some((_, life)) = &mut self.open
            && life.is_of(time, &sign)
        {
            life.learn(time, sign);
            return None;
        }
        if let Some((_, life)) = &mut self.open {
            life.give_way(time);
        }
        let over = self.finish();
        let mut life = Life::default();
        life.learn(time, sign);
        self.open = Some((time, life));
        over
    }

    /// The last life.
    pub(super) fn finish(&mut self) -> Option<Item> {
        let (time, life) = self.open.take()?;
        Some(self.item(time, &life))
    }

    fn item(&self, time: Ticks, life: &Life) -> Item {
        let mut key = self.pid.clone();
        key::time(&mut key, Some(time));
        Item {
            key,
            payload: life.encode(),
        }
    }
}
