//! The outermost level: the query, its pipes, and the filter of one event.

use super::Parser;
use crate::ast::{Category, Filter, Pipe, PipeKind, Query, Statement};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Read, TokenKind};
use crate::span::Spanned;
use crate::suggest::nearest;

/// Pipes of the original engine that Elasticsearch does not have.
const ABSENT_PIPES: [&str; 5] = ["count", "filter", "sort", "unique", "unique_count"];

impl Parser<'_> {
    pub(super) fn statement(mut self) -> Read<Statement> {
        let query = self.query()?;
        let pipes = self.pipes()?;
        self.end()?;
        Ok(Statement { query, pipes })
    }

    fn query(&mut self) -> Read<Query> {
        match self.peek() {
            TokenKind::Fixed("sequence") => Ok(Query::Sequence(self.sequence()?)),
            TokenKind::Fixed("sample") => Ok(Query::Sample(self.sample()?)),
            TokenKind::Fixed("join") => Err(self.absent("`join` is not supported", "sequence")),
            TokenKind::Fixed("![") => Err(self.absent(
                "a missing event `![…]` has a meaning only within a sequence",
                "sequence",
            )),
            _ => Ok(Query::Event(self.filter()?)),
        }
    }

    fn absent(&self, message: &str, instead: &str) -> Diagnostic {
        Diagnostic::error(self.here(), message).with_help(format!("write a `{instead}`"))
    }

    /// `category where condition`
    pub(super) fn filter(&mut self) -> Read<Filter> {
        let category = self.category()?;
        self.expect("where")?;
        let condition = self.expression()?;
        Ok(Filter {
            category,
            condition,
        })
    }

    fn category(&mut self) -> Read<Category> {
        let category = match self.peek() {
            TokenKind::Fixed("any") => Category::Any,
            TokenKind::Word(name) | TokenKind::Text(name) => Category::Named(name.clone()),
            TokenKind::Quoted(_) => return Err(self.quoted_category()),
            _ => return Err(self.unexpected("an event category or `any`")),
        };
        self.advance();
        Ok(category)
    }

    fn quoted_category(&self) -> Diagnostic {
        Diagnostic::error(self.here(), "a category is not written in back-quotes")
            .with_help("write it as a string: \"…\"")
    }

    fn pipes(&mut self) -> Read<Vec<Spanned<Pipe>>> {
        let mut pipes = Vec::new();
        while self.accept("|") {
            let start = self.here();
            let pipe = self.pipe()?;
            pipes.push(Spanned::new(pipe, self.since(start)));
        }
        Ok(pipes)
    }

    fn pipe(&mut self) -> Read<Pipe> {
        let TokenKind::Word(name) = self.peek() else {
            return Err(self.unexpected("`head` or `tail`"));
        };
        let kind = match name.as_str() {
            "head" => PipeKind::Head,
            "tail" => PipeKind::Tail,
            _ => return Err(self.unknown_pipe(name)),
        };
        self.advance();
        if *self.peek() == TokenKind::End {
            return Err(self.unexpected("a number of results"));
        }
        let count = self.expression()?;
        if self.is(",") {
            return Err(self.error_here("a pipe takes one number"));
        }
        Ok(Pipe { kind, count })
    }

    fn unknown_pipe(&self, name: &str) -> Diagnostic {
        let problem = if ABSENT_PIPES.contains(&name) {
            format!("the pipe `{name}` is not supported")
        } else {
            format!("there is no pipe `{name}`")
        };
        let help = nearest(name, ["head", "tail"]).map_or_else(
            || "there are `head` and `tail`".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        Diagnostic::error(self.here(), problem).with_help(help)
    }
}
