//! Sessions, hosts and accounts: what the second look notes of them, and what comes of it.

use std::io;

use anyhow::Context;
use detectors::deed::{self, Deeds};
use detectors::enrich::Facts;
use detectors::identity::{self, Account, Given, Host, Identities};
use detectors::process::{self, Processes};
use detectors::session::{self, Sessions};
use detectors::ticket::{self, Tickets};
use timeline::Segment;
use timeline::sort::{Batch, Sorted};

use super::hosts::Hosts;
use super::workshop::{SharedSorter, Workshop};

/// Takes notes of finished segments, from any thread.
pub(crate) struct Notes {
    sessions: SharedSorter,
    identities: SharedSorter,
    processes: SharedSorter,
    tickets: SharedSorter,
    deeds: SharedSorter,
}

/// What came of the notes.
pub(crate) struct Who {
    pub(crate) sessions: Sessions,
    /// The sessions by machine and time, until they are written.
    pub(crate) by_time: Sorted,
    pub(crate) processes: Processes,
    pub(crate) tickets: Tickets,
    pub(crate) deeds: Deeds,
    pub(crate) identities: Identities,
    pub(crate) hosts: Vec<Host>,
    pub(crate) accounts: Vec<Account>,
}

impl Notes {
    pub(crate) fn new(shop: &Workshop<'_>) -> Self {
        Self {
            sessions: shop.sorter(shop.shares.sorter),
            identities: shop.sorter(shop.shares.sorter),
            processes: shop.sorter(shop.shares.sorter),
            tickets: shop.sorter(shop.shares.sorter),
            deeds: shop.sorter(shop.shares.sorter),
        }
    }

    /// Notes what a segment of a machine's events says.
    pub(crate) fn take(&self, segment: &Segment, machine: &str) -> io::Result<()> {
        let mut batch = Batch::default();
        session::note(segment, machine, &mut batch);
        self.sessions.absorb(&mut batch)?;
        identity::note(segment, machine, &mut batch);
        self.identities.absorb(&mut batch)?;
        process::note(segment, machine, &mut batch);
        self.processes.absorb(&mut batch)?;
        ticket::note(segment, machine, &mut batch);
        self.tickets.absorb(&mut batch)?;
        deed::note(segment, machine, &mut batch);
        self.deeds.absorb(&mut batch)
    }

    /// Puts all notes together.
    pub(crate) fn finish(
        self,
        shop: &Workshop<'_>,
        hosts: &Hosts,
        facts: &Facts,
        given: Vec<Given>,
    ) -> anyhow::Result<Who> {
        let sorted = self.sessions.into_inner().finish()?;
        let (sessions, by_time) = Sessions::build(&shop.folder, shop.shares.sorter, sorted)
            .context("putting sessions together")?;
        let sorted = self.identities.into_inner().finish()?;
        let machine = |key: &str| hosts.machine(key).to_owned();
        let built = Identities::build(&shop.folder, sorted, hosts.names(), machine, facts, given)
            .context("putting hosts and accounts together")?;
        let mut hosts = built.hosts;
        for host in &mut hosts {
            host.boots = sessions
                .boots
                .get(&host.machine)
                .copied()
                .unwrap_or_default();
        }
        let sorted = self.processes.into_inner().finish()?;
        let processes = Processes::build(&shop.folder, sorted).context("sorting processes")?;
        let sorted = self.tickets.into_inner().finish()?;
        let tickets = Tickets::build(&shop.folder, sorted).context("sorting tickets")?;
        let sorted = self.deeds.into_inner().finish()?;
        let deeds = Deeds::build(&shop.folder, sorted).context("sorting what was left")?;
        Ok(Who {
            sessions,
            by_time,
            processes,
            tickets,
            deeds,
            identities: built.identities,
            hosts,
            accounts: built.accounts,
        })
    }
}
