//! The case folder: made, refused or replaced; its files written, hashed and listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use serde::Serialize;
use sha2::{Digest, Sha256};
use timeline::Segment;
use timeline::parquet::{self, EvidenceName};

use super::csv::Row;
use super::json::json_document;
use crate::exit::UsageError;
use crate::hashed::Hashed;
use crate::manifest::{MANIFEST, Manifest, is_beside};

/// Longest name of a host's folder, in bytes.
const LONGEST: usize = 180;

/// The folder that a case is written to.
pub(crate) struct CaseFolder {
    path: PathBuf,
    outputs: Mutex<Vec<Output>>,
    neutralised: AtomicU64,
    /// Names of hosts' folders in the store, where they are not what [`folder_name`] makes.
    renamed: Mutex<BTreeMap<String, String>>,
}

/// A file of the case, as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) rows: Option<u64>,
}

impl CaseFolder {
    /// Makes the folder ready: a new or an empty one as it is, another case only by force, and never
    /// one that evidence lies in.
    pub(crate) fn create(path: &Path, force: bool, evidence: &[PathBuf]) -> anyhow::Result<Self> {
        if path.exists() && !path.is_dir() {
            return Err(UsageError::because(format!(
                "{} is not a folder",
                path.display()
            )));
        }
        refuse_evidence(path, evidence)?;
        if path.is_dir()
            && fs::read_dir(path)
                .context("reading the case folder")?
                .next()
                .is_some()
        {
            replace(path, force)?;
        }
        fs::create_dir_all(path)
            .with_context(|| format!("creating the case folder {}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            outputs: Mutex::new(Vec::new()),
            neutralised: AtomicU64::new(0),
            renamed: Mutex::new(BTreeMap::new()),
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a file.
    pub(crate) fn file(&self, name: &str) -> anyhow::Result<OutputFile<'_>> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        // Never a second time: nothing of a case is written over.
        let file =
            File::create_new(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(OutputFile {
            folder: self,
            name: name.to_owned(),
            file: Hashed::new(file),
            rows: None,
        })
    }

    /// Tells which hosts there are, so that no two share a folder: names of attackers' choosing can
    /// be cut to the same (CASE.md gives a folder 8 digits of a hash).
    pub(crate) fn name_hosts<'h>(&self, hosts: impl IntoIterator<Item = &'h str>) {
        let mut taken: BTreeSet<String> = BTreeSet::from([folder_name("").to_lowercase()]);
        let mut renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        for host in hosts.into_iter().filter(|host| !host.is_empty()) {
            let plain = folder_name(host);
            let mut name = plain.clone();
            let mut number = 2;
            // Some file systems do not tell capitals apart.
            while !taken.insert(name.to_lowercase()) {
                name = format!("{plain}~{number}");
                number += 1;
            }
            if name != plain {
                renamed.insert(host.to_owned(), name);
            }
        }
    }

    /// Writes a segment of the store.
    pub(crate) fn write_store(
        &self,
        host: &str,
        kind: &str,
        number: usize,
        segment: &Segment,
        evidence: &[EvidenceName],
    ) -> anyhow::Result<()> {
        let renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = renamed.get(host).cloned();
        drop(renamed);
        let folder = folder.unwrap_or_else(|| folder_name(host));
        let name = format!("timeline/host={folder}/{kind}-{number:03}.parquet");
        let file = self.file(&name)?;
        let mut file =
            parquet::write(file, segment, evidence).with_context(|| format!("writing {name}"))?;
        file.rows = Some(segment.len() as u64);
        file.finish()
    }

    /// Every file written so far, by path.
    pub(crate) fn outputs(&self) -> Vec<Output> {
        let mut outputs = self
            .outputs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        outputs
    }

    /// Counts cells that would have been formulas.
    pub(crate) fn count_neutralised(&self, cells: u64) {
        self.neutralised.fetch_add(cells, Ordering::Relaxed);
    }

    /// Cells of all CSV files that would have been formulas.
    pub(super) fn neutralised(&self) -> u64 {
        self.neutralised.load(Ordering::Relaxed)
    }

    /// Writes the manifest: under its own name only when it is complete.
    pub(crate) fn write_manifest(&self, manifest: &impl Serialize) -> anyhow::Result<()> {
        let unfinished = self.path.join("manifest.json.unfinished");
        let mut out = BufWriter::new(File::create(&unfinished)?);
        out.write_all(json_document(manifest)?.as_bytes())?;
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fs::rename(&unfinished, self.path.join(MANIFEST))?;
        Ok(())
    }
}

/// Evidence is never written to: the case cannot be where the evidence is, or around it.
fn refuse_evidence(path: &Path, evidence: &[PathBuf]) -> anyhow::Result<()> {
    let Ok(output) = path.canonicalize() else {
        return Ok(());
    };
    let inside = evidence.iter().find(|evidence| {
        let evidence = evidence.canonicalize();
        evidence.is_ok_and(|evidence| evidence.starts_with(&output))
    });
    match inside {
        Some(evidence) => Err(UsageError::because(format!(
            "the evidence {} lies in the case folder {}: name another --output",
            evidence.display(),
            path.display()
        ))),
        None => Ok(()),
    }
}

/// Empties a folder that holds a case of ours and nothing else, when that is wanted.
fn replace(path: &Path, force: bool) -> anyhow::Result<()> {
    let shown = path.display();
    if !force {
        return Err(UsageError::because(format!(
            "{shown} is not empty; --force replaces a case that is there"
        )));
    }
    let Some(listed) = files_of_case(path) else {
        return Err(UsageError::because(format!(
            "{shown} is not empty and holds no {MANIFEST} of ours, so --force does not replace it \
             (a run that was broken off leaves none: remove the folder yourself)"
        )));
    };
    let found = entries(path)?;
    let is_of_case = |name: &String| listed.contains(name) || is_beside(name);
    if let Some(foreign) = found.files.iter().find(|name| !is_of_case(name)) {
        return Err(UsageError::because(format!(
            "{shown} holds {foreign}, which is not part of the case there, so --force does not replace it"
        )));
    }
    // The manifest goes first: what is left of a case that was removed in part is no case.
    let manifest = std::iter::once(MANIFEST.to_owned());
    let others = found.files.into_iter().filter(|name| name != MANIFEST);
    for name in manifest.chain(others) {
        fs::remove_file(path.join(&name)).with_context(|| format!("removing {name}"))?;
    }
    for folder in found.folders {
        fs::remove_dir(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
}

/// What is in a folder: names of files relative to it with `/`, and folders, the deepest first.
/// Links count as files.
pub(crate) struct Entries {
    pub(crate) files: Vec<String>,
    folders: Vec<PathBuf>,
}

pub(crate) fn entries(path: &Path) -> anyhow::Result<Entries> {
    let mut entries = Entries {
        files: Vec::new(),
        folders: Vec::new(),
    };
    for entry in walkdir::WalkDir::new(path)
        .min_depth(1)
        .contents_first(true)
    {
        let entry = entry.context("reading the case folder")?;
        if entry.file_type().is_dir() {
            entries.folders.push(entry.into_path());
        } else {
            let name = entry.path().strip_prefix(path).unwrap_or(entry.path());
            let parts = name
                .components()
                .map(|part| part.as_os_str().to_string_lossy());
            entries.files.push(parts.collect::<Vec<_>>().join("/"));
        }
    }
    Ok(entries)
}

/// The files that a manifest of ours lists; nothing when there is none of ours.
fn files_of_case(path: &Path) -> Option<BTreeSet<String>> {
    let outputs = Manifest::read(path).ok()?.outputs.into_iter();
    Some(outputs.map(|output| output.path).collect())
}

/// The name of a host's folder: all but ASCII letters, digits and `. _ -` percent-encoded, and a
/// long one cut, with a part of its hash (CASE.md). An unknown host has the name that Hive gives to
/// a missing value.
pub(crate) fn folder_name(host: &str) -> String {
    if host.is_empty() {
        return "__HIVE_DEFAULT_PARTITION__".into();
    }
    let mut name = String::new();
    for byte in host.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            name.push(char::from(byte));
        } else {
            name.push('%');
            name.push_str(&timeline::hex(&[byte]).to_uppercase());
        }
    }
    // Windows refuses names that end in a dot, and `.` and `..` are not names.
    if name.ends_with('.') {
        name.pop();
        name.push_str("%2E");
    }
    if name.len() > LONGEST {
        let hash = Sha256::digest(host);
        name.truncate(LONGEST);
        name.push('~');
        name.push_str(&timeline::hex(&hash[..4]));
    }
    name
}

/// A file of the case under way.
pub(crate) struct OutputFile<'f> {
    folder: &'f CaseFolder,
    name: String,
    file: Hashed<File>,
    rows: Option<u64>,
}

impl OutputFile<'_> {
    /// Writes the header of a CSV file.
    pub(super) fn header<T: AsRef<str>>(
        &mut self,
        columns: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        self.has_rows();
        self.write_all(Row::new().cells(columns).take_line().as_bytes())
    }

