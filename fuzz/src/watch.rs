//! A sink that looks at every event, as the program would.

use std::io;

use parsers::{Counts, Input, Parser, Profile};
use serde_json::{Map, Value as Json};
use timeline::{Event, Field, Issue, Segment, Sink, json};

/// What a parser gave.
#[derive(Default)]
pub struct Watched {
    segment: Segment,
    /// Its issues.
    pub issues: Vec<Issue>,
    /// What it says it gave.
    pub counts: Counts,
}

impl Watched {
    /// What a parser gives of an input; nobody looks at the events.
    pub fn of(parser: &dyn Parser, input: &Input<'_>) -> Self {
        let mut watched = Self::default();
        watched.counts = parser
            .parse(input, &mut watched)
            .expect("memory can be read, and the sink takes everything");
        assert_eq!(watched.counts.events, watched.segment.len() as u64);
        watched
    }

    /// The events.
    pub fn events(&self) -> impl Iterator<Item = Map<String, Json>> + '_ {
        let rows = u32::try_from(self.segment.len()).expect("the input is small");
        (0..rows).map(|row| json::to_json(&self.segment, row))
    }
}

impl Sink for Watched {
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

/// Parses bytes, and looks at all that comes of it.
pub fn watch(parser: &dyn Parser, bytes: &[u8], profile: Profile) -> Watched {
    let bytes = bytes.to_vec();
    let input = Input {
        profile,
        ..Input::new(&bytes)
    };
    watch_input(parser, &input)
}

/// The same of an input that has more than bytes.
pub fn watch_input(parser: &dyn Parser, input: &Input<'_>) -> Watched {
    let watched = Watched::of(parser, input);
    for event in watched.events() {
        assert!(!event.is_empty(), "every event has fields");
    }
    watched
}
