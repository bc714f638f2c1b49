//! Deeds, done one after the other: what each changes in the MFT, and what the journal notes of it.

use std::collections::BTreeMap;

use super::content::written;
use super::file::File;
use super::metadata::first_files;
use super::paths::{Found, small, split};
use super::{Clusters, Deed, New, Place, Volume};
use crate::descriptor::security_descriptor;
use crate::evtx::Sid;
use crate::ntfs::reparse_point::MOUNT_POINT;
use crate::ntfs::{
    Attribute, Error, FileName, FileReference, Journal, Namespace, SecurityStream, UsnForm,
    UsnRecord, is_short, kind, mount_point, reason, short_name, utf16,
};
use crate::time::FileTime;
use crate::windows::Account;

/// All rights to a file.
const FILE_ALL: u32 = 0x001F_01FF;
/// Administrators of the machine.
const ADMINISTRATORS: Sid = Sid::new(5, [32, 544]);
/// Attribute of what leads elsewhere.
const IS_REPARSE_POINT: u32 = 0x400;

/// A volume between two deeds.
pub(super) struct State {
    pub(super) files: Vec<Option<File>>,
    /// What is in which folder, by its name in small letters.
    pub(super) children: BTreeMap<(u64, String), usize>,
    /// Which entry was whose at last, by its path in small letters.
    deleted: BTreeMap<String, usize>,
    pub(super) journal: Journal,
    journal_since: FileTime,
    pub(super) records: Vec<(u64, UsnRecord)>,
    pub(super) security: SecurityStream,
    pub(super) clusters: Clusters,
}

impl State {
    pub(super) fn new(volume: &Volume) -> Self {
        let mut clusters = Clusters::new();
        let mut security = SecurityStream::default();
        let id = security.id_of(descriptor(Account::SYSTEM.sid()));
        Self {
            files: first_files(volume.formatted, &mut clusters, id),
            children: BTreeMap::new(),
            deleted: BTreeMap::new(),
            journal: Journal::behind_zeros(volume.zeros),
            journal_since: volume.journal_since,
            records: Vec::new(),
            security,
            clusters,
        }
    }

    pub(super) fn play(&mut self, at: FileTime, path: &str, deed: &Deed) -> Result<(), Error> {
        if let Deed::Create(new) = deed {
            return self.create(at, path, new);
        }
        let not_there = || Error::NotThere {
            path: path.to_owned(),
            at: at.to_string(),
        };
        let found = self.find(path).ok_or_else(not_there)?;
        match deed {
            Deed::Move(to) => return self.rename(at, &found, to),
            Deed::Link(to) => self.link(at, &found, to)?,
            Deed::Delete => self.delete(at, path, &found),
            Deed::Close => self.close(at, &found),
            deed => {
                let reasons = self.change(at, found.entry, deed);
                self.note(at, &found, reasons);
            }
        }
        Ok(())
    }

    /// A deed that changes the file alone. Says why the journal notes it.
    fn change(&mut self, at: FileTime, entry: usize, deed: &Deed) -> u32 {
        let descriptor = match deed {
            Deed::SetOwner(owner) => Some(self.security.id_of(descriptor(*owner))),
            _ => None,
        };
        let (file, clusters) = (file(&mut self.files, entry), &mut self.clusters);
        let times = &mut file.information.times;
        times.changed = at;
        match deed {
            Deed::Write(_) | Deed::Grow(_) | Deed::Overwrite | Deed::Truncate(_) => {
                times.modified = at;
                let (data, reasons) = written(file.data.take(), deed, clusters);
                file.data = data;
                reasons
            }
            Deed::Stream(name, content) => {
                let stream = Attribute::resident(kind::DATA, content.clone());
                file.others.push(stream.named(name));
                reason::STREAM_CHANGE | reason::NAMED_DATA_EXTEND
            }
            Deed::SetTimes {
                created,
                modified,
                accessed,
            } => {
                times.created = created.unwrap_or(times.created);
                times.modified = modified.unwrap_or(times.modified);
                times.accessed = accessed.unwrap_or(times.accessed);
                reason::BASIC_INFO_CHANGE
            }
            Deed::SetAttributes(attributes) => {
                file.information.attributes = *attributes;
                reason::BASIC_INFO_CHANGE
            }
            Deed::SetOwner(owner) => {
                file.owner = *owner;
                file.information.security_id = descriptor.unwrap_or(file.information.security_id);
                reason::SECURITY_CHANGE
            }
            Deed::Junction(target) => {
                file.others.push(mount_point(target));
                file.information.attributes |= IS_REPARSE_POINT;
                for name in &mut file.names {
                    name.attributes |= IS_REPARSE_POINT;
                    name.reparse_tag = MOUNT_POINT;
                }
                reason::REPARSE_POINT_CHANGE
            }
            // What concerns paths is done elsewhere.
            Deed::Create(_) | Deed::Move(_) | Deed::Link(_) | Deed::Close | Deed::Delete => 0,
        }
    }

