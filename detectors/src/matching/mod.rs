//! Rules over segments: findings.
//!
//! **Takes** rules and segments of enriched events, in any order and from several threads. **Gives**
//! findings. Conditions run per segment without order; what fits a stage of a sequence is sorted by
//! rule, key and the one order, and only that is matched.

mod candidate;
mod evaluate;
mod explain;
mod keys;
mod patterns;
mod plan;
mod row_set;
mod sample;
mod scope;
mod sequence;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use timeline::sort::{Batch, Sorted};
use timeline::{Segment, TICKS_PER_MILLISECOND, TICKS_PER_SECOND, Ticks, fields as f};

use crate::movement::{Met, note_expected};
use crate::rule::{Rule, Span};

pub use candidate::EventRef;
pub use explain::{Explainer, Part, PartSeen, Stage, StageSeen, Tally};
pub use plan::PlanError;
pub use row_set::RowSet;
pub use sequence::{Limits, Match};
pub use trial::{TrialError, try_on};

use candidate::{Candidate, UNTIL};
use evaluate::{Evaluator, Rows};
use plan::{KeyedPlan, Plan, RuleKind, RulePlan};
use sample::Sampler;
use sequence::Matcher;

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

/// Which stages of which rules have events: most rules of many lack one, and nothing more need be done
/// for them.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// A bit for each stage, by the rule's place.
    stages: BTreeMap<usize, u64>,
}

impl Seen {
    /// Adds what other events have.
    pub fn merge(&mut self, other: &Self) {
        for (rule, stages) in &other.stages {
            *self.stages.entry(*rule).or_default() |= stages;
        }
    }
}

/// Rules all of whose stages have events somewhere.
#[derive(Clone, Debug, Default)]
pub struct Complete(BTreeSet<usize>);

impl Complete {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a segment has events of any of the rules.
    #[must_use]
    pub fn has_any(&self, seen: &Seen) -> bool {
        seen.stages.keys().any(|rule| self.0.contains(rule))
    }
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

    /// When an event may have happened (MATCHING.md §3): as late as it says, as early as its log's
    /// delay allows, and any time before when only that is known.
    fn earliest(&self, rule: &RulePlan, segment: &Segment, row: u32, time: Ticks) -> Ticks {
        if segment.text(f::EVENT_EXT_CERTAINTY, row) == Some("upper_bound") {
            return Ticks(i64::MIN);
        }
        let slack = self.options.order_slack.or(rule.order_slack);
        let ticks = slack.map_or_else(|| default_slack(segment, row), Span::ticks);
        Ticks(time.0.saturating_sub(ticks))
    }
}

/// The largest slack that no rule asked for.
const LARGEST_SLACK: i64 = 2 * TICKS_PER_SECOND;

/// 2 s for network events dated by their record alone, 50 ms for other events of Sysmon.
fn default_slack(segment: &Segment, row: u32) -> i64 {
    let sysmon = segment.text(f::EVENT_PROVIDER, row) == Some("Microsoft-Windows-Sysmon");
    let own_time = sysmon
        && segment.get(f::EVENT_EXT_TIME_CONFLICT, row).is_none()
        && has_own_time(segment, row);
    let network = || {
        segment
            .all(f::EVENT_CATEGORY, row)
            .any(|value| value.to_string() == "network")
    };
    if !own_time && network() {
        return LARGEST_SLACK;
    }
    if sysmon {
        50 * TICKS_PER_MILLISECOND
    } else {
        0
    }
}

/// Whether the record says its own time, `UtcTime`.
fn has_own_time(segment: &Segment, row: u32) -> bool {
    let field = segment.names.find("winlog.event_data.UtcTime");
    let text = field.and_then(|field| segment.text(field, row));
    text.and_then(Ticks::parse).is_some()
}

/// Rows that fit a stage of a rule.
struct StageRows<'p> {
    rule: usize,
    /// The stage's bit.
    bit: u64,
    /// Keys and far side of a sequence's stage; nothing for a single event.
    keyed: Option<&'p KeyedPlan>,
    rows: RowSet,
}

struct Scan<'a> {
    evaluator: Evaluator<'a>,
    segment: &'a Segment,
    /// Those with events, rule after rule.
    stages: Vec<StageRows<'a>>,
}

/// Which place the rows have that are kept of a segment.
struct Places<'r> {
    number: u32,
    rows: &'r [u32],
}

impl<'r> Places<'r> {
    fn new(number: u32, rows: &'r [u32]) -> Self {
        Self { number, rows }
    }

