//! From findings to movements: one hop from a source to a target (MATCHING.md §5–§6).
//!
//! A source is stated by the evidence, or it is empty. Nothing here guesses.

mod around;
mod attach;
mod beside;
mod clock;
mod corroborate;
mod coverage;
mod draft;
mod grade;
mod join;
mod known;
mod left;
mod merge;
mod order;
mod path;
mod ran;
mod witness;

use std::io;

use timeline::{Segment, Ticks};

use crate::Finding;
use crate::crossing::{Crossings, Offset};
use crate::deed::{Deeds, List};
use crate::enrich::{Facts, machine_of};
use crate::identity::{Basis, Identities, Resolved};
use crate::process::{Processes, Tree};
use crate::rule::RuleSet;
use crate::script::{Script, Scripts};
use crate::session::{Session, Sessions};
use crate::ticket::Tickets;

pub use corroborate::{Absence, Corroboration, Expected};
pub(crate) use corroborate::{Met, note_expected};
pub use coverage::{Coverage, Covered, Verdict};
pub use grade::{Grade, Reason};
pub use known::{Known, KnownEnd};
pub use left::{By, Left, LeftBehind};
pub use path::{Path, Way, paths};
pub use ran::{Spread, Taken};
pub use witness::{Tie, Witness};

/// Where the source of a movement is known from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceBasis {
    /// An event of the movement names it.
    Recorded,
    /// Another logon of the same hop session has its address.
    Joined,
    /// An event has its address; the name is that of the host that had it then.
    Resolved,
    /// It is not known.
    #[default]
    Unknown,
}

impl SourceBasis {
    /// The word in `movements.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Joined => "joined",
            Self::Resolved => "resolved",
            Self::Unknown => "unknown",
        }
    }
}

/// One hop from a source to a target.
#[derive(Clone, Debug, Default)]
pub struct Movement {
    /// When it happened, at the earliest.
    pub start: Option<Ticks>,
    /// The time of its last event.
    pub end: Option<Ticks>,
    /// Host name of the source; empty when unknown, as all below.
    pub source_host: String,
    /// Address of the source.
    pub source_ip: String,
    /// Port of the source.
    pub source_port: String,
    /// Where the source is known from.
    pub source_basis: Option<SourceBasis>,
    /// The source is that of the logon's Kerberos ticket.
    pub by_ticket: bool,
    /// How it is known which host had the address, where only that was recorded.
    pub resolved_by: Option<Basis>,
    /// Host name of the target, as recorded.
    pub target_host: String,
    /// Address of the target.
    pub target_ip: String,
    /// Port of the target.
    pub target_port: String,
    /// Account that moved, `DOMAIN\name`.
    pub account: String,
    /// Its SID.
    pub account_sid: String,
    /// Logon type, as a number.
    pub logon_type: String,
    /// Account that the payload ran as.
    pub ran_as: String,
    /// What ran.
    pub ran: Vec<String>,
    /// Names that stand for one field each, when there was more than one.
    pub also: Vec<(&'static str, Vec<String>)>,
    /// How sure it is.
    pub grade: Grade,
    /// Why it has that grade.
    pub reason: Reason,
    /// Whether any of its findings needed slack.
    pub slack: bool,
    /// Its findings, by their places.
    pub findings: Vec<usize>,
    /// Its events, by their rows, in the one order.
    pub events: Vec<u32>,
    /// Corroboration that was found.
    pub found: Vec<Corroboration>,
    /// Corroboration that was not.
    pub missing: Vec<Absence>,
    /// Events on the source host.
    pub source_events: Vec<u32>,
    /// Events on the target host.
    pub target_events: Vec<u32>,
    /// The logon sessions on the target, in the order of their times.
    pub sessions: Vec<Session>,
    /// What ran on the target.
    pub tree: Tree,
    /// What PowerShell ran in the activities of the movement's events on the target.
    pub scripts: Vec<Script>,
    /// Programs of it that ran on other machines, too.
    pub spread: Vec<Spread>,
    /// Files that it dropped on the target.
    pub dropped: LeftBehind,
    /// What it made on the target that makes something run again, or lets somebody in.
    pub persistence: LeftBehind,
    /// Which of the four general steps were seen.
    pub steps: Vec<Taken>,
    /// The host that had the source's address, by what proves it; empty when nothing does.
    pub proven_source: String,
    /// How many machines came from the source's address around that time: several are behind a relay.
    pub machines_at_source: usize,
    /// What the responder knows of the source, in words.
    pub innocent: String,
    /// Findings on the target around that time that are of no movement.
    pub around: Vec<usize>,
    /// What other hosts recorded of it.
    pub witnesses: Vec<Witness>,
    /// How far the target's clock is ahead of the source's, where both are known.
    pub skew: Option<Offset>,
    /// How far the target's clock was ahead of the time in the name of a command's output file, in ticks.
    pub behind_tool: Option<i64>,
}

/// What reconstruction works on.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The findings, in their order.
    pub findings: &'a [Finding],
    /// The events of the findings.
    pub events: &'a Segment,
    /// What is known of hosts.
    pub facts: &'a Facts,
    /// Corroborating events.
    pub expected: &'a Expected,
    /// Which log of which host covers which time.
    pub coverage: &'a Coverage,
    /// Logon sessions.
    pub sessions: &'a Sessions,
    /// What other hosts recorded of logons with Kerberos.
    pub tickets: &'a Tickets,
    /// What hosts recorded of each other.
    pub crossings: &'a Crossings,
    /// Starts of processes.
    pub processes: &'a Processes,
    /// What PowerShell ran.
    pub scripts: &'a Scripts,
    /// What was done to machines, and stays.
    pub deeds: &'a Deeds,
    /// Who had which address.
    pub identities: &'a Identities,
    /// Whose connections are expected.
    pub known: &'a [Known],
}

