//! Reading a segment row by row.

use std::cell::Cell as Shared;

use crate::fields::EVENT_DATA;
use crate::segment::Segment;
use crate::{Column, Field, Value};

/// Reads rows in ascending order without searching: for each column it remembers where it was.
/// Any other order works, too, and searches.
#[derive(Debug)]
pub struct Reader<'a> {
    segment: &'a Segment,
    /// For each field, the place of the first value that was not passed yet.
    next: Vec<Shared<usize>>,
    /// Columns of names that evidence brought, in the order of the names.
    own: Vec<(&'a str, Field)>,
}

impl<'a> Reader<'a> {
    /// A reader at the first row.
    #[must_use]
    pub fn new(segment: &'a Segment) -> Self {
        let own = segment.columns().filter(|(field, _)| {
            let name = field.info().map(|info| info.name);
            name.is_none_or(|name| name.starts_with(EVENT_DATA))
        });
        let mut own: Vec<_> = own
            .map(|(field, _)| (segment.names.name(field), field))
            .collect();
        own.sort_unstable();
        Self {
            segment,
            next: vec![Shared::new(0); segment.names.len()],
            own,
        }
    }

    /// The segment.
    #[must_use]
    pub fn segment(&self) -> &'a Segment {
        self.segment
    }

    /// All values of a field in a row.
    pub fn all(&self, field: Field, row: u32) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let segment = self.segment;
        let kind = segment.names.kind(field).0;
        let column = segment.column(field);
        let places = column.map_or(0..0, |column| self.places(field, column, row));
        places.filter_map(move |place| {
            column.map(|column| segment.value(kind, column.cells.get(place)))
        })
    }

    /// The first value of a field in a row.
    #[must_use]
    pub fn get(&self, field: Field, row: u32) -> Option<Value<'a>> {
        self.all(field, row).next()
    }

    /// The first value of a text field in a row; nothing when it has none.
    #[must_use]
    pub fn text(&self, field: Field, row: u32) -> Option<&'a str> {
        let column = self.segment.column(field)?;
        let place = self.places(field, column, row).next()?;
        match column.cells.get(place) {
            crate::Cell::Text(id) => Some(self.segment.strings.get(id)),
            _ => None,
        }
    }

    /// The first value, as text, of a name that evidence brought.
    #[must_use]
    pub fn own_text(&self, name: &str, row: u32) -> Option<&'a str> {
        self.text(self.segment.names.find(name)?, row)
    }

    /// Every value of the row under a name that evidence brought, in the order of the names.
    pub fn own(&self, row: u32) -> impl Iterator<Item = (&'a str, Value<'a>)> + '_ {
        let of_field = move |&(name, field): &(&'a str, Field)| {
            self.all(field, row).map(move |value| (name, value))
        };
        self.own.iter().flat_map(of_field)
    }

    fn places(&self, field: Field, column: &Column, row: u32) -> std::ops::Range<usize> {
        let Some(next) = self.next.get(field.index()) else {
            return column.places(row);
        };
        let mut start = next.get();
        let passed = start > 0 && column.rows[start - 1] >= row;
        if passed {
            return column.places(row);
        }
        while column.rows.get(start).is_some_and(|&other| other < row) {
            start += 1;
        }
        next.set(start);
        let values = column.rows[start..].iter();
        start..start + values.take_while(|&&other| other == row).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fields, json};

    #[test]
    fn any_order_reads_the_same() {
        let objects: Vec<_> = (0..50)
            .map(|n| {
                let mut object = serde_json::Map::new();
                if n % 3 == 0 {
                    object.insert(
                        "event.category".into(),
                        serde_json::json!([n.to_string(), "x"]),
                    );
                }
                if n % 7 == 0 {
                    object.insert(
                        "winlog.event_data.N".into(),
                        serde_json::json!(n.to_string()),
                    );
                }
                object
            })
            .collect();
        let segment = json::read(&objects);
        let reader = Reader::new(&segment);
        for row in (0..50).chain([3, 3, 49, 0, 21, 22, 23]) {
            let all =
                |values: Vec<Value<'_>>| values.iter().map(ToString::to_string).collect::<Vec<_>>();
            let read = all(reader.all(fields::EVENT_CATEGORY, row).collect());
            assert_eq!(
                read,
                all(segment.all(fields::EVENT_CATEGORY, row).collect()),
                "{row}"
            );
            let own = reader.own_text("winlog.event_data.N", row);
            assert_eq!(own.is_some(), row % 7 == 0, "{row}");
            assert_eq!(reader.own(row).count(), usize::from(row % 7 == 0), "{row}");
        }
    }
}
