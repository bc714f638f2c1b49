//! One file: what the manifest says of it, and what is there.

use std::io;

use crate::collect::EvidenceFile;
use crate::manifest::{Input, Listed};

/// What the manifest says.
#[derive(Clone, Copy)]
pub(super) struct Stated<'a> {
    pub(super) path: &'a str,
    size: u64,
    sha256: &'a str,
}

impl<'a> From<&'a Listed> for Stated<'a> {
    fn from(listed: &'a Listed) -> Self {
        Self {
            path: &listed.path,
            size: listed.size,
            sha256: &listed.sha256,
        }
    }
}

impl<'a> From<&'a Input> for Stated<'a> {
    fn from(input: &'a Input) -> Self {
        Self {
            path: &input.path,
            size: input.size,
            sha256: &input.sha256,
        }
    }
}

/// What is there.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// So many bytes with this SHA-256.
    Bytes(u64, String),
    /// Something that cannot be read, and why.
    Unreadable(String),
    /// A link, a pipe, a folder: nothing that we would open.
    NoFile,
    Nothing,
}

impl Found {
    /// Reads a file.
    pub(super) fn of(opened: io::Result<EvidenceFile>) -> Self {
        match opened.and_then(|file| file.sha256()) {
            Ok((sha256, size)) => Self::Bytes(size, sha256),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

impl Stated<'_> {
    /// Whether there is a hash to compare: there is none of what could not be read.
    pub(super) fn has_hash(self) -> bool {
        !self.sha256.is_empty()
    }

    /// What is different, if something is.
    pub(super) fn difference(self, found: &Found) -> Option<String> {
        match found {
            Found::Bytes(size, sha256) if *size == self.size && sha256 == self.sha256 => None,
            Found::Bytes(size, sha256) => Some(format!(
                "differs: {size} bytes with SHA-256 {sha256}; the manifest says {} with {}",
                self.size, self.sha256
            )),
            Found::Unreadable(why) => Some(format!("cannot be read: {why}")),
            Found::NoFile => Some("is a link or no file, and was not opened".into()),
            Found::Nothing if leads_out(self.path) => {
                Some("is a path that leads elsewhere, and was not opened".into())
            }
            Found::Nothing => Some("is missing".into()),
        }
    }
}

/// Whether a path would lead out of its folder, here or on another system. Inner paths of archives lead nowhere.
fn leads_out(path: &str) -> bool {
    let outer = path.split('!').next().unwrap_or_default();
    let has_drive = outer.as_bytes().get(1) == Some(&b':');
    has_drive || outer.starts_with(['/', '\\']) || outer.split(['/', '\\']).any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_elsewhere_are_told() {
        for (path, expected) in [
            ("timeline/host=A/evtx-000.parquet", false),
            ("a..b/c", false),
            ("a.zip!../C:/x", false),
            ("../x", true),
            ("timeline/../../x", true),
            ("timeline\\..\\x", true),
            ("/etc/passwd", true),
            ("\\\\host\\share\\x", true),
            ("C:\\x", true),
            ("c:x", true),
        ] {
            assert_eq!(leads_out(path), expected, "{path}");
        }
    }

    #[test]
    fn size_and_hash_must_both_be_the_same() {
        let stated = Stated {
            path: "a",
            size: 3,
            sha256: "ab",
        };
        let bytes = |size, sha256: &str| stated.difference(&Found::Bytes(size, sha256.into()));
        assert_eq!(bytes(3, "ab"), None);
        assert!(bytes(2, "ab").is_some());
        assert!(bytes(3, "ac").is_some());
        assert_eq!(
            stated.difference(&Found::Nothing).as_deref(),
            Some("is missing")
        );
        assert!(stated.difference(&Found::NoFile).is_some());
    }
}
