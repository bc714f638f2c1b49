//! A sorted table on disk that is looked up by key: what the first look learnt, for the second.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use crate::file;
use crate::sort::Item;

/// Bytes after which a block of the table ends.
const BLOCK: usize = 16 * 1024;

/// Sorted items, read a block at a time; only each block's first key stays in memory.
#[derive(Debug)]
pub struct Table {
    file: File,
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    first: Vec<u8>,
    offset: u64,
    length: usize,
}

impl Table {
    /// Writes sorted items to a nameless file in `folder`.
    pub fn write(folder: &Path, items: impl Iterator<Item = io::Result<Item>>) -> io::Result<Self> {
        let mut out = BufWriter::new(tempfile::tempfile_in(folder)?);
        let mut blocks: Vec<Block> = Vec::new();
        let mut end = 0;
        for item in items {
            let item = item?;
            match blocks.last_mut() {
                Some(block) if block.length < BLOCK => {}
                _ => blocks.push(Block {
                    first: item.key.clone(),
                    offset: end,
                    length: 0,
                }),
            }
            let length = write_item(&mut out, &item)?;
            end += length as u64;
            if let Some(block) = blocks.last_mut() {
                block.length += length;
            }
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Self { file, blocks })
    }

    /// Whether the table has no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Calls `each` with every item whose key starts with `prefix`, in order.
    pub fn with_prefix(&self, prefix: &[u8], each: impl FnMut(&[u8], &[u8])) -> io::Result<()> {
        self.cursor().with_prefix(prefix, each)
    }

    /// Calls `each` with every item from one key on up to another, and with those that begin with the
    /// latter, in order.
    pub fn range(&self, from: &[u8], to: &[u8], each: impl FnMut(&[u8], &[u8])) -> io::Result<()> {
        self.cursor().range(from, to, each)
    }

    /// The last item up to a key, if its own begins with `prefix`: one block is read, however many items begin so.
    pub fn last_before(&self, prefix: &[u8], to: &[u8]) -> io::Result<Option<Item>> {
        let place = self
            .blocks
            .partition_point(|block| block.first.as_slice() <= to);
        let Some(place) = place.checked_sub(1) else {
            return Ok(None);
        };
        let mut cursor = self.cursor();
        cursor.hold(place)?;
        let mut rest = cursor.bytes.as_slice();
        let mut last = None;
        while let Some((key, payload)) = split_item(&mut rest) {
            if key > to {
                break;
            }
            last = Some((key, payload));
        }
        let last = last.filter(|(key, _)| key.starts_with(prefix));
        Ok(last.map(|(key, payload)| Item {
            key: key.to_vec(),
            payload: payload.to_vec(),
        }))
    }

    /// Whether any key starts with `prefix`.
    pub fn has_prefix(&self, prefix: &[u8]) -> io::Result<bool> {
        let next = self
            .blocks
            .partition_point(|block| block.first.as_slice() < prefix);
        let mut found =
            (self.blocks.get(next)).is_some_and(|block| block.first.starts_with(prefix));
        if !found {
            // Then the block before is the only one to be read.
            self.with_prefix(prefix, |_, _| found = true)?;
        }
        Ok(found)
    }

    /// Many look-ups in a row: the block that was read last is kept.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor {
            table: self,
            held: None,
            bytes: Vec::new(),
        }
    }
}

/// Looks up keys of a table; cheap when they ascend.
#[derive(Debug)]
pub struct Cursor<'t> {
    table: &'t Table,
    /// The block that is in memory.
    held: Option<usize>,
    bytes: Vec<u8>,
}

