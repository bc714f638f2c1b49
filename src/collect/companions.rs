//! Which files belong together: registry hives and their transaction logs, and what NTFS keeps of one volume.

use std::collections::BTreeMap;

use super::Evidence;

/// The kinds of both, as their parsers call them.
const HIVE: &str = "registry";
const LOG: &str = "registry-log";
/// Those of NTFS, likewise.
const TABLE: &str = "mft";
const JOURNAL: &str = "usn";
const SECURITY: &str = "secure";
/// What the name of a log has behind that of its hive.
const ENDINGS: [&str; 3] = [".log", ".log1", ".log2"];

/// Notes with each hive the logs that lie beside it: those of its name, whatever the case; or else, when
/// files were renamed, those that were written for a hive of the same path.
pub(super) fn pair(evidence: &mut [Evidence]) {
    let mut hives: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    let mut by_origin: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (place, file) in evidence.iter().enumerate() {
        if file.parser.kind() != HIVE {
            continue;
        }
        let (folder, name) = parts(&file.path);
        if !file.loaded_from.is_empty() {
            let origin = (folder.clone(), file.loaded_from.clone());
            by_origin.entry(origin).or_default().push(place);
        }
        hives.entry((folder, name)).or_default().push(place);
    }
    for log in 0..evidence.len() {
        if evidence[log].parser.kind() != LOG {
            continue;
        }
        let (folder, name) = parts(&evidence[log].path);
        let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
        let named = stem.and_then(|stem| hives.get(&(folder.clone(), stem.to_owned())));
        let origin = evidence[log].loaded_from.clone();
        let found = named.or_else(|| by_origin.get(&(folder, origin)));
        // Of several that it may belong to, nobody knows which.
        if let Some([hive]) = found.map(Vec::as_slice) {
            evidence[*hive].companions.push(log);
        }
    }
}

/// Notes with each master file table the security descriptors of its volume, and with each change journal
/// both. Of several tables that may be the one, nobody knows which.
pub(super) fn pair_volumes(evidence: &mut [Evidence]) {
    let mut volumes: BTreeMap<String, [Vec<usize>; 2]> = BTreeMap::new();
    for (place, file) in evidence.iter().enumerate() {
        let kind = match file.parser.kind() {
            TABLE if !is_mirror(&file.path) => 0,
            SECURITY => 1,
            _ => continue,
        };
        volumes.entry(volume(&file.path)).or_default()[kind].push(place);
    }
    for file in evidence.iter_mut() {
        let wanted: &[usize] = match file.parser.kind() {
            TABLE if !is_mirror(&file.path) => &[1],
            JOURNAL => &[0, 1],
            _ => continue,
        };
        let Some(volume) = volumes.get(&volume(&file.path)) else {
            continue;
        };
        let of_kind = wanted.iter().map(|&kind| volume[kind].as_slice());
        let only = of_kind.filter_map(|places| match places {
            [only] => Some(*only),
            _ => None,
        });
        file.companions = only.collect();
    }
}

/// What Windows keeps of the first entries a second time: no table of a volume.
fn is_mirror(path: &str) -> bool {
    parts(path).1 == "$mftmirr"
}

/// Where the volume of a file of NTFS itself begins, in lower case: what stands before `$MFT`, `$Extend` and
/// the like; else its folder.
fn volume(path: &str) -> String {
    let path = path.to_lowercase();
    let is_start = |at: &usize| *at == 0 || path[..*at].ends_with(['/', '!']);
    let mut marks = path.match_indices('$').map(|(at, _)| at).filter(is_start);
    let end = marks.next().or_else(|| path.rfind(['/', '!'])).unwrap_or(0);
    path[..end].trim_end_matches(['/', '!']).to_owned()
}

/// Folder and name of a path, in lower case.
fn parts(path: &str) -> (String, String) {
    let path = path.to_lowercase();
    match path.rfind(['/', '!']) {
        Some(at) => (path[..at].to_owned(), path[at + 1..].to_owned()),
        None => (String::new(), path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_volume_are_told_by_their_place() {
        for (path, expected) in [
            ("H/C/$MFT", "h/c"),
            ("H/C/$Extend/$UsnJrnl/$J", "h/c"),
            (
                r"a.zip!uploads/ntfs/\\.\C:/$Secure:$SDS",
                r"a.zip!uploads/ntfs/\\.\c:",
            ),
            ("a.zip!$MFT", "a.zip"),
            ("H/mft.bin", "h"),
            ("mft.bin", ""),
            ("H/a$b/$J", "h/a$b"),
        ] {
            assert_eq!(volume(path), expected, "{path}");
        }
    }
}
