//! A sink that keeps what a parser gives.

use std::io;

use parsers::{Counts, ParseError};
use timeline::{Event, Field, Issue, Segment, Sink};

/// Everything that was read of one file.
#[derive(Default)]
pub(crate) struct Keep {
    pub(crate) segment: Segment,
    pub(crate) issues: Vec<Issue>,
    pub(crate) counts: Counts,
}

impl Keep {
    /// Keeps what this gives, and its counts.
    #[track_caller]
    pub(crate) fn of(parse: impl FnOnce(&mut Self) -> Result<Counts, ParseError>) -> Self {
        let mut keep = Self::default();
        keep.counts = parse(&mut keep).expect("memory can be read");
        keep
    }
}

impl Sink for Keep {
    fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        self.segment.names.own_field(prefix, name)
    }

    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.segment.push(event);
        Ok(())
    }

    fn issue(&mut self, issue: Issue) {
        self.issues.push(issue);
    }
}