impl Cursor<'_> {
    /// As [`Table::with_prefix`].
    pub fn with_prefix(&mut self, prefix: &[u8], each: impl FnMut(&[u8], &[u8])) -> io::Result<()> {
        self.range(prefix, prefix, each)
    }

    /// As [`Table::range`].
    pub fn range(
        &mut self,
        from: &[u8],
        to: &[u8],
        mut each: impl FnMut(&[u8], &[u8]),
    ) -> io::Result<()> {
        self.range_until(from, to, |key, payload| {
            each(key, payload);
            ControlFlow::Continue(())
        })
    }

    /// As [`Table::range`], until `each` says that it has enough.
    pub fn range_until(
        &mut self,
        from: &[u8],
        to: &[u8],
        mut each: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let is_beyond = |key: &[u8]| key > to && !key.starts_with(to);
        let blocks = &self.table.blocks;
        // The block before the first that starts at or after the key may hold some, too.
        let start = blocks.partition_point(|block| block.first.as_slice() < from);
        for (place, block) in blocks.iter().enumerate().skip(start.saturating_sub(1)) {
            if is_beyond(&block.first) {
                break;
            }
            self.hold(place)?;
            let mut rest = self.bytes.as_slice();
            while let Some((key, payload)) = split_item(&mut rest) {
                if is_beyond(key) {
                    return Ok(());
                }
                if key >= from && each(key, payload).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn hold(&mut self, place: usize) -> io::Result<()> {
        if self.held != Some(place) {
            let block = &self.table.blocks[place];
            self.held = None;
            self.bytes.resize(block.length, 0);
            file::read_exact_at(&self.table.file, block.offset, &mut self.bytes)?;
            self.held = Some(place);
        }
        Ok(())
    }
}

fn write_item(out: &mut impl Write, item: &Item) -> io::Result<usize> {
    for part in [&item.key, &item.payload] {
        out.write_all(
            &u32::try_from(part.len())
                .map_err(io::Error::other)?
                .to_le_bytes(),
        )?;
        out.write_all(part)?;
    }
    Ok(8 + item.key.len() + item.payload.len())
}

fn split_item<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    Some((split_part(rest)?, split_part(rest)?))
}

fn split_part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let (part, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = tail;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sort::Sorter;

    fn table(keys: impl Iterator<Item = String>) -> (tempfile::TempDir, Table) {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), 1 << 20);
        for key in keys {
            sorter
                .push(key.as_bytes(), format!("of {key}").as_bytes())
                .unwrap();
        }
        let table = Table::write(folder.path(), sorter.finish().unwrap()).unwrap();
        (folder, table)
    }

    fn found(table: &Table, prefix: &str) -> Vec<String> {
        let mut found = Vec::new();
        let each = |_: &[u8], payload: &[u8]| found.push(String::from_utf8_lossy(payload).into());
        table.with_prefix(prefix.as_bytes(), each).unwrap();
        let mut by_cursor: Vec<String> = Vec::new();
        let mut cursor = table.cursor();
        for _ in 0..2 {
            by_cursor.clear();
            let each =
                |_: &[u8], payload: &[u8]| by_cursor.push(String::from_utf8_lossy(payload).into());
            cursor.with_prefix(prefix.as_bytes(), each).unwrap();
            assert_eq!(by_cursor, found, "{prefix}");
        }
        found
    }

    #[test]
    fn finds_a_key_in_any_block() {
        let (_folder, table) = table((0..20_000).map(|n| format!("{n:05}")));
        assert!(table.blocks.len() > 10);
        for key in ["00000", "09999", "19999", "12345"] {
            assert_eq!(found(&table, key), [format!("of {key}")]);
        }
        assert_eq!(found(&table, "1234").len(), 10);
        assert_eq!(found(&table, "2").len(), 0);
        assert_eq!(found(&table, "").len(), 20_000);
    }

    #[test]
    fn the_last_before_a_key_is_found_in_any_block() {
        let many = (0..5000).map(|n| format!("b{n:04}"));
        let (_folder, table) = table(["a", "c"].into_iter().map(str::to_owned).chain(many));
        let last = |prefix: &str, to: &str| {
            let item = table.last_before(prefix.as_bytes(), to.as_bytes()).unwrap();
            item.map(|item| String::from_utf8_lossy(&item.key).into_owned())
        };
        for n in (0..5000).step_by(7) {
            let key = format!("b{n:04}");
            assert_eq!(last("b", &key), Some(key.clone()));
            assert_eq!(last("b", &format!("{key}x")), Some(key));
        }
        assert_eq!(last("b", "z"), None, "another's is nearer");
        assert_eq!(last("b", "b"), None);
        assert_eq!(last("a", "0"), None);
        assert_eq!(last("c", "z"), Some("c".into()));
    }

    #[test]
    fn one_is_told_until_there_is_enough() {
        let (_folder, table) = table((0..20_000).map(|n| format!("{n:05}")));
        let mut seen = 0;
        let each = |_: &[u8], _: &[u8]| {
            seen += 1;
            if seen == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        table.cursor().range_until(b"", b"9", each).unwrap();
        assert_eq!(seen, 3);
    }

    #[test]
    fn one_key_may_fill_many_blocks() {
        let many = (0..5000).map(|n| format!("b{n:04}"));
        let (_folder, table) = table(["a", "c"].into_iter().map(str::to_owned).chain(many));
        assert_eq!(found(&table, "b").len(), 5000);
        assert_eq!(found(&table, "c"), ["of c"]);
    }
}
