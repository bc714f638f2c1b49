//! The sequence matcher for the candidates of one rule and one key: pass 1 is exact EQL
//! (EQL.md §7), pass 2 allows for events that are dated late (MATCHING.md §3).
//!
//! Candidates come in the one order. Memory is bounded: one pending sequence per stage, and, where
//! a later event can still matter, a window of recent candidates of at most [`Limits::window`] per
//! stage.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use timeline::Ticks;

use super::candidate::{Candidate, EventRef, UNTIL};
use crate::enrich::same_host;

/// What the matcher must know of a sequence.
#[derive(Clone, Debug)]
pub(super) struct SequencePlan {
    /// The stages as written: how often each stands (`with runs`), and whether it must be missing.
    pub(super) stages: Vec<StagePlan>,
    /// The longest time from the first event to the last, in ticks.
    pub(super) maxspan: Option<i64>,
    /// Whether there is an `until` term.
    pub(super) until: bool,
    /// Entries of the movement table that name the far side: lists of their numbers, one list per
    /// field, each entry with its stage.
    pub(super) far: Vec<Vec<FarRead>>,
    /// Whether pass 2 runs.
    pub(super) slack: bool,
    /// How much earlier than it says an event may have happened, at the most, in ticks.
    pub(super) reach: i64,
}

/// One stage as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct StagePlan {
    pub(super) runs: u32,
    pub(super) missing: bool,
}

/// An entry that names the far side.
#[derive(Clone, Copy, Debug)]
pub(super) struct FarRead {
    /// Its number.
    pub(super) entry: u16,
    /// Its stage as written, from 0 on.
    pub(super) stage: usize,
}

/// Bounds on what one group may hold and search.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Candidates of one stage that are remembered.
    pub window: usize,
    /// Places that one search of pass 2 may try.
    pub search: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            window: 65_536,
            search: 65_536,
        }
    }
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The event of each stage, runs written out; `None` for a missing-event stage.
    pub events: Vec<Option<EventRef>>,
    /// By how many ticks the events are out of order; none for a match of pass 1.
    pub slack: Option<i64>,
    /// For each field that names the far side: all names, when there is more than one.
    pub ambiguous: Vec<Vec<String>>,
    /// Place of the last event in its group.
    pub(super) last: u64,
}

impl Match {
    /// The match of a rule for single events.
    pub(super) fn single(candidate: &Candidate) -> Self {
        Self {
            events: vec![Some(candidate.event)],
            slack: None,
            ambiguous: Vec::new(),
            last: candidate.ordinal,
        }
    }
}

type Shared = Rc<Candidate>;

/// A match of the positive stages that waits until no later event can change it.
#[derive(Debug)]
struct Waiting {
    /// No candidate after this time matters any more.
    deadline: i64,
    /// The events of the positive steps; of a completing event that has not matched, that alone.
    events: Vec<Shared>,
    /// Whether pass 1 found it.
    exact: bool,
}

/// Matches the candidates of one group.
#[derive(Debug)]
pub(super) struct Matcher<'p> {
    plan: &'p SequencePlan,
    limits: Limits,
    /// The written stage of each positive step.
    steps: Vec<usize>,
    /// `slots[i]`: the pending sequence whose last event is of step i.
    slots: Vec<Option<Vec<Shared>>>,
    last_until: Option<u64>,
    window: Vec<VecDeque<Shared>>,
    waiting: VecDeque<Waiting>,
    /// Events that pass 2 has used, per step.
    used: Vec<BTreeSet<u64>>,
    matches: Vec<Match>,
    /// Whether a bound was reached.
    pub(super) overflowed: bool,
}

impl<'p> Matcher<'p> {
    pub(super) fn new(plan: &'p SequencePlan, limits: Limits) -> Self {
        let steps: Vec<usize> = plan
            .stages
            .iter()
            .enumerate()
            .filter(|(_, stage)| !stage.missing)
            .flat_map(|(place, stage)| (0..stage.runs).map(move |_| place))
            .collect();
        Self {
            plan,
            limits,
            slots: vec![None; steps.len()],
            used: vec![BTreeSet::new(); steps.len()],
            steps,
            last_until: None,
            window: vec![VecDeque::new(); plan.stages.len()],
            waiting: VecDeque::new(),
            matches: Vec::new(),
            overflowed: false,
        }
    }

