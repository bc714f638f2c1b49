//! A rule tried on a few events: its own samples.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};
use timeline::json;
use timeline::sort::{Batch, Sorter};

use super::{Matching, Options};
use crate::rule::Rule;

/// Bytes that are sorted in memory.
const MEMORY: usize = 1 << 20;

/// Why a rule could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// A line of the events is no JSON object.
    #[error("line {line} of the events: {error}")]
    Event {
        /// The line, from 1 on.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// The rule cannot be run.
    #[error(transparent)]
    Rule(#[from] super::PlanError),
    /// The folder cannot be written to.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// How many matches a rule has among events, one JSON object a line: nested names or dotted ones.
/// Intermediate files go into the folder.
pub fn try_on(rule: &Rule, events: &str, folder: &Path) -> Result<usize, TrialError> {
    let lines = (1..).zip(events.lines());
    let objects = lines
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(line, text)| {
            serde_json::from_str(text).map_err(|error| TrialError::Event { line, error })
        })
        .collect::<Result<Vec<Map<String, Value>>, _>>()?;
    let segment = json::read(&objects);
    let matching = Matching::new(std::slice::from_ref(rule), Options::default())?;
    let (mut batch, mut expected) = (Batch::default(), Batch::default());
    matching.scan_alone(&segment, &mut batch, &mut expected);
    let mut sorter = Sorter::new(folder, MEMORY);
    sorter.absorb(&batch)?;
    let mut count = 0;
    matching.run(sorter.finish()?, &mut |_| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}