    fn of(&self, row: u32) -> EventRef {
        let place = self.rows.binary_search(&row);
        EventRef {
            segment: self.number,
            row: place.map_or(u32::MAX, |place| u32::try_from(place).unwrap_or(u32::MAX)),
        }
    }
}

impl<'a> Scan<'a> {
    fn new(segment: &'a Segment, plan: &'a Plan) -> Self {
        Self {
            evaluator: Evaluator::new(segment, plan),
            segment,
            stages: Vec::new(),
        }
    }

    fn rule(&mut self, place: usize, rule: &'a RulePlan) {
        match &rule.kind {
            RuleKind::Event(filter) => {
                let rows = self.evaluator.filter(filter, rule.scope);
                self.stage(place, rule, 1, None, rows);
            }
            RuleKind::Sequence { stages, until, .. } => {
                let stages = stages
                    .iter()
                    .enumerate()
                    .map(|(stage, keyed)| (1 << stage, keyed));
                for (bit, keyed) in stages.chain(until.iter().map(|until| (UNTIL, until))) {
                    let rows = self.evaluator.filter(&keyed.filter, rule.scope);
                    self.stage(place, rule, bit, Some(keyed), rows);
                }
            }
            RuleKind::Sample(filters) => {
                for (filter, keyed) in filters.iter().enumerate() {
                    let rows = self.evaluator.filter(&keyed.filter, rule.scope);
                    self.stage(place, rule, 1 << filter, Some(keyed), rows);
                }
            }
        }
    }

    fn stage(
        &mut self,
        place: usize,
        rule: &RulePlan,
        bit: u64,
        keyed: Option<&'a KeyedPlan>,
        rows: Rows,
    ) {
        if matches!(rows, Rows::None) {
            return;
        }
        let mut rows = rows.into_set(self.segment.len());
        // A sequence needs a time; a state event is only for rules that ask for it (§4).
        let timed = matches!(rule.kind, RuleKind::Sequence { .. });
        let unfit = self.evaluator.unfit(timed, !rule.state_events);
        if let Some(unfit) = unfit {
            rows.intersect(&unfit.complement());
        }
        if rows.is_empty() {
            return;
        }
        self.stages.push(StageRows {
            rule: place,
            bit,
            keyed,
            rows,
        });
    }

    /// Which stages of the rules that are not single have events.
    fn seen(&self, is_single: &dyn Fn(usize) -> bool) -> Seen {
        let mut seen = Seen::default();
        for stage in self.stages.iter().filter(|stage| !is_single(stage.rule)) {
            *seen.stages.entry(stage.rule).or_default() |= stage.bit;
        }
        seen
    }

    /// Writes the candidates of the wanted rules: one per event, rule and key, with all stages that
    /// share the key.
    fn write(
        &self,
        matching: &Matching,
        places: &Places<'_>,
        is_wanted: &dyn Fn(usize) -> bool,
        batch: &mut Batch,
    ) {
        let rules = self.stages.chunk_by(|a, b| a.rule == b.rule);
        for of_rule in rules.filter(|of_rule| is_wanted(of_rule[0].rule)) {
            let mut rows = RowSet::none(self.segment.len());
            for stage in of_rule {
                rows.unite(&stage.rows);
            }
            for row in rows.iter() {
                let stages = of_rule.iter().filter(|stage| stage.rows.contains(row));
                let stages: Vec<_> = stages.collect();
                self.write_row(matching, &stages, row, places.of(row), batch);
            }
        }
    }

    fn write_row(
        &self,
        matching: &Matching,
        of_rule: &[&StageRows<'_>],
        row: u32,
        event: EventRef,
        batch: &mut Batch,
    ) {
        let order = self.segment.order_key(row);
        for (key, candidate) in self.candidates(matching, of_rule, row, event) {
            let mut sort_key = group_key(of_rule[0].rule, &key);
            let length = sort_key.len();
            sort_key.extend(&order);
            let mut payload = (length as u64).to_le_bytes().to_vec();
            candidate.encode(&mut payload);
            batch.push(&sort_key, &payload);
        }
    }

    fn candidates(
        &self,
        matching: &Matching,
        stages: &[&StageRows<'_>],
        row: u32,
        event: EventRef,
    ) -> Vec<(Vec<u8>, Candidate)> {
        let rule = &matching.plan.rules[stages[0].rule];
        let time = self.segment.rows[row as usize]
            .time
            .unwrap_or(Ticks(i64::MAX));
        let mut candidates: Vec<(Vec<u8>, Candidate)> = Vec::new();
        for stage in stages {
            let keys = stage.keyed.map_or_else(
                || vec![Vec::new()],
                |keyed| keys::keys(self.segment, row, &keyed.keys),
            );
            let far = stage
                .keyed
                .map_or_else(Vec::new, |keyed| self.far(keyed, row));
            for key in keys {
                match candidates.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, candidate)) => {
                        candidate.stages |= stage.bit;
                        candidate.far.extend(far.clone());
                    }
                    None => candidates.push((
                        key,
                        Candidate {
                            ordinal: 0,
                            time,
                            low: matching.earliest(rule, self.segment, row, time),
                            high: time,
                            stages: stage.bit,
                            event,
                            far: far.clone(),
                        },
                    )),
                }
            }
        }
        candidates
    }

    /// What the event says about the far side.
    fn far(&self, keyed: &KeyedPlan, row: u32) -> Vec<(u16, String)> {
        let value = |read: &crate::rule::Read| {
            let field = self.segment.names.find(&read.field)?;
            crate::rule::far_name(read, self.segment.text(field, row)?)
        };
        keyed
            .far
            .iter()
            .filter_map(|(entry, read)| Some((*entry, value(read)?)))
            .collect()
    }
}

