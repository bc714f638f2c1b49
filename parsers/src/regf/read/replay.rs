//! Putting what the transaction logs have into a hive.
//!
//! **Policy.** A log of the old format is applied when the hive is dirty, its own base block is intact and
//! its sequence number is the hive's. Of logs of the new format, entries are applied from the hive's
//! secondary sequence number on, whether or not the hive says that it is dirty, each one more than the one
//! before, across both logs; where the two do not follow each other, those of the newer are. Every entry has
//! hashes of its own, so a broken base block of a log costs nothing; the first broken entry ends the replay,
//! and what was applied before it stays. (yarp applies nothing when a log's base block is broken.)

use std::io;

use timeline::{Issue, Severity};

use super::base_block::{BaseBlock, FileType, SECTOR};
use super::log::{Entry, Log, Run, old_pages};
use crate::ReadAt;

/// A hive after its logs.
pub(super) struct Replay {
    /// The hive bins, if any log had something for them.
    pub(super) bins: Option<Vec<u8>>,
    /// Entries, or logs of the old format, that were applied.
    pub(super) applied: u32,
    pub(super) issues: Vec<Issue>,
}

/// Applies the logs of a hive.
pub(super) fn replay(base: &BaseBlock, primary: &[u8], logs: &[&dyn ReadAt]) -> io::Result<Replay> {
    let mut replay = Replay {
        bins: None,
        applied: 0,
        issues: Vec::new(),
    };
    let mut found = Vec::new();
    for log in logs.iter().filter(|log| !log.is_empty()) {
        match Log::read(*log)? {
            Some(log) => found.push(log),
            None => replay.issues.push(Issue::note(
                "hive-log",
                "A transaction log has no base block: it was not applied.",
            )),
        }
    }
    let mut image = Image {
        primary,
        bins: None,
        most: primary.len() as u64 + logs.iter().map(|log| log.len()).sum::<u64>(),
    };
    let mut runs = Vec::new();
    for log in &found {
        match log.base.file_type {
            FileType::NewLog => runs.push((log, log.entries()?)),
            FileType::OldLog if base.is_dirty() => replay.old_log(base, log, &mut image)?,
            FileType::OldLog | FileType::Hive | FileType::Other(_) => {}
        }
    }
    replay.entries(base, runs, &mut image)?;
    replay.bins = image.bins;
    let is_told = replay
        .issues
        .iter()
        .any(|issue| issue.severity == Severity::Loss);
    if base.is_dirty() && replay.applied == 0 && !is_told {
        replay.issues.push(unreplayed(base, found.is_empty()));
    }
    Ok(replay)
}

/// Says that a dirty hive is read as it is.
fn unreplayed(base: &BaseBlock, is_alone: bool) -> Issue {
    if base.primary_sequence == base.secondary_sequence {
        let message = "The base block of the hive is damaged, and no transaction log tells more: the hive was read as it is.";
        return Issue::note("hive-base-block", message).at(508);
    }
    let message = if is_alone {
        "The hive was being written when it was copied, and no transaction log was collected with it: its newest values are missing."
    } else {
        "The hive was being written when it was copied, and its transaction logs have nothing for it: its newest values are missing."
    };
    Issue::loss("hive-dirty", message)
        .at(4)
        .expected(base.primary_sequence, base.secondary_sequence)
}

impl Replay {
    fn old_log(
        &mut self,
        base: &BaseBlock,
        log: &Log<'_>,
        image: &mut Image<'_>,
    ) -> io::Result<()> {
        let own = &log.base;
        if !own.is_intact {
            let message = "The base block of a transaction log is damaged: its pages, which have no hashes, were not applied.";
            self.issues.push(Issue::loss("hive-log-checksum", message));
            return Ok(());
        }
        let is_of_hive = own.primary_sequence == own.secondary_sequence
            && (!base.is_intact || own.primary_sequence >= base.primary_sequence);
        if !is_of_hive {
            let message = "A transaction log is of another time than its hive: it was not applied.";
            self.issues.push(
                Issue::note("hive-log-sequence", message)
                    .expected(base.primary_sequence, own.primary_sequence),
            );
            return Ok(());
        }
        let mut is_inside = true;
        let is_whole = old_pages(log, &mut |place, page| {
            is_inside &= image.put(place, page);
        })?;
        let Some(is_whole) = is_whole else {
            let message = "A transaction log has no list of its pages: it was not applied.";
            self.issues
                .push(Issue::loss("hive-log-cut", message).at(SECTOR as u64));
            return Ok(());
        };
        if !is_whole || !is_inside {
            let message = "A transaction log ends before its pages do: what it had was applied.";
            self.issues.push(Issue::loss("hive-log-cut", message));
        }
        if image.bins.is_some() {
            self.applied += 1;
        }
        Ok(())
    }

