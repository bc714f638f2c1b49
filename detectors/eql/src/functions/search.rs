//! Finding a text in another, with or without regard to case.

use std::ops::Range;

use crate::fold::fold;

/// Which of several places is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    First,
    Last,
}

/// The bytes of `source` where `needle` stands.
pub(super) fn find(
    source: &str,
    needle: &str,
    fold_case: bool,
    which: Which,
) -> Option<Range<usize>> {
    if !fold_case {
        return exact(source, needle, which);
    }
    let folded = fold(source);
    let found = exact(&folded, &fold(needle), which)?;
    Some(same_characters(&folded, found, source))
}

fn exact(source: &str, needle: &str, which: Which) -> Option<Range<usize>> {
    let start = match which {
        Which::First => source.find(needle),
        Which::Last => source.rfind(needle),
    }?;
    Some(start..start + needle.len())
}

/// Folding keeps the number of characters but not that of bytes.
fn same_characters(folded: &str, bytes: Range<usize>, original: &str) -> Range<usize> {
    if original.is_ascii() {
        return bytes;
    }
    let before = folded[..bytes.start].chars().count();
    let within = folded[bytes].chars().count();
    byte_of(original, before)..byte_of(original, before + within)
}

fn byte_of(text: &str, character: usize) -> usize {
    text.char_indices()
        .nth(character)
        .map_or(text.len(), |(byte, _)| byte)
}
