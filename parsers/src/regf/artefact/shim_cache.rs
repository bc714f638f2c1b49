//! ShimCache: files that the compatibility engine looked at, the last first. Their time is the file's, not
//! that of an execution, and the list is written when Windows shuts down.

use std::io;

use timeline::{Issue, Ticks, fields as f};

use super::super::data;
use super::super::node::{Node, time_at};
use super::super::out::{Certainty, Out};
use crate::ecs::{PathFields, split_path};
use crate::le;

/// Entries of one list.
const MOST: usize = 8192;
/// Lists of entries of one size, by their first number.
const SEVEN: Fixed = Fixed {
    magic: 0xBADC_0FEE,
    header: 0x80,
    sizes: [32, 48],
};
const VISTA: Fixed = Fixed {
    magic: 0xBADC_0FFE,
    header: 8,
    sizes: [24, 32],
};

/// AppCompatCache: one event for each file.
pub(super) fn entries(out: &mut Out<'_>, node: &Node<'_, '_>) -> io::Result<()> {
    let Some(value) = node.key.value("AppCompatCache") else {
        return Ok(());
    };
    let bytes = value.data().bytes;
    let Some(entries) = decode(&bytes) else {
        let message = "The list of the compatibility engine has a form that is not known.";
        out.issue(
            Issue::note("shimcache", message)
                .at(super::super::read::BINS + u64::from(value.offset()))
                .in_record(node.path),
        );
        return Ok(());
    };
    for (rank, entry) in (1_i64..).zip(entries) {
        let mut values = out.values();
        out.put_key(&mut values, node.path);
        values.put(f::EVENT_CATEGORY, "file");
        values.put(f::EVENT_TYPE, "info");
        values.put(f::EVENT_ACTION, "shimcache-entry");
        values.put(f::EVENT_EXT_MRU_RANK, rank);
        values.put_some(f::FILE_MTIME, entry.modified);
        split_path(&mut values, entry.path, PathFields::FILE);
        let when = node.written(Certainty::UpperBound);
        let place = node.place_of(&value);
        out.put(place, when, &format!("shimcache {rank}"), &[&bytes], values)?;
    }
    Ok(())
}

/// One file.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    path: String,
    modified: Option<Ticks>,
}

fn decode(bytes: &[u8]) -> Option<Vec<Entry>> {
    let first = le::u32(bytes, 0)?;
    if let Some(fixed) = [SEVEN, VISTA].iter().find(|list| list.magic == first) {
        return Some(fixed.entries(bytes));
    }
    // The length of the header: 0x30 or 0x34 in Windows 10, 0x80 in 8 and 8.1.
    let start = usize::try_from(first)
        .ok()
        .filter(|start| matches!(start, 0x30 | 0x34 | 0x80))?;
    let signature = bytes.get(start..start + 4)?;
    matches!(signature, b"10ts" | b"00ts").then(|| marked(bytes, start))
}

/// Entries that each begin with a mark and their length.
fn marked(bytes: &[u8], start: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = bytes.get(start..).unwrap_or_default();
    while entries.len() < MOST && matches!(rest.get(..4), Some(b"10ts" | b"00ts")) {
        let Some(length) = le::u32(rest, 8).map(|length| length as usize) else {
            break;
        };
        let body = rest.get(12..).unwrap_or_default();
        let Some((body, next)) = body.split_at_checked(length) else {
            break;
        };
        entries.extend(entry(body, start == 0x80));
        rest = next;
    }
    entries
}

fn entry(body: &[u8], is_eight: bool) -> Option<Entry> {
    let length = usize::from(u16::from_le_bytes(body.get(..2)?.try_into().ok()?));
    let path = body.get(2..2 + length)?;
    let at = 2 + length;
    let at = if is_eight { eight(body, at) } else { Some(at) };
    Some(Entry {
        path: data::text(path),
        modified: at.and_then(|at| time_at(body, at)),
    })
}

/// Where the time of an entry of Windows 8 is. Behind the path are two words of flags, in 8.1 beside the name
/// of a package with its length; behind the time is the size of what ends the entry, by which they are told apart.
fn eight(body: &[u8], at: usize) -> Option<usize> {
    let package = usize::from(le::u16(body, at)?);
    let places = [at + 8, at + 10, at + 10 + package];
    places.into_iter().find(|place| {
        let size = le::u32(body, place + 8).and_then(|size| usize::try_from(size).ok());
        size.is_some_and(|size| place + 12 + size == body.len())
    })
}

/// A list of entries of one size that point at their paths.
struct Fixed {
    magic: u32,
    /// Bytes before the entries.
    header: usize,
    /// Of an entry, in 32 and in 64 bits.
    sizes: [usize; 2],
}

