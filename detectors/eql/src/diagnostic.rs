//! What is wrong with a query, or odd about it, and where.

use std::fmt;

use crate::render;
use crate::span::{Position, Span};

/// Whether the query is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// The query runs, but perhaps not as meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One remark about a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the query is rejected because of it.
    pub severity: Severity,
    /// What it is about.
    pub span: Span,
    /// One sentence: what is wrong.
    pub message: String,
    /// How to put it right, if we know.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A reason to reject the query.
    #[must_use]
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, span, message.into())
    }

    /// Something odd that does not keep the query from running.
    #[must_use]
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, span, message.into())
    }

    fn new(severity: Severity, span: Span, message: String) -> Self {
        Self {
            severity,
            span,
            message,
            help: None,
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with advice, if there is any.
    #[must_use]
    pub fn with_optional_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Line and column of its first character in `text`, the query it is about.
    #[must_use]
    pub fn position(&self, text: &str) -> Position {
        Position::of(text, self.span.start)
    }

    /// A picture of the query with a mark below the place, for a terminal. `source_name` says
    /// whose query it is: a rule file, or the command line.
    #[must_use]
    pub fn render(&self, source_name: &str, text: &str, color: bool) -> String {
        render::picture(self, source_name, text, color)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity, self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// Why a query was rejected: at least one error, and the warnings found beside it, in the order
/// of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub(crate) fn new(mut list: Vec<Diagnostic>) -> Self {
        sort(&mut list);
        Self(list)
    }

    /// All remarks, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Only those that reject the query.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All remarks as pictures, one below the other; see [`Diagnostic::render`].
    #[must_use]
    pub fn render(&self, source_name: &str, text: &str, color: bool) -> String {
        self.iter()
            .map(|diagnostic| diagnostic.render(source_name, text, color))
            .collect()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(only: Diagnostic) -> Self {
        Self(vec![only])
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// Puts remarks in the order of the text, errors before warnings at one place.
pub(crate) fn sort(list: &mut [Diagnostic]) {
    list.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.severity));
}
