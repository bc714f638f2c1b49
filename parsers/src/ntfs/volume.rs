//! What must be known of a volume before its entries can be told: its directories, what continues large
//! entries, and whose files are whose.

use std::io;
use std::sync::Arc;

use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use timeline::Issue;

use super::read::{
    Attributes, FileName, Namespace, Record, Reference, SECURITY_BLOCK, Slot, Table, kind,
    list_entries, security_entries,
};
use super::text::push_utf16;
use crate::security_descriptor::SecurityDescriptor;
use crate::{ReadAt, le};

/// What a directory takes beside its name.
const PER_DIRECTORY: usize = 64;
/// What a descriptor takes.
const PER_OWNER: usize = 96;
/// The flag of a directory in a record's header.
const DIRECTORY: u16 = 2;
/// Behind it lies the first fix-up.
const LAST_SEEN: usize = 500;
/// A cycle of parents is told one by one up to so many.
const MOST_CYCLES: usize = 100;

/// A volume: its $MFT and $Secure as far as they were collected.
#[derive(Debug, Default)]
pub struct Volume {
    /// What stands before its paths: `C:`.
    pub(super) letter: String,
    /// SHA-256 of the table.
    hash: Option<[u8; 32]>,
    directories: HashMap<u64, Directory>,
    names: String,
    /// What continues entries, by the entry.
    extensions: HashMap<u64, Vec<Extension>>,
    /// Entries that have a list of attributes.
    listed: HashMap<u64, Listed>,
    owners: HashMap<u32, Arc<str>>,
    memory: usize,
    issues: Vec<Issue>,
}

/// A directory, in use or not.
#[derive(Clone, Copy, Debug)]
struct Directory {
    parent: Reference,
    sequence: u16,
    is_in_use: bool,
    /// Whether the record lies where its number says.
    is_in_place: bool,
    /// How good its name is.
    namespace: Namespace,
    name: (usize, u16),
}

/// An entry whose attributes are in several records.
#[derive(Debug)]
struct Listed {
    /// Where its first record lies in the table: another that gives the same number is not it.
    place: u64,
    sequence: u16,
    is_in_use: bool,
    /// The records that its list names; none when the list lies in clusters.
    records: Option<Vec<Reference>>,
}

impl Listed {
    /// An entry without a list.
    fn without(base: &Record<'_>, place: u64) -> Self {
        Self {
            place,
            sequence: base.sequence,
            is_in_use: base.is_in_use,
            records: None,
        }
    }

    /// Whether a further record belongs to it.
    fn has(&self, extension: &Extension) -> bool {
        let is_named = self.records.as_ref().is_none_or(|records| {
            records.iter().any(|named| {
                let (own, is_in_use) = (extension.record, extension.is_in_use);
                named.entry() == own.entry() && is_same(named.sequence(), own.sequence(), is_in_use)
            })
        });
        is_named
            && is_same(extension.base.sequence(), self.sequence, self.is_in_use)
            && (extension.is_in_use || !self.is_in_use)
    }
}

/// What a further record of an entry has.
#[derive(Debug)]
pub(super) struct Extension {
    /// The entry, as the further record refers to it.
    pub(super) base: Reference,
    /// The further record.
    pub(super) record: Reference,
    pub(super) is_in_use: bool,
    /// Its attributes, those that are looked at, one behind the other.
    pub(super) attributes: Vec<u8>,
}

/// The files that a volume is known by.
#[derive(Clone, Copy, Default)]
pub struct VolumeFiles<'a> {
    /// $MFT.
    pub table: Option<&'a dyn ReadAt>,
    /// $Secure:$SDS.
    pub security: Option<&'a dyn ReadAt>,
    /// The letter that the volume had, with its colon; `C:` when nobody knows.
    pub letter: &'a str,
    /// Bytes of memory that may be taken.
    pub memory: u64,
    /// Whether only paths are asked for: the identity of events needs a hash of the table, paths do not.
    pub paths_only: bool,
}

