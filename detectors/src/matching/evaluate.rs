//! Conditions over the columns of a segment: each question is asked once per distinct value.

use std::collections::HashMap;
use std::rc::Rc;

use eql::Value;
use eql::plan::{Leaf, Predicate};
use timeline::{Cell, Column, Field, Segment};

use super::plan::{FilterPlan, Node, Plan};
use super::row_set::RowSet;

/// Combinations of a leaf's values that are tried for one event. Real events have one or a few; a
/// hostile one could have as many as its record has bytes, to the power of the fields.
const COMBINATIONS: usize = 4096;

/// Answers the questions of a plan for one segment.
pub(super) struct Evaluator<'a> {
    segment: &'a Segment,
    plan: &'a Plan,
    leaves: HashMap<usize, Rc<RowSet>>,
    categories: HashMap<String, Rc<RowSet>>,
    scopes: HashMap<usize, Rc<RowSet>>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(segment: &'a Segment, plan: &'a Plan) -> Self {
        Self {
            segment,
            plan,
            leaves: HashMap::new(),
            categories: HashMap::new(),
            scopes: HashMap::new(),
        }
    }

    /// The rows that a filter selects, among those of the scope.
    pub(super) fn filter(&mut self, filter: &FilterPlan, scope: usize) -> RowSet {
        let mut rows = self.base(filter, scope);
        if !rows.is_empty() {
            rows.intersect(&self.node(&filter.condition));
        }
        rows
    }

    /// The rows of the scope.
    pub(super) fn in_scope(&mut self, scope: usize) -> RowSet {
        RowSet::clone(&self.scope(scope))
    }

    /// The rows of a filter's category, among those of the scope.
    pub(super) fn base(&mut self, filter: &FilterPlan, scope: usize) -> RowSet {
        let mut rows = match &filter.category {
            Some(category) => RowSet::clone(&self.category(category)),
            None => RowSet::all(self.segment.len()),
        };
        rows.intersect(&self.scope(scope));
        rows
    }

    fn scope(&mut self, scope: usize) -> Rc<RowSet> {
        let (segment, plan) = (self.segment, self.plan);
        let rows = self.scopes.entry(scope);
        Rc::clone(rows.or_insert_with(|| Rc::new(plan.scopes[scope].rows(segment))))
    }

    fn category(&mut self, category: &str) -> Rc<RowSet> {
        if let Some(rows) = self.categories.get(category) {
            return Rc::clone(rows);
        }
        let mut rows = RowSet::none(self.segment.len());
        if let Some(column) = self.segment.column(timeline::fields::EVENT_CATEGORY) {
            for (row, cell) in column.iter() {
                if matches!(cell, Cell::Text(id) if self.segment.strings.get(id) == category) {
                    rows.insert(row);
                }
            }
        }
        let rows = Rc::new(rows);
        self.categories
            .insert(category.to_owned(), Rc::clone(&rows));
        rows
    }

    /// The rows for which a condition holds.
    pub(super) fn node(&mut self, node: &Node) -> RowSet {
        match node {
            Node::Constant(true) => RowSet::all(self.segment.len()),
            Node::Constant(false) => RowSet::none(self.segment.len()),
            Node::Not(inner) => self.node(inner).complement(),
            Node::Leaf(number) => RowSet::clone(&self.leaf(*number)),
            Node::All(parts) => {
                let mut rows = RowSet::all(self.segment.len());
                for part in parts {
                    rows.intersect(&self.node(part));
                    if rows.is_empty() {
                        break;
                    }
                }
                rows
            }
            Node::Any(parts) => {
                let mut rows = RowSet::none(self.segment.len());
                for part in parts {
                    rows.unite(&self.node(part));
                }
                rows
            }
        }
    }

    fn leaf(&mut self, number: usize) -> Rc<RowSet> {
        let (segment, plan) = (self.segment, self.plan);
        let rows = self.leaves.entry(number);
        Rc::clone(rows.or_insert_with(|| Rc::new(rows_of(segment, &plan.leaves[number]))))
    }
}

/// The rows for which a leaf holds.
fn rows_of(segment: &Segment, leaf: &Leaf) -> RowSet {
    match leaf {
        Leaf::Exists(field) => Input::find(segment, field).rows_with_value(segment),
        Leaf::Test { field, predicate } => test(segment, &Input::find(segment, field), predicate),
        Leaf::Expression(_) => match leaf.fields().as_slice() {
            [field] => one_field(segment, leaf, &Input::find(segment, field)),
            fields => many_fields(segment, leaf, fields),
        },
    }
}

/// The rows that have a value of a field.
pub(super) fn with_value(segment: &Segment, field: &str) -> RowSet {
    Input::find(segment, field).rows_with_value(segment)
}

