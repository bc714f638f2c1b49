//! The same record in several files is one event with all its provenances (MATCHING.md §7).
//!
//! Only parts whose records and times overlap can hold copies; the identities of their events are
//! sorted, and of each the first reading is kept.

use std::collections::BTreeMap;
use std::io;

use anyhow::Context;
use timeline::sort::Sorter;
use timeline::table::Table;
use timeline::{EvidenceId, Provenance, Segment, State, Uid};

use super::look_one::FirstLook;
use super::parts::{Part, Range};
use super::twins::Twins;
use super::workshop::Workshop;

/// What is to be done with rows of parts.
pub(crate) struct Duplicates {
    table: Table,
    /// Events of each evidence file that are copies.
    pub(crate) per_file: Vec<u64>,
}

/// What is to be done with the rows of one part.
#[derive(Default)]
pub(crate) struct Verdicts {
    /// Rows to leave out, ascending.
    pub(crate) dropped: Vec<u32>,
    /// Further provenances of rows that stay, ascending.
    pub(crate) copies: Vec<(u32, Provenance)>,
}

impl Duplicates {
    /// The verdicts on a part, by its place among all parts.
    pub(crate) fn of(&self, part: usize) -> io::Result<Verdicts> {
        let mut verdicts = Verdicts::default();
        if self.table.is_empty() {
            return Ok(verdicts);
        }
        let prefix = (part as u64).to_be_bytes();
        self.table.with_prefix(&prefix, |key, payload| {
            let row = key
                .get(8..12)
                .and_then(|row| row.try_into().ok())
                .map(u32::from_be_bytes);
            match (row, decode(payload)) {
                (Some(row), Some(copy)) => verdicts.copies.push((row, copy)),
                (Some(row), None) => verdicts.dropped.push(row),
                (None, _) => {}
            }
        })?;
        Ok(verdicts)
    }
}

/// Finds all copies.
pub(crate) fn find(
    shop: &Workshop<'_>,
    first: &FirstLook,
    twins: &Twins,
) -> anyhow::Result<Duplicates> {
    let (mut parts, mut certain) = (Vec::new(), Vec::new());
    for (file, look) in first.files.iter().enumerate() {
        if !twins.others(file).is_empty() {
            certain.extend(parts.len()..parts.len() + look.parts.len());
        }
        parts.extend(&look.parts);
    }
    let mut identities = Sorter::new(&shop.folder, shop.shares.sorter);
    for place in suspects(&parts, certain) {
        let segment = shop
            .spill
            .read(parts[place].spilled)
            .context("reading the spill file")?;
        note_identities(&segment, place, twins, &mut identities).context("sorting identities")?;
    }
    let mut verdicts = Verdicting {
        sorter: Sorter::new(&shop.folder, shop.shares.sorter),
        per_file: vec![0; first.files.len()],
        kept: None,
    };
    for item in identities.finish().context("sorting identities")? {
        let item = item.context("sorting identities")?;
        verdicts
            .take(&item.key, &item.payload)
            .context("sorting copies")?;
    }
    let table = Table::write(&shop.folder, verdicts.sorter.finish()?).context("writing copies")?;
    Ok(Duplicates {
        table,
        per_file: verdicts.per_file,
    })
}

/// Parts that may hold copies of each other's records, or of their own, beside those that do.
fn suspects(parts: &[&Part], certain: Vec<usize>) -> Vec<usize> {
    let mut logs: BTreeMap<(&str, &str), Vec<(usize, Range)>> = BTreeMap::new();
    for (place, part) in parts.iter().enumerate() {
        for (channel, range) in &part.ranges {
            logs.entry((&part.host, channel))
                .or_default()
                .push((place, *range));
        }
    }
    let mut suspects = certain;
    for ranges in logs.values_mut() {
        ranges.sort_by_key(|(place, range)| (range.records, *place));
        for (rank, (place, range)) in ranges.iter().enumerate() {
            if range.disordered {
                suspects.push(*place);
            }
            let reachable = ranges[rank + 1..]
                .iter()
                .take_while(|(_, other)| other.records.0 <= range.records.1);
            for (other, _) in reachable.filter(|(_, other)| range.overlaps(other)) {
                suspects.extend([*place, *other]);
            }
        }
    }
    suspects.sort_unstable();
    suspects.dedup();
    suspects
}

