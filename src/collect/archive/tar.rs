//! TAR archives: which members there are and where their bytes lie.
//!
//! Names and sizes of the extensions (GNU's long names and sparse files, PAX's `path` and `size`) are read
//! here, with bounds: a library that reads an extension whole takes as much memory as its header claims.
//! (POSIX.1-2024 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".)

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use parsers::ReadAt;
use tar::{EntryType, Header};
use timeline::Ticks;

use crate::collect::bytes::Shared;

const BLOCK: u64 = 512;
const BLOCK_SIZE: usize = 512;
/// The longest extension that is read: names have thousands of bytes at most.
const MOST_EXTENSION: u64 = 1 << 20;
/// The most pieces of a sparse file.
const MOST_PIECES: usize = 1 << 20;

/// Whether bytes begin as an archive does.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
        && head
            .get(..512)
            .is_some_and(|block| is_sound(Header::from_byte_slice(block)))
}

/// A file in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Its bytes.
    pub(super) size: u64,
    /// Where they are in the archive, if they lie there in one piece.
    pub(super) start: u64,
    /// If not: where pieces begin in the file, how long they are, and where they are in the archive.
    pub(super) pieces: Option<Vec<Piece>>,
    /// When it was last changed.
    pub(super) modified: Option<Ticks>,
    pub(super) is_file: bool,
    pub(super) is_link: bool,
}

/// A piece of a sparse file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    at: u64,
    length: u64,
    start: u64,
}

/// How the archive ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// As it should, or where the bytes end between two members.
    Soundly,
    /// The visitor had enough.
    Stopped,
    /// At this offset is no header, or the member there is cut off.
    Broken(u64),
}

/// What the next member is given by extensions.
#[derive(Default)]
struct Extensions {
    name: Option<String>,
    size: Option<u64>,
}

/// Shows every member in its order.
pub(super) fn list(
    bytes: &Shared,
    each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<Ended> {
    let mut at = 0;
    let mut extensions = Extensions::default();
    loop {
        let mut block = [0; BLOCK_SIZE];
        let count = bytes.read_at(at, &mut block)?;
        if count == 0 || block.iter().all(|&byte| byte == 0) {
            // Some end with the last member, others with empty blocks.
            return Ok(Ended::Soundly);
        }
        let header = Header::from_byte_slice(&block);
        let size = header.entry_size().ok();
        let Some(size) = size.filter(|_| count == block.len() && is_sound(header)) else {
            return Ok(Ended::Broken(at));
        };
        let start = at + BLOCK;
        match header.entry_type() {
            EntryType::GNULongName => extensions.name = Some(long_name(bytes, start, size)?),
            EntryType::XHeader => pax(bytes, start, size, &mut extensions)?,
            EntryType::XGlobalHeader | EntryType::GNULongLink => {}
            _ => {
                let size = extensions.size.unwrap_or(size);
                let (entry, end) = entry(bytes, header, &extensions, start, size)?;
                if each(entry).is_break() {
                    return Ok(Ended::Stopped);
                }
                extensions = Extensions::default();
                at = end;
                continue;
            }
        }
        let Some(next) = padded(start, size) else {
            return Ok(Ended::Broken(at));
        };
        at = next;
    }
}

/// Whether the header's checksum holds: the sum of its bytes, the checksum itself taken as blanks.
fn is_sound(header: &Header) -> bool {
    let sum: u32 = header
        .as_bytes()
        .iter()
        .enumerate()
        .map(|(at, &byte)| u32::from(if (148..156).contains(&at) { b' ' } else { byte }))
        .sum();
    header.cksum().is_ok_and(|stated| stated == sum)
}

/// The end of so many bytes, in whole blocks.
fn padded(start: u64, size: u64) -> Option<u64> {
    start.checked_add(size.checked_next_multiple_of(BLOCK)?)
}

fn entry(
    bytes: &Shared,
    header: &Header,
    extensions: &Extensions,
    start: u64,
    size: u64,
) -> io::Result<(Entry, u64)> {
    let kind = header.entry_type();
    let name = extensions
        .name
        .clone()
        .unwrap_or_else(|| String::from_utf8_lossy(&header.path_bytes()).into_owned());
    let mut entry = Entry {
        name,
        size,
        start,
        pieces: None,
        modified: modified(header),
        is_file: matches!(kind, EntryType::Regular | EntryType::Continuous),
        is_link: matches!(kind, EntryType::Symlink | EntryType::Link),
    };
    let mut data = start;
    if kind == EntryType::GNUSparse
        && let Some((pieces, whole, begin)) = sparse(bytes, header, start)?
    {
        data = begin;
        entry.is_file = true;
        entry.size = whole;
        entry.pieces = Some(pieces);
    }
    let has_data = !matches!(
        kind,
        EntryType::Symlink | EntryType::Link | EntryType::Directory
    );
    let end = if has_data {
        padded(data, size)
    } else {
        Some(start)
    };
    Ok((entry, end.unwrap_or(u64::MAX)))
}

/// In whole seconds since 1970; zero means that nobody cared.
fn modified(header: &Header) -> Option<Ticks> {
    let seconds = header.mtime().ok().filter(|&seconds| seconds > 0)?;
    Ticks::from_unix(i64::try_from(seconds).ok()?, 0)
}

fn long_name(bytes: &Shared, start: u64, size: u64) -> io::Result<String> {
    let name = extension(bytes, start, size)?;
    let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(name).into_owned())
}

