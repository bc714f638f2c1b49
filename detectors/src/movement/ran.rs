//! What ran, and which of the four general steps were seen.

use std::collections::BTreeSet;
use std::io;

use timeline::{Reader, Ticks, Uid, fields as f};

use super::beside::others;
use super::{Evidence, Movement, target_of};
use crate::enrich::machine_of;
use crate::process::{self, Process, Tree};
use crate::rule::{Side, Step};
use crate::script::Script;
use crate::session::Session;

/// How long before its logon is written a session's first process can start.
const BEFORE: i64 = 2 * timeline::TICKS_PER_SECOND;

/// How long after a service or a task is there its program starts (EVIDENCE.md §3.3, register to run).
const STARTED_WITHIN: i64 = 60 * timeline::TICKS_PER_SECOND;
/// The same where nobody says who started it.
const AT_ONCE: i64 = 5 * timeline::TICKS_PER_SECOND;

/// Scripts of one movement that are told.
const MOST_SCRIPTS: usize = 64;
/// How long before its logon BAM can have what a session ran.
const BEFORE_BAM: i64 = 10 * timeline::TICKS_PER_SECOND;

/// Processes that a tree is begun with: no more of it are told.
const MOST_ROOTS: usize = 400;

/// One of the four general steps of a movement, and the events that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The step.
    pub step: Step,
    /// Its events, in the one order.
    pub events: Vec<Uid>,
}

/// A program that ran on other machines, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Its path on the target.
    pub program: String,
    /// Its hash.
    pub hash: String,
    /// The other machines.
    pub machines: Vec<String>,
}

/// What ran on the target: the processes among the movement's events, those of its logon sessions, and all that
/// they started.
pub(super) fn tree(evidence: Evidence<'_>, movement: &Movement) -> io::Result<Tree> {
    let Some(machine) = target_of(evidence, movement) else {
        return Ok(Tree::default());
    };
    let reader = Reader::new(evidence.events);
    let mut roots = Vec::new();
    for &row in &movement.target_events {
        roots.extend(process::start_of(&reader, row));
    }
    roots.extend(started_for(evidence, movement, &machine)?);
    for session in movement
        .sessions
        .iter()
        .filter(|session| session.is_remote())
    {
        let (Some(since), Some(last)) = (session.since(), session.last) else {
            continue;
        };
        let between = (
            Ticks(since.0.saturating_sub(BEFORE)),
            Ticks(last.time.0.saturating_add(1)),
        );
        for id in session.logon_ids() {
            if roots.len() > MOST_ROOTS {
                break;
            }
            roots.extend(evidence.processes.of_logon(&machine, id, between)?);
        }
    }
    let runs = last_runs(evidence, movement, &machine)?;
    roots.extend(runs.clear);
    let tree = evidence.processes.tree(&machine, roots)?;
    Ok(Tree {
        unclear: runs.unclear.len(),
        ..tree
    })
}

/// What BAM says of the movement's sessions.
#[derive(Default)]
struct LastRuns {
    /// What they ran: the account had no other session.
    clear: Vec<Process>,
    /// What another session can have run, too.
    unclear: BTreeSet<Uid>,
}

/// Programs whose last run by the account of a session was in it, as BAM has it (EVIDENCE.md §3, J13). It is the only
/// trace of them: where a start is recorded, that is told. BAM knows the user and not the session, so what another
/// session can have run, too, is counted and not told.
fn last_runs(evidence: Evidence<'_>, movement: &Movement, machine: &str) -> io::Result<LastRuns> {
    let mut runs = LastRuns::default();
    let sessions = movement.sessions.iter();
    for session in sessions.filter(|session| session.is_remote() && !session.sid.is_empty()) {
        let Some((since, until)) = session.since().zip(session.until()) else {
            continue;
        };
        let between = (Ticks(since.0.saturating_sub(BEFORE_BAM)), until);
        let own = evidence
            .processes
            .last_runs(machine, &session.sid, between)?;
        if own.is_empty() {
            continue;
        }
        let others = others(evidence, movement, session, between)?;
        // Over the network alone nothing runs that BAM would see: it keeps what users start.
        let is_seen = |other: &&Session| !matches!(other.logon_type.as_str(), "3" | "8");
        let may_be_others = |at: Ticks| {
            let others = others.as_ref();
            others.is_none_or(|all| {
                all.iter()
                    .filter(is_seen)
                    .any(|other| other.may_be_open(at))
            })
        };
        for run in own {
            let at = run.time.unwrap_or(since);
            if may_be_others(at) {
                runs.unclear.insert(run.uid);
            } else if runs.clear.len() < MOST_ROOTS {
                runs.clear.push(run);
            }
        }
    }
    Ok(runs)
}

