//! $UsnJrnl:$J: from records to events.

use std::sync::Arc;

use hashbrown::HashMap;
use timeline::{Issue, Sink, Ticks, fields as f};

use super::history::{At, History, reference};
use super::out::{Artefact, DIRECTORY, FilePath, Out, Source, USN, put_attributes, put_reference};
use super::paths::{Folder, Folders};
use super::read::{Reasons, Reference, UsnRecord, UsnSlot, UsnSlots, reason};
use super::text::file_name;
use super::volume::{Volume, VolumeFiles};
use crate::ecs::Values;
use crate::{Counts, Input, ParseError, Parser};

/// The parser of the change journal.
#[derive(Clone, Copy, Debug)]
pub struct ChangeJournal;

const ARTEFACT: Artefact = Artefact {
    provider: USN,
    dataset: "offline.usn",
    path: "\\$Extend\\$UsnJrnl:$J",
};
/// Places of the first page where a record may begin.
const MOST_STARTS: usize = 512;
/// Damaged places that are told one by one.
const MOST_FAULTS: u64 = 1000;
/// Files that are open at once, as far as that is remembered, and half of that.
const OPEN: usize = 32 * 1024;
/// Renamings whose second half has not come yet.
const RENAMINGS: usize = 64;

/// What is done by each reason: ECS types and actions.
const DEEDS: [(u32, &str, &str); 8] = [
    (reason::FILE_CREATE, "creation", "creation"),
    (reason::DATA_OVERWRITE, "change", "overwrite"),
    (
        reason::DATA_EXTEND | reason::DATA_TRUNCATION,
        "change",
        "modification",
    ),
    // What was cut off is gone: of a log that matters.
    (reason::DATA_TRUNCATION, "change", "truncation"),
    (
        reason::RENAME_OLD_NAME | reason::RENAME_NEW_NAME,
        "change",
        "rename",
    ),
    (STREAMS, "change", "stream-changed"),
    (METADATA, "change", "metadata-changed"),
    (reason::FILE_DELETE, "deletion", "deletion"),
];
/// Named streams were made, removed, or written.
const STREAMS: u32 = 0x0020_0070;
/// All else: extended attributes, security, times and flags, links, object ids, reparse points, and what has no
/// name yet.
const METADATA: u32 = !(STREAMS
    | reason::FILE_CREATE
    | reason::FILE_DELETE
    | reason::DATA_OVERWRITE
    | reason::DATA_EXTEND
    | reason::DATA_TRUNCATION
    | reason::RENAME_OLD_NAME
    | reason::RENAME_NEW_NAME
    | reason::CLOSE);
/// Who did it for the system's own sake (`[MS-FSCC]` §2.3.62.1).
const SOURCES: [(u32, &str); 4] = [
    (1, "DATA_MANAGEMENT"),
    (2, "AUXILIARY_DATA"),
    (4, "REPLICATION_MANAGEMENT"),
    (8, "CLIENT_REPLICATION_MANAGEMENT"),
];