    fn create(&mut self, at: FileTime, path: &str, new: &New) -> Result<(), Error> {
        if self.find(path).is_some() {
            return Err(there(at, path));
        }
        let (parent, name) = self.parent(at, path, new.owner)?;
        let entry = self.entry(&new.place);
        let sequence = self.files.get(entry).and_then(Option::as_ref);
        let sequence = sequence.map_or(0, |old| old.reference.sequence) + 1;
        let reference = FileReference::new(entry as u64, sequence);
        let security_id = self.security.id_of(descriptor(new.owner));
        let file = File::new(reference, at, new, security_id);
        if entry == self.files.len() {
            self.files.push(None);
        }
        self.files[entry] = Some(file);
        let found = self.add_name(at, entry, parent, &name);
        self.note(at, &found, reason::FILE_CREATE);
        Ok(())
    }

    /// The folder that a path is in, made if it is not there.
    fn parent(
        &mut self,
        at: FileTime,
        path: &str,
        owner: Sid,
    ) -> Result<(FileReference, String), Error> {
        let (folder, name) = split(path);
        if folder.is_empty() {
            return Ok((FileReference::ROOT, name.to_owned()));
        }
        if self.find(folder).is_none() {
            self.play(at, folder, &Deed::Create(New::folder(owner)))?;
            self.play(at, folder, &Deed::Close)?;
        }
        let found = self.find(folder).ok_or_else(|| Error::NotThere {
            path: folder.to_owned(),
            at: at.to_string(),
        })?;
        let parent = file(&mut self.files, found.entry).reference;
        Ok((parent, name.to_owned()))
    }

    fn entry(&self, place: &Place) -> usize {
        let next = self.files.len();
        match place {
            Place::Fresh => next,
            Place::Of(path) => {
                let last = self.deleted.get(&small(path)).copied();
                let is_free = |entry: &usize| {
                    self.files[*entry]
                        .as_ref()
                        .is_none_or(|file| file.is_deleted)
                };
                last.filter(is_free).unwrap_or(next)
            }
        }
    }

    /// Gives a file a name, and a short one if it needs that.
    fn add_name(&mut self, at: FileTime, entry: usize, parent: FileReference, name: &str) -> Found {
        let folder = parent.entry;
        let mut names = vec![(name.to_owned(), Namespace::Win32AndDos)];
        if !is_short(name) {
            let is_taken = |name: &str| self.children.contains_key(&(folder, small(name)));
            names = vec![
                (short_name(name, is_taken), Namespace::Dos),
                (name.to_owned(), Namespace::Win32),
            ];
        }
        for (name, namespace) in names {
            self.children.insert((folder, small(&name)), entry);
            let file = file(&mut self.files, entry);
            let name = file.name(&name, parent, namespace);
            file.names.push(name);
        }
        self.touch(at, parent);
        Found {
            entry,
            parent,
            name: name.to_owned(),
        }
    }

    /// Takes the name away by which a file was found, from its folder and, unless it is the file's end, from
    /// the file.
    fn drop_name(&mut self, at: FileTime, found: &Found, from_file: bool) {
        let file = file(&mut self.files, found.entry);
        let is_it = |name: &FileName| name.parent == found.parent && name.text() == found.name;
        let Some(long) = file.names.iter().position(is_it) else {
            return;
        };
        let has_short = file.names[long].namespace == Namespace::Win32;
        let all = long - usize::from(has_short)..=long;
        for name in &file.names[all.clone()] {
            let key = (found.parent.entry, small(&name.text()));
            self.children.remove(&key);
        }
        if from_file {
            file.names.drain(all);
        }
        self.touch(at, found.parent);
    }

