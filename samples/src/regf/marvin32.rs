//! Marvin32, with the seed of transaction logs.

/// The hash of a multiple of four bytes.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut state = (0x7A4E_55C5_u32, 0x82EF_4D88_u32);
    for number in bytes.chunks_exact(4) {
        let number = u32::from_le_bytes(number.try_into().expect("four bytes"));
        state = mixed((state.0.wrapping_add(number), state.1));
    }
    let (low, high) = mixed(mixed((state.0.wrapping_add(0x80), state.1)));
    u64::from(high) << 32 | u64::from(low)
}

fn mixed((mut low, mut high): (u32, u32)) -> (u32, u32) {
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}
