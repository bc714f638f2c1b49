//! What was done to a machine that stays: files that run, and what makes something run again
//! (EVIDENCE.md §2.3–§2.6, §3 J5, J7).
//!
//! The second look notes each such deed by the process that did it, by its logon session, and by what it was done to;
//! a movement's are read from there. Nothing but those at hand is held in memory.

mod place;
mod read;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Reader, Segment, Ticks, Uid, key};

use crate::kept;

pub(crate) use place::service;
pub(crate) use read::deed_of;

/// Deeds of one process, or of one session, that are looked at.
pub(crate) const MOST: usize = 1000;
/// Deeds that were done to one thing that are looked at.
const MOST_OF_OBJECT: usize = 256;

const BY_OBJECT: u8 = b'O';

/// Which of both lists of a movement a deed is for. Each has ways of its own, so that a flood of files hides nothing
/// else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Files that were dropped.
    Files,
    /// What makes something run again, and who may let it.
    Persistence,
}

impl List {
    const ALL: [Self; 2] = [Self::Files, Self::Persistence];

    fn by_process(self) -> u8 {
        match self {
            Self::Files => b'P',
            Self::Persistence => b'p',
        }
    }

    fn by_logon(self) -> u8 {
        match self {
            Self::Files => b'L',
            Self::Persistence => b'l',
        }
    }

    fn by_account(self) -> u8 {
        match self {
            Self::Files => b'A',
            Self::Persistence => b'a',
        }
    }
}

/// What a deed was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A file.
    File,
    /// A service.
    Service,
    /// A scheduled task.
    Task,
    /// A value of the registry that starts something.
    Autostart,
    /// A filter of WMI, a consumer, or that both are bound.
    Subscription,
    /// An account.
    Account,
    /// That an account is in a group.
    Member,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::File,
        Self::Service,
        Self::Task,
        Self::Autostart,
        Self::Subscription,
        Self::Account,
        Self::Member,
    ];
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// It was made, or changed.
    Made,
    /// It was there, and an event has its hash.
    Seen,
    /// It was removed.
    Removed,
}

impl Part {
    const ALL: [Self; 3] = [Self::Made, Self::Seen, Self::Removed];
}

/// Something that was done to a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub time: Ticks,
    /// The event.
    pub uid: Uid,
    /// What it was done to.
    pub kind: Kind,
    /// What was done.
    pub part: Part,
    /// The kernel did it: so it is with what comes over SMB.
    pub by_system: bool,
    /// The file can run, by its name or its content.
    pub is_program: bool,
    /// What it was done to, in the one spelling that joins.
    pub object: String,
    /// The same as recorded: path, name.
    pub name: String,
    /// What it starts, where the event says so.
    pub detail: String,
    /// Hash of the file: SHA-256 before SHA-1 before MD5.
    pub hash: String,
}

impl Deed {
    /// Whether it is for a list.
    #[must_use]
    pub fn is_of(&self, list: List) -> bool {
        if self.kind != Kind::File {
            return list == List::Persistence;
        }
        let is_startup = place::is_startup(&self.object);
        match list {
            List::Files => is_startup || self.is_program || !self.hash.is_empty(),
            List::Persistence => is_startup,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![
            self.kind as u8,
            self.part as u8,
            u8::from(self.by_system),
            u8::from(self.is_program),
        ];
        key::time(&mut bytes, Some(self.time));
        bytes.extend(self.uid.0);
        for text in [&self.object, &self.name, &self.detail, &self.hash] {
            key::text(&mut bytes, text);
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&[kind, part, by_system, is_program], rest) = bytes.split_first_chunk::<4>()?;
        let (time, rest) = rest.split_first_chunk::<8>()?;
        let (uid, mut rest) = rest.split_first_chunk::<16>()?;
        let mut text = || key::take_text(&mut rest);
        Some(Self {
            time: key::read_time(time)?,
            uid: Uid(*uid),
            kind: *Kind::ALL.get(usize::from(kind))?,
            part: *Part::ALL.get(usize::from(part))?,
            by_system: by_system != 0,
            is_program: is_program != 0,
            object: text()?,
            name: text()?,
            detail: text()?,
            hash: text()?,
        })
    }
}

/// The name that deeds to one thing are found by.
fn object_name(kind: Kind, object: &str) -> String {
    format!("{} {object}", kind as u8)
}

/// Notes the deeds that a machine's events tell of.
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let reader = Reader::new(segment);
    let mut seen = BTreeSet::new();
    for (row, _) in (0u32..).zip(&segment.rows) {
        if let Some(deed) = deed_of(&reader, row) {
            // A file table has every file of the machine: only what is gone is asked for.
            if deed.part == Part::Removed || !read::is_of_volume(&reader, row) {
                let actor = read::actor_of(&reader, row);
                put(&deed, machine, &actor, batch);
            }
        } else if let Some(image) = read::image_of(&reader, row)
            && seen.insert(image)
            && let Some(deed) = read::seen(&reader, row, image)
        {
            put(&deed, machine, &read::Actor::default(), batch);
        }
    }
}

