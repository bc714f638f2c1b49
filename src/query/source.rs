//! What is asked: evidence, a case, or lines of events.

use std::path::Path;

use crate::exit::UsageError;
use crate::manifest;

/// A kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Anything that `analyze` reads.
    Evidence,
    /// What `analyze` wrote.
    Case,
    /// A file with one ECS event in each line.
    Lines,
}

/// Names of files with lines of ECS events.
const LINES: [&str; 4] = [".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz"];

impl Source {
    /// What a path is: a case by its manifest and its store, lines by their name.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            return match (manifest::path(path).is_file(), path.join("timeline")) {
                (true, _) => Ok(Self::Case),
                // Whoever asks a case that was not finished would get a part of the answer.
                (false, store) if is_store(&store) => Err(UsageError::because(format!(
                    "{}: a case without manifest.json: analyze did not finish it",
                    path.display()
                ))),
                _ => Ok(Self::Evidence),
            };
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        if LINES.iter().any(|ending| name.ends_with(ending)) {
            return Ok(Self::Lines);
        }
        Ok(Self::Evidence)
    }
}

/// Whether a folder looks like the store of a case.
fn is_store(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("host="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_tells_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| Source::of(&folder.path().join(name)).unwrap();
        assert_eq!(of("x.JSONL"), Source::Lines);
        assert_eq!(of("x.ndjson.gz"), Source::Lines);
        assert_eq!(of("x.evtx"), Source::Evidence);
        assert_eq!(Source::of(folder.path()).unwrap(), Source::Evidence);
        std::fs::create_dir_all(folder.path().join("timeline/host=A")).unwrap();
        assert!(Source::of(folder.path()).is_err());
        std::fs::write(folder.path().join("manifest.json"), "{}").unwrap();
        assert_eq!(Source::of(folder.path()).unwrap(), Source::Case);
    }
}
