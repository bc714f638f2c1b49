//! What is collected of a volume, and what our parsers tell of it.

use parsers::ntfs::{ChangeJournal, MasterFileTable, Volume, VolumeFiles};
use parsers::{Input, Machine, Parser, ReadAt};
use serde_json::Value as Json;
use timeline::json;

use crate::keep::Keep;

pub(crate) use crate::fields::{Event, all, one};

/// The files of a volume, those that there are.
#[derive(Clone, Default)]
pub(crate) struct Collected {
    pub(crate) table: Option<Vec<u8>>,
    pub(crate) journal: Vec<u8>,
    pub(crate) security: Option<Vec<u8>>,
    pub(crate) letter: &'static str,
    pub(crate) machine: Machine,
    /// Less than this may be taken; nothing is no limit.
    pub(crate) memory: Option<u64>,
}

impl Collected {
    pub(crate) fn table(bytes: Vec<u8>) -> Self {
        Self {
            table: Some(bytes),
            ..Self::default()
        }
    }

    pub(crate) fn journal(bytes: Vec<u8>) -> Self {
        Self {
            journal: bytes,
            ..Self::default()
        }
    }

    pub(crate) fn volume(&self) -> Volume {
        let some = |bytes: &Option<Vec<u8>>| bytes.clone();
        let (table, security) = (some(&self.table), some(&self.security));
        let files = VolumeFiles {
            table: table.as_ref().map(|bytes| bytes as &dyn ReadAt),
            security: security.as_ref().map(|bytes| bytes as &dyn ReadAt),
            letter: self.letter,
            memory: self.memory.unwrap_or(u64::MAX),
            ..VolumeFiles::default()
        };
        Volume::read(files).expect("memory can be read")
    }

    /// The events of the table.
    pub(crate) fn of_table(&self) -> Told {
        self.of_share(None)
    }

    /// Those of one share of it.
    pub(crate) fn of_share(&self, share: Option<u64>) -> Told {
        let table = self.table.clone().unwrap_or_default();
        let volume = self.volume();
        let input = self.input(&table, &volume, share);
        Told::of(Keep::of(|keep| MasterFileTable.parse(&input, keep)))
    }

    /// In how many shares the table can be read.
    pub(crate) fn shares(&self) -> u64 {
        let table = self.table.clone().unwrap_or_default();
        MasterFileTable.shares(&Input::new(&table))
    }

    /// The events of the journal.
    pub(crate) fn of_journal(&self) -> Told {
        let volume = self.volume();
        let input = self.input(&self.journal, &volume, None);
        Told::of(Keep::of(|keep| ChangeJournal.parse(&input, keep)))
    }

    fn input<'a>(
        &'a self,
        bytes: &'a dyn ReadAt,
        volume: &'a Volume,
        share: Option<u64>,
    ) -> Input<'a> {
        Input {
            machine: &self.machine,
            memory: self.memory.unwrap_or(u64::MAX),
            volume: Some(volume),
            share,
            ..Input::new(bytes)
        }
    }
}

/// What was told.
pub(crate) struct Told {
    pub(crate) keep: Keep,
    pub(crate) events: Vec<Event>,
}

impl Told {
    fn of(keep: Keep) -> Self {
        assert_eq!(keep.counts.events, keep.segment.len() as u64);
        let rows = (0..).zip(&keep.segment.rows);
        let events = rows.map(|(row, own)| {
            let mut event = json::to_json(&keep.segment, row);
            crate::listed::check(&event);
            let time = own.time.map_or(Json::Null, |time| time.to_string().into());
            event.insert("time".into(), time);
            event.insert("uid".into(), own.uid.to_string().into());
            event.insert("record".into(), own.provenance.record.into());
            event.insert("offset".into(), own.provenance.offset.into());
            event
        });
        let events = events.collect();
        Self { keep, events }
    }

    /// The kinds of the issues.
    pub(crate) fn issues(&self) -> Vec<&'static str> {
        self.keep.issues.iter().map(|issue| issue.kind).collect()
    }

    /// The events of a file by its path.
    pub(crate) fn at(&self, path: &str) -> Vec<&Event> {
        let of_path = |event: &&Event| one(event, "file.path") == path;
        self.events.iter().filter(of_path).collect()
    }

    /// The first event of a path.
    #[track_caller]
    pub(crate) fn first(&self, path: &str) -> &Event {
        let found = self.at(path).into_iter().next();
        found.unwrap_or_else(|| panic!("no {path} among {:?}", self.paths()))
    }

    /// Every path once, in the order in which they are told.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for event in &self.events {
            let path = one(event, "file.path");
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }

    /// One field of each event.
    pub(crate) fn each(&self, field: &str) -> Vec<String> {
        let joined = |event| all(event, field).join(" ");
        self.events.iter().map(joined).collect()
    }

    /// All of it, to be held against another reading.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |event: &Event| Json::Object(event.clone()).to_string();
        self.events.iter().map(line).collect()
    }
}
