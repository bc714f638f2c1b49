//! Which events of files the timeline has (`--mft`): a volume has a million, of which a few hundred matter.

use parsers::ntfs::{MFT, PROVIDERS, USN, is_notable};
use timeline::{Reader, Segment, fields as f};

use crate::args::MftScope;

/// The source type of an event that NTFS keeps; nothing for others.
pub(super) fn kind_of(segment: &Segment, row: u32) -> &'static str {
    match segment.text(f::EVENT_PROVIDER, row) {
        Some(MFT) => "mft",
        Some(USN) => "usn",
        _ => "",
    }
}

/// Whether the timeline has an event, findings aside.
pub(crate) fn is_told(reader: &Reader<'_>, row: u32, scope: MftScope) -> bool {
    let provider = reader.text(f::EVENT_PROVIDER, row);
    if scope == MftScope::Full || !provider.is_some_and(|name| PROVIDERS.contains(&name)) {
        return true;
    }
    scope == MftScope::Notable && is_worth_telling(reader, row)
}

/// What the file is, was called before, or came from says that it matters.
fn is_worth_telling(reader: &Reader<'_>, row: u32) -> bool {
    let has = |field| reader.get(field, row).is_some();
    if has(f::FILE_EXT_ARTEFACT) || has(f::FILE_EXT_ZONE_IDENTIFIER) {
        return true;
    }
    let is_directory = reader.text(f::FILE_TYPE, row) == Some("dir");
    let paths = [f::FILE_PATH, f::FILE_EXT_ORIGINAL_PATH];
    let mut paths = paths.iter().filter_map(|field| reader.text(*field, row));
    !is_directory && paths.any(|path| is_notable(&path.to_lowercase()))
}
