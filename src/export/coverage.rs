//! `coverage.csv`: which log and which hive of which host covers which time.

use super::CaseFolder;
use super::csv::Row;
use crate::case::{CaseResult, Fault};

const COLUMNS: [&str; 11] = [
    "host",
    "channel_or_artefact",
    "present",
    "enabled",
    "first_utc",
    "last_utc",
    "records",
    "id_gaps",
    "cleared_at",
    "max_size",
    "parse_errors",
];

/// Columns that nothing fills yet are empty.
pub(super) fn write(folder: &CaseFolder, case: &CaseResult) -> anyhow::Result<()> {
    let mut file = folder.file("coverage.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    for covered in case.coverage.iter() {
        let none = Fault::default();
        let place = (
            detectors::enrich::host_key(&covered.host),
            covered.channel.to_lowercase(),
        );
        let fault = case.faults.get(&place).unwrap_or(&none);
        let gaps = covered.pieces().map(|pieces| pieces - 1);
        let cells = [
            case.host_of(&covered.host).to_owned(),
            covered.channel.clone(),
            if fault.is_behind {
                "without its newest values".to_owned()
            } else {
                "yes".to_owned()
            },
            String::new(),
            covered.first.to_string(),
            covered.last.to_string(),
            covered.events.to_string(),
            gaps.map_or_else(String::new, |gaps| gaps.to_string()),
            String::new(),
            String::new(),
            fault.losses.to_string(),
        ];
        file.csv_row(row.cells(&cells))?;
    }
    file.finish()?;
    Ok(())
}
