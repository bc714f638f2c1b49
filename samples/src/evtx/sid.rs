//! A security identifier: revision 1, an authority, and up to fifteen sub-authorities.

use std::fmt;

const MOST_PARTS: usize = 15;

/// A security identifier such as `S-1-5-18`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid {
    authority: u8,
    count: u8,
    parts: [u32; MOST_PARTS],
}

impl Sid {
    /// `S-1-<authority>-<parts…>`. All authorities of Windows fit one byte.
    ///
    /// # Panics
    /// With more than fifteen parts: such a SID does not exist.
    #[must_use]
    pub const fn new<const N: usize>(authority: u8, parts: [u32; N]) -> Self {
        assert!(N <= MOST_PARTS, "a SID has at most fifteen sub-authorities");
        let mut sid = Self {
            authority,
            count: 0,
            parts: [0; MOST_PARTS],
        };
        let mut index = 0;
        while index < N {
            sid.parts[index] = parts[index];
            sid.count += 1;
            index += 1;
        }
        sid
    }

    /// The sub-authorities.
    #[must_use]
    pub fn parts(&self) -> &[u32] {
        &self.parts[..usize::from(self.count)]
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.append_to(&mut bytes);
        bytes
    }

    pub(super) fn append_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend([1, self.count, 0, 0, 0, 0, 0, self.authority]);
        for part in self.parts() {
            bytes.extend(part.to_le_bytes());
        }
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "S-1-{}", self.authority)?;
        self.parts()
            .iter()
            .try_for_each(|part| write!(out, "-{part}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_its_text_and_its_bytes() {
        let system = Sid::new(5, [18]);
        let mut bytes = Vec::new();
        system.append_to(&mut bytes);
        assert_eq!(system.to_string(), "S-1-5-18");
        assert_eq!(bytes, [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
    }
}
