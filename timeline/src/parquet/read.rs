//! Reading back what [`write`](super::write) wrote.

use std::collections::HashMap;

use parquet::basic::Type as Physical;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::{EvidenceName, own};
use crate::json::TIMESTAMP;
use crate::segment::{Cell, Column, Row, Segment};
use crate::{Arity, EvidenceId, Field, Kind, Provenance, State, Ticks, Uid};

/// The evidence files of a case, by name.
#[derive(Clone, Debug, Default)]
pub struct EvidenceNames(HashMap<EvidenceName, EvidenceId>);

impl EvidenceNames {
    /// Evidence files, numbered in this order.
    #[must_use]
    pub fn new(names: &[EvidenceName]) -> Self {
        let ids = (0..).map(EvidenceId);
        Self(names.iter().cloned().zip(ids).collect())
    }

    fn id(&self, name: &EvidenceName) -> Result<EvidenceId> {
        let unknown = || damaged(&format!("evidence file {}", name.path));
        self.0.get(name).copied().ok_or_else(unknown)
    }
}

/// Reads a file of the store, all of whose evidence files are among the given ones.
pub fn read<R: ChunkReader + 'static>(input: R, evidence: &EvidenceNames) -> Result<Segment> {
    let file = SerializedFileReader::new(input)?;
    let mut segment = Segment::default();
    for number in 0..file.num_row_groups() {
        let group = file.get_row_group(number)?;
        let part = read_group(group.as_ref(), evidence)?;
        let rows: Vec<u32> = (0u32..).zip(&part.rows).map(|(row, _)| row).collect();
        if segment.is_empty() {
            segment = part;
        } else {
            segment.append(&part, &rows);
        }
    }
    Ok(segment)
}

fn read_group(group: &dyn RowGroupReader, evidence: &EvidenceNames) -> Result<Segment> {
    let count = group.metadata().num_rows();
    let rows = u32::try_from(count).map_err(|_| damaged("rows"))?;
    let mut segment = Segment::default();
    let mut heads = Heads::default();
    for place in 0..group.num_columns() {
        let descriptor = group.metadata().column(place).column_descr_ptr();
        let name = descriptor.path().parts()[0].clone();
        let values = Values::read(group.get_column_reader(place)?, &descriptor, rows)?;
        match name.as_str() {
            own::UID => heads.uids = values.texts(&name)?,
            own::TICKS => heads.ticks = values.integers(&name)?,
            own::HOST => heads.hosts = values.texts(&name)?,
            own::CHANNEL => heads.channels = values.texts(&name)?,
            own::FILE => heads.files = values.texts(&name)?,
            own::SHA256 => heads.hashes = values.texts(&name)?,
            own::RECORD => heads.records = values.integers(&name)?,
            own::OFFSET => heads.offsets = values.integers(&name)?,
            own::RECOVERED => heads.recovered = values.texts(&name)?,
            // The same as the ticks, but cut.
            TIMESTAMP => {}
            _ => {
                let field = field(&mut segment, &name, &descriptor);
                let column = values.column(&mut segment, field)?;
                segment.set_column(field, column);
            }
        }
    }
    heads.put(&mut segment, rows, evidence)?;
    Ok(segment)
}

/// The field of a column; one that is not in the table has the kind that its values have.
fn field(segment: &mut Segment, name: &str, descriptor: &ColumnDescriptor) -> Field {
    let kind = match descriptor.physical_type() {
        Physical::INT64 => Kind::Integer,
        Physical::DOUBLE => Kind::Double,
        Physical::BOOLEAN => Kind::Boolean,
        _ => Kind::Keyword,
    };
    let arity = if descriptor.max_rep_level() > 0 {
        Arity::Many
    } else {
        Arity::One
    };
    segment.names.field_of_kind(name, kind, arity)
}

/// Values of a column, each with its row.
struct OfRows<T> {
    rows: Vec<u32>,
    values: Vec<T>,
}

impl<T> Default for OfRows<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<T> OfRows<T> {
    fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.rows.iter().copied().zip(&self.values)
    }

    /// The values as one per row.
    fn by_row(self, rows: u32) -> Vec<Option<T>> {
        let mut all: Vec<Option<T>> = (0..rows).map(|_| None).collect();
        for (row, value) in self.rows.into_iter().zip(self.values) {
            all[row as usize].get_or_insert(value);
        }
        all
    }
}

enum Values {
    Texts(OfRows<ByteArray>),
    Integers(OfRows<i64>),
    Doubles(OfRows<f64>),
    Booleans(OfRows<bool>),
}

