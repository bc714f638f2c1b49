//! An evidence file, opened for reading and never for anything else.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use parsers::ReadAt;
use sha2::{Digest, Sha256};

/// Bytes read at once for the hash.
const BUFFER: usize = 64 * 1024;

/// The bytes of an evidence file.
#[derive(Debug)]
pub(crate) struct EvidenceFile {
    file: File,
    length: u64,
}

impl EvidenceFile {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// SHA-256 of its bytes, lower-case hexadecimal, and how many there are: not as many as its length
    /// said when it was opened, if somebody writes to it.
    pub(crate) fn sha256(&self) -> io::Result<(String, u64)> {
        let mut hash = Sha256::new();
        let mut buffer = vec![0; BUFFER];
        let mut offset = 0;
        loop {
            let count = self.read_at(offset, &mut buffer)?;
            if count == 0 {
                return Ok((timeline::hex(&hash.finalize()), offset));
            }
            hash.update(&buffer[..count]);
            offset += count as u64;
        }
    }
}

impl ReadAt for EvidenceFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        timeline::read_at(&self.file, offset, buffer)
    }
}

/// The first bytes of a file: what it is recognised by.
pub(super) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut head)?;
    Ok(head)
}
