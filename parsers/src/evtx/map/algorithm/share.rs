//! Files on shares (Security 5140–5145).

use timeline::fields as f;

use crate::ecs::{PathFields, Values, file_name, split_path};
use crate::evtx::record::LogRecord;

/// The share and the file on it (ECS.md §3.3): a base name and a path, not upstream's whole
/// relative path as name (C14).
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let relative = record
        .get("RelativeTargetName")
        .filter(|name| *name != "\\");
    let Some(relative) = relative else { return };
    if let Some(share) = record.get("ShareName") {
        values.put(f::FILE_TARGET_PATH, format!("{share}\\{relative}"));
    }
    let local = record
        .get("ShareLocalPath")
        .map(|path| path.trim_start_matches("\\??\\"));
    match local {
        Some(local) => {
            let path = format!("{}\\{relative}", local.trim_end_matches('\\'));
            split_path(values, path, PathFields::FILE);
        }
        None => values.put(f::FILE_NAME, file_name(relative)),
    }
}