fn pax(bytes: &Shared, start: u64, size: u64, extensions: &mut Extensions) -> io::Result<()> {
    let records = extension(bytes, start, size)?;
    for record in tar::PaxExtensions::new(&records).flatten() {
        match (record.key(), record.value()) {
            (Ok("path"), Ok(path)) => extensions.name = Some(path.to_owned()),
            (Ok("size"), Ok(size)) => extensions.size = size.parse().ok(),
            _ => {}
        }
    }
    Ok(())
}

fn extension(bytes: &Shared, start: u64, size: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size.min(MOST_EXTENSION)).unwrap_or(0);
    let mut buffer = vec![0; size];
    let count = bytes.read_at(start, &mut buffer)?;
    buffer.truncate(count);
    Ok(buffer)
}

/// The pieces of a sparse file, its size, and where its data begin.
fn sparse(
    bytes: &Shared,
    header: &Header,
    start: u64,
) -> io::Result<Option<(Vec<Piece>, u64, u64)>> {
    let Some(gnu) = header.as_gnu() else {
        return Ok(None);
    };
    let mut stated: Vec<(u64, u64)> = Vec::new();
    let mut note = |sparse: &tar::GnuSparseHeader| {
        if let (false, Ok(at), Ok(length)) = (sparse.is_empty(), sparse.offset(), sparse.length()) {
            stated.push((at, length));
        }
    };
    gnu.sparse.iter().for_each(&mut note);
    let mut data = start;
    let mut goes_on = gnu.is_extended();
    let mut blocks = 0;
    while goes_on && blocks < MOST_PIECES / 21 {
        let mut block = tar::GnuExtSparseHeader::new();
        if bytes.read_at(data, block.as_mut_bytes())? < BLOCK_SIZE {
            return Ok(None);
        }
        block.sparse.iter().for_each(&mut note);
        goes_on = block.is_extended();
        data += BLOCK;
        blocks += 1;
    }
    let mut next = data;
    let mut pieces = Vec::with_capacity(stated.len());
    for (at, length) in stated {
        pieces.push(Piece {
            at,
            length,
            start: next,
        });
        next = next.saturating_add(length);
    }
    let ascend = pieces
        .windows(2)
        .all(|two| two[0].at.saturating_add(two[0].length) <= two[1].at);
    let whole = gnu.real_size().ok();
    Ok(whole.filter(|_| ascend).map(|whole| (pieces, whole, data)))
}

/// A sparse file: zeros between its pieces.
pub(super) struct Sparse {
    pub(super) of: Shared,
    pub(super) pieces: Vec<Piece>,
    pub(super) length: u64,
}

impl Sparse {
    /// How many bytes from `offset` on are of one kind, and where they are, if they are not zeros.
    fn stretch(&self, offset: u64) -> (u64, Option<u64>) {
        let after = self.pieces.partition_point(|piece| piece.at <= offset);
        if let Some(piece) = after
            .checked_sub(1)
            .and_then(|place| self.pieces.get(place))
        {
            let within = offset - piece.at;
            if within < piece.length {
                return (
                    piece.length - within,
                    Some(piece.start.saturating_add(within)),
                );
            }
        }
        let next = self.pieces.get(after).map_or(self.length, |piece| piece.at);
        (next.saturating_sub(offset), None)
    }
}

impl ReadAt for Sparse {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset.saturating_add(filled as u64);
            let left = self.length.saturating_sub(at);
            let (length, place) = self.stretch(at);
            let most = usize::try_from(length.min(left)).unwrap_or(usize::MAX);
            let count = most.min(buffer.len() - filled);
            if count == 0 {
                break;
            }
            let part = &mut buffer[filled..filled + count];
            let read = if let Some(place) = place {
                self.of.read_at(place, part)?
            } else {
                part.fill(0);
                count
            };
            filled += read;
            if read < count {
                break;
            }
        }
        Ok(filled)
    }
}

/// The bytes of a member, as they lie in the archive or put together.
pub(super) fn bytes_of(of: &Shared, entry: &Entry) -> Shared {
    match &entry.pieces {
        Some(pieces) => Arc::new(Sparse {
            of: Arc::clone(of),
            pieces: pieces.clone(),
            length: entry.size,
        }),
        None => Arc::new(crate::collect::bytes::Window {
            of: Arc::clone(of),
            start: entry.start,
            length: entry.size,
        }),
    }
}
