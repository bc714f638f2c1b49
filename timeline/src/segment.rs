//! Events as columns: at most [`MAX_ROWS`] of them, only the columns they use, texts kept once.

use std::cmp::Ordering;

use crate::{Arity, Event, Field, Kind, Names, Provenance, StringId, Strings, Ticks, Uid, Value};

/// A segment is closed at this many events (DESIGN.md §4).
pub const MAX_ROWS: usize = 128 * 1024;
/// A segment is closed when it holds about this many bytes, whatever the number of events.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// What a name that evidence brought costs, wherever there is a column for it: in memory, and in the
/// Parquet file's buffers and metadata.
const NAME_SIZE: usize = 2048;
/// A segment is closed when its evidence brought this many names of its own.
const MAX_NAMES: usize = 4096;

/// What every event has: its place in the one order, its identity, where it was read.
#[derive(Clone, Debug)]
pub struct Row {
    /// `@timestamp`, if the event has a believable one.
    pub time: Option<Ticks>,
    /// The host, as recorded.
    pub host: StringId,
    /// The channel or artefact.
    pub channel: StringId,
    /// Where it was read.
    pub provenance: Provenance,
    /// Its identity.
    pub uid: Uid,
}

/// The values of one field, of the rows that have one. A row with many values stands several times.
#[derive(Clone, Debug)]
pub struct Column {
    /// The row of each value, ascending.
    pub rows: Vec<u32>,
    /// The values.
    pub cells: Cells,
}

/// The values of a column.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Texts.
    Text(Vec<StringId>),
    /// Integers, and dates in ticks.
    Integer(Vec<i64>),
    /// Floating-point numbers.
    Double(Vec<f64>),
    /// Truths.
    Boolean(Vec<bool>),
}

/// One value of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell {
    /// A text.
    Text(StringId),
    /// An integer, or a date in ticks.
    Integer(i64),
    /// A floating-point number.
    Double(f64),
    /// A truth.
    Boolean(bool),
}

impl Cells {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Keyword | Kind::Ip => Self::Text(Vec::new()),
            Kind::Integer | Kind::Date => Self::Integer(Vec::new()),
            Kind::Double => Self::Double(Vec::new()),
            Kind::Boolean => Self::Boolean(Vec::new()),
        }
    }

    /// The value at a place.
    #[must_use]
    pub fn get(&self, place: usize) -> Cell {
        match self {
            Self::Text(cells) => Cell::Text(cells[place]),
            Self::Integer(cells) => Cell::Integer(cells[place]),
            Self::Double(cells) => Cell::Double(cells[place]),
            Self::Boolean(cells) => Cell::Boolean(cells[place]),
        }
    }

    fn permute(&mut self, places: impl Iterator<Item = usize>) {
        match self {
            Self::Text(cells) => *cells = places.map(|place| cells[place]).collect(),
            Self::Integer(cells) => *cells = places.map(|place| cells[place]).collect(),
            Self::Double(cells) => *cells = places.map(|place| cells[place]).collect(),
            Self::Boolean(cells) => *cells = places.map(|place| cells[place]).collect(),
        }
    }

    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Self::Text(cells), Cell::Text(id)) => cells.push(id),
            (Self::Integer(cells), Cell::Integer(number)) => cells.push(number),
            (Self::Double(cells), Cell::Double(number)) => cells.push(number),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a double column takes what fits"
            )]
            (Self::Double(cells), Cell::Integer(number)) => cells.push(number as f64),
            (Self::Boolean(cells), Cell::Boolean(truth)) => cells.push(truth),
            (cells, cell) => unreachable!("{cell:?} does not go into {cells:?}: field table"),
        }
    }
}

