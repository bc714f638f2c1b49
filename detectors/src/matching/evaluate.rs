//! Conditions over the columns of a segment: each question is asked once per distinct value.

use std::collections::HashMap;
use std::rc::Rc;

use eql::Value;
use eql::plan::Leaf;
use timeline::{Cell, Column, Field, Segment};

use super::STATE;
use super::patterns::Patterns;
use super::plan::{FilterPlan, Node, Plan};
use super::row_set::RowSet;

/// Combinations of a leaf's values that are tried for one event. Real events have one or a few; a
/// hostile one could have as many as its record has bytes, to the power of the fields.
const COMBINATIONS: usize = 4096;

/// Answers the questions of a plan for one segment.
pub(super) struct Evaluator<'a> {
    segment: &'a Segment,
    plan: &'a Plan,
    leaves: HashMap<usize, Rows>,
    /// The distinct values of the fields that were asked for.
    distinct: HashMap<&'a str, Rc<Distinct>>,
    categories: HashMap<&'a str, Rows>,
    scopes: HashMap<usize, Rows>,
    /// The rows that tell of no library.
    no_loads: Option<Rows>,
    unfit: Option<Unfit>,
}

/// Rows that not every rule may see.
struct Unfit {
    undated: RowSet,
    states: RowSet,
}

impl Unfit {
    fn of(segment: &Segment) -> Self {
        let mut unfit = Self {
            undated: RowSet::none(segment.len()),
            states: RowSet::none(segment.len()),
        };
        for (row, own) in (0u32..).zip(&segment.rows) {
            if own.time.is_none() {
                unfit.undated.insert(row);
            }
        }
        let kind = segment.column(timeline::fields::EVENT_KIND);
        for (row, cell) in kind.into_iter().flat_map(Column::iter) {
            if matches!(cell, Cell::Text(id) if segment.strings.get(id) == STATE) {
                unfit.states.insert(row);
            }
        }
        unfit
    }
}

/// Rows that something holds for. Most questions of many rules hold for none: that is known without
/// looking at rows.
#[derive(Clone, Debug)]
pub(super) enum Rows {
    None,
    All,
    Some(Rc<RowSet>),
}

impl Rows {
    fn of(rows: RowSet) -> Self {
        if rows.is_empty() {
            Self::None
        } else {
            Self::Some(Rc::new(rows))
        }
    }

    /// The rows, of a segment with so many.
    pub(super) fn into_set(self, count: usize) -> RowSet {
        match self {
            Self::None => RowSet::none(count),
            Self::All => RowSet::all(count),
            Self::Some(rows) => Rc::unwrap_or_clone(rows),
        }
    }

    fn complement(self) -> Self {
        match self {
            Self::None => Self::All,
            Self::All => Self::None,
            Self::Some(rows) => Self::of(Rc::unwrap_or_clone(rows).complement()),
        }
    }

