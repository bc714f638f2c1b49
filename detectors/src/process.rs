//! What ran: processes below a session, or below another process.
//!
//! The second look notes every start of a process by its parent and by its logon session; a movement's tree is
//! read from there. Nothing but the tree at hand is held in memory.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Reader, Segment, Ticks, Uid, fields as f, key};

use crate::session::actor_logon_id;

/// Bytes of a command line that are kept.
const LONGEST: usize = 4096;
/// Processes of one tree that are told.
const MOST: usize = 200;
/// How deep a tree is told.
const DEEPEST: usize = 24;

const BY_PARENT: u8 = b'P';
const BY_LOGON: u8 = b'L';

/// The start of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// When.
    pub time: Option<Ticks>,
    /// The event.
    pub uid: Uid,
    /// Its identity.
    pub entity: String,
    /// Identity of its parent.
    pub parent: String,
    /// The image.
    pub executable: String,
    /// How it was called.
    pub command_line: String,
    /// As whom, `DOMAIN\name`.
    pub user: String,
}

/// A process in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// How far below the root it is.
    pub depth: usize,
    /// The process.
    pub process: Process,
}

/// What ran, in the order of a tree: each process, then what it started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The processes.
    pub branches: Vec<Branch>,
    /// There were more than are told.
    pub is_cut: bool,
}

/// All starts of processes, on disk.
#[derive(Debug)]
pub struct Processes(Table);

/// Notes the starts of processes in a segment.
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let reader = Reader::new(segment);
    for (row, own) in (0u32..).zip(&segment.rows) {
        let Some(process) = start_of(&reader, row) else {
            continue;
        };
        let payload = process.encode();
        let logon = actor_logon_id(&reader, row).unwrap_or_default();
        for (kind, name) in [(BY_PARENT, process.parent.as_str()), (BY_LOGON, &logon)] {
            if name.is_empty() {
                continue;
            }
            let mut place = place(kind, machine, name);
            key::time(&mut place, process.time);
            place.extend(own.uid.0);
            batch.push(&place, &payload);
        }
    }
}

/// The start of a process that an event tells of.
pub(crate) fn start_of(reader: &Reader<'_>, row: u32) -> Option<Process> {
    let own = reader.segment().rows.get(row as usize)?;
    let time = own.time.filter(|_| is_start(reader, row))?;
    Some(read(reader, row, time, own.uid))
}

fn is_start(reader: &Reader<'_>, row: u32) -> bool {
    let text = |field| reader.text(field, row).unwrap_or_default();
    match (text(f::EVENT_PROVIDER), text(f::EVENT_CODE)) {
        ("Microsoft-Windows-Sysmon", "1") => true,
        // Where Sysmon tells of the same start, it tells more.
        ("Microsoft-Windows-Security-Auditing", "4688") => {
            text(f::EVENT_EXT_DUPLICATE_OF).is_empty()
        }
        _ => false,
    }
}

fn read(reader: &Reader<'_>, row: u32, time: Ticks, uid: Uid) -> Process {
    let text = |field| reader.text(field, row).unwrap_or_default();
    let (domain, name) = (text(f::USER_DOMAIN), text(f::USER_NAME));
    let command = text(f::PROCESS_COMMAND_LINE);
    Process {
        time: Some(time),
        uid,
        entity: text(f::PROCESS_ENTITY_ID).to_owned(),
        parent: text(f::PROCESS_PARENT_ENTITY_ID).to_owned(),
        executable: text(f::PROCESS_EXECUTABLE).to_owned(),
        command_line: cut(command).to_owned(),
        user: if domain.is_empty() || name.is_empty() {
            name.to_owned()
        } else {
            format!("{domain}\\{name}")
        },
    }
}

/// The start of a text, up to so many bytes.
fn cut(text: &str) -> &str {
    let end = text.floor_char_boundary(LONGEST);
    text.get(..end).unwrap_or(text)
}

fn place(kind: u8, machine: &str, name: &str) -> Vec<u8> {
    let mut place = vec![kind];
    key::text(&mut place, machine);
    key::text(&mut place, name);
    place
}

