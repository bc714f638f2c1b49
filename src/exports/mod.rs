//! Views of a case for other tools: `sidetrack export` (DESIGN.md §6, TIMELINE.md §2.5).
//!
//! The case's store is read back file by file; forms that are made of movements have a way of their own
//! (`movements/`). Each event that the filters leave becomes a row of the
//! profile (`profile/`), which a sorter brings into order, so that memory stays bounded, and neither the
//! number of threads nor the order of arrival shows. What a form cannot say is counted (`tally.rs`), and
//! stands in a manifest beside it. Files get their names only when all of them are complete.

mod answer;
mod event;
mod filter;
mod manifest;
mod marks;
mod movements;
mod output;
mod plan;
mod profile;
mod scan;
mod table;
mod tags;
mod tally;

use anyhow::Context;

use crate::exit::Exit;
use crate::memory::Shares;
use crate::progress::Progress;
use crate::report::count;
use crate::run::on_threads;
use crate::store::Store;

use filter::{Filter, Removed};
use marks::Marks;
use output::Files;
use profile::{Tools, View};
use scan::{Scan, Scanned};
use tally::Tally;

pub(crate) use plan::Plan;

/// Writes a view of a case.
pub(crate) fn run(plan: &Plan) -> anyhow::Result<Exit> {
    let progress = Progress::new(plan.reading.quiet);
    plan.notes().for_each(|note| progress.say(note));
    let store = Store::open(&plan.case)?;
    let files = Files::new(plan, &store.originals)?;
    let folder = tempfile::tempdir().context("creating a folder for intermediate files")?;
    let shares = Shares::of(plan.reading.memory, plan.reading.threads);
    let tools = Tools {
        plan,
        folder: folder.path(),
        budget: shares.timeline,
    };
    let (removed, tally) = match profile::of(plan) {
        Some(view) => {
            let workers = shares.workers;
            events(tools, &store, &files, view.as_ref(), workers, &progress)?
        }
        None => movements::write(tools, &store, &files)?,
    };
    manifest::write(plan, &store, &files, &removed, &tally)?;
    files.commit()?;
    tell(plan, &files, &removed, &tally, &progress);
    Ok(Exit::Done)
}

/// Writes a form that is made of events.
fn events(
    tools: Tools<'_>,
    store: &Store,
    files: &Files<'_>,
    view: &dyn View,
    workers: usize,
    progress: &Progress,
) -> anyhow::Result<(Removed, Tally)> {
    let plan = tools.plan;
    let answer = plan.asked.as_ref();
    let answer = answer.map(|asked| answer::of(asked, tools.folder, progress));
    let scan = Scan {
        tools,
        store,
        filter: &Filter::new(plan, store, answer.transpose()?)?,
        marks: &Marks::read(&plan.case)?,
        view,
        progress,
    };
    let scanned = on_threads(workers, || scan.run())??;
    progress.finish();
    let Scanned {
        rows,
        removed,
        mut tally,
    } = scanned;
    view.write(tools, rows, files, &mut tally)?;
    Ok((removed, tally))
}

/// Says what was left out, and what was written.
fn tell(plan: &Plan, files: &Files<'_>, removed: &Removed, tally: &Tally, progress: &Progress) {
    let unit = plan.unit();
    progress.say(&format!("{} in the case", count(removed.all, unit)));
    for (filter, some) in removed.by(plan) {
        progress.say(&format!("{filter} left out {}", count(some, unit)));
    }
    for (reason, some) in &tally.left_out {
        progress.say(&format!("{} left out: {reason}", count(*some, unit)));
    }
    if tally.unknown_tags > 0 {
        let tags = count(tally.unknown_tags, "event");
        progress.say(&format!("--tags names {tags} that the case does not have"));
    }
    for file in files.listed() {
        let rows = file.rows.map(|rows| format!(" ({})", count(rows, "row")));
        progress.say(&format!("{}{}", file.path, rows.unwrap_or_default()));
    }
}
