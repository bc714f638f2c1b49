//! Which machine each evidence file is of, for evidence that does not say: hives, tasks, file tables.
//!
//! The name comes from the SYSTEM hive of the collection, or else from its event logs, or else from what the
//! collector wrote; never from a folder's name alone. A file of nobody known is of no machine, and then
//! nothing is joined with it.

use std::collections::BTreeMap;

use parsers::regf::{MachineFacts, machine_facts};
use parsers::task::{Steps, task_of_file};
use parsers::{Input, Machine, ReadAt};
use rayon::prelude::*;

use super::gate::Gate;
use crate::collect::{Collection, Evidence, EvidenceFile, collection_root, host_of_archive};
use crate::peek::peek;

/// Logs whose start is looked at when no hive tells the name.
const LOGS: usize = 8;

/// The machines of the evidence.
#[derive(Debug)]
pub(crate) struct Machines {
    by_root: BTreeMap<String, Machine>,
    nobody: Machine,
}

impl Machines {
    /// Looks into the hives that tell of their machines.
    pub(crate) fn of(collection: &Collection, gate: &Gate) -> Self {
        let all = &collection.evidence;
        let hives: Vec<&Evidence> = all.iter().filter(|file| may_tell(file)).collect();
        let facts: Vec<(String, MachineFacts)> = hives
            .par_iter()
            .filter_map(|file| Some((collection_root(&file.path), look(file, all, gate)?)))
            .collect();
        let mut by_root: BTreeMap<String, Facts> = BTreeMap::new();
        let silent = all.iter().filter(|file| is_of_machine(file));
        let roots = silent.map(|file| collection_root(&file.path));
        for root in roots.chain(collection.clients.keys().cloned()) {
            by_root.entry(root).or_default();
        }
        for (root, facts) in facts {
            by_root.entry(root).or_default().add(facts);
        }
        for (root, path, steps) in task_files(all) {
            let facts = by_root.entry(root).or_default();
            facts.task_files.insert(path, steps);
        }
        let machines = by_root.into_iter().map(|(root, facts)| {
            let machine = facts.machine(&root, collection);
            (root, machine)
        });
        Self {
            by_root: machines.collect(),
            nobody: Machine::default(),
        }
    }

    /// The machine of a file.
    pub(crate) fn at(&self, path: &str) -> &Machine {
        self.by_root
            .get(&collection_root(path))
            .unwrap_or(&self.nobody)
    }
}

/// What the hives of one collection tell.
#[derive(Debug, Default)]
struct Facts {
    names: Vec<MachineFacts>,
    task_files: BTreeMap<String, Steps>,
}

impl Facts {
    fn add(&mut self, facts: MachineFacts) {
        self.names.push(facts);
    }

    fn machine(self, root: &str, collection: &Collection) -> Machine {
        let mut profiles: Vec<_> = self
            .names
            .iter()
            .flat_map(|facts| facts.profiles.clone())
            .collect();
        profiles.sort();
        profiles.dedup();
        let mut names: Vec<(&String, Option<&String>)> = self
            .names
            .iter()
            .filter_map(|facts| Some((facts.name.as_ref()?, facts.full_name.as_ref())))
            .collect();
        names.sort();
        names.dedup();
        let logs = computers(root, &collection.evidence);
        let host = match names[..] {
            [(name, full)] => {
                // As the logs spell it, so that both are one host.
                let same = logs.iter().find(|log| {
                    let label = log.split('.').next().unwrap_or_default();
                    label.eq_ignore_ascii_case(name)
                });
                same.cloned()
                    .unwrap_or_else(|| full.unwrap_or(name).clone())
            }
            [] => match &logs[..] {
                [only] => only.clone(),
                [] => by_layout(root, collection),
                _ => String::new(),
            },
            // Two SYSTEM hives with different names: a folder of loose files.
            _ => String::new(),
        };
        let mut registered_tasks = BTreeMap::new();
        // Two SOFTWARE hives are of two machines, or of two times.
        let software = self
            .names
            .iter()
            .filter(|facts| !facts.registered_tasks.is_empty());
        if let [only] = software.collect::<Vec<_>>()[..] {
            registered_tasks.clone_from(&only.registered_tasks);
        }
        let mut kept: Vec<bool> = self
            .names
            .iter()
            .filter_map(|facts| facts.keeps_last_access)
            .collect();
        kept.dedup();
        Machine {
            host,
            profiles,
            keeps_last_access: kept.first().copied().filter(|_| kept.len() == 1),
            registered_tasks,
            task_files: self.task_files,
        }
    }
}

