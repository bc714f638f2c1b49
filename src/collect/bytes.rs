//! Bytes that several readers share: a file, a part of one, a member that was unpacked.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parsers::ReadAt;

/// Bytes that several threads read at any place.
pub(super) type Shared = Arc<dyn ReadAt + Send>;

/// A file on disk.
#[derive(Debug)]
pub(super) struct Disk {
    file: File,
    length: u64,
}

impl Disk {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }
}

impl ReadAt for Disk {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        timeline::read_at(&self.file, offset, buffer)
    }
}

/// A part of other bytes.
pub(super) struct Window {
    pub(super) of: Shared,
    pub(super) start: u64,
    pub(super) length: u64,
}

impl ReadAt for Window {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(offset);
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let count = buffer.len().min(most);
        let Some(start) = self.start.checked_add(offset) else {
            return Ok(0);
        };
        self.of.read_at(start, &mut buffer[..count])
    }
}

/// Reads shared bytes in their order, until it is told to stop.
#[derive(Clone)]
pub(super) struct Cursor {
    bytes: Shared,
    at: u64,
    stopped: Arc<AtomicBool>,
}

impl Cursor {
    pub(super) fn new(bytes: Shared, at: u64) -> Self {
        Self {
            bytes,
            at,
            stopped: Arc::default(),
        }
    }

    /// What ends the bytes when it is set: decoders read on to the end of a member when they are dropped.
    pub(super) fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stopped)
    }
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stopped.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let count = self.bytes.read_at(self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.len().checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
