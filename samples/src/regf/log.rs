//! Transaction logs: what makes one state of a hive out of another.

use super::base_block::{LENGTH, seal};
use super::marvin32::hash;

/// Dirty pages are multiples of this, and logs are written in them.
const SECTOR: usize = 512;

/// A log of the new format (since Windows 8.1) with one entry for each state that a hive is to have, the
/// first of them with this sequence number. `before` is the hive on disk.
#[must_use]
pub fn new_log(before: &[u8], states: &[&[u8]], sequence: u32) -> Vec<u8> {
    let mut log = log_header(before, 6, sequence);
    let mut last = before;
    for (number, state) in (sequence..).zip(states) {
        log.extend(entry(last, state, number));
        last = state;
    }
    log
}

/// A log of the old format (until Windows 8) that makes `after` of `before`, the hive on disk, whose primary
/// sequence number this is.
#[must_use]
pub fn old_log(before: &[u8], after: &[u8], sequence: u32) -> Vec<u8> {
    let mut log = log_header(after, 1, sequence);
    let bins = after.len() - LENGTH;
    let mut bitmap = vec![0_u8; bins / LENGTH];
    let mut pages: Vec<u8> = Vec::new();
    for (start, length) in dirty_pages(before, after) {
        for place in (start..start + length).step_by(SECTOR) {
            bitmap[place / SECTOR / 8] |= 1 << (place / SECTOR % 8);
            pages.extend(&after[LENGTH + place..LENGTH + place + SECTOR]);
        }
    }
    log.extend(b"DIRT");
    log.extend(bitmap);
    log.resize(log.len().next_multiple_of(SECTOR), 0);
    log.extend(pages);
    log
}

/// Makes the base block and the hashes of the entries of a log right, as far as it has such. For logs that were
/// changed on purpose.
pub fn seal_entries(log: &mut [u8]) {
    if log.len() < SECTOR {
        return;
    }
    seal(&mut log[..SECTOR]);
    let mut start = SECTOR;
    while let Some(header) = log.get(start..start + 40) {
        let size = u32::from_le_bytes(header[4..8].try_into().expect("four bytes")) as usize;
        if !header.starts_with(b"HvLE") || size < 40 || !size.is_multiple_of(4) {
            return;
        }
        let Some(entry) = log.get_mut(start..start + size) else {
            return;
        };
        let body = hash(&entry[40..]);
        entry[24..32].copy_from_slice(&body.to_le_bytes());
        let head = hash(&entry[..32]);
        entry[32..40].copy_from_slice(&head.to_le_bytes());
        start += size;
    }
}

fn log_header(hive: &[u8], file_type: u32, sequence: u32) -> Vec<u8> {
    let mut header = hive[..SECTOR].to_vec();
    for (at, number) in [(4, sequence), (8, sequence), (28, file_type)] {
        header[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    seal(&mut header);
    header
}

fn entry(before: &[u8], after: &[u8], sequence: u32) -> Vec<u8> {
    let pages = dirty_pages(before, after);
    let number = |number: usize| u32::try_from(number).expect("a hive is smaller than 4 GiB");
    let mut body = Vec::new();
    for &(start, length) in &pages {
        body.extend(number(start).to_le_bytes());
        body.extend(number(length).to_le_bytes());
    }
    for &(start, length) in &pages {
        body.extend(&after[LENGTH + start..LENGTH + start + length]);
    }
    let size = (body.len() + 40).next_multiple_of(SECTOR);
    body.resize(size - 40, 0);
    let mut entry = b"HvLE".to_vec();
    for field in [
        number(size),
        0,
        sequence,
        number(after.len() - LENGTH),
        number(pages.len()),
    ] {
        entry.extend(field.to_le_bytes());
    }
    entry.extend(hash(&body).to_le_bytes());
    entry.extend(hash(&entry).to_le_bytes());
    entry.extend(body);
    entry
}

/// Where two states differ, in the hive bins: starts and lengths.
fn dirty_pages(before: &[u8], after: &[u8]) -> Vec<(usize, usize)> {
    let mut pages: Vec<(usize, usize)> = Vec::new();
    let (before, after) = (&before[LENGTH..], &after[LENGTH..]);
    for (number, page) in after.chunks(SECTOR).enumerate() {
        let start = number * SECTOR;
        if before.get(start..start + page.len()) == Some(page) {
            continue;
        }
        match pages.last_mut() {
            Some((last, length)) if *last + *length == start => *length += SECTOR,
            _ => pages.push((start, SECTOR)),
        }
    }
    pages
}
