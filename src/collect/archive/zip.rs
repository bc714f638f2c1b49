//! ZIP archives: which members there are, and the bytes of each.
//!
//! The central directory is read here, entry by entry: a library that keeps it as a map by name loses one
//! of two members that share a name, and gives nothing of an archive that was cut off. Members are
//! decoded by the crate `zip`, each from its local header. (APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.)

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem;
use self_cell::{MutBorrow, self_cell};
use timeline::Ticks;
use zip::read::{ZipFile, ZipReadOptions, read_zipfile_from_stream_with_options};

use crate::collect::bytes::{Cursor, Shared};
use crate::collect::streamed::Open;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR64: &[u8; 4] = b"PK\x06\x07";
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";
/// The end record, and the longest comment behind it.
const END_SIZE: u64 = 22;
const MOST_COMMENT: u64 = 0xffff;
/// Bytes read at once.
const STEP: usize = 256 * 1024;

/// Whether bytes begin as an archive does.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.starts_with(LOCAL) || head.starts_with(END)
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name: UTF-8, or else code page 437.
    pub(super) name: String,
    /// Where its local header is.
    header: u64,
    /// Its bytes in the archive.
    pub(super) compressed: u64,
    /// Its bytes when decoded; none when the archive does not say.
    pub(super) size: Option<u64>,
    crc: u32,
    method: u16,
    /// When it was last changed, if the archive says so in UTC: DOS times are those of an unknown zone.
    pub(super) modified: Option<Ticks>,
    pub(super) is_encrypted: bool,
}

impl Entry {
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(['/', '\\'])
    }

    /// Where its bytes are in the archive, if they lie there as they are.
    pub(super) fn plain(&self, bytes: &Shared) -> io::Result<Option<u64>> {
        if self.method != 0 || self.is_encrypted {
            return Ok(None);
        }
        let local = array::<30>(bytes, self.header)?;
        if !local.starts_with(LOCAL) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "there is no local header where the directory says",
            ));
        }
        let [name, extra] = [26, 28].map(|at| u64::from(u16_at(&local, at)));
        Ok(Some(self.header + 30 + name + extra))
    }
}

/// How an archive's directory could be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Directory {
    /// In full.
    Sound,
    /// The visitor had enough.
    Stopped,
    /// It has none, or a damaged one: the members were found by their own headers.
    Missing,
}

/// Shows every member: as the directory lists them, or else as they lie in the archive.
pub(super) fn list(
    bytes: &Shared,
    each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<Directory> {
    let mut listed = Listed::default();
    if let Some(place) = find_directory(bytes)? {
        let mut seen = |entry: Entry| {
            listed.end = listed.end.max(entry.header + 1);
            each(entry)
        };
        match walk_directory(bytes, place, &mut seen)? {
            Walked::All => return Ok(Directory::Sound),
            Walked::Stopped => return Ok(Directory::Stopped),
            Walked::Damaged => {}
        }
    }
    Ok(match salvage(bytes, listed.end, each)? {
        ControlFlow::Continue(()) => Directory::Missing,
        ControlFlow::Break(()) => Directory::Stopped,
    })
}

/// What a directory listed before it broke off.
#[derive(Default)]
struct Listed {
    /// Behind the start of the last member.
    end: u64,
}

/// Where the directory is.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u64,
    entries: u64,
    /// What the archive's offsets count from: something may stand before it.
    base: u64,
}

fn find_directory(bytes: &Shared) -> io::Result<Option<Place>> {
    let length = bytes.len();
    let tail = length.saturating_sub(END_SIZE + MOST_COMMENT + 1);
    let last = read(bytes, tail, usize::try_from(length - tail).unwrap_or(0))?;
    for at in memmem::rfind_iter(&last, END) {
        let Some(end) = last.get(at..at + 22) else {
            continue;
        };
        let place = tail + at as u64;
        let mut entries = u64::from(u16_at(end, 10));
        let mut size = u64::from(u32_at(end, 12));
        let mut offset = u64::from(u32_at(end, 16));
        let mut before = place;
        if let Some((end64, found)) = find_end64(bytes, place)? {
            before = end64;
            [entries, size, offset] = found;
        }
        let Some(start) = before.checked_sub(size) else {
            continue;
        };
        // Something may stand before the archive, or between the directory and its end.
        for (start, base) in [
            (Some(start), start.checked_sub(offset)),
            (Some(offset), Some(0)),
        ] {
            let (Some(start), Some(base)) = (start, base) else {
                continue;
            };
            if entries == 0 || leads_to_a_member(bytes, start, base)? {
                return Ok(Some(Place {
                    start,
                    entries,
                    base,
                }));
            }
        }
    }
    Ok(None)
}

