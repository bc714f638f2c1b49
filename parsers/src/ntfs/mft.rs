//! $MFT: from entries to events.

use timeline::{Issue, Sink, fields as f};

use super::entry::Entry;
use super::moments::{FN_CREATED, KINDS, Marks, Meaning, Meanings, Moments, SI_CHANGED};
use super::names::Paths;
use super::out::{Artefact, MFT, Out, Source, put_attributes, put_reference};
use super::read::{Fault, FileName, Record, Reference, Slot, Table, record_size, time};
use super::text::file_name;
use super::volume::{Volume, VolumeFiles};
use crate::ecs::Values;
use crate::{Counts, Input, ParseError, Parser};

/// The parser of $MFT.
#[derive(Clone, Copy, Debug)]
pub struct MasterFileTable;

const ARTEFACT: Artefact = Artefact {
    provider: MFT,
    dataset: "offline.mft",
    path: "\\$MFT",
};
/// What Windows keeps of the first entries a second time.
const MIRROR: Artefact = Artefact {
    path: "\\$MFTMirr",
    ..ARTEFACT
};
/// Bytes of a table that are one share.
const SHARE: u64 = 16 << 20;
/// Records of one share that are told one by one.
const MOST_FAULTS: u64 = 1000;
/// What tells the event of a deletion from those of times.
const DELETION: u8 = 0;

impl Parser for MasterFileTable {
    fn kind(&self) -> &'static str {
        "mft"
    }

    fn describe(&self) -> &'static str {
        "NTFS master file tables ($MFT)"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        record_size(head).is_some() && Record::open(&mut head.to_vec()).is_ok()
    }

    fn is_known_name(&self, name: &str) -> bool {
        matches!(file_name(name).as_str(), "$mft" | "$mftmirr")
    }

    fn shares(&self, input: &Input<'_>) -> u64 {
        input.bytes.len().div_ceil(SHARE).max(1)
    }

    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
        let read = |source| ParseError::Read { offset: 0, source };
        let Some(table) = Table::open(input.bytes).map_err(read)? else {
            if input.share.unwrap_or_default() == 0 {
                let issue = Issue::loss(
                    "not-a-table",
                    "The file holds no record of a master file table.",
                );
                sink.issue(
                    issue
                        .at(0)
                        .expected("FILE", format!("{} bytes", input.bytes.len())),
                );
            }
            return Ok(Counts::default());
        };
        let own;
        let known = input.volume.filter(|volume| volume.table_hash().is_some());
        let volume = if let Some(volume) = known {
            volume
        } else {
            let files = VolumeFiles {
                table: Some(input.bytes),
                memory: input.memory,
                ..VolumeFiles::default()
            };
            own = Volume::read(files).map_err(read)?;
            &own
        };
        let is_mirror = file_name(input.path) == "$mftmirr";
        let mut reading = Reading {
            volume,
            paths: Paths::of(volume),
            meanings: Meanings::new(input.machine.keeps_last_access == Some(true)),
            faults: 0,
            out: Out::new(
                input,
                if is_mirror { MIRROR } else { ARTEFACT },
                &volume.letter,
                volume.table_hash().unwrap_or_default(),
                sink,
            ),
        };
        if input.share.unwrap_or_default() == 0 {
            volume.issues().for_each(|issue| reading.out.issue(issue));
        }
        let shares = match input.share {
            Some(share) => share..share.saturating_add(1),
            None => 0..self.shares(input),
        };
        for share in shares {
            reading.read(table, share)?;
        }
        Ok(reading.out.counts)
    }
}

/// Makes events of a table.
struct Reading<'s> {
    volume: &'s Volume,
    paths: Paths<'s>,
    meanings: Meanings,
    faults: u64,
    out: Out<'s>,
}

/// A record that is an entry, and where it lies.
#[derive(Clone, Copy)]
struct Placed<'r, 'a> {
    record: &'r Record<'a>,
    number: u64,
    offset: u64,
}

impl Placed<'_, '_> {
    fn reference(&self) -> Reference {
        Reference::new(self.number, self.record.sequence)
    }

    fn source<'w>(&self, which: &'w [u8]) -> Source<'w> {
        Source {
            record: self.number << 16 | u64::from(self.record.sequence),
            offset: self.offset,
            which,
        }
    }
}

