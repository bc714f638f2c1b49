//! Hosts: machines of the case, and those that others name.

use super::note::{Note, What};
use super::{Basis, Period};
use crate::enrich::{ALWAYS, Addresses};

/// How many names and addresses of a host are listed.
const MOST: usize = 256;
/// The first build of Windows 11, whose registry still says 10.
const WINDOWS_11: u32 = 22_000;

/// An address of a host, and when it had it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leased {
    /// The address.
    pub ip: String,
    /// When; the end is open where none is known.
    pub from: timeline::Ticks,
    /// The last time that is known.
    pub to: Option<timeline::Ticks>,
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
    /// How all of this is known.
    pub basis: Vec<Basis>,
    pub(super) build: Option<u32>,
    pub(super) domain: String,
}

impl Host {
    pub(super) fn add(&mut self, note: Note) {
        if !self.basis.contains(&note.basis) {
            self.basis.push(note.basis);
        }
        let Note { value, period, .. } = note;
        match note.what {
            What::Name => self.add_name(value),
            What::Address => self.add_address(value, period),
            What::MachineId => self.machine_id = value,
            What::Os => self.os = value,
            What::Build => self.build = value.parse().ok(),
            What::TimeZone => self.time_zone = value,
            What::Role => self.add_role(&value),
            What::Domain => self.domain = value,
            What::Seen => match &mut self.period {
                Some(known) => known.join(period),
                None => self.period = Some(period),
            },
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
        self.basis.sort_unstable();
        self
    }
}
