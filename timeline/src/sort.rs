//! Sorting more than memory holds: runs on disk, merged.
//!
//! Items are a key and a payload, both bytes; they come out in the order of their keys' bytes
//! ([`crate::key`] makes keys that compare as what they stand for). Equal keys come out in the
//! order of their payloads, so that neither the order of arrival nor the number of threads shows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Runs merged at once; each costs a buffer and an open file.
const FAN_IN: usize = 64;
/// Bytes of buffer for each run that is read or written.
const BUFFER: usize = 64 * 1024;

/// A key and its payload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What the item is ordered by.
    pub key: Vec<u8>,
    /// What it carries.
    pub payload: Vec<u8>,
}

/// Takes items in any order, in bounded memory.
#[derive(Debug)]
pub struct Sorter {
    folder: PathBuf,
    budget: usize,
    bytes: Vec<u8>,
    items: Vec<Place>,
    runs: Vec<File>,
    /// Items taken so far.
    count: u64,
}

/// Where an item lies in the buffer.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    key: u32,
    payload: u32,
}

impl Place {
    fn key(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start..self.start + self.key as usize]
    }

    fn payload(self, bytes: &[u8]) -> &[u8] {
        let start = self.start + self.key as usize;
        &bytes[start..start + self.payload as usize]
    }
}

impl Sorter {
    /// A sorter that keeps about `budget` bytes in memory and its runs in `folder`.
    #[must_use]
    pub fn new(folder: &Path, budget: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            budget,
            bytes: Vec::new(),
            items: Vec::new(),
            runs: Vec::new(),
            count: 0,
        }
    }

    /// Takes an item.
    pub fn push(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        let too_long = |_| io::Error::other("an item of more than 4 GiB cannot be sorted");
        let length = key.len() + payload.len();
        if !self.items.is_empty() && self.size() + length > self.budget {
            self.spill()?;
        }
        let place = Place {
            start: self.bytes.len(),
            key: u32::try_from(key.len()).map_err(too_long)?,
            payload: u32::try_from(payload.len()).map_err(too_long)?,
        };
        self.make_room(length);
        self.bytes.extend(key);
        self.bytes.extend(payload);
        self.items.push(place);
        self.count += 1;
        Ok(())
    }

    /// Doubling would take up to twice the budget; the last step goes to the budget only.
    fn make_room(&mut self, length: usize) {
        let room = self.bytes.capacity() - self.bytes.len();
        if room < length && self.bytes.capacity() >= self.budget / 2 {
            let rest = self.budget.saturating_sub(self.bytes.len());
            self.bytes.reserve_exact(rest.max(length));
        }
    }

    /// Takes all items of another sorter that has not spilled, such as one thread's batch.
    pub fn absorb(&mut self, batch: &Batch) -> io::Result<()> {
        for place in &batch.items {
            self.push(place.key(&batch.bytes), place.payload(&batch.bytes))?;
        }
        Ok(())
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.items.len() * size_of::<Place>()
    }

    fn sort(&mut self) {
        let bytes = &self.bytes;
        self.items.sort_unstable_by(|a, b| {
            let keys = a.key(bytes).cmp(b.key(bytes));
            keys.then_with(|| a.payload(bytes).cmp(b.payload(bytes)))
        });
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut run = RunWriter::create(&self.folder)?;
        for place in &self.items {
            run.push(place.key(&self.bytes), place.payload(&self.bytes))?;
        }
        self.runs.push(run.finish()?);
        self.bytes.clear();
        self.items.clear();
        if self.runs.len() == FAN_IN {
            self.merge_runs()?;
        }
        Ok(())
    }

    /// Turns all runs into one.
    fn merge_runs(&mut self) -> io::Result<()> {
        let mut merged = RunWriter::create(&self.folder)?;
        for item in Merge::new(std::mem::take(&mut self.runs))? {
            let item = item?;
            merged.push(&item.key, &item.payload)?;
        }
        self.runs.push(merged.finish()?);
        Ok(())
    }

    /// The items in order.
    pub fn finish(mut self) -> io::Result<Sorted> {
        let left = self.count;
        if self.runs.is_empty() {
            self.sort();
            let source = Source::Memory {
                bytes: self.bytes,
                items: self.items.into_iter(),
            };
            return Ok(Sorted { source, left });
        }
        if !self.items.is_empty() {
            self.spill()?;
        }
        let source = Source::Disk(Merge::new(self.runs)?);
        Ok(Sorted { source, left })
    }
}

/// Items of one thread, handed to a [`Sorter`] at once.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    items: Vec<Place>,
}

