//! What ran: processes below a session, or below another process.
//!
//! The second look notes every start of a process by its parent and by its logon session, and the last run of each program
//! that the Background Activity Moderator keeps, by its user; a movement's tree is read from there. Nothing but the tree
//! at hand is held in memory.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use timeline::sort::{Batch, Sorted};
use timeline::table::Table;
use timeline::{Reader, Segment, Ticks, Uid, fields as f, key};

use crate::kept;
use crate::names::{SECURITY, SYSMON, qualified};
use crate::session::actor_logon_id;

/// Bytes of a command line that are kept.
const LONGEST: usize = 4096;
/// Processes of one tree that are told.
const MOST: usize = 200;
/// How deep a tree is told.
const DEEPEST: usize = 24;

const BY_PARENT: u8 = b'P';
const BY_LOGON: u8 = b'L';
const BY_HASH: u8 = b'H';
const BY_NAME: u8 = b'N';
const BY_PID: u8 = b'I';
const BY_ACCOUNT: u8 = b'A';

const REGISTRY: &str = "registry-hive";
/// How long before BAM's time the start of the same run is recorded (EVIDENCE.md §3, J13).
const SAME_RUN: i64 = 10 * timeline::TICKS_PER_SECOND;

/// What starts programs for others: services, tasks, WMI, remote PowerShell, COM.
const HOSTS: [&str; 8] = [
    "services.exe",
    "svchost.exe",
    "taskeng.exe",
    "taskhostw.exe",
    "wmiprvse.exe",
    "wsmprovhost.exe",
    "winrshost.exe",
    "mmc.exe",
];
/// Where Windows and installed software lie: every host has these.
const EVERYWHERE: [&str; 4] = [
    r":\windows\system32\",
    r":\windows\syswow64\",
    r":\program files\",
    r":\program files (x86)\",
];

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
    /// Hash of the image: SHA-256 before SHA-1 before MD5.
    pub hash: String,
    /// File name of the parent's image; empty when it is not known.
    pub parent_name: String,
    /// BAM has it: the last run of the program by that user, and nothing else of it.
    pub is_last_run: bool,
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
    /// Last runs that BAM has of that time, and that another session of the account can have started: they are not told.
    pub unclear: usize,
}

/// All starts of processes, on disk.
#[derive(Debug)]
pub struct Processes(Table);

/// Notes the starts of processes in a segment.
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let reader = Reader::new(segment);
    let mut hashes = BTreeSet::new();
    for (row, _) in (0u32..).zip(&segment.rows) {
        if let Some((process, sid)) = last_run(&reader, row) {
            process.put(machine, batch);
            process.lead(BY_ACCOUNT, machine, sid, batch);
        }
        let Some(process) = start_of(&reader, row) else {
            continue;
        };
        process.put(machine, batch);
        let logon = actor_logon_id(&reader, row).unwrap_or_default();
        let name = program_name(&process.executable);
        let pid = reader.get(f::PROCESS_PID, row);
        let pid = pid.map(|pid| pid.to_string()).unwrap_or_default();
        for (kind, name) in [
            (BY_PARENT, process.parent.as_str()),
            (BY_LOGON, &logon),
            (BY_NAME, &name),
            (BY_PID, &pid),
        ] {
            if !name.is_empty() {
                process.lead(kind, machine, name, batch);
            }
        }
        if process.is_brought() && hashes.insert(process.hash.clone()) {
            let mut place = vec![BY_HASH];
            key::text(&mut place, &process.hash);
            key::text(&mut place, machine);
            batch.push(&place, &[]);
        }
    }
}

/// The start of a process that an event tells of.
pub(crate) fn start_of(reader: &Reader<'_>, row: u32) -> Option<Process> {
    let own = reader.segment().rows.get(row as usize)?;
    let time = own.time.filter(|_| is_start(reader, row))?;
    Some(read(reader, row, time, own.uid))
}

