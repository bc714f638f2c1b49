//! Views of a case for other tools: `sidetrack export` (DESIGN.md §6, TIMELINE.md §2.5).
//!
//! The case's store is read back file by file. Each event that the filters leave becomes a row of the
//! profile (`profile/`), which a sorter brings into order, so that memory stays bounded, and neither the
//! number of threads nor the order of arrival shows. What a form cannot say is counted (`tally.rs`), and
//! stands in a manifest beside it. Files get their names only when all of them are complete.

mod answer;
mod event;
mod filter;
mod manifest;
mod marks;
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

use filter::Filter;
use marks::Marks;
use output::Files;
use profile::Tools;
use scan::{Scan, Scanned};

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
    let view = profile::of(plan);
    let answer = plan.asked.as_ref();
    let answer = answer.map(|asked| answer::of(asked, folder.path(), &progress));
    let scan = Scan {
        tools,
        store: &store,
        filter: &Filter::new(plan, &store, answer.transpose()?)?,
        marks: &Marks::read(&plan.case)?,
        view: view.as_ref(),
        progress: &progress,
    };
    let scanned = on_threads(shares.workers, || scan.run())??;
    progress.finish();
    let Scanned {
        rows,
        removed,
        mut tally,
    } = scanned;
    view.write(tools, rows, &files, &mut tally)?;
    manifest::write(plan, &store, &files, &removed, &tally)?;
    files.commit()?;
    tell(plan, &files, &removed, &tally, &progress);
    Ok(Exit::Done)
}

/// Says what was left out, and what was written.
fn tell(
    plan: &Plan,
    files: &Files<'_>,
    removed: &filter::Removed,
    tally: &tally::Tally,
    progress: &Progress,
) {
    progress.say(&format!("{} in the case", count(removed.events, "event")));
    for (filter, events) in removed.by(plan) {
        progress.say(&format!("{filter} left out {}", count(events, "event")));
    }
    for (reason, events) in &tally.left_out {
        progress.say(&format!("{} left out: {reason}", count(*events, "event")));
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