impl Batch {
    /// Takes an item.
    ///
    /// # Panics
    /// When a key or a payload has 4 GiB: no record of any artefact has.
    pub fn push(&mut self, key: &[u8], payload: &[u8]) {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("no record has 4 GiB");
        self.items.push(Place {
            start: self.bytes.len(),
            key: length(key),
            payload: length(payload),
        });
        self.bytes.extend(key);
        self.bytes.extend(payload);
    }

    /// Bytes held.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Forgets all items, keeping the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.items.clear();
    }
}

/// Items in order.
#[derive(Debug)]
pub struct Sorted {
    source: Source,
    left: u64,
}

impl Sorted {
    /// How many items are still to come.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }
}

#[derive(Debug)]
enum Source {
    /// All of them fitted in memory.
    Memory {
        bytes: Vec<u8>,
        items: std::vec::IntoIter<Place>,
    },
    /// They are merged from runs.
    Disk(Merge),
}

impl Iterator for Sorted {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.saturating_sub(1);
        match &mut self.source {
            Source::Memory { bytes, items } => items.next().map(|place| {
                Ok(Item {
                    key: place.key(bytes).to_vec(),
                    payload: place.payload(bytes).to_vec(),
                })
            }),
            Source::Disk(merge) => merge.next(),
        }
    }
}

struct RunWriter(BufWriter<File>);

impl RunWriter {
    fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self(BufWriter::with_capacity(
            BUFFER,
            tempfile::tempfile_in(folder)?,
        )))
    }

    fn push(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(io::Error::other);
        self.0.write_all(&length(key)?.to_le_bytes())?;
        self.0.write_all(&length(payload)?.to_le_bytes())?;
        self.0.write_all(key)?;
        self.0.write_all(payload)
    }

    fn finish(self) -> io::Result<File> {
        let mut file = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

/// Several sorted runs as one.
#[derive(Debug)]
struct Merge {
    runs: Vec<BufReader<File>>,
    heads: BinaryHeap<Reverse<(Item, usize)>>,
}

impl Merge {
    fn new(runs: Vec<File>) -> io::Result<Self> {
        let runs = runs
            .into_iter()
            .map(|run| BufReader::with_capacity(BUFFER, run))
            .collect();
        let mut merge = Self {
            runs,
            heads: BinaryHeap::new(),
        };
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, run: usize) -> io::Result<()> {
        if let Some(item) = read_item(&mut self.runs[run])? {
            self.heads.push(Reverse((item, run)));
        }
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((item, run)) = self.heads.pop()?;
        match self.advance(run) {
            Ok(()) => Some(Ok(item)),
            Err(error) => Some(Err(error)),
        }
    }
}

fn read_item(run: &mut BufReader<File>) -> io::Result<Option<Item>> {
    let mut lengths = [0; 8];
    match run.read_exact(&mut lengths) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let (key, payload) = lengths.split_at(4);
    let mut item = Item {
        key: vec![0; length(key)],
        payload: vec![0; length(payload)],
    };
    run.read_exact(&mut item.key)?;
    run.read_exact(&mut item.payload)?;
    Ok(Some(item))
}

fn length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rev()
        .fold(0, |length, &byte| length << 8 | usize::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fixed sequence that looks random.
    fn numbers(count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20)
    }

    fn sorted(budget: usize, count: u64) -> Vec<Item> {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), budget);
        for number in numbers(count) {
            sorter
                .push(&(number % 1000).to_be_bytes(), &number.to_be_bytes())
                .unwrap();
        }
        let items = sorter.finish().unwrap();
        assert_eq!(items.left(), count);
        items.collect::<io::Result<_>>().unwrap()
    }

    #[test]
    fn any_budget_gives_the_same_order() {
        let whole = sorted(usize::MAX, 5000);
        assert!(whole.is_sorted());
        assert_eq!(whole.len(), 5000);
        // 120 bytes are three items a run: 1,700 runs, merged in several passes.
        for budget in [120, 1000, 100_000] {
            assert!(sorted(budget, 5000) == whole, "budget {budget}");
        }
    }

    #[test]
    fn nothing_in_nothing_out() {
        assert_eq!(sorted(10, 0), []);
    }

    #[test]
    fn a_batch_is_absorbed_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut batch = Batch::default();
        batch.push(b"b", b"2");
        batch.push(b"a", b"1");
        let mut sorter = Sorter::new(folder.path(), 1);
        sorter.absorb(&batch).unwrap();
        let keys: Vec<_> = sorter
            .finish()
            .unwrap()
            .map(|item| item.unwrap().key)
            .collect();
        assert_eq!(keys, [b"a".to_vec(), b"b".to_vec()]);
    }
}
