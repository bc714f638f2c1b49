//! Finds the events in a text, whatever is around them or wrong with them.
//!
//! The text is not read as one document: bare events have no root, an export may have been cut off,
//! and one event that is not well-formed must not cost the others. So only tags are told apart here,
//! up to the `</Event>` that belongs to an `<Event>`; what is in between is read by `event`.

use std::io;

use super::markup::{Markup, Name, Tag, Until, find, markup};
use super::window::Window;

/// Bytes of one event as UTF-8. A record fits into 64 KiB; its XML is seldom twice as long.
pub(super) const MOST_EVENT: usize = 4 << 20;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An event: the first bytes of the window.
    Event { length: usize },
    /// The start of an event that has no end.
    Broken {
        /// Length of the start tag.
        start: usize,
        why: Broken,
    },
    /// The start of something of that name in another name space, or in none.
    Foreign { length: usize },
    /// The end of the file.
    End,
}

/// What was there in place of the end of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The next event, or the end of all, so many bytes after the event's start.
    Next(usize),
    /// More than [`MOST_EVENT`] bytes.
    Size,
    /// The end of the file, so many bytes after the event's start.
    End(usize),
}

/// Goes through a text.
pub(super) struct Splitter {
    /// Whether the root names the name space, so that events need not.
    root_names_namespace: bool,
    /// Whether a root was opened and is not closed yet.
    pub(super) is_open: bool,
    searches: [Search; Until::COUNT],
}

/// How far the end of a comment and the like was searched for in vain. Without it, each of many
/// openings would be followed by a search through all that comes after.
#[derive(Clone, Copy, Debug, Default)]
struct Search {
    until: u64,
}

/// Where a piece of markup ends.
enum Ending {
    /// After so many bytes.
    At(usize),
    /// Nowhere within the limit, or the file.
    Nowhere,
}

impl Splitter {
    pub(super) fn new() -> Self {
        Self {
            root_names_namespace: false,
            is_open: false,
            searches: [Search::default(); Until::COUNT],
        }
    }

    /// The event that a text begins with, before any other element than the root.
    pub(super) fn first(window: &mut Window<'_>) -> io::Result<Found> {
        let mut splitter = Self::new();
        loop {
            // Text before the first element is no XML.
            let bytes = window.bytes();
            let before = bytes.iter().position(|byte| !byte.is_ascii_whitespace());
            let is_markup = before.and_then(|at| bytes.get(at)) == Some(&b'<');
            if !is_markup || !seek_markup(window)? {
                return Ok(Found::End);
            }
            let markup = markup_at(window, 0)?;
            let is_other = matches!(markup, Markup::Start { tag, .. } if tag.name == Name::Other);
            if is_other || markup == Markup::More || matches!(markup, Markup::End { .. }) {
                return Ok(Found::End);
            }
            if let Some(found) = splitter.step(window, markup)? {
                return Ok(found);
            }
        }
    }

    /// Goes on to the next event: the window begins with it.
    pub(super) fn next(&mut self, window: &mut Window<'_>) -> io::Result<Found> {
        loop {
            if !seek_markup(window)? {
                return Ok(Found::End);
            }
            let markup = markup_at(window, 0)?;
            if let Some(found) = self.step(window, markup)? {
                return Ok(found);
            }
        }
    }

    /// Goes over the markup that the window begins with, or finds an event in it.
    fn step(&mut self, window: &mut Window<'_>, markup: Markup) -> io::Result<Option<Found>> {
        let length = match markup {
            Markup::Start { length, tag } => match tag.name {
                Name::Event if tag.is_cut || tag.is_in_namespace || self.root_names_namespace => {
                    return self.event(window, length, tag).map(Some);
                }
                Name::Event => return Ok(Some(Found::Foreign { length })),
                Name::Events => {
                    self.is_open = !tag.is_empty;
                    self.root_names_namespace |= tag.is_in_namespace;
                    length
                }
                Name::Other => length,
            },
            Markup::End { length, name } => {
                self.is_open &= name != Name::Events;
                length
            }
            Markup::Skip { opening, until } => match self.ending(window, opening, until)? {
                Ending::At(length) => length,
                Ending::Nowhere => opening,
            },
            Markup::Other { length } => length,
            // Nothing ended it within the size of an event: it is no tag.
            Markup::More => 1,
        };
        window.consume(length);
        Ok(None)
    }

