//! Marvin32: the hash of entries in transaction logs (US patent application 2013/0262421).

/// The seed that Windows hashes entries with.
const SEED: [u32; 2] = [0x7A4E_55C5, 0x82EF_4D88];

/// The hash of some bytes, a multiple of four: entries, and the part of their header that is hashed, are.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let [low, high] = SEED;
    let mut state = State { low, high };
    let (numbers, _) = bytes.as_chunks::<4>();
    for number in numbers {
        state.add(u32::from_le_bytes(*number));
    }
    // The end of the bytes.
    state.add(0x80);
    state.mix();
    u64::from(state.high) << 32 | u64::from(state.low)
}

struct State {
    low: u32,
    high: u32,
}

impl State {
    fn add(&mut self, number: u32) {
        self.low = self.low.wrapping_add(number);
        self.mix();
    }

    fn mix(&mut self) {
        self.high ^= self.low;
        self.low = self.low.rotate_left(20).wrapping_add(self.high);
        self.high = self.high.rotate_left(9) ^ self.low;
        self.low = self.low.rotate_left(27).wrapping_add(self.high);
        self.high = self.high.rotate_left(19);
    }
}
