//! From the bytes of a hive to events.

use std::io;
use std::ops::ControlFlow;

use timeline::{Issue, Sink, State};

use super::artefact::Artefact;
use super::mount::Mount;
use super::node::Node;
use super::out::Out;
use super::raw::{self, Changes};
use super::read::{
    At, BaseBlock, Fault, FileType, Hive, HiveError, Origin, ValueCell, Visitor, visit,
};
use super::scope::Scope;
use crate::{Counts, Input, ParseError, Parser, Registry};

/// The parser of registry hives.
#[derive(Clone, Copy, Debug)]
pub struct RegistryHive;

/// The parser of their transaction logs: it only looks whether they are sound, for their hive's parser
/// applies them.
#[derive(Clone, Copy, Debug)]
pub struct RegistryLog;

/// Faults of one hive that are told one by one.
const MOST_FAULTS: u64 = 1000;
/// A hive in memory takes so much more than its file: itself, what its logs make of it, and marks.
const TIMES: u64 = 5;

/// Files that are hives whatever their bytes are.
const NAMES: [&str; 3] = ["ntuser.dat", "usrclass.dat", "amcache.hve"];

impl Parser for RegistryHive {
    fn kind(&self) -> &'static str {
        "registry"
    }

    fn describe(&self) -> &'static str {
        "Registry hives (SYSTEM, SOFTWARE, SAM, SECURITY, NTUSER.DAT, UsrClass.dat, Amcache.hve …)"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        head.starts_with(b"regf") && !RegistryLog.recognises(head)
    }

    fn is_known_name(&self, name: &str) -> bool {
        let name = name.rsplit(['/', '!']).next().unwrap_or_default();
        NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
    }

    fn parse(&self, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
        // Half of what one hive takes is its bytes; the rest its logs make of it.
        let most = input.memory.saturating_mul(2) / TIMES;
        let hive = match Hive::read(input.bytes, input.companions, most) {
            Ok(hive) => hive,
            Err(HiveError::Io(source)) => return Err(ParseError::Read { offset: 0, source }),
            Err(error @ HiveError::NotAHive) => {
                let issue = Issue::loss("not-a-hive", "The file is not a registry hive.");
                sink.issue(issue.at(0).expected("regf", error));
                return Ok(Counts::default());
            }
            Err(error @ HiveError::TooLarge(_)) => {
                let message = "The hive is larger than memory allows: --memory raises the limit.";
                let issue = Issue::loss("hive-size", message);
                sink.issue(issue.expected(format!("at most {most} bytes"), error));
                return Ok(Counts::default());
            }
        };
        read(&hive, input, sink)
    }
}

fn read(hive: &Hive, input: &Input<'_>, sink: &mut dyn Sink) -> Result<Counts, ParseError> {
    let issues = hive.issues();
    let is_behind = issues.iter().any(|issue| issue.kind == "hive-dirty");
    for issue in issues {
        sink.issue(issue);
    }
    let mount = Mount::of(hive, input.path, input.machine);
    let mut reading = Reading {
        hive,
        scope: Scope::of(&mount),
        out: Out::new(input, mount, hive.sha256(), sink),
        is_full: input.registry == Registry::Full,
        faults: 0,
        failure: None,
    };
    let _ = visit(hive, &mut reading);
    reading.tell_faults();
    reading.out.counts.is_behind = is_behind;
    match reading.failure {
        Some(failure) => Err(ParseError::Store(failure)),
        None => Ok(reading.out.counts),
    }
}

/// Makes events of the keys of a hive.
struct Reading<'h, 's> {
    hive: &'h Hive,
    scope: Scope,
    out: Out<'s>,
    is_full: bool,
    faults: u64,
    failure: Option<io::Error>,
}

