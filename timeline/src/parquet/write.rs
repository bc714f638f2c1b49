//! Writing.

use std::fmt::{Display, Write as _};
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{
    Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::{ELEMENT, EvidenceName, LIST, UNIX_EPOCH_TICKS, own};
use crate::json::TIMESTAMP;
use crate::segment::{Cell, Cells, Column, Row, Segment};
use crate::{Arity, Kind, Provenance, StringId, Ticks};

/// Bytes of values below which a column stays as it is: making its compressor ready takes longer than
/// writing them.
const SMALL: usize = 4 << 10;
/// Bytes of values below which a column has no dictionary, for the same reason.
const TINY: usize = 256;

/// Columns whose values differ from row to row.
const UNIQUE: [&str; 5] = [own::UID, TIMESTAMP, own::TICKS, own::RECORD, own::OFFSET];

/// Writes a segment as one file with one row group, in the order of its rows.
pub fn write<W: Write + Send>(out: W, segment: &Segment, evidence: &[EvidenceName]) -> Result<W> {
    let columns = columns(segment, evidence);
    let schema = schema(&columns)?;
    let properties = Arc::new(properties(&columns)?);
    let mut file = SerializedFileWriter::new(out, schema, properties)?;
    let mut group = file.next_row_group()?;
    let mut columns = columns.into_iter();
    while let Some(mut writer) = group.next_column()? {
        let column = columns
            .next()
            .ok_or(ParquetError::EOF("a column too many".into()))?;
        (column.write)(writer.untyped())?;
        writer.close()?;
    }
    group.close()?;
    file.into_inner()
}

/// Each column with a compressor of its own and a dictionary, unless it is too small for them, or no
/// value comes twice; with its least and greatest value, if it has numbers: of texts they cost more
/// than they tell.
fn properties(columns: &[Out<'_>]) -> Result<WriterProperties> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by(concat!("sidetrack ", env!("CARGO_PKG_VERSION")).into());
    let zstd = Compression::ZSTD(ZstdLevel::try_new(1)?);
    for column in columns {
        if column.size >= SMALL {
            properties = properties.set_column_compression(column.path(), zstd);
        }
        if column.size >= TINY && !UNIQUE.contains(&column.name.as_str()) {
            properties = properties.set_column_dictionary_enabled(column.path(), true);
        }
        if column.physical() != Physical::BYTE_ARRAY {
            let chunk = EnabledStatistics::Chunk;
            properties = properties.set_column_statistics_enabled(column.path(), chunk);
        }
    }
    Ok(properties.build())
}

/// What writes one column's values.
type Writing<'a> = Box<dyn FnOnce(&mut ColumnWriter<'_>) -> Result<()> + 'a>;

/// A column to be: its name, its type, and what writes it when its turn comes, so that only one
/// column's values are in memory twice.
struct Out<'a> {
    name: String,
    kind: Kind,
    arity: Arity,
    timestamp: bool,
    /// Bytes of its values, up to [`SMALL`].
    size: usize,
    write: Writing<'a>,
}

impl Out<'_> {
    /// The type of its values in the file.
    fn physical(&self) -> Physical {
        match self.kind {
            Kind::Keyword | Kind::Ip | Kind::Date => Physical::BYTE_ARRAY,
            Kind::Integer => Physical::INT64,
            Kind::Double => Physical::DOUBLE,
            Kind::Boolean => Physical::BOOLEAN,
        }
    }

    /// Where its values are in the schema.
    fn path(&self) -> ColumnPath {
        let name = self.name.clone();
        ColumnPath::new(match self.arity {
            Arity::One => vec![name],
            Arity::Many => vec![name, LIST.into(), ELEMENT.into()],
        })
    }
}

fn columns<'a>(segment: &'a Segment, evidence: &'a [EvidenceName]) -> Vec<Out<'a>> {
    let arena = Bytes::copy_from_slice(segment.strings.as_bytes());
    let mut columns = own_columns(segment, &arena);
    columns.extend(provenance_columns(segment, evidence));
    let mut fields: Vec<_> = segment.columns().collect();
    fields.sort_by_key(|&(field, _)| segment.names.name(field));
    for (field, column) in fields {
        let (kind, arity) = segment.names.kind(field);
        columns.push(Out {
            name: segment.names.name(field).to_owned(),
            kind,
            arity,
            timestamp: false,
            size: size(segment, column),
            write: {
                let arena = arena.clone();
                Box::new(move |writer| write_field(writer, (segment, &arena), kind, arity, column))
            },
        });
    }
    columns
}

