//! From findings to movements: one hop from a source to a target (MATCHING.md §5–§6).
//!
//! A source is stated by the evidence, or it is empty. Nothing here guesses.

mod corroborate;
mod coverage;
mod draft;
mod grade;
mod join;
mod merge;
mod order;

use std::io;

use timeline::{Segment, Ticks};

use crate::Finding;
use crate::enrich::Facts;
use crate::rule::RuleSet;

pub use corroborate::{Absence, Corroboration, Expected};
pub(crate) use corroborate::{Met, note_expected};
pub use coverage::{Coverage, Covered, Verdict};
pub use grade::{Grade, Reason};

/// Where the source of a movement is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceBasis {
    /// An event of the movement names it.
    Recorded,
    /// It is not known.
    Unknown,
}

impl SourceBasis {
    /// The word in `movements.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Unknown => "unknown",
        }
    }
}

/// One hop from a source to a target.
#[derive(Clone, Debug, Default)]
pub struct Movement {
    /// When it happened, at the earliest.
    pub start: Option<Ticks>,
    /// The time of its last event.
    pub end: Option<Ticks>,
    /// Host name of the source; empty when unknown, as all below.
    pub source_host: String,
    /// Address of the source.
    pub source_ip: String,
    /// Port of the source.
    pub source_port: String,
    /// Where the source is known from.
    pub source_basis: Option<SourceBasis>,
    /// Host name of the target, as recorded.
    pub target_host: String,
    /// Address of the target.
    pub target_ip: String,
    /// Port of the target.
    pub target_port: String,
    /// Account that moved, `DOMAIN\name`.
    pub account: String,
    /// Its SID.
    pub account_sid: String,
    /// Logon type, as a number.
    pub logon_type: String,
    /// Account that the payload ran as.
    pub ran_as: String,
    /// What ran.
    pub ran: Vec<String>,
    /// Names that stand for one field each, when there was more than one.
    pub also: Vec<(&'static str, Vec<String>)>,
    /// How sure it is.
    pub grade: Grade,
    /// Why it has that grade.
    pub reason: Reason,
    /// Whether any of its findings needed slack.
    pub slack: bool,
    /// Its findings, by their places.
    pub findings: Vec<usize>,
    /// Its events, by their rows, in the one order.
    pub events: Vec<u32>,
    /// Corroboration that was found.
    pub found: Vec<Corroboration>,
    /// Corroboration that was not.
    pub missing: Vec<Absence>,
    /// Events on the source host.
    pub source_events: Vec<u32>,
    /// Events on the target host.
    pub target_events: Vec<u32>,
}

/// What reconstruction works on.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The findings, in their order.
    pub findings: &'a [Finding],
    /// The events of the findings.
    pub events: &'a Segment,
    /// What is known of hosts.
    pub facts: &'a Facts,
    /// Corroborating events.
    pub expected: &'a Expected,
    /// Which log of which host covers which time.
    pub coverage: &'a Coverage,
}

/// What reconstruction found.
#[derive(Debug)]
pub struct Reconstruction {
    /// The movements, in the one order.
    pub movements: Vec<Movement>,
    /// So many findings lie close together that not all pairs of them were tried: some movements may
    /// be told of twice.
    pub is_capped: bool,
}

/// The movements that the findings tell of.
pub fn reconstruct(evidence: Evidence<'_>) -> io::Result<Reconstruction> {
    let drafts = draft::all(evidence)?;
    let joined = join::groups(evidence, &drafts)?;
    let mut movements: Vec<Movement> = joined
        .groups
        .iter()
        .map(|group| merge::combine(evidence, group))
        .collect();
    for movement in &mut movements {
        corroborate::corroborate(evidence, movement)?;
        grade::contradict(movement);
    }
    movements.sort_by(|a, b| order::compare(evidence.events, a, b));
    Ok(Reconstruction {
        movements,
        is_capped: joined.is_capped,
    })
}