/// What the service or the task started, or WMI, that the movement told to.
fn started_for(
    evidence: Evidence<'_>,
    movement: &Movement,
    machine: &str,
) -> io::Result<Vec<Process>> {
    let (Some(start), Some(end)) = (movement.start, movement.end) else {
        return Ok(Vec::new());
    };
    let from = Ticks(start.0.saturating_sub(BEFORE));
    let until = Ticks(end.0.saturating_add(STARTED_WITHIN));
    let at_once = Ticks(end.0.saturating_add(AT_ONCE));
    let mut all = Vec::new();
    for command in &movement.ran {
        let times = (from, until, at_once);
        all.extend(evidence.processes.started_for(machine, command, times)?);
    }
    Ok(all)
}

/// What PowerShell ran in the activities of the movement's events on the target (EVIDENCE.md §3, J19).
pub(super) fn scripts(evidence: Evidence<'_>, movement: &Movement) -> io::Result<Vec<Script>> {
    let reader = Reader::new(evidence.events);
    let mut all = BTreeSet::new();
    for &row in &movement.target_events {
        let activity = reader.text(f::WINLOG_ACTIVITY_ID, row);
        let time = evidence
            .events
            .rows
            .get(row as usize)
            .and_then(|own| own.time);
        if let Some((activity, time)) = activity.zip(time) {
            let machine = machine_of(evidence.events, row);
            all.extend(evidence.scripts.of_activity(&machine, activity, time)?);
        }
    }
    Ok(all.into_iter().take(MOST_SCRIPTS).collect())
}

/// Other machines on which a program of the tree ran, too, each with the program (EVIDENCE.md §3, J16).
pub(super) fn spread(evidence: Evidence<'_>, movement: &Movement) -> io::Result<Vec<Spread>> {
    let Some(here) = target_of(evidence, movement) else {
        return Ok(Vec::new());
    };
    let mut all: Vec<Spread> = Vec::new();
    for branch in &movement.tree.branches {
        let process = &branch.process;
        if all.iter().any(|known| known.hash == process.hash) {
            continue;
        }
        let mut machines = evidence.processes.machines_with(process)?;
        machines.retain(|machine| *machine != here);
        if !machines.is_empty() {
            all.push(Spread {
                program: process.executable.clone(),
                hash: process.hash.clone(),
                machines,
            });
        }
    }
    Ok(all)
}

/// The steps that rules saw, and the logons.
pub(super) fn steps(evidence: Evidence<'_>, movement: &Movement) -> Vec<Taken> {
    let mut taken: Vec<Taken> = Vec::new();
    let mut add = |step: Step, uid: Uid| match taken.iter_mut().find(|taken| taken.step == step) {
        Some(known) if known.events.contains(&uid) => {}
        Some(known) => known.events.push(uid),
        None => taken.push(Taken {
            step,
            events: vec![uid],
        }),
    };
    let logons = movement
        .sessions
        .iter()
        .filter(|session| session.is_remote());
    for uid in logons.filter_map(|session: &Session| session.logon) {
        add(Step::Authenticate, uid);
    }
    for &finding in &movement.findings {
        let finding = &evidence.findings[finding];
        let sidetrack = evidence.rules.rules[finding.rule].sidetrack.as_ref();
        let Some((step, side)) = sidetrack.and_then(|table| Some((table.step?, table.side))) else {
            continue;
        };
        for row in finding.rows() {
            let uid = evidence.events.rows[row as usize].uid;
            // The logon that a rule joins to what was done is a step of its own.
            let is_logon = side == Side::Target
                && movement
                    .sessions
                    .iter()
                    .any(|session| session.logon == Some(uid));
            add(if is_logon { Step::Authenticate } else { step }, uid);
        }
    }
    taken.sort_by_key(|taken| taken.step);
    taken
}