impl Volume {
    /// Reads what the files tell. What is wrong with the records is told by whoever reads them again; here
    /// is told what concerns the whole.
    pub fn read(files: VolumeFiles<'_>) -> io::Result<Self> {
        let letter = if files.letter.is_empty() {
            "C:"
        } else {
            files.letter
        };
        let mut volume = Self {
            letter: letter.to_owned(),
            memory: usize::try_from(files.memory).unwrap_or(usize::MAX),
            ..Self::default()
        };
        if let Some(bytes) = files.table
            && let Some(table) = Table::open(bytes)?
        {
            volume.read_table(&table, files.paths_only)?;
        }
        if let Some(bytes) = files.security {
            volume.read_security(bytes)?;
        }
        Ok(volume)
    }

    /// SHA-256 of the table, when there is one.
    #[must_use]
    pub fn table_hash(&self) -> Option<[u8; 32]> {
        self.hash
    }

    /// How many directories are known.
    #[must_use]
    pub fn directories(&self) -> usize {
        self.directories.len()
    }

    /// What is wrong with the volume as a whole.
    pub(super) fn issues(&self) -> impl Iterator<Item = Issue> + '_ {
        self.issues.iter().cloned()
    }

    /// SID of the owner of files that have a descriptor.
    pub(super) fn owner(&self, security_id: u32) -> Option<&Arc<str>> {
        self.owners.get(&security_id)
    }

    /// Name and parent of a directory, if the entry is still, or was last, the one that is referred to.
    pub(super) fn directory(&self, reference: Reference) -> Option<(&str, Reference)> {
        let directory = self.directories.get(&reference.entry())?;
        let is_it = is_same(
            reference.sequence(),
            directory.sequence,
            directory.is_in_use,
        );
        is_it.then(|| (self.name(directory), directory.parent))
    }

    /// What continues the entry whose first record lies at a place. One that has no list of its attributes is
    /// trusted only where it belongs.
    pub(super) fn extensions(&self, base: &Record<'_>, entry: u64, place: u64) -> Vec<&Extension> {
        let Some(all) = self.extensions.get(&entry) else {
            return Vec::new();
        };
        let without;
        let listed = match self.listed.get(&entry) {
            Some(listed) if listed.place == place => listed,
            None if entry == place => {
                without = Listed::without(base, place);
                &without
            }
            _ => return Vec::new(),
        };
        all.iter()
            .filter(|extension| listed.has(extension))
            .collect()
    }

    fn name(&self, directory: &Directory) -> &str {
        let (start, length) = directory.name;
        self.names
            .get(start..start + usize::from(length))
            .unwrap_or_default()
    }

    fn read_table(&mut self, table: &Table<'_>, paths_only: bool) -> io::Result<()> {
        let mut hash = Sha256::new();
        let mut slots = table.read(0, table.slots());
        let mut is_full = false;
        loop {
            if let Some(piece) = slots.next_piece()?
                && !paths_only
            {
                hash.update(piece);
            }
            let Some((place, slot)) = slots.next_if(tells_of_others)? else {
                break;
            };
            if let Slot::Record(record) = slot {
                is_full |= !self.add(&record, place);
            }
        }
        self.hash = (!paths_only).then(|| hash.finalize().into());
        self.name_by_extensions();
        self.tell_cycles();
        if is_full {
            let message = "There is no memory for all directories of the volume: some paths begin with $Orphan. --memory raises the limit.";
            self.issues.push(Issue::loss("mft-directories", message));
        }
        Ok(())
    }

    /// Keeps what a record tells of others. Whether there was memory for it.
    fn add(&mut self, record: &Record<'_>, place: u64) -> bool {
        if !record.is_base() {
            return self.add_extension(record, place);
        }
        let entry = record.number.map_or(place, u64::from);
        if self.held() > self.memory {
            return false;
        }
        self.add_list(record, entry, place);
        if !record.is_directory {
            return true;
        }
        let best = FileName::among(record.attributes()).min_by_key(|name| name.namespace);
        let directory = Directory {
            parent: best.map_or(Reference(0), |best| best.parent),
            sequence: record.sequence,
            is_in_use: record.is_in_use,
            is_in_place: entry == place,
            namespace: best.map_or(Namespace::Dos, |best| best.namespace),
            name: (0, 0),
        };
        self.add_directory(entry, directory, best.map_or(&[], |best| best.name));
        true
    }

    /// Notes that an entry is in several records.
    fn add_list(&mut self, record: &Record<'_>, entry: u64, place: u64) {
        let mut attributes = record.attributes();
        let list = attributes.find(|attribute| attribute.kind >= kind::ATTRIBUTE_LIST);
        let Some(list) = list.filter(|list| list.kind == kind::ATTRIBUTE_LIST) else {
            return;
        };
        let records = list.resident().map(|list| {
            let mut records: Vec<Reference> =
                list_entries(list).map(|entry| entry.record).collect();
            records.sort_unstable();
            records.dedup();
            records
        });
        let listed = Listed {
            records,
            ..Listed::without(record, place)
        };
        let size = listed.records.as_ref().map_or(0, Vec::len) * size_of::<Reference>();
        self.memory = self.memory.saturating_sub(size + PER_DIRECTORY);
        let known = self.listed.get(&entry);
        if known.is_none() || entry == place {
            self.listed.insert(entry, listed);
        }
    }

    /// Of several that give the same number the one counts that lies in its place.
    fn add_directory(&mut self, entry: u64, directory: Directory, name: &[u8]) {
        let known = self.directories.get(&entry);
        if known.is_some_and(|known| known.is_in_place && !directory.is_in_place) {
            return;
        }
        let start = self.names.len();
        push_utf16(&mut self.names, name);
        let length = u16::try_from(self.names.len() - start).unwrap_or(0);
        let name = (start, length);
        self.directories
            .insert(entry, Directory { name, ..directory });
    }

    fn add_extension(&mut self, record: &Record<'_>, place: u64) -> bool {
        let mut attributes = Vec::new();
        for attribute in record.attributes() {
            let is_wanted = match attribute.kind {
                kind::FILE_NAME | kind::REPARSE_POINT => true,
                kind::DATA => attribute.is_first_part(),
                _ => false,
            };
            if is_wanted {
                attributes.extend(attribute.bytes);
            }
        }
        if attributes.is_empty() {
            return true;
        }
        if self.held() > self.memory {
            return false;
        }
        let number = record.number.map_or(place, u64::from);
        let extension = Extension {
            base: record.base,
            record: Reference::new(number, record.sequence),
            is_in_use: record.is_in_use,
            attributes,
        };
        self.memory = self
            .memory
            .saturating_sub(extension.attributes.len() + PER_DIRECTORY);
        self.extensions
            .entry(record.base.entry())
            .or_default()
            .push(extension);
        true
    }

    fn held(&self) -> usize {
        self.directories.len() * PER_DIRECTORY + self.names.len()
    }

    /// Names of directories that only their further records have.
    fn name_by_extensions(&mut self) {
        let mut entries: Vec<u64> = self.extensions.keys().copied().collect();
        entries.sort_unstable();
        for entry in entries {
            let Some(directory) = self.directories.get(&entry).copied() else {
                continue;
            };
            let Some(listed) = self.listed.get(&entry) else {
                continue;
            };
            let extensions = self.extensions.get(&entry).into_iter().flatten();
            let names = extensions
                .filter(|own| listed.has(own))
                .flat_map(|own| FileName::among(Attributes::new(&own.attributes, 0)));
            let best = names.min_by_key(|name| name.namespace);
            let is_better =
                |best: &FileName<'_>| directory.name.1 == 0 || best.namespace < directory.namespace;
            if let Some(best) = best.filter(is_better) {
                let name = best.name.to_vec();
                let (parent, namespace) = (best.parent, best.namespace);
                let directory = Directory {
                    parent,
                    namespace,
                    ..directory
                };
                self.add_directory(entry, directory, &name);
            }
        }
    }

    /// Tells of directories that are their own ancestors.
    fn tell_cycles(&mut self) {
        let mut entries: Vec<u64> = self.directories.keys().copied().collect();
        entries.sort_unstable();
        // The walk that reached a directory first.
        let mut reached: HashMap<u64, usize> = HashMap::with_capacity(entries.len());
        let mut cycles = 0_usize;
        for (walk, &start) in entries.iter().enumerate() {
            let mut at = start;
            while at != Reference::ROOT {
                match reached.get(&at) {
                    Some(&first) if first == walk => {
                        cycles += 1;
                        if cycles <= MOST_CYCLES {
                            let message = "The directory is among its own parents: the paths of what is below it begin with $Orphan.";
                            let issue = Issue::loss("mft-cycle", message);
                            self.issues.push(issue.in_record(at));
                        }
                        break;
                    }
                    Some(_) => break,
                    None => {
                        reached.insert(at, walk);
                    }
                }
                let parent = self.directories.get(&at).map(|directory| directory.parent);
                match parent.filter(|parent| self.directory(*parent).is_some()) {
                    Some(parent) => at = parent.entry(),
                    None => break,
                }
            }
        }
        if cycles > MOST_CYCLES {
            let message = "Many more directories are among their own parents.";
            let issue = Issue::loss("mft-cycle", message);
            self.issues
                .push(issue.expected(format!("at most {MOST_CYCLES}"), format!("{cycles} in all")));
        }
    }

    fn read_security(&mut self, bytes: &dyn ReadAt) -> io::Result<()> {
        let mut block = vec![0; SECURITY_BLOCK];
        let (mut at, mut offset, mut is_copy) = (0_u64, 0_u64, false);
        loop {
            let count = bytes.read_at(at, &mut block)?;
            if count == 0 {
                return Ok(());
            }
            for entry in security_entries(block.get(..count).unwrap_or_default(), offset) {
                if self.owners.len() * PER_OWNER > self.memory {
                    let message = "There is no memory for all security descriptors of the volume: some files have no owner. --memory raises the limit.";
                    self.issues.push(Issue::loss("sds-size", message));
                    return Ok(());
                }
                if let Some(owner) = SecurityDescriptor::new(entry.descriptor).owner() {
                    self.owners.entry(entry.id).or_insert_with(|| owner.into());
                }
            }
            // The copy's entries tell the places of the first.
            at += SECURITY_BLOCK as u64;
            if is_copy {
                offset = at;
            }
            is_copy = !is_copy;
        }
    }
}

