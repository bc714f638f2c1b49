//! Every name of a table with its full path, without events: for whoever only wants to know what is there.

use std::io;

use super::out::FilePath;
use super::paths::Folders;
use super::read::{Attributes, FileName, Namespace, Reference, Slot, Table};
use super::volume::Volume;
use crate::ReadAt;

impl Volume {
    /// Calls `path` with the full path of each long name of each entry, in the order of the table.
    pub fn paths(&self, table: &dyn ReadAt, mut path: impl FnMut(&str)) -> io::Result<()> {
        let Some(table) = Table::open(table)? else {
            return Ok(());
        };
        let mut paths = Paths::of(self);
        let mut slots = table.read(0, table.slots());
        while let Some((place, slot)) = slots.next()? {
            let Slot::Record(record) = slot else {
                continue;
            };
            if !record.is_base() {
                continue;
            }
            let number = record.number.map_or(place, u64::from);
            let mut tell = |name: FileName<'_>| path(paths.path_of(number, &name));
            names(record.attributes()).for_each(&mut tell);
            for extension in self.extensions(&record, number, place) {
                names(Attributes::new(&extension.attributes, 0)).for_each(&mut tell);
            }
        }
        Ok(())
    }
}

/// The long names among attributes.
fn names(attributes: Attributes<'_>) -> impl Iterator<Item = FileName<'_>> {
    FileName::among(attributes).filter(|name| name.namespace != Namespace::Dos)
}

/// Puts paths together.
pub(super) struct Paths<'v> {
    volume: &'v Volume,
    folders: Folders,
    path: FilePath,
}

impl<'v> Paths<'v> {
    pub(super) fn of(volume: &'v Volume) -> Self {
        Self {
            volume,
            folders: Folders::new(),
            path: FilePath::default(),
        }
    }

    /// The path of a name of an entry.
    pub(super) fn of_name(&mut self, number: u64, name: Option<&FileName<'_>>) -> &FilePath {
        match name {
            Some(_) if number == Reference::ROOT => self.path.set_root(&self.volume.letter),
            Some(name) => {
                let folder = self.folders.of(self.volume, name.parent);
                self.path.set_utf16(&folder, name.name);
            }
            // An entry without a name is called by its number.
            None => {
                let orphan = self.folders.of(self.volume, Reference(0));
                self.path.set(&orphan, &format!("$Unnamed-{number}"));
            }
        }
        &self.path
    }

    /// The path alone.
    fn path_of(&mut self, number: u64, name: &FileName<'_>) -> &str {
        if number == Reference::ROOT {
            self.path.set_root(&self.volume.letter);
        } else {
            let folder = self.folders.of(self.volume, name.parent);
            self.path.set_path(&folder, name.name);
        }
        &self.path.path
    }
}
