//! The files of an export: refused or replaced, written under other names, and named when all are complete.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::plan::Plan;
use crate::collect::EvidenceFile;
use crate::exit::UsageError;
use crate::hashed::{Hashed, unnamed};
use crate::store::Original;

/// The files under way.
pub(super) struct Files<'a> {
    folder: PathBuf,
    /// Name of the main file.
    name: String,
    /// The same without its ending, and the ending with its dot.
    stem: String,
    ending: String,
    force: bool,
    originals: &'a [Original],
    done: Mutex<Vec<(Option<NamedTempFile>, Listed)>>,
}

/// A file, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Listed {
    /// Its name; all lie in one folder.
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) sha256: String,
    pub(super) rows: Option<u64>,
}

impl<'a> Files<'a> {
    /// Makes sure that the main file can be written. The case itself stays as it is, and so does evidence.
    pub(super) fn new(plan: &Plan, originals: &'a [Original]) -> anyhow::Result<Self> {
        let shown = plan.output.display();
        let wrong = |why: &str| UsageError::because(format!("--output {shown}: {why}"));
        let name = plan
            .output
            .file_name()
            .ok_or_else(|| wrong("it names no file"))?;
        let name = name
            .to_str()
            .ok_or_else(|| wrong("its name is not UTF-8"))?;
        if plan.output.is_dir() {
            return Err(wrong("it is a folder"));
        }
        let folder = match plan.output.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        if is_inside(&folder, &plan.case) {
            return Err(wrong("it lies in the case, which stays as it is"));
        }
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
            _ => (name, String::new()),
        };
        let files = Self {
            folder,
            name: name.to_owned(),
            stem: stem.to_owned(),
            ending,
            force: plan.force,
            originals,
            done: Mutex::default(),
        };
        files.refuse(name)?;
        files.refuse(&files.manifest_name())?;
        Ok(files)
    }

    /// Name of the main file.
    pub(super) fn main_name(&self) -> String {
        self.name.clone()
    }

    /// Name of a file of the same kind beside the main one: `x-PART.csv`.
    pub(super) fn part_name(&self, part: &str) -> String {
        format!("{}-{part}{}", self.stem, self.ending)
    }

    /// Name of a file of another kind: `x` and what is given.
    pub(super) fn beside(&self, rest: &str) -> String {
        format!("{}{rest}", self.stem)
    }

    /// Name of the manifest.
    pub(super) fn manifest_name(&self) -> String {
        format!("{}.manifest.json", self.name)
    }

    /// Begins a file.
    pub(super) fn file(&self, name: String) -> anyhow::Result<OutFile<'_>> {
        self.refuse(&name)?;
        let file = unnamed(&self.folder, ".sidetrack-export-");
        let file = file.with_context(|| format!("creating a file in {}", self.folder.display()))?;
        Ok(OutFile {
            files: self,
            name,
            file: Hashed::new(file),
            rows: None,
        })
    }

    /// Refuses a name that is taken: always when evidence has it, else unless it may be replaced.
    fn refuse(&self, name: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        let shown = path.display();
        if !self.force {
            return Err(UsageError::because(format!(
                "{shown} exists; --force replaces it"
            )));
        }
        if path.is_dir() {
            return Err(UsageError::because(format!("{shown} is a folder")));
        }
        let is_evidence = is_one_of(&path, self.originals);
        if is_evidence.with_context(|| format!("reading {shown}"))? {
            return Err(UsageError::because(format!(
                "{shown} is evidence of this case, which is never replaced"
            )));
        }
        Ok(())
    }

    /// Every file that is complete, in the order of their names.
    pub(super) fn listed(&self) -> Vec<Listed> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let mut listed: Vec<Listed> = done.iter().map(|(_, listed)| listed.clone()).collect();
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        listed
    }

    /// Gives all files their names, in the order in which they were finished; what is left of an export that is
    /// replaced goes.
    pub(super) fn commit(&self) -> anyhow::Result<()> {
        let before = self.before();
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = done.iter().map(|(_, listed)| &listed.path);
        all.try_for_each(|name| self.refuse(name))?;
        for (file, listed) in done.iter_mut() {
            let Some(file) = file.take() else {
                continue;
            };
            let path = self.folder.join(&listed.path);
            self.name(file, &path)
                .with_context(|| format!("writing {}", path.display()))?;
        }
        let is_stale = |file: &&Listed| done.iter().all(|(_, now)| now.path != file.path);
        for file in before.iter().filter(is_stale) {
            self.remove(file)?;
        }
        Ok(())
    }

    /// Gives a file its name; one that came there meanwhile stays, where the file system can tell.
    fn name(&self, file: NamedTempFile, path: &Path) -> io::Result<()> {
        if self.force {
            return file.persist(path).map(drop).map_err(io::Error::from);
        }
        match file.persist_noclobber(path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(error.error),
            // exFAT has no links, and some systems rename without being able to refuse.
            Err(error) => error.file.persist(path).map(drop).map_err(io::Error::from),
        }
    }

    /// What the manifest lists that is replaced: files of this export's own names.
    fn before(&self) -> Vec<Listed> {
        let listed = self.force.then(|| {
            let text = fs::read(self.folder.join(self.manifest_name())).ok()?;
            let manifest: Manifest = serde_json::from_slice(&text).ok()?;
            (manifest.tool.name == env!("CARGO_PKG_NAME")).then_some(manifest.outputs)
        });
        let mut listed = listed.flatten().unwrap_or_default();
        // A manifest that somebody changed must not make us remove anything else.
        listed.retain(|file| {
            file.path.starts_with(&self.stem)
                && Path::new(&file.path).file_name() == Some(OsStr::new(&file.path))
        });
        listed
    }

    /// Removes a file, if it still is what was written.
    fn remove(&self, file: &Listed) -> anyhow::Result<()> {
        let path = self.folder.join(&file.path);
        let written = Original {
            size: file.size,
            sha256: file.sha256.clone(),
        };
        if is_one_of(&path, &[written]).unwrap_or_default() {
            fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(())
    }
}

