//! From a file to its records: finds the chunks, walks their records, and says what is missing.

use std::io;
use std::ops::ControlFlow;

use memchr::memmem;
use thiserror::Error;
use timeline::Issue;

use super::chunk::{self, ChunkHeader};
use super::declined::Declined;
use super::decoder::Decoder;
use super::fault::{Fault, FaultKind};
use super::file_header::{self, FileHeader};
use super::frame::{Frame, NoFrame, Step, Walk};
use super::gap::Gaps;
use super::record::Record;
use super::system::System;
use crate::ReadAt;

/// Receives what a log holds.
pub trait Visitor {
    /// One record. [`ControlFlow::Break`] ends the reading.
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()>;

    /// One record that this reader cannot read, but another may. Says whether the visitor has read it;
    /// if not, it is a loss.
    fn declined(&mut self, declined: &Declined<'_>) -> ControlFlow<(), bool> {
        let _ = declined;
        ControlFlow::Continue(false)
    }

    /// One thing that is not as it should be.
    fn issue(&mut self, issue: Issue);
}

/// What was read of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records that were given to the visitor, without those that it did not read itself.
    pub records: u64,
    /// Records that were found in the unused ends of chunks.
    pub recovered: u64,
    /// Chunks that were read.
    pub chunks: u64,
    /// The file header, if there is one.
    pub header: Option<FileHeader>,
}

/// Why a log could not be read at all.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The bytes could not be had.
    #[error("cannot read at offset {offset:#x}")]
    Io {
        /// Offset in the file.
        offset: u64,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is neither the header of a log nor a single chunk.
    #[error("not an event log: expected \"ElfFile\" or a chunk, found {found:02x?}")]
    NotAnEventLog {
        /// The first bytes.
        found: Vec<u8>,
    },
}

impl ReadError {
    /// The error as a loss, for a caller that keeps no other list.
    #[must_use]
    pub fn to_issue(&self) -> Issue {
        match self {
            Self::Io { offset, source } => Issue::loss("io", "The file cannot be read.")
                .at(*offset)
                .expected("bytes", source),
            Self::NotAnEventLog { found } => Issue::loss("not-evtx", "The file is no event log.")
                .at(0)
                .expected("ElfFile", format!("{found:02x?}")),
        }
    }
}

/// Reads all chunks of an event log. To read several logs, keep a [`Reader`].
pub fn read(input: &dyn ReadAt, visitor: &mut dyn Visitor) -> Result<Summary, ReadError> {
    Reader::new().read(input, visitor)
}

/// Reads event logs one after the other, and keeps its buffers. What it gives does not depend on what
/// it read before.
#[derive(Debug)]
pub struct Reader {
    decoder: Decoder,
    buffer: Vec<u8>,
    declines_all: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            decoder: Decoder::new(),
            buffer: vec![0; chunk::SIZE],
            declines_all: false,
        }
    }

    /// A reader that decodes no record but those left over, and declines the others: to hold another
    /// reader against this one.
    #[must_use]
    pub fn declining() -> Self {
        Self {
            declines_all: true,
            ..Self::new()
        }
    }

    /// Reads all chunks of a log in the order of the file, whatever its header says about them.
    ///
    /// An error is what leaves nothing to visit. Everything else is an issue.
    pub fn read(
        &mut self,
        input: &dyn ReadAt,
        visitor: &mut dyn Visitor,
    ) -> Result<Summary, ReadError> {
        self.decoder.start_log();
        let first = fill(input, 0, &mut self.buffer)?;
        if first.is_empty() {
            visitor.issue(Issue::loss("empty-file", "The file is empty.").at(0));
            return Ok(Summary::default());
        }
        let found = first.get(..8).unwrap_or(first).to_vec();
        let header = FileHeader::read(first);
        let start = start_of_chunks(first, header);
        let mut log = Log {
            input,
            visitor,
            decoder: &mut self.decoder,
            declines_all: self.declines_all,
            gaps: Gaps::new(start, header),
            summary: Summary {
                header,
                ..Summary::default()
            },
        };
        let end = log.read_chunks(start, &mut self.buffer)?;
        if log.summary.chunks == 0 && !found.starts_with(file_header::MAGIC) {
            return Err(ReadError::NotAnEventLog { found });
        }
        log.check_header(header);
        if header.is_none_or(|header| !header.is_sound || header.chunk_count == 0) {
            log.check_length(start);
        }
        log.finish(end);
        Ok(log.summary)
    }
}

