//! Which logs of which host cover which time: what qualifies every negative.

use std::fmt::Write;

use detectors::movement::Covered;

use super::collected::Collected;
use super::text::count;
use crate::case::CaseResult;

/// Logs that tell of lateral movement where they are; their absence limits what can be said.
const TELLING: [&str; 2] = ["Security", "Microsoft-Windows-Sysmon/Operational"];

/// Stands for the host of evidence that does not say whose it is.
pub(super) const NOBODY: &str = "(host not known)";

/// A line for each log of each host.
pub(crate) fn lines(case: &CaseResult) -> Vec<String> {
    case.coverage
        .iter()
        .map(|covered| line(case, covered))
        .collect()
}

/// Who a log is of.
pub(super) enum Host<'a> {
    /// It does not say.
    Nobody,
    /// A host of that name.
    Named(&'a str),
    /// A host that had the one name then, and is called by the other.
    Renamed(&'a str, &'a str),
}

/// The name that a log was recorded under, and what the host is called if it got another.
pub(super) fn host<'a>(case: &'a CaseResult, covered: &'a Covered) -> Host<'a> {
    if covered.host.is_empty() {
        return Host::Nobody;
    }
    let host = case.host_of(&covered.host);
    if host.eq_ignore_ascii_case(&covered.host) {
        Host::Named(&covered.host)
    } else {
        Host::Renamed(&covered.host, host)
    }
}

fn line(case: &CaseResult, covered: &Covered) -> String {
    let channel = match covered.channel.as_str() {
        "" => "(no name recorded)",
        name => name,
    };
    let host = match host(case, covered) {
        Host::Nobody => NOBODY.to_owned(),
        Host::Named(name) => name.to_owned(),
        Host::Renamed(then, now) => format!("{then} (now {now})"),
    };
    format!(
        "{host}  {channel}  {} to {}  {}, {}{}",
        seconds(covered.first),
        seconds(covered.last),
        count(covered.events, "event"),
        pieces(covered),
        events(case, covered)
    )
}

/// Whether record numbers show that the log has holes.
pub(super) fn pieces(covered: &Covered) -> String {
    match covered.pieces() {
        _ if covered.channel.starts_with("registry:") => "a hive: what is left of that time".into(),
        _ if covered.channel.ends_with("\\$MFT") => {
            "a file table: the last times of each file".into()
        }
        _ if covered.channel.ends_with("\\$UsnJrnl:$J") => "a change journal".into(),
        Some(1) if covered.events == 1 => "one record".into(),
        Some(1) => "without a hole".into(),
        Some(pieces) => format!("in {pieces} pieces"),
        None => "in pieces".into(),
    }
}

/// The time to the second, for reading.
pub(crate) fn seconds(time: timeline::Ticks) -> String {
    let text = time.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// A log that would tell, and the hosts that it was not collected of.
pub(crate) struct Gap<'a> {
    pub(crate) log: &'static str,
    /// Some of the hosts.
    pub(crate) hosts: Vec<&'a str>,
    /// How many others.
    others: usize,
}

impl Gap<'_> {
    /// The hosts that are not named.
    pub(super) fn more(&self) -> String {
        match self.others {
            0 => String::new(),
            others => format!(" and {others} more hosts"),
        }
    }

    /// In one line.
    pub(crate) fn line(&self) -> String {
        format!(
            "No {} log of: {}{}",
            self.log,
            self.hosts.join(", "),
            self.more()
        )
    }
}

/// Artefacts that no parser reads yet, in words.
pub(crate) fn unread(case: &CaseResult) -> String {
    let kinds = case
        .unread
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"));
    kinds.collect::<Vec<_>>().join(", ")
}

/// Hosts without a log that would tell, each log with its hosts.
pub(crate) fn gaps(case: &CaseResult) -> Vec<Gap<'_>> {
    let hosts = Collected::all(case);
    let gap = |log: &&'static str| {
        let without = hosts.iter().filter(|host| !host.has_log(log));
        let (hosts, others) = named(without.map(|host| host.host).collect());
        (!hosts.is_empty()).then_some(Gap { log, hosts, others })
    };
    TELLING.iter().filter_map(gap).collect()
}

/// The hosts that are named, of many, and how many others there are.
pub(super) fn named(mut hosts: Vec<&str>) -> (Vec<&str>, usize) {
    let named = if hosts.len() > 5 { 4 } else { hosts.len() };
    let others = hosts.split_off(named).len();
    (hosts, others)
}

/// What was done to the log and to the clock, as far as records tell.
pub(super) fn events(case: &CaseResult, covered: &Covered) -> String {
    let log = case.coverage.logging().log(&covered.host, &covered.channel);
    let mut words = String::new();
    let Some(log) = log else { return words };
    if let Some(last) = log.cleared.iter().next_back() {
        let _ = write!(words, ", cleared at {}", seconds(*last));
    }
    match log.jumps.iter().count() {
        0 => {}
        1 => words.push_str(", the clock was set"),
        jumps => {
            let _ = write!(words, ", the clock was set {jumps} times");
        }
    }
    words
}
