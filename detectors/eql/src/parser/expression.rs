//! Expressions.

use super::Parser;
use crate::ast::{
    ArithmeticOperator, Call, CompareOperator, Expr, ExprKind, In, Match, MatchOperator, Sign,
};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Read, TokenKind};
use crate::span::{Span, Spanned};
use crate::value::Value;

/// How tightly an operator binds. Tighter still are signs, and `in`, `:`, `like` and `regex`,
/// which belong to the one value before them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Power {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
}

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Or,
    And,
    Compare(CompareOperator),
    Arithmetic(ArithmeticOperator),
}

impl Infix {
    fn of(token: &TokenKind) -> Option<Self> {
        let TokenKind::Fixed(symbol) = token else {
            return None;
        };
        Some(match *symbol {
            "or" => Self::Or,
            "and" => Self::And,
            "==" => Self::Compare(CompareOperator::Equal),
            "!=" => Self::Compare(CompareOperator::NotEqual),
            "<" => Self::Compare(CompareOperator::Less),
            "<=" => Self::Compare(CompareOperator::LessOrEqual),
            ">" => Self::Compare(CompareOperator::Greater),
            ">=" => Self::Compare(CompareOperator::GreaterOrEqual),
            "+" => Self::Arithmetic(ArithmeticOperator::Add),
            "-" => Self::Arithmetic(ArithmeticOperator::Subtract),
            "*" => Self::Arithmetic(ArithmeticOperator::Multiply),
            "/" => Self::Arithmetic(ArithmeticOperator::Divide),
            "%" => Self::Arithmetic(ArithmeticOperator::Modulo),
            _ => return None,
        })
    }