/// Where the chunks begin: behind the header block, or at once in a file that is only chunks.
fn start_of_chunks(first: &[u8], header: Option<FileHeader>) -> u64 {
    match header {
        Some(header) if header.is_sound && header.block_size >= 128 => header.block_size.into(),
        None if first.starts_with(chunk::MAGIC) => 0,
        _ => file_header::BLOCK_SIZE as u64,
    }
}

/// Reads as much as there is, up to the size of the buffer.
fn fill<'b>(input: &dyn ReadAt, offset: u64, buffer: &'b mut [u8]) -> Result<&'b [u8], ReadError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let at = offset.saturating_add(filled as u64);
        let count = input
            .read_at(at, rest)
            .map_err(|source| ReadError::Io { offset: at, source })?;
        if count == 0 {
            break;
        }
        filled = filled.saturating_add(count);
    }
    Ok(buffer.get(..filled).unwrap_or_default())
}

/// One log being read.
struct Log<'r> {
    input: &'r dyn ReadAt,
    visitor: &'r mut dyn Visitor,
    decoder: &'r mut Decoder,
    declines_all: bool,
    gaps: Gaps,
    summary: Summary,
}

impl Log<'_> {
    fn check_header(&mut self, header: Option<FileHeader>) {
        let issue = match header {
            Some(header) if header.is_sound => return,
            Some(header) => {
                let (computed, stored) = header.checksum;
                Issue::note("file-header", "The file header does not have its checksum.")
                    .expected(format!("{computed:#010x}"), format!("{stored:#010x}"))
            }
            None => Issue::note("file-header", "The file has no header of an event log."),
        };
        self.visitor.issue(issue.at(0));
    }

    /// A file that ends inside of its header block has lost every chunk there was. Where the header
    /// counts them, that is reported as such.
    fn check_length(&mut self, start: u64) {
        let length = self.input.len();
        if length < start {
            let message = "The file ends inside of its header: its records are gone.";
            self.visitor
                .issue(Issue::loss("file-truncated", message).at(length).expected(
                    format!("{start} bytes of header"),
                    format!("{length} bytes"),
                ));
        }
    }

    /// Reads chunk after chunk and gives the end of the file.
    fn read_chunks(&mut self, start: u64, buffer: &mut [u8]) -> Result<u64, ReadError> {
        let mut offset = start;
        loop {
            let bytes = fill(self.input, offset, buffer)?;
            if bytes.is_empty() {
                return Ok(offset);
            }
            let here = Slot::of(bytes);
            let moved = match here {
                Slot::Chunk => {
                    if self.read_chunk(bytes, offset).is_break() {
                        return Ok(offset);
                    }
                    bytes.len()
                }
                Slot::ChunkAt(ahead) => ahead,
                Slot::Nothing => bytes.len(),
            };
            if here != Slot::Chunk {
                self.gaps.add(offset, moved);
            }
            offset = offset.saturating_add(moved as u64);
        }
    }

    fn finish(&mut self, end: u64) {
        for issue in self.gaps.finish(end) {
            self.visitor.issue(issue);
        }
    }

    fn read_chunk(&mut self, chunk: &[u8], offset: u64) -> ControlFlow<()> {
        if let Some(issue) = self.gaps.chunk(offset, chunk.len()) {
            self.visitor.issue(issue);
        }
        self.summary.chunks = self.summary.chunks.saturating_add(1);
        self.decoder.start_chunk();
        let Some(header) = ChunkHeader::read(chunk) else {
            self.visitor.issue(torn(offset, chunk::SIZE, chunk.len()));
            return ControlFlow::Continue(());
        };
        if !chunk.starts_with(chunk::MAGIC) {
            self.visitor.issue(wrong_magic(chunk, offset));
        }
        for issue in header.check(chunk, offset) {
            self.visitor.issue(issue);
        }
        self.read_records(chunk, header, offset)
    }

    fn read_records(&mut self, chunk: &[u8], header: ChunkHeader, offset: u64) -> ControlFlow<()> {
        let mut walk = Walk::new(chunk, header);
        let mut losses = 0_usize;
        while let Some(step) = walk.step() {
            match step {
                Step::Record(frame) => self.read_record(chunk, offset, &frame, &mut walk)?,
                // The torn end of a chunk is reported as a whole.
                Step::Gap { at, size, .. }
                    if is_torn(chunk, header) && at.saturating_add(size) >= chunk.len() => {}
                Step::Gap { at, size, why } => {
                    losses = losses.saturating_add(1);
                    self.visitor.issue(gap(offset, at, size, why, walk.last));
                }
            }
        }
        if is_torn(chunk, header) {
            self.visitor
                .issue(torn(offset, header.free_space, chunk.len()));
        } else if losses == 0
            && let Some(issue) = missing(header, walk.last, offset)
        {
            self.visitor.issue(issue);
        }
        let unused = walk.end();
        self.recover(chunk, unused, offset)
    }

    /// Records of the chunk's former use, in what its records of today have not reached yet. The
    /// names of their values may be overwritten, so only what its own time and number confirm
    /// counts; what cannot be read there is no loss.
    fn recover(&mut self, chunk: &[u8], live_end: usize, offset: u64) -> ControlFlow<()> {
        let mut from = live_end;
        while let Some(frame) = Frame::find(chunk, from) {
            let (start, end) = frame.content();
            let decoded = self
                .decoder
                .decode_left_over(chunk, start, end, live_end)
                .is_ok();
            let view = self.decoder.view(chunk);
            let record = Record {
                offset: offset.saturating_add(frame.at as u64),
                header_number: frame.number,
                written: frame.written,
                is_torn: false,
                is_recovered: true,
                system: System { view },
                view,
            };
            if decoded && is_confirmed(&record) {
                self.summary.recovered = self.summary.recovered.saturating_add(1);
                self.visitor.record(&record)?;
                from = frame.end();
            } else {
                from = frame.at.saturating_add(1);
            }
        }
        ControlFlow::Continue(())
    }

    fn read_record(
        &mut self,
        chunk: &[u8],
        offset: u64,
        frame: &Frame,
        walk: &mut Walk<'_>,
    ) -> ControlFlow<()> {
        let (start, end) = frame.content();
        let decoded = if self.declines_all {
            Err(Fault::new(FaultKind::Token, start, 0))
        } else {
            self.decoder.decode(chunk, start, end)
        };
        let is_torn = frame.wrong_copy.is_some() && walk.is_torn(frame);
        if let Err(fault) = decoded {
            return self.decline(chunk, offset, frame, fault);
        }
        if let Some(copy) = frame.wrong_copy {
            self.visitor.issue(wrong_copy(offset, frame, copy, is_torn));
        }
        self.summary.records = self.summary.records.saturating_add(1);
        let view = self.decoder.view(chunk);
        self.visitor.record(&Record {
            offset: offset.saturating_add(frame.at as u64),
            header_number: frame.number,
            written: frame.written,
            is_torn,
            is_recovered: false,
            system: System { view },
            view,
        })
    }

    /// Hands a record that is sound but for its form to the visitor. What nobody reads is a loss.
    #[cold]
    fn decline(
        &mut self,
        chunk: &[u8],
        offset: u64,
        frame: &Frame,
        fault: Fault,
    ) -> ControlFlow<()> {
        let declined = Declined {
            chunk,
            chunk_offset: offset,
            at: frame.at,
            content: frame.content().0,
            number: frame.number,
        };
        let is_sound = frame.wrong_copy.is_none() && fault.kind.is_of_form();
        if is_sound && self.visitor.declined(&declined)? {
            self.summary.records = self.summary.records.saturating_add(1);
        } else {
            self.visitor.issue(fault.to_issue(offset, frame.number));
        }
        ControlFlow::Continue(())
    }
}

