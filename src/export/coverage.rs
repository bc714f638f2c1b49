//! `coverage.csv`: which log and which artefact of which host covers which time, and which was not
//! collected.

use detectors::enrich::host_key;
use detectors::logging::{Audit, Log};
use detectors::movement::Covered;

use super::CaseFolder;
use super::csv::Row;
use crate::case::{CaseResult, Fault};
use crate::report::Collected;

const COLUMNS: [&str; 14] = [
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
    "time_jumps",
    "audit_policy",
    "retention",
];

/// A row, after its place in the file: host and channel, in lower case.
type Line = ((String, String), [String; 14]);

pub(super) fn write(folder: &CaseFolder, case: &CaseResult) -> anyhow::Result<()> {
    let mut file = folder.file("coverage.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    let mut lines: Vec<Line> = case.coverage.iter().map(|log| covered(case, log)).collect();
    for host in Collected::all(case) {
        let silent = host.without_events();
        lines.extend(silent.map(|channel| line(case, host.host, channel, State::Silent)));
        let missing = host.missing();
        let missing = missing.iter();
        lines.extend(missing.map(|channel| line(case, host.host, channel, State::Missing)));
    }
    lines.sort();
    for (_, cells) in &lines {
        file.csv_row(row.cells(cells))?;
    }
    file.finish()?;
    Ok(())
}

/// What there is of a log or an artefact.
#[derive(Clone, Copy)]
enum State<'c> {
    Covered(&'c Covered),
    /// It was collected, without an event that counts.
    Silent,
    Missing,
}

fn covered(case: &CaseResult, covered: &Covered) -> Line {
    line(
        case,
        &covered.host,
        &covered.channel,
        State::Covered(covered),
    )
}

fn line(case: &CaseResult, host: &str, channel: &str, state: State<'_>) -> Line {
    let place = (host_key(host), channel.to_lowercase());
    let none = Fault::default();
    let fault = case.faults.get(&place).unwrap_or(&none);
    let logging = case.coverage.logging();
    let log = logging.log(host, channel);
    let of_log = |word: fn(&Log) -> Option<String>| log.and_then(word).unwrap_or_default();
    let of_events = |word: fn(&Covered) -> String| match state {
        State::Covered(covered) => word(covered),
        State::Silent | State::Missing => String::new(),
    };
    let is_security = place.1 == "security";
    let audit = logging.audit(host).filter(|_| is_security);
    let cells = [
        case.host_of(host).to_owned(),
        channel.to_owned(),
        present(state, fault).to_owned(),
        of_log(|log| Some(if log.enabled()? { "yes" } else { "no" }.to_owned())),
        of_events(|covered| covered.first.to_string()),
        of_events(|covered| covered.last.to_string()),
        match state {
            State::Covered(covered) => covered.events.to_string(),
            State::Silent | State::Missing => "0".to_owned(),
        },
        of_events(|covered| {
            let pieces = covered.pieces();
            pieces.map_or_else(String::new, |pieces| (pieces - 1).to_string())
        }),
        of_log(|log| Some(log.cleared.words())),
        of_log(|log| Some(log.max_size()?.to_string())),
        fault.losses.to_string(),
        of_log(|log| Some(log.jumps.words())),
        audit.map(Audit::words).unwrap_or_default(),
        of_log(Log::retention),
    ];
    (place, cells)
}

fn present(state: State<'_>, fault: &Fault) -> &'static str {
    match state {
        State::Missing => "no",
        _ if fault.is_behind => "without its newest values",
        _ => "yes",
    }
}