/// What of a manifest of ours is needed.
#[derive(Debug, Deserialize)]
struct Manifest {
    tool: Tool,
    outputs: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
struct Tool {
    name: String,
}

/// Whether a folder lies in another, or is it. It may not be there yet.
fn is_inside(folder: &Path, outer: &Path) -> bool {
    let Ok(outer) = outer.canonicalize() else {
        return false;
    };
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let there = absolute
        .ancestors()
        .find_map(|path| path.canonicalize().ok());
    there.is_some_and(|there| there.starts_with(&outer))
}

/// Whether a file is one of these, by what is in it.
fn is_one_of(path: &Path, originals: &[Original]) -> io::Result<bool> {
    let size = path.metadata()?.len();
    if !path.is_file() || originals.iter().all(|original| original.size != size) {
        return Ok(false);
    }
    let (sha256, size) = EvidenceFile::open(path)?.sha256()?;
    Ok(originals.contains(&Original { size, sha256 }))
}

/// A file under way.
pub(super) struct OutFile<'f> {
    files: &'f Files<'f>,
    name: String,
    file: Hashed<NamedTempFile>,
    rows: Option<u64>,
}

impl OutFile<'_> {
    /// Says that the file has rows, though perhaps none.
    pub(super) fn has_rows(&mut self) {
        self.rows.get_or_insert(0);
    }

    /// Rows written so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows.unwrap_or_default()
    }

    /// Says how many rows there are, where they are no lines.
    pub(super) fn set_rows(&mut self, rows: u64) {
        self.rows = Some(rows);
    }

    /// Writes a row, and counts it.
    pub(super) fn row(&mut self, row: &[u8]) -> io::Result<()> {
        *self.rows.get_or_insert(0) += 1;
        self.write_all(row)
    }

    /// Closes the file and lists it.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let written = self.file.finish();
        let written = written.with_context(|| format!("writing {}", self.name))?;
        let listed = Listed {
            path: self.name,
            size: written.size,
            sha256: written.sha256,
            rows: self.rows,
        };
        let mut done = self
            .files
            .done
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        done.push((Some(written.file), listed));
        Ok(())
    }
}

impl Write for OutFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
