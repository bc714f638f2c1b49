//! What hosts say of their own logs: whether they are on, how much they hold, when they were cleared,
//! when the clock was set, and what is audited.
//!
//! **Takes** segments of events, before any are left out by choice: a log that was cleared last year is
//! still without what it had then. **Gives** what no single event says: how far the absence of an event
//! can mean something (EVIDENCE.md §0.1).

mod audit;
mod channels;
mod latest;
mod log;

use std::collections::{BTreeMap, HashMap, HashSet};

use timeline::{Cell, Field, Segment, State, StringId, Ticks, fields as f};

use crate::enrich::host_key;

pub use audit::Audit;
pub use channels::{CHANNELS, Channel, PROVING};
pub use latest::Latest;
pub use log::{Jump, Log};

/// Of how many logs that are not [`CHANNELS`] it is remembered, for each machine, that they were cleared.
const MOST_OTHERS: usize = 256;
/// The clock runs apart by less all the time; time services then set it.
const JUMP: u64 = 5 * timeline::TICKS_PER_SECOND.unsigned_abs();
/// The reasons Windows gives for a new time that are none: it was asleep, or the zone is another.
const NO_JUMP: [&str; 2] = ["2", "3"];

/// What hosts say of their own logs.
#[derive(Clone, Debug, Default)]
pub struct Logging {
    /// The machine of each host's key.
    names: BTreeMap<String, String>,
    machines: BTreeMap<String, Machine>,
}

/// What one machine says.
#[derive(Clone, Debug, Default)]
struct Machine {
    /// By the lower-case names of their channels.
    logs: BTreeMap<String, Log>,
    audit: Audit,
}

/// Events that tell something of logs, by their codes.
#[derive(Clone, Copy)]
enum Told {
    Cleared,
    OtherCleared,
    ClockOfKernel,
    ClockOfSecurity,
    AuditChanged,
    /// A log records such events: which of [`PROVING`].
    Proof(usize),
}

impl Told {
    fn by_code(code: &str) -> Option<Self> {
        Some(match code {
            "1102" => Self::Cleared,
            "104" => Self::OtherCleared,
            "1" => Self::ClockOfKernel,
            "4616" => Self::ClockOfSecurity,
            "4719" => Self::AuditChanged,
            _ => Self::Proof(PROVING.iter().position(|proof| *proof == code)?),
        })
    }

    /// The channel that such events are in, and how the name of their provider ends: numbers are used by
    /// others, too.
    fn origin(self) -> (&'static str, &'static str) {
        match self {
            Self::Cleared => ("security", "eventlog"),
            Self::OtherCleared => ("system", "eventlog"),
            Self::ClockOfKernel => ("system", "kernel-general"),
            Self::ClockOfSecurity | Self::AuditChanged | Self::Proof(_) => {
                ("security", "security-auditing")
            }
        }
    }
}

impl Logging {
    /// Takes the events of one host into account, but for copies.
    pub fn learn(&mut self, host: &str, machine: &str, segment: &Segment, copies: &[u32]) {
        self.names.insert(host.to_owned(), machine.to_owned());
        let machine = self.machines.entry(machine.to_owned()).or_default();
        let is_telling = |row: u32| {
            // What was recovered was replaced by something else since.
            let state = segment.rows[row as usize].provenance.state;
            matches!(state, State::Live | State::TransactionLog)
                && copies.binary_search(&row).is_err()
        };
        let mut seen = HashSet::new();
        for (row, told) in rows(segment, f::EVENT_CODE, Told::by_code) {
            let channel = segment.rows[row as usize].channel;
            // The first event of a kind proves as much as all of them.
            let known = matches!(told, Told::Proof(proof) if seen.contains(&(channel, proof)));
            if known || !is_telling(row) || !comes_from(segment, row, told) {
                continue;
            }
            if let Told::Proof(proof) = told {
                seen.insert((channel, proof));
            }
            machine.note(segment, row, told);
        }
        for (row, setting) in rows(segment, f::REGISTRY_VALUE, log::Setting::by_name) {
            if is_telling(row) {
                machine.set(segment, row, setting);
            }
        }
        for (row, ()) in rows(segment, f::EVENT_ACTION, |action| {
            (action == "audit-policy").then_some(())
        }) {
            if is_telling(row) {
                machine.audit.read(segment, row);
            }
        }
    }

    /// Adds what other events tell.
    pub fn merge(&mut self, other: &Self) {
        self.names.extend(other.names.clone());
        for (key, machine) in &other.machines {
            self.machines.entry(key.clone()).or_default().merge(machine);
        }
    }

    /// What is known of a log of a host, under any of the names that its machine had.
    #[must_use]
    pub fn log(&self, host: &str, channel: &str) -> Option<&Log> {
        self.machine(host)?.logs.get(&channel.to_lowercase())
    }

