//! Windows paths as text.

use std::borrow::Cow;
use std::ops::Range;

use timeline::{Field, Value, fields as f};

use super::Values;

/// The fields that the parts of a path go to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathFields {
    pub(crate) path: Field,
    pub(crate) name: Field,
    pub(crate) directory: Option<Field>,
    pub(crate) extension: Option<Field>,
    pub(crate) key: Field,
}

impl PathFields {
    /// Where the path of a process goes.
    pub(crate) const PROCESS: Self = Self {
        path: f::PROCESS_EXECUTABLE,
        name: f::PROCESS_NAME,
        directory: None,
        extension: None,
        key: f::PROCESS_EXT_EXECUTABLE_KEY,
    };
    /// Where the path of a file goes.
    pub(crate) const FILE: Self = Self {
        path: f::FILE_PATH,
        name: f::FILE_NAME,
        directory: Some(f::FILE_DIRECTORY),
        extension: Some(f::FILE_EXTENSION),
        key: f::FILE_EXT_PATH_KEY,
    };
    /// Where the path of a loaded library goes.
    pub(crate) const DLL: Self = Self {
        path: f::DLL_PATH,
        name: f::DLL_NAME,
        directory: None,
        extension: None,
        key: f::DLL_EXT_PATH_KEY,
    };

    /// All of them, the path first.
    pub(crate) fn all(self) -> Vec<Field> {
        let parts = [self.directory, self.extension].into_iter().flatten();
        [self.path, self.name, self.key]
            .into_iter()
            .chain(parts)
            .collect()
    }
}

/// What follows the last backslash: all of it when there is none.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or(path)
}

/// Puts a path, its parts and its key.
///
/// The extension is taken from the name, not from the whole path as upstream does: `C:\a.b\c` has
/// none. A name that only begins with a dot has none either.
pub(crate) fn split<'a>(values: &mut Values<'a>, path: impl Into<Cow<'a, str>>, to: PathFields) {
    let path = path.into();
    let end = path.len();
    let name = end - file_name(&path).len();
    if name < end {
        values.put(to.name, part(&path, name..end));
    }
    if let (Some(field), Some(directory)) = (to.directory, name.checked_sub(1)) {
        values.put(field, part(&path, 0..directory));
    }
    let extension = path.get(name..).and_then(|name| name.rfind('.'));
    let extension = extension.map(|dot| name + dot + 1);
    if let (Some(field), Some(start)) = (to.extension, extension.filter(|&start| start < end)) {
        values.put(field, part(&path, start..end));
    }
    values.put(to.key, Value::from(key(&path)));
    values.put(to.path, path);
}

/// A part of a text: copied only when nobody else holds the text.
pub(crate) fn part<'a>(text: &Cow<'a, str>, range: Range<usize>) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_owned()),
    }
}

/// What stands in the root of the volume that Windows is on, and of no other.
const SYSTEM_FOLDERS: [&str; 5] = [
    "windows",
    "program files",
    "program files (x86)",
    "programdata",
    "users",
];

/// `\Device\HarddiskVolume2\Windows\x.exe` as `C:\Windows\x.exe`: only for folders that are on the
/// volume of Windows, since a record does not say which letter another volume has.
pub(crate) fn drive_form(path: &str) -> Option<String> {
    const DEVICE: &str = "\\device\\harddiskvolume";
    let (head, rest) = path.split_at_checked(DEVICE.len())?;
    if !head.eq_ignore_ascii_case(DEVICE) {
        return None;
    }
    let rest = rest.trim_start_matches(|char: char| char.is_ascii_digit());
    let folder = rest.strip_prefix('\\')?.split('\\').next()?;
    let is_known = SYSTEM_FOLDERS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(folder));
    is_known.then(|| format!("C:{rest}"))
}

/// The path that joins compare (ECS.md §7.5b): lower case, without the prefixes `\??\` and `\\?\`.
pub(crate) fn key(path: &str) -> String {
    let path = ["\\??\\", "\\\\?\\", "\\\\.\\"]
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix))
        .unwrap_or(path);
    path.to_lowercase()
}

#[cfg(test)]
mod tests {
    use timeline::fields as f;

    use super::*;

    fn parts(path: &str) -> String {
        let mut values = Values::default();
        let to = PathFields {
            path: f::FILE_PATH,
            name: f::FILE_NAME,
            directory: Some(f::FILE_DIRECTORY),
            extension: Some(f::FILE_EXTENSION),
            key: f::FILE_EXT_PATH_KEY,
        };
        split(&mut values, path, to);
        [
            f::FILE_NAME,
            f::FILE_DIRECTORY,
            f::FILE_EXTENSION,
            f::FILE_EXT_PATH_KEY,
        ]
        .map(|field| values.text(field).unwrap_or("–").to_owned())
        .join(" | ")
    }

    #[test]
    fn only_the_volume_of_windows_has_a_known_letter() {
        for (path, expected) in [
            (
                r"\device\harddiskvolume12\windows\system32\svchost.exe",
                Some(r"C:\windows\system32\svchost.exe"),
            ),
            (r"\Device\HarddiskVolume3\Tools\x.exe", None),
            (r"\Device\HarddiskVolume3", None),
            (r"C:\Windows\x.exe", None),
            ("System", None),
        ] {
            assert_eq!(drive_form(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn parts_of_paths() {
        for (path, expected) in [
            (
                r"C:\Windows\X.EXE",
                r"X.EXE | C:\Windows | EXE | c:\windows\x.exe",
            ),
            (r"C:\a.b\c", r"c | C:\a.b | – | c:\a.b\c"),
            ("System", "System | – | – | system"),
            (r"\??\C:\x.y", r"x.y | \??\C: | y | c:\x.y"),
            (r"C:\dir\", r"– | C:\dir | – | c:\dir\"),
            (r"C:\x.", r"x. | C: | – | c:\x."),
        ] {
            assert_eq!(parts(path), expected, "{path}");
        }
    }
}
