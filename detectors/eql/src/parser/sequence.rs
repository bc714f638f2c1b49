//! Sequences and samples.

use super::Parser;
use crate::ast::{KeyedFilter, Maxspan, Sample, Sequence, Term, TimeUnit};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Read, TokenKind};
use crate::span::Spanned;

impl Parser<'_> {
    pub(super) fn sequence(&mut self) -> Read<Sequence> {
        self.expect("sequence")?;
        let keys = self.by()?;
        let maxspan = self.with_maxspan()?;
        let terms = self.terms()?;
        let until = self.until()?;
        Ok(Sequence {
            keys,
            maxspan,
            terms,
            until,
        })
    }

    fn with_maxspan(&mut self) -> Read<Option<Spanned<Maxspan>>> {
        if !self.accept("with") {
            return Ok(None);
        }
        let maxspan = self.maxspan()?;
        if self.is("by") {
            return Err(self.error_here("`by` comes before `with maxspan`"));
        }
        Ok(Some(maxspan))
    }

    fn maxspan(&mut self) -> Read<Spanned<Maxspan>> {
        let start = self.here();
        if !self.is("maxspan") {
            return Err(self.unexpected("`maxspan`, the only option of a sequence"));
        }
        self.advance();
        self.expect("=")?;
        let count = self.expect_integer("a whole number of time units")?.node;
        let unit = self.time_unit()?;
        Ok(Spanned::new(Maxspan { count, unit }, self.since(start)))
    }

    fn time_unit(&mut self) -> Read<TimeUnit> {
        let unit = TimeUnit::ALL
            .into_iter()
            .find(|unit| matches!(self.peek(), TokenKind::Word(word) if word == unit.symbol()));
        match unit {
            Some(unit) => {
                self.advance();
                Ok(unit)
            }
            None => Err(self.unexpected("a unit of time: `ms`, `s`, `m`, `h` or `d`")),
        }
    }

    fn terms(&mut self) -> Read<Vec<Spanned<Term>>> {
        let mut terms = Vec::new();
        while self.is("[") || self.is("![") {
            let start = self.here();
            let term = self.term()?;
            terms.push(Spanned::new(term, self.since(start)));
        }
        if terms.is_empty() {
            return Err(self.unexpected("a stage in brackets"));
        }
        Ok(terms)
    }

    fn term(&mut self) -> Read<Term> {
        let missing = self.accept("![");
        let event = self.keyed_filter(missing)?;
        let runs = self.with_runs()?;
        if matches!(self.peek(), TokenKind::Word(word) if word == "fork") {
            return Err(self.error_here("`fork` is not supported"));
        }
        Ok(Term {
            missing,
            event,
            runs,
        })
    }

    /// `[…] by …`; the bracket may have been read already.
    fn keyed_filter(&mut self, opened: bool) -> Read<KeyedFilter> {
        if !opened {
            self.expect("[")?;
        }
        let filter = self.filter()?;
        self.expect("]")?;
        let keys = self.by()?;
        Ok(KeyedFilter { filter, keys })
    }

    fn with_runs(&mut self) -> Read<Option<Spanned<i64>>> {
        if !self.accept("with") {
            return Ok(None);
        }
        if !matches!(self.peek(), TokenKind::Word(word) if word == "runs") {
            return Err(self.unexpected("`runs`, the only option of a stage"));
        }
        self.advance();
        self.expect("=")?;
        let runs = self.expect_integer("how many runs")?;
        if self.is("by") {
            return Err(self.error_here("`by` comes before `with runs`"));
        }
        Ok(Some(runs))
    }

    fn until(&mut self) -> Read<Option<Spanned<KeyedFilter>>> {
        if !self.accept("until") {
            return Ok(None);
        }
        let start = self.here();
        if self.is("![") {
            return Err(self.error_here("`until` cannot be a missing event"));
        }
        let until = self.keyed_filter(false)?;
        if self.is("with") {
            return Err(self.error_here("`until` takes no options"));
        }
        Ok(Some(Spanned::new(until, self.since(start))))
    }

    pub(super) fn sample(&mut self) -> Read<Sample> {
        self.expect("sample")?;
        let keys = self.by()?;
        let mut terms = Vec::new();
        while self.is("[") {
            let start = self.here();
            let term = self.keyed_filter(false)?;
            terms.push(Spanned::new(term, self.since(start)));
        }
        match self.foreign_to_samples() {
            Some(error) => Err(error),
            None if terms.is_empty() => Err(self.unexpected("a filter in brackets")),
            None => Ok(Sample { keys, terms }),
        }
    }

    /// Parts of a sequence that have no meaning where order has none.
    fn foreign_to_samples(&self) -> Option<Diagnostic> {
        let message = match self.peek() {
            TokenKind::Fixed("with") => "a sample takes no options",
            TokenKind::Fixed("until") => "a sample takes no `until`",
            TokenKind::Fixed("![") => "a sample takes no missing events",
            _ => return None,
        };
        Some(self.error_here(message))
    }
}
