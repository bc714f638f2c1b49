//! Why a rule matched or stayed silent: how many events met each of its conditions, and which failed
//! only one.

use std::collections::BTreeMap;

use eql::plan::{Condition, Filter, Key, QueryKind};
use timeline::Segment;

use super::evaluate::Evaluator;
use super::plan::{FilterPlan, Node, Plan};
use super::row_set::RowSet;
use super::{Options, PlanError, keys};
use crate::rule::Rule;

/// Events that failed only one condition, of which so many are kept for each condition, with
/// different values each: the earliest.
const NEAREST: usize = 3;
/// Characters of a value by which events are told apart.
const VALUE: usize = 200;

/// Looks at events for one rule, from any thread.
#[derive(Debug)]
pub struct Explainer {
    plan: Plan,
    scope: usize,
    state_events: bool,
    stages: Vec<Outline>,
}

/// A stage, and what is asked of its events.
#[derive(Debug)]
struct Outline {
    stage: Stage,
    filter: FilterPlan,
    keys: Vec<Key>,
    /// The parts of its condition, each with its children behind it.
    parts: Vec<(Part, Place)>,
}

/// Where a part stands in the condition: the way down from the top.
type Place = Vec<usize>;

/// A stage as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// The category that it wants, if it does not take any.
    pub category: Option<String>,
    /// The fields that events must share.
    pub keys: Vec<String>,
    /// Whether such an event must be missing.
    pub missing: bool,
    /// How often in a row such events must come.
    pub runs: u32,
    /// Whether it is the `until` of a sequence.
    pub until: bool,
}

/// A part of a stage's condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How deep it stands: the parts of depth 0 must all hold.
    pub depth: usize,
    /// What it says.
    pub text: String,
    /// The fields that it reads, each once.
    pub fields: Vec<String>,
    /// Whether other parts stand in it.
    pub compound: bool,
}

/// What was seen of one part.
#[derive(Clone, Debug, Default)]
pub struct PartSeen {
    /// Events of the stage's category for which it holds.
    pub holds: u64,
    /// Events of the category that have any of its fields.
    pub recorded: u64,
    /// Events that failed this part and no other of depth 0.
    pub only: u64,
    /// The earliest of those, by the values that they have instead.
    nearest: BTreeMap<String, (Vec<u8>, Segment)>,
}

/// What was seen of one stage.
#[derive(Clone, Debug, Default)]
pub struct StageSeen {
    /// Events of the data sets that the rule is for.
    pub in_scope: u64,
    /// Of those, events of the category.
    pub of_category: u64,
    /// Of those, events that meet the whole condition.
    pub fits: u64,
    /// Of those, events that no sequence can take: without a time, or only known to exist.
    pub unfit: u64,
    /// Of the rest, events with a value for every key.
    pub keyed: u64,
    /// What was seen of each part.
    pub parts: Vec<PartSeen>,
}

/// What was seen of all stages, of one segment or of many.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// All events.
    pub events: u64,
    /// The stages.
    pub stages: Vec<StageSeen>,
}

impl Explainer {
    /// Prepares the questions.
    pub fn new(rule: &Rule) -> Result<Self, PlanError> {
        let mut plan = Plan::default();
        plan.add(rule, &Options::default())?;
        let stages = stages(rule)
            .into_iter()
            .map(|(mut stage, filter, keys)| {
                let mut parts = Vec::new();
                outline(&filter.condition, 0, &mut Vec::new(), &mut parts);
                let filter = plan.filter(filter);
                stage.category.clone_from(&filter.category);
                Outline {
                    stage,
                    filter,
                    keys: keys.to_vec(),
                    parts,
                }
            })
            .collect();
        plan.finish();
        let (scope, state_events) = plan
            .rules
            .first()
            .map_or((0, true), |rule| (rule.scope, rule.state_events));
        Ok(Self {
            plan,
            scope,
            state_events,
            stages,
        })
    }

    /// The stages in their order, `until` last, each with the parts of its condition.
    pub fn stages(&self) -> impl Iterator<Item = (&Stage, Vec<&Part>)> {
        self.stages.iter().map(|outline| {
            let parts = outline.parts.iter().map(|(part, _)| part);
            (&outline.stage, parts.collect())
        })
    }

    /// Counts the events of a segment.
    #[must_use]
    pub fn look(&self, segment: &Segment) -> Tally {
        let mut evaluator = Evaluator::new(segment, &self.plan);
        let stages = self.stages.iter();
        Tally {
            events: segment.len() as u64,
            stages: stages
                .map(|outline| self.look_at(outline, &mut evaluator, segment))
                .collect(),
        }
    }

