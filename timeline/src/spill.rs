//! Segments between the two looks: in memory while there is room, then on disk in one nameless file,
//! gone when the run ends.
//!
//! The format is private to one run: the memory's own columns, one after the other.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::segment::{Cells, Column, Row, Segment};
use crate::{
    Arity, EvidenceId, Field, Kind, Names, Provenance, State, StringId, Strings, Ticks, Uid, file,
};

/// Where segments wait for the second look.
#[derive(Debug)]
pub struct Spill {
    file: File,
    end: Mutex<u64>,
    kept: Mutex<Kept>,
}

/// Segments that were not written, for there was room.
#[derive(Debug)]
struct Kept {
    segments: Vec<Option<Arc<Segment>>>,
    /// Bytes that more may take.
    room: usize,
}

/// A segment that was put away.
#[derive(Clone, Copy, Debug)]
pub struct Spilled(Where);

#[derive(Clone, Copy, Debug)]
enum Where {
    /// The number among those that were kept.
    Memory(usize),
    /// The offset in the file.
    Disk(u64),
}

#[cfg(test)]
impl Spilled {
    pub(crate) fn is_in_memory(self) -> bool {
        matches!(self.0, Where::Memory(_))
    }
}

impl Spill {
    /// A spill file in that folder, without a name there where the system allows it. About `room`
    /// bytes of segments stay in memory.
    pub fn create(folder: &Path, room: usize) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            end: Mutex::new(0),
            kept: Mutex::new(Kept {
                segments: Vec::new(),
                room,
            }),
        })
    }

    /// Puts a segment away.
    pub fn put(&self, segment: Segment) -> io::Result<Spilled> {
        let size = segment.held();
        let mut kept = self.kept();
        if size <= kept.room {
            kept.room -= size;
            kept.segments.push(Some(Arc::new(segment)));
            return Ok(Spilled(Where::Memory(kept.segments.len() - 1)));
        }
        drop(kept);
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let spilled = Spilled(Where::Disk(*end));
        let mut out = Counted {
            file: BufWriter::with_capacity(BUFFER, &self.file),
            count: 0,
        };
        encode(&segment, &mut out)?;
        out.file.flush()?;
        *end += out.count;
        Ok(spilled)
    }

    /// Reads a segment, which stays.
    pub fn read(&self, spilled: Spilled) -> io::Result<Arc<Segment>> {
        match spilled.0 {
            Where::Memory(number) => {
                let kept = self.kept();
                let segment = kept.segments.get(number).and_then(Option::as_ref);
                segment.cloned().ok_or_else(not_a_segment)
            }
            Where::Disk(offset) => self.load(offset).map(Arc::new),
        }
    }

    /// Reads a segment for the last time.
    pub fn take(&self, spilled: Spilled) -> io::Result<Segment> {
        match spilled.0 {
            Where::Memory(number) => {
                let mut kept = self.kept();
                let segment = kept.segments.get_mut(number).and_then(Option::take);
                let segment = segment.ok_or_else(not_a_segment)?;
                kept.room += segment.held();
                drop(kept);
                Ok(Arc::unwrap_or_clone(segment))
            }
            Where::Disk(offset) => self.load(offset),
        }
    }

    fn load(&self, offset: u64) -> io::Result<Segment> {
        let place = Place {
            file: &self.file,
            offset,
        };
        decode(&mut Source(BufReader::with_capacity(BUFFER, place)))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes read or written at once.
const BUFFER: usize = 256 * 1024;

/// Where a segment is written, and how long it is by now.
struct Counted<'a> {
    file: BufWriter<&'a File>,
    count: u64,
}

impl Counted<'_> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.count += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn count(&mut self, count: usize) -> io::Result<()> {
        self.put(&(count as u64).to_le_bytes())
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.count(text.len())?;
        self.put(text.as_bytes())
    }

    fn items<const N: usize>(&mut self, items: impl Iterator<Item = [u8; N]>) -> io::Result<()> {
        for item in items {
            self.put(&item)?;
        }
        Ok(())
    }
}

/// A place in the spill file, to be read on from.
struct Place<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for Place<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = file::read_at(self.file, self.offset, buffer)?;
        self.offset += count as u64;
        Ok(count)
    }
}

fn encode(segment: &Segment, out: &mut Counted<'_>) -> io::Result<()> {
    out.count(segment.strings.len())?;
    for text in segment.strings.iter() {
        out.text(text)?;
    }
    encode_names(out, &segment.names)?;
    out.count(segment.rows.len())?;
    for row in &segment.rows {
        encode_row(out, row)?;
    }
    out.count(segment.copies.len())?;
    for (row, copy) in &segment.copies {
        out.put(&row.to_le_bytes())?;
        encode_place(out, *copy)?;
    }
    let columns: Vec<_> = segment.columns().collect();
    out.count(columns.len())?;
    for (field, column) in columns {
        out.count(field.index())?;
        encode_column(out, column)?;
    }
    Ok(())
}

fn encode_names(out: &mut Counted<'_>, names: &Names) -> io::Result<()> {
    let own: Vec<Field> = names
        .iter()
        .filter(|field| field.info().is_none())
        .collect();
    out.count(own.len())?;
    for field in own {
        let (kind, arity) = names.kind(field);
        out.text(names.name(field))?;
        out.put(&[kind as u8, u8::from(arity == Arity::Many)])?;
    }
    Ok(())
}

