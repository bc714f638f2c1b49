//! Short ASCII text, composed in place and appended in one go.

use super::text::Text;

/// A buffer that holds nothing but ASCII.
#[derive(Clone, Copy)]
#[repr(align(16))]
pub struct Ascii<const N: usize>(pub(super) [u8; N]);

/// Text that is written from its end to its beginning, as the digits of numbers come.
pub(super) struct Backwards<const N: usize> {
    text: Ascii<N>,
    start: usize,
}

/// Decimal numbers below one hundred.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut digits = pairs.as_mut_slice();
    let mut number = 0_u8;
    while let Some((pair, rest)) = digits.split_first_mut() {
        *pair = [b'0' + number / 10, b'0' + number % 10];
        digits = rest;
        number += 1;
    }
    pairs
};

impl<const N: usize> Backwards<N> {
    pub(super) fn new() -> Self {
        Self {
            text: Ascii([b'0'; N]),
            start: N,
        }
    }

    /// Puts a byte before what is there. What has no room is left out.
    #[inline]
    pub(super) fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.text.0.get_mut(self.start) {
            *place = byte;
        }
    }

    /// Puts a decimal number before what is there.
    #[inline]
    pub(super) fn push_decimal(&mut self, number: u64) {
        let mut rest = number;
        while rest >= 100 {
            self.push_pair(rest % 100);
            rest /= 100;
        }
        if rest >= 10 {
            self.push_pair(rest);
        } else {
            self.push(digit(rest));
        }
    }

    #[inline]
    fn push_pair(&mut self, number: u64) {
        let [tens, ones] = pair(number);
        self.push(ones);
        self.push(tens);
    }

    /// Appends all of it.
    #[inline]
    pub(super) fn append(&self, out: &mut impl Text) {
        out.push_ascii(&self.text, self.start, N);
    }
}

/// A number below ten.
#[expect(clippy::cast_possible_truncation, reason = "one digit")]
pub(super) fn digit(number: u64) -> u8 {
    b'0' | number as u8
}

/// A number below one hundred as two digits.
#[inline]
pub(super) fn pair(number: u64) -> [u8; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "below one hundred")]
    let index = number as usize;
    PAIRS.get(index).copied().unwrap_or(*b"??")
}

/// Which letters hexadecimal digits have.
#[derive(Clone, Copy)]
pub(super) enum Case {
    Lower,
    Upper,
}

/// Four bytes, highest first, as eight hexadecimal digits. All eight are made at once: each gets a
/// byte of its own, and those above nine are moved on to the letters.
#[inline]
pub(super) fn hex(bytes: [u8; 4], case: Case) -> [u8; 8] {
    let number = u64::from(u32::from_be_bytes(bytes));
    let pairs = (number & 0xffff_0000) << 16 | number & 0xffff;
    let bytes = (pairs & 0x0000_ff00_0000_ff00) << 8 | pairs & 0x0000_00ff_0000_00ff;
    let nibbles = (bytes & 0x00f0_00f0_00f0_00f0) << 4 | bytes & 0x000f_000f_000f_000f;
    let letters = nibbles.wrapping_add(0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    let distance = match case {
        Case::Lower => u64::from(b'a' - b'9' - 1),
        Case::Upper => u64::from(b'A' - b'9' - 1),
    };
    nibbles
        .wrapping_add(letters.wrapping_mul(distance))
        .wrapping_add(0x3030_3030_3030_3030)
        .to_be_bytes()
}