/// Whether a directory begins there, and its first entry leads to a member.
fn leads_to_a_member(bytes: &Shared, start: u64, base: u64) -> io::Result<bool> {
    let first = read(bytes, start, 46)?;
    if first.len() < 46 || !first.starts_with(CENTRAL) {
        return Ok(false);
    }
    let header = u64::from(u32_at(&first, 42));
    // What needs 64 bits stands behind the name.
    Ok(header == 0xffff_ffff || read(bytes, base.saturating_add(header), 4)? == LOCAL)
}

/// The place of the end record of ZIP64, and entries, size and offset of the directory.
fn find_end64(bytes: &Shared, end: u64) -> io::Result<Option<(u64, [u64; 3])>> {
    let Some(at) = end.checked_sub(20) else {
        return Ok(None);
    };
    let locator = read(bytes, at, 20)?;
    if !locator.starts_with(LOCATOR64) {
        return Ok(None);
    }
    // Its own offset is wrong when something stands before the archive; then it ends at the locator.
    for place in [Some(u64_at(&locator, 8)), at.checked_sub(56)]
        .into_iter()
        .flatten()
    {
        let record = read(bytes, place, 56)?;
        if record.len() == 56 && record.starts_with(END64) {
            return Ok(Some((
                place,
                [32, 40, 48].map(|field| u64_at(&record, field)),
            )));
        }
    }
    Ok(None)
}

enum Walked {
    All,
    Stopped,
    Damaged,
}

fn walk_directory(
    bytes: &Shared,
    place: Place,
    each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<Walked> {
    let mut reader =
        io::BufReader::with_capacity(STEP, Cursor::new(Arc::clone(bytes), place.start));
    let mut fixed = [0; 46];
    let mut rest = Vec::new();
    let mut count = 0_u64;
    loop {
        // The count has 16 bits in archives of tools that do not know ZIP64: the signature decides.
        match reader.read_exact(&mut fixed) {
            Ok(()) if fixed.starts_with(CENTRAL) => {}
            Ok(()) if count >= place.entries => return Ok(Walked::All),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(if count >= place.entries {
                    Walked::All
                } else {
                    Walked::Damaged
                });
            }
            Err(error) => return Err(error),
            Ok(()) => return Ok(Walked::Damaged),
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(&fixed, at)));
        rest.resize(name + extra + comment, 0);
        match reader.read_exact(&mut rest) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(Walked::Damaged);
            }
            read => read?,
        }
        count += 1;
        let entry = central_entry(&fixed, &rest[..name], &rest[name..name + extra], place.base);
        if each(entry).is_break() {
            return Ok(Walked::Stopped);
        }
    }
}

fn central_entry(fixed: &[u8; 46], name: &[u8], extra: &[u8], base: u64) -> Entry {
    let mut sizes = [24, 20, 42].map(|at| u64::from(u32_at(fixed, at)));
    wide(extra, &mut sizes);
    let [size, compressed, header] = sizes;
    let flags = u16_at(fixed, 8);
    Entry {
        name: text(name, extra),
        header: base.saturating_add(header),
        compressed,
        size: Some(size),
        crc: u32_at(fixed, 16),
        method: u16_at(fixed, 10),
        modified: modified(extra),
        is_encrypted: flags & 1 != 0,
    }
}

/// Puts the 64-bit values of the extra field in the place of those that do not fit into 32 bits.
fn wide(extra: &[u8], values: &mut [u64]) {
    let Some(mut field) = extra_field(extra, 0x0001) else {
        return;
    };
    for value in values.iter_mut().filter(|value| **value == 0xffff_ffff) {
        let Some((wide, others)) = field.split_first_chunk::<8>() else {
            return;
        };
        *value = u64::from_le_bytes(*wide);
        field = others;
    }
}

/// The time of the last change in the extra field of NTFS or of Unix.
fn modified(extra: &[u8]) -> Option<Ticks> {
    if let Some(ntfs) = extra_field(extra, 0x000a).and_then(|field| field.get(4..16))
        && ntfs.starts_with(&[1, 0, 24, 0])
    {
        return Ticks::from_filetime(u64_at(ntfs, 4));
    }
    let unix = extra_field(extra, 0x5455).and_then(|field| field.get(..5))?;
    let seconds = u32_at(unix, 1).cast_signed();
    (unix[0] & 1 != 0)
        .then(|| Ticks::from_unix(seconds.into(), 0))
        .flatten()
}

fn extra_field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let (head, rest) = extra.split_first_chunk::<4>()?;
        let (field, rest) = rest.split_at_checked(usize::from(u16_at(head, 2)))?;
        if u16_at(head, 0) == wanted {
            return Some(field);
        }
        extra = rest;
    }
}