    /// A folder changes with what is in it.
    fn touch(&mut self, at: FileTime, folder: FileReference) {
        let folder = usize::try_from(folder.entry).expect("an entry of this volume");
        let times = &mut file(&mut self.files, folder).information.times;
        (times.modified, times.changed, times.accessed) = (at, at, at);
    }

    fn rename(&mut self, at: FileTime, found: &Found, to: &str) -> Result<(), Error> {
        if self
            .find(to)
            .is_some_and(|other| other.entry != found.entry)
        {
            return Err(there(at, to));
        }
        self.note_once(at, found, reason::RENAME_OLD_NAME);
        self.drop_name(at, found, true);
        let owner = file(&mut self.files, found.entry).owner;
        let (parent, name) = self.parent(at, to, owner)?;
        let found = self.add_name(at, found.entry, parent, &name);
        file(&mut self.files, found.entry).information.times.changed = at;
        self.note(at, &found, reason::RENAME_NEW_NAME);
        Ok(())
    }

    fn link(&mut self, at: FileTime, found: &Found, to: &str) -> Result<(), Error> {
        if self.find(to).is_some() {
            return Err(there(at, to));
        }
        let owner = file(&mut self.files, found.entry).owner;
        let (parent, name) = self.parent(at, to, owner)?;
        self.add_name(at, found.entry, parent, &name);
        file(&mut self.files, found.entry).information.times.changed = at;
        self.note(at, found, reason::HARD_LINK_CHANGE);
        Ok(())
    }

    fn delete(&mut self, at: FileTime, path: &str, found: &Found) {
        if file(&mut self.files, found.entry).long_names().count() > 1 {
            self.drop_name(at, found, true);
            self.note(at, found, reason::HARD_LINK_CHANGE);
            return self.close(at, found);
        }
        self.note_once(at, found, reason::FILE_DELETE | reason::CLOSE);
        self.drop_name(at, found, false);
        let file = file(&mut self.files, found.entry);
        file.reasons = 0;
        file.is_deleted = true;
        file.last_paths = vec![path.to_owned()];
        self.deleted.insert(small(path), found.entry);
    }

    fn close(&mut self, at: FileTime, found: &Found) {
        if file(&mut self.files, found.entry).reasons != 0 {
            self.note_once(at, found, reason::CLOSE);
            file(&mut self.files, found.entry).reasons = 0;
        }
    }

    /// Notes what the journal has not noted since the file was opened.
    fn note(&mut self, at: FileTime, found: &Found, reasons: u32) {
        let file = file(&mut self.files, found.entry);
        let before = file.reasons;
        file.reasons |= reasons;
        if file.reasons != before {
            self.note_once(at, found, 0);
        }
    }

    /// Notes all reasons since the file was opened, and these that do not stay.
    fn note_once(&mut self, at: FileTime, found: &Found, reasons: u32) {
        if at < self.journal_since {
            return;
        }
        let file = file(&mut self.files, found.entry);
        let record = UsnRecord {
            form: UsnForm::V2,
            file: file.reference.into(),
            parent: found.parent.into(),
            time: at,
            reasons: file.reasons | reasons,
            source: 0,
            security_id: 0,
            attributes: file.journal_attributes(),
            name: utf16(&found.name),
        };
        let usn = self.journal.push(&record);
        file.information.usn = usn;
        self.records.push((usn, record));
    }
}

/// The file of an entry that a path led to.
pub(super) fn file(files: &mut [Option<File>], entry: usize) -> &mut File {
    files[entry].as_mut().expect("paths lead to files alone")
}

/// The descriptor of a file of this account: it, the system and administrators may do everything.
fn descriptor(owner: Sid) -> Vec<u8> {
    let mut granted = vec![owner, Account::SYSTEM.sid(), ADMINISTRATORS];
    // The owner may be one of the others.
    granted.dedup();
    if granted[1..].contains(&owner) {
        granted.retain(|sid| *sid != owner);
        granted.insert(0, owner);
    }
    security_descriptor(&granted, FILE_ALL)
}

fn there(at: FileTime, path: &str) -> Error {
    Error::There {
        path: path.to_owned(),
        at: at.to_string(),
    }
}
