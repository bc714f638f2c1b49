//! Writes a whole log, one chunk in memory at a time.

use std::io::{self, Seek, SeekFrom, Write};

use super::chunk::Chunk;
use super::file_header::FileHeader;
use super::record::Record;

/// Why a log could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer below failed.
    #[error("the log could not be written")]
    Io(#[from] io::Error),
    /// A record has to fit one chunk, with the names and templates it needs.
    #[error("event {event_id} does not fit a chunk of 64 KiB")]
    RecordTooLarge {
        /// The event's id.
        event_id: u16,
    },
    /// The file's header counts chunks in 16 bits.
    #[error("a log holds at most 65535 chunks")]
    TooManyChunks,
}

/// Writes a log. It is complete only after [`LogWriter::finish`]; until then its header says that
/// the log was not closed, as with the live log of a running host.
///
/// ```
/// use samples::evtx::{Body, Guid, LogWriter, Provider, Record, Sid, Value};
/// use samples::time::FileTime;
///
/// let mut log = LogWriter::create(std::io::Cursor::new(Vec::new()))?;
/// let id = log.write(&Record {
///     time: FileTime::day(2026, 3, 2).at(21, 14, 2, 871),
///     provider: Provider {
///         name: "Microsoft-Windows-Sysmon".into(),
///         guid: Guid::ZERO,
///     },
///     channel: "Microsoft-Windows-Sysmon/Operational".into(),
///     computer: "WS01.corp.example.com".into(),
///     event_id: 4,
///     version: 3,
///     level: 4,
///     task: 4,
///     opcode: 0,
///     keywords: 0x8000_0000_0000_0000,
///     activity: None,
///     process_id: 3012,
///     thread_id: 4180,
///     user: Some(Sid::new(5, [18])),
///     body: Body::EventData(vec![("State", Value::from("Started"))]),
/// })?;
/// assert_eq!(id, 1);
/// let bytes = log.finish()?.into_inner();
/// assert_eq!(bytes.len(), 4096 + 65536);
/// # Ok::<(), samples::evtx::Error>(())
/// ```
pub struct LogWriter<W> {
    out: W,
    chunk: Chunk,
    chunks: u16,
}

impl<W: Write + Seek> LogWriter<W> {
    /// Starts a log whose first record has the id 1.
    pub fn create(out: W) -> Result<Self, Error> {
        Self::starting_at(out, 1)
    }

    /// Starts a log whose first record has this id: one whose older records were overwritten.
    pub fn starting_at(mut out: W, first_id: u64) -> Result<Self, Error> {
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&header(0, first_id, true))?;
        Ok(Self {
            out,
            chunk: Chunk::starting_at(first_id),
            chunks: 0,
        })
    }

    /// Appends one record and returns its `EventRecordID`. Records are expected in the order of
    /// their times, since that is how Windows numbers them.
    pub fn write(&mut self, record: &Record) -> Result<u64, Error> {
        let id = self.chunk.next_id();
        if self.chunk.append(record) {
            return Ok(id);
        }
        if !self.chunk.is_empty() {
            self.flush_chunk()?;
            if self.chunk.append(record) {
                return Ok(id);
            }
        }
        Err(Error::RecordTooLarge {
            event_id: record.event_id,
        })
    }

    /// Writes what is left and the final header, and gives the writer back.
    pub fn finish(mut self) -> Result<W, Error> {
        if !self.chunk.is_empty() {
            self.flush_chunk()?;
        }
        self.out.seek(SeekFrom::Start(0))?;
        let header = header(self.chunks, self.chunk.next_id(), false);
        self.out.write_all(&header)?;
        self.out.seek(SeekFrom::End(0))?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn flush_chunk(&mut self) -> Result<(), Error> {
        self.chunks = self.chunks.checked_add(1).ok_or(Error::TooManyChunks)?;
        self.out.write_all(self.chunk.seal())?;
        self.chunk = Chunk::starting_at(self.chunk.next_id());
        Ok(())
    }
}

fn header(chunks: u16, next_id: u64, dirty: bool) -> Vec<u8> {
    FileHeader {
        chunks,
        next_id,
        dirty,
    }
    .to_bytes()
}
