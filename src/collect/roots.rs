//! The evidence root, and the names of files below it (CASE.md).

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The folder that paths in the case are relative to: a folder that was given alone, the folder of
/// a file that was given alone, the deepest folder that several have in common.
pub(super) fn root(arguments: &[PathBuf]) -> PathBuf {
    let folders: Vec<PathBuf> = arguments
        .iter()
        .map(|path| absolute(path))
        .map(folder)
        .collect();
    let Some((first, others)) = folders.split_first() else {
        return PathBuf::new();
    };
    let parts: Vec<Component<'_>> = first.components().collect();
    let common = others.iter().fold(parts.len(), |common, other| {
        let same = parts
            .iter()
            .zip(other.components())
            .take_while(|(a, b)| *a == b)
            .count();
        common.min(same)
    });
    parts[..common].iter().collect()
}

fn folder(path: PathBuf) -> PathBuf {
    if path.is_dir() {
        path
    } else {
        path.parent().map_or(path.clone(), Path::to_owned)
    }
}

/// The path without links, `.` and `..`, when the system can tell it.
pub(super) fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The name of a file in the case.
pub(super) fn relative(root: &Path, file: &Path) -> String {
    let path = file.strip_prefix(root).unwrap_or(file);
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(visible(name)),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A file name as text; bytes that are not UTF-8 stay visible as `\xNN`.
fn visible(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            text.push_str("\\x");
            text.push_str(&timeline::hex(&[byte]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_what_all_have_in_common() {
        let folder = tempfile::tempdir().unwrap();
        let base = absolute(folder.path());
        for path in ["a/x", "a/y/z", "b"] {
            std::fs::create_dir_all(base.join(path)).unwrap();
        }
        std::fs::write(base.join("a/f.evtx"), "").unwrap();
        let of = |paths: &[&str]| {
            let paths: Vec<_> = paths.iter().map(|path| base.join(path)).collect();
            relative(&base, &root(&paths))
        };
        assert_eq!(of(&["a"]), "a");
        assert_eq!(of(&["a/f.evtx"]), "a");
        assert_eq!(of(&["a/x", "a/y/z"]), "a");
        assert_eq!(of(&["a/x", "b"]), "");
    }
}
