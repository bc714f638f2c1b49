//! Sessions, hosts and accounts: what the second look notes of them, and what comes of it.

use std::collections::BTreeSet;
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

/// How the events of a machine are noted.
type Note = fn(&Segment, &str, &mut Batch);

/// Notes of one kind, sorted.
struct Noted {
    note: Note,
    sorter: SharedSorter,
}

impl Noted {
    fn take(&self, segment: &Segment, machine: &str, batch: &mut Batch) -> io::Result<()> {
        (self.note)(segment, machine, batch);
        self.sorter.absorb(batch)
    }

    fn sorted(self) -> io::Result<Sorted> {
        self.sorter.into_inner().finish()
    }
}

/// Takes notes of finished segments, from any thread.
pub(crate) struct Notes {
    sessions: Noted,
    identities: Noted,
    processes: Noted,
    tickets: Noted,
    crossings: Noted,
    scripts: Noted,
    deeds: Noted,
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

impl Notes {
    pub(crate) fn new(shop: &Workshop<'_>) -> Self {
        let noted = |note| Noted {
            note,
            sorter: shop.sorter(shop.shares.sorter),
        };
        Self {
            sessions: noted(session::note),
            identities: noted(identity::note),
            processes: noted(process::note),
            tickets: noted(ticket::note),
            crossings: noted(crossing::note),
            scripts: noted(script::note),
            deeds: noted(deed::note),
        }
    }

    /// Notes what a segment of a machine's events says.
    pub(crate) fn take(&self, segment: &Segment, machine: &str) -> io::Result<()> {
        let all = [
            &self.sessions,
            &self.identities,
            &self.processes,
            &self.tickets,
            &self.crossings,
            &self.scripts,
            &self.deeds,
        ];
        let mut batch = Batch::default();
        all.into_iter()
            .try_for_each(|noted| noted.take(segment, machine, &mut batch))
    }

    /// Puts all notes together.
    pub(crate) fn finish(
        self,
        shop: &Workshop<'_>,
        hosts: &Hosts,
        facts: &Facts,
        given: Vec<Given>,
    ) -> anyhow::Result<Who> {
        let sorted = self.sessions.sorted()?;
        let (sessions, by_time) = Sessions::build(&shop.folder, shop.shares.sorter, sorted)
            .context("putting sessions together")?;
        let sorted = self.identities.sorted()?;
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
        let sorted = self.processes.sorted()?;
        let processes = Processes::build(&shop.folder, sorted).context("sorting processes")?;
        let sorted = self.tickets.sorted()?;
        let tickets = Tickets::build(&shop.folder, sorted).context("sorting tickets")?;
        let sorted = self.crossings.sorted()?;
        let called = hosts.iter().filter(|host| !host.machine.is_empty());
        let called = called.map(|host| (host.machine.clone(), host.called()));
        let budget = shop.shares.sorter;
        let crossings = Crossings::build(&shop.folder, budget, sorted, called.collect())
            .context("sorting connections")?;
        // The clock of a domain is that of its controllers.
        let controllers = hosts.iter().filter(|host| host.is_controller());
        let controllers: BTreeSet<&str> = controllers.map(|host| host.machine.as_str()).collect();
        let rank = |machine: &str| u8::from(controllers.contains(machine));
        let offsets = crossings.skew.of_machines(rank);
        for host in &mut hosts {
            host.skew = offsets.get(&host.machine).copied();
        }
        let sorted = self.scripts.sorted()?;
        let scripts = Scripts::build(&shop.folder, sorted).context("sorting scripts")?;
        let sorted = self.deeds.sorted()?;
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