/// Bytes of a column's values, up to [`SMALL`].
fn size(segment: &Segment, column: &Column) -> usize {
    let Cells::Text(ids) = &column.cells else {
        return column.rows.len() * size_of::<i64>();
    };
    let mut size = 0;
    let mut ids = ids.iter();
    while let Some(&id) = ids.next().filter(|_| size < SMALL) {
        size += segment.strings.range(id).len();
    }
    size
}

/// Identity, time and place in the order.
fn own_columns<'a>(segment: &'a Segment, arena: &Bytes) -> Vec<Out<'a>> {
    let rows = &segment.rows;
    let text = |name: &str, of: fn(&Row) -> StringId| {
        let arena = arena.clone();
        texts(name, Arity::One, rows.len(), move |values| {
            for row in rows {
                values.push([text_of(segment, &arena, of(row))]);
            }
        })
    };
    vec![
        texts(own::UID, Arity::One, rows.len(), move |values| {
            for uid in joined(rows.iter().map(|row| row.uid)) {
                values.push([uid]);
            }
        }),
        integers(TIMESTAMP, Arity::One, true, rows.len(), move |values| {
            for row in rows {
                let micros = |time: Ticks| (time.0 - UNIX_EPOCH_TICKS).div_euclid(10);
                values.push(row.time.map(micros));
            }
        }),
        integers(own::TICKS, Arity::One, false, rows.len(), move |values| {
            for row in rows {
                values.push(row.time.map(|time| time.0));
            }
        }),
        text(own::HOST, |row| row.host),
        text(own::CHANNEL, |row| row.channel),
    ]
}

/// A text of the segment, as a part of the copy of all its texts.
fn text_of(segment: &Segment, arena: &Bytes, id: StringId) -> ByteArray {
    arena.slice(segment.strings.range(id)).into()
}

/// What is printed, as parts of one text.
fn joined(items: impl Iterator<Item = impl Display>) -> Vec<ByteArray> {
    let mut all = String::new();
    let mut ends = Vec::new();
    for item in items {
        // Writing to a text does not fail.
        let _ = write!(all, "{item}");
        ends.push(all.len());
    }
    let all = Bytes::from(all);
    let mut start = 0;
    let part = |end| all.slice(std::mem::replace(&mut start, end)..end).into();
    ends.into_iter().map(part).collect()
}

/// Where the event was read: lists of equal length, the kept reading first, its copies after.
fn provenance_columns<'a>(segment: &'a Segment, evidence: &'a [EvidenceName]) -> Vec<Out<'a>> {
    let rows = 0..u32::try_from(segment.len()).expect("a segment is closed at MAX_ROWS");
    let text = |name: &str, of: fn(&EvidenceName) -> &str| {
        let rows = rows.clone();
        texts(name, Arity::Many, rows.len(), move |values| {
            let known: Vec<ByteArray> = evidence.iter().map(|name| of(name).into()).collect();
            for row in rows {
                let places = segment.provenances(row);
                values.push(places.map(|place| known[place.evidence.0 as usize].clone()));
            }
        })
    };
    let number = |name: &str, of: fn(Provenance) -> u64| {
        let rows = rows.clone();
        integers(name, Arity::Many, false, rows.len(), move |values| {
            for row in rows {
                let places = segment.provenances(row);
                values.push(places.map(|place| of(place).cast_signed()));
            }
        })
    };
    let recovered = rows.clone();
    vec![
        text(own::FILE, |evidence| &evidence.path),
        text(own::SHA256, |evidence| &evidence.sha256),
        number(own::RECORD, |place| place.record),
        number(own::OFFSET, |place| place.offset),
        texts(
            own::RECOVERED,
            Arity::Many,
            recovered.len(),
            move |values| {
                for row in recovered {
                    let places = segment.provenances(row);
                    values.push(places.map(|place| place.state.as_str().into()));
                }
            },
        ),
    ]
}

fn texts<'a>(
    name: &str,
    arity: Arity,
    rows: usize,
    fill: impl FnOnce(&mut Values<ByteArray>) + 'a,
) -> Out<'a> {
    Out {
        name: name.to_owned(),
        kind: Kind::Keyword,
        arity,
        timestamp: false,
        size: rows * size_of::<i64>(),
        write: Box::new(move |writer| {
            let mut values = Values::new(arity);
            fill(&mut values);
            values.levels.write_texts(writer, &values.all)
        }),
    }
}

fn integers<'a>(
    name: &str,
    arity: Arity,
    timestamp: bool,
    rows: usize,
    fill: impl FnOnce(&mut Values<i64>) + 'a,
) -> Out<'a> {
    Out {
        name: name.to_owned(),
        kind: Kind::Integer,
        arity,
        timestamp,
        size: rows * size_of::<i64>(),
        write: Box::new(move |writer| {
            let mut values = Values::new(arity);
            fill(&mut values);
            values.levels.write_integers(writer, &values.all)
        }),
    }
}

