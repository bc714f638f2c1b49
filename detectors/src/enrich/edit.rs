//! Changing the columns of a segment.

use timeline::{Arity, Cell, Cells, Column, Field, Segment, Value};

/// Adds values to a field, given by ascending row. What rows have already stays, and stays first.
pub(super) fn add(segment: &mut Segment, field: Field, values: &[(u32, Value<'static>)]) {
    if values.is_empty() {
        return;
    }
    let cells: Vec<(u32, Cell)> = values
        .iter()
        .map(|(row, value)| (*row, segment.cell(value)))
        .collect();
    add_cells(segment, field, &cells);
}

/// As [`add`], with texts that the segment has already.
pub(super) fn add_cells(segment: &mut Segment, field: Field, cells: &[(u32, Cell)]) {
    if cells.is_empty() {
        return;
    }
    // A field with one value keeps the one that it has.
    let single = segment.names.kind(field).1 == Arity::One;
    let cells: Vec<(u32, Cell)> = if single {
        lacking(segment, field, cells.iter().copied()).collect()
    } else {
        cells.to_vec()
    };
    let old = segment.column(field).cloned();
    let mut merged = Column::new(segment.names.kind(field).0);
    let mut new = cells.iter().copied().peekable();
    for (row, cell) in old.iter().flat_map(Column::iter) {
        while let Some((before, cell)) = new.next_if(|(before, _)| *before < row) {
            merged.push(before, cell);
        }
        merged.push(row, cell);
    }
    for (row, cell) in new {
        merged.push(row, cell);
    }
    segment.set_column(field, merged);
}

/// Those of the rows, given ascending, that have no value of a field.
pub(super) fn lacking<T: Copy>(
    segment: &Segment,
    field: Field,
    rows: impl Iterator<Item = (u32, T)>,
) -> impl Iterator<Item = (u32, T)> {
    let mut taken = segment.column(field).map_or(&[][..], |column| &column.rows);
    rows.filter(move |(row, _)| {
        while let Some((first, rest)) = taken.split_first()
            && first < row
        {
            taken = rest;
        }
        taken.first() != Some(row)
    })
}

/// Exchanges the values of two fields in some rows, given ascending.
pub(super) fn exchange(segment: &mut Segment, a: Field, b: Field, rows: &[u32]) {
    let empty = Column::new(segment.names.kind(a).0);
    let of = |field| {
        segment
            .column(field)
            .cloned()
            .unwrap_or_else(|| empty.clone())
    };
    let (old_a, old_b) = (of(a), of(b));
    let new_a = pick(&old_a, &old_b, rows);
    let new_b = pick(&old_b, &old_a, rows);
    segment.set_column(a, new_a);
    segment.set_column(b, new_b);
}

/// The first column's values, but the second's in the given rows.
fn pick(own: &Column, other: &Column, rows: &[u32]) -> Column {
    let taken = |row: u32| rows.binary_search(&row).is_ok();
    let mut values: Vec<(u32, Cell)> = own
        .iter()
        .filter(|&(row, _)| !taken(row))
        .chain(other.iter().filter(|&(row, _)| taken(row)))
        .collect();
    values.sort_by_key(|&(row, _)| row);
    let mut column = Column {
        rows: Vec::new(),
        cells: empty_like(&own.cells),
    };
    for (row, cell) in values {
        column.push(row, cell);
    }
    column
}

fn empty_like(cells: &Cells) -> Cells {
    match cells {
        Cells::Text(_) => Cells::Text(Vec::new()),
        Cells::Integer(_) => Cells::Integer(Vec::new()),
        Cells::Double(_) => Cells::Double(Vec::new()),
        Cells::Boolean(_) => Cells::Boolean(Vec::new()),
    }
}
