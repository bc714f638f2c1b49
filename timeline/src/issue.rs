//! What could not be read. Damage is data: a reader returns what it could read *and* its issues.

use std::fmt;

/// How much an issue costs (CASE.md: only a loss makes the exit code 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Evidence that exists could not be read.
    Loss,
    /// Worth knowing, nothing is missing because of it.
    Note,
}

impl Severity {
    /// The word written to `issues.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing in one evidence file that is not as it should be: a row of `issues.csv`.
///
/// The evidence file is not named here: whoever handed the bytes to the reader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Whether evidence was lost.
    pub severity: Severity,
    /// A short fixed word for the kind of damage, such as `chunk-checksum`.
    pub kind: &'static str,
    /// Byte offset in the evidence file where it was seen.
    pub offset: Option<u64>,
    /// The record concerned, as the artefact numbers its records.
    pub record: Option<String>,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
    /// One sentence for a person.
    pub message: String,
}

impl Issue {
    /// A loss without place, expectation and finding; add them with the `with_` methods.
    #[must_use]
    pub fn loss(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Loss, kind, message)
    }

    /// A note, likewise.
    #[must_use]
    pub fn note(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, kind, message)
    }

    fn new(severity: Severity, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            kind,
            offset: None,
            record: None,
            expected: String::new(),
            found: String::new(),
            message: message.into(),
        }
    }

    /// Adds the byte offset.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Adds the record.
    #[must_use]
    pub fn in_record(mut self, record: impl fmt::Display) -> Self {
        self.record = Some(record.to_string());
        self
    }

    /// Adds what was expected and what was found.
    #[must_use]
    pub fn expected(mut self, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        self.expected = expected.to_string();
        self.found = found.to_string();
        self
    }
}
