//! Rules over segments: findings.
//!
//! **Takes** rules and segments of enriched events, in any order and from several threads. **Gives**
//! findings. Conditions run per segment without order; what fits a stage of a sequence is sorted by
//! rule, key and the one order, and only that is matched.

mod candidate;
mod evaluate;
mod explain;
mod group;
mod keys;
mod patterns;
mod plan;
mod row_set;
mod sample;
mod scan;
mod scope;
mod seen;
mod sequence;
mod trial;

use std::io;

use timeline::Segment;
use timeline::sort::{Batch, Sorted};

use crate::movement::{Met, note_expected};
use crate::rule::{Rule, Span};

pub use candidate::EventRef;
pub use explain::{Explainer, Part, PartSeen, Stage, StageSeen, Tally};
pub use plan::PlanError;
pub use row_set::RowSet;
pub use seen::{Complete, Seen};
pub use sequence::{Limits, Match};
pub use trial::{TrialError, try_on};

use candidate::Candidate;
use evaluate::Rows;
use group::{Group, finish, split};
use plan::{Plan, RuleKind, RulePlan};
use scan::{Places, Scan};

/// How the rules are run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Replaces the slack of MATCHING.md §3; zero turns pass 2 off.
    pub order_slack: Option<Span>,
    /// Bounds on state.
    pub limits: Limits,
}

/// Rules, ready to run.
#[derive(Debug)]
pub struct Matching {
    plan: Plan,
    options: Options,
}

/// A match of a rule, its events not yet at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The rule's place in the set.
    pub rule: usize,
    /// The values that its events share.
    pub keys: Vec<String>,
    /// The match.
    pub found: Match,
}

/// What became of one segment.
#[derive(Debug, Default)]
pub struct Candidates {
    /// Rows whose events may be in a finding, or corroborate one.
    pub rows: Vec<u32>,
    /// The parts of sequences and samples that have events there.
    pub seen: Seen,
}

/// A rule and key whose state reached a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overflow {
    /// The rule's place in the set.
    pub rule: usize,
    /// The key.
    pub keys: Vec<String>,
}

impl Matching {
    /// Compiles the rules together.
    pub fn new(rules: &[Rule], options: Options) -> Result<Self, PlanError> {
        let mut plan = Plan::default();
        rules.iter().try_for_each(|rule| plan.add(rule, &options))?;
        plan.finish();
        Ok(Self { plan, options })
    }

    /// Looks for events of all rules in a segment. Matches of single-event rules are put into the batch,
    /// to be sorted; what meets an expectation of a rule goes to the other; of sequences and samples is
    /// only told which stages have events, and [`Self::collect`] comes later. The rows that all of them
    /// name are those of the segment that the caller makes of [`Candidates::rows`], in that order; it has
    /// the given number.
    pub fn scan(
        &self,
        segment: &Segment,
        number: u32,
        batch: &mut Batch,
        expected: &mut Batch,
    ) -> Candidates {
        let mut scan = Scan::new(segment, &self.plan);
        for (place, rule) in self.plan.rules.iter().enumerate() {
            scan.rule(place, rule);
        }
        let mut met = Vec::new();
        for expect in &self.plan.expects {
            match scan.evaluator.filter(&expect.filter, expect.scope) {
                Rows::None => {}
                rows => met.push((expect, rows.into_set(segment.len()))),
            }
        }
        let mut all = RowSet::none(segment.len());
        scan.stages.iter().for_each(|stage| all.unite(&stage.rows));
        for (_, rows) in &met {
            all.unite(rows);
        }
        let rows: Vec<u32> = all.iter().collect();
        let places = Places::new(number, &rows);
        let is_single = |rule: usize| matches!(self.plan.rules[rule].kind, RuleKind::Event(_));
        scan.write(self, &places, &is_single, batch);
        for (expect, met) in met {
            for row in met.iter() {
                let met = Met {
                    expectation: (expect.rule, expect.number),
                    by: &expect.by,
                    row,
                    event: places.of(row),
                };
                note_expected(segment, &met, expected);
            }
        }
        Candidates {
            seen: scan.seen(&is_single),
            rows,
        }
    }

    /// Scans and collects the only segment that there is, number 0. Gives the rows that candidates name.
    pub fn scan_alone(
        &self,
        segment: &Segment,
        batch: &mut Batch,
        expected: &mut Batch,
    ) -> Vec<u32> {
        let candidates = self.scan(segment, 0, batch, expected);
        let rules = self.complete(&candidates.seen);
        self.collect(&segment.select(&candidates.rows), 0, &rules, batch);
        candidates.rows
    }

    /// The rules that can have a match at all, given what all segments have.
    #[must_use]
    pub fn complete(&self, seen: &Seen) -> Complete {
        let needed = |rule: &RulePlan| -> u64 {
            let bits = |count: usize| (0..count).map(|stage| 1 << stage).sum();
            match &rule.kind {
                RuleKind::Event(_) => 0,
                RuleKind::Sample(filters) => bits(filters.len()),
                RuleKind::Sequence { sequence, .. } => {
                    let stages = sequence.stages.iter().enumerate();
                    let needed = stages.filter(|(_, stage)| !stage.missing);
                    needed.map(|(stage, _)| 1 << stage).sum()
                }
            }
        };
        let of_rule = seen.stages.iter().filter_map(|(&place, stages)| {
            let needed = needed(self.plan.rules.get(place)?);
            (needed != 0 && stages & needed == needed).then_some(place)
        });
        Complete(of_rule.collect())
    }

    /// Puts the candidates of sequences and samples into the batch, to be sorted: of the segment that
    /// was made of [`Candidates::rows`], by its number.
    pub fn collect(&self, segment: &Segment, number: u32, rules: &Complete, batch: &mut Batch) {
        let mut scan = Scan::new(segment, &self.plan);
        for &place in &rules.0 {
            scan.rule(place, &self.plan.rules[place]);
        }
        let rows: Vec<u32> = (0u32..).zip(&segment.rows).map(|(row, _)| row).collect();
        scan.write(self, &Places::new(number, &rows), &|_| true, batch);
    }

    /// Matches the sorted candidates; every finding is handed out as soon as it is decided, those
    /// of one rule and key in the order of their last events.
    pub fn run(
        &self,
        sorted: Sorted,
        found: &mut dyn FnMut(Matched) -> io::Result<()>,
    ) -> io::Result<Vec<Overflow>> {
        let mut overflows = Vec::new();
        let mut group: Option<Group<'_>> = None;
        for (ordinal, item) in (0u64..).zip(sorted) {
            let item = item?;
            let Some((rule, key, payload)) = split(&item.key, &item.payload) else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            let candidate = Candidate::decode(ordinal, payload);
            let Some(candidate) = candidate else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            if group
                .as_ref()
                .is_none_or(|group| group.rule != rule || group.key != key)
            {
                finish(group.take(), &mut overflows, found)?;
                group = Group::new(self, rule, key);
            }
            if let Some(group) = &mut group {
                group.push(candidate, found)?;
            }
        }
        finish(group, &mut overflows, found)?;
        Ok(overflows)
    }
}

/// `event.kind` of what is only known to exist (MATCHING.md §4).
const STATE: &str = "state";