/// A name: that of the Unicode path field, or UTF-8, or else code page 437, as far as it is ASCII.
fn text(name: &[u8], extra: &[u8]) -> String {
    let unicode = extra_field(extra, 0x7075).and_then(|field| field.get(5..));
    let unicode = unicode.and_then(|name| std::str::from_utf8(name).ok());
    match (unicode, std::str::from_utf8(name)) {
        (Some(name), _) | (None, Ok(name)) => name.to_owned(),
        (None, Err(_)) => name.iter().copied().map(code_page_437).collect(),
    }
}

/// The upper half of code page 437.
const UPPER_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

fn code_page_437(byte: u8) -> char {
    match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(upper) => UPPER_437.chars().nth(usize::from(upper)).unwrap_or('?'),
    }
}

/// Finds members by their own headers, from a place on.
fn salvage(
    bytes: &Shared,
    from: u64,
    each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut at = from;
    while let Some(header) = find(bytes, *LOCAL, at)? {
        let Some((entry, end)) = local_entry(bytes, header)? else {
            at = header + 1;
            continue;
        };
        at = end.max(header + 1);
        if each(entry).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The member of a local header, and where it ends; none when the bytes only look like one.
fn local_entry(bytes: &Shared, header: u64) -> io::Result<Option<(Entry, u64)>> {
    let fixed = read(bytes, header, 30)?;
    if fixed.len() < 30 {
        return Ok(None);
    }
    let (flags, method) = (u16_at(&fixed, 6), u16_at(&fixed, 8));
    let [name, extra] = [26, 28].map(|at| usize::from(u16_at(&fixed, at)));
    let is_known = matches!(method, 0 | 8 | 9 | 93 | 99);
    if u16_at(&fixed, 4) > 63 || !is_known || name == 0 {
        return Ok(None);
    }
    let rest = read(bytes, header + 30, name + extra)?;
    if rest.len() < name + extra {
        return Ok(None);
    }
    let (name, extra) = rest.split_at(name);
    let start = header + 30 + rest.len() as u64;
    let mut sizes = [22, 18].map(|at| u64::from(u32_at(&fixed, at)));
    wide(extra, &mut sizes);
    let [size, compressed] = sizes;
    let mut entry = Entry {
        name: text(name, extra),
        header,
        compressed,
        size: Some(size),
        crc: u32_at(&fixed, 14),
        method,
        modified: modified(extra),
        is_encrypted: flags & 1 != 0,
    };
    if flags & 8 != 0 {
        let Some(end) = find_descriptor(bytes, start, &mut entry)? else {
            // The archive ends before the member does.
            entry.compressed = bytes.len().saturating_sub(start);
            entry.size = None;
            return Ok(Some((entry, bytes.len())));
        };
        return Ok(Some((entry, end)));
    }
    let end = start.saturating_add(compressed);
    Ok(Some((entry, end.min(bytes.len()))))
}

/// The descriptor behind a member whose sizes the header does not say: the one that tells the distance.
fn find_descriptor(bytes: &Shared, start: u64, entry: &mut Entry) -> io::Result<Option<u64>> {
    let mut at = start;
    while let Some(place) = find(bytes, *DESCRIPTOR, at)? {
        let found = read(bytes, place, 24)?;
        let distance = place - start;
        if found.len() >= 16 && u64::from(u32_at(&found, 8)) == distance {
            entry.crc = u32_at(&found, 4);
            entry.compressed = distance;
            entry.size = Some(u64::from(u32_at(&found, 12)));
            return Ok(Some(place + 16));
        }
        if found.len() == 24 && u64_at(&found, 8) == distance {
            entry.crc = u32_at(&found, 4);
            entry.compressed = distance;
            entry.size = Some(u64_at(&found, 16));
            return Ok(Some(place + 24));
        }
        at = place + 1;
    }
    Ok(None)
}

/// Where bytes stand, from a place on.
fn find(bytes: &Shared, wanted: [u8; 4], from: u64) -> io::Result<Option<u64>> {
    let mut at = from;
    let mut buffer = vec![0; STEP];
    loop {
        let count = bytes.read_at(at, &mut buffer)?;
        if let Some(found) = memmem::find(&buffer[..count], &wanted) {
            return Ok(Some(at + found as u64));
        }
        if count < buffer.len() {
            return Ok(None);
        }
        at += (count - 3) as u64;
    }
}

fn read(bytes: &Shared, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    let count = bytes.read_at(at, &mut buffer)?;
    buffer.truncate(count);
    Ok(buffer)
}

fn array<const N: usize>(bytes: &Shared, at: u64) -> io::Result<[u8; N]> {
    let mut buffer = [0; N];
    bytes.read_at(at, &mut buffer)?;
    Ok(buffer)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// A member that is decoded.
pub(super) struct Member {
    pub(super) bytes: Shared,
    pub(super) entry: Entry,
    pub(super) password: Option<Arc<[u8]>>,
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
