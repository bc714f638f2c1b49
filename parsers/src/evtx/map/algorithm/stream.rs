//! Alternate data streams of Sysmon 15.

use timeline::{Field, fields as f};

use super::super::writer::number;
use crate::ecs::{PathFields, Values, file_name, split_path};
use crate::evtx::record::LogRecord;

/// What [`put`] fills.
pub(super) fn fields() -> Vec<Field> {
    let of_stream = [
        f::FILE_EXT_STREAM,
        f::FILE_EXT_ZONE_IDENTIFIER,
        f::FILE_ORIGIN_URL,
        f::FILE_ORIGIN_REFERRER_URL,
    ];
    PathFields::FILE
        .all()
        .into_iter()
        .chain(of_stream)
        .collect()
}

/// A created stream: the file and the stream apart, and what a Zone.Identifier says.
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    if let Some(target) = record.get("TargetFilename") {
        let name = file_name(target);
        match name.rsplit_once(':') {
            Some((_, stream)) if !stream.is_empty() => {
                let path = target
                    .strip_suffix(stream)
                    .and_then(|path| path.strip_suffix(':'));
                split_path(values, path.unwrap_or(target), PathFields::FILE);
                values.put(f::FILE_EXT_STREAM, stream);
            }
            _ => split_path(values, target, PathFields::FILE),
        }
    }
    for line in record
        .get("Contents")
        .unwrap_or_default()
        .split_whitespace()
    {
        match line.split_once('=') {
            Some(("ZoneId", zone)) if !values.has(f::FILE_EXT_ZONE_IDENTIFIER) => {
                values.put_some(f::FILE_EXT_ZONE_IDENTIFIER, number(zone));
            }
            Some(("HostUrl", url)) if !values.has(f::FILE_ORIGIN_URL) => {
                values.put(f::FILE_ORIGIN_URL, url);
            }
            Some(("ReferrerUrl", url)) if !values.has(f::FILE_ORIGIN_REFERRER_URL) => {
                values.put(f::FILE_ORIGIN_REFERRER_URL, url);
            }
            _ => {}
        }
    }
}