    fn intersect(self, other: &Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (rows, Self::All) => rows,
            (Self::All, rows) => rows.clone(),
            (Self::Some(mut rows), Self::Some(other)) => {
                Rc::make_mut(&mut rows).intersect(other);
                if rows.is_empty() {
                    Self::None
                } else {
                    Self::Some(rows)
                }
            }
        }
    }

    fn unite(self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (rows, Self::None) => rows,
            (Self::None, rows) => rows.clone(),
            (Self::Some(mut rows), Self::Some(other)) => {
                Rc::make_mut(&mut rows).unite(other);
                Self::Some(rows)
            }
        }
    }
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(segment: &'a Segment, plan: &'a Plan) -> Self {
        Self {
            segment,
            plan,
            leaves: HashMap::new(),
            distinct: HashMap::new(),
            categories: HashMap::new(),
            scopes: HashMap::new(),
            no_loads: None,
            unfit: None,
        }
    }

    /// The rows that a filter selects, among those of the scope.
    pub(super) fn filter(&mut self, filter: &'a FilterPlan, scope: usize) -> Rows {
        // The condition first: it is what mostly holds for nothing.
        match self.node(&filter.condition) {
            Rows::None => Rows::None,
            rows => rows.intersect(&self.base(filter, scope)),
        }
    }

    /// The rows of a filter's category, among those of the scope.
    pub(super) fn base(&mut self, filter: &'a FilterPlan, scope: usize) -> Rows {
        let rows = match &filter.category {
            Some(category) => self.category(category),
            None => Rows::All,
        };
        let rows = if filter.starts_only {
            rows.intersect(&self.no_loads())
        } else {
            rows
        };
        rows.intersect(&self.in_scope(scope))
    }

    /// All rows but those that tell of a library.
    fn no_loads(&mut self) -> Rows {
        if let Some(rows) = &self.no_loads {
            return rows.clone();
        }
        let mut loads = RowSet::none(self.segment.len());
        let libraries = self.segment.column(timeline::fields::DLL_PATH);
        for &row in libraries.iter().flat_map(|column| &column.rows) {
            loads.insert(row);
        }
        let rows = Rows::of(loads.complement());
        self.no_loads = Some(rows.clone());
        rows
    }

    /// The rows of the scope.
    pub(super) fn in_scope(&mut self, scope: usize) -> Rows {
        let (segment, plan) = (self.segment, self.plan);
        let rows = self.scopes.entry(scope);
        rows.or_insert_with(|| Rows::of(plan.scopes[scope].rows(segment)))
            .clone()
    }

    fn category(&mut self, category: &'a str) -> Rows {
        if let Some(rows) = self.categories.get(category) {
            return rows.clone();
        }
        let mut rows = RowSet::none(self.segment.len());
        if let Some(column) = self.segment.column(timeline::fields::EVENT_CATEGORY) {
            for (row, cell) in column.iter() {
                if matches!(cell, Cell::Text(id) if self.segment.strings.get(id) == category) {
                    rows.insert(row);
                }
            }
        }
        let rows = Rows::of(rows);
        self.categories.insert(category, rows.clone());
        rows
    }

    /// The rows that a rule must not see, if there are any: without a time, or events that are only
    /// known to exist.
    pub(super) fn unfit(&mut self, undated: bool, states: bool) -> Option<RowSet> {
        let segment = self.segment;
        let unfit = self.unfit.get_or_insert_with(|| Unfit::of(segment));
        let mut rows = RowSet::none(segment.len());
        if undated {
            rows.unite(&unfit.undated);
        }
        if states {
            rows.unite(&unfit.states);
        }
        (!rows.is_empty()).then_some(rows)
    }

    /// The rows for which a condition holds.
    pub(super) fn node(&mut self, node: &Node) -> Rows {
        match node {
            Node::Constant(true) => Rows::All,
            Node::Constant(false) => Rows::None,
            Node::Not(inner) => self.node(inner).complement(),
            Node::Leaf(number) => self.leaf(*number),
            Node::All(parts) => {
                // Whatever else there is, one part that never holds decides.
                let mut leaves = parts.iter().filter_map(|part| match part {
                    Node::Leaf(number) => Some(*number),
                    _ => None,
                });
                if leaves.any(|number| matches!(self.leaf(number), Rows::None)) {
                    return Rows::None;
                }
                let mut rows = Rows::All;
                for part in parts {
                    rows = rows.intersect(&self.node(part));
                    if matches!(rows, Rows::None) {
                        break;
                    }
                }
                rows
            }
            Node::Any(parts) => parts
                .iter()
                .fold(Rows::None, |rows, part| rows.unite(&self.node(part))),
        }
    }

    fn leaf(&mut self, number: usize) -> Rows {
        if let Some(rows) = self.leaves.get(&number) {
            return rows.clone();
        }
        if let Some(patterns) = self.plan.patterns_of(number) {
            self.ask(patterns);
        }
        if let Some(rows) = self.leaves.get(&number) {
            return rows.clone();
        }
        let rows = Rows::of(self.rows_of(&self.plan.leaves[number]));
        self.leaves.insert(number, rows.clone());
        rows
    }

    /// Answers all questions to the texts of one field at once.
    fn ask(&mut self, patterns: &'a Patterns) {
        let distinct = self.distinct(&patterns.field);
        let segment = self.segment;
        let texts = distinct.cells.iter().map(|cell| match cell {
            Cell::Text(id) => Some(segment.strings.get(*id)),
            _ => None,
        });
        for (leaf, values) in patterns.ask(texts) {
            let rows = if values.is_empty() {
                Rows::None
            } else {
                let mut rows = RowSet::none(segment.len());
                values
                    .iter()
                    .flat_map(|value| distinct.rows_of(*value))
                    .for_each(|&row| rows.insert(row));
                Rows::of(rows)
            };
            self.leaves.insert(leaf, rows);
        }
    }

    fn distinct(&mut self, field: &'a str) -> Rc<Distinct> {
        let segment = self.segment;
        let distinct = self.distinct.entry(field);
        Rc::clone(distinct.or_insert_with(|| Rc::new(Distinct::of(segment, field))))
    }

    /// The rows for which a leaf holds.
    fn rows_of(&mut self, leaf: &'a Leaf) -> RowSet {
        match leaf {
            Leaf::Exists(field) => with_value(self.segment, field),
            Leaf::Test { field, predicate } => {
                let holds = |value: &Value<'_>| predicate.test(value) == Some(true);
                self.test(field, &holds)
            }
            Leaf::Expression(_) => match leaf.fields().as_slice() {
                [field] => {
                    let mut rows = self.test(field, &|value| leaf.holds(&mut |_| value.clone()));
                    if leaf.holds(&mut |_| Value::Null) {
                        rows.unite(&with_value(self.segment, field).complement());
                    }
                    rows
                }
                fields => many_fields(self.segment, leaf, fields),
            },
        }
    }

    /// The rows with a value of the field that something holds for: asked once per distinct value.
    fn test(&mut self, field: &'a str, holds: &dyn Fn(&Value<'_>) -> bool) -> RowSet {
        let distinct = self.distinct(field);
        let mut rows = RowSet::none(self.segment.len());
        for (place, cell) in (0u32..).zip(&distinct.cells) {
            if holds(&value(self.segment, *cell)) {
                distinct
                    .rows_of(place)
                    .iter()
                    .for_each(|&row| rows.insert(row));
            }
        }
        rows
    }
}

