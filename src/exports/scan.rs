//! Every event of the case, file by file, to rows in order.

use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use rayon::prelude::*;
use timeline::Reader;
use timeline::sort::{Batch, Sorted, Sorter};

use super::event::Told;
use super::filter::{Filter, Removed};
use super::marks::Marks;
use super::profile::{Tools, View};
use super::tally::Tally;
use crate::export::LineContext;
use crate::progress::Progress;
use crate::store::Store;

/// Bytes of rows after which they are handed to the sorter.
const ROWS: usize = 4 << 20;

/// What is needed to make rows.
pub(super) struct Scan<'a> {
    pub(super) tools: Tools<'a>,
    pub(super) store: &'a Store,
    pub(super) filter: &'a Filter,
    pub(super) marks: &'a Marks,
    pub(super) view: &'a dyn View,
    pub(super) progress: &'a Progress,
}

/// Rows, and what did not become one.
pub(super) struct Scanned {
    pub(super) rows: Sorted,
    pub(super) removed: Removed,
    pub(super) tally: Tally,
}

/// What all threads add to.
struct Sum {
    sorter: Sorter,
    removed: Removed,
    tally: Tally,
}

impl Scan<'_> {
    pub(super) fn run(&self) -> anyhow::Result<Scanned> {
        let files = self.store.files.len();
        self.progress.stage("Exporting", files as u64, false);
        let sum = Mutex::new(Sum {
            sorter: Sorter::new(self.tools.folder, self.tools.budget),
            removed: Removed::default(),
            tally: Tally::default(),
        });
        (0..files).into_par_iter().try_for_each(|number| {
            let done = self.file(number, &sum);
            self.progress.advance(1);
            done.with_context(|| self.store.files[number].display().to_string())
        })?;
        let mut sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
        sum.tally.unknown_tags = self
            .tools
            .plan
            .tags
            .as_ref()
            .map_or(0, super::tags::Tags::unknown);
        Ok(Scanned {
            rows: sum.sorter.finish().context("sorting")?,
            removed: sum.removed,
            tally: sum.tally,
        })
    }

    fn file(&self, number: usize, sum: &Mutex<Sum>) -> anyhow::Result<()> {
        let segment = self.store.read(number)?;
        let context = LineContext {
            timezone: self.tools.plan.timezone,
            ..self.store.context(number, &segment)
        };
        let reader = Reader::new(&segment);
        let mut look = self.filter.look();
        let (mut batch, mut tally) = (Batch::default(), Tally::default());
        for (row, own) in (0u32..).zip(&segment.rows) {
            let tags = self.tools.plan.tags.as_ref();
            let event = Told {
                reader: &reader,
                row,
                context,
                mark: self.marks.of(own.uid),
                tagged: tags.and_then(|tags| tags.of(own.uid)),
            };
            if !look.wants(&event)? {
                continue;
            }
            self.view
                .rows(&event, &mut tally, &mut |key, row| batch.push(key, row));
            if batch.size() >= ROWS {
                absorb(sum, &mut batch)?;
            }
        }
        absorb(sum, &mut batch)?;
        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.removed.add(look.removed);
        sum.tally.merge(tally);
        Ok(())
    }
}

fn absorb(sum: &Mutex<Sum>, batch: &mut Batch) -> anyhow::Result<()> {
    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
    sum.sorter.absorb(batch).context("sorting")?;
    batch.clear();
    Ok(())
}