    /// The event whose start tag the window begins with.
    fn event(&mut self, window: &mut Window<'_>, start: usize, tag: Tag) -> io::Result<Found> {
        let broken = |why| Ok(Found::Broken { start, why });
        if tag.is_cut {
            return broken(Broken::Next(start));
        }
        if tag.is_empty {
            return Ok(Found::Event { length: start });
        }
        let mut at = start;
        // Elements of that name within the event's own data.
        let mut depth = 0_u32;
        loop {
            let Some(next) = next_markup(window, at)? else {
                return broken(Broken::End(window.bytes().len()));
            };
            if next > MOST_EVENT {
                return broken(Broken::Size);
            }
            at = next;
            match markup_at(window, at)? {
                Markup::Start { length, tag: other } => {
                    if other.name == Name::Event && (other.is_in_namespace || !tag.is_in_namespace)
                    {
                        return broken(Broken::Next(at));
                    }
                    depth += u32::from(other.name == Name::Event && !other.is_empty);
                    at += length;
                }
                Markup::End { length, name } => {
                    at += length;
                    match name {
                        Name::Event if depth == 0 => return Ok(Found::Event { length: at }),
                        Name::Event => depth -= 1,
                        Name::Events => return broken(Broken::Next(at - length)),
                        Name::Other => {}
                    }
                }
                Markup::Skip { opening, until } => {
                    match self.ending(window, at + opening, until)? {
                        Ending::At(end) => at = end,
                        Ending::Nowhere if window.bytes().len() > MOST_EVENT => {
                            return broken(Broken::Size);
                        }
                        Ending::Nowhere => return broken(Broken::End(window.bytes().len())),
                    }
                }
                Markup::Other { length } => at += length,
                Markup::More => return broken(Broken::Size),
            }
        }
    }

    /// Where what opened before `from` ends.
    fn ending(&mut self, window: &mut Window<'_>, from: usize, until: Until) -> io::Result<Ending> {
        let terminator = until.bytes();
        let Some(search) = self.searches.get_mut(until as usize) else {
            return Ok(Ending::Nowhere);
        };
        loop {
            let searched = search.until.saturating_sub(window.position());
            let searched = usize::try_from(searched).unwrap_or(usize::MAX);
            let start = from.max(searched);
            let bytes = window.bytes();
            if let Some(found) = find(bytes.get(start..).unwrap_or_default(), terminator) {
                return Ok(Ending::At(start + found + terminator.len()));
            }
            let overlap = terminator.len() - 1;
            let end = bytes
                .len()
                .saturating_sub(overlap)
                .max(start.min(bytes.len()));
            search.until = window.position() + end as u64;
            if bytes.len() > MOST_EVENT || !window.more()? {
                return Ok(Ending::Nowhere);
            }
        }
    }
}

/// What the markup at `at` is. [`Markup::More`] means that it is longer than an event may be.
fn markup_at(window: &mut Window<'_>, at: usize) -> io::Result<Markup> {
    let mut is_all = false;
    loop {
        let bytes = window.bytes().get(at..).unwrap_or_default();
        let found = markup(bytes, is_all);
        if found != Markup::More || is_all || bytes.len() > MOST_EVENT {
            return Ok(found);
        }
        is_all = !window.more()?;
    }
}

/// Is done with all text before the next `<`. Whether there is one.
fn seek_markup(window: &mut Window<'_>) -> io::Result<bool> {
    loop {
        let bytes = window.bytes();
        if let Some(at) = memchr::memchr(b'<', bytes) {
            window.consume(at);
            return Ok(true);
        }
        window.consume(bytes.len());
        if !window.more()? {
            return Ok(false);
        }
    }
}

/// Where the next `<` is, from `at` on, if it is not too far away to matter.
fn next_markup(window: &mut Window<'_>, at: usize) -> io::Result<Option<usize>> {
    let mut from = at;
    loop {
        let bytes = window.bytes();
        let rest = bytes.get(from..).unwrap_or_default();
        if let Some(found) = memchr::memchr(b'<', rest) {
            return Ok(Some(from + found));
        }
        from = bytes.len();
        if from > MOST_EVENT {
            return Ok(Some(from));
        }
        if !window.more()? {
            return Ok(None);
        }
    }
}