impl Parser for ChangeJournal {
    fn kind(&self) -> &'static str {
        "usn"
    }

    fn describe(&self) -> &'static str {
        "NTFS change journals ($UsnJrnl:$J)"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        // It may begin within a record, or with one that has neither time nor name.
        let first = head.iter().position(|byte| *byte != 0);
        let starts = (first.unwrap_or(head.len()) & !7..head.len()).step_by(8);
        let starts = starts.take(MOST_STARTS);
        let mut records = starts.filter_map(|start| UsnRecord::read(head.get(start..)?));
        records.any(|(record, _)| {
            let time = Ticks::from_filetime(record.time);
            let is_dated = time.is_some_and(Ticks::is_believable);
            is_dated && record.version < 4 && !record.name.is_empty()
        })
    }

    fn is_known_name(&self, name: &str) -> bool {
        let name = file_name(name);
        let endings = ["$usnjrnl:$j", "$usnjrnl%3a$j", "$usnjrnl_$j", "$usnjrnl-$j"];
        matches!(name.as_str(), "$j" | "$usnjrnl")
            || endings.iter().any(|ending| name.ends_with(ending))
    }

    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
        let read = |source| ParseError::Read { offset: 0, source };
        let own;
        let volume = if let Some(volume) = input.volume {
            volume
        } else {
            own = Volume::read(VolumeFiles::default()).map_err(read)?;
            &own
        };
        let history = History::read(input.bytes, input.memory).map_err(read)?;
        let mut reading = Reading {
            volume,
            history: &history,
            now: 0,
            folders: Folders::new(),
            path: FilePath::default(),
            open: Open::default(),
            renamed: Vec::new(),
            out: Out::new(input, ARTEFACT, &volume.letter, history.hash, sink),
        };
        if history.is_cut {
            let message = "There is no memory for all directories that the journal names: some paths begin with $Orphan. --memory raises the limit.";
            reading.out.issue(Issue::loss("usn-directories", message));
        }
        reading.read(input)?;
        if reading.out.counts.records == 0 {
            let issue = Issue::loss("usn-empty", "The change journal holds no record.");
            let found = format!("{} bytes", input.bytes.len());
            reading.out.issue(issue.expected("records", found));
        }
        Ok(reading.out.counts)
    }
}

/// What has happened to files since they were opened, as far as it was told already.
#[derive(Default)]
struct Open {
    young: HashMap<u128, u32>,
    old: HashMap<u128, u32>,
}

impl Open {
    /// What was told of a file before; nothing when it is not known to be open.
    fn known(&self, file: u128) -> Option<u32> {
        self.young
            .get(&file)
            .or_else(|| self.old.get(&file))
            .copied()
    }

    fn note(&mut self, file: u128, reasons: Reasons) {
        if reasons.any(reason::CLOSE) {
            self.young.remove(&file);
            self.old.remove(&file);
            return;
        }
        if self.young.len() >= OPEN {
            self.old = std::mem::take(&mut self.young);
        }
        // Each half of a renaming makes the other new again.
        let other = if reasons.any(reason::RENAME_OLD_NAME) {
            reason::RENAME_NEW_NAME
        } else if reasons.any(reason::RENAME_NEW_NAME) {
            reason::RENAME_OLD_NAME
        } else {
            0
        };
        self.young.insert(file, reasons.0 & !other);
    }
}

/// Whether a record is of the opening of a file that others were: each before the closing adds a reason, and
/// none is taken back.
fn is_same_opening(known: Reasons, now: Reasons) -> bool {
    let halves = reason::RENAME_OLD_NAME | reason::RENAME_NEW_NAME;
    let is_kept = known.0 & !halves & !now.0 == 0;
    is_kept && (now.any(reason::CLOSE) || now.0 & !known.0 != 0)
}

/// The first half of a renaming.
struct Renaming {
    record: Owned,
    offset: u64,
    /// What was not told before.
    new: Reasons,
    /// Whether the file's opening was.
    is_known: bool,
}

/// A record that is kept.
struct Owned {
    record: UsnRecord<'static>,
    name: Vec<u8>,
}

impl Owned {
    fn of(record: &UsnRecord<'_>) -> Self {
        Self {
            name: record.name.to_vec(),
            record: UsnRecord {
                name: &[],
                ..*record
            },
        }
    }

    fn get(&self) -> UsnRecord<'_> {
        UsnRecord {
            name: &self.name,
            ..self.record
        }
    }
}

/// Makes events of a journal.
struct Reading<'s> {
    volume: &'s Volume,
    history: &'s History,
    /// Where the record at hand lies.
    now: u64,
    /// Directories as they are called there.
    folders: Folders,
    path: FilePath,
    open: Open,
    renamed: Vec<Renaming>,
    out: Out<'s>,
}

