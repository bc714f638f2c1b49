//! Which files belong together: registry hives and their transaction logs.

use std::collections::BTreeMap;

use super::Evidence;

/// The kinds of both, as their parsers call them.
const HIVE: &str = "registry";
const LOG: &str = "registry-log";
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

/// Folder and name of a path, in lower case.
fn parts(path: &str) -> (String, String) {
    let path = path.to_lowercase();
    match path.rfind(['/', '!']) {
        Some(at) => (path[..at].to_owned(), path[at + 1..].to_owned()),
        None => (String::new(), path),
    }
}
