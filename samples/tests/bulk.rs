//! Bulk evidence: is it as much as was asked for, the same each time, and as quiet as the samples?
#![expect(
    clippy::unwrap_used,
    reason = "what cannot be made or read fails the test"
)]

mod naive;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use samples::bulk::{Plan, generate};
use serde_json::Value as Json;

const EVENTS: u64 = 15_001;
const HOSTS: u32 = 3;

fn make(folder: &Path, seed: u64) -> u64 {
    generate(&Plan {
        events: EVENTS,
        hosts: HOSTS,
        seed,
        out: folder.to_owned(),
    })
    .unwrap()
}

/// The two logs of each host.
fn logs(folder: &Path) -> Vec<Vec<PathBuf>> {
    let mut hosts: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    hosts.sort();
    let names = [
        "Microsoft-Windows-Sysmon%4Operational.evtx",
        "Security.evtx",
    ];
    hosts
        .iter()
        .map(|host| {
            names
                .map(|name| host.join("Windows/System32/winevt/Logs").join(name))
                .into()
        })
        .collect()
}

#[test]
fn bulk_has_the_events_asked_for_in_order_and_the_intrusions_it_names() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(make(folder.path(), 7), EVENTS);
    let truth = fs::read_to_string(folder.path().join("intrusions.jsonl")).unwrap();
    let truth: Vec<Json> = truth
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(truth.len(), 15);

    let mut count = 0;
    for host in logs(folder.path()) {
        let events: Vec<_> = host
            .iter()
            .flat_map(|log| {
                let log = naive::read(fs::read(log).unwrap());
                assert!(log.is_sorted_by_key(|event| event.created.clone()));
                assert!(log.iter().map(|event| event.id).eq(1..=log.len() as u64));
                log
            })
            .collect();
        count += events.len() as u64;
        check_intrusions(&events, &truth);
    }
    assert_eq!(count, EVENTS);
}

/// Each rule matches as often as the truth says, and in the records that it cites.
fn check_intrusions(events: &[naive::Event], truth: &[Json]) {
    let computer = &events[0].computer;
    let own = truth.iter().filter(|intrusion| {
        let role = intrusion["role"].as_str().unwrap();
        intrusion[role] == **computer
    });
    let mut due: Vec<_> = own
        .flat_map(|intrusion| intrusion["rules"].as_array().unwrap())
        .map(|rule| rule.as_str().unwrap().to_owned())
        .collect();
    let found = naive::matches(events);
    let mut rules: Vec<_> = found.iter().map(|(rule, _)| (*rule).to_owned()).collect();
    due.sort();
    rules.sort();
    assert_eq!(rules, due, "{computer}");
    let cited: BTreeSet<_> = truth
        .iter()
        .flat_map(|intrusion| intrusion["records"].as_array().unwrap())
        .filter(|record| record["channel"] != "Security")
        .map(|record| record["record_id"].as_u64().unwrap())
        .collect();
    assert!(
        found
            .iter()
            .flat_map(|(_, records)| records)
            .all(|id| cited.contains(id))
    );
}

#[test]
fn a_plan_always_gives_the_same_bytes_and_another_seed_gives_others() {
    let read = |folder: &Path| -> Vec<Vec<u8>> {
        logs(folder)
            .into_iter()
            .flatten()
            .map(|log| fs::read(log).unwrap())
            .collect()
    };
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    for (folder, seed) in folders.iter().zip([7, 7, 8]) {
        make(folder.path(), seed);
    }
    let made: Vec<_> = folders.iter().map(|folder| read(folder.path())).collect();
    assert!(made[0] == made[1]);
    assert!(made[0] != made[2]);
    let distinct: BTreeSet<_> = made[0].iter().collect();
    assert_eq!(distinct.len(), 2 * HOSTS as usize);
}
