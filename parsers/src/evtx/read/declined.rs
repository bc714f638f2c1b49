//! A record that this reader declines: another reader may know what it does not.

/// A record whose place and sizes are sound, and whose content has a form that the decoder does not
/// know.
#[derive(Clone, Copy, Debug)]
pub struct Declined<'a> {
    /// The record's chunk. A last one can be shorter than others.
    pub chunk: &'a [u8],
    /// Where in the file the chunk is.
    pub chunk_offset: u64,
    /// Where in the chunk the record is.
    pub at: usize,
    /// Where in the chunk its content begins.
    pub content: usize,
    /// The number in the record's header.
    pub number: u64,
}

impl Declined<'_> {
    /// Offset of the record in the file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.chunk_offset.saturating_add(self.at as u64)
    }
}