    fn power(self) -> Power {
        match self {
            Self::Or => Power::Or,
            Self::And => Power::And,
            Self::Compare(_) => Power::Compare,
            Self::Arithmetic(operator) if operator.is_product() => Power::Product,
            Self::Arithmetic(_) => Power::Sum,
        }
    }
}

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Read<Expr> {
        self.expression_of(Power::Or)
    }

    /// An expression of operators that bind at least that tightly.
    fn expression_of(&mut self, least: Power) -> Read<Expr> {
        self.enter()?;
        let mut left = self.operand(least)?;
        while let Some(infix) = self.infix(least) {
            left = self.continued(left, infix)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn infix(&self, least: Power) -> Option<Infix> {
        Infix::of(self.peek()).filter(|infix| infix.power() >= least)
    }

    /// `left` with the operator that comes next and all that belongs to it.
    fn continued(&mut self, left: Expr, infix: Infix) -> Read<Expr> {
        let start = left.span;
        let node = match infix {
            Infix::Or => ExprKind::Any(self.chain(left, "or", Power::And)?),
            Infix::And => ExprKind::All(self.chain(left, "and", Power::Not)?),
            Infix::Compare(operator) => self.comparison(left, operator)?,
            Infix::Arithmetic(_) => self.arithmetic(left, infix.power())?,
        };
        Ok(Spanned::new(node, self.since(start)))
    }

    fn chain(&mut self, first: Expr, operator: &str, least: Power) -> Read<Vec<Expr>> {
        let mut parts = vec![first];
        while self.accept(operator) {
            parts.push(self.expression_of(least)?);
        }
        Ok(parts)
    }

    fn comparison(&mut self, left: Expr, operator: CompareOperator) -> Read<ExprKind> {
        self.advance();
        let right = self.expression_of(Power::Sum)?;
        if let Some(Infix::Compare(_)) = Infix::of(self.peek()) {
            return Err(self.error_here("comparisons cannot be chained"));
        }
        Ok(ExprKind::Compare(left.into(), operator, right.into()))
    }

    fn arithmetic(&mut self, first: Expr, power: Power) -> Read<ExprKind> {
        let tighter = if power == Power::Sum {
            Power::Product
        } else {
            Power::Sign
        };
        let mut rest = Vec::new();
        while let Some(Infix::Arithmetic(operator)) = Infix::of(self.peek()) {
            if Infix::Arithmetic(operator).power() != power {
                break;
            }
            self.advance();
            rest.push((operator, self.expression_of(tighter)?));
        }
        Ok(ExprKind::Arithmetic(first.into(), rest))
    }

    /// What stands before the first operator.
    fn operand(&mut self, least: Power) -> Read<Expr> {
        let start = self.here();
        let node = match self.peek() {
            TokenKind::Fixed("not") => self.negation(least)?,
            TokenKind::Fixed("-") => self.signed(Sign::Minus)?,
            TokenKind::Fixed("+") => self.signed(Sign::Plus)?,
            _ => return self.suffixed(),
        };
        Ok(Spanned::new(node, self.since(start)))
    }

    fn negation(&mut self, least: Power) -> Read<ExprKind> {
        if least > Power::Not {
            return Err(self.error_here("`not` needs parentheses here"));
        }
        self.advance();
        Ok(ExprKind::Not(self.expression_of(Power::Not)?.into()))
    }

    fn signed(&mut self, sign: Sign) -> Read<ExprKind> {
        self.advance();
        Ok(ExprKind::Sign(
            sign,
            self.expression_of(Power::Sign)?.into(),
        ))
    }

    /// A value with the `in`, `:`, `like` or `regex` that may follow it.
    fn suffixed(&mut self) -> Read<Expr> {
        let value = self.primary()?;
        let start = value.span;
        let node = if let Some((negated, fold_case)) = self.in_operator() {
            ExprKind::In(self.membership(value, negated, fold_case)?)
        } else if let Some(operator) = self.match_operator() {
            ExprKind::Match(self.matching(value, operator)?)
        } else {
            return Ok(value);
        };
        Ok(Spanned::new(node, self.since(start)))
    }

    /// Takes `in`, `in~`, `not in` or `not in~`.
    fn in_operator(&mut self) -> Option<(bool, bool)> {
        let negated = self.is("not");
        let place = usize::from(negated);
        let fold_case = self.is_ahead(place, "in~");
        if !fold_case && !self.is_ahead(place, "in") {
            return None;
        }
        (0..=place).for_each(|_| self.advance());
        Some((negated, fold_case))
    }

    fn membership(&mut self, value: Expr, negated: bool, fold_case: bool) -> Read<In> {
        self.expect("(")?;
        let list = self.list(")", Self::expression)?;
        Ok(In {
            value: value.into(),
            negated,
            fold_case,
            list,
        })
    }

    fn match_operator(&mut self) -> Option<MatchOperator> {
        MatchOperator::ALL
            .into_iter()
            .find(|operator| self.accept(operator.symbol()))
    }

    fn matching(&mut self, value: Expr, operator: MatchOperator) -> Read<Match> {
        let patterns = if self.accept("(") {
            self.list(")", Self::constant)?
        } else {
            vec![self.constant()?]
        };
        Ok(Match {
            value: value.into(),
            operator,
            patterns,
        })
    }

    /// One or more items with commas between them, up to and with the closing symbol.
    fn list<T>(&mut self, close: &str, item: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.accept(",") {
            items.push(item(self)?);
        }
        self.expect(close)?;
        Ok(items)
    }

    fn constant(&mut self) -> Read<Spanned<Value<'static>>> {
        let span = self.here();
        let Some(value) = self.literal() else {
            return Err(self.unexpected("a constant"));
        };
        self.advance();
        Ok(Spanned::new(value, span))
    }

    fn literal(&self) -> Option<Value<'static>> {
        Some(match self.peek() {
            TokenKind::Integer(number) => Value::Int(*number),
            TokenKind::Decimal(number) => Value::Float(*number),
            TokenKind::Text(text) => Value::from(text.clone()),
            TokenKind::Fixed("true") => Value::Bool(true),
            TokenKind::Fixed("false") => Value::Bool(false),
            TokenKind::Fixed("null") => Value::Null,
            _ => return None,
        })
    }

    fn primary(&mut self) -> Read<Expr> {
        let start = self.here();
        if let Some(value) = self.literal() {
            self.advance();
            return Ok(Spanned::new(ExprKind::Literal(value), start));
        }
        if self.accept("(") {
            return self.parenthesised(start);
        }
        let node = match self.peek() {
            TokenKind::Folding(_) => ExprKind::Call(self.call(true)?),
            TokenKind::Word(_) if self.is_ahead(1, "(") => ExprKind::Call(self.call(false)?),
            TokenKind::Word(_) if self.is_ahead(1, "of") => return Err(self.lineage(start)),
            TokenKind::Word(_) | TokenKind::Quoted(_) | TokenKind::Fixed("?") => {
                ExprKind::Field(self.field()?)
            }
            _ => return Err(self.unexpected_name("a value")),
        };
        Ok(Spanned::new(node, self.since(start)))
    }

    fn parenthesised(&mut self, start: Span) -> Read<Expr> {
        let inner = self.expression()?;
        self.expect(")")?;
        Ok(Spanned::new(inner.node, self.since(start)))
    }

    fn call(&mut self, fold_case: bool) -> Read<Call> {
        let span = self.here();
        let name = match self.peek() {
            TokenKind::Word(name) | TokenKind::Folding(name) => name.clone(),
            _ => return Err(self.unexpected("a function")),
        };
        self.advance();
        self.expect("(")?;
        let arguments = if self.accept(")") {
            Vec::new()
        } else {
            self.list(")", Self::expression)?
        };
        Ok(Call {
            name: Spanned::new(name, span),
            fold_case,
            arguments,
        })
    }

    /// `child of […]`, `descendant of […]`, `event of […]`
    fn lineage(&self, start: Span) -> Diagnostic {
        let span = start.to(self.ahead(1).span);
        Diagnostic::error(span, "relationships between processes are not supported")
            .with_help("join the events in a `sequence by` their process ids")
    }
}
