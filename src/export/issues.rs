//! `issues.csv`: all that could not be read.

use anyhow::Context;

use super::CaseFolder;
use super::csv::Row;
use crate::case::{CaseResult, NamedLoss};
use crate::run::issue_cells;

const COLUMNS: [&str; 8] = [
    "severity",
    "evidence_file",
    "offset",
    "record",
    "kind",
    "expected",
    "found",
    "message",
];

/// How many losses the report and the closing words name.
const NAMED: usize = 20;
/// Kinds of losses of whole collections: they are named first.
const OF_COLLECTIONS: [&str; 9] = [
    "archive-kind",
    "archive-limit",
    "damaged-archive",
    "nested-archive",
    "password",
    "too-many-files",
    "too-many-issues",
    "unreadable-archive",
    "unreadable-folder",
];

pub(super) fn write(folder: &CaseFolder, mut case: CaseResult) -> anyhow::Result<CaseResult> {
    let mut file = folder.file("issues.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    let (mut of_collections, mut of_files) = (Vec::new(), Vec::new());
    for item in &mut case.issues {
        let item = item.context("sorting issues")?;
        let cells = issue_cells(&item.payload);
        let named = if OF_COLLECTIONS.contains(&cells[4].as_str()) {
            &mut of_collections
        } else {
            &mut of_files
        };
        if cells[0] == "loss" {
            name(named, &cells[1], &cells[7]);
        }
        file.csv_row(row.cells(&cells))?;
    }
    file.finish()?;
    of_collections.append(&mut of_files);
    of_collections.truncate(NAMED);
    case.named_losses = of_collections;
    Ok(case)
}

/// Names a loss, unless enough others are named: one that says the same of the same file is counted with it.
fn name(named: &mut Vec<NamedLoss>, file: &str, message: &str) {
    let same = |loss: &&mut NamedLoss| loss.file == file && loss.message == message;
    if let Some(loss) = named.iter_mut().find(same) {
        loss.times += 1;
    } else if named.len() < NAMED {
        named.push(NamedLoss {
            file: file.to_owned(),
            message: message.to_owned(),
            times: 1,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_losses_are_one_with_how_often() {
        let mut named = Vec::new();
        for file in (0..NAMED + 2)
            .map(|number| number.to_string())
            .chain(["0".into()])
        {
            name(&mut named, &file, "torn");
        }
        assert_eq!(named.len(), NAMED);
        assert_eq!(named[0].often(), " (2 times)");
        assert_eq!(named[1].often(), "");
        name(&mut named, "0", "cut off");
        assert_eq!(named.len(), NAMED, "what says something else is another");
    }
}
