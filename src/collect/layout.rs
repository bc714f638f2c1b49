//! What collectors do to names.

/// The inner path of a member, with `/`, decoded once where its collector encoded it.
///
/// Velociraptor writes what it collects below `uploads/ACCESSOR/`, and encodes what archives cannot hold
/// in each part of the path (`C%3A`, `%5C%5C.%5CC%3A`). Tools on Windows separate by `\`.
pub(super) fn inner_path(name: &str) -> String {
    let name = name.replace('\\', "/");
    let mut is_encoded = false;
    let mut parts = Vec::new();
    for part in name
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        parts.push(if is_encoded {
            decoded(part)
        } else {
            part.to_owned()
        });
        is_encoded |= part == "uploads";
    }
    parts.join("/")
}

/// The host that a collector put into the name of its archive: `Collection-HOST-2026-03-03T00_00_00Z.zip`
/// (Velociraptor), `2026-03-03T000000_HOST.zip` (KAPE), `uac-HOST-windows-20260303000000.tar.gz`.
pub(crate) fn host_of_archive(name: &str) -> Option<&str> {
    let name = name.rsplit(['/', '!']).next()?;
    let stem = name
        .split_once(".zip")
        .or_else(|| name.split_once(".tar"))?
        .0;
    let is_time = |text: &str| {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        digits >= 14 && text.starts_with("20")
    };
    let host = if let Some(rest) = stem.strip_prefix("Collection-") {
        let end = rest
            .match_indices("-20")
            .map(|(at, _)| at)
            .find(|at| is_time(&rest[at + 1..]))?;
        &rest[..end]
    } else if let Some(rest) = stem.strip_prefix("uac-") {
        let (rest, time) = rest.rsplit_once('-')?;
        let (host, _) = rest.rsplit_once('-').filter(|_| is_time(time))?;
        host
    } else {
        let (time, host) = stem.split_once('_')?;
        host.split('_')
            .next()
            .filter(|_| is_time(time) && time.contains('T'))?
    };
    (!host.is_empty()).then_some(host)
}

/// Folders that a volume of Windows has.
const OF_VOLUME: [&str; 8] = [
    "windows",
    "winnt",
    "users",
    "documents and settings",
    "programdata",
    "program files",
    "$extend",
    "$recycle.bin",
];

/// What one collection of one machine has in front of all paths: the folder or archive that the machine's
/// volumes are in, in lower case. A file that lies in no volume's folder is in a collection with those
/// beside it.
pub(crate) fn collection_root(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    let mut start = 0;
    let mut root = None;
    for part in path.split_inclusive(['/', '!']) {
        let name = part.trim_end_matches(['/', '!']);
        if OF_VOLUME.contains(&name) && part.ends_with('/') {
            root = Some(start);
            break;
        }
        start += part.len();
    }
    let folder = path.rfind(['/', '!']).unwrap_or(0);
    let root = &path[..root.unwrap_or(folder)];
    // The volume, and what a collector puts above it.
    let mut root = without_last(root, is_volume).unwrap_or(root);
    while let Some(above) = without_last(root, is_way) {
        root = above;
    }
    root.trim_end_matches(['/', '!']).to_owned()
}

/// A path without its last part, if that is such a one.
fn without_last(path: &str, is_such: fn(&str) -> bool) -> Option<&str> {
    let trimmed = path.trim_end_matches('/');
    let start = trimmed.rfind(['/', '!']).map_or(0, |at| at + 1);
    is_such(&trimmed[start..]).then(|| &path[..start])
}

/// The name of a volume: `c`, `c:`, `\\.\c:`.
fn is_volume(part: &str) -> bool {
    let drive = part.trim_start_matches("\\\\.\\").trim_end_matches(':');
    drive.len() == 1 && drive.as_bytes()[0].is_ascii_alphabetic()
}

/// The letter of the volume that a file lies on, with its colon, if its collector kept it.
pub(crate) fn volume_letter(path: &str) -> Option<String> {
    let path = path.to_ascii_lowercase();
    let volume = path.split(['/', '!']).rfind(|part| is_volume(part))?;
    let letter = volume.trim_start_matches("\\\\.\\").to_ascii_uppercase();
    Some(format!("{}:", letter.trim_end_matches(':')))
}

/// How a collector names the ways that it read volumes by.
fn is_way(part: &str) -> bool {
    let ways = [
        "uploads",
        "auto",
        "ntfs",
        "lazy_ntfs",
        "file",
        "raw_reg",
        "[root]",
    ];
    ways.contains(&part)
}

