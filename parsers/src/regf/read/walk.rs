//! Every key of a hive once, from the root on; and of the hive before its logs what these took away.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::budget::Budget;
use super::cell::Cells;
use super::fault::{Fault, FaultKind};
use super::hive::Hive;
use super::key::{Key, upper_name};
use super::list::Subkeys;
use super::marks::Marks;
use super::value::ValueCell;

/// Keys lie at most so deep ([Microsoft, registry element size limits]).
const DEEPEST: usize = 512;

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The hive has it, with or without its logs.
    Live,
    /// Only the logs have it.
    Log,
    /// Only the hive without its logs has it: they removed it.
    Before,
    /// It is in free cells.
    Free,
    /// Its cell is in use, but no way from the root leads there.
    Orphan,
}

/// A key on the way through a hive.
#[derive(Clone, Copy, Debug)]
pub struct At<'w, 'h> {
    /// Its path below the root, whose own name is left out: empty for the root.
    pub path: &'w str,
    /// The key.
    pub key: Key<'h>,
    /// The same key before the logs, if they changed the hive and it was there.
    pub before: Option<Key<'h>>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Takes the keys of a hive.
pub trait Visitor<'h> {
    /// Takes a key. Keys come before those below them.
    fn key(&mut self, at: &At<'_, 'h>) -> ControlFlow<()>;

    /// Takes a value that was found without its key, in free cells.
    fn lost_value(&mut self, value: ValueCell<'h>) -> ControlFlow<()>;

    /// Takes what could not be read; `what` hung on it.
    fn fault(&mut self, fault: Fault, what: &'static str);
}

/// What the walk through the living keys used.
pub(super) struct Used {
    /// Cells of keys and values, and of the data of values.
    pub(super) cells: Marks,
    /// What is left of it.
    pub(super) budget: Budget,
}

/// Walks through the keys that can be reached from the root.
pub(super) fn walk<'h>(hive: &'h Hive, visitor: &mut dyn Visitor<'h>) -> ControlFlow<(), Used> {
    let cells = hive.cells();
    let mut walk = Walk {
        now: cells,
        before: hive.before(),
        used: Marks::new(cells.bytes().len()),
        budget: Budget::of(cells.bytes().len()),
        seen_before: Marks::new(hive.before().map_or(0, |cells| cells.bytes().len())),
        path: String::new(),
        stack: Vec::new(),
        visitor,
    };
    match hive.root() {
        Ok(root) => {
            let before = walk.before.and_then(|cells| hive.root_of(cells).ok());
            walk.enter(root, before, Origin::Live)?;
            walk.run()?;
        }
        Err(fault) => walk.visitor.fault(fault, "The root key"),
    }
    ControlFlow::Continue(Used {
        cells: walk.used,
        budget: walk.budget,
    })
}

struct Walk<'h, 'v> {
    now: Cells<'h>,
    before: Option<Cells<'h>>,
    used: Marks,
    budget: Budget,
    seen_before: Marks,
    path: String,
    stack: Vec<Frame<'h>>,
    visitor: &'v mut dyn Visitor<'h>,
}

/// A key whose subkeys are being visited.
struct Frame<'h> {
    key: Key<'h>,
    before: Option<Key<'h>>,
    origin: Origin,
    subkeys: Subkeys<'h>,
    /// Subkeys before the logs, by name: made when one is not where it was.
    names: Option<HashMap<String, Key<'h>>>,
    /// Subkeys that the logs removed, when all others were visited.
    removed: Option<std::vec::IntoIter<Key<'h>>>,
    /// The length of the path above.
    above: usize,
}

