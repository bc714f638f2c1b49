//! What a leaf computes when a plain test of one field is not enough.

use std::collections::BTreeSet;

use super::{ArithmeticOperator, Constant, Operator, Predicate};
use crate::arithmetic;
use crate::functions::Function;
use crate::schema::FieldType;
use crate::time;
use crate::value::Value;

/// A computation over values. Within it logic is three-valued: null in, null out, except where
/// `and` and `or` are decided by the other side (Kleene's logic).
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A constant.
    Literal(Value<'static>),
    /// The value of a field.
    Field(String),
    /// A time as ISO 8601 text.
    Iso(Box<Expression>),
    /// A function call.
    Call(Call),
    /// `-x`
    Negate(Box<Expression>),
    /// `a + b - c`, from left to right
    Arithmetic(Box<Expression>, Vec<(ArithmeticOperator, Expression)>),
    /// A test of a computed value.
    Test(Box<Expression>, Predicate),
    /// Two optional fields compared.
    CompareFields(FieldComparison),
    /// `x == null`, which is never null itself
    IsNull(Box<Expression>),
    /// `not x`
    Not(Box<Expression>),
    /// `x and y`
    All(Vec<Expression>),
    /// `x or y`
    Any(Vec<Expression>),
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub function: &'static Function,
    /// Whether case is disregarded.
    pub fold_case: bool,
    /// What it is called with.
    pub arguments: Vec<Expression>,
}

/// `?a == ?b`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldComparison {
    /// The left field.
    pub left: String,
    /// How they are compared.
    pub operator: Operator,
    /// The right field.
    pub right: String,
    /// Set if both hold texts that are not compared as texts: addresses or versions.
    pub compared_as: Option<FieldType>,
}

impl Expression {
    /// The result for one value per field, null for a field that is missing.
    pub fn evaluate<'r, 'v: 'r>(&'r self, fields: &mut dyn FnMut(&str) -> Value<'v>) -> Value<'r> {
        match self {
            Self::Literal(value) => value.borrowed(),
            Self::Field(name) => fields(name),
            Self::Iso(inner) => match inner.evaluate(fields).as_int() {
                Some(ticks) => Value::from(time::iso(ticks)),
                None => Value::Null,
            },
            Self::Call(call) => call.evaluate(fields),
            Self::Negate(inner) => arithmetic::negate(&inner.evaluate(fields)),
            Self::Arithmetic(first, rest) => {
                let first = first.evaluate(fields);
                rest.iter().fold(first, |left, (operator, right)| {
                    arithmetic::apply(*operator, &left, &right.evaluate(fields))
                })
            }
            Self::Test(inner, predicate) => truth(predicate.test(&inner.evaluate(fields))),
            Self::CompareFields(comparison) => truth(comparison.evaluate(fields)),
            Self::IsNull(inner) => Value::Bool(inner.evaluate(fields).is_null()),
            Self::Not(inner) => truth(inner.evaluate(fields).as_bool().map(|truth| !truth)),
            Self::All(parts) => decided_by(false, parts, fields),
            Self::Any(parts) => decided_by(true, parts, fields),
        }
    }

    /// The fields that are read, each once, in the order of the text.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect_fields(&mut names);
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        names
    }

    fn collect_fields<'e>(&'e self, names: &mut Vec<&'e str>) {
        match self {
            Self::Field(name) => names.push(name),
            Self::CompareFields(comparison) => {
                names.extend([comparison.left.as_str(), &comparison.right]);
            }
            _ => self
                .children()
                .iter()
                .for_each(|child| child.collect_fields(names)),
        }
    }

    pub(super) fn children(&self) -> Vec<&Expression> {
        match self {
            Self::Literal(_) | Self::Field(_) | Self::CompareFields(_) => Vec::new(),
            Self::Iso(inner)
            | Self::Negate(inner)
            | Self::Test(inner, _)
            | Self::IsNull(inner)
            | Self::Not(inner) => vec![inner],
            Self::Call(call) => call.arguments.iter().collect(),
            Self::All(parts) | Self::Any(parts) => parts.iter().collect(),
            Self::Arithmetic(first, rest) => {
                let rest = rest.iter().map(|(_, operand)| operand);
                std::iter::once(&**first).chain(rest).collect()
            }
        }
    }
}

impl Call {
    fn evaluate<'v>(&self, fields: &mut dyn FnMut(&str) -> Value<'v>) -> Value<'static> {
        let arguments = self
            .arguments
            .iter()
            .map(|argument| argument.evaluate(fields));
        let arguments: Vec<_> = arguments.collect();
        self.function.call(&arguments, self.fold_case)
    }
}

impl FieldComparison {
    fn evaluate<'v>(&self, fields: &mut dyn FnMut(&str) -> Value<'v>) -> Option<bool> {
        let right = Constant::new(&fields(&self.right), self.compared_as)?;
        let order = right.order_of(&fields(&self.left))?;
        Some(self.operator.holds(order))
    }
}

fn truth(truth: Option<bool>) -> Value<'static> {
    truth.map_or(Value::Null, Value::Bool)
}

/// `and` is decided by one false part, `or` by one true part; failing that, by a null.
fn decided_by<'v>(
    decisive: bool,
    parts: &[Expression],
    fields: &mut dyn FnMut(&str) -> Value<'v>,
) -> Value<'static> {
    let mut result = Some(!decisive);
    for part in parts {
        match part.evaluate(fields).as_bool() {
            Some(truth) if truth == decisive => return Value::Bool(decisive),
            Some(_) => {}
            None => result = None,
        }
    }
    truth(result)
}
