//! From what a hive says to events: the fields that all of them share, their identity, their time
//! (ECS.md §9.1).

use std::collections::HashMap;
use std::io;

use sha2::{Digest, Sha256};
use timeline::{Event, EvidenceId, Provenance, Sink, State, Ticks, Uid, fields as f};

use super::artefact::Lookups;
use super::mount::Mount;
use super::read::Key;
use crate::ecs::{Room, Values};
use crate::residue::{self, put_machine, put_origin};
use crate::security_descriptor::SecurityDescriptor;
use crate::{Counts, Input, Machine, Profile};

/// The provider of all events from hives.
pub const PROVIDER: &str = "registry-hive";
/// Their data set.
const DATASET: &str = "offline.registry";

/// So many descriptors are kept as text. A hive of one machine has fewer; one that has more is made to cost.
const MOST_SECURITIES: usize = 4096;

/// Where an event was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The cell.
    pub(super) cell: u32,
    pub(super) state: State,
    /// Whether it is of before the transaction logs.
    pub(super) is_superseded: bool,
}

/// How sure the time of an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// It happened then.
    Exact,
    /// It happened then or before: the event tells of a state.
    UpperBound,
}

impl Certainty {
    pub(super) fn exact_if(is_exact: bool) -> Self {
        if is_exact {
            Self::Exact
        } else {
            Self::UpperBound
        }
    }
}

/// The time of an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    pub(super) time: Option<Ticks>,
    /// What the time is: a word of ours, see `timestamp_desc` in the timeline.
    pub(super) meaning: &'static str,
    pub(super) certainty: Certainty,
}

impl When {
    /// A key's last-written time.
    pub(super) fn last_write(time: Option<Ticks>, certainty: Certainty) -> Self {
        Self {
            time,
            meaning: "key_last_write",
            certainty,
        }
    }

    /// A time that stands in data.
    pub(super) fn exact(time: Ticks, meaning: &'static str) -> Self {
        Self {
            time: Some(time),
            meaning,
            certainty: Certainty::Exact,
        }
    }
}

/// What is said of the security descriptor of a key.
struct Security {
    owner: Option<String>,
    sddl: Option<String>,
}

impl Security {
    fn of(key: &Key<'_>) -> Self {
        let descriptor = key.security();
        Self {
            owner: descriptor.and_then(SecurityDescriptor::owner),
            sddl: descriptor.and_then(SecurityDescriptor::sddl),
        }
    }
}

/// Writes the events of one hive.
pub(super) struct Out<'s> {
    sink: &'s mut dyn Sink,
    evidence: EvidenceId,
    profile: Profile,
    hash: [u8; 32],
    pub(super) machine: &'s Machine,
    channel: String,
    pub(super) mount: Mount,
    pub(super) counts: Counts,
    /// Whether events that only bound a time are left out.
    pub(super) is_exact_only: bool,
    /// What the rest of the hive says about its tasks.
    pub(super) lookups: Lookups,
    room: Room,
    /// By the cells of their descriptors, and whether that was before the logs.
    securities: HashMap<(u32, bool), Security>,
    /// The events of the values of the key at hand, by their cells: what is decoded from them refers to them.
    raw: HashMap<(u32, State), Uid>,
}

impl<'s> Out<'s> {
    pub(super) fn new(
        input: &Input<'s>,
        mount: Mount,
        hash: [u8; 32],
        sink: &'s mut dyn Sink,
    ) -> Self {
        Self {
            sink,
            evidence: input.evidence,
            profile: input.profile,
            hash,
            machine: input.machine,
            channel: format!("registry:{}", mount.name),
            mount,
            counts: Counts::default(),
            is_exact_only: false,
            lookups: Lookups::default(),
            room: Room::default(),
            securities: HashMap::new(),
            raw: HashMap::new(),
        }
    }

    /// Turns to another key.
    pub(super) fn turn_to_key(&mut self) {
        self.raw.clear();
    }

