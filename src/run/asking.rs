//! What is asked of finished segments: the rules' conditions, and lines for people.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use chrono_tz::Tz;
use detectors::matching::Seen;
use detectors::movement::Expected;
use timeline::sort::{Batch, Sorted};
use timeline::{Reader, Segment, Spilled};

use super::workshop::{SharedSorter, Workshop};
use crate::args::MftScope;
use crate::export::{LineContext, is_told, line};

/// What lines are made of events.
#[derive(Clone, Copy)]
pub(crate) enum Lines<'a> {
    /// None.
    None,
    /// Of every event, but for those of files that are not wanted, for the timeline.
    Timeline {
        timezone: Option<Tz>,
        csv: bool,
        json: bool,
        files: MftScope,
    },
    /// Of every candidate, which is the answer already.
    Matches(&'a (dyn Fn(&Reader<'_>, u32, LineContext<'_>) -> Vec<u8> + Sync)),
}

impl Lines<'_> {
    pub(crate) fn timezone(self) -> Option<Tz> {
        match self {
            Self::Timeline { timezone, .. } => timezone,
            _ => None,
        }
    }

    /// Which events of files have a line.
    pub(crate) fn files(self) -> MftScope {
        match self {
            Self::Timeline { files, .. } => files,
            _ => MftScope::Full,
        }
    }

    pub(crate) fn json(self) -> bool {
        matches!(self, Self::Timeline { json: true, .. })
    }
}

/// Looks at finished segments without their being changed.
pub(crate) type Watch<'a> = dyn Fn(&Segment) + Sync + 'a;

/// Asks one finished segment after the other, from any thread.
pub(crate) struct Asking<'a> {
    shop: &'a Workshop<'a>,
    lines: Lines<'a>,
    watch: Option<&'a Watch<'a>>,
    sorted_lines: SharedSorter,
    candidates: SharedSorter,
    expected: SharedSorter,
    /// Which stages have events, by the number of the segment.
    seen: Mutex<BTreeMap<usize, Seen>>,
}

/// What one segment gave.
#[derive(Default)]
pub(crate) struct Asked {
    /// Its candidates.
    pub(crate) candidates: Option<Spilled>,
    /// Cells of its lines that would have been formulas.
    pub(crate) neutralised: u64,
    /// Events that have no line.
    pub(crate) untold: u64,
}

/// What all segments gave.
pub(crate) struct Answers {
    /// The lines, in order.
    pub(crate) lines: Sorted,
    /// What rules have matches of.
    pub(crate) candidates: Candidates,
    /// Corroborating events.
    pub(crate) expected: Expected,
}

/// What rules have matches of.
pub(crate) struct Candidates {
    /// Matches of single-event rules, by rule and the one order.
    pub(crate) matches: Sorted,
    /// Which stages of the other rules have events, by the number of the segment.
    pub(crate) seen: BTreeMap<usize, Seen>,
}

/// Bytes of lines after which they are handed to the sorter.
const LINES: usize = 4 << 20;

impl<'a> Asking<'a> {
    pub(crate) fn new(
        shop: &'a Workshop<'a>,
        lines: Lines<'a>,
        watch: Option<&'a Watch<'a>>,
    ) -> Self {
        Self {
            shop,
            lines,
            watch,
            sorted_lines: shop.sorter(shop.shares.timeline),
            candidates: shop.sorter(shop.shares.sorter),
            expected: shop.sorter(shop.shares.sorter),
            seen: Mutex::default(),
        }
    }

    /// Asks a segment, which references to its candidates call `number`.
    pub(crate) fn ask(
        &self,
        segment: &Segment,
        number: usize,
        context: LineContext<'_>,
    ) -> io::Result<Asked> {
        if let Some(watch) = self.watch {
            watch(segment);
        }
        let (rows, candidates) = self.find_candidates(segment, number)?;
        let (lines, neutralised) = self.write_lines(segment, &rows, context)?;
        Ok(Asked {
            candidates,
            neutralised,
            untold: (segment.len() - lines) as u64,
        })
    }

    fn find_candidates(
        &self,
        segment: &Segment,
        number: usize,
    ) -> io::Result<(Vec<u32>, Option<Spilled>)> {
        let (mut batch, mut expected) = (Batch::default(), Batch::default());
        let matching = &self.shop.question.matching;
        let place = u32::try_from(number).map_err(io::Error::other)?;
        let candidates = matching.scan(segment, place, &mut batch, &mut expected);
        if matches!(self.lines, Lines::Matches(_)) {
            return Ok((candidates.rows, None));
        }
        let spilled = if candidates.rows.is_empty() {
            None
        } else {
            Some(self.shop.spill.put(segment.select(&candidates.rows))?)
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(number, candidates.seen);
        drop(seen);
        self.candidates.absorb(&mut batch)?;
        self.expected.absorb(&mut expected)?;
        Ok((candidates.rows, spilled))
    }

    fn write_lines(
        &self,
        segment: &Segment,
        candidates: &[u32],
        context: LineContext<'_>,
    ) -> io::Result<(usize, u64)> {
        let mut batch = Batch::default();
        let mut neutralised = 0;
        let reader = Reader::new(segment);
        let all: Vec<u32>;
        let rows = match self.lines {
            Lines::None
            | Lines::Timeline {
                csv: false,
                json: false,
                ..
            } => return Ok((segment.len(), 0)),
            Lines::Timeline { files, .. } => {
                let rows = (0u32..).zip(&segment.rows).map(|(row, _)| row);
                all = rows.filter(|&row| is_told(&reader, row, files)).collect();
                &all
            }
            Lines::Matches(_) => candidates,
        };
        for &row in rows {
            let line = match self.lines {
                Lines::None => break,
                Lines::Timeline { csv, .. } => {
                    let (line, cells) = line(&reader, row, context);
                    neutralised += if csv { cells } else { 0 };
                    line
                }
                Lines::Matches(line) => line(&reader, row, context),
            };
            batch.push(&segment.order_key(row), &line);
            if batch.size() >= LINES {
                self.sorted_lines.absorb(&mut batch)?;
            }
        }
        self.sorted_lines.absorb(&mut batch)?;
        Ok((rows.len(), neutralised))
    }

    /// Everything, when all segments were asked.
    pub(crate) fn finish(self) -> io::Result<Answers> {
        let expected = self.expected.into_inner().finish()?;
        Ok(Answers {
            lines: self.sorted_lines.into_inner().finish()?,
            expected: Expected::build(&self.shop.folder, expected)?,
            candidates: Candidates {
                matches: self.candidates.into_inner().finish()?,
                seen: self
                    .seen
                    .into_inner()
                    .unwrap_or_else(PoisonError::into_inner),
            },
        })
    }
}
