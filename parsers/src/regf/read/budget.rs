//! How much a hive can hold: cells that many lists lead to would otherwise be read once for each of them.

use super::key::Key;
use super::value::ValueCell;

/// Lists and data of a sound hive are each in one place. Twice as much is allowed, for what lies before the
/// logs and for what was deleted.
const TIMES: u64 = 4;
/// Small hives may have this in any case.
const LEAST: u64 = 1 << 20;

/// No value of a sound hive is in two lists. So many of a key may be, for damage costs what it costs.
const MOST_SHARED: u32 = 16;

/// What may still be read.
#[derive(Debug)]
pub(super) struct Budget {
    /// Entries of lists of subkeys.
    subkeys: u64,
    /// Entries of lists of values.
    values: u64,
    /// Bytes of data.
    data: u64,
}

impl Budget {
    /// That of a hive of so many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        let bytes = bytes as u64;
        Self {
            subkeys: bytes / 4 * TIMES + LEAST,
            values: bytes / 4 * TIMES + LEAST,
            data: bytes * TIMES + LEAST,
        }
    }

    /// Counts an entry of a list of subkeys. Whether it may be read.
    pub(super) fn subkey(&mut self) -> bool {
        take(&mut self.subkeys, 1)
    }

    /// Counts the values of a key, and calls `each` with those that can be read; it tells whether it sees one
    /// for the first time. Whether all may be read: not when many of them were before.
    pub(super) fn values<'h>(
        &mut self,
        key: &Key<'h>,
        mut each: impl FnMut(&ValueCell<'h>) -> bool,
    ) -> bool {
        let mut seen = 0;
        for value in key.values() {
            if !take(&mut self.values, 1) {
                return false;
            }
            let Ok(value) = value else {
                continue;
            };
            if !take(&mut self.data, u64::from(value.data_size())) {
                return false;
            }
            if !each(&value) {
                seen += 1;
                if seen > MOST_SHARED {
                    return false;
                }
            }
        }
        true
    }
}

fn take(from: &mut u64, count: u64) -> bool {
    let rest = from.checked_sub(count);
    *from = rest.unwrap_or(*from);
    rest.is_some()
}
