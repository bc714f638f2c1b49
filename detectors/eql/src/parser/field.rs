//! Field names and lists of keys.

use super::Parser;
use crate::ast::{Field, Key};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Read, TokenKind};
use crate::span::{Span, Spanned};

impl Parser<'_> {
    /// `by a, ?b.c`, or nothing.
    pub(super) fn by(&mut self) -> Read<Vec<Key>> {
        let mut keys = Vec::new();
        if self.accept("by") {
            keys.push(self.key()?);
            while self.accept(",") {
                keys.push(self.key()?);
            }
        }
        Ok(keys)
    }

    fn key(&mut self) -> Read<Key> {
        let start = self.here();
        if self.is_expression_instead_of_key() {
            return Err(Diagnostic::error(start, "a join key must be a field"));
        }
        let field = self.field()?;
        if self.operator_follows() {
            let message = "a join key must be a field, without operators";
            return Err(Diagnostic::error(
                self.since(start).to(self.here()),
                message,
            ));
        }
        Ok(Spanned::new(field, self.since(start)))
    }

    fn is_expression_instead_of_key(&self) -> bool {
        match self.peek() {
            TokenKind::Word(_) | TokenKind::Folding(_) => self.is_ahead(1, "("),
            TokenKind::Integer(_) | TokenKind::Decimal(_) | TokenKind::Text(_) => true,
            _ => ["(", "-", "+", "true", "false", "null", "not"]
                .iter()
                .any(|fixed| self.is(fixed)),
        }
    }

    fn operator_follows(&self) -> bool {
        [
            "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", ":", "in", "like",
        ]
        .iter()
        .any(|fixed| self.is(fixed))
    }

    /// `a.b`, `?a.b`, `` `a-b`.c ``
    pub(super) fn field(&mut self) -> Read<Field> {
        let start = self.here();
        let optional = self.accept("?");
        let mut name = self.name("a field")?;
        while self.accept(".") {
            name.push('.');
            name.push_str(&self.name("a name behind the dot")?);
        }
        self.reject_index(start)?;
        Ok(Field { name, optional })
    }

    fn name(&mut self, what: &str) -> Read<String> {
        let name = match self.peek() {
            TokenKind::Word(name) | TokenKind::Quoted(name) => name.clone(),
            _ => return Err(self.unexpected_name(what)),
        };
        self.advance();
        Ok(name)
    }

    /// `a[0]`: a bracket behind a field starts a stage unless a number follows it.
    fn reject_index(&self, start: Span) -> Read<()> {
        if !self.is("[") || !matches!(self.ahead(1).kind, TokenKind::Integer(_)) {
            return Ok(());
        }
        Err(Diagnostic::error(
            start.to(self.ahead(1).span),
            "array indexes are not supported",
        )
        .with_help("a condition holds if any value of the field makes it true"))
    }
}