impl Fixed {
    fn entries(&self, bytes: &[u8]) -> Vec<Entry> {
        let count = le::u32(bytes, 4).map_or(0, |count| count as usize);
        // In 64 bits there is a gap behind the two lengths.
        let is_64 = le::u32(bytes, self.header + 4) == Some(0);
        let [narrow, wide] = self.sizes;
        let (size, offset, time) = if is_64 { (wide, 8, 16) } else { (narrow, 4, 8) };
        let entries = (0..count.min(MOST)).map_while(|number| {
            let at = self.header + number * size;
            let length = usize::from(le::u16(bytes, at)?);
            let offset = le::u32(bytes, at + offset)? as usize;
            let path = bytes.get(offset..offset.checked_add(length)?)?;
            Some(Entry {
                path: data::text(path),
                modified: time_at(bytes, at + time),
            })
        });
        entries.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: u64 = 0x01d8_1c31_f12d_79e9;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn expected(path: &str) -> Entry {
        Entry {
            path: path.into(),
            modified: Some(Ticks(TIME.cast_signed())),
        }
    }

    /// A list whose entries each have a mark, their bodies as given.
    fn marked_list(start: u8, mark: [u8; 4], bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0; usize::from(start)];
        bytes[0] = start;
        for body in bodies {
            bytes.extend(mark);
            bytes.extend([0; 4]);
            bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
            bytes.extend(body);
        }
        bytes
    }

    /// The body of an entry: the path, what is between it and the time, and what ends it.
    fn body(path: &str, between: &[u8], end: &[u8]) -> Vec<u8> {
        let path = wide(path);
        let mut body = u16::try_from(path.len()).unwrap().to_le_bytes().to_vec();
        body.extend(path);
        body.extend(between);
        body.extend(TIME.to_le_bytes());
        body.extend(u32::try_from(end.len()).unwrap().to_le_bytes());
        body.extend(end);
        body
    }

    #[test]
    fn the_lists_of_windows_10_and_8_are_read() {
        let flags = [2, 0, 0, 0, 1, 0, 0, 0];
        let package = [&[4, 0][..], &wide("p1"), &flags].concat();
        for (start, mark, between) in [
            (0x30, b"10ts", &[][..]),
            (0x34, b"10ts", &[]),
            (0x80, b"00ts", &flags),
            (0x80, b"10ts", &[2, 0, 0, 0, 1, 0, 0, 0, 0, 0]),
            (0x80, b"10ts", &[0, 0, 2, 0, 0, 0, 1, 0, 0, 0]),
            (0x80, b"10ts", &package),
        ] {
            let bodies = [
                body(r"C:\a.exe", between, &[]),
                body(r"C:\b.exe", between, &[1, 0, 0, 0]),
            ];
            let bytes = marked_list(start, *mark, &bodies);
            let entries = decode(&bytes).unwrap();
            assert_eq!(
                entries,
                [expected(r"C:\a.exe"), expected(r"C:\b.exe")],
                "{start:#x} {between:?}"
            );
            assert_eq!(decode(&bytes[..bytes.len() - 1]).unwrap().len(), 1);
        }
        assert_eq!(decode(&[1, 2, 3, 4, 5]), None);
    }

    #[test]
    fn a_path_is_told_where_its_time_is_not_known() {
        let odd = body(r"C:\a.exe", &[0; 5], &[]);
        let entries = decode(&marked_list(0x80, *b"10ts", &[odd])).unwrap();
        assert_eq!(entries[0].path, r"C:\a.exe");
        assert_eq!(entries[0].modified, None);
    }

    #[test]
    fn the_lists_of_windows_7_vista_and_2003_are_read() {
        for list in [SEVEN, VISTA] {
            for (is_64, size) in [false, true].into_iter().zip(list.sizes) {
                let path = wide(r"C:\c.exe");
                let mut bytes = list.magic.to_le_bytes().to_vec();
                bytes.extend(1_u32.to_le_bytes());
                bytes.resize(list.header, 0);
                let length = u16::try_from(path.len()).unwrap();
                bytes.extend([length, length + 2].iter().flat_map(|n| n.to_le_bytes()));
                let place = u32::try_from(list.header + size).unwrap();
                if is_64 {
                    bytes.extend([0; 4]);
                    bytes.extend(u64::from(place).to_le_bytes());
                } else {
                    bytes.extend(place.to_le_bytes());
                }
                bytes.extend(TIME.to_le_bytes());
                bytes.resize(list.header + size, 0);
                bytes.extend(path);
                assert_eq!(decode(&bytes).unwrap(), [expected(r"C:\c.exe")]);
                for end in 4..bytes.len() {
                    assert_eq!(decode(&bytes[..end]).unwrap(), [], "{end}");
                }
            }
        }
    }
}
