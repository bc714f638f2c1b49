//! Which events of a segment are candidates of which rules.

use timeline::sort::Batch;
use timeline::{Segment, TICKS_PER_MILLISECOND, TICKS_PER_SECOND, Ticks, fields as f};

use super::candidate::{Candidate, EventRef, UNTIL};
use super::evaluate::{Evaluator, Rows};
use super::group::group_key;
use super::plan::{KeyedPlan, Plan, RuleKind, RulePlan};
use super::row_set::RowSet;
use super::seen::Seen;
use super::{Matching, keys};
use crate::names::SYSMON;
use crate::rule::Span;

/// Rows that fit a stage of a rule.
pub(super) struct StageRows<'p> {
    rule: usize,
    /// The stage's bit.
    bit: u64,
    /// Keys and far side of a sequence's stage; nothing for a single event.
    keyed: Option<&'p KeyedPlan>,
    pub(super) rows: RowSet,
}

/// Looks for events of rules in one segment.
pub(super) struct Scan<'a> {
    pub(super) evaluator: Evaluator<'a>,
    segment: &'a Segment,
    /// Those with events, rule after rule.
    pub(super) stages: Vec<StageRows<'a>>,
}

/// Which place the rows have that are kept of a segment.
pub(super) struct Places<'r> {
    number: u32,
    rows: &'r [u32],
}

impl<'r> Places<'r> {
    pub(super) fn new(number: u32, rows: &'r [u32]) -> Self {
        Self { number, rows }
    }

    pub(super) fn of(&self, row: u32) -> EventRef {
        let place = self.rows.binary_search(&row);
        EventRef {
            segment: self.number,
            row: place.map_or(u32::MAX, |place| u32::try_from(place).unwrap_or(u32::MAX)),
        }
    }
}

impl<'a> Scan<'a> {
    pub(super) fn new(segment: &'a Segment, plan: &'a Plan) -> Self {
        Self {
            evaluator: Evaluator::new(segment, plan),
            segment,
            stages: Vec::new(),
        }
    }

    pub(super) fn rule(&mut self, place: usize, rule: &'a RulePlan) {
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
    pub(super) fn seen(&self, is_single: &dyn Fn(usize) -> bool) -> Seen {
        let mut seen = Seen::default();
        for stage in self.stages.iter().filter(|stage| !is_single(stage.rule)) {
            *seen.stages.entry(stage.rule).or_default() |= stage.bit;
        }
        seen
    }

    /// Writes the candidates of the wanted rules: one per event, rule and key, with all stages that
    /// share the key.
    pub(super) fn write(
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

impl Matching {
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
pub(super) const LARGEST_SLACK: i64 = 2 * TICKS_PER_SECOND;

/// 2 s for network events dated by their record alone, 50 ms for other events of Sysmon.
fn default_slack(segment: &Segment, row: u32) -> i64 {
    let sysmon = segment.text(f::EVENT_PROVIDER, row) == Some(SYSMON);
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