    fn look_at<'a>(
        &'a self,
        outline: &'a Outline,
        evaluator: &mut Evaluator<'a>,
        segment: &'a Segment,
    ) -> StageSeen {
        let count = segment.len();
        let base = evaluator.base(&outline.filter, self.scope).into_set(count);
        let mut seen = StageSeen {
            in_scope: evaluator.in_scope(self.scope).into_set(count).len() as u64,
            of_category: base.len() as u64,
            ..StageSeen::default()
        };
        let parts: Vec<RowSet> = outline
            .parts
            .iter()
            .map(|(_, place)| {
                let node = at(&outline.filter.condition, place);
                let mut rows = evaluator.node(node).into_set(count);
                rows.intersect(&base);
                rows
            })
            .collect();
        let once = failed_once(&base, count, outline, &parts);
        for ((part, _), rows) in outline.parts.iter().zip(&parts) {
            let only = if part.depth == 0 {
                without(&once, rows)
            } else {
                RowSet::none(count)
            };
            seen.parts.push(PartSeen {
                holds: rows.len() as u64,
                recorded: recorded(segment, &part.fields, &base),
                only: only.len() as u64,
                nearest: nearest(segment, &part.fields, &only),
            });
        }
        let mut fits = base;
        for ((part, _), rows) in outline.parts.iter().zip(&parts) {
            if part.depth == 0 {
                fits.intersect(rows);
            }
        }
        self.count_keys(outline, evaluator, segment, &fits, &mut seen);
        seen
    }

    fn count_keys(
        &self,
        outline: &Outline,
        evaluator: &mut Evaluator<'_>,
        segment: &Segment,
        fits: &RowSet,
        seen: &mut StageSeen,
    ) {
        seen.fits = fits.len() as u64;
        let timed = self.stages.len() > 1;
        let unfit = evaluator.unfit(timed, !self.state_events);
        for row in fits.iter() {
            if unfit.as_ref().is_some_and(|unfit| unfit.contains(row)) {
                seen.unfit += 1;
            } else if !keys::keys(segment, row, &outline.keys).is_empty() {
                seen.keyed += 1;
            }
        }
    }
}

/// The stages, but for their categories, with their filters and keys.
fn stages(rule: &Rule) -> Vec<(Stage, &Filter, &[Key])> {
    let stage = |keys: &[Key]| Stage {
        keys: keys.iter().map(|key| key.name.clone()).collect(),
        runs: 1,
        ..Stage::default()
    };
    match &rule.query.kind {
        QueryKind::Event(filter) => vec![(stage(&[]), filter, &[])],
        QueryKind::Sample(sample) => {
            let parts = sample.filters.iter();
            parts
                .map(|part| {
                    let keys = part.keys.as_slice();
                    (stage(keys), &part.filter, keys)
                })
                .collect()
        }
        QueryKind::Sequence(sequence) => {
            let stages = sequence.stages.iter().map(|own| {
                let written = Stage {
                    missing: own.missing,
                    runs: own.runs,
                    ..stage(&own.keys)
                };
                (written, &own.filter, own.keys.as_slice())
            });
            let until = sequence.until.iter().map(|until| {
                let written = Stage {
                    until: true,
                    ..stage(&until.keys)
                };
                (written, &until.filter, until.keys.as_slice())
            });
            stages.chain(until).collect()
        }
    }
}

/// The parts of a condition, from the top down.
fn outline(condition: &Condition, depth: usize, place: &mut Place, parts: &mut Vec<(Part, Place)>) {
    // The parts of the whole stand at the top themselves.
    if let (Condition::All(children), true) = (condition, place.is_empty()) {
        for (child, condition) in children.iter().enumerate() {
            place.push(child);
            outline(condition, depth, place, parts);
            place.pop();
        }
        return;
    }
    let (text, children): (String, &[Condition]) = match condition {
        Condition::All(children) => ("all of these:".into(), children),
        Condition::Any(children) => ("one of these:".into(), children),
        Condition::Not(inner) => match &**inner {
            Condition::All(children) => ("not all of these:".into(), children),
            Condition::Any(children) => ("none of these:".into(), children),
            _ => (condition.to_string(), &[]),
        },
        Condition::Constant(_) | Condition::Leaf(_) => (condition.to_string(), &[]),
    };
    let mut fields: Vec<String> = Vec::new();
    for field in condition
        .leaves()
        .into_iter()
        .flat_map(|leaf| leaf.fields())
    {
        if !fields.iter().any(|known| known == field) {
            fields.push(field.to_owned());
        }
    }
    let part = Part {
        depth,
        text,
        fields,
        compound: !children.is_empty(),
    };
    parts.push((part, place.clone()));
    // Below a `not` stands one condition, which its children are of.
    let is_below_not = matches!(condition, Condition::Not(_)) && !children.is_empty();
    if is_below_not {
        place.push(0);
    }
    for (child, condition) in children.iter().enumerate() {
        place.push(child);
        outline(condition, depth + 1, place, parts);
        place.pop();
    }
    if is_below_not {
        place.pop();
    }
}