/// The last run of a program by a user, as BAM has it, and the user's SID.
fn last_run<'a>(reader: &Reader<'a>, row: u32) -> Option<(Process, &'a str)> {
    let own = reader.segment().rows.get(row as usize)?;
    let is_bam = reader.text(f::EVENT_PROVIDER, row) == Some(REGISTRY)
        && reader.text(f::EVENT_ACTION, row) == Some("bam-execution");
    let sid = reader.text(f::USER_ID, row).filter(|_| is_bam)?;
    let process = Process {
        is_last_run: true,
        ..read(reader, row, own.time?, own.uid)
    };
    Some((process, sid))
}

fn is_start(reader: &Reader<'_>, row: u32) -> bool {
    let text = |field| reader.text(field, row).unwrap_or_default();
    match (text(f::EVENT_PROVIDER), text(f::EVENT_CODE)) {
        (SYSMON, "1") => true,
        // Where Sysmon tells of the same start, it tells more.
        (SECURITY, "4688") => text(f::EVENT_EXT_DUPLICATE_OF).is_empty(),
        _ => false,
    }
}

fn read(reader: &Reader<'_>, row: u32, time: Ticks, uid: Uid) -> Process {
    let text = |field| reader.text(field, row).unwrap_or_default();
    let command = text(f::PROCESS_COMMAND_LINE);
    Process {
        time: Some(time),
        uid,
        entity: text(f::PROCESS_ENTITY_ID).to_owned(),
        parent: text(f::PROCESS_PARENT_ENTITY_ID).to_owned(),
        executable: text(f::PROCESS_EXECUTABLE).to_owned(),
        command_line: cut(command).to_owned(),
        user: qualified(text(f::USER_DOMAIN), text(f::USER_NAME)),
        hash: [
            f::PROCESS_HASH_SHA256,
            f::PROCESS_HASH_SHA1,
            f::PROCESS_HASH_MD5,
        ]
        .into_iter()
        .find_map(|field| reader.text(field, row))
        .unwrap_or_default()
        .to_owned(),
        parent_name: text(f::PROCESS_PARENT_NAME).to_lowercase(),
        is_last_run: false,
    }
}

/// File name of the program that a command line calls, in lower case.
fn program_name(line: &str) -> String {
    let line = line.trim().to_lowercase();
    let program = match line.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => match line.find(".exe") {
            Some(at) => line.get(..at + ".exe".len()).unwrap_or_default(),
            None => line.split_whitespace().next().unwrap_or_default(),
        },
    };
    file_name(program)
}

/// File name of a path, in lower case.
fn file_name(path: &str) -> String {
    let name = path.rsplit(['\\', '/']).next();
    name.unwrap_or_default().to_lowercase()
}