    /// Writes a row of a CSV file.
    pub(super) fn csv_row(&mut self, row: &mut Row) -> io::Result<()> {
        self.folder.count_neutralised(row.take_neutralised());
        self.row(row.take_line().as_bytes())
    }

    /// Writes a line, and counts it.
    pub(crate) fn row(&mut self, line: &[u8]) -> io::Result<()> {
        *self.rows.get_or_insert(0) += 1;
        self.write_all(line)
    }

    /// Says that the file has rows, though perhaps none.
    pub(crate) fn has_rows(&mut self) {
        self.rows.get_or_insert(0);
    }

    /// Closes the file and lists it.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let written = self.file.finish();
        let written = written.with_context(|| format!("writing {}", self.name))?;
        let output = Output {
            path: self.name,
            size: written.size,
            sha256: written.sha256,
            rows: self.rows,
        };
        self.folder
            .outputs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(output);
        Ok(())
    }
}

impl Write for OutputFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_have_names_that_every_system_takes() {
        for (host, expected) in [
            ("SRV02.corp.example.com", "SRV02.corp.example.com"),
            ("a/b:c*", "a%2Fb%3Ac%2A"),
            ("é", "%C3%A9"),
            ("..", ".%2E"),
            ("", "__HIVE_DEFAULT_PARTITION__"),
        ] {
            assert_eq!(folder_name(host), expected);
        }
        let long = folder_name(&"x".repeat(400));
        assert_eq!(long.len(), LONGEST + 9);
        assert_ne!(long, folder_name(&"x".repeat(401)));
    }

    #[test]
    fn no_two_hosts_share_a_folder() {
        let outer = tempfile::tempdir().unwrap();
        let folder = CaseFolder::create(&outer.path().join("case"), false, &[]).unwrap();
        let reserved = folder_name("");
        folder.name_hosts(["", "a/b", "a%2fb", &reserved, "srv"]);
        let segment = Segment::default();
        for host in ["", "a/b", "a%2fb", &reserved, "srv"] {
            folder.write_store(host, "evtx", 0, &segment, &[]).unwrap();
        }
        let names: Vec<_> = folder
            .outputs()
            .into_iter()
            .map(|output| output.path)
            .collect();
        assert_eq!(
            names,
            [
                "timeline/host=__HIVE_DEFAULT_PARTITION__/evtx-000.parquet",
                "timeline/host=__HIVE_DEFAULT_PARTITION__~2/evtx-000.parquet",
                "timeline/host=a%252fb/evtx-000.parquet",
                "timeline/host=a%2Fb/evtx-000.parquet",
                "timeline/host=srv/evtx-000.parquet",
            ]
        );
    }

    #[test]
    fn only_our_case_is_replaced_and_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let create = |force| CaseFolder::create(path, force, &[]);
        assert!(create(false).is_ok(), "an empty folder needs no force");
        fs::write(path.join("findings.csv"), "").unwrap();
        assert!(create(false).is_err());
        assert!(create(true).is_err(), "not a case");
        let outputs = ["findings.csv", "timeline/host=a/evtx-000.parquet", "../x"]
            .map(|path| serde_json::json!({"path": path, "size": 0, "sha256": ""}));
        let manifest =
            serde_json::json!({"tool": {"name": "sidetrack"}, "inputs": [], "outputs": outputs});
        fs::write(path.join(MANIFEST), manifest.to_string()).unwrap();
        fs::create_dir_all(path.join("timeline/host=a")).unwrap();
        fs::write(path.join("timeline/host=a/evtx-000.parquet"), "").unwrap();
        assert!(create(false).is_err());
        fs::write(path.join("timeline/letter.txt"), "").unwrap();
        assert!(create(true).is_err(), "more than a case");
        assert!(path.join("findings.csv").exists(), "nothing was removed");
        fs::remove_file(path.join("timeline/letter.txt")).unwrap();
        // What belongs to a case and to no manifest.
        for name in [
            "manifest.json.minisig",
            "report-redacted.html",
            "report-redacted.md",
        ] {
            fs::write(path.join(name), "").unwrap();
        }
        assert!(create(true).is_ok());
        assert_eq!(fs::read_dir(path).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_evidence_lies_in_is_no_case() {
        let folder = tempfile::tempdir().unwrap();
        let evidence = folder.path().join("evidence");
        fs::create_dir(&evidence).unwrap();
        let create = |path: &Path| CaseFolder::create(path, true, std::slice::from_ref(&evidence));
        assert!(create(folder.path()).is_err());
        assert!(create(&evidence).is_err());
        assert!(
            create(&evidence.join("case")).is_ok(),
            "it is left out of the evidence"
        );
        assert!(create(&folder.path().join("evidence2")).is_ok());
    }
}
