//! Files on shares (Security 5140–5145).

use timeline::{Field, fields as f};

use super::super::system::AUDIT_FAILURE;
use super::super::writer::number;
use crate::ecs::{PathFields, Values, file_name, split_path};
use crate::evtx::record::LogRecord;

/// What [`put`] fills.
pub(super) fn fields() -> Vec<Field> {
    let mut fields = PathFields::FILE.all();
    fields.push(f::FILE_TARGET_PATH);
    fields
}

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

/// `FILE_WRITE_DATA` or `FILE_APPEND_DATA`.
const WRITES: i64 = 0x2 | 0x4;

/// What [`put_write`] adds.
pub(super) const WRITE: &[(Field, &str)] =
    &[(f::EVENT_TYPE, "change"), (f::EVENT_ACTION, "modification")];

/// A file on a share that was opened for writing is one that was changed, as the endpoint's events
/// have it (ECS.md §7.1). Not so pipes, and what was denied. That a client asked for the right to
/// delete is no deletion: it renames and moves with the same right (C12).
pub(super) fn put_write<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let is_denied = record
        .keywords
        .is_some_and(|bits| bits & AUDIT_FAILURE != 0);
    let is_file = record.get("ShareLocalPath").is_some()
        && record
            .get("RelativeTargetName")
            .is_some_and(|name| name != "\\");
    let access = record.get("AccessMask").and_then(number);
    if is_file && !is_denied && access.is_some_and(|access| access & WRITES != 0) {
        values.put(f::EVENT_TYPE, "change");
        values.put(f::EVENT_ACTION, "modification");
    }
}