impl Column {
    /// A column without values.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            rows: Vec::new(),
            cells: Cells::of(kind),
        }
    }

    /// Adds a value. Rows ascend.
    pub fn push(&mut self, row: u32, cell: Cell) {
        debug_assert!(
            self.rows.last().is_none_or(|&last| last <= row),
            "rows ascend"
        );
        self.rows.push(row);
        self.cells.push(cell);
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Moves every value to another row: that of row r to row `target[r]`.
    fn permute(&mut self, target: &[u32]) {
        // Where the values of each row begin among the moved ones. Values of one row keep their order.
        let mut starts = vec![0_u32; target.len() + 1];
        for &row in &self.rows {
            starts[target[row as usize] as usize + 1] += 1;
        }
        for row in 1..starts.len() {
            starts[row] += starts[row - 1];
        }
        let mut from = vec![0_u32; self.rows.len()];
        let mut rows = vec![0_u32; self.rows.len()];
        for (place, &row) in (0u32..).zip(&self.rows) {
            let to = target[row as usize];
            let next = &mut starts[to as usize];
            from[*next as usize] = place;
            rows[*next as usize] = to;
            *next += 1;
        }
        self.rows = rows;
        self.cells
            .permute(from.into_iter().map(|place| place as usize));
    }

    /// The places of a row's values.
    #[must_use]
    pub fn places(&self, row: u32) -> std::ops::Range<usize> {
        let start = self.rows.partition_point(|&r| r < row);
        let count = self.rows[start..].iter().take_while(|&&r| r == row).count();
        start..start + count
    }

    /// Every value with its row.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Cell)> + '_ {
        self.rows
            .iter()
            .enumerate()
            .map(|(place, &row)| (row, self.cells.get(place)))
    }
}

/// A block of events as columns.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// What every event has.
    pub rows: Vec<Row>,
    /// Every text.
    pub strings: Strings,
    /// Every field.
    pub names: Names,
    /// Further provenances of events, by row: the same record in another file (MATCHING.md §7).
    pub copies: Vec<(u32, Provenance)>,
    columns: Vec<Option<Column>>,
    cells: usize,
    /// The cells of the event that was added last by [`Segment::push_like_last`].
    last: Vec<(Field, Cell)>,
}

