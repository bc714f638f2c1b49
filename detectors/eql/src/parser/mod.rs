//! Tokens into a tree: a hand-written descent, precedence by binding power.

mod expression;
mod field;
mod sequence;
mod statement;

use crate::ast::Statement;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lexer::{self, Read, Token, TokenKind};
use crate::span::{Span, Spanned};

/// How deep expressions may nest. Real rules stay below twenty; the bound keeps hostile ones from
/// exhausting the stack here and in everything that walks the tree.
const DEEPEST: usize = 100;

pub(crate) fn parse(text: &str) -> Result<Statement, Diagnostics> {
    let tokens = lexer::tokens(text)?;
    Ok(Parser::new(text, tokens).statement()?)
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, tokens: Vec<Token>) -> Self {
        Self {
            text,
            tokens,
            next: 0,
            depth: 0,
        }
    }

    /// The token that many places ahead; beyond the end it is the end.
    fn ahead(&self, places: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[last.min(self.next + places)]
    }

    fn peek(&self) -> &TokenKind {
        &self.ahead(0).kind
    }

    /// The place of the next token.
    fn here(&self) -> Span {
        self.ahead(0).span
    }

    /// From `start` to the end of what was read last.
    fn since(&self, start: Span) -> Span {
        let last = self.next.saturating_sub(1);
        start.to(self.tokens[last].span)
    }

    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    /// Whether a reserved word or symbol comes that many places ahead.
    fn is_ahead(&self, places: usize, fixed: &str) -> bool {
        matches!(self.ahead(places).kind, TokenKind::Fixed(found) if found == fixed)
    }

    fn is(&self, fixed: &str) -> bool {
        self.is_ahead(0, fixed)
    }

    /// Takes the reserved word or symbol if it comes next.
    fn accept(&mut self, fixed: &str) -> bool {
        let found = self.is(fixed);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, fixed: &str) -> Read<()> {
        if self.accept(fixed) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{fixed}`")))
        }
    }

    fn expect_integer(&mut self, what: &str) -> Read<Spanned<i64>> {
        let TokenKind::Integer(number) = *self.peek() else {
            return Err(self.unexpected(what));
        };
        let span = self.here();
        self.advance();
        Ok(Spanned::new(number, span))
    }

    fn end(&self) -> Read<()> {
        match self.peek() {
            TokenKind::End => Ok(()),
            _ => Err(self.unexpected("the end of the query")),
        }
    }

    /// Goes one level deeper. The way back up matters only without mistakes: the first one ends
    /// the reading.
    fn enter(&mut self) -> Read<()> {
        if self.depth >= DEEPEST {
            return Err(self.error_here("this is nested too deeply"));
        }
        self.depth += 1;
        Ok(())
    }

    fn error_here(&self, message: &str) -> Diagnostic {
        Diagnostic::error(self.here(), message)
    }

    /// The next token is not what the grammar wants.
    fn unexpected(&self, wanted: &str) -> Diagnostic {
        let message = format!("expected {wanted}, found {}", self.found());
        Diagnostic::error(self.here(), message).with_optional_help(self.advice())
    }

    /// The same where a name would do: a reserved word may have been meant for one.
    fn unexpected_name(&self, wanted: &str) -> Diagnostic {
        let error = self.unexpected(wanted);
        match self.peek() {
            TokenKind::Fixed(word) if word.starts_with(|c: char| c.is_ascii_lowercase()) => error
                .with_help(format!(
                    "`{word}` is reserved: write `` `{word}` `` for a field of that name"
                )),
            _ => error,
        }
    }

    fn found(&self) -> String {
        const LONGEST: usize = 40;
        if *self.peek() == TokenKind::End {
            return "the end of the query".to_owned();
        }
        let text = &self.text[self.here().range()];
        let shown = &text[..text.floor_char_boundary(LONGEST)];
        let more = if shown.len() < text.len() { "…" } else { "" };
        format!("`{shown}{more}`")
    }

    /// What probably went wrong when the next token came as a surprise.
    fn advice(&self) -> Option<String> {
        match self.peek() {
            TokenKind::Word(word) if lexer::is_reserved(word) => Some(format!(
                "write `{}`: keywords are lower case",
                word.to_lowercase()
            )),
            TokenKind::Fixed("=") => Some("write `==` to compare".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