/// Whether two paths are of one file: in any case, with or without what stands before the letter. Of a device, whose
/// letter is not known, the rest counts.
fn is_same_path(a: &str, b: &str) -> bool {
    let plain = |path: &str| {
        let path = path.to_lowercase();
        let start = [r"\??\", r"\\?\"]
            .iter()
            .find_map(|start| path.strip_prefix(start));
        start.map(str::to_owned).unwrap_or(path)
    };
    let (a, b) = (plain(a), plain(b));
    let below = |path: &str| {
        let device = path.strip_prefix(r"\device\harddiskvolume")?;
        device
            .find('\\')
            .and_then(|at| device.get(at..))
            .map(str::to_owned)
    };
    match (below(&a), below(&b)) {
        (None, None) | (Some(_), Some(_)) => a == b,
        (Some(rest), None) => b.get(2..) == Some(&rest),
        (None, Some(rest)) => a.get(2..) == Some(&rest),
    }
}

/// The start of a text, up to so many bytes.
pub(crate) fn cut(text: &str) -> &str {
    let end = text.floor_char_boundary(LONGEST);
    text.get(..end).unwrap_or(text)
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

    /// Whether somebody brought it: it has a hash, and is not where Windows and installed software lie.
    fn is_brought(&self) -> bool {
        let path = self.executable.to_lowercase();
        let folders = path.get(1..).unwrap_or_default();
        !self.hash.is_empty() && !EVERYWHERE.iter().any(|folder| folders.starts_with(folder))
    }

    /// Puts it where its event is looked up: once, for all ways that lead there.
    fn put(&self, machine: &str, batch: &mut Batch) {
        kept::put(batch, machine, self.uid, &self.encode());
    }

    /// Opens one of those ways.
    fn lead(&self, way: u8, machine: &str, name: &str, batch: &mut Batch) {
        kept::lead(batch, way, machine, name, (self.time, self.uid));
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.is_last_run)];
        key::time(&mut bytes, self.time);
        bytes.extend(self.uid.0);
        for text in [
            &self.entity,
            &self.parent,
            &self.executable,
            &self.command_line,
            &self.user,
            &self.hash,
            &self.parent_name,
        ] {
            key::text(&mut bytes, text);
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&is_last_run, rest) = bytes.split_first()?;
        let (time, rest) = rest.split_first_chunk::<8>()?;
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
            hash: text()?,
            parent_name: text()?,
            is_last_run: is_last_run != 0,
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

    /// Processes of a command that something else started for its caller, between two times: a service, a task, WMI.
    /// Where the parent is not known, only one that comes at once.
    pub fn started_for(
        &self,
        machine: &str,
        command: &str,
        (from, until, at_once): (Ticks, Ticks, Ticks),
    ) -> io::Result<Vec<Process>> {
        let name = program_name(command);
        if name.is_empty() {
            return Ok(Vec::new());
        }
        let mut processes = self.list(BY_NAME, machine, &name, Some((from, until)))?;
        processes.retain(|process| match process.parent_name.as_str() {
            "" => process.time.is_some_and(|time| time <= at_once),
            parent => HOSTS.contains(&parent),
        });
        Ok(processes)
    }

    /// The processes that were started with a pid, between two times.
    pub fn of_pid(
        &self,
        machine: &str,
        pid: &str,
        between: (Ticks, Ticks),
    ) -> io::Result<Vec<Process>> {
        self.list(BY_PID, machine, pid, Some(between))
    }

    /// The processes of a program between two times, by its path.
    fn of_program(
        &self,
        machine: &str,
        path: &str,
        between: (Ticks, Ticks),
    ) -> io::Result<Vec<Process>> {
        let mut processes = self.list(BY_NAME, machine, &file_name(path), Some(between))?;
        processes.retain(|process| is_same_path(&process.executable, path));
        Ok(processes)
    }

    /// The last runs that BAM has of programs by a user, between two times. Each program once for each time, and none
    /// whose start is recorded: by whomever it was, that is the run.
    pub fn last_runs(
        &self,
        machine: &str,
        sid: &str,
        between: (Ticks, Ticks),
    ) -> io::Result<Vec<Process>> {
        let mut runs: Vec<Process> = Vec::new();
        for run in self.list(BY_ACCOUNT, machine, sid, Some(between))? {
            let Some(time) = run.time else {
                continue;
            };
            let same = (Ticks(time.0.saturating_sub(SAME_RUN)), time);
            // Copies of a control set have it twice.
            let is_known = runs
                .iter()
                .any(|known| known.time == run.time && known.executable == run.executable);
            if !is_known && self.of_program(machine, &run.executable, same)?.is_empty() {
                runs.push(run);
            }
        }
        Ok(runs)
    }

    /// The hash of the program that ran from a path between two times; empty when none did, or none was recorded.
    pub fn hash_of(
        &self,
        machine: &str,
        path: &str,
        between: (Ticks, Ticks),
    ) -> io::Result<String> {
        let mut processes = self.of_program(machine, path, between)?.into_iter();
        let hashed = processes.find(|process| !process.hash.is_empty());
        Ok(hashed.map(|process| process.hash).unwrap_or_default())
    }

    fn children(&self, machine: &str, entity: &str) -> io::Result<Vec<Process>> {
        self.list(BY_PARENT, machine, entity, None)
    }

    /// As many as are told of one tree, and one more.
    fn list(
        &self,
        way: u8,
        machine: &str,
        name: &str,
        between: Option<(Ticks, Ticks)>,
    ) -> io::Result<Vec<Process>> {
        let things = kept::list(&self.0, way, machine, name, between, MOST + 1)?;
        Ok(things
            .iter()
            .filter_map(|thing| Process::decode(thing))
            .collect())
    }

    /// The machines on which a program ran that somebody brought, by its hash; not so many that it says nothing.
    pub fn machines_with(&self, process: &Process) -> io::Result<Vec<String>> {
        let mut machines: Vec<String> = Vec::new();
        if !process.is_brought() {
            return Ok(machines);
        }
        let mut prefix = vec![BY_HASH];
        key::text(&mut prefix, &process.hash);
        self.0.with_prefix(&prefix, |key, _| {
            let mut rest = key.get(prefix.len()..).unwrap_or_default();
            let machine = key::take_text(&mut rest);
            if machines.len() < MOST {
                machines.extend(machine.filter(|machine| machines.last() != Some(machine)));
            }
        })?;
        Ok(machines)
    }

    /// What ran below some processes, each of which is told once.
    pub fn tree(&self, machine: &str, mut roots: Vec<Process>) -> io::Result<Tree> {
        roots.sort_by_key(|process| (process.time, process.uid));
        roots.dedup_by(|a, b| a.uid == b.uid);
        // What another of them started before stands below that. Evidence can say that a process is its own parent.
        let mut before = BTreeSet::new();
        roots.retain(|root| {
            let is_below = !root.parent.is_empty() && before.contains(&root.parent);
            before.insert(root.entity.clone());
            !is_below
        });
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
        let mut batch = Batch::default();
        for process in all {
            process.put("m", &mut batch);
            process.lead(BY_PARENT, "m", &process.parent, &mut batch);
        }
        sorter.absorb(&batch).unwrap();
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

    /// J16: the same tool on other hosts, not what every Windows has.
    #[test]
    fn a_program_that_was_brought_is_found_on_other_hosts() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), 1 << 20);
        for machine in ["a", "b", "b"] {
            let mut place = vec![BY_HASH];
            key::text(&mut place, "00ff");
            key::text(&mut place, machine);
            sorter.push(&place, &[]).unwrap();
        }
        let processes = Processes::build(folder.path(), sorter.finish().unwrap()).unwrap();
        let with = |executable: &str, hash: &str| {
            let process = Process {
                executable: executable.into(),
                hash: hash.into(),
                ..Process::default()
            };
            processes.machines_with(&process).unwrap()
        };
        assert_eq!(with(r"C:\Windows\Temp\x.exe", "00ff"), ["a", "b"]);
        assert!(with(r"C:\Windows\Temp\x.exe", "00fe").is_empty());
        assert!(with(r"C:\Windows\System32\cmd.exe", "00ff").is_empty());
        assert!(with(r"C:\Windows\Temp\x.exe", "").is_empty());
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
    fn a_command_names_its_program() {
        for (line, name) in [
            (r#""C:\Program Files\x\A b.exe" /c"#, "a b.exe"),
            (r"%SystemRoot%\PSEXESVC.exe", "psexesvc.exe"),
            (r"cmd.exe /C tasklist > %windir%\Temp\x.tmp", "cmd.exe"),
            (
                r"C:\Windows\System32\rundll32.exe C:\x.dll,Start",
                "rundll32.exe",
            ),
            ("whoami /all", "whoami"),
            ("", ""),
        ] {
            assert_eq!(program_name(line), name, "{line}");
        }
    }

    #[test]
    fn long_command_lines_are_cut_between_characters() {
        let long = "é".repeat(LONGEST);
        assert_eq!(cut(&long).len(), LONGEST);
        assert_eq!(cut(&long[..2001 * 2]).len(), 4002);
    }
}
