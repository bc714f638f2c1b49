//! The bytes of a member, decoded.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use self_cell::{MutBorrow, self_cell};
use zip::read::{ZipFile, ZipReadOptions, read_zipfile_from_stream_with_options};

use super::{Entry, ZSTD};
use crate::collect::bytes::{Cursor, Shared};
use crate::collect::streamed::Open;

/// A member that is decoded.
pub(in crate::collect::archive) struct Member {
    pub(in crate::collect::archive) bytes: Shared,
    pub(in crate::collect::archive) entry: Entry,
    pub(in crate::collect::archive) password: Option<Arc<[u8]>>,
    /// Memory that a decoder of zstd may take, as a power of two: a member can ask for gigabytes.
    pub(in crate::collect::archive) window_log: u32,
}

impl Member {
    /// The crate `zip` lets a member ask for any window; this does not.
    fn open_zstd(&self) -> io::Result<Box<dyn Read + Send>> {
        let start = self.entry.data_start(&self.bytes)?;
        let archived = Cursor::new(Arc::clone(&self.bytes), start).take(self.entry.compressed);
        let mut decoder = zstd::Decoder::new(archived)?;
        decoder.window_log_max(self.window_log)?;
        Ok(Box::new(Checked {
            decoder,
            hash: crc32fast::Hasher::new(),
            expected: self.entry.size.map(|size| (size, self.entry.crc)),
            size: 0,
        }))
    }
}

/// Holds what a decoder gives against what the archive says.
struct Checked<R> {
    decoder: R,
    hash: crc32fast::Hasher,
    /// Size and checksum, if the archive says them.
    expected: Option<(u64, u32)>,
    size: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer)?;
        self.size += count as u64;
        self.hash.update(&buffer[..count]);
        let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        match self.expected {
            Some((size, _)) if self.size > size => wrong("it has more bytes than the archive says"),
            Some((size, crc)) if count == 0 && !buffer.is_empty() => {
                if self.size < size {
                    wrong("it has fewer bytes than the archive says")
                } else if self.hash.clone().finalize() != crc {
                    wrong("its checksum is wrong")
                } else {
                    Ok(0)
                }
            }
            _ => Ok(count),
        }
    }
}

impl Open for Member {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        if self.entry.method == ZSTD && !self.entry.is_encrypted {
            return self.open_zstd();
        }
        let cursor = Cursor::new(Arc::clone(&self.bytes), self.entry.header);
        let stop = cursor.stop();
        let owner = MutBorrow::new((cursor, self.password.clone()));
        let decoding = Decoding::try_new(owner, |owner| {
            let (cursor, password) = owner.borrow_mut();
            let options = self.entry.options(password.as_deref());
            let member = read_zipfile_from_stream_with_options(cursor, options);
            let member = member.map_err(io::Error::from)?;
            member.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
        })?;
        Ok(Box::new(Decoder { decoding, stop }))
    }
}

impl Entry {
    fn options<'a>(&self, password: Option<&'a [u8]>) -> ZipReadOptions<'a> {
        let options = ZipReadOptions::new()
            .password(password)
            .override_compressed_size(self.compressed);
        match self.size {
            Some(size) => options
                .override_uncompressed_size(size)
                .override_crc(self.crc),
            None => options.ignore_crc32(true),
        }
    }
}

type OpenMember<'a> = ZipFile<'a, Cursor>;

self_cell!(
    struct Decoding {
        owner: MutBorrow<(Cursor, Option<Arc<[u8]>>)>,
        #[not_covariant]
        dependent: OpenMember,
    }
);

struct Decoder {
    decoding: Decoding,
    stop: Arc<AtomicBool>,
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoding
            .with_dependent_mut(|_, member| member.read(buffer))
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
