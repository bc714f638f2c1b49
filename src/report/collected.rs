//! What was collected of each host, and what was not.

use std::collections::{BTreeMap, BTreeSet};

use detectors::logging::{CHANNELS, Log};
use detectors::movement::Covered;

use crate::case::CaseResult;

/// Artefacts that every Windows has, as their channels end, and how they are called where they lack.
const ARTEFACTS: [(&str, &str); 6] = [
    ("registry:sam", "registry:SAM"),
    ("registry:security", "registry:SECURITY"),
    ("registry:software", "registry:SOFTWARE"),
    ("registry:system", "registry:SYSTEM"),
    (FILE_TABLE, "$MFT"),
    (JOURNAL, "$UsnJrnl:$J"),
];
/// How the channels of volumes end, in lower case, whatever the volume's letter.
pub(super) const FILE_TABLE: &str = "\\$mft";
pub(super) const JOURNAL: &str = "\\$usnjrnl:$j";
/// The channel of the files below System32\Tasks.
pub(super) const TASKS: &str = "task";

/// Whether a channel is what is left of a time, and no log of it: its times can be of long ago in any case.
pub(super) fn is_a_state(channel: &str) -> bool {
    let channel = channel.to_lowercase();
    channel.starts_with("registry:") || channel.ends_with(FILE_TABLE) || channel == TASKS
}

/// What was collected of a host.
pub(crate) struct Collected<'c> {
    case: &'c CaseResult,
    /// What it is called.
    pub(crate) host: &'c str,
    /// Its logs that have events.
    pub(super) logs: Vec<&'c Covered>,
    /// The lower-case names of all of them, those without events in the chosen period, too.
    held: BTreeSet<String>,
}

impl<'c> Collected<'c> {
    /// Every host that has a name. One may be spelled differently in each of its logs, or have had another
    /// name.
    pub(crate) fn all(case: &'c CaseResult) -> Vec<Self> {
        let mut hosts: BTreeMap<&str, Self> = BTreeMap::new();
        let mut of = |recorded: &'c str, channel: String, covered: Option<&'c Covered>| {
            let host = case.host_of(recorded);
            let collected = hosts.entry(host).or_insert_with(|| Self {
                case,
                host,
                logs: Vec::new(),
                held: BTreeSet::new(),
            });
            collected.held.insert(channel);
            collected.logs.extend(covered);
        };
        for covered in case.coverage.iter() {
            of(&covered.host, covered.channel.to_lowercase(), Some(covered));
        }
        for (host, channel) in case.faults.keys() {
            of(host, channel.clone(), None);
        }
        hosts.remove("");
        hosts.into_values().collect()
    }

    /// Whether it was collected, by the lower-case end of its name.
    pub(super) fn has(&self, end: &str) -> bool {
        self.held.iter().any(|channel| channel.ends_with(end))
    }

    /// Whether a log was collected.
    pub(super) fn has_log(&self, channel: &str) -> bool {
        self.held.contains(&channel.to_lowercase())
    }

    /// What the host says of one of its logs.
    pub(super) fn log(&self, channel: &str) -> Option<&'c Log> {
        self.case.coverage.logging().log(self.host, channel)
    }

    /// What there is to say anything of: a volume alone need not be that of a system.
    pub(super) fn is_a_system(&self) -> bool {
        let is_other = |channel: &String| {
            channel.ends_with(FILE_TABLE) || channel.ends_with(JOURNAL) || channel == TASKS
        };
        !self.held.iter().all(is_other)
    }

    /// What a log has that was collected and has no event.
    pub(super) fn instead_of_events(&self) -> &'static str {
        if self.case.counts.filtered > 0 {
            "nothing of the chosen period"
        } else {
            "no records but recovered ones and those without a believable time"
        }
    }

    /// Names of what was collected, and has no event in the chosen period that is not a recovered one.
    pub(crate) fn without_events(&self) -> impl Iterator<Item = &str> {
        let has_events = |channel: &&String| {
            let mut logs = self.logs.iter();
            logs.any(|covered| covered.channel.to_lowercase() == **channel)
        };
        let silent = self.held.iter().filter(move |channel| !has_events(channel));
        silent.map(|channel| spelled(channel))
    }

    /// Names of what the host must or does have, and that was not collected: what matters to lateral
    /// movement, and what was cleared.
    pub(crate) fn missing(&self) -> Vec<&str> {
        if !self.is_a_system() {
            return Vec::new();
        }
        let is_known = |channel: &str| self.log(channel).is_some_and(Log::is_set);
        let logs = CHANNELS
            .iter()
            .filter(|channel| channel.is_everywhere || is_known(channel.name))
            .map(|channel| channel.name);
        let cleared = self.case.coverage.logging().logs(self.host);
        let cleared = cleared
            .filter(|log| !log.cleared.is_empty())
            .map(|log| log.channel.as_str());
        let artefacts = ARTEFACTS.iter().filter(|(end, _)| !self.has(end));
        let mut missing: Vec<&str> = logs
            .chain(cleared)
            .filter(|channel| !self.has_log(channel))
            .chain(artefacts.map(|(_, name)| *name))
            .collect();
        missing.sort_by_key(|channel| channel.to_lowercase());
        missing.dedup_by_key(|channel| channel.to_lowercase());
        missing
    }
}

/// The name of a log or an artefact as Windows spells it, as far as it is known.
fn spelled(channel: &str) -> &str {
    let mut logs = CHANNELS.iter().map(|log| log.name);
    let known = logs.find(|name| name.eq_ignore_ascii_case(channel));
    let mut artefacts = ARTEFACTS.iter();
    known
        .or_else(|| Some(artefacts.find(|(end, _)| *end == channel)?.1))
        .unwrap_or(channel)
}
