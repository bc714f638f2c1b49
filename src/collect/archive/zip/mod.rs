//! ZIP archives: which members there are, and the bytes of each.
//!
//! The central directory is read here, entry by entry: a library that keeps it as a map by name loses one
//! of two members that share a name, and gives nothing of an archive that was cut off. Members are
//! decoded by the crate `zip`, each from its local header. (APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.)

mod directory;
mod member;
mod salvage;

use std::io;
use std::ops::ControlFlow;

use memchr::memmem;
use timeline::Ticks;

use crate::collect::bytes::Shared;
use directory::{Walked, find_directory, walk_directory};
use salvage::salvage;

pub(super) use member::Member;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const END: &[u8; 4] = b"PK\x05\x06";
/// The method zstd.
const ZSTD: u16 = 93;
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
        self.data_start(bytes).map(Some)
    }

    /// Where its bytes begin, behind its local header.
    fn data_start(&self, bytes: &Shared) -> io::Result<u64> {
        let local = array::<30>(bytes, self.header)?;
        if !local.starts_with(LOCAL) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "there is no local header where the directory says",
            ));
        }
        let [name, extra] = [26, 28].map(|at| u64::from(u16_at(&local, at)));
        Ok(self.header + 30 + name + extra)
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
    // Behind the start of the last member that a directory listed.
    let mut end = 0;
    if let Some(place) = find_directory(bytes)? {
        let mut seen = |entry: Entry| {
            end = end.max(entry.header.saturating_add(1));
            each(entry)
        };
        match walk_directory(bytes, place, &mut seen)? {
            Walked::All => return Ok(Directory::Sound),
            Walked::Stopped => return Ok(Directory::Stopped),
            Walked::Damaged => {}
        }
    }
    Ok(match salvage(bytes, end, each)? {
        ControlFlow::Continue(()) => Directory::Missing,
        ControlFlow::Break(()) => Directory::Stopped,
    })
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
fn name_text(name: &[u8], extra: &[u8]) -> String {
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
