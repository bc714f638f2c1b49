//! What NTFS keeps of files: `read` decodes its structures, `volume` knows its directories and owners, `mft` and
//! `journal` make events of the table and of the change journal, `place` tells what a file is by its path.

mod entry;
mod history;
mod journal;
mod message;
mod mft;
mod moments;
mod names;
mod out;
mod paths;
mod place;
pub mod read;
mod secure;
mod text;
mod volume;
mod zone;

pub use journal::ChangeJournal;
pub use message::message;
pub use mft::MasterFileTable;
pub use out::{MFT, PROVIDERS, USN};
pub use place::is_notable;
pub use secure::SecurityStream;
pub use volume::{Volume, VolumeFiles};