/// The computers that the logs of a collection name at their start.
fn computers(root: &str, all: &[Evidence]) -> Vec<String> {
    let is_log =
        |file: &&Evidence| file.parser.kind() == "evtx" && collection_root(&file.path) == root;
    let mut logs: Vec<&Evidence> = all.iter().filter(is_log).collect();
    // Those that only the machine itself writes come first.
    let rank = |file: &Evidence| {
        let name = file.path.rsplit(['/', '!']).next().unwrap_or_default();
        let own = ["system.evtx", "security.evtx", "application.evtx"];
        own.iter()
            .position(|own| name.eq_ignore_ascii_case(own))
            .unwrap_or(own.len())
    };
    logs.sort_by_key(|file| rank(file));
    for log in logs.into_iter().take(LOGS) {
        let mut hosts: Vec<String> = peek(log).hosts.into_iter().map(|(host, _)| host).collect();
        hosts.retain(|host| !host.is_empty());
        hosts.dedup();
        if !hosts.is_empty() {
            return hosts;
        }
    }
    Vec::new()
}

/// The host that the collector named, in what it wrote about the client or in the name of its archive.
fn by_layout(root: &str, collection: &Collection) -> String {
    if let Some(told) = collection.clients.get(root) {
        return told.clone();
    }
    // Roots are in lower case, names of archives are not.
    let mut files = collection.evidence.iter();
    let file = files.find(|file| collection_root(&file.path) == root);
    let root = file.and_then(|file| file.path.get(..root.len()));
    let mut archives = root.unwrap_or_default().rsplit('!');
    let named = archives.find_map(host_of_archive);
    named.unwrap_or_default().to_owned()
}

/// The tasks that files define: the root of the collection, the task's path, what it does.
fn task_files(all: &[Evidence]) -> Vec<(String, String, Steps)> {
    let files: Vec<&Evidence> = all
        .iter()
        .filter(|file| file.parser.kind() == "task")
        .collect();
    let of_file = |file: &&Evidence| {
        let bytes = file.source.open().ok()?;
        let (path, steps) = task_of_file(&bytes, &file.path)?;
        Some((collection_root(&file.path), path, steps))
    };
    files.par_iter().filter_map(of_file).collect()
}

/// Whether evidence does not say itself which machine it is of.
pub(super) fn is_of_machine(file: &Evidence) -> bool {
    matches!(file.parser.kind(), "registry" | "task") || is_of_volume(file)
}

/// Whether evidence is what NTFS keeps of a volume.
pub(super) fn is_of_volume(file: &Evidence) -> bool {
    matches!(file.parser.kind(), "mft" | "usn")
}

/// Whether a hive may be SYSTEM or SOFTWARE.
fn may_tell(file: &Evidence) -> bool {
    let own = file.path.rsplit(['/', '!']).next().unwrap_or_default();
    let loaded = file.loaded_from.rsplit('\\').next().unwrap_or_default();
    let is_named = |name: &str| {
        let name = name.to_lowercase();
        name.contains("system") || name.contains("software")
    };
    file.parser.kind() == "registry" && (is_named(own) || is_named(loaded) || loaded.is_empty())
}

fn look(file: &Evidence, all: &[Evidence], gate: &Gate) -> Option<MachineFacts> {
    let logs = open_companions(file, all);
    let bytes = file.source.open().ok()?;
    let room = gate.enter(needs(file, &logs));
    let logs: Vec<&dyn ReadAt> = logs.iter().map(|log| log as &dyn ReadAt).collect();
    machine_facts(&Input {
        path: &file.path,
        companions: &logs,
        memory: room.memory(),
        ..Input::new(&bytes)
    })
}

/// The files that belong to one, those that can be opened.
pub(super) fn open_companions(file: &Evidence, all: &[Evidence]) -> Vec<EvidenceFile> {
    let companions = file.companions.iter().filter_map(|&place| all.get(place));
    companions
        .filter_map(|file| file.source.open().ok())
        .collect()
}

/// Memory that a hive and what its logs make of it may take: nothing for what is read in parts.
pub(super) fn needs(file: &Evidence, companions: &[EvidenceFile]) -> u64 {
    if file.parser.kind() != "registry" {
        return 0;
    }
    let logs: u64 = companions.iter().map(ReadAt::len).sum();
    (file.size + logs).saturating_mul(5) / 2
}