fn put(deed: &Deed, machine: &str, actor: &read::Actor, batch: &mut Batch) {
    kept::put(batch, machine, deed.uid, &deed.encode());
    let mut lead = |way: u8, name: &str| {
        if !name.is_empty() {
            let at = (Some(deed.time), deed.uid);
            kept::lead(batch, way, machine, name, at);
        }
    };
    lead(BY_OBJECT, &object_name(deed.kind, &deed.object));
    for list in List::ALL.into_iter().filter(|list| deed.is_of(*list)) {
        lead(list.by_process(), &actor.process);
        lead(list.by_logon(), &actor.logon_id);
        lead(list.by_account(), &actor.account);
    }
}

/// All deeds, on disk.
#[derive(Debug)]
pub struct Deeds(Table);

impl Deeds {
    /// Keeps what [`note`] noted.
    pub fn build(folder: &Path, notes: Sorted) -> io::Result<Self> {
        Ok(Self(Table::write(folder, notes)?))
    }

    /// The first deeds of a process.
    pub fn of_process(&self, list: List, machine: &str, entity: &str) -> io::Result<Vec<Deed>> {
        self.list(list.by_process(), machine, entity, None, MOST)
    }

    /// The first deeds of a logon session, between two times: a logon id is one session's only in one boot.
    pub fn of_logon(
        &self,
        list: List,
        machine: &str,
        logon_id: &str,
        between: (Ticks, Ticks),
    ) -> io::Result<Vec<Deed>> {
        let way = list.by_logon();
        self.list(way, machine, logon_id, Some(between), MOST)
    }

    /// The first deeds of an account between two times, by its SID or its name in lower case: of those alone that are
    /// recorded without a process and without a session.
    pub fn of_account(
        &self,
        list: List,
        machine: &str,
        account: &str,
        between: (Ticks, Ticks),
    ) -> io::Result<Vec<Deed>> {
        let way = list.by_account();
        self.list(way, machine, account, Some(between), MOST)
    }

    /// What was done to one thing between two times, and what was seen of it.
    pub fn of_object(
        &self,
        machine: &str,
        (kind, object): (Kind, &str),
        between: (Ticks, Ticks),
    ) -> io::Result<Vec<Deed>> {
        let name = object_name(kind, object);
        self.list(BY_OBJECT, machine, &name, Some(between), MOST_OF_OBJECT)
    }

    fn list(
        &self,
        way: u8,
        machine: &str,
        name: &str,
        between: Option<(Ticks, Ticks)>,
        most: usize,
    ) -> io::Result<Vec<Deed>> {
        let things = kept::list(&self.0, way, machine, name, between, most)?;
        Ok(things
            .iter()
            .filter_map(|thing| Deed::decode(thing))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use timeline::json;
    use timeline::sort::Sorter;

    use super::*;

    fn deeds(lines: &[&str]) -> (tempfile::TempDir, Deeds) {
        let lines = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        let mut segment = json::read(&lines.collect::<Vec<_>>());
        for (number, row) in (1_u128..).zip(&mut segment.rows) {
            row.uid = Uid(number.to_be_bytes());
        }
        let folder = tempfile::tempdir().unwrap();
        let (mut sorter, mut batch) = (Sorter::new(folder.path(), 1 << 20), Batch::default());
        note(&segment, "m", &mut batch);
        sorter.absorb(&batch).unwrap();
        let deeds = Deeds::build(folder.path(), sorter.finish().unwrap()).unwrap();
        (folder, deeds)
    }

    /// What a file table has is not noted: of every machine it has every file. That a journal says it is gone is.
    #[test]
    fn of_volumes_only_what_is_gone_is_noted_and_an_image_once() {
        let table = r#"{"@timestamp": "2026-03-02T21:00:00Z", "event.provider": "ntfs-mft", "event.type": "creation",
            "file.path": "C:\\a.exe", "file.Ext.path_key": "c:\\a.exe"}"#;
        let journal = table
            .replace("ntfs-mft", "ntfs-usn")
            .replace("creation", "deletion");
        let image = r#"{"@timestamp": "2026-03-02T21:00:00Z", "event.provider": "Microsoft-Windows-Sysmon", "event.code": "7",
            "file.path": "C:\\a.exe", "file.Ext.path_key": "c:\\a.exe", "file.hash.sha1": "ff"}"#;
        let (_folder, deeds) = deeds(&[table, &journal, image, image]);
        let ever = (Ticks(0), Ticks(i64::MAX));
        let object = (Kind::File, r"c:\a.exe");
        let parts = deeds.of_object("m", object, ever).unwrap();
        let parts: Vec<Part> = parts.iter().map(|deed| deed.part).collect();
        assert_eq!(parts, [Part::Removed, Part::Seen]);
        assert!(deeds.of_object("other", object, ever).unwrap().is_empty());
    }
}
