//! ShimCache: files that the compatibility engine looked at, the last first. Their time is the file's, not
//! that of an execution, and the list is written when Windows shuts down.

use std::io;

use timeline::{Issue, Ticks, fields as f};

use super::super::data;
use super::super::node::{Node, time_at, u32_at};
use super::super::out::{Certainty, Out};
use crate::ecs::{PathFields, split_path};

/// Entries of one list.
const MOST: usize = 8192;
/// The list of Windows 7 and Server 2008 R2 begins so.
const SEVEN: u32 = 0xBADC_0FEE;

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
    let first = u32_at(bytes, 0)?;
    if first == SEVEN {
        return seven(bytes);
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
        let Some(length) = u32_at(rest, 8).map(|length| length as usize) else {
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
    let mut at = 2 + length;
    if is_eight {
        // A package, which most have not, and two words of flags.
        let package = usize::from(u16::from_le_bytes(body.get(at..at + 2)?.try_into().ok()?));
        at += 2 + package + 8;
    }
    Some(Entry {
        path: data::text(path),
        modified: time_at(body, at),
    })
}

/// The list of Windows 7: entries of one size that point at their paths.
fn seven(bytes: &[u8]) -> Option<Vec<Entry>> {
    let count = u32_at(bytes, 4)? as usize;
    // In 64 bits there is a gap behind the two lengths.
    let is_64 = u32_at(bytes, 0x80 + 4)? == 0;
    let size = if is_64 { 48 } else { 32 };
    let entries = (0..count.min(MOST)).map_while(|number| {
        let at = 0x80 + number * size;
        let length = usize::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        let offset = u32_at(bytes, if is_64 { at + 8 } else { at + 4 })? as usize;
        let path = bytes.get(offset..offset.checked_add(length)?)?;
        Some(Entry {
            path: data::text(path),
            modified: time_at(bytes, if is_64 { at + 16 } else { at + 8 }),
        })
    });
    Some(entries.collect())
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

    #[test]
    fn the_lists_of_windows_10_and_8_are_read() {
        for (start, is_eight) in [(0x34_usize, false), (0x80, true)] {
            let mut bytes = vec![0; start];
            bytes[0] = u8::try_from(start).unwrap();
            for path in [r"C:\a.exe", r"C:\b.exe"] {
                let path = wide(path);
                let mut body = u16::try_from(path.len()).unwrap().to_le_bytes().to_vec();
                body.extend(&path);
                if is_eight {
                    body.extend([0; 10]);
                }
                body.extend(TIME.to_le_bytes());
                body.extend([0; 4]);
                bytes.extend(b"10ts\0\0\0\0");
                bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
                bytes.extend(body);
            }
            let entries = decode(&bytes).unwrap();
            assert_eq!(entries, [expected(r"C:\a.exe"), expected(r"C:\b.exe")]);
            assert_eq!(decode(&bytes[..bytes.len() - 1]).unwrap().len(), 1);
        }
        assert_eq!(decode(&[1, 2, 3, 4, 5]), None);
    }

    #[test]
    fn the_list_of_windows_7_is_read() {
        let path = wide(r"C:\c.exe");
        let mut bytes = SEVEN.to_le_bytes().to_vec();
        bytes.extend(1_u32.to_le_bytes());
        bytes.resize(0x80, 0);
        let length = u16::try_from(path.len()).unwrap();
        bytes.extend(length.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(0xB0_u64.to_le_bytes());
        bytes.extend(TIME.to_le_bytes());
        bytes.resize(0xB0, 0);
        bytes.extend(path);
        assert_eq!(decode(&bytes).unwrap(), [expected(r"C:\c.exe")]);
    }
}
