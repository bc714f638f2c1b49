//! All rules as one plan: each question to an event's values stands once, whoever asks it.

use std::collections::HashMap;

use eql::Value;
use eql::plan::{Category, Condition, Filter, Key, KeyedFilter, Leaf, QueryKind, Sequence};

use super::Options;
use super::candidate::MAX_STAGES;
use super::patterns::Patterns;
use super::scan::LARGEST_SLACK;
use super::scope::Scope;
use super::sequence::{FarRead, SequencePlan, StagePlan};
use crate::rule::{Basis, By, Read, Rule, Side, Span};

/// Rules, compiled together.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Every distinct question.
    pub(super) leaves: Vec<Leaf>,
    /// Every distinct scope.
    /// The rule at hand means what it says, and no more.
    is_verbatim: bool,
    pub(super) scopes: Vec<Scope>,
    /// The rules, in the order of the set.
    pub(super) rules: Vec<RulePlan>,
    /// What rules expect beside their matches.
    pub(super) expects: Vec<ExpectPlan>,
    leaf_numbers: HashMap<String, usize>,
    /// Questions that are asked together, once all are known.
    patterns: Vec<Patterns>,
    /// Which of those answers a leaf.
    pattern_of: HashMap<usize, usize>,
}

/// Corroboration that a rule expects.
#[derive(Debug)]
pub(super) struct ExpectPlan {
    pub(super) rule: usize,
    pub(super) number: usize,
    pub(super) scope: usize,
    pub(super) filter: FilterPlan,
    pub(super) by: Vec<By>,
}

/// One rule.
#[derive(Debug)]
pub(super) struct RulePlan {
    pub(super) scope: usize,
    pub(super) state_events: bool,
    pub(super) order_slack: Option<Span>,
    pub(super) kind: RuleKind,
}

#[derive(Debug)]
pub(super) enum RuleKind {
    /// A single event.
    Event(FilterPlan),
    /// A sequence, its stages and its `until` term.
    Sequence {
        stages: Vec<KeyedPlan>,
        until: Option<KeyedPlan>,
        sequence: SequencePlan,
    },
    /// A sample's filters.
    Sample(Vec<KeyedPlan>),
}

/// A filter with its keys, and what the movement table reads of its event about the far side.
#[derive(Debug)]
pub(super) struct KeyedPlan {
    pub(super) filter: FilterPlan,
    pub(super) keys: Vec<Key>,
    pub(super) far: Vec<(u16, Read)>,
}

/// Category and condition.
#[derive(Debug)]
pub(super) struct FilterPlan {
    pub(super) category: Option<String>,
    /// It asks for starts of processes: a library that one loads is none, though it has that category and that type, too
    /// (ECS.md §4).
    pub(super) starts_only: bool,
    pub(super) condition: Node,
}

/// A condition over numbered leaves.
#[derive(Debug)]
pub(super) enum Node {
    Constant(bool),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Leaf(usize),
}

/// A rule that cannot run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It has more stages than there are bits for.
    #[error("{rule}: a sequence of more than {MAX_STAGES} stages")]
    TooManyStages {
        /// The file.
        rule: String,
    },
}

/// Whether a filter wants processes, and of those their starts and not their changes.
fn asks_for_starts(filter: &Filter) -> bool {
    let wants = |condition: &Condition| match condition {
        Condition::Leaf(Leaf::Test { field, predicate }) if field == "event.type" => {
            let accepts = |kind: &str| predicate.test(&Value::from(kind)) == Some(true);
            accepts("start") && !accepts("change")
        }
        _ => false,
    };
    let is_of_processes = matches!(&filter.category, Category::Named(name) if name == "process");
    is_of_processes
        && match &filter.condition {
            Condition::All(parts) => parts.iter().any(wants),
            condition => wants(condition),
        }
}

impl Plan {
    pub(super) fn add(&mut self, rule: &Rule, options: &Options) -> Result<(), PlanError> {
        let sidetrack = rule.sidetrack.as_ref();
        self.is_verbatim = rule.exact_only;
        let plan = RulePlan {
            scope: self.scope(Scope::of(rule)),
            // A query means what it says.
            state_events: rule.exact_only || sidetrack.is_some_and(|table| table.state_events),
            order_slack: sidetrack.and_then(|table| table.order_slack),
            kind: self.kind(rule, options)?,
        };
        self.rules.push(plan);
        for (number, expect) in sidetrack
            .iter()
            .flat_map(|table| &table.expects)
            .enumerate()
        {
            let plan = ExpectPlan {
                rule: self.rules.len() - 1,
                number,
                scope: self.scope(Scope::Everything),
                filter: self.filter(&expect.filter),
                by: expect.by.clone(),
            };
            self.expects.push(plan);
        }
        Ok(())
    }

    /// Puts questions together; all rules are there.
    pub(super) fn finish(&mut self) {
        self.patterns = Patterns::of(&self.leaves);
        let patterns = self.patterns.iter().enumerate();
        self.pattern_of = patterns
            .flat_map(|(place, patterns)| patterns.leaves().iter().map(move |leaf| (*leaf, place)))
            .collect();
    }

    /// The questions that a leaf is asked together with.
    pub(super) fn patterns_of(&self, leaf: usize) -> Option<&Patterns> {
        self.patterns.get(*self.pattern_of.get(&leaf)?)
    }

    fn scope(&mut self, scope: Scope) -> usize {
        let known = self.scopes.iter().position(|known| *known == scope);
        known.unwrap_or_else(|| {
            self.scopes.push(scope);
            self.scopes.len() - 1
        })
    }

