//! The tree as text that parses to the same tree.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::ast::{
    Call, Category, Expr, ExprKind, Field, Filter, In, Key, KeyedFilter, Match, Maxspan, Pipe,
    Query, Sample, Sequence, Sign, Statement, Term,
};
use crate::lexer::is_word;
use crate::span::Spanned;
use crate::value::Value;

/// How tightly an expression binds; an operand that binds less needs parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
    Suffix,
    Primary,
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)?;
        self.pipes
            .iter()
            .try_for_each(|pipe| write!(f, " | {pipe}"))
    }
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(filter) => filter.fmt(f),
            Self::Sequence(sequence) => sequence.fmt(f),
            Self::Sample(sample) => sample.fmt(f),
        }
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} where {}", self.category, self.condition)
    }
}

impl Display for Category {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Named(name) if is_word(name) => f.write_str(name),
            Self::Named(name) => text(name, f),
        }
    }
}

impl Display for Sequence {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sequence")?;
        keys(&self.keys, f)?;
        if let Some(maxspan) = &self.maxspan {
            write!(f, " with maxspan={maxspan}")?;
        }
        self.terms
            .iter()
            .try_for_each(|term| write!(f, " {term}"))?;
        match &self.until {
            Some(until) => write!(f, " until {until}"),
            None => Ok(()),
        }
    }
}

impl Display for Maxspan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.symbol())
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mark = if self.missing { "!" } else { "" };
        write!(f, "{mark}{}", self.event)?;
        match &self.runs {
            Some(runs) => write!(f, " with runs={runs}"),
            None => Ok(()),
        }
    }
}

impl Display for KeyedFilter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.filter)?;
        keys(&self.keys, f)
    }
}

impl Display for Sample {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sample")?;
        keys(&self.keys, f)?;
        self.terms.iter().try_for_each(|term| write!(f, " {term}"))
    }
}

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.count)
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mark = if self.optional { "?" } else { "" };
        f.write_str(mark)?;
        field_name(&self.name, f)
    }
}

impl Display for ExprKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => literal(value, f),
            Self::Field(field) => field.fmt(f),
            Self::Call(call) => call.fmt(f),
            Self::Sign(sign, operand) => signed(*sign, operand, f),
            Self::Arithmetic(first, rest) => {
                let inner = operand_binding(self);
                operand(first, inner, f)?;
                rest.iter().try_for_each(|(operator, right)| {
                    write!(f, " {} ", operator.symbol())?;
                    operand(right, inner, f)
                })
            }
            Self::Compare(left, operator, right) => {
                operand(left, Binding::Sum, f)?;
                write!(f, " {} ", operator.symbol())?;
                operand(right, Binding::Sum, f)
            }
            Self::In(membership) => membership.fmt(f),
            Self::Match(matching) => matching.fmt(f),
            Self::Not(negated) => {
                f.write_str("not ")?;
                operand(negated, Binding::Not, f)
            }
            Self::All(parts) => chain(parts, " and ", Binding::Not, f),
            Self::Any(parts) => chain(parts, " or ", Binding::And, f),
        }
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tilde = if self.fold_case { "~" } else { "" };
        write!(f, "{}{tilde}(", self.name)?;
        list(&self.arguments, f)?;
        f.write_char(')')
    }
}

impl Display for In {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        operand(&self.value, Binding::Primary, f)?;
        let not = if self.negated { " not" } else { "" };
        let tilde = if self.fold_case { "~" } else { "" };
        write!(f, "{not} in{tilde} (")?;
        list(&self.list, f)?;
        f.write_char(')')
    }
}

impl Display for Match {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        operand(&self.value, Binding::Primary, f)?;
        write!(f, " {} ", self.operator.symbol())?;
        if let [only] = self.patterns.as_slice() {
            return literal(&only.node, f);
        }
        f.write_char('(')?;
        separated(&self.patterns, f, |pattern, f| literal(&pattern.node, f))?;
        f.write_char(')')
    }
}

fn signed(sign: Sign, inner: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char(match sign {
        Sign::Plus => '+',
        Sign::Minus => '-',
    })?;
    operand(inner, Binding::Sign, f)
}

fn binding(expression: &ExprKind) -> Binding {
    match expression {
        ExprKind::Any(_) => Binding::Or,
        ExprKind::All(_) => Binding::And,
        ExprKind::Not(_) => Binding::Not,
        ExprKind::Compare(..) => Binding::Compare,
        ExprKind::Arithmetic(_, rest) if is_product(rest) => Binding::Product,
        ExprKind::Arithmetic(..) => Binding::Sum,
        ExprKind::Sign(..) => Binding::Sign,
        ExprKind::In(_) | ExprKind::Match(_) => Binding::Suffix,
        ExprKind::Literal(_) | ExprKind::Field(_) | ExprKind::Call(_) => Binding::Primary,
    }
}

/// What an operand of arithmetic must bind like: one step tighter than the arithmetic itself.
fn operand_binding(arithmetic: &ExprKind) -> Binding {
    if binding(arithmetic) == Binding::Product {
        Binding::Sign
    } else {
        Binding::Product
    }
}

fn is_product(rest: &[(crate::ast::ArithmeticOperator, Expr)]) -> bool {
    rest.iter().any(|(operator, _)| operator.is_product())
}

fn operand(expression: &Expr, least: Binding, f: &mut Formatter<'_>) -> fmt::Result {
    if binding(&expression.node) < least {
        write!(f, "({expression})")
    } else {
        expression.fmt(f)
    }
}

fn chain(parts: &[Expr], operator: &str, least: Binding, f: &mut Formatter<'_>) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { operator })?;
        operand(part, least, f)?;
    }
    Ok(())
}

fn keys(keys: &[Key], f: &mut Formatter<'_>) -> fmt::Result {
    if keys.is_empty() {
        return Ok(());
    }
    f.write_str(" by ")?;
    list(keys, f)
}

fn list<T: Display>(items: &[Spanned<T>], f: &mut Formatter<'_>) -> fmt::Result {
    separated(items, f, Display::fmt)
}

fn separated<T>(
    items: &[T],
    f: &mut Formatter<'_>,
    write: impl Fn(&T, &mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        write(item, f)?;
    }
    Ok(())
}

/// A name as the parser reads it: back-quoted as a whole if one of its parts needs it.
pub(crate) fn field_name(name: &str, f: &mut Formatter<'_>) -> fmt::Result {
    if name.split('.').all(is_word) {
        f.write_str(name)
    } else {
        write!(f, "`{}`", name.replace('`', "``"))
    }
}

/// A constant as the parser reads it.
pub(crate) fn literal(value: &Value<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    match value {
        Value::Text(content) => text(content, f),
        _ => f.write_str(&value.render().unwrap_or("null".into())),
    }
}

/// A string in double quotes.
pub(crate) fn text(content: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in content.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}"),
            '\n' => f.write_str("\\n"),
            '\r' => f.write_str("\\r"),
            '\t' => f.write_str("\\t"),
            _ if character.is_control() => write!(f, "\\u{{{:02x}}}", u32::from(character)),
            _ => f.write_char(character),
        }?;
    }
    f.write_char('"')
}

/// Strings as patterns are written: one alone, or several in parentheses.
pub(crate) fn texts<'a>(
    texts: impl ExactSizeIterator<Item = &'a str>,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let (open, close) = if texts.len() == 1 {
        ("", "")
    } else {
        ("(", ")")
    };
    f.write_str(open)?;
    for (index, content) in texts.enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        text(content, f)?;
    }
    f.write_str(close)
}
