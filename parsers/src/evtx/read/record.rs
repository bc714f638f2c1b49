//! One record, as its reader sees it.

use super::output::{Bound, View};
use super::section::Section;
use super::system::System;
use super::texts::{NameId, TextId};
use super::value::Value;

/// One event record. Everything in it is borrowed, and good for as long as the visitor looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Offset of the record in the file.
    pub offset: u64,
    /// The number in the record's header. In a forwarded log it is not
    /// [`System::record_id`], which is the sender's.
    pub header_number: u64,
    /// The FILETIME in the record's header: when the record was written to this log.
    pub written: u64,
    /// Whether the end of the record is damaged, so that values may be missing or wrong.
    pub is_torn: bool,
    /// Whether it was found in the unused end of a chunk: left over from the chunk's former use.
    pub is_recovered: bool,
    /// Who reported what, where and when.
    pub system: System<'a>,
    pub(super) view: View<'a>,
}

/// One value of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datum<'a> {
    /// The part of the event that it stands in.
    pub section: Section,
    /// Its name; an unnamed `Data` has none. Names repeat.
    pub name: Option<Name<'a>>,
    /// The value. A [`Value::Array`] stands for as many elements of that name.
    pub value: Value<'a>,
}

/// The name of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The name. Parts of a path have dots between them.
    pub text: &'a str,
    /// Its number, to look up what is known about it. A crafted log can have more names than
    /// numbers.
    pub id: Option<NameId>,
}

impl<'a> Record<'a> {
    /// The part that says what happened: the first child of `Event` beside `System` and
    /// `RenderingInfo`. An event can do without one.
    #[must_use]
    pub fn section(&self) -> Option<Section> {
        self.view.output.section
    }

    /// The name of the first child of `UserData`, or `Name` of `EventData`.
    #[must_use]
    pub fn section_name(&self) -> Option<Name<'a>> {
        self.view.output.section_name.map(|id| self.name(id))
    }

    /// The values in the order of the record.
    #[must_use = "iterators are lazy"]
    pub fn data(&self) -> impl ExactSizeIterator<Item = Datum<'a>> + use<'a> {
        let record = *self;
        let bound = self.view.output.data.iter();
        bound.map(move |bound| record.datum(bound))
    }

    /// The first value of that name in the event's own data.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.data()
            .find(|datum| {
                datum.section.is_payload() && datum.name.is_some_and(|own| own.text == name)
            })
            .map(|datum| datum.value)
    }

    /// Feeds what the event says to a hash: for each element of each value, its section, its name
    /// and its text, each behind its length, so that no two lists of values give the same bytes.
    ///
    /// What the sender of a forwarded event added (`RenderingInfo`) is left out, and types are
    /// only in the text, so the same event in two logs feeds the same bytes, whatever form each log
    /// keeps it in.
    pub fn feed(&self, feed: &mut dyn FnMut(&[u8])) {
        let mut text = String::new();
        for datum in self.data() {
            if datum.section == Section::RenderingInfo {
                continue;
            }
            for element in datum.value.elements() {
                text.clear();
                element.write_text(&mut text);
                feed_text(datum.section.as_str(), feed);
                feed_text(datum.name.map_or("", |name| name.text), feed);
                feed_text(&text, feed);
            }
        }
    }

    #[inline]
    fn datum(&self, bound: &Bound) -> Datum<'a> {
        Datum {
            section: bound.section,
            name: (bound.name != TextId::EMPTY).then(|| self.name(bound.name)),
            value: self.view.value(bound.value),
        }
    }

    #[inline]
    fn name(&self, id: TextId) -> Name<'a> {
        Name {
            text: self.view.texts.get(id),
            id: self.view.texts.public_id(id),
        }
    }
}

fn feed_text(text: &str, feed: &mut dyn FnMut(&[u8])) {
    feed(&(text.len() as u64).to_le_bytes());
    feed(text.as_bytes());
}