impl Segment {
    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether the segment should be closed before another event is added.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() >= MAX_ROWS
            || self.size() >= MAX_BYTES
            || self.names.len() >= crate::FIELDS.len() + MAX_NAMES
    }

    /// Bytes held, near enough for a budget.
    #[must_use]
    pub fn size(&self) -> usize {
        self.rows.len() * size_of::<Row>()
            + self.strings.size()
            + self.cells * 12
            + self.names.own() * NAME_SIZE
    }

    /// Bytes held, with the room that vectors keep for more.
    pub(crate) fn held(&self) -> usize {
        2 * self.size() + self.columns.len() * size_of::<Option<Column>>()
    }

    /// Adds an event.
    pub fn push(&mut self, event: &Event<'_>) {
        let row = Row {
            time: event.time,
            host: self.strings.intern(event.host),
            channel: self.strings.intern(event.channel),
            provenance: event.provenance,
            uid: event.uid,
        };
        self.last.clear();
        self.push_row(row, event.values);
    }

    /// Adds an event that has host, channel and the first `repeats` values in common with the one that was
    /// added by this before. They are not looked for again.
    pub fn push_like_last(&mut self, event: &Event<'_>, repeats: usize) {
        let mut cells = std::mem::take(&mut self.last);
        let is_known = repeats > 0 && cells.len() >= repeats;
        let known = if is_known { repeats } else { 0 };
        let ends = self.rows.last().filter(|_| is_known);
        let ends = ends.map(|row| (row.host, row.channel));
        let (host, channel) = ends.unwrap_or_else(|| {
            (
                self.strings.intern(event.host),
                self.strings.intern(event.channel),
            )
        });
        cells.truncate(known);
        for (field, value) in event.values.iter().skip(known) {
            cells.push((*field, self.cell(value)));
        }
        let number = self.next_row();
        self.rows.push(Row {
            time: event.time,
            host,
            channel,
            provenance: event.provenance,
            uid: event.uid,
        });
        for &(field, cell) in &cells {
            self.put(field, number, cell, true);
        }
        self.last = cells;
    }

    /// Adds an event whose host and channel are texts of this segment already. A field with one value
    /// keeps its first: nothing that reads it could hold a second.
    pub fn push_row(&mut self, row: Row, values: &[(Field, Value<'_>)]) {
        self.push_values(row, values, true);
    }

    /// The same for events that others made: they may have several values of any field.
    pub fn push_foreign_row(&mut self, row: Row, values: &[(Field, Value<'_>)]) {
        self.push_values(row, values, false);
    }

    fn push_values(&mut self, row: Row, values: &[(Field, Value<'_>)], by_arity: bool) {
        let number = self.next_row();
        self.rows.push(row);
        for (field, value) in values {
            let cell = self.cell(value);
            self.put(*field, number, cell, by_arity);
        }
    }

    /// The number the next event will have.
    fn next_row(&self) -> u32 {
        u32::try_from(self.rows.len()).expect("a segment is closed at MAX_ROWS")
    }

    /// The cell of a value; its text is kept.
    pub fn cell(&mut self, value: &Value<'_>) -> Cell {
        match value {
            Value::Text(text) => Cell::Text(self.strings.intern(text)),
            Value::Integer(number) => Cell::Integer(*number),
            Value::Double(number) => Cell::Double(*number),
            Value::Boolean(truth) => Cell::Boolean(*truth),
            Value::Date(time) => Cell::Integer(time.0),
        }
    }

    fn put(&mut self, field: Field, row: u32, cell: Cell, by_arity: bool) {
        let (kind, arity) = self.names.kind(field);
        let index = field.index();
        if self.columns.len() <= index {
            self.columns.resize_with(index + 1, || None);
        }
        let column = self.columns[index].get_or_insert_with(|| Column::new(kind));
        if by_arity && arity == Arity::One && column.rows.last() == Some(&row) {
            return;
        }
        column.push(row, cell);
        self.cells += 1;
    }

    /// The values of a field, if any event has one.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<&Column> {
        self.columns.get(field.index()).and_then(Option::as_ref)
    }

    /// Replaces the values of a field.
    pub fn set_column(&mut self, field: Field, column: Column) {
        let index = field.index();
        if self.columns.len() <= index {
            self.columns.resize_with(index + 1, || None);
        }
        let before = self.columns[index].as_ref().map_or(0, Column::len);
        self.cells = self.cells - before + column.len();
        self.columns[index] = (!column.is_empty()).then_some(column);
    }

    /// The columns that have values, in the order of their fields.
    pub fn columns(&self) -> impl Iterator<Item = (Field, &Column)> {
        self.names
            .iter()
            .filter_map(|field| self.column(field).map(|column| (field, column)))
    }

    /// The first value of a field in a row.
    #[must_use]
    pub fn get(&self, field: Field, row: u32) -> Option<Value<'_>> {
        self.all(field, row).next()
    }

    /// The first value of a keyword field in a row.
    #[must_use]
    pub fn text(&self, field: Field, row: u32) -> Option<&str> {
        let column = self.column(field)?;
        let place = column.places(row).next()?;
        match column.cells.get(place) {
            Cell::Text(id) => Some(self.strings.get(id)),
            _ => None,
        }
    }

    /// Where an event was read: first the reading that is kept, then its copies.
    pub fn provenances(&self, row: u32) -> impl Iterator<Item = Provenance> + '_ {
        let start = self.copies.partition_point(|&(r, _)| r < row);
        let copies = self.copies[start..]
            .iter()
            .take_while(move |&&(r, _)| r == row);
        std::iter::once(self.rows[row as usize].provenance).chain(copies.map(|&(_, copy)| copy))
    }

    /// All values of a field in a row.
    pub fn all(&self, field: Field, row: u32) -> impl Iterator<Item = Value<'_>> {
        let kind = self.names.kind(field).0;
        let column = self.column(field);
        let places = column.map_or(0..0, |column| column.places(row));
        places
            .filter_map(move |place| column.map(|column| self.value(kind, column.cells.get(place))))
    }

    /// What a cell of a field of this kind says.
    #[must_use]
    pub fn value(&self, kind: Kind, cell: Cell) -> Value<'_> {
        match cell {
            Cell::Text(id) => Value::from(self.strings.get(id)),
            Cell::Integer(number) if kind == Kind::Date => Value::Date(Ticks(number)),
            Cell::Integer(number) => Value::Integer(number),
            Cell::Double(number) => Value::Double(number),
            Cell::Boolean(truth) => Value::Boolean(truth),
        }
    }

    /// Compares two rows by the one order (MATCHING.md §1): time, host, channel, record number,
    /// uid; then by provenance, so that even copies of one record have one order. An event without
    /// time comes last.
    #[must_use]
    pub fn compare(&self, a: u32, b: u32) -> Ordering {
        let (a, b) = (&self.rows[a as usize], &self.rows[b as usize]);
        let time = |row: &Row| row.time.map_or(i64::MAX, |time| time.0);
        let text = |id| self.strings.get(id);
        time(a)
            .cmp(&time(b))
            .then_with(|| text(a.host).cmp(text(b.host)))
            .then_with(|| text(a.channel).cmp(text(b.channel)))
            .then_with(|| a.provenance.record.cmp(&b.provenance.record))
            .then_with(|| a.uid.cmp(&b.uid))
            .then_with(|| a.provenance.cmp(&b.provenance))
    }

    /// The row's place in the one order, as bytes that compare as the rows do.
    #[must_use]
    pub fn order_key(&self, row: u32) -> Vec<u8> {
        let row = &self.rows[row as usize];
        let mut key = Vec::with_capacity(96);
        crate::key::time(&mut key, row.time);
        crate::key::text(&mut key, self.strings.get(row.host));
        crate::key::text(&mut key, self.strings.get(row.channel));
        key.extend(row.provenance.record.to_be_bytes());
        key.extend(row.uid.0);
        key.extend(row.provenance.evidence.0.to_be_bytes());
        key.extend(row.provenance.offset.to_be_bytes());
        key
    }

    /// The rows in the given order, as a segment of its own that keeps only what they use.
    ///
    /// Columns are copied one at a time, so this is linear in the values even of wide segments.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Segment {
        let mut out = Segment::default();
        out.append(self, rows);
        out
    }

    /// Adds rows of another segment, in the given order.
    pub fn append(&mut self, other: &Segment, rows: &[u32]) {
        let mut map = Remap::default();
        let first = self.next_row();
        for &row in rows {
            let source = &other.rows[row as usize];
            let host = map.string(self, other, source.host);
            let channel = map.string(self, other, source.channel);
            self.rows.push(Row {
                host,
                channel,
                ..source.clone()
            });
        }
        let mut target = vec![u32::MAX; other.len()];
        for (place, &row) in (first..).zip(rows) {
            target[row as usize] = place;
        }
        let moved = other
            .copies
            .iter()
            .map(|&(row, copy)| (target[row as usize], copy));
        self.copies
            .extend(moved.filter(|&(row, _)| row != u32::MAX));
        self.copies.sort_unstable();
        for (field, column) in other.columns() {
            self.append_column(other, field, column, &target, &mut map);
        }
    }

    fn append_column(
        &mut self,
        other: &Segment,
        field: Field,
        column: &Column,
        target: &[u32],
        map: &mut Remap,
    ) {
        let mut moved = std::mem::take(&mut map.moved);
        moved.clear();
        moved.extend(
            (0u32..)
                .zip(&column.rows)
                .map(|(place, &row)| (target[row as usize], place))
                .filter(|&(to, _)| to != u32::MAX),
        );
        // Stable, and nearly sorted already: values of one row keep their order.
        moved.sort_by_key(|&(to, _)| to);
        if !moved.is_empty() {
            let field = map.field(self, other, field);
            self.append_cells(other, field, column, &moved, map);
        }
        map.moved = moved;
    }

    /// Adds cells of another segment's column: the row here, and the place there, of each.
    fn append_cells(
        &mut self,
        other: &Segment,
        field: Field,
        column: &Column,
        moved: &[(u32, u32)],
        map: &mut Remap,
    ) {
        // Taken out while texts are interned.
        let mut own = self.take_column(field);
        own.rows.extend(moved.iter().map(|&(to, _)| to));
        let places = moved.iter().map(|&(_, place)| place as usize);
        match (&mut own.cells, &column.cells) {
            (Cells::Text(own), Cells::Text(ids)) => {
                own.extend(places.map(|place| map.string(self, other, ids[place])));
            }
            (own, cells) => places.for_each(|place| own.push(cells.get(place))),
        }
        self.set_column(field, own);
    }

    /// Takes a field's values out.
    fn take_column(&mut self, field: Field) -> Column {
        let column = self.columns.get_mut(field.index()).and_then(Option::take);
        let column = column.unwrap_or_else(|| Column::new(self.names.kind(field).0));
        self.cells -= column.len();
        column
    }

    /// Puts the rows in the one order, a column at a time.
    pub fn sort(&mut self) {
        let mut order: Vec<u32> = (0..self.next_row()).collect();
        if order.is_sorted_by(|&a, &b| self.compare(a, b).is_le()) {
            return;
        }
        order.sort_by(|&a, &b| self.compare(a, b));
        let mut target = vec![0; order.len()];
        for (to, &from) in (0u32..).zip(&order) {
            target[from as usize] = to;
        }
        self.rows = order
            .iter()
            .map(|&row| self.rows[row as usize].clone())
            .collect();
        for (row, _) in &mut self.copies {
            *row = target[*row as usize];
        }
        self.copies.sort_unstable();
        for column in self.columns.iter_mut().flatten() {
            column.permute(&target);
        }
    }

    /// Keeps only the given rows, which ascend.
    #[must_use]
    pub fn keep(self, rows: &[u32]) -> Self {
        if rows.len() == self.len() {
            self
        } else {
            self.select(rows)
        }
    }

    /// Cells of all columns, for the spill format.
    pub(crate) fn from_parts(
        rows: Vec<Row>,
        strings: Strings,
        names: Names,
        columns: Vec<(Field, Column)>,
    ) -> Self {
        let mut segment = Self {
            rows,
            strings,
            names,
            ..Self::default()
        };
        for (field, column) in columns {
            segment.set_column(field, column);
        }
        segment
    }
}