/// The rows that have a value of a field.
pub(super) fn with_value(segment: &Segment, field: &str) -> RowSet {
    let mut rows = RowSet::none(segment.len());
    Input::find(segment, field).each(segment, |row, _| rows.insert(row));
    rows
}

/// The values of a field, each once, and the rows of each.
#[derive(Debug, Default)]
struct Distinct {
    cells: Vec<Cell>,
    /// Where the rows of each value begin, and where the last ones end.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Distinct {
    fn of(segment: &Segment, field: &str) -> Self {
        let input = Input::find(segment, field);
        let mut pairs: Vec<(u64, u32, Cell)> = Vec::new();
        input.each(segment, |row, cell| pairs.push((key(cell), row, cell)));
        pairs.sort_unstable_by_key(|(key, row, _)| (*key, *row));
        let mut distinct = Self::default();
        let mut last = None;
        for (place, (key, row, cell)) in (0u32..).zip(pairs) {
            if last != Some(key) {
                last = Some(key);
                distinct.cells.push(cell);
                distinct.starts.push(place);
            }
            distinct.rows.push(row);
        }
        let end = u32::try_from(distinct.rows.len()).unwrap_or(u32::MAX);
        distinct.starts.push(end);
        distinct
    }

    fn rows_of(&self, value: u32) -> &[u32] {
        let value = value as usize;
        let bounds = self.starts.get(value).zip(self.starts.get(value + 1));
        bounds
            .and_then(|(start, end)| self.rows.get(*start as usize..*end as usize))
            .unwrap_or_default()
    }
}

/// What tells the values of one column apart: all are of one kind.
fn key(cell: Cell) -> u64 {
    match cell {
        Cell::Text(id) => id.index() as u64,
        Cell::Integer(number) => number.cast_unsigned(),
        Cell::Double(number) => number.to_bits(),
        Cell::Boolean(truth) => u64::from(truth),
    }
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