/// `event.kind` of what is only known to exist (MATCHING.md §4).
const STATE: &str = "state";

/// The start of the sort key of a group.
fn group_key(rule: usize, key: &[u8]) -> Vec<u8> {
    let rule = u32::try_from(rule).expect("a run has fewer than 2^32 rules");
    [rule.to_be_bytes().as_slice(), key].concat()
}

/// Rule, key and candidate of a sorted item.
fn split<'a>(sort_key: &'a [u8], payload: &'a [u8]) -> Option<(usize, &'a [u8], &'a [u8])> {
    let (length, payload) = payload.split_first_chunk::<8>()?;
    let group = sort_key.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let (rule, key) = group.split_first_chunk::<4>()?;
    Some((
        usize::try_from(u32::from_be_bytes(*rule)).ok()?,
        key,
        payload,
    ))
}

/// The candidates of one rule and key.
struct Group<'p> {
    rule: usize,
    key: Vec<u8>,
    work: Work<'p>,
}

/// What is done with the candidates of a group.
enum Work<'p> {
    /// Each is a match.
    Each,
    Sequence(Box<Matcher<'p>>),
    Sample(Sampler),
}

impl<'p> Group<'p> {
    fn new(matching: &'p Matching, rule: usize, key: &[u8]) -> Option<Self> {
        let work = match &matching.plan.rules.get(rule)?.kind {
            RuleKind::Sequence { sequence, .. } => {
                Work::Sequence(Box::new(Matcher::new(sequence, matching.options.limits)))
            }
            RuleKind::Sample(filters) => Work::Sample(Sampler::new(filters.len())),
            RuleKind::Event(_) => Work::Each,
        };
        Some(Self {
            rule,
            key: key.to_vec(),
            work,
        })
    }

    fn push(
        &mut self,
        candidate: Candidate,
        found: &mut dyn FnMut(Matched) -> io::Result<()>,
    ) -> io::Result<()> {
        match &mut self.work {
            Work::Sequence(matcher) => {
                matcher.push(candidate);
                let decided = matcher.take_matches();
                self.hand_out(decided, found)
            }
            Work::Sample(sampler) => {
                sampler.push(candidate);
                Ok(())
            }
            Work::Each => found(Matched {
                rule: self.rule,
                keys: Vec::new(),
                found: Match::single(&candidate),
            }),
        }
    }

    fn hand_out(
        &self,
        matches: Vec<Match>,
        found: &mut dyn FnMut(Matched) -> io::Result<()>,
    ) -> io::Result<()> {
        let keys = keys::display(&self.key);
        matches.into_iter().try_for_each(|matched| {
            found(Matched {
                rule: self.rule,
                keys: keys.clone(),
                found: matched,
            })
        })
    }
}

fn finish(
    group: Option<Group<'_>>,
    overflows: &mut Vec<Overflow>,
    found: &mut dyn FnMut(Matched) -> io::Result<()>,
) -> io::Result<()> {
    let Some(mut group) = group else {
        return Ok(());
    };
    let matches = match &mut group.work {
        Work::Each => return Ok(()),
        Work::Sample(sampler) => sampler.finish().into_iter().collect(),
        Work::Sequence(matcher) => {
            matcher.finish();
            if matcher.overflowed {
                overflows.push(Overflow {
                    rule: group.rule,
                    keys: keys::display(&group.key),
                });
            }
            matcher.take_matches()
        }
    };
    group.hand_out(matches, found)
}
