//! From what NTFS keeps to events: the fields that all of them share, and their identity.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use timeline::{Event, EvidenceId, Issue, Provenance, Sink, State, Ticks, fields as f};

use super::paths::{Folder, push_lower};
use super::place::{Place, put_facts};
use super::read::Reference;
use super::text::push_utf16;
use crate::ecs::{Room, Values};
use crate::residue::{put_machine, put_origin, uid};
use crate::{Counts, Input, Machine, ParseError, Profile};

/// The provider of events from $MFT.
pub const MFT: &str = "ntfs-mft";
/// The provider of events from the change journal.
pub const USN: &str = "ntfs-usn";
/// Both.
pub const PROVIDERS: [&str; 2] = [MFT, USN];

/// DOS attributes (`[MS-FSCC]` §2.6), as ECS and upstream write them.
const ATTRIBUTES: [(u32, &str); 13] = [
    (0x1, "readonly"),
    (0x2, "hidden"),
    (0x4, "system"),
    (0x20, "archive"),
    (0x40, "device"),
    (0x100, "temporary"),
    (0x200, "sparse"),
    (0x400, "reparse_point"),
    (0x800, "compressed"),
    (0x1000, "offline"),
    (0x2000, "not_content_indexed"),
    (0x4000, "encrypted"),
    (0x2_0000, "no_scrub_data"),
];
/// The bit of directories: of entries it stands in the header, in the journal among the attributes.
pub(super) const DIRECTORY: u32 = 0x10;

/// Where events are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Artefact {
    pub(super) provider: &'static str,
    pub(super) dataset: &'static str,
    /// Its path below the letter of the volume.
    pub(super) path: &'static str,
}

/// Where an event was read, and which of those of its record it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) record: u64,
    pub(super) offset: u64,
    /// What tells it from other events of the record.
    pub(super) which: &'a [u8],
}

/// Writes events.
pub(super) struct Out<'s> {
    sink: &'s mut dyn Sink,
    evidence: EvidenceId,
    pub(super) profile: Profile,
    pub(super) machine: &'s Machine,
    artefact: Artefact,
    channel: String,
    /// What begins the identity of every event.
    identity: Sha256,
    room: Room,
    pub(super) counts: Counts,
}

impl<'s> Out<'s> {
    /// Of evidence with this hash, on a volume with this letter.
    pub(super) fn new(
        input: &Input<'s>,
        artefact: Artefact,
        letter: &str,
        hash: [u8; 32],
        sink: &'s mut dyn Sink,
    ) -> Self {
        let mut identity = Sha256::new();
        identity.update(hash);
        // One block of the hash: it is not computed again for each event.
        let mut name = [0; 32];
        for (place, byte) in name.iter_mut().zip(artefact.provider.bytes()) {
            *place = byte;
        }
        identity.update(name);
        Self {
            sink,
            evidence: input.evidence,
            profile: input.profile,
            machine: input.machine,
            artefact,
            channel: format!("{letter}{}", artefact.path),
            identity,
            room: Room::default(),
            counts: Counts::default(),
        }
    }

    pub(super) fn issue(&mut self, issue: Issue) {
        self.sink.issue(issue);
    }

    /// Room for the values of an entry's events, with those that all events have.
    pub(super) fn values<'a>(&mut self) -> Values<'a>
    where
        's: 'a,
    {
        let mut values = Values::in_room(std::mem::take(&mut self.room));
        put_origin(&mut values, self.artefact.provider, self.artefact.dataset);
        put_machine(&mut values, self.machine);
        values.put(f::EVENT_CATEGORY, "file");
        values
    }

    /// Gives the room back.
    pub(super) fn done(&mut self, values: Values<'_>) {
        self.room = values.into_room();
    }

    /// Takes away what upstream's view does not have. Nothing of it is put later.
    pub(super) fn complete(&self, values: &mut Values<'_>) {
        if self.profile == Profile::Upstream {
            values.keep_upstream();
        }
    }

    /// Hands an event to the sink. So many of its values are those of the event before.
    pub(super) fn put(
        &mut self,
        time: Option<Ticks>,
        source: Source<'_>,
        values: &Values<'_>,
        repeats: usize,
    ) -> Result<(), ParseError> {
        let mut identity = self.identity.clone();
        identity.update(source.offset.to_le_bytes());
        identity.update(source.which);
        let event = Event {
            time,
            host: &self.machine.host,
            channel: &self.channel,
            provenance: Provenance {
                evidence: self.evidence,
                record: source.record,
                offset: source.offset,
                state: State::Live,
            },
            uid: uid(identity),
            values: values.as_slice(),
        };
        let stored = self.sink.event_like_last(&event, repeats);
        stored.map_err(ParseError::Store)?;
        self.counts.events += 1;
        Ok(())
    }
}

