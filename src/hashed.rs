//! Files that are hashed while they are written: every file that somebody may have to prove something by.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// Bytes that are kept before they are written.
const BUFFER: usize = 256 * 1024;

/// A file under way.
pub(crate) struct Hashed<F: Write> {
    file: BufWriter<F>,
    hash: Sha256,
    size: u64,
}

/// What was written.
pub(crate) struct Written<F> {
    pub(crate) file: F,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

impl<F: Write> Hashed<F> {
    pub(crate) fn new(file: F) -> Self {
        Self {
            file: BufWriter::with_capacity(BUFFER, file),
            hash: Sha256::new(),
            size: 0,
        }
    }

    /// Writes what is left, and says what all of it is.
    pub(crate) fn finish(self) -> io::Result<Written<F>> {
        Ok(Written {
            file: self
                .file
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?,
            size: self.size,
            sha256: timeline::hex(&self.hash.finalize()),
        })
    }
}

impl<F: Write> Write for Hashed<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file in a folder that gets its name when it is complete, and is gone when it never is. `prefix` begins the name that
/// it has until then.
pub(crate) fn unnamed(folder: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any file that is made; the user's mask takes from that.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
