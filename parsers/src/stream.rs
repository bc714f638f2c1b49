//! Bytes of evidence from the first to the last, for readers of text.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::{ParseError, ReadAt};

/// Where reading failed, if it did. Decoders on top of a [`Stream`] have errors of their own, which
/// say that the evidence is damaged; this tells the two apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Rc<Cell<Option<u64>>>);

impl Failure {
    /// The error as that of a parser, or back as it is when the bytes could be had.
    pub(crate) fn explain(&self, error: io::Error) -> Result<io::Error, ParseError> {
        match self.0.get() {
            Some(offset) => Err(ParseError::Read {
                offset,
                source: error,
            }),
            None => Ok(error),
        }
    }
}

/// Reads evidence in its order.
pub(crate) struct Stream<'a> {
    input: &'a dyn ReadAt,
    offset: u64,
    failure: Failure,
}

impl<'a> Stream<'a> {
    /// From `offset` on.
    pub(crate) fn new(input: &'a dyn ReadAt, offset: u64) -> Self {
        Self {
            input,
            offset,
            failure: Failure::default(),
        }
    }

    /// What tells where it failed, when it did.
    pub(crate) fn failure(&self) -> Failure {
        self.failure.clone()
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.input.read_at(self.offset, buffer) {
            Ok(count) => {
                self.offset = self.offset.saturating_add(count as u64);
                Ok(count)
            }
            Err(error) => {
                self.failure.0.set(Some(self.offset));
                Err(error)
            }
        }
    }
}
