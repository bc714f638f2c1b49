//! Identical files are read once.
//!
//! Only files of one size that begin alike are compared, by their SHA-256.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use parsers::Machine;

use super::machines::{Machines, is_of_machine};
use crate::collect::{Collection, Evidence, turns};

/// Which evidence files are the same as others.
#[derive(Debug, Default)]
pub(crate) struct Twins {
    /// The first of those that are the same, by the places of the others.
    first: HashMap<usize, usize>,
    /// The others, ascending, by the place of the first.
    others: BTreeMap<usize, Vec<usize>>,
}

impl Twins {
    /// Compares the files of a collection. One that cannot be read is like no other.
    pub(crate) fn of(collection: &Collection, machines: &Machines) -> Self {
        let alike = alike(&collection.evidence);
        let hash = |&place: &usize| {
            let file = collection.evidence[place].source.open().ok()?;
            let (sha256, size) = file.sha256().ok()?;
            (file.fault().is_none() && size > 0).then_some((place, sha256))
        };
        let mut hashes: Vec<(usize, String)> = turns(&collection.evidence, &alike)
            .par_iter()
            .flat_map_iter(|turn| turn.iter().filter_map(hash))
            .collect();
        hashes.sort_unstable();
        let by_place: BTreeMap<usize, String> = hashes.into_iter().collect();
        let mut twins = Self::default();
        let mut known: HashMap<Identity<'_>, usize> = HashMap::new();
        for (&place, sha256) in &by_place {
            let evidence = &collection.evidence[place];
            // What belongs to a file makes a difference, and is the same only when it was compared, too.
            let companions = evidence.companions.iter().map(|&companion| {
                let hash = by_place.get(&companion);
                hash.map_or_else(|| companion.to_string(), Clone::clone)
            });
            let machine = machines.at(&evidence.path);
            let identity = Identity {
                kind: evidence.parser.kind(),
                sha256,
                companions: companions.collect(),
                machine: is_of_machine(evidence).then_some(machine),
            };
            let first = *known.entry(identity).or_insert(place);
            if first != place {
                twins.first.insert(place, first);
                twins.others.entry(first).or_default().push(place);
            }
        }
        twins
    }

    /// The place of the file that is read in the place of this one.
    pub(crate) fn first(&self, place: usize) -> Option<usize> {
        self.first.get(&place).copied()
    }

    /// The places of the files that this one is read for, too.
    pub(crate) fn others(&self, place: usize) -> &[usize] {
        self.others.get(&place).map_or(&[], Vec::as_slice)
    }
}

/// What makes two files the same.
#[derive(PartialEq, Eq, Hash)]
struct Identity<'a> {
    kind: &'static str,
    sha256: &'a str,
    companions: Vec<String>,
    machine: Option<&'a Machine>,
}

/// The places of files that may be the same as another.
fn alike(evidence: &[Evidence]) -> Vec<usize> {
    let mut groups: HashMap<(u64, u32), Vec<usize>> = HashMap::new();
    for (place, file) in evidence.iter().enumerate() {
        let group = groups.entry((file.size, file.head_checksum));
        group.or_default().push(place);
    }
    let mut places: Vec<usize> = groups
        .into_values()
        .filter(|group| group.len() > 1)
        .flatten()
        .collect();
    places.sort_unstable();
    places
}