impl<'s> Reading<'s> {
    /// Reads one share. What is told of damage is told by shares, so that all of them tell what the whole does.
    fn read(&mut self, table: Table<'_>, share: u64) -> Result<(), ParseError> {
        let size = table.record_size as u64;
        let per_share = SHARE / size;
        let from = share.saturating_mul(per_share);
        let to = from.saturating_add(per_share);
        self.faults = 0;
        // Garbage that began in the share before was told there.
        let mut is_told = from > 0 && is_garbage_at(table, from - 1)?;
        let mut garbage = Garbage::default();
        let mut slots = table.read(from, to);
        let mut offset = from.saturating_mul(size);
        while let Some((place, slot)) =
            (slots.next()).map_err(|source| ParseError::Read { offset, source })?
        {
            offset = place.saturating_mul(size);
            let is_garbage = matches!(slot, Slot::Unreadable(Fault::Signature));
            if is_garbage && !is_told {
                garbage.add(place, offset);
            } else if !is_garbage {
                is_told = false;
                self.tell(garbage.take());
                self.slot(&slot, place, offset)?;
            }
        }
        // Garbage that goes on in the next is told here.
        if garbage.first.is_some() {
            garbage.last = last_garbage(table, garbage.last)?;
        }
        self.tell(garbage.take());
        if self.faults > MOST_FAULTS {
            let message = "Many more records of this part of the table are damaged.";
            let issue = Issue::loss("mft-damage", message);
            let found = format!("{} in all", self.faults);
            let expected = format!("at most {MOST_FAULTS}");
            // Where the part begins: where it ends depends on what lies behind.
            let start = from.saturating_mul(size);
            self.out.issue(issue.at(start).expected(expected, found));
        }
        Ok(())
    }

    fn slot(&mut self, slot: &Slot<'_>, place: u64, offset: u64) -> Result<(), ParseError> {
        match slot {
            Slot::Empty | Slot::Passed => {}
            Slot::Cut => {
                let issue = Issue::loss("mft-cut", "The table ends within a record.");
                self.fault(issue.at(offset).in_record(place));
            }
            Slot::Unreadable(fault) => {
                self.out.counts.records += 1;
                self.fault(unreadable(*fault).at(offset).in_record(place));
            }
            Slot::Record(record) => self.record(record, place, offset)?,
        }
        Ok(())
    }

    fn tell(&mut self, issue: Option<Issue>) {
        if let Some(issue) = issue {
            self.fault(issue);
        }
    }

    fn fault(&mut self, issue: Issue) {
        self.faults += 1;
        if self.faults <= MOST_FAULTS {
            self.out.issue(issue);
        }
    }

    fn record(&mut self, record: &Record<'_>, place: u64, offset: u64) -> Result<(), ParseError> {
        self.out.counts.records += 1;
        let number = record.number.map_or(place, u64::from);
        let placed = Placed {
            record,
            number,
            offset,
        };
        if let Some(fault) = record.fault {
            self.fault(torn(fault, placed));
        }
        if !record.is_base() {
            // What it has is told with the entry that it continues.
            let mut attributes = record.attributes();
            attributes.by_ref().for_each(drop);
            if attributes.is_cut && record.fault.is_none() {
                self.fault(cut(placed));
            }
            return Ok(());
        }
        let extensions = self.volume.extensions(record, number, place);
        let entry = Entry::of(record, &extensions);
        if entry.is_cut && record.fault.is_none() {
            self.fault(cut(placed));
        }
        if entry.is_full {
            let message = "The entry has more names or streams than are told.";
            let issue = Issue::loss("mft-names", message);
            self.fault(issue.at(offset).in_record(placed.reference()));
        }
        self.entry(placed, &entry)
    }

    fn entry(&mut self, placed: Placed<'_, '_>, entry: &Entry<'_>) -> Result<(), ParseError> {
        if entry.names.is_empty() && entry.standard.is_none() {
            // It was formatted, and never used; or what it had is told as lost.
            return Ok(());
        }
        if entry.names.is_empty() {
            return self.named(placed, entry, None, 0);
        }
        for (number, name) in (0_u16..).zip(&entry.names) {
            self.named(placed, entry, Some(name), number)?;
        }
        Ok(())
    }

