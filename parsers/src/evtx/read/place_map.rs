//! A table by place in a chunk.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What was found at places of the current chunk.
pub(super) type PlaceMap<V> = HashMap<usize, V, BuildHasherDefault<PlaceHasher>>;

/// Spreads places by multiplication. Nobody can attack it: a chunk has only 65,536 places, and no
/// two of them give the same hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlaceHasher(u64);

impl Hasher for PlaceHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, place: usize) {
        // The fraction of the golden ratio: neighbours land far apart, in the high bits, too.
        self.0 = (self.0 ^ place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
