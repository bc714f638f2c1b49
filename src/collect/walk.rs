//! Walking through folders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use timeline::Issue;
use walkdir::{DirEntry, WalkDir};

use super::file::head;
use super::{Collection, Evidence, roots};

/// Finds all evidence in files and folders, however deep. `leave_out` is the case to be written: it
/// may lie inside the evidence, and is none.
pub(crate) fn collect(arguments: &[PathBuf], leave_out: &Path) -> Collection {
    let root = roots::root(arguments);
    let leave_out = roots::absolute(leave_out);
    let mut walk = Walk {
        root,
        found: Collection::default(),
        seen: BTreeSet::new(),
    };
    for argument in arguments {
        let entries = WalkDir::new(roots::absolute(argument)).sort_by_file_name();
        let entries = entries
            .into_iter()
            .filter_entry(|entry| entry.path() != leave_out);
        for entry in entries {
            match entry {
                Ok(entry) => walk.look_at(&entry),
                Err(error) => walk.cannot_look(&error),
            }
        }
    }
    walk.found
        .evidence
        .sort_by(|a, b| (&a.path, &a.file).cmp(&(&b.path, &b.file)));
    walk.found
}

struct Walk {
    root: PathBuf,
    found: Collection,
    /// Files seen, for arguments may overlap.
    seen: BTreeSet<PathBuf>,
}

impl Walk {
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
            self.recognise(path, entry);
        } else {
            // Whoever reads a pipe or a device may wait for ever.
            self.issue(
                path,
                Issue::note("special", "A pipe, socket or device was not read."),
            );
        }
    }

    fn recognise(&mut self, path: &Path, entry: &DirEntry) {
        let name = roots::relative(&self.root, path);
        let size = entry.metadata().map_or(0, |metadata| metadata.len());
        let (head, error) = match head(path) {
            Ok(head) => (head, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        match (parsers::parser_of(&head, &name), error) {
            // What cannot be read is evidence by its name; the first look says why it cannot.
            (Some(parser), _) => {
                let file = path.to_owned();
                self.found.evidence.push(Evidence {
                    file,
                    path: name,
                    size,
                    parser,
                });
            }
            (None, None) => self.found.unknown += 1,
            (None, Some(error)) => {
                let text = format!("The file cannot be read: {error}.");
                self.issue(path, Issue::loss("unreadable-file", text));
            }
        }
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

    fn issue(&mut self, path: &Path, issue: Issue) {
        let name = roots::relative(&self.root, path);
        // The root has no name below itself.
        let name = if name.is_empty() { ".".into() } else { name };
        self.found.issues.push((name, issue));
    }
}
