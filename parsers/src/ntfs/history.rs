//! What a change journal itself says about directories: their names and parents at each time.

use std::io;

use hashbrown::HashMap;
use sha2::{Digest, Sha256};

use super::out::DIRECTORY;
use super::paths::Tree;
use super::read::{Reference, UsnRecord, UsnSlot, UsnSlots};
use super::text::push_utf16;
use super::volume::Volume;
use crate::ReadAt;

/// What a name takes beside its text.
const PER_NAME: usize = 64;

/// Names of directories, and since when.
#[derive(Debug, Default)]
pub(super) struct History {
    /// By the directory, in the order of the journal.
    directories: HashMap<Reference, Vec<Naming>>,
    names: String,
    count: usize,
    /// SHA-256 of the journal.
    pub(super) hash: [u8; 32],
    /// Whether there was no memory for all of it.
    pub(super) is_cut: bool,
}

/// A name of a directory.
#[derive(Clone, Copy, Debug)]
struct Naming {
    /// Where in the journal it begins to count.
    from: u64,
    parent: Reference,
    name: (usize, usize),
}

impl History {
    /// Reads a journal.
    pub(super) fn read(bytes: &dyn ReadAt, memory: u64) -> io::Result<Self> {
        let memory = usize::try_from(memory).unwrap_or(usize::MAX);
        let mut history = Self::default();
        let mut hash = Sha256::new();
        let mut slots = UsnSlots::new(bytes);
        while let Some((offset, slot)) = slots.next(&mut |new| hash.update(new))? {
            if let UsnSlot::Record(record) = slot
                && record.attributes & DIRECTORY != 0
            {
                history.add(&record, offset, memory);
            }
        }
        history.hash = hash.finalize().into();
        Ok(history)
    }

    fn add(&mut self, record: &UsnRecord<'_>, offset: u64, memory: usize) {
        let (Some(directory), Some(parent)) = (reference(record.file), reference(record.parent))
        else {
            return;
        };
        if self.count * PER_NAME + self.names.len() > memory {
            self.is_cut = true;
            return;
        }
        let start = self.names.len();
        push_utf16(&mut self.names, record.name);
        let name = (start, self.names.len());
        let known = self.directories.entry(directory).or_default();
        let last = known.last().copied();
        let text = self.names.get(start..).unwrap_or_default();
        let is_known = last.is_some_and(|last| {
            last.parent == parent && self.names.get(last.name.0..last.name.1) == Some(text)
        });
        if is_known {
            self.names.truncate(start);
            return;
        }
        // Before its first record nothing else is known: it was called so.
        let from = if last.is_none() { 0 } else { offset };
        known.push(Naming { from, parent, name });
        self.count += 1;
    }

    /// Whether a directory is called otherwise from here on.
    pub(super) fn changes_at(&self, directory: Reference, offset: u64) -> bool {
        let known = self
            .directories
            .get(&directory)
            .and_then(|known| known.get(1..));
        known.is_some_and(|known| {
            known
                .binary_search_by_key(&offset, |naming| naming.from)
                .is_ok()
        })
    }

    fn at(&self, directory: Reference, offset: u64) -> Option<(&str, Reference)> {
        let known = self.directories.get(&directory)?;
        let after = known.partition_point(|naming| naming.from <= offset);
        let naming = known.get(after.checked_sub(1)?)?;
        Some((self.names.get(naming.name.0..naming.name.1)?, naming.parent))
    }
}

/// A file id as a reference: those of 128 bits are one when their upper half is empty. ReFS has others.
pub(super) fn reference(id: u128) -> Option<Reference> {
    u64::try_from(id).ok().map(Reference)
}

/// The directories as they were at one place of the journal.
pub(super) struct At<'h> {
    pub(super) history: &'h History,
    pub(super) volume: &'h Volume,
    pub(super) offset: u64,
}

impl Tree for At<'_> {
    fn directory(&self, reference: Reference) -> Option<(&str, Reference)> {
        let told = self.history.at(reference, self.offset);
        told.or_else(|| self.volume.directory(reference))
    }

    fn letter(&self) -> &str {
        &self.volume.letter
    }
}