impl Reading<'_> {
    fn read(&mut self, input: &Input<'_>) -> Result<(), ParseError> {
        let mut slots = UsnSlots::new(input.bytes);
        let (mut at, mut faults) = (0, 0);
        loop {
            let slot = slots.next(&mut |_| ());
            let slot = slot.map_err(|source| ParseError::Read { offset: at, source })?;
            let Some((offset, slot)) = slot else {
                break;
            };
            at = offset;
            match slot {
                UsnSlot::Record(record) => self.record(&record, offset)?,
                UsnSlot::Damage(bytes) => {
                    faults += 1;
                    if faults <= MOST_FAULTS {
                        let issue = Issue::loss(
                            "usn-damage",
                            "There is something between records that is none.",
                        );
                        self.out.issue(
                            issue
                                .at(offset)
                                .expected("records", format!("{bytes} bytes")),
                        );
                    }
                }
            }
        }
        for renaming in std::mem::take(&mut self.renamed) {
            self.half(&renaming)?;
        }
        if faults > MOST_FAULTS {
            let issue = Issue::loss("usn-damage", "Many more places of the journal are damaged.");
            let found = format!("{faults} in all");
            self.out
                .issue(issue.expected(format!("at most {MOST_FAULTS}"), found));
        }
        Ok(())
    }

    fn record(&mut self, record: &UsnRecord<'_>, offset: u64) -> Result<(), ParseError> {
        self.out.counts.records += 1;
        if record.version == 4 {
            // It tells which parts of a file changed, but neither when nor of which name.
            return Ok(());
        }
        self.now = offset;
        if record.attributes & DIRECTORY != 0
            && reference(record.file).is_some_and(|own| self.history.changes_at(own, offset))
        {
            self.folders.forget();
        }
        let known = self.open.known(record.file);
        let known = known.filter(|known| is_same_opening(Reasons(*known), record.reasons));
        self.open.note(record.file, record.reasons);
        let new = Reasons(record.reasons.0 & !known.unwrap_or_default() & !reason::CLOSE);
        if new.any(reason::RENAME_OLD_NAME) {
            let record = Owned::of(record);
            let is_known = known.is_some();
            return self.begin_renaming(Renaming {
                record,
                offset,
                new,
                is_known,
            });
        }
        let first = self.take_renaming(record.file);
        match first {
            Some(first) if new.any(reason::RENAME_NEW_NAME) => {
                // What was new with the first half is told with the second.
                let new = Reasons(new.0 | first.new.0 & !reason::RENAME_OLD_NAME);
                self.tell(record, offset, new, first.is_known, Some(&first))
            }
            Some(first) => {
                self.half(&first)?;
                self.tell(record, offset, new, known.is_some(), None)
            }
            None => self.tell(record, offset, new, known.is_some(), None),
        }
    }

    fn begin_renaming(&mut self, renaming: Renaming) -> Result<(), ParseError> {
        if let Some(first) = self.take_renaming(renaming.record.record.file) {
            self.half(&first)?;
        }
        if self.renamed.len() >= RENAMINGS {
            let oldest = self.renamed.remove(0);
            self.half(&oldest)?;
        }
        self.renamed.push(renaming);
        Ok(())
    }

    fn take_renaming(&mut self, file: u128) -> Option<Renaming> {
        let place = self
            .renamed
            .iter()
            .position(|first| first.record.record.file == file);
        place.map(|place| self.renamed.remove(place))
    }

    /// Tells of a renaming whose second half is missing.
    fn half(&mut self, first: &Renaming) -> Result<(), ParseError> {
        let record = first.record.get();
        self.tell(&record, first.offset, first.new, first.is_known, None)
    }

    /// The event of a record. `new`: what was not told before; `is_known`: whether the file's opening was.
    fn tell(
        &mut self,
        record: &UsnRecord<'_>,
        offset: u64,
        new: Reasons,
        is_known: bool,
        renamed: Option<&Renaming>,
    ) -> Result<(), ParseError> {
        // Nothing is left of what came before: only the deletion happens at the end, all else may be older.
        let several = (record.reasons.0 & !reason::CLOSE).count_ones() > 1;
        let is_late = !is_known && (several || record.reasons.any(reason::CLOSE));
        let new = if is_late && new.any(reason::FILE_DELETE) {
            Reasons(reason::FILE_DELETE)
        } else {
            new
        };
        if new.0 == 0 {
            return Ok(());
        }
        let is_exact = !is_late || new.any(reason::FILE_DELETE);
        let mut original = FilePath::default();
        if let Some(first) = renamed {
            self.find_path(&mut original, &first.record.get(), first.offset);
        }
        let mut path = std::mem::take(&mut self.path);
        self.find_path(&mut path, record, offset);
        let mut values = self.out.values();
        path.put(
            &mut values,
            record.attributes & DIRECTORY != 0,
            self.out.machine,
        );
        if renamed.is_some() {
            original.put_original(&mut values);
        }
        put_record(&mut values, record, self.volume);
        put_deeds(&mut values, new);
        values.put(f::EVENT_KIND, if is_exact { "event" } else { "state" });
        values.put(
            f::EVENT_EXT_CERTAINTY,
            if is_exact { "exact" } else { "upper_bound" },
        );
        let time = Ticks::from_filetime(record.time);
        let believed = time.filter(|time| time.is_believable());
        if believed.is_none() {
            values.put_some(f::EVENT_CREATED, time);
        }
        let source = Source {
            record: record.usn,
            offset,
            which: &[],
        };
        self.out.complete(&mut values);
        self.out.put(believed, source, &values, 0)?;
        self.out.done(values);
        self.path = path;
        Ok(())
    }

    fn find_path(&mut self, path: &mut FilePath, record: &UsnRecord<'_>, offset: u64) {
        let tree = At {
            history: self.history,
            volume: self.volume,
            offset,
        };
        if reference(record.file).map(Reference::entry) == Some(Reference::ROOT) {
            path.set_root(&self.volume.letter);
            return;
        }
        let parent = reference(record.parent).unwrap_or_default();
        if offset == self.now {
            path.set_utf16(&self.folders.of(&tree, parent), record.name);
        } else {
            // Its folder is called as it was then: what is remembered is of now.
            path.set_utf16(&Arc::new(Folder::of(&tree, parent)), record.name);
        }
    }
}

