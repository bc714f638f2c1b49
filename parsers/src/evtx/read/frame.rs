//! Record frames in a chunk: `**\0\0`, size, number, time, BinXML, and the size once more (libyal,
//! "Event record").

use super::chunk::{ChunkHeader, HEADER_SIZE};
use crate::le;

/// What a record begins with.
pub(super) const MAGIC: &[u8; 4] = b"**\0\0";
/// Bytes before the content.
const HEAD: usize = 24;
/// Bytes after it: a copy of the size.
const TAIL: usize = 4;

/// One record's place and header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Chunk offset.
    pub(super) at: usize,
    pub(super) number: u64,
    /// FILETIME.
    pub(super) written: u64,
    size: usize,
    /// The copy of the size, if it differs.
    pub(super) wrong_copy: Option<u32>,
}

/// Why there is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoFrame {
    /// Other bytes than `**\0\0`, or too few.
    Magic(Option<[u8; 4]>),
    /// A size that a record cannot have, or that the chunk has no room for.
    Size(u32),
}

impl Frame {
    /// The frame at a place of the chunk.
    pub(super) fn read(chunk: &[u8], at: usize) -> Result<Self, NoFrame> {
        let magic = le::array::<4>(chunk, at);
        if magic.as_ref() != Some(MAGIC) {
            return Err(NoFrame::Magic(magic));
        }
        let bytes = chunk.get(at..).unwrap_or_default();
        let size = le::u32(bytes, 4).ok_or(NoFrame::Magic(magic))?;
        let tail = (size as usize).checked_sub(TAIL);
        let copy = tail
            .filter(|tail| *tail >= HEAD)
            .and_then(|tail| le::u32(bytes, tail))
            .ok_or(NoFrame::Size(size))?;
        Ok(Self {
            at,
            number: le::u64(bytes, 8).ok_or(NoFrame::Size(size))?,
            written: le::u64(bytes, 16).ok_or(NoFrame::Size(size))?,
            size: size as usize,
            wrong_copy: (copy != size).then_some(copy),
        })
    }

    /// The next whole frame from a place of the chunk on.
    pub(super) fn find(chunk: &[u8], from: usize) -> Option<Self> {
        Self::find_before(chunk, from, chunk.len())
    }

    /// The next whole frame that begins in `from..until`.
    pub(super) fn find_before(chunk: &[u8], from: usize, until: usize) -> Option<Self> {
        let mut from = from;
        loop {
            let at = find_magic(chunk, from, until)?;
            match Self::read(chunk, at) {
                Ok(frame) if frame.wrong_copy.is_none() => return Some(frame),
                _ => from = at.saturating_add(1),
            }
        }
    }

    /// Where the content is.
    pub(super) fn content(&self) -> (usize, usize) {
        let start = self.at.saturating_add(HEAD);
        (start, self.end().saturating_sub(TAIL))
    }

    /// Where the next frame is.
    pub(super) fn end(&self) -> usize {
        self.at.saturating_add(self.size)
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }
}

/// Where a record may begin in `from..until`. Free space is zeros, and its first byte is rare
/// elsewhere.
fn find_magic(chunk: &[u8], from: usize, until: usize) -> Option<usize> {
    let bytes = chunk.get(from..until.min(chunk.len()))?;
    memchr::memchr_iter(MAGIC[0], bytes)
        .map(|found| from.saturating_add(found))
        .find(|at| le::array(chunk, *at) == Some(*MAGIC))
}

/// Goes from frame to frame.
#[derive(Debug)]
pub(super) struct Walk<'c> {
    chunk: &'c [u8],
    header: ChunkHeader,
    next: usize,
    /// Where the records end.
    end: usize,
    /// The last record's number.
    pub(super) last: Option<u64>,
}

/// What a walk comes across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A record.
    Record(Frame),
    /// Bytes that are none, up to the next one or the end of the records.
    Gap {
        at: usize,
        size: usize,
        why: NoFrame,
    },
}

impl<'c> Walk<'c> {
    pub(super) fn new(chunk: &'c [u8], header: ChunkHeader) -> Self {
        Self {
            chunk,
            header,
            next: HEADER_SIZE,
            end: header.records_end(chunk),
            last: None,
        }
    }

    /// Where it stands: the end of the records, when there is nothing more.
    pub(super) fn end(&self) -> usize {
        self.next.max(self.end)
    }

    /// The next thing on the way, or nothing at the end.
    pub(super) fn step(&mut self) -> Option<Step> {
        let at = self.next;
        if at >= self.end {
            return self.step_beyond();
        }
        match Frame::read(self.chunk, at) {
            Ok(frame) => Some(self.stand_on(frame)),
            Err(why) => self.step_over(at, why),
        }
    }

    fn stand_on(&mut self, frame: Frame) -> Step {
        self.next = frame.end();
        self.last = Some(frame.number);
        Step::Record(frame)
    }

    /// A damaged header may end the records too early. Records that continue the numbers are live;
    /// those left over from the chunk's former use have smaller ones.
    fn step_beyond(&mut self) -> Option<Step> {
        if self.header.is_sound {
            return None;
        }
        let frame = Frame::read(self.chunk, self.next).ok()?;
        let continues = self.last.and_then(|last| last.checked_add(1)) == Some(frame.number);
        (continues && frame.wrong_copy.is_none()).then(|| self.stand_on(frame))
    }

    fn step_over(&mut self, at: usize, why: NoFrame) -> Option<Step> {
        let resume = self.find_frame(at.saturating_add(1), self.end);
        self.next = resume.unwrap_or(self.end);
        let blank = self
            .chunk
            .get(at..self.next)
            .is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
        // Zeros up to the end are free space that the header has not heard of. Whether records are
        // missing there, their numbers tell.
        if resume.is_none() && blank {
            return None;
        }
        let size = self.next.saturating_sub(at);
        Some(Step::Gap { at, size, why })
    }

    /// After a record whose two sizes differ: whether its end is damaged, because no frame follows
    /// where it says. If there is a frame inside of what it claims to be, the walk goes on there.
    pub(super) fn is_torn(&mut self, frame: &Frame) -> bool {
        if frame.end() == self.end || Frame::read(self.chunk, frame.end()).is_ok() {
            return false;
        }
        let start = frame.at.saturating_add(1);
        if let Some(inside) = self.find_frame(start, frame.end()) {
            self.next = inside;
        }
        true
    }

    /// The next frame in `from..until` that is sound and belongs here. A chunk that was caught while
    /// it was used anew also holds records of its former use; their numbers give them away.
    fn find_frame(&self, from: usize, until: usize) -> Option<usize> {
        let mut from = from;
        loop {
            let at = find_magic(self.chunk, from, until.min(self.end))?;
            if let Ok(frame) = Frame::read(self.chunk, at)
                && frame.wrong_copy.is_none()
                && frame.end() <= self.end
                && self.belongs(frame.number)
            {
                return Some(at);
            }
            from = at.saturating_add(1);
        }
    }

    fn belongs(&self, number: u64) -> bool {
        if self.header.is_sound {
            (self.header.first_record..=self.header.last_record).contains(&number)
        } else {
            self.last.is_none_or(|last| last < number)
        }
    }
}
