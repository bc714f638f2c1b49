//! The issues of a run, sorted by evidence file and place.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use timeline::sort::{Sorted, Sorter};
use timeline::{Issue, Severity, key};

/// Collects issues from all threads; their number is not bounded, memory is.
pub(crate) struct Issues(Mutex<State>);

struct State {
    sorter: Option<Sorter>,
    losses: u64,
    notes: u64,
}

impl Issues {
    pub(crate) fn new(folder: &Path, budget: usize) -> Self {
        let sorter = Some(Sorter::new(folder, budget));
        Self(Mutex::new(State {
            sorter,
            losses: 0,
            notes: 0,
        }))
    }

    /// Adds an issue of a file. `number` tells it from the file's other issues at that place.
    pub(crate) fn add(&self, path: &str, number: u64, issue: &Issue) -> std::io::Result<()> {
        let mut sort_key = Vec::new();
        key::text(&mut sort_key, path);
        sort_key.extend(issue.offset.unwrap_or(u64::MAX).to_be_bytes());
        sort_key.extend(number.to_be_bytes());
        let mut payload = Vec::new();
        let offset = issue
            .offset
            .map(|offset| offset.to_string())
            .unwrap_or_default();
        for cell in [
            issue.severity.as_str(),
            path,
            &offset,
            issue.record.as_deref().unwrap_or_default(),
            issue.kind,
            &issue.expected,
            &issue.found,
            &issue.message,
        ] {
            key::text(&mut payload, cell);
        }
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match issue.severity {
            Severity::Loss => state.losses += 1,
            Severity::Note => state.notes += 1,
        }
        state
            .sorter
            .as_mut()
            .map_or(Ok(()), |sorter| sorter.push(&sort_key, &payload))
    }

    pub(crate) fn losses(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).losses
    }

    pub(crate) fn notes(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).notes
    }

    /// All of them, in order; none can be added any more.
    pub(crate) fn sorted(&self) -> std::io::Result<Sorted> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.sorter.take() {
            Some(sorter) => sorter.finish(),
            None => Err(std::io::Error::other("the issues were taken already")),
        }
    }
}

/// The cells of a row of `issues.csv`: severity, file, offset, record, kind, expected, found, message.
pub(crate) fn cells(payload: &[u8]) -> Vec<String> {
    let mut cells = key::texts(payload);
    cells.resize(8, String::new());
    cells
}
