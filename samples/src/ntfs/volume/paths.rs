//! Paths: what they lead to, and which lead to a file.

use super::file::File;
use super::play::{State, file};
use crate::ntfs::{FileName, FileReference};

/// Deeper folders are a circle.
const DEEPEST: u32 = 64;

/// What is at a path.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) entry: usize,
    pub(super) parent: FileReference,
    pub(super) name: String,
}

impl State {
    /// What is at a path now.
    pub(super) fn find(&mut self, path: &str) -> Option<Found> {
        let mut parent = FileReference::ROOT;
        let mut parts = parts(path).peekable();
        while let Some(name) = parts.next() {
            let entry = *self.children.get(&(parent.entry, small(name)))?;
            if parts.peek().is_none() {
                return Some(Found {
                    entry,
                    parent,
                    name: self.stored_name(entry, parent, name),
                });
            }
            parent = file(&mut self.files, entry).reference;
        }
        None
    }

    /// A name as the file has it: not as a deed spells it.
    fn stored_name(&self, entry: usize, parent: FileReference, name: &str) -> String {
        let names = self.files[entry].iter().flat_map(File::long_names);
        let mut names = names.filter(|other| other.parent == parent);
        let stored = names.find(|other| small(&other.text()) == small(name));
        stored.map_or_else(|| name.to_owned(), FileName::text)
    }

    /// The paths of a file that is there.
    pub(super) fn paths(&self, file: &File) -> Vec<String> {
        let path = |name: &FileName| format!(r"{}\{}", self.folder(name.parent, 0), name.text());
        file.long_names().map(path).collect()
    }

    /// The path of a folder; of one whose entry is another's now, a question mark.
    fn folder(&self, reference: FileReference, depth: u32) -> String {
        if reference == FileReference::ROOT {
            return "C:".to_owned();
        }
        let entry = usize::try_from(reference.entry).ok();
        let file = entry.and_then(|entry| self.files.get(entry)?.as_ref());
        let name = file
            .filter(|file| file.reference == reference && depth < DEEPEST)
            .and_then(|file| file.names.last());
        name.map_or_else(
            || "?".to_owned(),
            |name| format!(r"{}\{}", self.folder(name.parent, depth + 1), name.text()),
        )
    }
}

/// The parts of a path behind the drive.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let below = path.split_once(r":\").map_or(path, |(_, below)| below);
    below.split('\\').filter(|part| !part.is_empty())
}

/// The folder of a path, empty for that of the volume, and the name in it.
pub(super) fn split(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('\\').unwrap_or(("", path));
    (if folder.ends_with(':') { "" } else { folder }, name)
}

pub(super) fn small(text: &str) -> String {
    text.to_lowercase()
}
