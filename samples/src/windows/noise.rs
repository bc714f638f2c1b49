//! Numbers that look random and are not: the same inputs always give the same ones.

/// Steele and others' SplitMix64: small, fast, and good enough to make things look uneven.
#[derive(Clone, Debug)]
pub struct Noise(u64);

impl Noise {
    /// A sequence of its own for each seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// The next number below `limit`, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw() % limit
    }

    /// The next number in the range.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from)
    }

    /// One of these.
    ///
    /// # Panics
    /// When there is none.
    pub fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.below(items.len() as u64);
        &items[usize::try_from(index).expect("an index of a slice fits")]
    }
}

/// Turns a number into one that looks unrelated.
#[must_use]
pub(super) const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A number for a text.
#[must_use]
pub(super) fn of_text(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// So many hexadecimal digits, sixteen at a time, that look like a file's hash.
#[must_use]
pub(super) fn hash_digits(seed: u64, sixteens: u64) -> String {
    let mut digits = String::new();
    for index in 0..sixteens {
        push_hex(&mut digits, mix(seed ^ mix(index + 1)));
    }
    digits
}

fn push_hex(digits: &mut String, number: u64) {
    for place in (0..16).rev() {
        let digit = number >> (4 * place) & 0xF;
        digits.push(char::from(b"0123456789ABCDEF"[digit as usize & 0xF]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_numbers() {
        let numbers = |seed| {
            let mut noise = Noise::seeded(seed);
            [noise.draw(), noise.draw(), noise.below(10)]
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn hash_digits_are_as_many_as_asked_for() {
        assert_eq!(hash_digits(1, 4).len(), 64);
        assert_ne!(hash_digits(1, 2), hash_digits(2, 2));
    }
}
