//! The outermost level: what is searched, and pipes.

use super::Checker;
use crate::ast::{self, PipeKind};
use crate::diagnostic::Diagnostic;
use crate::plan::{Condition, Expression, Filter, Key, Pipe, Query, QueryKind, lower};
use crate::span::Spanned;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn statement(&mut self, statement: &ast::Statement) -> Query {
        let kind = match &statement.query {
            ast::Query::Event(filter) => QueryKind::Event(self.filter(filter)),
            ast::Query::Sequence(sequence) => QueryKind::Sequence(self.sequence(sequence)),
            ast::Query::Sample(sample) => {
                self.no_pipes(&statement.pipes);
                QueryKind::Sample(self.sample(sample))
            }
        };
        let pipes = statement.pipes.iter().map(|pipe| self.pipe(pipe)).collect();
        Query { kind, pipes }
    }

    pub(super) fn filter(&mut self, filter: &ast::Filter) -> Filter {
        let condition = self.condition(&filter.condition);
        Filter {
            category: filter.category.clone(),
            condition,
        }
    }

    /// Something that must be true or false.
    fn condition(&mut self, expression: &ast::Expr) -> Condition {
        lower(self.boolean(expression).expression)
    }

    /// The keys of a stage: the common ones, then its own.
    pub(super) fn keys(common: &[ast::Key], own: &[ast::Key]) -> Vec<Key> {
        common
            .iter()
            .chain(own)
            .map(|key| key.node.clone())
            .collect()
    }

    fn no_pipes(&mut self, pipes: &[Spanned<ast::Pipe>]) {
        if let Some(first) = pipes.first() {
            self.error(first.span, "a sample takes no pipes");
        }
    }

    fn pipe(&mut self, pipe: &Spanned<ast::Pipe>) -> Pipe {
        let count = self.count(&pipe.node.count);
        match pipe.node.kind {
            PipeKind::Head => Pipe::Head(count),
            PipeKind::Tail => Pipe::Tail(count),
        }
    }

    fn count(&mut self, expression: &ast::Expr) -> u64 {
        let count = self.expression(expression);
        if let Expression::Literal(Value::Int(number)) = count.expression
            && let Ok(number) = u64::try_from(number)
        {
            return number;
        }
        let message = "a pipe takes a whole number, known beforehand and not negative";
        self.report(Diagnostic::error(count.span, message).with_help("write `| head 10`"));
        0
    }
}
