//! Events as lines of JSON, read as a case: rules run over them, movements put together.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use detectors::Finding;
use detectors::crossing::{self, Crossings};
use detectors::deed::{self, Deeds};
use detectors::enrich::{Facts, machine_of};
use detectors::identity::{self, Identities};
use detectors::matching::{EventRef, Matched, Matching, Options};
use detectors::movement::{Coverage, Evidence, Expected, Movement, Verdict, reconstruct};
use detectors::process::{self, Processes};
use detectors::rule::RuleSet;
use detectors::script::{self, Scripts};
use detectors::session::{self, Sessions};
use detectors::ticket::{self, Tickets};
use serde_json::{Map, Value};
use timeline::sort::{Batch, Sorter};
use timeline::{Segment, Uid, fields, json};

/// What events of the Security log have.
pub(crate) const SECURITY: &str = r#""event.provider": "Microsoft-Windows-Security-Auditing""#;
/// Who moves.
pub(crate) const ANA: &str =
    r#""user.name": "ana", "user.domain": "CORP", "user.id": "S-1-5-21-1-2-3-1104""#;

/// A service is installed: nothing in the event says from where.
pub(crate) const SERVICE: &str = r#"
[rule]
rule_id = "service"
name = "Service"
type = "eql"
query = 'any where event.code == "4697"'
[sidetrack]
basis = "residue"
side = "target"
step = "trigger"
[sidetrack.movement]
when = "1"
source_ip = ["1:source.ip"]
target_host = ["1:host.name"]
account = ["1:user.name"]
ran = ["1:service.name"]
"#;

/// What is known of all events, beside those of findings.
struct Known {
    sessions: Sessions,
    processes: Processes,
    tickets: Tickets,
    crossings: Crossings,
    scripts: Scripts,
    deeds: Deeds,
    identities: Identities,
}

impl Known {
    fn of(segment: &Segment, folder: &Path) -> Self {
        let rows = || (0u32..).zip(&segment.rows).map(|(row, _)| row);
        let machines: BTreeSet<String> = rows().map(|row| machine_of(segment, row)).collect();
        let (mut logons, mut starts, mut names) =
            (Batch::default(), Batch::default(), Batch::default());
        let (mut tickets, mut crossings) = (Batch::default(), Batch::default());
        let mut scripts = Batch::default();
        let mut deeds = Batch::default();
        for machine in &machines {
            let own: Vec<u32> = rows()
                .filter(|&row| machine_of(segment, row) == *machine)
                .collect();
            let own = segment.select(&own);
            session::note(&own, machine, &mut logons);
            process::note(&own, machine, &mut starts);
            ticket::note(&own, machine, &mut tickets);
            crossing::note(&own, machine, &mut crossings);
            script::note(&own, machine, &mut scripts);
            deed::note(&own, machine, &mut deeds);
            identity::note(&own, machine, &mut names);
        }
        let sorted = |batch: &Batch| {
            let mut sorter = Sorter::new(folder, 1 << 20);
            sorter.absorb(batch).unwrap();
            sorter.finish().unwrap()
        };
        let facts = Facts::build(folder, Sorter::new(folder, 1 << 20)).unwrap();
        let called: BTreeMap<String, String> = machines
            .iter()
            .map(|machine| (machine.clone(), machine.clone()))
            .collect();
        let built = Identities::build(
            folder,
            sorted(&names),
            &called,
            str::to_owned,
            &facts,
            Vec::new(),
        );
        let built = built.unwrap();
        let called = built.hosts.iter();
        let called = called.map(|host| (host.machine.clone(), host.called()));
        let noted = sorted(&crossings);
        Self {
            crossings: Crossings::build(folder, 1 << 20, noted, called.collect()).unwrap(),
            sessions: Sessions::build(folder, 1 << 20, sorted(&logons)).unwrap().0,
            tickets: Tickets::build(folder, sorted(&tickets)).unwrap(),
            scripts: Scripts::build(folder, sorted(&scripts)).unwrap(),
            deeds: Deeds::build(folder, sorted(&deeds)).unwrap(),
            processes: Processes::build(folder, sorted(&starts)).unwrap(),
            identities: built.identities,
        }
    }
}

/// The movements of the rules in these events, as one line each.
pub(crate) fn movements(rules: &[&str], events: &[String]) -> Vec<String> {
    let case = reconstructed(rules, events);
    case.movements.iter().map(shown).collect()
}