fn encode_row(out: &mut Counted<'_>, row: &Row) -> io::Result<()> {
    out.put(&row.time.map_or(i64::MAX, |time| time.0).to_le_bytes())?;
    out.put(&row.host.0.to_le_bytes())?;
    out.put(&row.channel.0.to_le_bytes())?;
    encode_place(out, row.provenance)?;
    out.put(&row.uid.0)
}

fn encode_place(out: &mut Counted<'_>, place: Provenance) -> io::Result<()> {
    out.put(&place.evidence.0.to_le_bytes())?;
    out.put(&place.record.to_le_bytes())?;
    out.put(&place.offset.to_le_bytes())?;
    out.put(&[place.state as u8])
}

fn encode_column(out: &mut Counted<'_>, column: &Column) -> io::Result<()> {
    out.count(column.len())?;
    out.items(column.rows.iter().map(|row| row.to_le_bytes()))?;
    match &column.cells {
        Cells::Text(cells) => {
            out.put(&[0])?;
            out.items(cells.iter().map(|id| id.0.to_le_bytes()))
        }
        Cells::Integer(cells) => {
            out.put(&[1])?;
            out.items(cells.iter().map(|number| number.to_le_bytes()))
        }
        Cells::Double(cells) => {
            out.put(&[2])?;
            out.items(cells.iter().map(|number| number.to_le_bytes()))
        }
        Cells::Boolean(cells) => {
            out.put(&[3])?;
            out.items(cells.iter().map(|&truth| [u8::from(truth)]))
        }
    }
}

/// The bytes of a segment, to be read on from. Whatever is not a segment is an error; nothing in
/// the file is anybody's but ours.
struct Source<'a>(BufReader<Place<'a>>);

fn not_a_segment() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl Source<'_> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn count(&mut self) -> io::Result<usize> {
        usize::try_from(u64::from_le_bytes(self.array()?)).map_err(|_| not_a_segment())
    }

    fn text(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let length = self.count()?;
        buffer.clear();
        let read = (&mut self.0).take(length as u64).read_to_end(buffer)?;
        if read == length {
            Ok(())
        } else {
            Err(not_a_segment())
        }
    }

    fn items<const N: usize, T>(
        &mut self,
        count: usize,
        of: impl Fn([u8; N]) -> T,
    ) -> io::Result<Vec<T>> {
        (0..count).map(|_| self.array().map(&of)).collect()
    }
}

fn decode(source: &mut Source<'_>) -> io::Result<Segment> {
    let mut strings = Strings::default();
    let mut buffer = Vec::new();
    for _ in 0..source.count()? {
        source.text(&mut buffer)?;
        strings.intern(std::str::from_utf8(&buffer).map_err(|_| not_a_segment())?);
    }
    let names = decode_names(source)?;
    let rows = (0..source.count()?)
        .map(|_| decode_row(source))
        .collect::<io::Result<Vec<_>>>()?;
    let copies = (0..source.count()?)
        .map(|_| Ok((u32::from_le_bytes(source.array()?), decode_place(source)?)))
        .collect::<io::Result<Vec<_>>>()?;
    let fields: Vec<Field> = names.iter().collect();
    let columns = (0..source.count()?)
        .map(|_| {
            let field = fields.get(source.count()?).ok_or_else(not_a_segment)?;
            Ok((*field, decode_column(source)?))
        })
        .collect::<io::Result<Vec<_>>>()?;
    let mut segment = Segment::from_parts(rows, strings, names, columns);
    segment.copies = copies;
    Ok(segment)
}

fn decode_names(source: &mut Source<'_>) -> io::Result<Names> {
    let mut names = Names::default();
    let mut buffer = Vec::new();
    for _ in 0..source.count()? {
        source.text(&mut buffer)?;
        let name = std::str::from_utf8(&buffer).map_err(|_| not_a_segment())?;
        let [kind, many] = source.array()?;
        let kind = *Kind::ALL
            .iter()
            .find(|&&known| known as u8 == kind)
            .ok_or_else(not_a_segment)?;
        let arity = if many == 0 { Arity::One } else { Arity::Many };
        names.field_of_kind(name, kind, arity);
    }
    Ok(names)
}

fn decode_row(source: &mut Source<'_>) -> io::Result<Row> {
    let time = i64::from_le_bytes(source.array()?);
    Ok(Row {
        time: (time != i64::MAX).then_some(Ticks(time)),
        host: StringId(u32::from_le_bytes(source.array()?)),
        channel: StringId(u32::from_le_bytes(source.array()?)),
        provenance: decode_place(source)?,
        uid: Uid(source.array()?),
    })
}

fn decode_place(source: &mut Source<'_>) -> io::Result<Provenance> {
    Ok(Provenance {
        evidence: EvidenceId(u32::from_le_bytes(source.array()?)),
        record: u64::from_le_bytes(source.array()?),
        offset: u64::from_le_bytes(source.array()?),
        state: {
            let [state] = source.array()?;
            *State::ALL
                .get(usize::from(state))
                .ok_or_else(not_a_segment)?
        },
    })
}

fn decode_column(source: &mut Source<'_>) -> io::Result<Column> {
    let count = source.count()?;
    let rows = source.items(count, u32::from_le_bytes)?;
    let cells = match source.array()? {
        [0] => Cells::Text(source.items(count, |b| StringId(u32::from_le_bytes(b)))?),
        [1] => Cells::Integer(source.items(count, i64::from_le_bytes)?),
        [2] => Cells::Double(source.items(count, f64::from_le_bytes)?),
        [3] => Cells::Boolean(source.items(count, |[truth]: [u8; 1]| truth != 0)?),
        _ => return Err(not_a_segment()),
    };
    Ok(Column { rows, cells })
}
