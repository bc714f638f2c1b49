//! From the tree to the plan: names, types and the rules of the language that grammar cannot hold.
//!
//! Nothing stops at the first mistake. A part that is wrong is replaced by a null of unknown type,
//! which everything around it accepts, so each mistake is reported once.

mod call;
mod comparison;
mod expression;
mod field;
mod matching;
mod sample;
mod sequence;
mod statement;
mod types;

use std::collections::BTreeSet;

use crate::ast::Statement;
use crate::diagnostic::{self, Diagnostic, Diagnostics, Severity};
use crate::plan::{Expression, Query};
use crate::schema::Schema;
use crate::span::Span;
use crate::value::Value;
use types::Type;

/// More errors, or more warnings, about one query help nobody.
const MOST_DIAGNOSTICS: usize = 100;
/// Comparing names is slow; only so many unknown fields get a suggestion.
const MOST_SUGGESTIONS: usize = 20;
/// The memory, in bytes, that the regular expressions of one query may take together.
const REGEX_MEMORY: usize = 32 << 20;

/// The plan of a query and the warnings about it, or why there is none.
pub(crate) fn check(
    statement: &Statement,
    schema: &dyn Schema,
) -> Result<(Query, Vec<Diagnostic>), Diagnostics> {
    let mut checker = Checker::new(schema);
    let query = checker.statement(statement);
    if checker.failed {
        return Err(Diagnostics::new(checker.diagnostics));
    }
    diagnostic::sort(&mut checker.diagnostics);
    Ok((query, checker.diagnostics))
}

struct Checker<'s> {
    schema: &'s dyn Schema,
    diagnostics: Vec<Diagnostic>,
    failed: bool,
    unknown_fields: BTreeSet<String>,
    regex_memory: usize,
}

/// An expression with what is known about its result.
struct Typed {
    expression: Expression,
    kind: Type,
    span: Span,
}

impl Typed {
    fn new(expression: Expression, kind: Type, span: Span) -> Self {
        Self {
            expression: expression.folded(),
            kind,
            span,
        }
    }

    /// What stands for something that was already reported.
    fn mistake(span: Span) -> Self {
        Self::new(Expression::Literal(Value::Null), Type::Unknown, span)
    }
}

impl<'s> Checker<'s> {
    fn new(schema: &'s dyn Schema) -> Self {
        Self {
            schema,
            diagnostics: Vec::new(),
            failed: false,
            unknown_fields: BTreeSet::new(),
            regex_memory: REGEX_MEMORY,
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        let severity = diagnostic.severity;
        self.failed |= severity == Severity::Error;
        let alike = self
            .diagnostics
            .iter()
            .filter(|other| other.severity == severity);
        if alike.count() < MOST_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(span, message));
    }

    fn warn(&mut self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::warning(span, message));
    }
}
