//! The bytes of a member, decoded.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use self_cell::{MutBorrow, self_cell};
use zip::read::{ZipFile, ZipReadOptions, read_zipfile_from_stream_with_options};

use super::Entry;
use crate::collect::bytes::{Cursor, Shared};
use crate::collect::streamed::Open;

/// A member that is decoded.
pub(in crate::collect::archive) struct Member {
    pub(in crate::collect::archive) bytes: Shared,
    pub(in crate::collect::archive) entry: Entry,
    pub(in crate::collect::archive) password: Option<Arc<[u8]>>,
}

impl Open for Member {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
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