impl Values {
    fn read(reader: ColumnReader, descriptor: &ColumnDescriptor, rows: u32) -> Result<Self> {
        Ok(match reader {
            ColumnReader::ByteArrayColumnReader(reader) => {
                Self::Texts(of_rows(reader, descriptor, rows)?)
            }
            ColumnReader::Int64ColumnReader(reader) => {
                Self::Integers(of_rows(reader, descriptor, rows)?)
            }
            ColumnReader::DoubleColumnReader(reader) => {
                Self::Doubles(of_rows(reader, descriptor, rows)?)
            }
            ColumnReader::BoolColumnReader(reader) => {
                Self::Booleans(of_rows(reader, descriptor, rows)?)
            }
            _ => return Err(damaged(descriptor.name())),
        })
    }

    fn texts(self, name: &str) -> Result<OfRows<ByteArray>> {
        match self {
            Self::Texts(values) => Ok(values),
            _ => Err(damaged(name)),
        }
    }

    fn integers(self, name: &str) -> Result<OfRows<i64>> {
        match self {
            Self::Integers(values) => Ok(values),
            _ => Err(damaged(name)),
        }
    }

    fn column(self, segment: &mut Segment, field: Field) -> Result<Column> {
        let kind = segment.names.kind(field).0;
        let mut column = Column::new(kind);
        let wrong = |segment: &Segment| damaged(segment.names.name(field));
        match (self, kind) {
            (Self::Texts(values), Kind::Keyword | Kind::Ip) => {
                for (row, value) in values.iter() {
                    let text = segment.strings.intern(value.as_utf8()?);
                    column.push(row, Cell::Text(text));
                }
            }
            (Self::Texts(values), Kind::Date) => {
                for (row, value) in values.iter() {
                    let time = Ticks::parse(value.as_utf8()?).ok_or_else(|| wrong(segment))?;
                    column.push(row, Cell::Integer(time.0));
                }
            }
            (Self::Integers(values), Kind::Integer | Kind::Double) => {
                let cells = values.iter();
                cells.for_each(|(row, &value)| column.push(row, Cell::Integer(value)));
            }
            (Self::Doubles(values), Kind::Double) => {
                let cells = values.iter();
                cells.for_each(|(row, &value)| column.push(row, Cell::Double(value)));
            }
            (Self::Booleans(values), Kind::Boolean) => {
                let cells = values.iter();
                cells.for_each(|(row, &value)| column.push(row, Cell::Boolean(value)));
            }
            _ => return Err(wrong(segment)),
        }
        Ok(column)
    }
}

/// All values of a column, with the rows that the levels say.
fn of_rows<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    descriptor: &ColumnDescriptor,
    rows: u32,
) -> Result<OfRows<T::T>> {
    let (mut definition, mut repetition) = (Vec::new(), Vec::new());
    let mut values = Vec::new();
    let mut left = rows as usize;
    while left > 0 {
        let (read, ..) = reader.read_records(
            left,
            Some(&mut definition),
            Some(&mut repetition),
            &mut values,
        )?;
        if read == 0 {
            return Err(damaged(descriptor.name()));
        }
        left -= read;
    }
    let present = descriptor.max_def_level();
    let mut of_rows = Vec::with_capacity(values.len());
    let mut next = 0;
    for (place, &level) in definition.iter().enumerate() {
        if repetition.get(place).is_none_or(|&level| level == 0) {
            next += 1;
        }
        if level == present {
            of_rows.push(next - 1);
        }
    }
    if next != rows || of_rows.len() != values.len() {
        return Err(damaged(descriptor.name()));
    }
    Ok(OfRows {
        rows: of_rows,
        values,
    })
}

/// What every event has.
#[derive(Default)]
struct Heads {
    uids: OfRows<ByteArray>,
    ticks: OfRows<i64>,
    hosts: OfRows<ByteArray>,
    channels: OfRows<ByteArray>,
    files: OfRows<ByteArray>,
    hashes: OfRows<ByteArray>,
    records: OfRows<i64>,
    offsets: OfRows<i64>,
    recovered: OfRows<ByteArray>,
}

impl Heads {
    fn put(self, segment: &mut Segment, rows: u32, evidence: &EvidenceNames) -> Result<()> {
        let mut places = self.provenances(evidence)?.into_iter().peekable();
        let (uids, ticks) = (self.uids.by_row(rows), self.ticks.by_row(rows));
        let (hosts, channels) = (self.hosts.by_row(rows), self.channels.by_row(rows));
        for row in 0..rows {
            let index = row as usize;
            let own = places.next_if(|(of, _)| *of == row);
            let (_, provenance) = own.ok_or_else(|| damaged(own::FILE))?;
            while let Some(copy) = places.next_if(|(of, _)| *of == row) {
                segment.copies.push(copy);
            }
            let mut text = |value: &Option<ByteArray>| -> Result<_> {
                let text = value.as_ref().map_or(Ok(""), ByteArray::as_utf8)?;
                Ok(segment.strings.intern(text))
            };
            let (host, channel) = (text(&hosts[index])?, text(&channels[index])?);
            segment.rows.push(Row {
                time: ticks[index].map(Ticks),
                host,
                channel,
                provenance,
                uid: uid(uids[index].as_ref()).ok_or_else(|| damaged(own::UID))?,
            });
        }
        Ok(())
    }

