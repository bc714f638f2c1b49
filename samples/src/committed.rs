//! The files of the samples on disk: writing them, and telling whether they are what would be written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::evidence::log_files;
use crate::evtx;
use crate::expected::expected;
use crate::file_error::FileError;
use crate::hives::hive_files;
use crate::volumes::{self, disks, volume_files};

/// The folder of the evidence.
const EVIDENCE: &str = "evidence";
/// The file with the ground truth beside it.
const TRUTH: &str = "expected.json";

/// Why the samples could not be written or checked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A log could not be made.
    #[error("the evidence could not be made")]
    Log(#[from] evtx::Error),
    /// A volume could not be made.
    #[error(transparent)]
    Volume(#[from] volumes::Error),
    /// The ground truth could not be made.
    #[error("the ground truth could not be made")]
    Json(#[from] serde_json::Error),
    /// A file or folder failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// All files by their path below the samples' folder.
pub fn files() -> Result<BTreeMap<PathBuf, Vec<u8>>, Error> {
    let logs = log_files()?;
    let mut truth = serde_json::to_vec_pretty(&expected(&logs, &disks()?))?;
    truth.push(b'\n');
    let mut files = BTreeMap::from([(PathBuf::from(TRUTH), truth)]);
    for file in logs {
        files.insert(Path::new(EVIDENCE).join(file.path()), file.bytes);
    }
    for file in hive_files() {
        files.insert(Path::new(EVIDENCE).join(file.path), file.bytes);
    }
    for file in volume_files()? {
        files.insert(Path::new(EVIDENCE).join(file.path), file.bytes);
    }
    Ok(files)
}

/// Writes all files below this folder and names them.
pub fn write(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let files = files()?;
    for (name, bytes) in &files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(FileError::at(parent))?;
        }
        fs::write(&path, bytes).map_err(FileError::at(&path))?;
    }
    Ok(files.into_keys().collect())
}

/// Names the files below this folder that are missing, different, or too many.
pub fn check(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let files = files()?;
    let mut wrong: Vec<_> = files
        .iter()
        .filter(|(name, bytes)| fs::read(folder.join(name)).ok().as_ref() != Some(bytes))
        .map(|(name, _)| name.clone())
        .collect();
    let found = files_below(&folder.join(EVIDENCE))?;
    let found = found
        .iter()
        .filter_map(|path| path.strip_prefix(folder).ok());
    wrong.extend(
        found
            .filter(|name| !files.contains_key(*name))
            .map(Path::to_owned),
    );
    Ok(wrong)
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(FileError::at(&folder))? {
            let path = entry.map_err(FileError::at(&folder))?.path();
            let list = if path.is_dir() {
                &mut folders
            } else {
                &mut files
            };
            list.push(path);
        }
    }
    files.sort();
    Ok(files)
}
