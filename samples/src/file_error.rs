//! A file or folder that failed, and how.

use std::io;
use std::path::{Path, PathBuf};

/// Names the file or folder that failed; the cause is its source.
#[derive(Debug, thiserror::Error)]
#[error("{path}")]
pub struct FileError {
    path: PathBuf,
    source: io::Error,
}

impl FileError {
    /// For `map_err`.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self { path, source }
    }
}