    /// Takes the next candidate.
    pub(super) fn push(&mut self, candidate: Candidate) {
        let candidate = Rc::new(candidate);
        self.settle(candidate.time.0);
        self.remember(&candidate);
        self.advance(&candidate);
        if self.plan.until && candidate.stages & UNTIL != 0 {
            self.last_until = Some(candidate.ordinal);
        }
    }

    /// Decides everything that waits: no candidate is left.
    pub(super) fn finish(&mut self) {
        // Not by time: what waits without end is decided now, too.
        while let Some(waiting) = self.waiting.pop_front() {
            self.decide(waiting);
        }
    }

    /// The matches decided since the last call.
    pub(super) fn take_matches(&mut self) -> Vec<Match> {
        std::mem::take(&mut self.matches)
    }

    /// Pass 1: moves pending sequences on, from the last step to the first, so that one event can
    /// end one sequence and begin another but never advance what it has just entered.
    fn advance(&mut self, candidate: &Shared) {
        let mut completed = false;
        for step in (0..self.steps.len()).rev() {
            if !candidate.fits(self.steps[step]) {
                continue;
            }
            let Some(sequence) = self.extend(step, candidate) else {
                continue;
            };
            if step + 1 == self.steps.len() {
                self.wait(sequence, true);
                completed = true;
            } else {
                self.slots[step] = Some(sequence);
            }
        }
        let fits_last = self
            .steps
            .last()
            .is_some_and(|&stage| candidate.fits(stage));
        if self.plan.slack && fits_last && !completed {
            self.wait(vec![Rc::clone(candidate)], false);
        }
    }

    /// The sequence that the event makes at this step. The pending one is consumed even when it is
    /// then rejected.
    fn extend(&mut self, step: usize, candidate: &Shared) -> Option<Vec<Shared>> {
        let Some(before) = step.checked_sub(1) else {
            return Some(vec![Rc::clone(candidate)]);
        };
        let last = self.slots[before].as_ref()?.last()?.ordinal;
        if last >= candidate.ordinal {
            return None;
        }
        let mut sequence = self.slots[before].take()?;
        let first = sequence.first()?.time.0;
        let too_long = self
            .plan
            .maxspan
            .is_some_and(|span| candidate.time.0.saturating_sub(first) > span);
        let ended = self.last_until.is_some_and(|until| last <= until);
        if too_long || ended {
            return None;
        }
        sequence.push(Rc::clone(candidate));
        Some(sequence)
    }

    /// Whether anything that is not in the sequence itself can matter for it.
    fn needs_window(&self) -> bool {
        self.plan.slack
            || self.plan.stages.iter().any(|stage| stage.missing)
            || self.plan.far.iter().any(|reads| !reads.is_empty())
    }

    /// Keeps the candidate for as long as a match can need it.
    fn remember(&mut self, candidate: &Shared) {
        if !self.needs_window() {
            return;
        }
        for (stage, window) in self.window.iter_mut().enumerate() {
            if !candidate.fits(stage) {
                continue;
            }
            window.push_back(Rc::clone(candidate));
            if window.len() > self.limits.window {
                window.pop_front();
                self.overflowed = true;
            }
        }
        self.forget(candidate.time.0);
    }

    /// Drops what no match can need any more: nothing reaches back further than two spans (a
    /// match that waits, and a missing event before it) and the slack on both ends.
    fn forget(&mut self, now: i64) {
        let Some(span) = self.plan.maxspan else {
            return;
        };
        let reach = span.saturating_add(self.plan.reach).saturating_mul(2);
        let oldest = now.saturating_sub(reach);
        for window in &mut self.window {
            while window
                .front()
                .is_some_and(|candidate| candidate.time.0 < oldest)
            {
                window.pop_front();
            }
        }
        for (used, &stage) in self.used.iter_mut().zip(&self.steps) {
            let first = self.window[stage]
                .front()
                .map_or(u64::MAX, |candidate| candidate.ordinal);
            while used.first().is_some_and(|&ordinal| ordinal < first) {
                used.pop_first();
            }
        }
    }