    /// Puts who owns a key, and who may do what with it.
    pub(super) fn put_security(
        &mut self,
        values: &mut Values<'_>,
        key: &Key<'_>,
        is_superseded: bool,
    ) {
        let place = (key.security_cell(), is_superseded);
        if self.securities.len() > MOST_SECURITIES {
            self.securities.clear();
        }
        let security = self.securities.entry(place);
        let security = security.or_insert_with(|| Security::of(key));
        values.put_some(f::REGISTRY_EXT_KEY_OWNER, security.owner.clone());
        values.put_some(f::REGISTRY_EXT_KEY_SECURITY, security.sddl.clone());
    }

    /// Says of an event which key it was decoded from.
    pub(super) fn put_key(&self, values: &mut Values<'_>, path: &str) {
        values.put(
            f::REGISTRY_EXT_KEY,
            format!("{}\\{path}", self.mount.prefix),
        );
    }

    pub(super) fn issue(&mut self, issue: timeline::Issue) {
        self.sink.issue(issue);
    }

    /// The field of a name below an open prefix.
    pub(super) fn own_field(&mut self, prefix: &str, name: &str) -> timeline::Field {
        self.sink.own_field(prefix, name)
    }

    /// Room for the values of an event.
    pub(super) fn values<'a>(&mut self) -> Values<'a> {
        Values::in_room(std::mem::take(&mut self.room))
    }

    /// Hands an event to the sink. `which` tells it from others of its cell,
    /// `content` from others of the same cell in another state of the hive.
    pub(super) fn put<'v>(
        &mut self,
        place: Place,
        when: When,
        which: &str,
        content: &[&[u8]],
        mut values: Values<'v>,
    ) -> io::Result<()>
    where
        's: 'v,
    {
        let is_exact = when.certainty == Certainty::Exact;
        if self.is_exact_only && !is_exact {
            return Ok(());
        }
        values.put(f::EVENT_KIND, if is_exact { "event" } else { "state" });
        put_origin(&mut values, PROVIDER, DATASET);
        values.put(f::EVENT_SEQUENCE, i64::from(place.cell));
        values.put(f::EVENT_EXT_TIMESTAMP_KIND, when.meaning);
        values.put(
            f::EVENT_EXT_CERTAINTY,
            if is_exact { "exact" } else { "upper_bound" },
        );
        let machine = self.machine;
        put_machine(&mut values, machine);
        let host = machine.host.as_str();
        if let Some(owner) = &self.mount.owner {
            values.put(f::REGISTRY_EXT_OWNER_SID, owner.clone());
        }
        if place.state != State::Live {
            values.put(f::EVENT_EXT_RECOVERED, place.state.as_str());
        }
        if place.is_superseded {
            values.put(f::EVENT_EXT_SUPERSEDED, true);
        }
        let time = when.time.filter(|time| time.is_believable());
        if time.is_none() {
            values.put_some(f::EVENT_CREATED, when.time);
        }
        values.relate();
        let uid = self.uid(place, when, which, content);
        if which.is_empty() {
            self.raw.insert((place.cell, place.state), uid);
        } else if let Some(raw) = self.raw.get(&(place.cell, place.state)) {
            values.put(f::EVENT_EXT_DERIVED_FROM, raw.to_string());
        }
        if self.profile == Profile::Upstream {
            values.keep_upstream();
        }
        self.sink.event(&Event {
            time,
            host,
            channel: &self.channel,
            provenance: Provenance {
                evidence: self.evidence,
                record: u64::from(place.cell),
                offset: super::read::BINS + u64::from(place.cell),
                state: place.state,
            },
            uid,
            values: values.as_slice(),
        })?;
        self.counts.events += 1;
        self.room = values.into_room();
        Ok(())
    }

    /// MATCHING.md §7: over the hash of the evidence, the artefact, the place in it, and which time.
    fn uid(&self, place: Place, when: When, which: &str, content: &[&[u8]]) -> Uid {
        let mut hash = Sha256::new();
        hash.update(self.hash);
        for text in ["registry", place.state.as_str(), when.meaning, which] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.update(place.cell.to_le_bytes());
        hash.update([u8::from(place.is_superseded)]);
        hash.update(when.time.map_or(0, |time| time.0).to_le_bytes());
        for part in content {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        residue::uid(hash)
    }
}
