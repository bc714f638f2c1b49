//! What happened on a host and is not written yet, because something earlier may still be told.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::evtx::Record;
use crate::stage::{Stage, Tag};
use crate::time::FileTime;
use crate::windows::{Happening, Host, Log, observe};

/// The records of one host, the earliest on top.
pub(super) struct Waiting {
    machine: u32,
    count: u64,
    heap: BinaryHeap<Reverse<Entry>>,
}

/// A record that waits.
pub(super) struct Entry {
    /// Time, then order of telling.
    key: (FileTime, u64),
    pub(super) log: Log,
    pub(super) record: Record,
    pub(super) tag: Tag,
    /// The number of the intrusion that it belongs to.
    pub(super) intrusion: Option<usize>,
}

impl Waiting {
    /// For the host whose Sysmon GUIDs begin with this.
    pub(super) fn for_host(machine: u32) -> Self {
        Self {
            machine,
            count: 0,
            heap: BinaryHeap::new(),
        }
    }

    /// The earliest record before this time.
    pub(super) fn pop_before(&mut self, time: FileTime) -> Option<Entry> {
        let Reverse(first) = self.heap.peek()?;
        if first.key.0 >= time {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}

/// Where a day or an intrusion puts what it tells.
pub(super) struct Inbox<'a> {
    waiting: &'a RefCell<Waiting>,
    intrusion: Option<usize>,
}

impl<'a> Inbox<'a> {
    pub(super) fn everyday(waiting: &'a RefCell<Waiting>) -> Self {
        Self {
            waiting,
            intrusion: None,
        }
    }

    pub(super) fn intrusion(waiting: &'a RefCell<Waiting>, number: usize) -> Self {
        Self {
            waiting,
            intrusion: Some(number),
        }
    }
}

impl Stage for Inbox<'_> {
    /// Only this host's logs are collected: the far side of an intrusion is not.
    fn note(&mut self, host: &Host<'_>, at: FileTime, tag: Tag, what: &Happening<'_>) {
        let mut waiting = self.waiting.borrow_mut();
        if host.machine != waiting.machine {
            return;
        }
        let kept = |log| matches!(log, Log::Sysmon | Log::Security);
        let seen = observe(host, at, what).into_iter();
        for observation in seen.filter(|observation| kept(observation.log)) {
            waiting.count += 1;
            let entry = Entry {
                key: (observation.record.time, waiting.count),
                log: observation.log,
                record: observation.record,
                tag,
                intrusion: self.intrusion,
            };
            waiting.heap.push(Reverse(entry));
        }
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Entry {}