    fn entries(
        &mut self,
        base: &BaseBlock,
        mut runs: Vec<(&Log<'_>, Run)>,
        image: &mut Image<'_>,
    ) -> io::Result<()> {
        runs.sort_by_key(|(_, run)| run.sequences().map(|(_, last)| last));
        let mut first = if base.is_intact {
            base.secondary_sequence
        } else {
            0
        };
        // From the newest back, as far as they follow each other.
        let mut chain: Vec<&(&Log<'_>, Run)> = Vec::new();
        for run in runs.iter().rev() {
            let follows = chain.last().and_then(|(_, next)| next.sequences());
            let own = run.1.sequences();
            match (own, follows) {
                (Some((_, last)), Some((next, _))) if last.wrapping_add(1) != next => {
                    if last >= first {
                        self.issues.push(other_time(next, last));
                    }
                }
                (Some(_), _) => chain.push(run),
                (None, _) => {}
            }
        }
        for (log, run) in chain.iter().rev() {
            for entry in run.entries.iter().filter(|entry| entry.sequence >= first) {
                if !self.entry(log, entry, image)? {
                    return Ok(());
                }
            }
            first = run
                .sequences()
                .map_or(first, |(_, last)| last.wrapping_add(1));
        }
        for (_, run) in &runs {
            self.tell_broken(run, base, first);
        }
        Ok(())
    }

    /// Applies an entry. Whether the next may be.
    fn entry(&mut self, log: &Log<'_>, entry: &Entry, image: &mut Image<'_>) -> io::Result<bool> {
        let mut is_inside = true;
        let is_whole = entry.pages(log.bytes, &mut |place, page| {
            let end = u64::from(place) + page.len() as u64;
            is_inside &= end <= u64::from(entry.bins_size) && image.put(place, page);
        })?;
        self.applied += 1;
        if is_whole && is_inside {
            return Ok(true);
        }
        let message = "An entry of a transaction log has pages that the hive has no place for: the replay ended there.";
        self.issues
            .push(Issue::loss("hive-log-entry", message).expected(
                format!("pages within {} bytes", entry.bins_size),
                format!("entry {} at {:#x} of the log", entry.sequence, entry.offset),
            ));
        Ok(false)
    }

    /// Tells of an entry that was to be applied and is broken.
    fn tell_broken(&mut self, run: &Run, base: &BaseBlock, next: u32) {
        let Some(broken) = &run.broken else {
            return;
        };
        // One from before the last that was applied is of no use any more.
        if broken.sequence < next.max(base.secondary_sequence) {
            return;
        }
        let message = "An entry of a transaction log is damaged: the replay ended before it.";
        self.issues
            .push(Issue::loss("hive-log-entry", message).expected(
                format!("an entry {} with its hashes", broken.sequence),
                format!("other hashes at {:#x} of the log", broken.offset),
            ));
    }
}

fn other_time(next: u32, last: u32) -> Issue {
    let message = "The two transaction logs do not follow each other: only the newer was applied.";
    Issue::note("hive-log-sequence", message).expected(next.wrapping_sub(1), last)
}

/// The hive bins while pages are put into them.
struct Image<'p> {
    primary: &'p [u8],
    bins: Option<Vec<u8>>,
    /// The bins cannot grow beyond this: what is new must be in the logs.
    most: u64,
}

impl Image<'_> {
    /// Puts a page. Whether there is a place for it.
    fn put(&mut self, place: u32, page: &[u8]) -> bool {
        let end = u64::from(place) + page.len() as u64;
        let Some(end) = usize::try_from(end).ok().filter(|_| end <= self.most) else {
            return false;
        };
        let start = end - page.len();
        let bins = self.bins.get_or_insert_with(|| self.primary.to_vec());
        if bins.len() < end {
            bins.resize(end, 0);
        }
        if let Some(target) = bins.get_mut(start..end) {
            target.copy_from_slice(page);
        }
        true
    }
}
