//! Members that need random access before they are read: nested archives.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::bytes::{Disk, Shared};

/// Bytes that may lie on disk at once (CASE.md, "Smaller promises").
const MOST_ON_DISK: u64 = 1 << 30;
/// A member up to this size stays in memory …
const SMALL: u64 = 4 << 20;
/// … as long as all of them are no more than this.
const MOST_IN_MEMORY: u64 = 16 << 20;

/// Where decoded members are kept: files without a name, gone when nobody reads them any more.
pub(super) struct Spool {
    folder: PathBuf,
    on_disk: u64,
    in_memory: u64,
}

/// Why a member could not be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpoolError {
    /// There is no room left.
    #[error("it and those before it take more than 1 GiB when they are decoded")]
    Full,
    /// It could not be decoded, or not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Spool {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            on_disk: 0,
            in_memory: 0,
        }
    }

    /// Keeps what a reader gives: all of it, or as much as comes before an error, which is told.
    pub(super) fn keep(
        &mut self,
        reader: &mut dyn Read,
    ) -> Result<(Shared, Option<io::Error>), SpoolError> {
        let mut start = Vec::new();
        let mut fault = reader.take(SMALL + 1).read_to_end(&mut start).err();
        let size = start.len() as u64;
        if size <= SMALL && self.in_memory + size <= MOST_IN_MEMORY {
            self.in_memory += size;
            return Ok((Arc::new(start), fault));
        }
        let mut file = tempfile::tempfile_in(&self.folder)?;
        file.write_all(&start)?;
        let mut size = size;
        let mut buffer = vec![0; 64 * 1024];
        while fault.is_none() && self.on_disk + size <= MOST_ON_DISK {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    file.write_all(&buffer[..count])?;
                    size += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => fault = Some(error),
            }
        }
        if self.on_disk + size > MOST_ON_DISK {
            return Err(SpoolError::Full);
        }
        self.on_disk += size;
        Ok((Arc::new(Disk::new(file)?), fault))
    }
}
