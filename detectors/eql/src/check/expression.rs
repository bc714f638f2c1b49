//! Expressions, kind by kind.

use super::{Checker, Type, Typed};
use crate::ast::{ArithmeticOperator, Expr, ExprKind, Field, Sign};
use crate::diagnostic::Diagnostic;
use crate::plan::Expression;
use crate::span::Span;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn expression(&mut self, expression: &Expr) -> Typed {
        let span = expression.span;
        match &expression.node {
            ExprKind::Literal(value) => literal(value, span),
            ExprKind::Field(field) => self.field_value(field, span),
            ExprKind::Call(call) => self.call(call, span),
            ExprKind::Sign(sign, operand) => self.signed(*sign, operand, span),
            ExprKind::Arithmetic(first, rest) => self.arithmetic(first, rest, span),
            ExprKind::Compare(left, operator, right) => self.compare(left, *operator, right, span),
            ExprKind::In(membership) => self.membership(membership, span),
            ExprKind::Match(matching) => self.matching(matching, span),
            ExprKind::Not(inner) => {
                let inner = self.boolean(inner).expression;
                Typed::new(Expression::Not(inner.into()), Type::Boolean, span)
            }
            ExprKind::All(parts) => {
                let parts = self.booleans(parts);
                Typed::new(Expression::All(parts), Type::Boolean, span)
            }
            ExprKind::Any(parts) => {
                let parts = self.booleans(parts);
                Typed::new(Expression::Any(parts), Type::Boolean, span)
            }
        }
    }

    fn field_value(&mut self, field: &Field, span: Span) -> Typed {
        let kind = self.field(field, span);
        Typed::new(Expression::Field(field.name.clone()), kind, span)
    }

    /// An expression that must be true or false.
    pub(super) fn boolean(&mut self, expression: &Expr) -> Typed {
        let typed = self.expression(expression);
        if !typed.kind.is_boolean() {
            let message = format!("this is {}, but it must be true or false", typed.kind);
            let help = "compare it with something";
            self.report(Diagnostic::error(typed.span, message).with_help(help));
        }
        typed
    }

    fn booleans(&mut self, parts: &[Expr]) -> Vec<Expression> {
        let parts = parts.iter().map(|part| self.boolean(part).expression);
        parts.collect()
    }

    fn number(&mut self, expression: &Expr) -> Typed {
        let typed = self.expression(expression);
        if !typed.kind.is_number() {
            let message = format!("this is {}, but arithmetic needs a number", typed.kind);
            self.error(typed.span, message);
        }
        typed
    }

    fn signed(&mut self, sign: Sign, operand: &Expr, span: Span) -> Typed {
        let operand = self.number(operand);
        match sign {
            Sign::Plus => Typed { span, ..operand },
            Sign::Minus => {
                let negated = Expression::Negate(operand.expression.into());
                Typed::new(negated, operand.kind, span)
            }
        }
    }

    fn arithmetic(
        &mut self,
        first: &Expr,
        rest: &[(ArithmeticOperator, Expr)],
        span: Span,
    ) -> Typed {
        let first = self.number(first);
        let mut kinds = vec![first.kind];
        let mut operands = Vec::with_capacity(rest.len());
        for (operator, operand) in rest {
            let operand = self.number(operand);
            kinds.push(operand.kind);
            operands.push((*operator, operand.expression));
        }
        let arithmetic = Expression::Arithmetic(first.expression.into(), operands);
        Typed::new(arithmetic, result_of(&kinds), span)
    }
}

/// The type of arithmetic. What was wrong in it is not held against all around it.
fn result_of(kinds: &[Type]) -> Type {
    if !kinds.iter().all(|kind| kind.is_number()) {
        Type::Unknown
    } else if kinds.contains(&Type::Double) {
        Type::Double
    } else if kinds.iter().all(|kind| *kind == Type::Integer) {
        Type::Integer
    } else {
        Type::Number
    }
}

fn literal(value: &Value<'static>, span: Span) -> Typed {
    let kind = Type::of_value(value);
    Typed::new(Expression::Literal(value.clone()), kind, span)
}