    /// Every log of a host that something is known of.
    pub fn logs(&self, host: &str) -> impl Iterator<Item = &Log> {
        let machine = self.machine(host);
        machine
            .into_iter()
            .flat_map(|machine| machine.logs.values())
    }

    /// What a host audits.
    #[must_use]
    pub fn audit(&self, host: &str) -> Option<&Audit> {
        self.machine(host).map(|machine| &machine.audit)
    }

    fn machine(&self, host: &str) -> Option<&Machine> {
        let key = host_key(host);
        self.machines.get(self.names.get(&key).unwrap_or(&key))
    }
}

impl Machine {
    fn log(&mut self, channel: &str) -> Option<&mut Log> {
        let key = channel.to_lowercase();
        // Anyone can name logs without end in a record that says one was cleared.
        let is_known = self.logs.contains_key(&key) || channels::is_telling(&key);
        if !is_known && self.logs.len() >= CHANNELS.len() + MOST_OTHERS {
            return None;
        }
        Some(self.logs.entry(key).or_insert_with(|| Log::of(channel)))
    }

    fn note(&mut self, segment: &Segment, row: u32, told: Told) {
        let own = &segment.rows[row as usize];
        let channel = segment.strings.get(own.channel);
        let Some(time) = own.time else {
            return;
        };
        match told {
            Told::Cleared => self.cleared(channel, time),
            Told::OtherCleared => {
                if let Some(cleared) = data(segment, "winlog.user_data.Channel", row) {
                    self.cleared(cleared, time);
                }
            }
            Told::ClockOfKernel => {
                let reason = data(segment, "winlog.event_data.Reason", row);
                if reason.is_none_or(|reason| !NO_JUMP.contains(&reason)) {
                    self.jumped(segment, row, "winlog.event_data.OldTime");
                }
            }
            Told::ClockOfSecurity => {
                self.jumped(segment, row, "winlog.event_data.PreviousTime");
            }
            Told::AuditChanged => self.audit.change(segment, row, time),
            Told::Proof(proof) => {
                if let Some(log) = self.log(channel) {
                    log.prove(proof);
                }
            }
        }
    }

    fn cleared(&mut self, channel: &str, time: Ticks) {
        if let Some(log) = self.log(channel) {
            log.cleared.add(time);
        }
    }

    fn jumped(&mut self, segment: &Segment, row: u32, old: &str) {
        let own = &segment.rows[row as usize];
        let time = |name| data(segment, name, row).and_then(Ticks::parse);
        let (Some(from), Some(to)) = (time(old), time("winlog.event_data.NewTime")) else {
            return;
        };
        if from.0.abs_diff(to.0) < JUMP {
            return;
        }
        if let Some(log) = self.log(segment.strings.get(own.channel)) {
            log.jumps.add(Jump { from, to });
        }
    }

    fn set(&mut self, segment: &Segment, row: u32, setting: log::Setting) {
        let Some(place) = log::Place::of(segment, row, setting) else {
            return;
        };
        // Windows has over a thousand channels: those that tell of movements are kept.
        if channels::is_telling(&place.channel.to_lowercase())
            && let Some(log) = self.log(&place.channel)
        {
            log.set(setting, &place);
        }
    }

    fn merge(&mut self, other: &Self) {
        for log in other.logs.values() {
            if let Some(own) = self.log(&log.channel) {
                own.merge(log);
            }
        }
        self.audit.merge(&other.audit);
    }
}

fn comes_from(segment: &Segment, row: u32, told: Told) -> bool {
    let (channel, provider) = told.origin();
    let own = &segment.rows[row as usize];
    segment
        .strings
        .get(own.channel)
        .eq_ignore_ascii_case(channel)
        && segment
            .text(f::EVENT_PROVIDER, row)
            .is_some_and(|name| name.to_ascii_lowercase().ends_with(provider))
}

/// A value that the event itself named.
fn data<'s>(segment: &'s Segment, name: &str, row: u32) -> Option<&'s str> {
    segment.text(segment.names.find(name)?, row)
}

/// The rows whose value of a field means something; each value is judged once.
fn rows<T: Copy>(
    segment: &Segment,
    field: Field,
    meaning: impl Fn(&str) -> Option<T>,
) -> Vec<(u32, T)> {
    let mut known: HashMap<StringId, Option<T>> = HashMap::new();
    let mut found = Vec::new();
    let values = segment.column(field);
    for (row, cell) in values.into_iter().flat_map(timeline::Column::iter) {
        let Cell::Text(id) = cell else { continue };
        let told = *known
            .entry(id)
            .or_insert_with(|| meaning(segment.strings.get(id)));
        found.extend(told.map(|told| (row, told)));
    }
    found
}

#[cfg(test)]
mod tests;
