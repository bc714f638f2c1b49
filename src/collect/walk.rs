//! Walking through folders.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parsers::regf::read::BaseBlock;
use timeline::{Issue, Ticks};
use walkdir::{DirEntry, WalkDir};

use super::archive::{Budget, Kind, Nest};
use super::bytes::{Disk, Shared};
use super::file::Source;
use super::known::artefact;
use super::layout::collection_root;
use super::limits::Limits;
use super::listed::Listed;
use super::spool::Spool;
use super::{ArchiveFile, Collection, Evidence, Recognised, client, companions, roots};
use crate::plan::Reading;

/// Memory that one file which was found may take until the end of a run: names, places, counts.
const PER_FILE: usize = 4096;

/// Finds all evidence in files, folders and archives. `leave_out` is the case to be written.
pub(super) fn collect(arguments: &[PathBuf], leave_out: &Path, reading: &Reading) -> Collection {
    let leave_out = roots::absolute(leave_out);
    let passwords = reading.password.candidates();
    let root = roots::root(arguments);
    let mut walk = Walk::new(root, &passwords, Spool::new(leave_out.clone()), reading);
    for argument in arguments {
        walk.through(argument, &|_, entry| entry.path() != leave_out);
    }
    walk.finish()
}

/// Finds what is listed, below its root. What must be unpacked to be read lies in `spool` for so long.
pub(super) fn find(
    root: &Path,
    listed: &Listed<'_>,
    spool: &Path,
    reading: &Reading,
) -> Collection {
    let argument = root.to_owned();
    let root = roots::root(std::slice::from_ref(&argument));
    let passwords = reading.password.candidates();
    let spool = Spool::new(roots::absolute(spool));
    let mut walk = Walk::new(root, &passwords, spool, reading);
    walk.listed = Some(listed);
    walk.through(&walk.root.clone(), &|root, entry| {
        let name = roots::relative(root, entry.path());
        if entry.file_type().is_dir() {
            listed.leads_below(&name)
        } else {
            listed.leads_into(&name)
        }
    });
    walk.finish()
}

/// The path that a hive, or its log, says it was loaded from.
fn loaded_from(head: &[u8]) -> String {
    let base = BaseBlock::read(head);
    base.map_or_else(String::new, |base| base.file_name.to_lowercase())
}

/// Members of one name in one archive are told apart by their number.
fn tell_apart(evidence: &mut [Evidence]) {
    for same in evidence.chunk_by_mut(|a, b| a.path == b.path) {
        for (number, file) in (1..).zip(same).skip(1) {
            // Writing to a text does not fail.
            let _ = write!(file.path, "#{number}");
        }
    }
}

pub(super) struct Walk<'a> {
    root: PathBuf,
    pub(super) limits: Limits,
    /// Memory that a decoder of zstd may take, as a power of two.
    pub(super) window_log: u32,
    /// How many files, and how many issues, are kept.
    most: usize,
    /// How many files and issues were not.
    too_many: (u64, u64),
    pub(super) passwords: &'a [Arc<[u8]>],
    pub(super) spool: Spool,
    /// What is looked for, if that is not all evidence.
    listed: Option<&'a Listed<'a>>,
    found: Collection,
    /// Files seen, for arguments may overlap.
    seen: BTreeSet<PathBuf>,
    /// How many streams there are whose members must be read in their order.
    streams: usize,
}

/// A file that may be evidence.
pub(super) struct Candidate {
    /// What it is called in the case.
    pub(super) name: String,
    pub(super) head: Vec<u8>,
    pub(super) source: Source,
    pub(super) stream: Option<usize>,
    /// When it was last changed, as its archive says.
    pub(super) modified: Option<Ticks>,
}

impl<'a> Walk<'a> {
    fn new(root: PathBuf, passwords: &'a [Arc<[u8]>], spool: Spool, reading: &Reading) -> Self {
        Self {
            root,
            limits: reading.limits,
            window_log: (reading.memory / 16).ilog2().clamp(20, 31),
            most: reading.memory / PER_FILE,
            too_many: (0, 0),
            passwords,
            spool,
            listed: None,
            found: Collection::default(),
            seen: BTreeSet::new(),
            streams: 0,
        }
    }

    /// Looks at what is in a folder, or at a file, and passes what does not count.
    fn through(&mut self, argument: &Path, counts: &dyn Fn(&Path, &DirEntry) -> bool) {
        let root = self.root.clone();
        let entries = WalkDir::new(roots::absolute(argument)).sort_by_file_name();
        let entries = entries.into_iter();
        for entry in entries.filter_entry(|entry| counts(&root, entry)) {
            match entry {
                Ok(entry) => self.look_at(&entry),
                Err(error) => self.cannot_look(&error),
            }
        }
    }

    fn finish(mut self) -> Collection {
        self.tell_what_was_too_much();
        let mut found = self.found;
        // Stable: of equal names, which an archive can have, the first stays first.
        found.evidence.sort_by(|a, b| a.path.cmp(&b.path));
        found.archive_files.sort_by(|a, b| a.path.cmp(&b.path));
        tell_apart(&mut found.evidence);
        companions::pair(&mut found.evidence);
        companions::pair_volumes(&mut found.evidence);
        found
    }

