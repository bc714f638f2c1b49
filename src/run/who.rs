//! Sessions, hosts and accounts: what the second look notes of them, and what comes of it.

use std::io;

use anyhow::Context;
use detectors::crossing::{self, Crossings};
use detectors::deed::{self, Deeds};
use detectors::enrich::Facts;
use detectors::identity::{self, Account, Given, Host, Identities};
use detectors::process::{self, Processes};
use detectors::script::{self, Scripts};
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
    crossings: SharedSorter,
    scripts: SharedSorter,
    deeds: SharedSorter,
}

/// What came of the notes.
pub(crate) struct Who {
    pub(crate) sessions: Sessions,
    /// The sessions by machine and time, until they are written.
    pub(crate) by_time: Sorted,
    pub(crate) processes: Processes,
    pub(crate) tickets: Tickets,
    pub(crate) crossings: Crossings,
    pub(crate) scripts: Scripts,
    pub(crate) deeds: Deeds,
    pub(crate) identities: Identities,
    pub(crate) hosts: Vec<Host>,
    pub(crate) accounts: Vec<Account>,
}

/// Whether a machine is a domain controller: its clock is that of the domain.
fn is_controller(hosts: &[Host], machine: &str) -> bool {
    let mut own = hosts.iter().filter(|host| host.machine == machine);
    own.any(Host::is_controller)
}

impl Notes {
    pub(crate) fn new(shop: &Workshop<'_>) -> Self {
        Self {
            sessions: shop.sorter(shop.shares.sorter),
            identities: shop.sorter(shop.shares.sorter),
            processes: shop.sorter(shop.shares.sorter),
            tickets: shop.sorter(shop.shares.sorter),
            crossings: shop.sorter(shop.shares.sorter),
            scripts: shop.sorter(shop.shares.sorter),
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
        crossing::note(segment, machine, &mut batch);
        self.crossings.absorb(&mut batch)?;
        script::note(segment, machine, &mut batch);
        self.scripts.absorb(&mut batch)?;
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
        let sorted = self.crossings.into_inner().finish()?;
        let called = hosts.iter().filter(|host| !host.machine.is_empty());
        let called = called.map(|host| (host.machine.clone(), host.called()));
        let budget = shop.shares.sorter;
        let crossings = Crossings::build(&shop.folder, budget, sorted, called.collect())
            .context("sorting connections")?;
        let controller = |machine: &str| u8::from(is_controller(&hosts, machine));
        let offsets = crossings.skew.of_machines(controller);
        for host in &mut hosts {
            host.skew = offsets.get(&host.machine).copied();
        }
        let sorted = self.scripts.into_inner().finish()?;
        let scripts = Scripts::build(&shop.folder, sorted).context("sorting scripts")?;
        let sorted = self.deeds.into_inner().finish()?;
        let deeds = Deeds::build(&shop.folder, sorted).context("sorting what was left")?;
        Ok(Who {
            crossings,
            scripts,
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