    fn wait(&mut self, events: Vec<Shared>, exact: bool) {
        let Some(last) = events.last().map(|event| event.time.0) else {
            return;
        };
        let deadline = if self.has_trailing_missing() {
            let first = events.first().map_or(last, |event| event.time.0);
            self.plan
                .maxspan
                .map_or(i64::MAX, |span| first.saturating_add(span))
        } else if self.needs_window() {
            last.saturating_add(self.plan.reach)
        } else {
            last
        };
        self.waiting.push_back(Waiting {
            deadline,
            events,
            exact,
        });
    }

    fn has_trailing_missing(&self) -> bool {
        self.plan.stages.last().is_some_and(|stage| stage.missing)
    }

    /// Decides what waited for the time that has now come.
    fn settle(&mut self, now: i64) {
        while self
            .waiting
            .front()
            .is_some_and(|waiting| waiting.deadline < now)
        {
            let Some(waiting) = self.waiting.pop_front() else {
                return;
            };
            self.decide(waiting);
        }
    }

    fn decide(&mut self, waiting: Waiting) {
        let found = if waiting.exact {
            Some(waiting.events).filter(|events| self.missing_stages_hold(events))
        } else {
            waiting.events.last().and_then(|last| self.search(last))
        };
        if let Some(events) = found {
            self.report(&events, waiting.exact);
        }
    }

    fn report(&mut self, events: &[Shared], exact: bool) {
        let found = Match {
            events: self.with_missing(events),
            slack: disorder(events).filter(|_| !exact),
            ambiguous: self.ambiguous(events),
            last: events.last().map_or(0, |last| last.ordinal),
        };
        self.matches.push(found);
    }

    /// The events with a `None` for each missing-event stage.
    fn with_missing(&self, events: &[Shared]) -> Vec<Option<EventRef>> {
        let mut events = events.iter();
        let mut all = Vec::new();
        for stage in &self.plan.stages {
            for _ in 0..stage.runs {
                all.push(if stage.missing {
                    None
                } else {
                    events.next().map(|e| e.event)
                });
            }
        }
        all
    }
}

/// How far a tuple is out of order: the largest step back from one event to a later stage's, in
/// ticks; none when it is in order. Events of one time that stand the wrong way round are out of
/// order, too, where one of them may be dated late: clocks of a millisecond give many the same time.
fn disorder(events: &[Shared]) -> Option<i64> {
    let pairs = events.iter().enumerate().flat_map(|(place, later)| {
        let earlier = events[..place].iter();
        earlier.map(move |earlier| (earlier, later))
    });
    pairs
        .filter(|(earlier, later)| {
            let tied = earlier.time == later.time && earlier.ordinal > later.ordinal;
            earlier.time > later.time || (tied && (earlier.is_late() || later.is_late()))
        })
        .map(|(earlier, later)| earlier.time.0.saturating_sub(later.time.0))
        .max()
}

/// Whether there are true times inside the intervals for which the tuple is in order and within the
/// span: each may be before all later ones, and the span holds.
fn admissible<'a>(
    events: impl Iterator<Item = &'a Candidate> + Clone,
    maxspan: Option<i64>,
) -> bool {
    let mut latest_low = i64::MIN;
    let mut earliest_high = i64::MAX;
    for event in events {
        if latest_low > event.high.0 {
            return false;
        }
        latest_low = latest_low.max(event.low.0);
        earliest_high = earliest_high.min(event.high.0);
    }
    maxspan.is_none_or(|span| latest_low.saturating_sub(earliest_high) <= span)
}