    /// The lists have one length; each place of one event is a reading of it.
    fn provenances(&self, evidence: &EvidenceNames) -> Result<Vec<(u32, Provenance)>> {
        let lists = [
            &self.hashes.rows,
            &self.records.rows,
            &self.offsets.rows,
            &self.recovered.rows,
        ];
        if lists.iter().any(|list| **list != self.files.rows) {
            return Err(damaged(own::FILE));
        }
        let place = |(place, (row, file)): (usize, (u32, &ByteArray))| {
            let name = EvidenceName {
                path: file.as_utf8()?.to_owned(),
                sha256: self.hashes.values[place].as_utf8()?.to_owned(),
            };
            let word = self.recovered.values[place].as_utf8()?;
            let state = State::ALL.into_iter().find(|state| state.as_str() == word);
            let provenance = Provenance {
                evidence: evidence.id(&name)?,
                record: self.records.values[place].cast_unsigned(),
                offset: self.offsets.values[place].cast_unsigned(),
                state: state.ok_or_else(|| damaged(own::RECOVERED))?,
            };
            Ok((row, provenance))
        };
        self.files.iter().enumerate().map(place).collect()
    }
}

fn uid(text: Option<&ByteArray>) -> Option<Uid> {
    let digits = text?.data();
    let mut uid = [0; 16];
    if digits.len() != 2 * uid.len() {
        return None;
    }
    for (byte, pair) in uid.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Uid(uid))
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::General(format!("this is no file of a case: {what}"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::json::to_json;
    use crate::{Event, Value, fields, parquet};

    fn place(evidence: u32, record: u64, state: State) -> Provenance {
        Provenance {
            evidence: EvidenceId(evidence),
            record,
            offset: 512,
            state,
        }
    }

    fn sample() -> Segment {
        let mut segment = Segment::default();
        let own = segment.names.field("winlog.event_data.X");
        let many = segment
            .names
            .field_of_kind("own.numbers", Kind::Double, Arity::Many);
        let ticks = Ticks::parse("2026-03-01T10:15:42.1234567Z").unwrap();
        let rows: [(_, u8, &[_]); 3] = [
            (
                Some(ticks),
                0xab,
                &[
                    (fields::EVENT_CATEGORY, Value::from("process")),
                    (fields::EVENT_CATEGORY, Value::from("library")),
                    (fields::PROCESS_PID, Value::from(4)),
                    (fields::EVENT_CREATED, Value::from(ticks)),
                    (fields::EVENT_EXT_TIME_CONFLICT, Value::from(true)),
                    (own, Value::from("=x\u{202e}")),
                ],
            ),
            (None, 1, &[]),
            (
                Some(Ticks(-1)),
                2,
                &[(many, Value::Double(1.5)), (many, Value::Double(-2.0))],
            ),
        ];
        for (time, uid, values) in rows {
            segment.push(&Event {
                time,
                host: "H",
                channel: "C",
                provenance: place(1, u64::MAX, State::Slack),
                uid: Uid([uid; 16]),
                values,
            });
        }
        segment.copies.push((1, place(0, 7, State::Live)));
        segment
    }

    fn names() -> Vec<EvidenceName> {
        ["a", "b"]
            .map(|path| EvidenceName {
                path: path.into(),
                sha256: format!("{path}0"),
            })
            .to_vec()
    }

    #[test]
    fn a_written_segment_comes_back_whole() {
        let segment = sample();
        let bytes = parquet::write(Vec::new(), &segment, &names()).unwrap();
        let back = read(Bytes::from(bytes), &EvidenceNames::new(&names())).unwrap();
        for row in 0..3 {
            assert_eq!(to_json(&back, row), to_json(&segment, row));
            assert_eq!(back.compare(row, row), segment.compare(row, row));
            assert_eq!(back.order_key(row), segment.order_key(row));
            assert!(back.provenances(row).eq(segment.provenances(row)));
        }
    }

    #[test]
    fn what_is_no_store_is_refused() {
        let bytes = parquet::write(Vec::new(), &sample(), &names()).unwrap();
        let short = Bytes::copy_from_slice(&bytes[..bytes.len() - 9]);
        let names = EvidenceNames::new(&names());
        assert!(read(short, &names).is_err());
        // Of another case.
        assert!(read(Bytes::from(bytes), &EvidenceNames::default()).is_err());
    }
}