    fn look_at(&mut self, entry: &DirEntry) {
        let path = entry.path();
        if entry.file_type().is_dir() || !self.seen.insert(path.to_owned()) {
            return;
        }
        if entry.file_type().is_symlink() {
            // A link may point out of the collection, or in circles.
            self.issue(
                path,
                Issue::note("link", "A symbolic link was not followed."),
            );
        } else if entry.file_type().is_file() {
            self.recognise(path);
        } else {
            // Whoever reads a pipe or a device may wait for ever.
            self.issue(
                path,
                Issue::note("special", "A pipe, socket or device was not read."),
            );
        }
    }

    fn recognise(&mut self, path: &Path) {
        let name = roots::relative(&self.root, path);
        let source = Source::File(path.to_owned());
        let (head, error) = match source.head() {
            Ok(head) => (head, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        if let Some(kind) = Kind::of(&name, &head) {
            self.found.archive_files.push(ArchiveFile {
                source,
                path: name.clone(),
                kind: kind.as_str(),
            });
            match File::open(path).and_then(Disk::new) {
                Ok(disk) => self.unpack_file(kind, &name, Arc::new(disk)),
                Err(error) => self.unreadable(path, &error),
            }
            return;
        }
        match error {
            // What cannot be read is evidence by its name; the first look says why it cannot.
            Some(error) if parsers::parser_of(&head, &name).is_none() => {
                self.unreadable(path, &error);
            }
            _ => self.sort_in(Candidate {
                name,
                head,
                source,
                stream: None,
                modified: None,
            }),
        }
    }

    fn unpack_file(&mut self, kind: Kind, name: &str, bytes: Shared) {
        let mut budget = Budget::of(parsers::ReadAt::len(&*bytes));
        let nest = Nest {
            name,
            depth: 1,
            stream: None,
        };
        self.unpack(kind, nest, bytes, &mut budget);
    }

    /// Takes a file that is no archive for what it is.
    pub(super) fn sort_in(&mut self, file: Candidate) {
        if self.listed.is_some_and(|listed| !listed.has(&file.name)) {
            return;
        }
        let size = file.source.len();
        if let Some(parser) = parsers::parser_of(&file.head, &file.name) {
            if self.found.evidence.len() >= self.most {
                self.too_many.0 += 1;
                return;
            }
            let number = self.found.evidence.len() as u64;
            self.found.evidence.push(Evidence {
                turn: file.stream.map(|stream| (stream, number)),
                source: file.source,
                loaded_from: loaded_from(&file.head),
                companions: Vec::new(),
                head_checksum: crc32fast::hash(&file.head),
                path: file.name,
                size,
                modified: file.modified,
                parser,
            });
        } else if self.listed.is_some() {
            self.found.changed.push((file.name, file.source));
        } else if let Some(artefact) = artefact(&file.name, &file.head) {
            if client::is_client_info(&file.name)
                && let Some(host) = client::host(&file.head)
            {
                let root = collection_root(&file.name);
                self.found.clients.entry(root).or_insert(host);
            }
            *self.found.unread.entry(artefact.kind).or_default() += 1;
            if self.found.recognised.len() < self.most {
                self.found.recognised.push(Recognised {
                    kind: artefact.kind,
                    path: file.name,
                    size,
                });
            }
        } else {
            self.found.unknown += 1;
        }
    }

    /// The number of a further stream.
    pub(super) fn next_stream(&mut self) -> usize {
        self.streams += 1;
        self.streams
    }

    /// Counts an archive that is looked into.
    pub(super) fn count_archive(&mut self) {
        self.found.archives += 1;
    }

    fn cannot_look(&mut self, error: &walkdir::Error) {
        let issue = Issue::loss(
            "unreadable-folder",
            format!("The folder cannot be read: {error}."),
        );
        let path = error
            .path()
            .map_or_else(|| self.root.clone(), Path::to_owned);
        self.issue(&path, issue);
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        let text = format!("The file cannot be read: {error}.");
        self.issue(path, Issue::loss("unreadable-file", text));
    }

    fn issue(&mut self, path: &Path, issue: Issue) {
        let name = roots::relative(&self.root, path);
        // The root has no name below itself.
        let name = if name.is_empty() { ".".into() } else { name };
        self.tell(&name, issue);
    }

    /// Notes an issue of something that has this name in the case.
    pub(super) fn tell(&mut self, name: &str, issue: Issue) {
        if self.found.issues.len() < self.most {
            self.found.issues.push((name.to_owned(), issue));
        } else {
            self.too_many.1 += 1;
        }
    }

    /// Tells that memory does not suffice for all that was found.
    fn tell_what_was_too_much(&mut self) {
        let (files, issues) = self.too_many;
        if files > 0 {
            let message = "There are more evidence files than memory has room for: the rest was not read. --memory raises the limit.";
            let issue = Issue::loss("too-many-files", message);
            let issue = issue.expected(
                format!("at most {} files", self.most),
                format!("{files} more"),
            );
            self.found.issues.push((".".into(), issue));
        }
        if issues > 0 {
            let message = "There are more issues of archives and folders than memory has room for.";
            let issue = Issue::loss("too-many-issues", message);
            let issue = issue.expected(format!("at most {}", self.most), format!("{issues} more"));
            self.found.issues.push((".".into(), issue));
        }
    }
}