/// Whether a record's content says the number and the time that its header says, and names that can
/// be.
fn is_confirmed(record: &Record<'_>) -> bool {
    let created = record.system.time_created().to_ticks();
    let written = i64::try_from(record.written).ok();
    let apart = created
        .zip(written)
        .map(|(created, written)| created.0.abs_diff(written));
    let number = record.system.record_id().to_u64() == Some(record.header_number);
    let system = &record.system;
    let names = [system.provider_name(), system.channel(), system.computer()];
    let readable = names
        .iter()
        .all(|name| !name.to_text().contains(char::is_control));
    readable
        && number
        && apart.is_some_and(|apart| apart <= timeline::TICKS_PER_SECOND.unsigned_abs())
}

/// What the place of a chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// A chunk, even if its magic is damaged.
    Chunk,
    /// Something else, and a chunk further on: bytes were lost or inserted.
    ChunkAt(usize),
    /// No chunk.
    Nothing,
}

impl Slot {
    fn of(bytes: &[u8]) -> Self {
        let has_record = |at: usize| {
            let bytes = bytes.get(at..).unwrap_or_default();
            Frame::read(bytes, chunk::HEADER_SIZE).is_ok_and(|frame| frame.wrong_copy.is_none())
        };
        if bytes.starts_with(chunk::MAGIC) || has_record(0) {
            return Self::Chunk;
        }
        if is_blank(bytes) {
            return Self::Nothing;
        }
        let mut starts = memmem::find_iter(bytes, chunk::MAGIC);
        starts
            .find(|at| has_record(*at))
            .map_or(Self::Nothing, Self::ChunkAt)
    }
}

