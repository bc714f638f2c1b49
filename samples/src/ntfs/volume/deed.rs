//! What can be done to files, and what is known of a file at its start.

use crate::evtx::Sid;
use crate::time::FileTime;

/// Something that is done to the file or folder at a path. From the first deed to [`Deed::Close`] or
/// [`Deed::Delete`] the journal sums up the reasons, as Windows does from open to close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is made, empty. Folders that are missing on the way are made first, by the same owner.
    Create(New),
    /// Its content is this now, in its MFT record as long as that has room.
    Write(Vec<u8>),
    /// Its content is so long now, and in clusters.
    Grow(u64),
    /// Its content changes and stays as long.
    Overwrite,
    /// Its content is shorter now.
    Truncate(u64),
    /// It gets a stream of this name and content.
    Stream(String, Vec<u8>),
    /// A program sets the times of `$STANDARD_INFORMATION` that are given.
    SetTimes {
        /// Created.
        created: Option<FileTime>,
        /// Modified.
        modified: Option<FileTime>,
        /// Accessed.
        accessed: Option<FileTime>,
    },
    /// Its attributes are these now.
    SetAttributes(u32),
    /// It is this account's now.
    SetOwner(Sid),
    /// Its path is this now.
    Move(String),
    /// It gets this path, too.
    Link(String),
    /// It leads to this path.
    Junction(String),
    /// It is closed.
    Close,
    /// The path is taken away, and the file with the last of them. It is closed, too.
    Delete,
}

/// A new file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// Whose it is.
    pub owner: Sid,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Its attributes, 0x20 (archive) for most files and none for most folders.
    pub attributes: u32,
    /// Which MFT entry it gets.
    pub place: Place,
}

/// Which MFT entry a new file gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// One that was never used. (Windows takes the lowest that is free; here what was deleted stays to be found.)
    Fresh,
    /// That of the file that was deleted last at this path, unless another file has it already.
    Of(String),
}

impl New {
    /// A file of this account.
    #[must_use]
    pub const fn file(owner: Sid) -> Self {
        Self {
            owner,
            is_folder: false,
            attributes: 0x20,
            place: Place::Fresh,
        }
    }

    /// A folder of this account.
    #[must_use]
    pub const fn folder(owner: Sid) -> Self {
        Self {
            owner,
            is_folder: true,
            attributes: 0,
            place: Place::Fresh,
        }
    }

    /// The same in the MFT entry of the file that was deleted last at this path.
    #[must_use]
    pub fn in_place_of(mut self, path: &str) -> Self {
        self.place = Place::Of(path.to_owned());
        self
    }
}