    fn kind(&mut self, rule: &Rule, options: &Options) -> Result<RuleKind, PlanError> {
        match &rule.query.kind {
            QueryKind::Event(filter) => Ok(RuleKind::Event(self.filter(filter))),
            QueryKind::Sequence(sequence) => self.sequence(rule, sequence, options),
            QueryKind::Sample(sample) => {
                stages_fit(rule, sample.filters.len())?;
                let filters = sample.filters.iter();
                Ok(RuleKind::Sample(
                    filters.map(|keyed| self.keyed(keyed)).collect(),
                ))
            }
        }
    }

    fn sequence(
        &mut self,
        rule: &Rule,
        sequence: &Sequence,
        options: &Options,
    ) -> Result<RuleKind, PlanError> {
        stages_fit(rule, sequence.stages.len())?;
        let far = far_reads(rule);
        let stages = sequence
            .stages
            .iter()
            .enumerate()
            .map(|(place, stage)| KeyedPlan {
                filter: self.filter(&stage.filter),
                keys: stage.keys.clone(),
                far: reads_of_stage(&far, place),
            })
            .collect();
        let until = sequence.until.as_ref().map(|until| self.keyed(until));
        // Pass 2 is never for rules with `until` or missing events (MATCHING.md §3).
        let whole = until.is_none() && !sequence.stages.iter().any(|stage| stage.missing);
        let slack = whole && !rule.exact_only && options.order_slack != Some(Span::ZERO);
        let maxspan = rule
            .window
            .or(sequence.maxspan.map(Span::from_milliseconds));
        let exact = rule.sidetrack.as_ref().is_some_and(|table| table.exact);
        let plan = SequencePlan {
            stages: sequence
                .stages
                .iter()
                .map(|stage| StagePlan {
                    runs: stage.runs,
                    missing: stage.missing,
                })
                .collect(),
            maxspan: maxspan.map(Span::ticks),
            until: until.is_some(),
            far: if exact { Vec::new() } else { places(&far) },
            slack,
            reach: reach(rule, options),
        };
        Ok(RuleKind::Sequence {
            stages,
            until,
            sequence: plan,
        })
    }

    fn keyed(&mut self, keyed: &KeyedFilter) -> KeyedPlan {
        KeyedPlan {
            filter: self.filter(&keyed.filter),
            keys: keyed.keys.clone(),
            far: Vec::new(),
        }
    }

    pub(super) fn filter(&mut self, filter: &Filter) -> FilterPlan {
        FilterPlan {
            category: match &filter.category {
                Category::Any => None,
                Category::Named(name) => Some(name.clone()),
            },
            starts_only: !self.is_verbatim && asks_for_starts(filter),
            condition: self.node(&filter.condition),
        }
    }

    fn node(&mut self, condition: &Condition) -> Node {
        match condition {
            Condition::Constant(truth) => Node::Constant(*truth),
            Condition::All(parts) => Node::All(parts.iter().map(|part| self.node(part)).collect()),
            Condition::Any(parts) => Node::Any(parts.iter().map(|part| self.node(part)).collect()),
            Condition::Not(inner) => Node::Not(Box::new(self.node(inner))),
            Condition::Leaf(leaf) => Node::Leaf(self.leaf(leaf)),
        }
    }

    fn leaf(&mut self, leaf: &Leaf) -> usize {
        let next = self.leaves.len();
        let number = *self.leaf_numbers.entry(leaf.to_string()).or_insert(next);
        if number == next {
            self.leaves.push(leaf.clone());
        }
        number
    }
}

/// Whether there are bits for so many stages.
fn stages_fit(rule: &Rule, stages: usize) -> Result<(), PlanError> {
    if stages <= MAX_STAGES {
        return Ok(());
    }
    Err(PlanError::TooManyStages {
        rule: rule.source.clone(),
    })
}

/// How much earlier than it says an event of the rule may have happened: as much as the slack, the
/// largest default one, or any time for residue, which is often dated only from above.
fn reach(rule: &Rule, options: &Options) -> i64 {
    let sidetrack = rule.sidetrack.as_ref();
    if sidetrack.is_some_and(|table| table.basis == Basis::Residue) {
        return i64::MAX;
    }
    let slack = options
        .order_slack
        .or(sidetrack.and_then(|table| table.order_slack));
    slack.map_or(LARGEST_SLACK, Span::ticks)
}

/// The entries that name the far side of the movement, one list per field.
fn far_reads(rule: &Rule) -> Vec<Vec<Read>> {
    let Some(sidetrack) = &rule.sidetrack else {
        return Vec::new();
    };
    let Some(movement) = &sidetrack.movement else {
        return Vec::new();
    };
    match sidetrack.side {
        Side::Target => vec![movement.source_ip.clone(), movement.source_host.clone()],
        Side::Source => vec![movement.target_ip.clone(), movement.target_host.clone()],
    }
}

/// The same as numbers and stages.
fn places(far: &[Vec<Read>]) -> Vec<Vec<FarRead>> {
    let mut numbers = 0u16..;
    far.iter()
        .map(|reads| {
            // The reads come first: `zip` must not take a number that no read gets.
            let places = reads.iter().zip(numbers.by_ref());
            places
                .map(|(read, entry)| FarRead {
                    entry,
                    stage: read.stage - 1,
                })
                .collect()
        })
        .collect()
}

fn reads_of_stage(far: &[Vec<Read>], stage: usize) -> Vec<(u16, Read)> {
    (0u16..)
        .zip(far.iter().flatten())
        .filter(|(_, read)| read.stage == stage + 1)
        .map(|(entry, read)| (entry, read.clone()))
        .collect()
}