/// What reconstruction found.
#[derive(Debug)]
pub struct Reconstruction {
    /// The movements, in the one order.
    pub movements: Vec<Movement>,
    /// So many findings lie close together that not all pairs of them were tried: some movements may
    /// be told of twice.
    pub is_capped: bool,
}

/// The movements that the findings tell of.
pub fn reconstruct(evidence: Evidence<'_>) -> io::Result<Reconstruction> {
    let drafts = draft::all(evidence)?;
    let mut loose = draft::loose(evidence)?;
    let mut joined = join::groups(evidence, &drafts)?;
    let left = around::Left::of(
        evidence,
        &join::add_loose(evidence, &mut joined.groups, &mut loose),
    );
    let mut movements: Vec<Movement> = joined
        .groups
        .iter()
        .map(|group| merge::combine(evidence, group))
        .collect();
    for movement in &mut movements {
        corroborate::corroborate(evidence, movement)?;
        grade::contradict(movement);
        witness::look(evidence, movement)?;
        movement.skew = clock::skew(evidence, movement);
        movement.behind_tool = clock::behind_tool(evidence, movement);
        resolve(evidence, movement)?;
        spell(evidence, movement)?;
        movement.tree = ran::tree(evidence, movement)?;
        movement.scripts = ran::scripts(evidence, movement)?;
        movement.dropped = left::behind(evidence, movement, List::Files)?;
        movement.persistence = left::behind(evidence, movement, List::Persistence)?;
        movement.steps = ran::steps(evidence, movement);
        movement.spread = ran::spread(evidence, movement)?;
        known::demote(evidence.known, movement);
        left.note(evidence, movement);
    }
    movements.sort_by(|a, b| order::compare(evidence.events, a, b));
    Ok(Reconstruction {
        movements,
        is_capped: joined.is_capped,
    })
}

/// Users by the short name of their domain, where other events of the SID use it (MATCHING.md §5, spelling).
fn spell(evidence: Evidence<'_>, movement: &mut Movement) -> io::Result<()> {
    for session in &mut movement.sessions {
        let Some((domain, name)) = session.user.split_once('\\') else {
            continue;
        };
        if domain.contains('.')
            && let Some(short) = evidence.facts.short_domain(&session.sid)?
        {
            session.user = format!("{short}\\{name}");
        }
    }
    Ok(())
}

/// Identity of the machine that recorded the target's side.
fn target_of(evidence: Evidence<'_>, movement: &Movement) -> Option<String> {
    let first = movement.target_events.first()?;
    Some(machine_of(evidence.events, *first))
}

/// The only host that recorded that it opened a connection of the movement.
fn opener(movement: &Movement) -> Option<Resolved> {
    let mut openers = witness::openers(movement);
    let first = openers.next()?;
    openers
        .all(|other| other.machine == first.machine)
        .then(|| Resolved {
            name: first.host.clone(),
            basis: Basis::Connection,
        })
}

/// Names the host that had the source's address then, where no event names it.
fn resolve(evidence: Evidence<'_>, movement: &mut Movement) -> io::Result<()> {
    let is_open = draft::is_source_open(&movement.also);
    let Some(start) = movement
        .start
        .filter(|_| !movement.source_ip.is_empty() && !is_open)
    else {
        return Ok(());
    };
    movement.machines_at_source = evidence
        .identities
        .machines_at(&movement.source_ip, start)?;
    let by_address = evidence.identities.host_of(&movement.source_ip, start)?;
    let is_given = by_address
        .as_ref()
        .is_some_and(|found| found.basis == Basis::Given);
    let opener = if is_given { None } else { opener(movement) };
    let Some(found) = opener.or(by_address) else {
        return Ok(());
    };
    if movement.source_host.is_empty() {
        movement.source_host.clone_from(&found.name);
        movement.source_basis = Some(SourceBasis::Resolved);
        movement.resolved_by = Some(found.basis);
    }
    movement.proven_source = found.name;
    Ok(())
}