    /// The events of one of an entry's names.
    fn named(
        &mut self,
        placed: Placed<'_, '_>,
        entry: &Entry<'_>,
        name: Option<&FileName<'_>>,
        number: u16,
    ) -> Result<(), ParseError> {
        let (record, volume): (_, &'s Volume) = (placed.record, self.volume);
        let standard = entry.standard.map(|standard| standard.times);
        let named = name.map(|name| name.times);
        let moments = Moments::of(standard.as_ref(), named.as_ref());
        let marks = Marks::of(standard.as_ref(), named.as_ref(), record.is_directory);
        let machine = self.out.machine;
        let mut values = self.out.values();
        let path = self.paths.of_name(placed.number, name);
        path.put(&mut values, record.is_directory, machine);
        put_entry(&mut values, placed, entry, name);
        if let Some(id) = entry.standard.and_then(|standard| standard.security_id) {
            values.put_some(f::FILE_UID, volume.owner(id).map(|sid| &**sid));
        }
        values.put_words(f::FILE_EXT_TIME_MARKS, marks.names());
        if record.fault.is_some() {
            values.put(f::EVENT_EXT_DAMAGED, true);
        }
        let is_renamed = entry.names.len() > 1
            && standard
                .zip(named)
                .is_some_and(|(si, own)| si.changed == own.changed);
        self.out.complete(&mut values);
        let mark = values.mark();
        let mut repeats = 0;
        for moment in moments.iter() {
            let is_renamed = is_renamed && moment.kinds & SI_CHANGED != 0;
            put_meaning(
                &mut values,
                self.meanings.of(moment.kinds, marks, is_renamed),
            );
            let kinds = (0..)
                .zip(KINDS)
                .filter(|(bit, _)| moment.kinds & (1 << bit) != 0);
            values.put_words(f::EVENT_EXT_TIMESTAMP_KIND, kinds.map(|(_, kind)| kind));
            let which = which(number, moment.kinds);
            let source = placed.source(&which);
            self.out.put(Some(moment.time), source, &values, repeats)?;
            values.cut(mark);
            repeats = mark;
        }
        if !record.is_in_use || moments.iter().next().is_none() {
            let meaning = if record.is_in_use {
                Meaning::exists()
            } else {
                Meaning::deleted()
            };
            put_meaning(&mut values, &meaning);
            values.put(
                f::EVENT_EXT_TIMESTAMP_KIND,
                if record.is_in_use {
                    "none"
                } else {
                    "deleted_after"
                },
            );
            let which = which(number, DELETION);
            let source = placed.source(&which);
            self.out.put(moments.last(), source, &values, repeats)?;
        }
        self.out.done(values);
        Ok(())
    }
}

/// What tells an event from the others of its entry: which name, and which of its times.
fn which(name: u16, kinds: u8) -> [u8; 3] {
    let [low, high] = name.to_le_bytes();
    [low, high, kinds]
}

fn put_meaning(values: &mut Values<'_>, meaning: &Meaning) {
    values.put(
        f::EVENT_KIND,
        if meaning.is_event { "event" } else { "state" },
    );
    values.put_words(f::EVENT_TYPE, meaning.types.iter().copied());
    values.put_words(f::EVENT_ACTION, meaning.actions.iter().copied());
    values.put(f::EVENT_EXT_CERTAINTY, meaning.certainty);
}

fn put_entry<'a>(
    values: &mut Values<'a>,
    placed: Placed<'_, '_>,
    entry: &Entry<'a>,
    name: Option<&FileName<'_>>,
) {
    let record = placed.record;
    values.put(f::EVENT_SEQUENCE, placed.number.cast_signed());
    values.put(
        f::FILE_TYPE,
        if record.is_directory { "dir" } else { "file" },
    );
    if !record.is_directory {
        let size = entry.size.and_then(|size| i64::try_from(size).ok());
        values.put_some(f::FILE_SIZE, size);
    }
    put_reference(values, placed.reference());
    values.put(f::FILE_EXT_MFT_IN_USE, record.is_in_use);
    if let Some(name) = name {
        values.put(f::FILE_EXT_MFT_PARENT, name.parent.to_string());
        values.put_all(
            f::FILE_EXT_MFT_SHORT_NAME,
            entry.short_names_in(name.parent),
        );
        // Mostly it is what the file has.
        let named = time(name.times.created);
        let created = entry
            .standard
            .and_then(|standard| time(standard.times.created));
        values.put_some(
            f::FILE_EXT_MFT_FN_CREATED,
            named.filter(|_| named != created),
        );
    }
    if let Some(standard) = entry.standard {
        values.put_some(f::FILE_CREATED, time(standard.times.created));
        values.put_some(f::FILE_MTIME, time(standard.times.modified));
        values.put_some(f::FILE_CTIME, time(standard.times.changed));
        values.put_some(f::FILE_ACCESSED, time(standard.times.accessed));
        put_attributes(values, standard.attributes);
    }
    if let Some(head) = entry.head.filter(|head| !head.is_empty()) {
        values.put(f::FILE_EXT_HEADER_BYTES, timeline::hex(head));
    }
    values.put_all(f::FILE_EXT_STREAM, entry.streams.iter().cloned());
    if let Some(zone) = &entry.zone {
        zone.put(values);
    }
    if let Some(reparse) = &entry.reparse {
        values.put_some(f::FILE_TARGET_PATH, reparse.target.clone());
    }
}

