//! Evidence files, wherever they lie: opened for reading and never for anything else.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parsers::ReadAt;
use sha2::{Digest, Sha256};

use super::bytes::{Cursor, Disk, Shared, Window};
use super::streamed::{Open, Streamed};

/// Bytes read at once for the hash.
const BUFFER: usize = 64 * 1024;
/// The first bytes of a file that are looked at: what it is recognised by, and told apart. In an event log
/// they reach to the checksums of the first chunk.
const HEAD: usize = 8192;

/// Where the bytes of a file are.
#[derive(Clone)]
pub(crate) enum Source {
    /// In a file on disk.
    File(PathBuf),
    /// In an archive, as they are.
    Shared(Shared),
    /// In an archive, to be decoded: so many bytes.
    Coded(Arc<dyn Open>, u64),
}

impl Source {
    /// A part of other bytes, which can be read in their order only, or at any place.
    pub(super) fn part(of: &Shared, start: u64, length: u64, in_order: bool) -> Self {
        let of = Arc::clone(of);
        Self::shared(Arc::new(Window { of, start, length }), in_order)
    }

    /// Bytes, which can be read in their order only, or at any place.
    pub(super) fn shared(bytes: Shared, in_order: bool) -> Self {
        if in_order {
            let length = bytes.len();
            Self::Coded(Arc::new(InOrder(bytes)), length)
        } else {
            Self::Shared(bytes)
        }
    }

    /// How many bytes there are, as far as that is known before they are read.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::File(path) => path.metadata().map_or(0, |metadata| metadata.len()),
            Self::Shared(bytes) => bytes.len(),
            Self::Coded(_, length) => *length,
        }
    }

    /// The bytes for reading at any place, if they can be.
    pub(super) fn as_shared(&self) -> Option<Shared> {
        match self {
            Self::Shared(bytes) => Some(Arc::clone(bytes)),
            Self::File(_) | Self::Coded(..) => None,
        }
    }

    /// Whether the bytes can be read at any place at no cost.
    pub(crate) fn is_at_hand(&self) -> bool {
        !matches!(self, Self::Coded(..))
    }

    /// A reader of all bytes.
    pub(super) fn open_from_start(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::File(path) => Ok(Box::new(File::open(path)?)),
            Self::Shared(bytes) => Ok(Box::new(Cursor::new(Arc::clone(bytes), 0))),
            Self::Coded(from, _) => from.open(),
        }
    }

    /// The first bytes: fewer than there are when it is damaged behind them.
    pub(super) fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        let read = self
            .open_from_start()?
            .take(HEAD as u64)
            .read_to_end(&mut head);
        match read {
            Err(error) if head.is_empty() => Err(error),
            _ => Ok(head),
        }
    }

    /// Opens the bytes.
    pub(crate) fn open(&self) -> io::Result<EvidenceFile> {
        Ok(match self {
            Self::File(path) => EvidenceFile::open(path)?,
            Self::Shared(bytes) => EvidenceFile(Bytes::Shared(Arc::clone(bytes))),
            Self::Coded(from, length) => {
                let streamed = Streamed::new(Arc::clone(from), *length);
                EvidenceFile(Bytes::Streamed(Box::new(streamed)))
            }
        })
    }
}

/// Bytes that are read in their order.
struct InOrder(Shared);

impl Open for InOrder {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(Arc::clone(&self.0), 0)))
    }
}

/// The bytes of an evidence file.
pub(crate) struct EvidenceFile(Bytes);

enum Bytes {
    Shared(Shared),
    Streamed(Box<Streamed>),
}

impl EvidenceFile {
    /// Opens a file on disk.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Bytes::Shared(Arc::new(Disk::new(File::open(path)?)?))))
    }

    /// SHA-256 of its bytes, lower-case hexadecimal, and how many there are: not as many as its length
    /// said when it was opened, if somebody writes to it, or its archive is damaged.
    pub(crate) fn sha256(&self) -> io::Result<(String, u64)> {
        let bytes = match &self.0 {
            Bytes::Shared(bytes) => bytes,
            Bytes::Streamed(streamed) => return streamed.sha256(),
        };
        let mut hash = Sha256::new();
        let mut buffer = vec![0; BUFFER];
        let mut offset = 0;
        loop {
            let count = bytes.read_at(offset, &mut buffer)?;
            if count == 0 {
                return Ok((timeline::hex(&hash.finalize()), offset));
            }
            hash.update(&buffer[..count]);
            offset += count as u64;
        }
    }

    /// Why not all of it could be decoded.
    pub(crate) fn fault(&self) -> Option<String> {
        match &self.0 {
            Bytes::Shared(_) => None,
            Bytes::Streamed(streamed) => streamed.fault(),
        }
    }
}

impl ReadAt for EvidenceFile {
    fn len(&self) -> u64 {
        match &self.0 {
            Bytes::Shared(bytes) => bytes.len(),
            Bytes::Streamed(streamed) => streamed.len(),
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.0 {
            Bytes::Shared(bytes) => bytes.read_at(offset, buffer),
            Bytes::Streamed(streamed) => streamed.read_at(offset, buffer),
        }
    }
}
