//! A hive in memory: its bins as they are on disk, and after its transaction logs.

use std::io;

use sha2::{Digest, Sha256};
use timeline::Issue;

use super::BINS;
use super::base_block::BaseBlock;
use super::cell::Cells;
use super::fault::Fault;
use super::key::Key;
use super::replay::{Replay, replay};
use crate::ReadAt;
use crate::le;

/// A hive and what its logs make of it.
pub struct Hive {
    header: Vec<u8>,
    base: BaseBlock,
    primary: Vec<u8>,
    replay: Replay,
}

/// Why a hive cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum HiveError {
    /// Its bytes could not be had.
    #[error("cannot read the hive or its logs")]
    Io(#[from] io::Error),
    /// It does not begin as a hive does, and no log tells what it should begin with.
    #[error("not a registry hive")]
    NotAHive,
    /// It is longer than memory allows, or than a hive can be.
    #[error("the hive has {0} bytes: more than memory allows")]
    TooLarge(u64),
}

impl Hive {
    /// Reads a hive of at most so many bytes and applies its logs.
    pub fn read(input: &dyn ReadAt, logs: &[&dyn ReadAt], most: u64) -> Result<Self, HiveError> {
        let mut header = vec![0; usize::try_from(BINS).unwrap_or_default()];
        let count = input.read_at(0, &mut header)?;
        header.truncate(count);
        let base = BaseBlock::read(&header).ok_or(HiveError::NotAHive)?;
        let length = input.len().saturating_sub(BINS);
        if length > most.min(u64::from(u32::MAX)) {
            return Err(HiveError::TooLarge(input.len()));
        }
        let mut primary = vec![0; usize::try_from(length).unwrap_or_default()];
        let count = input.read_at(BINS, &mut primary)?;
        primary.truncate(count);
        let replay = replay(&base, &primary, logs)?;
        Ok(Self {
            header,
            base,
            primary,
            replay,
        })
    }

    /// SHA-256 of the file, without its logs.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(&self.header);
        hash.update(&self.primary);
        hash.finalize().into()
    }

    /// Its base block, as it is on disk.
    #[must_use]
    pub fn base(&self) -> &BaseBlock {
        &self.base
    }

    /// Its cells as Windows would find them after it applied the logs.
    #[must_use]
    pub fn cells(&self) -> Cells<'_> {
        Cells::new(self.replay.bins.as_deref().unwrap_or(&self.primary))
    }

    /// Its cells without the logs, if these changed anything.
    #[must_use]
    pub fn before(&self) -> Option<Cells<'_>> {
        let is_changed = self.replay.bins.is_some();
        is_changed.then(|| Cells::new(&self.primary))
    }

    /// Entries of logs, or logs of the old format, that were applied.
    #[must_use]
    pub fn applied(&self) -> u32 {
        self.replay.applied
    }

    /// What is wrong with the hive as a whole and with its logs.
    #[must_use]
    pub fn issues(&self) -> Vec<Issue> {
        let mut issues = self.replay.issues.clone();
        let wanted = u64::from(self.base.bins_size);
        let had = self.cells().bytes().len() as u64;
        if self.base.is_intact && had < wanted {
            let message = "The hive is shorter than it says: what lay behind its end is missing.";
            let issue = Issue::loss("hive-short", message).at(BINS + had);
            issues.push(issue.expected(BINS + wanted, BINS + had));
        }
        if !self.base.is_intact && self.replay.applied > 0 {
            let message = "The base block of the hive is damaged: its logs told how to read it.";
            issues.push(Issue::note("hive-base-block", message).at(508));
        }
        issues
    }

    /// The root key.
    pub fn root(&self) -> Result<Key<'_>, Fault> {
        self.root_of(self.cells())
    }

    /// The root key among some of its cells: where the base block says, or else the first that says of
    /// itself that it is one.
    pub fn root_of<'h>(&self, cells: Cells<'h>) -> Result<Key<'h>, Fault> {
        Key::at(cells, self.base.root).or_else(|fault| scan(cells).ok_or(fault))
    }

    /// Bytes of the bins that are in use, as far as the base block is to be believed.
    pub(super) fn used(&self) -> usize {
        let had = self.cells().bytes().len();
        let wanted = self.base.bins_size as usize;
        if self.base.is_intact && wanted > 0 && self.replay.bins.is_none() {
            wanted.min(had)
        } else {
            had
        }
    }
}

/// The first root key at any place where a cell can begin.
fn scan(cells: Cells<'_>) -> Option<Key<'_>> {
    let bytes = cells.bytes();
    let places = (0..bytes.len()).step_by(8);
    places
        .filter(|&place| le::array(bytes, place + 4) == Some(*b"nk"))
        .filter_map(|place| Key::at(cells, u32::try_from(place).ok()?).ok())
        .find(|key| key.is_allocated() && key.is_root())
}