/// Whether something that is no record lies in the place of one.
fn is_garbage_at(table: Table<'_>, place: u64) -> Result<bool, ParseError> {
    let offset = place.saturating_mul(table.record_size as u64);
    let slot = table
        .read(place, place.saturating_add(1))
        .next()
        .map(|slot| matches!(slot, Some((_, Slot::Unreadable(Fault::Signature)))));
    slot.map_err(|source| ParseError::Read { offset, source })
}

/// The last place of what is no record from one place on.
fn last_garbage(table: Table<'_>, mut place: u64) -> Result<u64, ParseError> {
    let mut slots = table.read(place.saturating_add(1), u64::MAX);
    loop {
        let offset = place.saturating_mul(table.record_size as u64);
        let slot = slots
            .next()
            .map_err(|source| ParseError::Read { offset, source })?;
        match slot {
            Some((next, Slot::Unreadable(Fault::Signature))) => place = next,
            _ => return Ok(place),
        }
    }
}

/// What is told of a record that is torn, but was read in part.
fn torn(fault: Fault, placed: Placed<'_, '_>) -> Issue {
    let issue = match fault {
        Fault::FixUp {
            expected, found, ..
        } => {
            let message = "The record was written in parts at different times: only the sectors before were read.";
            let issue = Issue::loss("mft-fix-up", message);
            issue.expected(format!("{expected:#06x}"), format!("{found:#06x}"))
        }
        _ => unreadable(fault),
    };
    issue.at(placed.offset).in_record(placed.reference())
}

/// What is told of a record whose attributes do not end well.
fn cut(placed: Placed<'_, '_>) -> Issue {
    let message = "The attributes of the record lead out of it: those before were read.";
    let issue = Issue::loss("mft-attributes", message);
    issue.at(placed.offset).in_record(placed.reference())
}

/// What is told of a record whose header cannot be trusted.
fn unreadable(fault: Fault) -> Issue {
    match fault {
        Fault::Bad => {
            let message =
                "Windows marked the record as torn: what it says may be missing, or of two times.";
            Issue::loss("mft-bad", message)
        }
        _ => Issue::loss("mft-header", "The header of the record leads out of it."),
    }
}

/// Slots with something that is no record, one behind the other.
#[derive(Default)]
struct Garbage {
    first: Option<(u64, u64)>,
    last: u64,
}

impl Garbage {
    fn add(&mut self, place: u64, offset: u64) {
        self.first.get_or_insert((place, offset));
        self.last = place;
    }

    fn take(&mut self) -> Option<Issue> {
        let Self { first, last } = std::mem::take(self);
        let (first, offset) = first?;
        let message = "There is something in the place of records that is none.";
        let issue = Issue::loss("mft-signature", message).at(offset);
        Some(if first == last {
            issue.in_record(first)
        } else {
            issue.in_record(format!("{first} to {last}"))
        })
    }
}

// The bit of $FILE_NAME's creation is what a deletion can never be.
const _: () = assert!(DELETION & FN_CREATED == 0);