/// Missing-event stages (EQL.md §7.5).
impl Matcher<'_> {
    fn missing_stages_hold(&self, events: &[Shared]) -> bool {
        let mut position = 0;
        let mut leading = Vec::new();
        let mut trailing = Vec::new();
        for (place, stage) in self.plan.stages.iter().enumerate() {
            if !stage.missing {
                position += stage.runs as usize;
            } else if position == 0 {
                leading.push(place);
            } else if position == events.len() {
                trailing.push(place);
            } else if self.any_between(place, &events[position - 1], &events[position]) {
                return false;
            }
        }
        self.ends_hold(&leading, &trailing, events)
    }

    fn times(&self, stage: usize) -> impl DoubleEndedIterator<Item = Ticks> + '_ {
        self.window[stage].iter().map(|candidate| candidate.time)
    }

    /// Timestamps alone count: an event at the same time as either neighbour is not between them.
    fn any_between(&self, stage: usize, before: &Candidate, after: &Candidate) -> bool {
        self.times(stage)
            .any(|time| before.time < time && time < after.time)
    }

    fn ends_hold(&self, leading: &[usize], trailing: &[usize], events: &[Shared]) -> bool {
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return false;
        };
        let span = self.plan.maxspan.unwrap_or(i64::MAX);
        let before = leading
            .iter()
            .filter_map(|&stage| self.times(stage).filter(|&time| time < first.time).max())
            .max();
        let after = trailing
            .iter()
            .filter_map(|&stage| self.times(stage).filter(|&time| time > last.time).min())
            .min();
        let within = |from: Ticks, to: Ticks| to.0.saturating_sub(from.0) <= span;
        match (leading.is_empty(), trailing.is_empty()) {
            (true, true) => true,
            (false, true) => before.is_none_or(|before| !within(before, last.time)),
            (true, false) => after.is_none_or(|after| !within(first.time, after)),
            (false, false) => match (before, after) {
                (Some(before), Some(after)) => !within(before, after),
                _ => true,
            },
        }
    }
}

/// Pass 2.
impl Matcher<'_> {
    /// The tuple that ends with this event, picked backwards: at each step the admissible event
    /// nearest to its successor. Only tuples out of order are of interest.
    fn search(&mut self, last: &Shared) -> Option<Vec<Shared>> {
        if self.used.last()?.contains(&last.ordinal) {
            return None;
        }
        let mut chosen = VecDeque::from([Rc::clone(last)]);
        let mut tries = self.limits.search;
        let complete = self.pick(self.steps.len() - 1, &mut chosen, &mut tries);
        self.overflowed |= tries == 0;
        let events: Vec<Shared> = chosen.into();
        if !complete {
            return None;
        }
        disorder(&events)?;
        for (used, event) in self.used.iter_mut().zip(&events) {
            used.insert(event.ordinal);
        }
        Some(events)
    }

    /// Fills the steps before `step`, the nearest events first.
    fn pick(&self, step: usize, chosen: &mut VecDeque<Shared>, tries: &mut usize) -> bool {
        let Some(step) = step.checked_sub(1) else {
            return true;
        };
        let Some(successor) = chosen.front().map(|event| event.time.0) else {
            return false;
        };
        let mut near: Vec<&Shared> = self.window[self.steps[step]]
            .iter()
            .filter(|event| self.may_precede(step, event, chosen))
            .collect();
        near.sort_by_key(|event| (event.time.0.abs_diff(successor), event.ordinal));
        for event in near {
            let Some(left) = tries.checked_sub(1) else {
                return false;
            };
            *tries = left;
            chosen.push_front(Rc::clone(event));
            if self.pick(step, chosen, tries) {
                return true;
            }
            chosen.pop_front();
        }
        false
    }

    fn may_precede(&self, step: usize, event: &Shared, chosen: &VecDeque<Shared>) -> bool {
        let tuple = std::iter::once(event).chain(chosen).map(Rc::as_ref);
        !self.used[step].contains(&event.ordinal)
            && !chosen.iter().any(|other| other.ordinal == event.ordinal)
            && admissible(tuple, self.plan.maxspan)
    }
}