/// The values of a column, given row by row.
struct Values<T> {
    all: Vec<T>,
    levels: Levels,
}

impl<T> Values<T> {
    fn new(arity: Arity) -> Self {
        Self {
            all: Vec::new(),
            levels: Levels::new(arity),
        }
    }

    /// The values of the next row.
    fn push(&mut self, values: impl IntoIterator<Item = T>) {
        let before = self.all.len();
        self.all.extend(values);
        self.levels.push(self.all.len() - before);
    }
}

/// Parquet's definition and repetition levels of a column.
struct Levels {
    definition: Vec<i16>,
    repetition: Option<Vec<i16>>,
}

impl Levels {
    /// Levels of a segment's column over all rows.
    fn of_column(arity: Arity, rows: usize, column: &Column) -> Self {
        if arity == Arity::One {
            let mut definition = vec![0; rows];
            for &row in &column.rows {
                definition[row as usize] = 1;
            }
            return Self {
                definition,
                repetition: None,
            };
        }
        let mut levels = Self::new(arity);
        let mut next = 0;
        for values in column.rows.chunk_by(|a, b| a == b) {
            let row = values[0] as usize;
            levels.absent(row - next);
            levels.push(values.len());
            next = row + 1;
        }
        levels.absent(rows - next);
        levels
    }

    fn new(arity: Arity) -> Self {
        Self {
            definition: Vec::new(),
            repetition: (arity == Arity::Many).then(Vec::new),
        }
    }

    /// So many rows without a value.
    fn absent(&mut self, rows: usize) {
        self.definition.extend(std::iter::repeat_n(0, rows));
        if let Some(repetition) = &mut self.repetition {
            repetition.extend(std::iter::repeat_n(0, rows));
        }
    }

    /// A row with so many values.
    fn push(&mut self, count: usize) {
        // A list's element is defined at level 2 (the list is there, it has an element), a plain
        // value at level 1; a row without values is null in both.
        let present = if self.repetition.is_some() { 2 } else { 1 };
        for place in 0..count.max(1) {
            self.definition.push(if count == 0 { 0 } else { present });
            if let Some(repetition) = &mut self.repetition {
                repetition.push(i16::from(place > 0));
            }
        }
    }

    fn write_texts(&self, writer: &mut ColumnWriter<'_>, values: &[ByteArray]) -> Result<()> {
        match writer {
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                writer.write_batch(values, Some(&self.definition), self.repetition.as_deref())
            }
            _ => return Err(mismatch()),
        }
        .map(drop)
    }

    fn write_integers(&self, writer: &mut ColumnWriter<'_>, values: &[i64]) -> Result<()> {
        match writer {
            ColumnWriter::Int64ColumnWriter(writer) => {
                writer.write_batch(values, Some(&self.definition), self.repetition.as_deref())
            }
            _ => return Err(mismatch()),
        }
        .map(drop)
    }

    fn write_doubles(&self, writer: &mut ColumnWriter<'_>, values: &[f64]) -> Result<()> {
        match writer {
            ColumnWriter::DoubleColumnWriter(writer) => {
                writer.write_batch(values, Some(&self.definition), self.repetition.as_deref())
            }
            _ => return Err(mismatch()),
        }
        .map(drop)
    }

    fn write_booleans(&self, writer: &mut ColumnWriter<'_>, values: &[bool]) -> Result<()> {
        match writer {
            ColumnWriter::BoolColumnWriter(writer) => {
                writer.write_batch(values, Some(&self.definition), self.repetition.as_deref())
            }
            _ => return Err(mismatch()),
        }
        .map(drop)
    }
}

fn mismatch() -> ParquetError {
    ParquetError::General("a column's writer is not of the column's type".into())
}

fn write_field(
    writer: &mut ColumnWriter<'_>,
    (segment, arena): (&Segment, &Bytes),
    kind: Kind,
    arity: Arity,
    column: &Column,
) -> Result<()> {
    let levels = Levels::of_column(arity, segment.len(), column);
    let cells = column.iter().map(|(_, cell)| cell);
    match kind {
        Kind::Keyword | Kind::Ip => {
            let texts: Vec<ByteArray> = cells
                .filter_map(|cell| match cell {
                    Cell::Text(id) => Some(text_of(segment, arena, id)),
                    _ => None,
                })
                .collect();
            levels.write_texts(writer, &texts)
        }
        Kind::Date => levels.write_texts(writer, &joined(integers_of(cells).map(Ticks))),
        Kind::Integer => levels.write_integers(writer, &integers_of(cells).collect::<Vec<_>>()),
        Kind::Double => {
            let numbers: Vec<f64> = cells
                .filter_map(|cell| match cell {
                    Cell::Double(number) => Some(number),
                    _ => None,
                })
                .collect();
            levels.write_doubles(writer, &numbers)
        }
        Kind::Boolean => {
            let truths: Vec<bool> = cells
                .filter_map(|cell| match cell {
                    Cell::Boolean(truth) => Some(truth),
                    _ => None,
                })
                .collect();
            levels.write_booleans(writer, &truths)
        }
    }
}

