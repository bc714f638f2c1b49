//! Which logs of which host cover which time: what qualifies every negative.

use std::collections::BTreeMap;

use detectors::movement::Covered;

use crate::case::CaseResult;

/// Logs that tell of lateral movement where they are; their absence limits what can be said.
const TELLING: [&str; 2] = ["Security", "Microsoft-Windows-Sysmon/Operational"];

/// A line for each log of each host.
pub(crate) fn lines(case: &CaseResult) -> Vec<String> {
    case.coverage.iter().map(line).collect()
}

fn line(covered: &Covered) -> String {
    format!(
        "{}  {}  {} to {}  {} events",
        covered.host,
        covered.channel,
        seconds(covered.first),
        seconds(covered.last),
        covered.events
    )
}

/// The time to the second, for reading.
pub(super) fn seconds(time: timeline::Ticks) -> String {
    let text = time.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// Hosts without a log that would tell, each log with its hosts.
pub(crate) fn gaps(case: &CaseResult) -> Vec<String> {
    let mut logs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for covered in case.coverage.iter() {
        logs.entry(&covered.host)
            .or_default()
            .push(&covered.channel);
    }
    TELLING
        .iter()
        .filter_map(|log| {
            let without: Vec<&str> = logs
                .iter()
                .filter(|(_, channels)| !channels.iter().any(|c| c.eq_ignore_ascii_case(log)))
                .map(|(host, _)| *host)
                .collect();
            let named = match without.len() {
                0 => return None,
                1..=5 => without.join(", "),
                more => format!("{} and {} more hosts", without[..4].join(", "), more - 4),
            };
            Some(format!("No {log} log of: {named}"))
        })
        .collect()
}
