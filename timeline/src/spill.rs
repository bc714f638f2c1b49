//! Segments on disk between the two looks: one nameless file, gone when the run ends.
//!
//! The format is private to one run: the memory's own columns, one after the other.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::segment::{Cells, Column, Row, Segment};
use crate::{
    Arity, EvidenceId, Field, Kind, Names, Provenance, State, StringId, Strings, Ticks, Uid, file,
};

/// Where segments wait for the second look.
#[derive(Debug)]
pub struct Spill {
    file: File,
    end: Mutex<u64>,
}

/// A segment that was spilled.
#[derive(Clone, Copy, Debug)]
pub struct Spilled {
    offset: u64,
    length: usize,
}

impl Spill {
    /// A spill file in that folder, without a name there where the system allows it.
    pub fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            end: Mutex::new(0),
        })
    }

    /// Writes a segment.
    pub fn write(&self, segment: &Segment) -> io::Result<Spilled> {
        let bytes = encode(segment);
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let spilled = Spilled {
            offset: *end,
            length: bytes.len(),
        };
        (&self.file).write_all(&bytes)?;
        *end += bytes.len() as u64;
        Ok(spilled)
    }

    /// Reads a segment back.
    pub fn read(&self, spilled: Spilled) -> io::Result<Segment> {
        let mut bytes = vec![0; spilled.length];
        file::read_exact_at(&self.file, spilled.offset, &mut bytes)?;
        decode(&mut Bytes(&bytes)).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

fn encode(segment: &Segment) -> Vec<u8> {
    let mut out = Vec::with_capacity(segment.size());
    put_count(&mut out, segment.strings.len());
    segment
        .strings
        .iter()
        .for_each(|text| put_text(&mut out, text));
    encode_names(&mut out, &segment.names);
    put_count(&mut out, segment.rows.len());
    segment
        .rows
        .iter()
        .for_each(|row| encode_row(&mut out, row));
    let columns: Vec<_> = segment.columns().collect();
    put_count(&mut out, columns.len());
    for (field, column) in columns {
        put_count(&mut out, field.index());
        encode_column(&mut out, column);
    }
    out
}

fn encode_names(out: &mut Vec<u8>, names: &Names) {
    let own: Vec<Field> = names
        .iter()
        .filter(|field| field.info().is_none())
        .collect();
    put_count(out, own.len());
    for field in own {
        let (kind, arity) = names.kind(field);
        put_text(out, names.name(field));
        out.push(kind as u8);
        out.push(u8::from(arity == Arity::Many));
    }
}

fn encode_row(out: &mut Vec<u8>, row: &Row) {
    out.extend(row.time.map_or(i64::MAX, |time| time.0).to_le_bytes());
    out.extend(row.host.0.to_le_bytes());
    out.extend(row.channel.0.to_le_bytes());
    out.extend(row.provenance.evidence.0.to_le_bytes());
    out.extend(row.provenance.record.to_le_bytes());
    out.extend(row.provenance.offset.to_le_bytes());
    out.push(row.provenance.state as u8);
    out.extend(row.uid.0);
}

fn encode_column(out: &mut Vec<u8>, column: &Column) {
    put_count(out, column.len());
    out.extend(column.rows.iter().flat_map(|row| row.to_le_bytes()));
    match &column.cells {
        Cells::Text(cells) => encode_cells(out, 0, cells.iter().map(|id| id.0.to_le_bytes())),
        Cells::Integer(cells) => encode_cells(out, 1, cells.iter().map(|n| n.to_le_bytes())),
        Cells::Double(cells) => encode_cells(out, 2, cells.iter().map(|n| n.to_le_bytes())),
        Cells::Boolean(cells) => encode_cells(out, 3, cells.iter().map(|&b| [u8::from(b)])),
    }
}

fn encode_cells<const N: usize>(out: &mut Vec<u8>, kind: u8, cells: impl Iterator<Item = [u8; N]>) {
    out.push(kind);
    out.extend(cells.flatten());
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend((count as u64).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_count(out, text.len());
    out.extend(text.as_bytes());
}

/// What is left of the bytes of a segment. `None` anywhere means that they are not one.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.array()?)).ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// `count` items of `N` bytes each.
    fn items<const N: usize>(
        &mut self,
        count: usize,
    ) -> Option<impl Iterator<Item = [u8; N]> + use<'a, N>> {
        let bytes = self.take(count.checked_mul(N)?)?;
        Some(bytes.as_chunks::<N>().0.iter().copied())
    }
}

fn decode(bytes: &mut Bytes<'_>) -> Option<Segment> {
    let mut strings = Strings::default();
    for _ in 0..bytes.count()? {
        strings.intern(bytes.text()?);
    }
    let names = decode_names(bytes)?;
    let rows = (0..bytes.count()?)
        .map(|_| decode_row(bytes))
        .collect::<Option<Vec<_>>>()?;
    let fields: Vec<Field> = names.iter().collect();
    let columns = (0..bytes.count()?)
        .map(|_| {
            let field = *fields.get(bytes.count()?)?;
            Some((field, decode_column(bytes)?))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Segment::from_parts(rows, strings, names, columns))
}

fn decode_names(bytes: &mut Bytes<'_>) -> Option<Names> {
    let mut names = Names::default();
    for _ in 0..bytes.count()? {
        let name = bytes.text()?;
        let [kind, many] = bytes.array()?;
        let kind = *[
            Kind::Keyword,
            Kind::Integer,
            Kind::Double,
            Kind::Boolean,
            Kind::Ip,
            Kind::Date,
        ]
        .iter()
        .find(|&&known| known as u8 == kind)?;
        let arity = if many == 0 { Arity::One } else { Arity::Many };
        names.field_of_kind(name, kind, arity);
    }
    Some(names)
}

fn decode_row(bytes: &mut Bytes<'_>) -> Option<Row> {
    let time = i64::from_le_bytes(bytes.array()?);
    Some(Row {
        time: (time != i64::MAX).then_some(Ticks(time)),
        host: StringId(u32::from_le_bytes(bytes.array()?)),
        channel: StringId(u32::from_le_bytes(bytes.array()?)),
        provenance: Provenance {
            evidence: EvidenceId(u32::from_le_bytes(bytes.array()?)),
            record: u64::from_le_bytes(bytes.array()?),
            offset: u64::from_le_bytes(bytes.array()?),
            state: *State::ALL.get(usize::from(bytes.take(1)?[0]))?,
        },
        uid: Uid(bytes.array()?),
    })
}

fn decode_column(bytes: &mut Bytes<'_>) -> Option<Column> {
    let count = bytes.count()?;
    let rows = bytes.items::<4>(count)?.map(u32::from_le_bytes).collect();
    let cells = match bytes.take(1)?[0] {
        0 => Cells::Text(
            bytes
                .items(count)?
                .map(|b| StringId(u32::from_le_bytes(b)))
                .collect(),
        ),
        1 => Cells::Integer(bytes.items(count)?.map(i64::from_le_bytes).collect()),
        2 => Cells::Double(bytes.items(count)?.map(f64::from_le_bytes).collect()),
        3 => Cells::Boolean(bytes.items::<1>(count)?.map(|[truth]| truth != 0).collect()),
        _ => return None,
    };
    Some(Column { rows, cells })
}