/// What another segment's texts and fields are called here.
#[derive(Debug, Default)]
struct Remap {
    strings: Vec<Option<StringId>>,
    fields: Vec<Option<Field>>,
    /// Of the column at hand: where its values go, and where they stand.
    moved: Vec<(u32, u32)>,
}

impl Remap {
    fn string(&mut self, to: &mut Segment, from: &Segment, id: StringId) -> StringId {
        let index = id.index();
        if self.strings.len() <= index {
            self.strings.resize(from.strings.len(), None);
        }
        *self.strings[index].get_or_insert_with(|| to.strings.intern(from.strings.get(id)))
    }

    fn field(&mut self, to: &mut Segment, from: &Segment, field: Field) -> Field {
        if field.info().is_some() {
            return field;
        }
        let index = field.index();
        if self.fields.len() <= index {
            self.fields.resize(from.names.len(), None);
        }
        *self.fields[index].get_or_insert_with(|| {
            let (kind, arity) = from.names.kind(field);
            to.names.field_of_kind(from.names.name(field), kind, arity)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EvidenceId, Spill, State, fields};

    fn segment(times: &[(i64, u64)]) -> Segment {
        let mut segment = Segment::default();
        for &(time, record) in times {
            let own = segment.names.field("winlog.event_data.N");
            let category = format!("c{record}");
            segment.push(&Event {
                time: Some(Ticks(time)),
                host: "H",
                channel: "C",
                provenance: Provenance {
                    evidence: EvidenceId(0),
                    record,
                    offset: 0,
                    state: State::Live,
                },
                uid: Uid::default(),
                values: &[
                    (own, Value::from(record.to_string())),
                    (fields::EVENT_CATEGORY, Value::from(category.as_str())),
                    (fields::EVENT_CATEGORY, Value::from("any")),
                    (fields::SOURCE_PORT, Value::from(time)),
                ],
            });
        }
        segment
    }

    /// What a row says, in one line.
    fn line(segment: &Segment, row: u32) -> String {
        let own = segment.names.find("winlog.event_data.N").unwrap();
        let categories: Vec<_> = segment
            .all(fields::EVENT_CATEGORY, row)
            .map(|value| value.to_string())
            .collect();
        let port = segment.get(fields::SOURCE_PORT, row).unwrap();
        let own = segment.text(own, row).unwrap();
        format!(
            "{own} {} {port} {}",
            categories.join("+"),
            segment.provenances(row).count()
        )
    }

    fn lines(segment: &Segment) -> Vec<String> {
        (0..segment.next_row())
            .map(|row| line(segment, row))
            .collect()
    }

    #[test]
    fn sorting_moves_whole_rows() {
        let mut unsorted = segment(&[(5, 1), (3, 2), (5, 0), (4, 9)]);
        unsorted.copies.push((1, unsorted.rows[0].provenance));
        unsorted.sort();
        let lines = lines(&unsorted);
        assert_eq!(
            lines,
            [
                "2 c2+any 3 2",
                "9 c9+any 4 1",
                "0 c0+any 5 1",
                "1 c1+any 5 1"
            ]
        );
    }

    #[test]
    fn appending_keeps_what_is_there() {
        let mut target = segment(&[(1, 1)]);
        // The other segment numbers its texts and names differently.
        let mut other = Segment::default();
        other.names.field("winlog.event_data.M");
        other.append(&segment(&[(7, 7), (8, 8)]), &[1, 0]);
        target.append(&other, &[0, 1]);
        assert_eq!(
            lines(&target),
            ["1 c1+any 1 1", "8 c8+any 8 1", "7 c7+any 7 1"]
        );
    }

    #[test]
    fn order_keys_compare_as_rows_do() {
        let segment = segment(&[(-5, 1), (3, 2), (3, 10), (i64::MAX - 1, 0)]);
        for a in 0..4 {
            for b in 0..4 {
                let keys = segment.order_key(a).cmp(&segment.order_key(b));
                assert_eq!(keys, segment.compare(a, b), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_spilled_segment_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, two) = (segment(&[(5, 1), (3, 2)]), segment(&[]));
        one.copies.push((1, one.rows[0].provenance));
        // On disk, one in memory and one on disk, both in memory.
        for room in [0, one.held(), usize::MAX] {
            let spill = Spill::create(folder.path(), room).unwrap();
            let places = [one.clone(), two.clone()].map(|segment| spill.put(segment).unwrap());
            let back = spill.read(places[0]).unwrap();
            assert_eq!(lines(&back), lines(&one), "{room}");
            assert_eq!(back.copies, one.copies, "{room}");
            let taken = spill.take(places[0]).unwrap();
            assert_eq!(lines(&taken), lines(&one), "{room}");
            assert!(spill.read(places[1]).unwrap().is_empty(), "{room}");
        }
    }

    #[test]
    fn what_is_taken_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let one = segment(&[(5, 1)]);
        let spill = Spill::create(folder.path(), one.held()).unwrap();
        let put = || spill.put(one.clone()).unwrap();
        let (first, second) = (put(), put());
        assert!(first.is_in_memory() && !second.is_in_memory());
        spill.take(first).unwrap();
        assert!(put().is_in_memory());
    }
}