impl Process {
    /// What it was called with, or else its image.
    #[must_use]
    pub fn words(&self) -> &str {
        if self.command_line.is_empty() {
            &self.executable
        } else {
            &self.command_line
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        key::time(&mut bytes, self.time);
        bytes.extend(self.uid.0);
        for text in [
            &self.entity,
            &self.parent,
            &self.executable,
            &self.command_line,
            &self.user,
        ] {
            key::text(&mut bytes, text);
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (time, rest) = bytes.split_first_chunk::<8>()?;
        let (uid, mut rest) = rest.split_first_chunk::<16>()?;
        let mut text = || key::take_text(&mut rest);
        Some(Self {
            time: key::read_time(time),
            uid: Uid(*uid),
            entity: text()?,
            parent: text()?,
            executable: text()?,
            command_line: text()?,
            user: text()?,
        })
    }
}

impl Processes {
    /// Keeps what [`note`] noted.
    pub fn build(folder: &Path, notes: Sorted) -> io::Result<Self> {
        Ok(Self(Table::write(folder, notes)?))
    }

    /// The first processes of a logon session, between two times: a logon id is one session's only in one boot.
    pub fn of_logon(
        &self,
        machine: &str,
        logon_id: &str,
        between: (Ticks, Ticks),
    ) -> io::Result<Vec<Process>> {
        self.list(BY_LOGON, machine, logon_id, Some(between))
    }

    fn children(&self, machine: &str, entity: &str) -> io::Result<Vec<Process>> {
        self.list(BY_PARENT, machine, entity, None)
    }

    /// As many as are told of one tree, and one more.
    fn list(
        &self,
        kind: u8,
        machine: &str,
        name: &str,
        between: Option<(Ticks, Ticks)>,
    ) -> io::Result<Vec<Process>> {
        let from = place(kind, machine, name);
        let mut processes = Vec::new();
        let mut each = |_: &[u8], payload: &[u8]| {
            if processes.len() <= MOST {
                processes.extend(Process::decode(payload));
            }
        };
        match between {
            None => self.0.with_prefix(&from, &mut each)?,
            Some((first, last)) => {
                let bound = |time: Ticks| {
                    let mut bound = from.clone();
                    key::time(&mut bound, Some(time));
                    bound
                };
                self.0.range(&bound(first), &bound(last), &mut each)?;
            }
        }
        Ok(processes)
    }

    /// What ran below some processes, each of which is told once.
    pub fn tree(&self, machine: &str, mut roots: Vec<Process>) -> io::Result<Tree> {
        roots.sort_by_key(|process| (process.time, process.uid));
        roots.dedup_by(|a, b| a.uid == b.uid);
        let among: BTreeSet<String> = roots.iter().map(|root| root.entity.clone()).collect();
        // What another of them started stands below that.
        roots.retain(|root| root.parent.is_empty() || !among.contains(&root.parent));
        let mut tree = Tree::default();
        let mut told = BTreeSet::new();
        let mut waiting: Vec<Branch> = roots
            .into_iter()
            .rev()
            .map(|process| Branch { depth: 0, process })
            .collect();
        while let Some(branch) = waiting.pop() {
            if !told.insert(branch.process.uid) {
                continue;
            }
            if tree.branches.len() == MOST || branch.depth > DEEPEST {
                tree.is_cut = true;
                continue;
            }
            if !branch.process.entity.is_empty() {
                let children = self.children(machine, &branch.process.entity)?;
                let depth = branch.depth + 1;
                waiting.extend(
                    children
                        .into_iter()
                        .rev()
                        .map(|process| Branch { depth, process }),
                );
            }
            tree.branches.push(branch);
        }
        Ok(tree)
    }
}

#[cfg(test)]
mod tests {
    use timeline::sort::Sorter;

    use super::*;

    fn process(number: u8, entity: &str, parent: &str) -> Process {
        Process {
            time: Some(Ticks(i64::from(number))),
            uid: Uid([number; 16]),
            entity: entity.into(),
            parent: parent.into(),
            command_line: entity.into(),
            ..Process::default()
        }
    }

    fn processes(all: &[Process]) -> (tempfile::TempDir, Processes) {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), 1 << 20);
        for process in all {
            let mut place = place(BY_PARENT, "m", &process.parent);
            key::time(&mut place, process.time);
            sorter.push(&place, &process.encode()).unwrap();
        }
        let processes = Processes::build(folder.path(), sorter.finish().unwrap()).unwrap();
        (folder, processes)
    }

    #[test]
    fn a_tree_has_each_process_once_in_its_place() {
        let all = [
            process(1, "cmd", "service"),
            process(2, "whoami", "cmd"),
            process(3, "powershell", "cmd"),
            process(4, "net", "powershell"),
            process(5, "other", "elsewhere"),
            // Evidence can say that a process is its own ancestor.
            process(6, "cmd", "net"),
        ];
        let (_folder, processes) = processes(&all);
        let roots = vec![all[3].clone(), all[0].clone(), all[0].clone()];
        let tree = processes.tree("m", roots).unwrap();
        let told: Vec<(usize, u8)> = tree
            .branches
            .iter()
            .map(|branch| (branch.depth, branch.process.uid.0[0]))
            .collect();
        assert_eq!(told, [(0, 1), (1, 2), (1, 3), (2, 4), (3, 6)]);
        assert!(!tree.is_cut);
        assert!(
            processes
                .tree("other machine", vec![])
                .unwrap()
                .branches
                .is_empty()
        );
    }

    #[test]
    fn a_tree_that_never_ends_is_cut() {
        let mut all = vec![process(0, "0", "root")];
        for number in 1..=60 {
            all.push(process(
                number,
                &number.to_string(),
                &(number - 1).to_string(),
            ));
        }
        let (_folder, processes) = processes(&all);
        let tree = processes.tree("m", vec![all[0].clone()]).unwrap();
        assert_eq!(tree.branches.len(), DEEPEST + 1);
        assert!(tree.is_cut);
    }

    #[test]
    fn long_command_lines_are_cut_between_characters() {
        let long = "é".repeat(LONGEST);
        assert_eq!(cut(&long).len(), LONGEST);
        assert_eq!(cut(&long[..2001 * 2]).len(), 4002);
    }
}
