//! What findings say of events: read from the case, so that a row says the same as in timeline.csv.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use detectors::rule::Severity;
use serde::Deserialize;
use timeline::Uid;

use super::tags::uid;
use crate::export::Mark;

/// The events of findings.
pub(super) struct Marks {
    by_event: BTreeMap<Uid, Mark>,
    none: Mark,
}

/// What of a line of findings.jsonl is needed. Its events are not.
#[derive(Debug, Deserialize)]
struct Finding {
    id: String,
    severity: Severity,
    attack: String,
    event_uids: String,
    movement_id: String,
}

impl Marks {
    /// Reads the findings of a case.
    pub(super) fn read(case: &Path) -> anyhow::Result<Self> {
        let path = case.join("findings.jsonl");
        let file = File::open(&path).with_context(|| format!("reading {}", path.display()))?;
        let mut by_event: BTreeMap<Uid, Mark> = BTreeMap::new();
        for line in BufReader::new(file).lines() {
            let line = line.with_context(|| format!("reading {}", path.display()))?;
            let finding: Finding = serde_json::from_str(&line)
                .with_context(|| format!("{} is none of a case", path.display()))?;
            for event in finding.event_uids.split(';').filter_map(uid) {
                let attack = finding.attack.split(';').filter(|id| !id.is_empty());
                let moved = !finding.movement_id.is_empty();
                let mark = by_event.entry(event).or_default();
                mark.add(&finding.id, finding.severity, attack, moved);
            }
        }
        Ok(Self {
            by_event,
            none: Mark::default(),
        })
    }

    /// What is said of an event.
    pub(super) fn of(&self, event: Uid) -> &Mark {
        self.by_event.get(&event).unwrap_or(&self.none)
    }
}
