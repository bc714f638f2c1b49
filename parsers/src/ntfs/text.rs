//! Names of files, from UTF-16.

use crate::evtx::read::Utf16;

/// UTF-16 as text. An unpaired surrogate stays visible as `\udXXX`.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 2);
    push_utf16(&mut text, bytes);
    text
}

/// What a path in the case ends with, in lower case.
pub(super) fn file_name(path: &str) -> String {
    let name = path.rsplit(['/', '!']).next().unwrap_or_default();
    name.to_ascii_lowercase()
}

/// Appends UTF-16.
pub(super) fn push_utf16(text: &mut String, bytes: &[u8]) {
    Utf16::new(bytes).write_text(text);
}
