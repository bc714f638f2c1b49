//! What all stages of a run share: the budget, the spill file, the sorters.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use timeline::Spill;
use timeline::sort::{Batch, Sorter};

use super::gate::Gate;
use super::issues::Issues;
use crate::memory::Shares;
use crate::plan::{Question, Reading};

/// Tools and stores of one run.
pub(crate) struct Workshop<'p> {
    pub(crate) reading: &'p Reading,
    pub(crate) question: &'p Question,
    pub(crate) shares: Shares,
    pub(crate) folder: PathBuf,
    pub(crate) spill: Spill,
    pub(crate) issues: Issues,
    /// Memory for evidence that must be held as a whole.
    pub(crate) gate: Gate,
}

impl<'p> Workshop<'p> {
    /// Stores in `folder`.
    pub(crate) fn new(
        reading: &'p Reading,
        question: &'p Question,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let shares = Shares::of(reading.memory, reading.threads);
        Ok(Self {
            reading,
            question,
            shares,
            folder: folder.to_owned(),
            spill: Spill::create(folder, shares.waiting)
                .with_context(|| format!("creating the spill file in {}", folder.display()))?,
            issues: Issues::new(folder, shares.sorter),
            gate: Gate::new(shares.whole),
        })
    }

    /// Runs something on as many threads as there is memory for.
    pub(crate) fn install<T: Send>(
        &self,
        run: impl FnOnce() -> anyhow::Result<T> + Send,
    ) -> anyhow::Result<T> {
        on_threads(self.shares.workers, run)?
    }

    /// A sorter that keeps its share of memory.
    pub(crate) fn sorter(&self, budget: usize) -> SharedSorter {
        SharedSorter(Mutex::new(Sorter::new(&self.folder, budget)))
    }
}

/// Runs something on so many threads.
pub(crate) fn on_threads<T: Send>(
    threads: usize,
    run: impl FnOnce() -> T + Send,
) -> anyhow::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    Ok(pool.build().context("starting threads")?.install(run))
}

/// A sorter that several threads fill.
#[derive(Debug)]
pub(crate) struct SharedSorter(Mutex<Sorter>);

impl SharedSorter {
    /// Takes all items of a batch, and empties it.
    pub(crate) fn absorb(&self, batch: &mut Batch) -> std::io::Result<()> {
        let mut sorter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sorter.absorb(batch)?;
        batch.clear();
        Ok(())
    }

    /// The sorter, when all threads are done with it.
    pub(crate) fn into_inner(self) -> Sorter {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
