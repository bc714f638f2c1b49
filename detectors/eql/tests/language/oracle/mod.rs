//! A naive engine: the semantics of EQL.md §3–§8 written down as plainly as possible, over all
//! events in memory. It shows that the plan means what it should; nothing else uses it.

mod event;
mod matching;
mod missing;
mod sample;
mod sequence;

pub(crate) use event::{Event, Fields, load, schema};

use eql::plan::{Pipe, Query, QueryKind};
use matching::selects;

/// A result: the events of one match, nothing for a missing-event stage.
pub(crate) type Found<'e> = Vec<Option<&'e Event>>;

/// The results over events in order. A sample gives one match per key.
pub(crate) fn run<'e>(query: &Query, events: &'e [Event]) -> Vec<Found<'e>> {
    let found = match &query.kind {
        QueryKind::Event(filter) => events
            .iter()
            .filter(|event| selects(filter, event))
            .map(|event| vec![Some(event)])
            .collect(),
        QueryKind::Sequence(sequence) => sequence::matches(sequence, events),
        QueryKind::Sample(sample) => {
            let samples = sample::samples(sample, events).into_iter();
            samples
                .map(|sample| sample.into_iter().map(Some).collect())
                .collect()
        }
    };
    query.pipes.iter().fold(found, piped)
}

fn piped<'e>(mut found: Vec<Found<'e>>, pipe: &Pipe) -> Vec<Found<'e>> {
    match *pipe {
        Pipe::Head(count) => found.truncate(usize::try_from(count).unwrap()),
        Pipe::Tail(count) => {
            let dropped = found.len().saturating_sub(usize::try_from(count).unwrap());
            found.drain(..dropped);
        }
    }
    found
}