/// More than one candidate for the far side (MATCHING.md §5).
impl Matcher<'_> {
    fn ambiguous(&self, events: &[Shared]) -> Vec<Vec<String>> {
        self.plan
            .far
            .iter()
            .map(|reads| self.other_names(reads, events))
            .collect()
    }

    /// All names of the far side, when other events that could stand in this one's place name
    /// another one.
    fn other_names(&self, reads: &[FarRead], events: &[Shared]) -> Vec<String> {
        let chosen = reads.iter().find_map(|read| {
            let step = self.steps.iter().position(|&stage| stage == read.stage)?;
            let name = named(events.get(step)?, read.entry)?;
            Some((read, step, name))
        });
        let Some((read, step, name)) = chosen else {
            return Vec::new();
        };
        let mut names = BTreeSet::from([name]);
        for other in &self.window[read.stage] {
            let Some(name) = named(other, read.entry) else {
                continue;
            };
            let known = names
                .iter()
                .any(|known| *known == name || same_host(known, name));
            if !known && self.could_stand(other, step, events) {
                names.insert(name);
            }
        }
        if names.len() == 1 {
            Vec::new()
        } else {
            names.into_iter().map(str::to_owned).collect()
        }
    }

    fn could_stand(&self, other: &Shared, step: usize, events: &[Shared]) -> bool {
        let tuple = events
            .iter()
            .enumerate()
            .map(|(place, event)| if place == step { other } else { event })
            .map(Rc::as_ref);
        let twice = events.iter().any(|event| event.ordinal == other.ordinal);
        !twice && admissible(tuple, self.plan.maxspan)
    }
}