fn integers_of(cells: impl Iterator<Item = Cell>) -> impl Iterator<Item = i64> {
    cells.filter_map(|cell| match cell {
        Cell::Integer(number) => Some(number),
        _ => None,
    })
}

fn schema(columns: &[Out<'_>]) -> Result<TypePtr> {
    let fields = columns
        .iter()
        .map(column_type)
        .collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(
        Type::group_type_builder("event")
            .with_fields(fields)
            .build()?,
    ))
}

fn column_type(column: &Out<'_>) -> Result<TypePtr> {
    if column.arity == Arity::One {
        return value_type(column, &column.name, Repetition::OPTIONAL);
    }
    let element = value_type(column, ELEMENT, Repetition::REQUIRED)?;
    let list = Type::group_type_builder(LIST)
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![element])
        .build()?;
    let column = Type::group_type_builder(&column.name)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::List))
        .with_converted_type(ConvertedType::LIST)
        .with_fields(vec![Arc::new(list)])
        .build()?;
    Ok(Arc::new(column))
}

fn value_type(column: &Out<'_>, name: &str, repetition: Repetition) -> Result<TypePtr> {
    let logical = match column.kind {
        Kind::Keyword | Kind::Ip | Kind::Date => Some(LogicalType::String),
        Kind::Integer if column.timestamp => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
        Kind::Integer | Kind::Double | Kind::Boolean => None,
    };
    let value = Type::primitive_type_builder(name, column.physical())
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()?;
    Ok(Arc::new(value))
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::{Event, EvidenceId, State, Uid, Value, fields};

    fn event(segment: &mut Segment, time: Option<i64>, values: &[(crate::Field, Value<'_>)]) {
        segment.push(&Event {
            time: time.map(Ticks),
            host: "H",
            channel: "C",
            provenance: Provenance {
                evidence: EvidenceId(0),
                record: 7,
                offset: 512,
                state: State::Live,
            },
            uid: Uid([0xab; 16]),
            values,
        });
    }

    fn json(segment: &Segment) -> Vec<serde_json::Value> {
        let evidence = [EvidenceName {
            path: "a.evtx".into(),
            sha256: "00".into(),
        }];
        let bytes = write(Vec::new(), segment, &evidence).unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().to_json_value())
            .collect()
    }

    #[test]
    fn every_kind_comes_back() {
        let mut segment = Segment::default();
        let own = segment.names.field("winlog.event_data.X");
        let ticks = Ticks::parse("2026-03-01T10:15:42.1234567Z").unwrap();
        let values = [
            (fields::EVENT_CATEGORY, Value::from("process")),
            (fields::EVENT_CATEGORY, Value::from("library")),
            (fields::PROCESS_PID, Value::from(4)),
            (fields::EVENT_CREATED, Value::from(ticks)),
            (fields::EVENT_EXT_TIME_CONFLICT, Value::from(true)),
            (own, Value::from("=x\u{202e}")),
        ];
        event(&mut segment, Some(ticks.0), &values);
        event(
            &mut segment,
            None,
            &[(fields::EVENT_CATEGORY, Value::from("file"))],
        );
        segment.copies.push((1, segment.rows[1].provenance));
        let rows = json(&segment);
        assert_eq!(
            rows[0]["event.category"],
            serde_json::json!(["process", "library"])
        );
        assert_eq!(rows[0]["process.pid"], 4);
        assert_eq!(rows[0]["event.created"], "2026-03-01T10:15:42.1234567Z");
        assert_eq!(rows[0]["event.Ext.time_conflict"], true);
        assert_eq!(rows[0]["winlog.event_data.X"], "=x\u{202e}");
        assert_eq!(rows[0]["timestamp_ticks"], ticks.0);
        assert_eq!(rows[0]["@timestamp"], "2026-03-01 10:15:42.123456 +00:00");
        assert_eq!(rows[0]["evidence.record"], serde_json::json!([7]));
        assert_eq!(rows[1]["@timestamp"], serde_json::Value::Null);
        assert_eq!(rows[1]["process.pid"], serde_json::Value::Null);
        assert_eq!(
            rows[1]["evidence.file"],
            serde_json::json!(["a.evtx", "a.evtx"])
        );
    }
}
