//! What archives may ask for: bombs end here.

use crate::exit::UsageError;

/// Bounds on one archive that was given, with all that is nested in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Members, folders left out.
    pub(crate) entries: u64,
    /// Decoded bytes for each byte in the archive, once there are [`Limits::FREE`] of them.
    pub(crate) ratio: u64,
    /// Archives in each other.
    pub(crate) depth: u64,
    /// Decoded bytes of all that is read.
    pub(crate) size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 2_000_000,
            ratio: 250,
            depth: 5,
            size: 1 << 40,
        }
    }
}

impl Limits {
    /// So many decoded bytes are always let through: logs that were just created are nearly empty.
    pub(crate) const FREE: u64 = 64 << 20;

    /// Reads `entries=N,ratio=N,depth=N,size=N`, any of them.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut limits = Self::default();
        for part in text.split(',') {
            let wrong = || {
                UsageError::because(format!(
                    "--archive-limits: expected entries=N, ratio=N, depth=N or size=N, separated by commas, \
                     such as ratio=1000,size=4T; found `{part}`"
                ))
            };
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let field = match name.trim() {
                "entries" => &mut limits.entries,
                "ratio" => &mut limits.ratio,
                "depth" => &mut limits.depth,
                "size" => &mut limits.size,
                _ => return Err(wrong()),
            };
            let value = crate::memory::parse(value).filter(|&value| value > 0);
            *field = value.ok_or_else(wrong)? as u64;
        }
        Ok(limits)
    }

    /// Whether so many decoded bytes of so many in the archive are too many.
    pub(super) fn is_bomb(&self, decoded: u64, archived: u64) -> bool {
        decoded > Self::FREE && decoded / self.ratio > archived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_by_name() {
        let limits = Limits::parse("ratio=1000,size=4T").unwrap();
        assert_eq!((limits.ratio, limits.size), (1000, 4 << 40));
        assert_eq!(limits.entries, Limits::default().entries);
        for wrong in ["", "ratio", "ratio=0", "ratio=-1", "speed=3", "ratio=2,,"] {
            assert!(Limits::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_bomb_is_large_and_dense() {
        let limits = Limits::default();
        assert!(!limits.is_bomb(60 << 20, 1), "small");
        assert!(!limits.is_bomb(10 << 30, 1 << 30), "not dense");
        assert!(limits.is_bomb(10 << 30, 10 << 20));
    }
}