pub(crate) struct Case {
    pub(crate) movements: Vec<Movement>,
    pub(crate) segment: Segment,
    /// Rows of the candidates in it.
    rows: Vec<u32>,
}

impl Case {
    /// What corroborates the first movement: what it is, the record, and whether it is only near.
    pub(crate) fn found(&self) -> Vec<(&str, &str, bool)> {
        let found = self.movements[0].found.iter();
        let record = |event: EventRef| {
            let row = self.rows[event.row as usize];
            self.segment.text(fields::WINLOG_RECORD_ID, row).unwrap()
        };
        found
            .map(|found| (found.text.as_str(), record(found.event), found.loose))
            .collect()
    }

    /// What was expected of the first movement, and what the log can say.
    pub(crate) fn missing(&self) -> Vec<Verdict> {
        let missing = self.movements[0].missing.iter();
        missing.map(|absence| absence.verdict).collect()
    }
}

pub(crate) fn reconstructed(rules: &[&str], events: &[String]) -> Case {
    let objects: Vec<Map<String, Value>> = events
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut segment = json::read(&objects);
    for (number, row) in (1_u128..).zip(&mut segment.rows) {
        row.uid = Uid(number.to_be_bytes());
    }
    let rules = RuleSet::read(rules.iter().map(|text| ("test.toml", *text))).unwrap();
    let matching = Matching::new(&rules.rules, Options::default()).unwrap();
    let (mut batch, mut expected) = (Batch::default(), Batch::default());
    let rows = matching.scan_alone(&segment, &mut batch, &mut expected);
    let folder = tempfile::tempdir().unwrap();
    let sorter = |batch: Option<&Batch>| {
        let mut sorter = Sorter::new(folder.path(), 1 << 20);
        batch.map_or(Ok(()), |batch| sorter.absorb(batch)).unwrap();
        sorter
    };
    let mut findings = Vec::new();
    let mut each = |matched: Matched| {
        let events = matched.found.events.iter();
        findings.push(Finding {
            rule: matched.rule,
            keys: matched.keys,
            events: events
                .map(|event| event.map(|event| rows[event.row as usize]))
                .collect(),
            slack: matched.found.slack,
            ambiguous: matched.found.ambiguous,
        });
        Ok(())
    };
    matching
        .run(sorter(Some(&batch)).finish().unwrap(), &mut each)
        .unwrap();
    let mut coverage = Coverage::default();
    coverage.observe(&segment);
    let known = Known::of(&segment, folder.path());
    let facts = Facts::build(folder.path(), sorter(None)).unwrap();
    let reconstruction = reconstruct(Evidence {
        rules: &rules,
        findings: &findings,
        events: &segment,
        facts: &facts,
        expected: &Expected::build(folder.path(), sorter(Some(&expected)).finish().unwrap())
            .unwrap(),
        coverage: &coverage,
        sessions: &known.sessions,
        processes: &known.processes,
        scripts: &known.scripts,
        tickets: &known.tickets,
        crossings: &known.crossings,
        deeds: &known.deeds,
        identities: &known.identities,
        known: &[],
    })
    .unwrap();
    assert!(!reconstruction.is_capped);
    Case {
        movements: reconstruction.movements,
        segment,
        rows,
    }
}

pub(crate) fn shown(movement: &Movement) -> String {
    let also: Vec<_> = movement
        .also
        .iter()
        .map(|(name, values)| format!(" {name}={}", values.join(",")))
        .collect();
    format!(
        "{} {}({}) > {}({}) as {} ran {} as {}, {} events{}",
        movement.grade.as_str(),
        movement.source_host,
        movement.source_ip,
        movement.target_host,
        movement.target_ip,
        movement.account,
        movement.ran.join("+"),
        movement.ran_as,
        movement.events.len(),
        also.concat()
    )
}

/// An event of `SRV02`, `second` seconds after nine.
pub(crate) fn event(second: u32, host: &str, fields: &str) -> String {
    format!(
        r#"{{"@timestamp": "2026-03-02T21:{:02}:{:02}Z", "host.id": "{}", "host.name": "{host}", {fields}}}"#,
        second / 60,
        second % 60,
        host.to_lowercase()
    )
}