/// Whether there are only zeros. Most places without a chunk were never used.
fn is_blank(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<64>();
    blocks.iter().all(|block| *block == [0; 64]) && rest.iter().all(|byte| *byte == 0)
}

fn is_torn(chunk: &[u8], header: ChunkHeader) -> bool {
    chunk.len() < chunk::SIZE && (chunk.len()..=chunk::SIZE).contains(&header.free_space)
}

fn torn(offset: u64, expected: usize, found: usize) -> Issue {
    Issue::loss("chunk-torn", "The file ends inside of a chunk.")
        .at(offset.saturating_add(found as u64))
        .expected(
            format!("{expected} bytes of records"),
            format!("{found} bytes"),
        )
}

fn wrong_magic(chunk: &[u8], offset: u64) -> Issue {
    let found = chunk.get(..chunk::MAGIC.len()).unwrap_or_default();
    let message = "A chunk with records does not begin as chunks do.";
    Issue::note("chunk-magic", message)
        .at(offset)
        .expected("ElfChnk", format!("{found:02x?}"))
}

fn wrong_copy(offset: u64, frame: &Frame, copy: u32, is_torn: bool) -> Issue {
    let issue = if is_torn {
        let message = "The end of a record is damaged; values of it may be missing or wrong.";
        Issue::loss("record-torn", message)
    } else {
        let message = "The two sizes of a record differ; it could be read nevertheless.";
        Issue::note("record-size", message)
    };
    issue
        .at(offset.saturating_add(frame.at as u64))
        .in_record(frame.number)
        .expected(frame.size(), copy)
}

/// A stretch between records that is none.
fn gap(offset: u64, at: usize, size: usize, why: NoFrame, last: Option<u64>) -> Issue {
    let message = format!("{size} bytes between records cannot be read.");
    let issue = match why {
        NoFrame::Magic(found) => Issue::loss("record-magic", message)
            .expected("2a2a0000", found.map_or("nothing".to_owned(), hex)),
        NoFrame::Size(found) => {
            Issue::loss("record-size", message).expected("the size of a record", found)
        }
    };
    let issue = issue.at(offset.saturating_add(at as u64));
    match last.and_then(|last| last.checked_add(1)) {
        Some(number) => issue.in_record(number),
        None => issue,
    }
}

fn hex(bytes: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(bytes))
}

/// Records that a sound header names and that are not there.
fn missing(header: ChunkHeader, last: Option<u64>, offset: u64) -> Option<Issue> {
    let promises = header.is_sound
        && header.free_space > chunk::HEADER_SIZE
        && header.first_record <= header.last_record;
    let is_missing = promises && last.is_none_or(|last| last < header.last_record);
    is_missing.then(|| {
        let message = "A chunk ends before the last record that its header names.";
        Issue::loss("records-missing", message).at(offset).expected(
            format!("records up to {}", header.last_record),
            last.map_or("none".to_owned(), |last| last.to_string()),
        )
    })
}
