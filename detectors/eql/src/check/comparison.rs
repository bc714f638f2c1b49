//! `==`, `<` and `in`: comparisons with constants.

use super::{Checker, Type, Typed};
use crate::ast::{CompareOperator, Expr, ExprKind, Field, In};
use crate::diagnostic::Diagnostic;
use crate::plan::{
    Comparison, Constant, Expression, FieldComparison, Members, Operator, Predicate,
};
use crate::schema::FieldType;
use crate::span::Span;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn compare(
        &mut self,
        left: &Expr,
        operator: CompareOperator,
        right: &Expr,
        span: Span,
    ) -> Typed {
        let sides = (self.expression(left), self.expression(right));
        // `!=` is the negation of `==` in every respect.
        let (operator, negated) = plan_operator(operator);
        let compared = if sides.1.expression.is_literal() {
            self.with_constant(sides.0, operator, &sides.1)
        } else if sides.0.expression.is_literal() {
            self.with_constant(sides.1, operator.mirrored(), &sides.0)
        } else if let Some(fields) = optional_fields(left, right) {
            self.optional_fields(fields, operator, (sides.0.kind, sides.1.kind))
        } else {
            self.no_constant(span)
        };
        Typed::new(negated_if(negated, compared), Type::Boolean, span)
    }

    fn no_constant(&mut self, span: Span) -> Expression {
        let message = "one side of a comparison must be a constant";
        let help = "fields cannot be compared with fields";
        self.report(Diagnostic::error(span, message).with_help(help));
        Expression::Literal(Value::Null)
    }

    fn with_constant(&mut self, left: Typed, operator: Operator, right: &Typed) -> Expression {
        let value = constant_of(right);
        let Some(constant) = self.constant(left.kind, value, right.span) else {
            return compare_with_null(left.expression, operator);
        };
        let comparison = Comparison { operator, constant };
        Expression::Test(left.expression.into(), Predicate::Compare(comparison))
    }

    /// A constant in the form in which values of that type are compared with it; nothing for null.
    /// A constant that no value can equal is odd, but Elasticsearch takes it, too.
    fn constant(&mut self, kind: Type, value: &Value<'_>, span: Span) -> Option<Constant> {
        let constant_kind = Type::of_value(value);
        if !kind.takes_constant(constant_kind) {
            let message = format!("the two never compare: {constant_kind} with {kind}");
            self.warn(span, message);
        }
        let prepared = Constant::new(value, kind.field_type());
        if prepared.is_none() && !value.is_null() {
            self.warn(
                span,
                format!("the two never compare: the constant is not {kind}"),
            );
        }
        prepared.or_else(|| Constant::plain(value))
    }

    /// Both optional: allowed, and equal if neither exists at all, as `null == null` is.
    fn optional_fields(
        &self,
        (left, right): (&Field, &Field),
        operator: Operator,
        kinds: (Type, Type),
    ) -> Expression {
        if self.is_unknown(left) && self.is_unknown(right) {
            return compare_with_null(Expression::Literal(Value::Null), operator);
        }
        Expression::CompareFields(FieldComparison {
            left: left.name.clone(),
            operator,
            right: right.name.clone(),
            compared_as: common_rules(kinds),
        })
    }

    pub(super) fn membership(&mut self, membership: &In, span: Span) -> Typed {
        let value = self.expression(&membership.value);
        if membership.fold_case {
            self.need_text(&value, "`in~`");
        }
        let constants = self.list(&membership.list, value.kind, membership.fold_case);
        let test = member_test(value.expression, constants, membership.fold_case);
        Typed::new(negated_if(membership.negated, test), Type::Boolean, span)
    }

    fn list(&mut self, list: &[Expr], kind: Type, fold_case: bool) -> Vec<Constant> {
        let members: Vec<_> = list.iter().map(|member| self.expression(member)).collect();
        self.check_list(&members, fold_case);
        let constants = members
            .iter()
            .filter_map(|member| self.constant(kind, constant_of(member), member.span));
        constants.collect()
    }

    /// Members must be constants of one family; behind `in~`, texts.
    fn check_list(&mut self, members: &[Typed], fold_case: bool) {
        let mut first = if fold_case { Type::Text } else { Type::Unknown };
        for member in members {
            if !member.expression.is_literal() {
                self.error(member.span, "members of a list must be constants");
            } else if !member.kind.agrees_with(first) {
                let message = format!(
                    "this list is of texts or numbers: here is {}, before it {first}",
                    member.kind
                );
                self.error(member.span, message);
            } else if first == Type::Unknown && member.kind != Type::Null {
                first = member.kind;
            }
        }
    }
}

fn negated_if(negated: bool, expression: Expression) -> Expression {
    if negated {
        Expression::Not(expression.folded().into())
    } else {
        expression
    }
}

/// The operator that the plan knows, and whether the result is negated.
fn plan_operator(operator: CompareOperator) -> (Operator, bool) {
    match operator {
        CompareOperator::Equal => (Operator::Equal, false),
        CompareOperator::NotEqual => (Operator::Equal, true),
        CompareOperator::Less => (Operator::Less, false),
        CompareOperator::LessOrEqual => (Operator::LessOrEqual, false),
        CompareOperator::Greater => (Operator::Greater, false),
        CompareOperator::GreaterOrEqual => (Operator::GreaterOrEqual, false),
    }
}

/// Only equality asks whether something is null; any other comparison with null is null.
fn compare_with_null(left: Expression, operator: Operator) -> Expression {
    match operator {
        Operator::Equal => Expression::IsNull(left.into()),
        _ => Expression::Literal(Value::Null),
    }
}

fn constant_of(typed: &Typed) -> &Value<'static> {
    match &typed.expression {
        Expression::Literal(value) => value,
        _ => &Value::Null,
    }
}

fn optional_fields<'e>(left: &'e Expr, right: &'e Expr) -> Option<(&'e Field, &'e Field)> {
    match (&left.node, &right.node) {
        (ExprKind::Field(left), ExprKind::Field(right)) if left.optional && right.optional => {
            Some((left, right))
        }
        _ => None,
    }
}

/// How two fields of one type are compared if not as they stand. Dates are ticks on both sides.
fn common_rules(kinds: (Type, Type)) -> Option<FieldType> {
    match kinds {
        (Type::Ip, Type::Ip) => Some(FieldType::Ip),
        (Type::Version, Type::Version) => Some(FieldType::Version),
        _ => None,
    }
}

/// A list of one is an equality, which says the same and is found more often.
fn member_test(value: Expression, mut constants: Vec<Constant>, fold_case: bool) -> Expression {
    if constants.is_empty() {
        return Expression::Literal(Value::Null);
    }
    let predicate = if constants.len() == 1 && !fold_case {
        Predicate::Compare(Comparison {
            operator: Operator::Equal,
            constant: constants.remove(0),
        })
    } else {
        Predicate::In(Members::new(constants, fold_case))
    };
    Expression::Test(value.into(), predicate)
}
