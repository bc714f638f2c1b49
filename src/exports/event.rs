//! An event on its way into another form.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};
use timeline::json::to_json;
use timeline::{Field, Reader, Segment, Ticks, Uid, Value};

use super::plan::Plan;
use super::tags::Tagged;
use crate::export::{AFTER, BEFORE, LOCAL, LineContext, MARKS, Mark, columns, json_text};

/// An event, and what a row of any form is made of.
pub(super) struct Told<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) row: u32,
    pub(super) context: LineContext<'a>,
    /// What findings say of it.
    pub(super) mark: &'a Mark,
    /// What the user says of it.
    pub(super) tagged: Option<&'a Tagged>,
}

impl<'a> Told<'a> {
    pub(super) fn segment(&self) -> &'a Segment {
        self.reader.segment()
    }

    /// Its place in the one order.
    pub(super) fn key(&self) -> Vec<u8> {
        self.segment().order_key(self.row)
    }

    pub(super) fn time(&self) -> Option<Ticks> {
        self.segment().rows[self.row as usize].time
    }

    pub(super) fn uid(&self) -> Uid {
        self.segment().rows[self.row as usize].uid
    }

    /// The first text of a field; empty when there is none.
    pub(super) fn text(&self, field: Field) -> &'a str {
        self.reader.text(field, self.row).unwrap_or_default()
    }

    /// The first value of a field.
    pub(super) fn get(&self, field: Field) -> Option<Value<'a>> {
        self.reader.get(field, self.row)
    }

    /// All texts of a field.
    pub(super) fn texts(&self, field: Field) -> impl Iterator<Item = Cow<'a, str>> {
        self.reader
            .all(field, self.row)
            .filter_map(|value| match value {
                Value::Text(text) => Some(text),
                _ => None,
            })
    }

    /// The first text of a name that evidence brought.
    pub(super) fn own(&self, name: &str) -> &'a str {
        self.reader.own_text(name, self.row).unwrap_or_default()
    }

    /// The tags of the findings, then those of the user.
    pub(super) fn tags(&self) -> Vec<&'a str> {
        let mut tags = self.mark.tags().to_vec();
        for tag in self.tagged.iter().flat_map(|tagged| &tagged.tags) {
            if !tags.contains(&tag.as_str()) {
                tags.push(tag);
            }
        }
        tags
    }

    /// The remarks of the user.
    pub(super) fn comment(&self) -> String {
        self.tagged
            .map_or_else(String::new, |tagged| tagged.comments.join("; "))
    }

    /// The cells of the columns that findings fill.
    pub(super) fn marks(&self) -> [String; MARKS.len()] {
        let mut cells = self.mark.cells();
        cells[1] = self.tags().join(";");
        cells
    }

    /// The event with all its fields.
    pub(super) fn raw(&self) -> String {
        json_text(Json::Object(to_json(self.segment(), self.row)))
    }

    /// The columns of timeline.csv.
    pub(super) fn columns(&self) -> Columns {
        let (mut cells, after) = columns(self.reader, self.row, self.context);
        cells.extend(self.marks());
        cells.extend(after);
        Columns(cells)
    }
}

/// The columns of timeline.csv, with the values of an event; the local time comes last where it is wanted.
pub(super) struct Columns(Vec<String>);

/// The cells that have a value, as an object: what is empty is left out.
pub(super) fn object<'c>(
    cells: impl Iterator<Item = (&'static str, &'c str)>,
) -> Map<String, Json> {
    let cells = cells.filter(|(_, cell)| !cell.is_empty());
    cells
        .map(|(name, cell)| (name.to_owned(), Json::from(cell)))
        .collect()
}

/// What they are called, but for the local time.
pub(super) fn column_names() -> impl Iterator<Item = &'static str> {
    BEFORE.into_iter().chain(MARKS).chain(AFTER)
}

/// What raw events are called.
pub(super) const RAW: &str = "raw";

/// The columns that were asked for beside those of a form: they are its last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    /// The time in a zone, which is the last of [`Columns`].
    pub(super) local: bool,
    /// The event with all its fields.
    pub(super) raw: bool,
}

impl Beside {
    pub(super) fn of(plan: &Plan) -> Self {
        Self {
            local: plan.timezone.is_some(),
            raw: plan.raw,
        }
    }

    /// What they are called.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.local().into_iter().chain(self.raw.then_some(RAW))
    }

    /// What the local time is called, if it is asked for.
    pub(super) fn local(self) -> Option<&'static str> {
        self.local.then_some(LOCAL)
    }
}

impl Columns {
    /// The value of a column.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.iter().find(|(column, _)| *column == name);
        found.map_or("", |(_, cell)| cell)
    }

    /// Every column with its value.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let names = column_names().chain([LOCAL]);
        names.zip(self.0.iter().map(String::as_str))
    }
}
