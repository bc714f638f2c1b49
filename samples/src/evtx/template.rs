//! Template definitions, each written once per chunk where it is first used, and their instances:
//! the reference to a definition and the values that fill its slots.

use super::element::{Element, begin_fragment, end_fragment};
use super::guid::Guid;
use super::page::{Page, narrow_u16};

/// Where the chunk's header keeps the first link of each chain of definitions.
const TABLE: usize = 384;
const BUCKETS: u32 = 32;

const INSTANCE_TOKEN: u8 = 0x0C;
const INSTANCE_VERSION: u8 = 1;

/// Writes the head of an instance. The elements are asked for only when the chunk does not have
/// the template yet.
pub(super) fn write_instance<'a>(
    page: &mut Page,
    identity: Guid,
    elements: impl FnOnce() -> Element<'a>,
) {
    page.u8(INSTANCE_TOKEN);
    page.u8(INSTANCE_VERSION);
    page.u32(first_field(identity));
    if let Some(offset) = find(page, identity) {
        page.u32(offset);
    } else {
        page.u32(page.position() + 4);
        define(page, identity, &elements());
    }
}

fn define(page: &mut Page, identity: Guid, elements: &Element<'_>) {
    let here = page.position();
    let link = link_of(identity);
    // The newest definition heads its chain and points at the one before.
    page.u32(page.u32_at(link));
    page.put(link, &here.to_le_bytes());
    page.bytes(&identity.to_bytes());
    let length = page.reserve(4);
    begin_fragment(page);
    elements.write(page);
    end_fragment(page);
    page.put_length_since(length);
}

fn find(page: &Page, identity: Guid) -> Option<u32> {
    let mut offset = page.u32_at(link_of(identity));
    while offset != 0 {
        let at = offset as usize;
        if page.as_bytes()[at + 4..at + 20] == identity.to_bytes() {
            return Some(offset);
        }
        offset = page.u32_at(at);
    }
    None
}

fn link_of(identity: Guid) -> usize {
    TABLE + 4 * (first_field(identity) % BUCKETS) as usize
}

/// The template id in an instance is the first field of the definition's GUID.
fn first_field(identity: Guid) -> u32 {
    let [a, b, c, d, ..] = identity.to_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The values of one instance: first a table of sizes and types, then the values in order.
pub(super) struct Values {
    next: usize,
}

impl Values {
    pub(super) fn begin(page: &mut Page, count: usize) -> Self {
        page.u32(u32::from(narrow_u16(count)));
        Self {
            next: page.reserve(4 * count),
        }
    }

    /// Fills the next slot with what `write` writes, as this type.
    pub(super) fn fill(&mut self, page: &mut Page, kind: u8, write: impl FnOnce(&mut Page)) {
        let start = page.len();
        write(page);
        let [low, high] = narrow_u16(page.len() - start).to_le_bytes();
        page.put(self.next, &[low, high, kind, 0]);
        self.next += 4;
    }
}

/// Makes the GUID of a template out of what the template says, so that equal ones and only equal
/// ones share it in every log, as with Windows. (Two FNV-1a sums side by side.)
pub(super) struct Identity {
    sums: [u64; 2],
}

impl Identity {
    const PRIME: u64 = 0x0100_0000_01B3;

    pub(super) fn of(kind: &str) -> Self {
        let mut identity = Self {
            sums: [0xCBF2_9CE4_8422_2325, 0x6C62_272E_07BB_0142],
        };
        identity.add(kind.as_bytes());
        identity
    }

    /// Takes in one part; the length keeps `ab` + `c` apart from `a` + `bc`.
    pub(super) fn add(&mut self, part: &[u8]) {
        for byte in part.iter().chain(&part.len().to_le_bytes()[..2]) {
            for sum in &mut self.sums {
                *sum = (*sum ^ u64::from(*byte)).wrapping_mul(Self::PRIME);
            }
        }
    }

    pub(super) fn guid(&self) -> Guid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&spread(self.sums[0]));
        bytes[8..].copy_from_slice(&spread(self.sums[1]));
        Guid::from_bytes(bytes)
    }
}

/// FNV leaves its low bits poorly mixed, and the first field chooses the chain.
fn spread(sum: u64) -> [u8; 8] {
    (sum ^ (sum >> 29))
        .wrapping_mul(0xBF58_476D_1CE4_E5B9)
        .to_be_bytes()
}
