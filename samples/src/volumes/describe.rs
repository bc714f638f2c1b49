//! What the volumes were told to hold, in JSON.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Error, disks};
use crate::FileError;
use crate::ntfs::{Disk, FileName, FileReference, Times, UsnRecord, Written};

#[derive(Serialize)]
struct Description {
    files: Vec<File>,
    journal: Vec<Record>,
}

#[derive(Serialize)]
struct File {
    entry: u64,
    sequence: u16,
    is_deleted: bool,
    is_folder: bool,
    paths: Vec<String>,
    names: Vec<Name>,
    times: [u64; 4],
    attributes: u32,
    usn: u64,
    owner: String,
    length: u64,
    streams: Vec<String>,
}

#[derive(Serialize)]
struct Name {
    parent: u64,
    namespace: u8,
    text: String,
    times: [u64; 4],
}

#[derive(Serialize)]
struct Record {
    usn: u64,
    file: u64,
    parent: u64,
    time: u64,
    reasons: u32,
    attributes: u32,
    name: String,
}

/// Writes `HOST.json` for each host. Times are FILETIMEs, created, modified, changed, accessed; references are as
/// they are stored.
pub fn describe(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    fs::create_dir_all(folder).map_err(FileError::at(folder))?;
    let mut paths = Vec::new();
    for (host, disk) in disks()? {
        let path = folder.join(format!("{}.json", host.name));
        let json = serde_json::to_vec_pretty(&description(&disk))?;
        fs::write(&path, json).map_err(FileError::at(&path))?;
        paths.push(path);
    }
    Ok(paths)
}

fn description(disk: &Disk) -> Description {
    Description {
        files: disk.files.iter().map(file).collect(),
        journal: disk.records.iter().map(record).collect(),
    }
}

fn file(file: &Written) -> File {
    let FileReference { entry, sequence } = file.reference;
    File {
        entry,
        sequence,
        is_deleted: file.is_deleted,
        is_folder: file.is_folder,
        paths: file.paths.clone(),
        names: file.names.iter().map(name).collect(),
        times: ticks(&file.times),
        attributes: file.attributes,
        usn: file.usn,
        owner: file.owner.to_string(),
        length: file.length,
        streams: file.streams.clone(),
    }
}

fn name(name: &FileName) -> Name {
    Name {
        parent: name.parent.to_u64(),
        namespace: name.namespace as u8,
        text: name.text(),
        times: ticks(&name.times),
    }
}

fn ticks(times: &Times) -> [u64; 4] {
    [times.created, times.modified, times.changed, times.accessed].map(|time| time.0)
}

fn record((usn, record): &(u64, UsnRecord)) -> Record {
    // References of NTFS are in the lower half.
    let reference = |id: u128| u64::try_from(id).unwrap_or(u64::MAX);
    Record {
        usn: *usn,
        file: reference(record.file.0),
        parent: reference(record.parent.0),
        time: record.time.0,
        reasons: record.reasons,
        attributes: record.attributes,
        name: String::from_utf16_lossy(&record.name),
    }
}