/// Where the values of a name come from.
enum Input<'a> {
    /// A column.
    Column(&'a Column),
    /// The events' time.
    Time,
    /// No event has it.
    Missing,
}

impl<'a> Input<'a> {
    fn find(segment: &'a Segment, name: &str) -> Self {
        if name == timeline::json::TIMESTAMP {
            return Self::Time;
        }
        let field: Option<Field> = segment.names.find(name);
        field
            .and_then(|field| segment.column(field))
            .map_or(Self::Missing, Self::Column)
    }

    fn rows_with_value(&self, segment: &Segment) -> RowSet {
        let mut rows = RowSet::none(segment.len());
        self.each(segment, |row, _| rows.insert(row));
        rows
    }

    /// Calls `each` with every value and its row.
    fn each(&self, segment: &Segment, mut each: impl FnMut(u32, Cell)) {
        match self {
            Self::Column(column) => column.iter().for_each(|(row, cell)| each(row, cell)),
            Self::Time => {
                for (row, own) in (0u32..).zip(&segment.rows) {
                    if let Some(time) = own.time {
                        each(row, Cell::Integer(time.0));
                    }
                }
            }
            Self::Missing => {}
        }
    }

    fn of_row(&self, segment: &Segment, row: u32) -> Vec<Cell> {
        match self {
            Self::Column(column) => column
                .places(row)
                .map(|place| column.cells.get(place))
                .collect(),
            Self::Time => {
                let time = segment.rows[row as usize].time;
                time.map(|time| Cell::Integer(time.0)).into_iter().collect()
            }
            Self::Missing => Vec::new(),
        }
    }
}

fn value(segment: &Segment, cell: Cell) -> Value<'_> {
    match cell {
        Cell::Text(id) => Value::from(segment.strings.get(id)),
        Cell::Integer(number) => Value::Int(number),
        Cell::Double(number) => Value::Float(number),
        Cell::Boolean(truth) => Value::Bool(truth),
    }
}

/// Remembers the answer for each distinct text.
struct Answers(Vec<Option<bool>>);

impl Answers {
    fn new(segment: &Segment) -> Self {
        Self(vec![None; segment.strings.len()])
    }

    fn of(&mut self, cell: Cell, ask: impl FnOnce() -> bool) -> bool {
        match cell {
            Cell::Text(id) => *self.0[id.index()].get_or_insert_with(ask),
            _ => ask(),
        }
    }
}

fn test(segment: &Segment, input: &Input<'_>, predicate: &Predicate) -> RowSet {
    let mut rows = RowSet::none(segment.len());
    let mut answers = Answers::new(segment);
    input.each(segment, |row, cell| {
        if answers.of(cell, || predicate.test(&value(segment, cell)) == Some(true)) {
            rows.insert(row);
        }
    });
    rows
}

/// An expression over one field: asked once per distinct value, and once for its absence.
fn one_field(segment: &Segment, leaf: &Leaf, input: &Input<'_>) -> RowSet {
    let mut rows = RowSet::none(segment.len());
    let mut answers = Answers::new(segment);
    input.each(segment, |row, cell| {
        if answers.of(cell, || leaf.holds(&mut |_| value(segment, cell))) {
            rows.insert(row);
        }
    });
    if leaf.holds(&mut |_| Value::Null) {
        rows.unite(&input.rows_with_value(segment).complement());
    }
    rows
}

/// An expression over several fields: any combination of an event's values may make it true.
fn many_fields(segment: &Segment, leaf: &Leaf, fields: &[&str]) -> RowSet {
    let inputs: Vec<_> = fields
        .iter()
        .map(|field| Input::find(segment, field))
        .collect();
    let mut rows = RowSet::none(segment.len());
    for (row, _) in (0u32..).zip(&segment.rows) {
        let values: Vec<Vec<Cell>> = inputs
            .iter()
            .map(|input| input.of_row(segment, row))
            .collect();
        if any_combination(segment, leaf, fields, &values) {
            rows.insert(row);
        }
    }
    rows
}

fn any_combination(segment: &Segment, leaf: &Leaf, fields: &[&str], values: &[Vec<Cell>]) -> bool {
    let count: usize = values.iter().map(|cells| cells.len().max(1)).product();
    (0..count.min(COMBINATIONS)).any(|combination| {
        leaf.holds(&mut |name| {
            let mut rest = combination;
            for (field, cells) in fields.iter().zip(values) {
                let place = rest % cells.len().max(1);
                rest /= cells.len().max(1);
                if *field == name {
                    return cells
                        .get(place)
                        .map_or(Value::Null, |&cell| value(segment, cell));
                }
            }
            Value::Null
        })
    })
}