/// A name that would leave the folder it is unpacked to, or means a device.
pub(super) fn is_trap(name: &str) -> bool {
    let name = name.replace('\\', "/");
    let is_drive =
        name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    name.starts_with('/') || is_drive || name.split('/').any(|part| part == ".." || is_device(part))
}

/// Names that Windows keeps for devices, whatever follows the first dot.
fn is_device(part: &str) -> bool {
    let stem = part.split(['.', ':']).next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let numbered = |prefix: &str| {
        let number = stem.strip_prefix(prefix);
        number.is_some_and(|number| number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// Takes `%XX` off; what decodes to no text stays as it is.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, others)) = rest.split_first() {
        let digits = others
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(code) = code.filter(|_| byte == b'%') {
            bytes.push(code);
            rest = &others[2..];
        } else {
            bytes.push(byte);
            rest = others;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collectors_keep_the_letters_of_volumes() {
        for (path, letter) in [
            ("H/C/$MFT", Some("C:")),
            (r"a.zip!uploads/ntfs/\\.\D:/$MFT", Some("D:")),
            ("H/d:/$Extend/$J", Some("D:")),
            ("HOST/$MFT", None),
        ] {
            assert_eq!(volume_letter(path).as_deref(), letter, "{path}");
        }
    }

    #[test]
    fn names_are_decoded_where_velociraptor_encoded_them() {
        for (name, expected) in [
            (
                "uploads/auto/C%3A/Windows/x.evtx",
                "uploads/auto/C:/Windows/x.evtx",
            ),
            (
                "uploads/ntfs/%5C%5C.%5CC%3A/$MFT",
                "uploads/ntfs/\\\\.\\C:/$MFT",
            ),
            (
                "clients/C.1/uploads/auto/a%2520b",
                "clients/C.1/uploads/auto/a%20b",
            ),
            ("C/Windows/100%25.evtx", "C/Windows/100%25.evtx"),
            ("uploads/auto/100%", "uploads/auto/100%"),
            ("uploads/auto/%FF", "uploads/auto/%FF"),
            ("C\\Windows\\x.evtx", "C/Windows/x.evtx"),
            ("./a//b", "a/b"),
            ("/etc/passwd", "etc/passwd"),
            ("../../x", "../../x"),
        ] {
            assert_eq!(inner_path(name), expected, "{name}");
        }
    }

    #[test]
    fn archives_may_bear_the_host() {
        for (name, host) in [
            (
                "a/Collection-SRV-02-2026-03-03T00_00_00Z.zip",
                Some("SRV-02"),
            ),
            ("2026-03-03T000000_SRV02.zip", Some("SRV02")),
            ("x.zip!2026-03-03T000000_SRV02_vss1.zip", Some("SRV02")),
            ("uac-web01-linux-20260303000000.tar.gz", Some("web01")),
            ("SRV02.zip", None),
            ("2026_notes.zip", None),
            ("Collection-of-stamps.zip", None),
            ("SRV02", None),
        ] {
            assert_eq!(host_of_archive(name), host, "{name}");
        }
    }

    #[test]
    fn collections_are_told_apart() {
        for (path, root) in [
            ("WS01/Windows/System32/config/SYSTEM", "ws01"),
            ("WS01/C/Users/a/NTUSER.DAT", "ws01"),
            ("WS01/D/Windows/x", "ws01"),
            ("C/Windows/System32/config/SYSTEM", ""),
            ("a.zip!uploads/auto/C:/Users/a/NTUSER.DAT", "a.zip"),
            ("a.zip!uploads/ntfs/\\\\.\\C:/Windows/x", "a.zip"),
            ("case.zip!WS01.zip!C/Windows/x", "case.zip!ws01.zip"),
            ("hives/SYSTEM", "hives"),
            ("A/C/Users/b/NTUSER.DAT", "a"),
            ("SYSTEM", ""),
            ("x1/Windows", "x1"),
        ] {
            assert_eq!(collection_root(path), root, "{path}");
        }
    }

    #[test]
    fn traps_are_known() {
        for name in [
            "../x",
            "a/../x",
            "/x",
            "C:/x",
            "c:\\x",
            "a\\..\\x",
            "NUL",
            "a/com1.evtx",
            "aux .txt",
        ] {
            assert!(is_trap(name), "{name}");
        }
        for name in [
            "a/b",
            "..a",
            "a..b",
            "COM10",
            "C/x",
            "console.txt",
            "uploads/auto/C%3A/x",
        ] {
            assert!(!is_trap(name), "{name}");
        }
    }
}
