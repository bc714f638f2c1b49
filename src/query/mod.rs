//! One question in EQL to evidence: what matches, printed (DESIGN.md §6).

mod answer;
mod events;
mod lines;
mod material;
mod sequences;
mod source;
mod stored;

use std::io;

use anyhow::Context;
use eql::plan::{Pipe, QueryKind};
use timeline::{Reader, Uid};

use crate::exit::Exit;
use crate::export::LineContext;
use crate::plan::QueryPlan;
use crate::progress::Progress;
use crate::run::{self, Lines, Workshop};

pub(crate) use lines::LineFields;
pub(crate) use material::gather;
pub(crate) use source::Source;

/// Answers a query.
pub(crate) fn run(plan: &QueryPlan) -> anyhow::Result<Exit> {
    let progress = Progress::new(plan.reading.quiet);
    plan.notes.iter().for_each(|note| progress.say(note));
    let folder = tempfile::tempdir().context("creating a folder for intermediate files")?;
    let shop = Workshop::new(&plan.reading, &plan.question, folder.path())?;
    let query = &plan.question.rules.rules[0].query;
    let single = matches!(query.kind, QueryKind::Event(_));
    let line = |reader: &Reader<'_>, row: u32, context: LineContext<'_>| {
        events::line(reader, row, context, plan)
    };
    let lines = if single {
        Lines::Matches(&line)
    } else {
        Lines::None
    };
    let material = shop.install(|| material::gather(plan, &shop, lines, None, &progress))?;
    progress.finish();
    let evidence = material.evidence.len();
    let printed = if single {
        events::print(plan, material.answers.lines)
    } else {
        sequences::print(plan, &shop, material)
    };
    // Whoever reads only the first matches closes the pipe: that is no failure.
    match printed {
        Err(error) if is_closed(&error) => {}
        other => other?,
    }
    tell_losses(&shop, &progress)?;
    Ok(run::exit_of(shop.issues.losses(), evidence))
}

/// Calls `each` with the identity of every event that the answer has, those of sequences one by one.
pub(crate) fn matching(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    progress: &Progress,
    each: &mut dyn FnMut(Uid) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let query = &plan.question.rules.rules[0].query;
    let single = matches!(query.kind, QueryKind::Event(_));
    let line = |reader: &Reader<'_>, row: u32, _: LineContext<'_>| {
        reader.segment().rows[row as usize].uid.0.to_vec()
    };
    let lines = if single {
        Lines::Matches(&line)
    } else {
        Lines::None
    };
    let material = shop.install(|| material::gather(plan, shop, lines, None, progress))?;
    if !single {
        let (findings, events) =
            sequences::answers(plan, shop, material.answers.candidates, &material.segments)?;
        let range = kept(&query.pipes, findings.len() as u64);
        let findings = (0u64..).zip(&findings);
        let kept = findings.filter(|(place, _)| range.contains(place));
        let mut rows = kept.flat_map(|(_, finding)| finding.rows());
        return rows.try_for_each(|row| each(events.rows[row as usize].uid));
    }
    let lines = material.answers.lines;
    let range = kept(&query.pipes, lines.left());
    for (place, item) in (0u64..)
        .zip(lines)
        .take_while(|(place, _)| *place < range.end)
    {
        let item = item?;
        if range.contains(&place) {
            let uid = item.payload.as_slice().try_into();
            each(Uid(uid.context("an event has no identity")?))?;
        }
    }
    Ok(())
}

fn is_closed(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// How many losses are named.
const LOSSES: usize = 20;

/// There is no issues.csv, so what could not be read is told.
pub(crate) fn tell_losses(shop: &Workshop<'_>, progress: &Progress) -> anyhow::Result<()> {
    let losses = shop.issues.losses();
    let mut named = 0;
    for item in shop.issues.sorted()? {
        let cells = run::issue_cells(&item.context("sorting issues")?.payload);
        if cells[0] == "loss" && named < LOSSES {
            named += 1;
            progress.say(&format!("{}: {}", cells[1], cells[7]));
        }
    }
    if losses > named as u64 {
        progress.say(&format!("… and {} more losses", losses - named as u64));
    }
    Ok(())
}

/// Which of so many results the pipes of a query keep.
fn kept(pipes: &[Pipe], count: u64) -> std::ops::Range<u64> {
    pipes.iter().fold(0..count, |kept, pipe| match pipe {
        Pipe::Head(most) => kept.start..kept.end.min(kept.start.saturating_add(*most)),
        Pipe::Tail(most) => kept.start.max(kept.end.saturating_sub(*most))..kept.end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_keep_what_they_say() {
        use Pipe::{Head, Tail};
        assert_eq!(kept(&[], 5), 0..5);
        assert_eq!(kept(&[Head(2)], 5), 0..2);
        assert_eq!(kept(&[Tail(2)], 5), 3..5);
        assert_eq!(kept(&[Head(3), Tail(1)], 5), 2..3);
        assert_eq!(kept(&[Tail(3), Head(1)], 5), 2..3);
        assert_eq!(kept(&[Head(9)], 5), 0..5);
        assert_eq!(kept(&[Tail(0)], 5), 5..5);
    }
}
