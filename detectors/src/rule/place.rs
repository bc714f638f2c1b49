//! Where a query stands in its file, so that what is wrong with it is shown there.

use std::fmt;
use std::ops::Range;

use eql::{Compiled, Diagnostic, Position, Span};

use super::Table;

/// Something odd about a query that can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Line and column in the file, or in the query where the file writes it with escapes.
    pub position: Position,
    /// What is odd.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A query and the text that it is shown in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    source: &'a str,
    query: &'a str,
    /// The file, or the query alone.
    shown: &'a str,
    /// Where the query begins there, in bytes.
    offset: usize,
}

impl<'a> Place<'a> {
    /// A query that is shown by itself.
    pub(super) fn alone(source: &'a str, query: &'a str) -> Self {
        Self {
            source,
            query,
            shown: query,
            offset: 0,
        }
    }

    /// A query that a file has in those bytes. A string with escapes is not the query letter by letter:
    /// then the query is shown alone.
    pub(super) fn in_file(
        source: &'a str,
        file: &'a str,
        bytes: Range<usize>,
        query: &'a str,
    ) -> Self {
        let written = file.get(bytes.clone()).unwrap_or_default();
        match written.find(query) {
            Some(within) if !query.is_empty() => Self {
                source,
                query,
                shown: file,
                offset: bytes.start.saturating_add(within),
            },
            _ => Self::alone(source, query),
        }
    }

    pub(super) fn source(&self) -> &'a str {
        self.source
    }

    pub(super) fn query(&self) -> &'a str {
        self.query
    }

    /// Compiles the query; its errors come as pictures.
    pub(super) fn compile(&self) -> Result<Compiled, Vec<String>> {
        eql::compile(self.query, &Table).map_err(|errors| {
            let errors = errors.iter().map(|error| self.moved(error));
            errors
                .map(|error| error.render(self.source, self.shown, false))
                .collect()
        })
    }

    pub(super) fn warnings(&self, compiled: &Compiled) -> Vec<Warning> {
        let warnings = compiled.warnings.iter();
        warnings
            .map(|warning| Warning {
                position: self.moved(warning).position(self.shown),
                message: warning.to_string(),
            })
            .collect()
    }

    /// The same, with its place in what is shown.
    fn moved(&self, diagnostic: &Diagnostic) -> Diagnostic {
        let mut moved = diagnostic.clone();
        let by = |offset: usize| offset.saturating_add(self.offset);
        moved.span = Span::new(by(moved.span.start), by(moved.span.end));
        moved
    }
}