fn put_record(values: &mut Values<'_>, record: &UsnRecord<'_>, volume: &Volume) {
    let is_directory = record.attributes & DIRECTORY != 0;
    values.put(f::EVENT_EXT_TIMESTAMP_KIND, "usn_record");
    values.put_some(f::EVENT_SEQUENCE, i64::try_from(record.usn).ok());
    values.put(f::FILE_TYPE, if is_directory { "dir" } else { "file" });
    if let Some(own) = reference(record.file) {
        put_reference(values, own);
    } else {
        values.put(f::FILE_INODE, record.file.to_string());
    }
    values.put_some(
        f::FILE_EXT_MFT_PARENT,
        reference(record.parent).map(|parent| parent.to_string()),
    );
    values.put_words(f::FILE_EXT_USN_REASON, record.reasons.names());
    let sources = SOURCES.iter().filter(|(bit, _)| record.source & bit != 0);
    values.put_words(f::FILE_EXT_USN_SOURCE, sources.map(|(_, name)| *name));
    put_attributes(values, record.attributes);
    if record.security_id != 0 {
        let owner = volume.owner(record.security_id);
        values.put_some(f::FILE_UID, owner.map(ToString::to_string));
    }
}

fn put_deeds(values: &mut Values<'_>, new: Reasons) {
    let mut types: Vec<&str> = Vec::new();
    for (reasons, kind, action) in DEEDS {
        if new.any(reasons) {
            if !types.contains(&kind) {
                types.push(kind);
            }
            values.put(f::EVENT_ACTION, action);
        }
    }
    values.put_words(f::EVENT_TYPE, types);
}
