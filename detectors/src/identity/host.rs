//! Hosts: machines of the case, and those that others name.

use std::collections::BTreeMap;

use timeline::Ticks;

use super::note::{Note, What};
use super::{Basis, Period};
use crate::enrich::{ALWAYS, Addresses};

/// How many names and addresses of a host are listed.
const MOST: usize = 256;
/// How far apart sights of an address are one time (MATCHING.md §5: own addresses, a day to either side).
const GAP: i64 = 48 * 3600 * timeline::TICKS_PER_SECOND;
/// The first build of Windows 11, whose registry still says 10.
const WINDOWS_11: u32 = 22_000;

/// An address of a host, and when it had it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leased {
    /// The address.
    pub ip: String,
    /// When; the end is open where none is known.
    pub from: Ticks,
    /// The last time that is known.
    pub to: Option<Ticks>,
}

impl Leased {
    /// Whether all of another's time is in this one's.
    fn holds(&self, other: &Self) -> bool {
        let until = self
            .to
            .is_none_or(|to| other.to.is_some_and(|other| other <= to));
        self.ip == other.ip && self.from <= other.from && until
    }
}

/// A host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Identity of the machine; empty of one that only others name.
    pub machine: String,
    /// All of its names.
    pub names: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<Leased>,
    /// MachineGuid.
    pub machine_id: String,
    /// What Windows it runs.
    pub os: String,
    /// Its time zone, as Windows calls it.
    pub time_zone: String,
    /// Workstation, server, domain controller.
    pub role: String,
    /// How often it was seen to start.
    pub boots: u64,
    /// When it was seen to run.
    pub period: Option<Period>,
    /// How far its clock is ahead of the reference of the case, in ticks of 100 ns.
    pub skew: Option<i64>,
    /// How all of this is known.
    pub basis: Vec<Basis>,
    pub(super) build: Option<u32>,
    pub(super) domain: String,
    /// When the newest value of each kind is from.
    pub(super) since: BTreeMap<u8, Ticks>,
}

impl Host {
    /// All of its names and addresses.
    #[must_use]
    pub fn called(&self) -> Vec<String> {
        let ips = self.addresses.iter().map(|address| &address.ip);
        self.names.iter().chain(ips).cloned().collect()
    }

    /// Whether it is a domain controller.
    #[must_use]
    pub fn is_controller(&self) -> bool {
        self.role == "domain controller"
    }

    pub(super) fn add(&mut self, note: Note) {
        if !self.basis.contains(&note.basis) {
            self.basis.push(note.basis);
        }
        let Note { value, period, .. } = note;
        // A machine is upgraded and renamed: the newest value is what it is.
        let newest = self.since.entry(note.what as u8).or_insert(period.from);
        let is_newest = period.from >= *newest;
        *newest = period.from.max(*newest);
        match note.what {
            What::Name => self.add_name(value),
            What::Address => self.add_address(value, period),
            What::MachineId if is_newest => self.machine_id = value,
            What::Os if is_newest => self.os = value,
            What::Build if is_newest => self.build = value.parse().ok(),
            What::TimeZone if is_newest => self.time_zone = value,
            What::Role => self.add_role(&value),
            What::Domain if is_newest => self.domain = value,
            What::Seen => match &mut self.period {
                Some(known) => known.join(period),
                None => self.period = Some(period),
            },
            _ => {}
        }
    }

    pub(super) fn add_name(&mut self, name: String) {
        let known = self
            .names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&name));
        if self.names.len() < MOST && !known {
            self.names.push(name);
        }
    }

    pub(super) fn add_address(&mut self, ip: String, period: Period) {
        let to = (period.to < ALWAYS).then_some(period.to);
        // Days that follow each other are one time.
        let mut known = self.addresses.iter_mut().rev();
        let before = known.find(|known| {
            let near = known
                .to
                .is_some_and(|to| period.from.0.saturating_sub(to.0) <= GAP);
            known.ip == ip && near && known.from <= period.from
        });
        if let Some(before) = before {
            before.to = before.to.max(to).filter(|_| to.is_some());
            return;
        }
        let leased = Leased {
            ip,
            from: period.from,
            to,
        };
        if self.addresses.len() < MOST && !self.addresses.contains(&leased) {
            self.addresses.push(leased);
        }
    }

    /// Addresses that its own log proves.
    pub(super) fn add_own(&mut self, own: &Addresses) {
        for (ip, from, to) in own.seen() {
            self.add_address(ip.to_owned(), Period { from, to });
        }
    }

    /// Only a domain controller gives out tickets; what a product is says less.
    fn add_role(&mut self, value: &str) {
        let role = match value {
            "LanmanNT" | "domain controller" => "domain controller",
            "ServerNT" => "server",
            "WinNT" => "workstation",
            _ => return,
        };
        if self.role != "domain controller" {
            role.clone_into(&mut self.role);
        }
    }

    pub(super) fn finish(mut self) -> Self {
        if self.role.is_empty() && !self.os.is_empty() {
            let is_server = self.os.contains("Server");
            if is_server { "server" } else { "workstation" }.clone_into(&mut self.role);
        }
        if self.build.is_some_and(|build| build >= WINDOWS_11) && self.role == "workstation" {
            self.os = self.os.replace("Windows 10", "Windows 11");
        }
        let short = self.names.iter().find(|name| !name.contains('.')).cloned();
        let has_long = self.names.iter().any(|name| name.contains('.'));
        if let Some(short) = short.filter(|_| !has_long && !self.domain.is_empty()) {
            self.add_name(format!("{short}.{}", self.domain));
        }
        self.names
            .sort_unstable_by_key(|name| (!name.contains('.'), name.to_lowercase()));
        self.addresses.sort_unstable();
        let all = self.addresses.clone();
        self.addresses
            .retain(|one| !all.iter().any(|other| other != one && other.holds(one)));
        self.basis.sort_unstable();
        self
    }
}