fn named(event: &Candidate, entry: u16) -> Option<&str> {
    event
        .far
        .iter()
        .find(|(number, _)| *number == entry)
        .map(|(_, name)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event of a small timeline: second, stages it fits (as letters), and what it names.
    fn candidate(ordinal: u64, time: i64, stages: &str, delay: i64, name: &str) -> Candidate {
        let bits = stages.bytes().map(|letter| match letter {
            b'U' => UNTIL,
            letter => 1 << (letter - b'A'),
        });
        Candidate {
            ordinal,
            time: Ticks(time),
            low: Ticks(time - delay),
            high: Ticks(time),
            stages: bits.fold(0, |all, bit| all | bit),
            event: EventRef {
                segment: 0,
                row: u32::try_from(ordinal).unwrap(),
            },
            far: if name.is_empty() {
                Vec::new()
            } else {
                vec![(0, name.to_owned())]
            },
        }
    }

    fn plan(stages: usize, maxspan: Option<i64>, slack: bool) -> SequencePlan {
        SequencePlan {
            stages: vec![
                StagePlan {
                    runs: 1,
                    missing: false
                };
                stages
            ],
            maxspan,
            until: false,
            far: vec![vec![FarRead { entry: 0, stage: 0 }]],
            slack,
            reach: 5,
        }
    }

    fn run(plan: &SequencePlan, candidates: &[Candidate]) -> Vec<Match> {
        let mut matcher = Matcher::new(plan, Limits::default());
        for candidate in candidates {
            matcher.push(candidate.clone());
        }
        matcher.finish();
        matcher.take_matches()
    }

    /// Matches as `0>1`, with `~` and the disorder where pass 2 found them, and other names.
    fn shown(plan: &SequencePlan, candidates: &[Candidate]) -> Vec<String> {
        let show = |found: &Match| {
            let events: Vec<String> = found
                .events
                .iter()
                .map(|event| event.map_or("_".into(), |event| event.row.to_string()))
                .collect();
            let slack = found.slack.map(|slack| format!("~{slack}"));
            let slack = slack.unwrap_or_default();
            format!(
                "{}{slack}{}",
                events.join(">"),
                found.ambiguous.concat().join("|")
            )
        };
        run(plan, candidates).iter().map(show).collect()
    }

    fn timeline(events: &[(i64, &str, &str)], delay: i64) -> Vec<Candidate> {
        (0..)
            .zip(events)
            .map(|(ordinal, (time, stages, name))| candidate(ordinal, *time, stages, delay, name))
            .collect()
    }

    #[test]
    fn a_late_connection_is_matched_with_slack() {
        let events = timeline(&[(10, "B", ""), (11, "A", "")], 2);
        assert_eq!(shown(&plan(2, Some(30), true), &events), ["1>0~1"]);
        assert!(shown(&plan(2, Some(30), false), &events).is_empty());
        let too_late = timeline(&[(10, "B", ""), (13, "A", "")], 2);
        assert!(shown(&plan(2, Some(30), true), &too_late).is_empty());
        let exact = timeline(&[(10, "B", ""), (10, "A", "")], 0);
        assert!(
            shown(&plan(2, Some(30), true), &exact).is_empty(),
            "no slack finds nothing"
        );
        let tied = timeline(&[(10, "B", ""), (10, "A", "")], 1);
        assert_eq!(shown(&plan(2, Some(30), true), &tied), ["1>0~0"]);
        let right_way = timeline(&[(10, "A", ""), (10, "B", "")], 1);
        assert_eq!(shown(&plan(2, Some(30), true), &right_way), ["0>1"]);
    }

    #[test]
    fn pass_two_looks_only_where_pass_one_found_nothing() {
        // B at 10 matches A at 9 exactly; the A at 11 is not tried for it.
        let events = timeline(&[(9, "A", ""), (10, "B", ""), (11, "A", "")], 2);
        assert_eq!(shown(&plan(2, Some(30), true), &events), ["0>1"]);
    }

    #[test]
    fn the_nearest_event_is_taken_and_each_only_once() {
        let events = timeline(&[(10, "B", ""), (11, "A", ""), (12, "A", "")], 3);
        assert_eq!(shown(&plan(2, Some(30), true), &events), ["1>0~1"]);
        let two = timeline(
            &[(10, "B", ""), (10, "B", ""), (11, "A", ""), (12, "A", "")],
            3,
        );
        assert_eq!(shown(&plan(2, Some(30), true), &two), ["2>0~1", "3>1~2"]);
    }

    #[test]
    fn tuples_in_order_that_eql_drops_stay_dropped() {
        // Pass 1 loses A1 to A3, whose sequence is too long by C: pass 2 must not bring it back.
        let events = timeline(&[(1, "A", ""), (2, "B", ""), (9, "C", "")], 1);
        assert!(shown(&plan(3, Some(5), true), &events).is_empty());
    }

    #[test]
    fn the_span_counts_the_shortest_possible_time() {
        let events = timeline(&[(10, "B", ""), (11, "A", ""), (42, "C", "")], 2);
        // A at 9 at the earliest and C at 40: from 10 (B's latest) to 40 is 30.
        assert_eq!(shown(&plan(3, Some(30), true), &events), ["1>0>2~1"]);
        assert!(shown(&plan(3, Some(29), true), &events).is_empty());
    }

    #[test]
    fn other_names_in_the_window_make_the_far_side_ambiguous() {
        let span = plan(2, Some(30), false);
        let events = timeline(&[(1, "A", "x"), (2, "A", "y"), (3, "B", "")], 0);
        assert_eq!(shown(&span, &events), ["1>2x|y"]);
        let same = timeline(&[(1, "A", "y"), (2, "A", "y"), (3, "B", "")], 0);
        assert_eq!(shown(&span, &same), ["1>2"]);
        let outside = timeline(&[(1, "A", "x"), (40, "A", "y"), (41, "B", "")], 0);
        assert_eq!(shown(&span, &outside), ["1>2"]);
        let silent = timeline(&[(1, "A", ""), (2, "A", "y"), (3, "B", "")], 0);
        assert_eq!(
            shown(&span, &silent),
            ["1>2"],
            "who names nobody names no other"
        );
        // One that is dated late could have come before, too.
        let late = timeline(&[(2, "A", "y"), (3, "B", ""), (4, "A", "x")], 2);
        assert_eq!(shown(&span, &late), ["0>1x|y"]);
    }

    #[test]
    fn a_bound_that_is_reached_is_said() {
        let plan = plan(2, Some(1000), true);
        let mut matcher = Matcher::new(
            &plan,
            Limits {
                window: 3,
                search: 10,
            },
        );
        for candidate in timeline(&[(1, "A", ""); 5], 0) {
            matcher.push(candidate);
        }
        assert!(matcher.overflowed);
    }

    /// Every admissible tuple, by trying all.
    fn brute_force(events: &[Candidate], stages: usize, maxspan: i64) -> Vec<Vec<u64>> {
        let mut tuples: Vec<Vec<&Candidate>> = vec![Vec::new()];
        for stage in 0..stages {
            tuples = tuples
                .iter()
                .flat_map(|tuple| {
                    let fitting = events.iter().filter(move |event| event.fits(stage));
                    let unused = fitting.filter(|event| !tuple.contains(event));
                    unused.map(|event| [tuple.as_slice(), &[event]].concat())
                })
                .collect();
        }
        // True times exist when a time can be chosen for each, none before its predecessor's, none
        // later than the span allows: choose each as early as possible, then as late as needed.
        let possible = |tuple: &[&Candidate]| {
            (tuple[0].low.0..=tuple[0].high.0).any(|first| {
                let mut now = first;
                tuple.iter().all(|event| {
                    now = now.max(event.low.0);
                    now <= event.high.0 && now - first <= maxspan
                })
            })
        };
        let admissible = tuples.into_iter().filter(|tuple| possible(tuple));
        admissible
            .map(|tuple| tuple.iter().map(|event| event.ordinal).collect())
            .collect()
    }

    /// What pass 2 reports is admissible and out of order; and an event that completes some admissible
    /// tuple out of order, while nothing in order and nothing used competes, is found. Events are given
    /// as time, stages and by how much they may be dated late.
    fn agrees_with_trying_everything(
        mut raw: Vec<(i64, u64, i64)>,
        maxspan: i64,
        reach: i64,
    ) -> Result<(), proptest::test_runner::TestCaseError> {
        raw.sort_unstable();
        let events: Vec<Candidate> = (0..)
            .zip(&raw)
            .map(|(ordinal, &(time, stages, delay))| Candidate {
                stages,
                ..candidate(ordinal, time, "", delay, "")
            })
            .collect();
        let plan = SequencePlan {
            reach,
            ..plan(3, Some(maxspan), true)
        };
        let all = brute_force(&events, 3, maxspan);
        let found = run(&plan, &events);
        let exact = run(
            &SequencePlan {
                slack: false,
                ..plan.clone()
            },
            &events,
        );
        let ordinals = |found: &Match| -> Vec<u64> {
            found
                .events
                .iter()
                .flatten()
                .map(|event| u64::from(event.row))
                .collect()
        };
        // Of two late events at one time, either may have been first: in order they stand as
        // the one order has them.
        let in_order = |tuple: &[u64]| {
            let event = |o: u64| &events[usize::try_from(o).unwrap()];
            let pairs = (0..tuple.len()).flat_map(|a| (a + 1..tuple.len()).map(move |b| (a, b)));
            pairs
                .map(|(a, b)| (event(tuple[a]), event(tuple[b])))
                .all(|(a, b)| {
                    let late = a.low < a.high || b.low < b.high;
                    a.time < b.time || (a.time == b.time && (a.ordinal < b.ordinal || !late))
                })
        };
        for found in &found {
            proptest::prop_assert!(all.contains(&ordinals(found)), "{found:?}");
            proptest::prop_assert_eq!(in_order(&ordinals(found)), found.slack.is_none());
        }
        for completing in &events {
            let ends = |tuple: &[u64]| tuple.last() == Some(&completing.ordinal);
            let of_event: Vec<_> = all.iter().filter(|tuple| ends(tuple)).collect();
            let matched = exact.iter().any(|found| ends(&ordinals(found)));
            let competing = found
                .iter()
                .any(|other| other.slack.is_some() && !ends(&ordinals(other)));
            let only_disorder =
                !of_event.is_empty() && of_event.iter().all(|tuple| !in_order(tuple));
            if only_disorder && !matched && !competing {
                proptest::prop_assert!(
                    found.iter().any(|found| ends(&ordinals(found))),
                    "{:?} completes one of {:?}",
                    completing,
                    of_event
                );
            }
        }
        Ok(())
    }

    proptest::proptest! {
        #[test]
        fn pass_two_agrees_with_trying_everything(
            raw in proptest::collection::vec((0i64..12, 1u64..8, 0i64..4), 1..7),
            maxspan in 0i64..8,
        ) {
            agrees_with_trying_everything(raw, maxspan, 5)?;
        }

        /// Events of residue may be only known to have happened by their time (MATCHING.md §4): here,
        /// long before all others.
        #[test]
        fn so_it_does_where_only_the_latest_time_is_known(
            raw in proptest::collection::vec(
                (0i64..12, 1u64..8, proptest::sample::select(vec![0, 2, 40])),
                1..7,
            ),
            maxspan in 0i64..8,
        ) {
            agrees_with_trying_everything(raw, maxspan, i64::MAX)?;
        }
    }
}