impl<'h> Reading<'h, '_> {
    /// Breaks off when an event could not be stored.
    fn stored(&mut self, stored: io::Result<()>) -> ControlFlow<()> {
        match stored {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }

    fn tell(&mut self, at: &At<'_, 'h>, artefacts: &[&'static Artefact]) -> io::Result<()> {
        self.out.turn_to_key();
        let changes = at.before.map(|before| Changes::between(&at.key, &before));
        raw::put(&mut self.out, at, changes.as_ref(), artefacts, self.is_full)?;
        let decoders: Vec<_> = artefacts
            .iter()
            .filter_map(|artefact| artefact.decode)
            .collect();
        if decoders.is_empty() {
            return Ok(());
        }
        let differing = at.before.zip(changes.as_ref()).filter(|(before, changes)| {
            let is_redated = at.key.last_written() != before.last_written();
            is_redated || !changes.now.is_empty() || !changes.before.is_empty()
        });
        let node = Node {
            path: at.path,
            key: at.key,
            root: self.root(at.origin),
            state: match differing {
                Some(_) => State::TransactionLog,
                None => raw::state(at.origin),
            },
            changed: differing.map(|(_, changes)| &changes.now),
            is_superseded: at.origin == Origin::Before,
        };
        for decode in &decoders {
            decode(&mut self.out, &node)?;
        }
        let Some((before, _)) = differing else {
            return Ok(());
        };
        let node = Node {
            key: before,
            root: self.root(Origin::Before),
            state: State::Live,
            changed: None,
            is_superseded: true,
            ..node
        };
        // What it was then, and still is, is told by the key as it is now.
        self.out.is_exact_only = true;
        let told = decoders
            .iter()
            .try_for_each(|decode| decode(&mut self.out, &node));
        self.out.is_exact_only = false;
        told
    }

    fn root(&self, origin: Origin) -> Option<super::read::Key<'h>> {
        match (origin, self.hive.before()) {
            (Origin::Before, Some(cells)) => self.hive.root_of(cells).ok(),
            _ => self.hive.root().ok(),
        }
    }

    /// Says how many faults were not told one by one.
    fn tell_faults(&mut self) {
        if self.faults > MOST_FAULTS {
            let message = "The hive has many more cells that cannot be read.";
            let issue = Issue::loss("hive-damage", message);
            self.out.issue(issue.expected(
                format!("at most {MOST_FAULTS}"),
                format!("{} in all", self.faults),
            ));
        }
    }
}

impl<'h> Visitor<'h> for Reading<'h, '_> {
    fn key(&mut self, at: &At<'_, 'h>) -> ControlFlow<()> {
        let is_now = matches!(at.origin, Origin::Live | Origin::Log);
        if is_now {
            self.out.counts.records += 1;
        } else {
            self.out.counts.recovered += 1;
        }
        if is_now {
            for value in at.key.values() {
                match value {
                    Ok(value) => {
                        if let Some(fault) = value.data().fault {
                            self.fault(fault, "The data of a value");
                        }
                    }
                    Err(fault) => self.fault(fault, "A value"),
                }
            }
        }
        let is_on_way = matches!(at.origin, Origin::Live | Origin::Log | Origin::Before);
        let artefacts = self.scope.at(at.path, is_on_way);
        if artefacts.is_empty() && !self.is_full {
            return ControlFlow::Continue(());
        }
        let told = self.tell(at, &artefacts);
        self.stored(told)
    }

    fn lost_value(&mut self, value: ValueCell<'h>) -> ControlFlow<()> {
        self.out.counts.recovered += 1;
        if !self.is_full {
            return ControlFlow::Continue(());
        }
        let told = raw::put_lost(&mut self.out, &value);
        self.stored(told)
    }

    fn fault(&mut self, fault: Fault, what: &'static str) {
        self.faults += 1;
        if self.faults <= MOST_FAULTS {
            self.out.issue(fault.to_issue(what));
        }
    }
}

impl Parser for RegistryLog {
    fn kind(&self) -> &'static str {
        "registry-log"
    }

    fn describe(&self) -> &'static str {
        "Transaction logs of registry hives (.LOG, .LOG1, .LOG2), which are applied to their hives"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        let base = BaseBlock::read(head);
        base.is_some_and(|base| matches!(base.file_type, FileType::OldLog | FileType::NewLog))
    }

    fn is_known_name(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        NAMES
            .iter()
            .chain(&["system", "software", "sam", "security", "default"])
            .any(|hive| {
                let file = name.rsplit(['/', '!']).next().unwrap_or_default();
                let ending = file.strip_prefix(hive);
                ending.is_some_and(|ending| matches!(ending, ".log" | ".log1" | ".log2"))
            })
    }

    /// A log has no events of its own. One without a base block has never been written to, or says so when
    /// its hive is read.
    fn parse(&self, _: &Input<'_>, _: &mut dyn Sink) -> Result<Counts, ParseError> {
        Ok(Counts::default())
    }
}
