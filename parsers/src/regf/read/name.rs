//! Names of keys and values: Latin-1 where that suffices, else UTF-16.

use std::borrow::Cow;

use crate::evtx::read::Utf16;

/// A name, as text.
pub(super) fn name(bytes: &[u8], is_latin1: bool) -> Cow<'_, str> {
    if !is_latin1 {
        return Cow::Owned(utf16(bytes));
    }
    match str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

/// UTF-16 as text, all of it: NULs too. An unpaired surrogate stays visible as `\udXXX`.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 2);
    let whole = Utf16::new(bytes);
    whole.write_text(&mut text);
    for _ in (0..bytes.len() - whole.as_bytes().len()).step_by(2) {
        text.push('\0');
    }
    text
}