impl<'h> Walk<'h, '_> {
    fn run(&mut self) -> ControlFlow<()> {
        while let Some(frame) = self.stack.last_mut() {
            let origin = frame.origin;
            if !self.budget.subkey() {
                let cell = frame.key.offset();
                let kind = FaultKind::Count;
                self.visitor
                    .fault(Fault { cell, kind }, "Many keys below a key");
                return ControlFlow::Continue(());
            }
            match frame.subkeys.next() {
                Some(Ok(child)) => {
                    let before = self
                        .before
                        .and_then(|cells| frame.find_before(cells, &child));
                    let origin = match (origin, before, self.before) {
                        (Origin::Live, None, Some(_)) => Origin::Log,
                        _ => origin,
                    };
                    self.enter(child, before, origin)?;
                }
                Some(Err(fault)) => self.fault(origin, fault, "A subkey"),
                None => {
                    if let Some(child) = frame.next_removed(self.now) {
                        self.enter(child, None, Origin::Before)?;
                    } else {
                        self.path.truncate(frame.above);
                        self.stack.pop();
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn fault(&mut self, origin: Origin, fault: Fault, what: &'static str) {
        // What is wrong before the logs and right after them is no loss.
        if origin != Origin::Before {
            self.visitor.fault(fault, what);
        }
    }

    fn enter(&mut self, key: Key<'h>, before: Option<Key<'h>>, origin: Origin) -> ControlFlow<()> {
        let marks = if origin == Origin::Before {
            &mut self.seen_before
        } else {
            &mut self.used
        };
        let kind = if !marks.mark(key.offset()) {
            Some(FaultKind::Visited)
        } else if self.stack.len() > DEEPEST {
            Some(FaultKind::Deep)
        } else {
            None
        };
        if let Some(kind) = kind {
            let cell = key.offset();
            self.fault(origin, Fault { cell, kind }, "A key");
            return ControlFlow::Continue(());
        }
        let above = self.path.len();
        if !self.stack.is_empty() {
            if above > 0 {
                self.path.push('\\');
            }
            self.path.push_str(&key.name());
        }
        if !key.has_whole_name() {
            let fault = Fault {
                cell: key.offset(),
                kind: FaultKind::Short,
            };
            self.fault(origin, fault, "The end of a key's name");
        }
        let key = self.with_values(key, origin);
        self.visitor.key(&At {
            path: &self.path,
            key,
            before,
            origin,
        })?;
        self.stack.push(Frame {
            key,
            before,
            origin,
            subkeys: key.subkeys(),
            names: None,
            removed: None,
            above,
        });
        ControlFlow::Continue(())
    }

    /// Marks the values of a key as used; leaves them out when a sound hive cannot have them.
    fn with_values(&mut self, key: Key<'h>, origin: Origin) -> Key<'h> {
        let used = match origin {
            Origin::Before => &mut self.seen_before,
            _ => &mut self.used,
        };
        let may_be_read = self.budget.values(&key, |value| {
            if let Some(data) = value.data_cell() {
                used.mark(data);
            }
            used.mark(value.offset())
        });
        if may_be_read {
            return key;
        }
        let cell = key.offset();
        let kind = FaultKind::Count;
        self.fault(origin, Fault { cell, kind }, "The values of a key");
        key.without_values()
    }
}

impl<'h> Frame<'h> {
    /// The same subkey before the logs: at the same place, or else the one of its name.
    fn find_before(&mut self, cells: Cells<'h>, child: &Key<'h>) -> Option<Key<'h>> {
        let parent = self.before?;
        if let Some(same) = twin(cells, child, &parent) {
            return Some(same);
        }
        let names = self.names.get_or_insert_with(|| {
            let subkeys = parent.subkeys().filter_map(Result::ok);
            subkeys.map(|key| (upper_name(&key.name()), key)).collect()
        });
        names.get(&upper_name(&child.name())).copied()
    }

    /// The next subkey that the logs removed.
    fn next_removed(&mut self, now: Cells<'h>) -> Option<Key<'h>> {
        let removed = match (&mut self.removed, self.before) {
            (Some(removed), _) => removed,
            (None, None) => return None,
            (None, Some(before)) => self
                .removed
                .insert(removed(now, &self.key, &before).into_iter()),
        };
        removed.next()
    }
}

/// The key at the same place among other cells, if it has the same name and lies below that parent.
fn twin<'h>(cells: Cells<'h>, key: &Key<'h>, parent: &Key<'h>) -> Option<Key<'h>> {
    let twin = Key::at(cells, key.offset()).ok()?;
    let is_same = twin.has_name_of(key) && twin.parent() == parent.offset();
    is_same.then_some(twin)
}

/// The subkeys that a key has no more.
fn removed<'h>(now: Cells<'h>, key: &Key<'h>, before: &Key<'h>) -> Vec<Key<'h>> {
    let gone: Vec<_> = before
        .subkeys()
        .filter_map(Result::ok)
        .filter(|old| twin(now, old, key).is_none())
        .collect();
    if gone.is_empty() {
        return gone;
    }
    let names: std::collections::HashSet<String> = key
        .subkeys()
        .filter_map(Result::ok)
        .map(|key| upper_name(&key.name()))
        .collect();
    gone.into_iter()
        .filter(|old| !names.contains(&upper_name(&old.name())))
        .collect()
}