/// The node at a place.
fn at<'n>(node: &'n Node, place: &[usize]) -> &'n Node {
    let mut node = node;
    for &step in place {
        node = match node {
            Node::All(parts) | Node::Any(parts) => parts.get(step).unwrap_or(node),
            Node::Not(inner) => inner,
            Node::Constant(_) | Node::Leaf(_) => node,
        };
    }
    node
}

/// The rows that fail one part of depth 0 and no other. Where there is one part only, whatever fails
/// it is no near miss.
fn failed_once(base: &RowSet, count: usize, outline: &Outline, parts: &[RowSet]) -> RowSet {
    let (mut once, mut more) = (RowSet::none(count), RowSet::none(count));
    let top = outline.parts.iter().zip(parts);
    let top: Vec<_> = top.filter(|((part, _), _)| part.depth == 0).collect();
    if top.len() < 2 {
        return once;
    }
    for (_, rows) in top {
        let failed = without(base, rows);
        let mut again = once.clone();
        again.intersect(&failed);
        more.unite(&again);
        once.unite(&failed);
    }
    without(&once, &more)
}

/// The rows of a set that are not in another.
fn without(rows: &RowSet, others: &RowSet) -> RowSet {
    let mut rows = rows.clone();
    rows.intersect(&others.clone().complement());
    rows
}

/// How many rows have any of the fields.
fn recorded(segment: &Segment, fields: &[String], base: &RowSet) -> u64 {
    let mut rows = RowSet::none(segment.len());
    for field in fields {
        rows.unite(&super::evaluate::with_value(segment, field));
    }
    rows.intersect(base);
    rows.len() as u64
}

/// The earliest rows with different values of the fields.
fn nearest(
    segment: &Segment,
    fields: &[String],
    rows: &RowSet,
) -> BTreeMap<String, (Vec<u8>, Segment)> {
    let mut found: BTreeMap<String, (Vec<u8>, u32)> = BTreeMap::new();
    // Segments are in the one order, so the first of each value is its earliest.
    for row in rows.iter() {
        let values = values(segment, fields, row);
        if found.len() < NEAREST && !found.contains_key(&values) {
            found.insert(values, (segment.order_key(row), row));
        }
        if found.len() == NEAREST {
            break;
        }
    }
    found
        .into_iter()
        .map(|(values, (key, row))| (values, (key, segment.select(&[row]))))
        .collect()
}

/// What an event has in some fields, in words.
fn values(segment: &Segment, fields: &[String], row: u32) -> String {
    let of_field = |field: &String| {
        let known = segment.names.find(field);
        let values: Vec<String> = known
            .map(|known| segment.all(known, row).map(|value| value.to_string()))
            .into_iter()
            .flatten()
            .collect();
        let text = match values.as_slice() {
            [] => "nothing".to_owned(),
            [one] => format!("`{one}`"),
            many => format!("`{}`", many.join("`, `")),
        };
        let text: String = text.chars().take(VALUE).collect();
        format!("{field} is {text}")
    };
    fields.iter().map(of_field).collect::<Vec<_>>().join(", ")
}

impl PartSeen {
    /// The earliest events that failed only this part: what they have instead, and the event, the only
    /// one of its segment.
    pub fn nearest(&self) -> impl Iterator<Item = (&str, &Segment)> {
        let mut nearest: Vec<_> = self.nearest.iter().collect();
        nearest.sort_by(|a, b| a.1.0.cmp(&b.1.0));
        let nearest = nearest.into_iter();
        nearest.map(|(values, (_, event))| (values.as_str(), event))
    }

    fn merge(&mut self, other: Self) {
        self.holds += other.holds;
        self.recorded += other.recorded;
        self.only += other.only;
        for (values, (key, event)) in other.nearest {
            match self.nearest.get_mut(&values) {
                Some(known) if known.0 <= key => {}
                Some(known) => *known = (key, event),
                None => {
                    self.nearest.insert(values, (key, event));
                }
            }
        }
        while self.nearest.len() > NEAREST {
            let last = self.nearest.iter().max_by(|a, b| a.1.0.cmp(&b.1.0));
            let Some(last) = last.map(|(values, _)| values.clone()) else {
                return;
            };
            self.nearest.remove(&last);
        }
    }
}

impl StageSeen {
    fn merge(&mut self, other: Self) {
        self.in_scope += other.in_scope;
        self.of_category += other.of_category;
        self.fits += other.fits;
        self.unfit += other.unfit;
        self.keyed += other.keyed;
        self.parts
            .resize_with(self.parts.len().max(other.parts.len()), PartSeen::default);
        for (own, other) in self.parts.iter_mut().zip(other.parts) {
            own.merge(other);
        }
    }
}

impl Tally {
    /// Adds what was seen of another segment; the order does not matter.
    pub fn merge(&mut self, other: Self) {
        self.events += other.events;
        self.stages.resize_with(
            self.stages.len().max(other.stages.len()),
            StageSeen::default,
        );
        for (own, other) in self.stages.iter_mut().zip(other.stages) {
            own.merge(other);
        }
    }
}