/// Whether a record can be a directory, continue another, or have a list of attributes: whether others need it.
/// What is looked at lies before the first fix-up.
fn tells_of_others(record: &[u8]) -> bool {
    let flags = le::u16(record, 0x16).unwrap_or_default();
    let base = le::u64(record, 0x20).unwrap_or_default();
    if flags & DIRECTORY != 0 || base != 0 {
        return true;
    }
    // Attributes are in the order of their types: the list is the first, or behind $STANDARD_INFORMATION.
    let first = usize::from(le::u16(record, 0x14).unwrap_or_default());
    let kind_at = |at: usize| le::u32(record, at).filter(|_| at < LAST_SEEN);
    let length = le::u32(record, first + 4).filter(|length| *length < 0x200);
    let second = length
        .map(|length| first + length as usize)
        .and_then(kind_at);
    let is_list = |kind: Option<u32>| kind.is_none_or(|kind| kind == kind::ATTRIBUTE_LIST);
    is_list(kind_at(first)) || is_list(second)
}

/// Whether an entry is the one that a reference was made to: an entry that was freed since then counts one
/// higher, and has kept what it was.
fn is_same(referred: u16, sequence: u16, is_in_use: bool) -> bool {
    let next = if referred == u16::MAX {
        1
    } else {
        referred + 1
    };
    referred == 0 || referred == sequence || (!is_in_use && next == sequence)
}
