//! Exit codes (DESIGN.md §6).

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// It failed.
    Failed,
    /// It was called wrongly.
    Usage,
    /// Done, but some evidence could not be read in full.
    Losses,
    /// Nothing was recognised as evidence.
    NoEvidence,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Losses => 3,
            Exit::NoEvidence => 4,
        })
    }
}

/// A mistake of the caller: it ends the run, with [`Exit::Usage`], before anything is written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

impl UsageError {
    /// As the error of any function.
    pub(crate) fn because(text: impl Into<String>) -> anyhow::Error {
        Self(text.into()).into()
    }
}
