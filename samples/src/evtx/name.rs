//! Element and attribute names: each is written once per chunk, where it is first needed, and
//! found again by its offset. The chunk's header holds a hash table of 64 chains over them.

use super::page::{Page, narrow_u16};

/// Where the chunk's header keeps the first link of each chain.
const TABLE: usize = 128;
const BUCKETS: u16 = 64;

/// Writes the offset of a name, and behind it the name itself when the chunk does not have it yet.
pub(super) fn write_name(page: &mut Page, name: &str) {
    let link = link_of(name);
    if let Some(offset) = find(page, link, name) {
        page.u32(offset);
    } else {
        page.u32(page.position() + 4);
        define(page, link, name);
    }
}

fn define(page: &mut Page, link: usize, name: &str) {
    let here = page.position();
    // The newest name heads its chain and points at the one before.
    page.u32(page.u32_at(link));
    page.u16(hash(name));
    page.counted_text(name);
    page.u16(0);
    page.put(link, &here.to_le_bytes());
}

/// Follows a chain in the chunk itself, as a reader would: no second index has to agree with it.
fn find(page: &Page, link: usize, name: &str) -> Option<u32> {
    let mut offset = page.u32_at(link);
    while offset != 0 {
        let at = offset as usize;
        if is_at(page, at, name) {
            return Some(offset);
        }
        offset = page.u32_at(at);
    }
    None
}

fn is_at(page: &Page, at: usize, name: &str) -> bool {
    let length = narrow_u16(name.encode_utf16().count());
    let stored = &page.as_bytes()[at + 6..];
    stored[..2] == length.to_le_bytes()
        && stored[2..]
            .chunks_exact(2)
            .zip(name.encode_utf16())
            .all(|(bytes, unit)| bytes == unit.to_le_bytes())
}

fn link_of(name: &str) -> usize {
    TABLE + 4 * usize::from(hash(name) % BUCKETS)
}

/// The hash that Windows stores beside the name: SDBM's, its low half.
fn hash(name: &str) -> u16 {
    let sum = name.encode_utf16().fold(0_u32, |sum, unit| {
        sum.wrapping_mul(65_599).wrapping_add(u32::from(unit))
    });
    (sum & 0xFFFF) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_in_logs_that_windows_wrote() {
        for (name, known) in [
            ("Channel", 0x6183),
            ("Data", 0x6F8A),
            ("EventRecordID", 0x0346),
            ("Name", 0x954B),
        ] {
            assert_eq!(hash(name), known, "{name}");
        }
    }
}