/// A file's path in parts, and the same in lower case, for many events.
#[derive(Debug, Default)]
pub(super) struct FilePath {
    pub(super) path: String,
    key: String,
    /// Where the name begins in the path.
    name: usize,
    /// What the path begins with: files of one folder follow each other often.
    folder: Option<Arc<Folder>>,
}

impl FilePath {
    /// Becomes the path of a name in a folder.
    pub(super) fn set(&mut self, folder: &Arc<Folder>, name: &str) {
        self.enter(folder);
        self.path.push_str(name);
        self.fold(folder);
    }

    /// The same of a name in UTF-16.
    pub(super) fn set_utf16(&mut self, folder: &Arc<Folder>, name: &[u8]) {
        self.set_path(folder, name);
        self.fold(folder);
    }

    /// The same without the path in lower case: for whoever makes no event of it.
    pub(super) fn set_path(&mut self, folder: &Arc<Folder>, name: &[u8]) {
        self.enter(folder);
        push_utf16(&mut self.path, name);
    }

    fn enter(&mut self, folder: &Arc<Folder>) {
        let is_in_it = |last: &Arc<Folder>| Arc::ptr_eq(last, folder);
        if self.folder.as_ref().is_some_and(is_in_it) {
            self.path.truncate(self.name);
            return;
        }
        self.path.clear();
        self.path.push_str(&folder.path);
        self.path.push('\\');
        self.name = self.path.len();
        self.folder = Some(Arc::clone(folder));
    }

    fn fold(&mut self, folder: &Folder) {
        self.key.clear();
        self.key.push_str(&folder.key);
        self.key.push('\\');
        let name = self.path.get(self.name..).unwrap_or_default();
        push_lower(&mut self.key, name);
    }

    /// Becomes the root itself.
    pub(super) fn set_root(&mut self, letter: &str) {
        self.folder = None;
        self.path.clear();
        self.path.push_str(letter);
        self.path.push('\\');
        self.name = self.path.len();
        self.key = self.path.to_lowercase();
    }

    fn name(&self) -> &str {
        self.path.get(self.name..).unwrap_or_default()
    }

    /// The extension without its dot: what follows the last.
    fn extension(&self) -> Option<&str> {
        let (_, extension) = self.name().rsplit_once('.')?;
        Some(extension).filter(|extension| !extension.is_empty())
    }

    /// Puts the path, its parts, and, of a file, what it tells.
    pub(super) fn put<'a>(
        &'a self,
        values: &mut Values<'a>,
        is_directory: bool,
        machine: &Machine,
    ) {
        let name = self.name();
        if !name.is_empty() {
            values.put(f::FILE_NAME, name);
        }
        if let Some(directory) = self.path.get(..self.name.saturating_sub(1)) {
            values.put(f::FILE_DIRECTORY, directory);
        }
        values.put_some(f::FILE_EXTENSION, self.extension());
        values.put(f::FILE_EXT_PATH_KEY, self.key.as_str());
        values.put(f::FILE_PATH, self.path.as_str());
        if !is_directory {
            put_facts(values, Place::of(&self.key), &self.path, machine);
        }
    }

    /// Puts the path as what it was before.
    pub(super) fn put_original(&self, values: &mut Values<'_>) {
        values.put(f::FILE_EXT_ORIGINAL_NAME, self.name().to_owned());
        values.put(f::FILE_EXT_ORIGINAL_PATH, self.path.clone());
        values.put_some(
            f::FILE_EXT_ORIGINAL_EXTENSION,
            self.extension().map(str::to_owned),
        );
    }
}

/// Puts which entry of the table it is.
pub(super) fn put_reference(values: &mut Values<'_>, own: Reference) {
    values.put(f::FILE_INODE, own.entry().to_string());
    values.put(f::FILE_EXT_MFT_ENTRY, own.entry().cast_signed());
    values.put(f::FILE_EXT_MFT_SEQUENCE, i64::from(own.sequence()));
}

/// Puts what DOS attributes say.
pub(super) fn put_attributes(values: &mut Values<'_>, attributes: u32) {
    for (bit, name) in ATTRIBUTES {
        if attributes & bit != 0 {
            values.put(f::FILE_ATTRIBUTES, name);
        }
    }
}