fn note_identities(
    segment: &Segment,
    part: usize,
    twins: &Twins,
    sorter: &mut Sorter,
) -> io::Result<()> {
    for (row, own) in (0u32..).zip(&segment.rows) {
        let place = own.provenance;
        note_identity(own.uid, place, (part, row), sorter)?;
        // The record is in identical files, too.
        for &other in twins.others(place.evidence.0 as usize) {
            let evidence = EvidenceId(u32::try_from(other).map_err(io::Error::other)?);
            let place = Provenance { evidence, ..place };
            note_identity(own.uid, place, (part, row), sorter)?;
        }
    }
    Ok(())
}

fn note_identity(
    uid: Uid,
    place: Provenance,
    (part, row): (usize, u32),
    sorter: &mut Sorter,
) -> io::Result<()> {
    let mut key = [0; 16 + 1 + 4 + 8];
    let (of_uid, rest) = key.split_at_mut(16);
    of_uid.copy_from_slice(&uid.0);
    // What was recovered is a copy of what is live.
    rest[0] = place.state as u8;
    rest[1..5].copy_from_slice(&place.evidence.0.to_be_bytes());
    rest[5..].copy_from_slice(&place.offset.to_be_bytes());
    let mut payload = Vec::with_capacity(PLACE + 21);
    payload.extend((part as u64).to_be_bytes());
    payload.extend(row.to_be_bytes());
    encode(&mut payload, place);
    sorter.push(&key, &payload)
}

/// Bytes of a part's number and a row's.
const PLACE: usize = 12;

/// Goes through the identities in order.
struct Verdicting {
    sorter: Sorter,
    per_file: Vec<u64>,
    /// The identity at hand, and the part and row of its first reading.
    kept: Option<(Uid, [u8; PLACE])>,
}

impl Verdicting {
    fn take(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        let uid = key
            .first_chunk::<16>()
            .map(|uid| Uid(*uid))
            .unwrap_or_default();
        let Some((place, provenance)) = payload.split_first_chunk::<PLACE>() else {
            return Ok(());
        };
        match &self.kept {
            Some((known, kept)) if *known == uid => {
                self.sorter.push(kept, provenance)?;
                // A row is no copy of itself in an identical file.
                if kept != place {
                    self.sorter.push(place, &[])?;
                }
                let file = decode(provenance).map(|copy| copy.evidence.0 as usize);
                if let Some(count) = file.and_then(|file| self.per_file.get_mut(file)) {
                    *count += 1;
                }
            }
            _ => self.kept = Some((uid, *place)),
        }
        Ok(())
    }
}

fn encode(bytes: &mut Vec<u8>, place: Provenance) {
    bytes.extend(place.evidence.0.to_be_bytes());
    bytes.extend(place.offset.to_be_bytes());
    bytes.extend(place.record.to_be_bytes());
    bytes.push(place.state as u8);
}

fn decode(bytes: &[u8]) -> Option<Provenance> {
    let (evidence, rest) = bytes.split_first_chunk::<4>()?;
    let (offset, rest) = rest.split_first_chunk::<8>()?;
    let (record, rest) = rest.split_first_chunk::<8>()?;
    Some(Provenance {
        evidence: EvidenceId(u32::from_be_bytes(*evidence)),
        record: u64::from_be_bytes(*record),
        offset: u64::from_be_bytes(*offset),
        state: *State::ALL.get(usize::from(*rest.first()?))?,
    })
}
