//! A set of rows of one segment.

/// Rows of a segment, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSet {
    words: Vec<u64>,
    rows: usize,
}

impl RowSet {
    /// No row of a segment with so many.
    #[must_use]
    pub fn none(rows: usize) -> Self {
        Self {
            words: vec![0; rows.div_ceil(64)],
            rows,
        }
    }

    /// Every row.
    #[must_use]
    pub fn all(rows: usize) -> Self {
        let mut set = Self {
            words: vec![u64::MAX; rows.div_ceil(64)],
            rows,
        };
        set.clear_tail();
        set
    }

    /// Bits beyond the last row stay zero.
    fn clear_tail(&mut self) {
        let used = self.rows % 64;
        if let (Some(last), true) = (self.words.last_mut(), used != 0) {
            *last &= (1 << used) - 1;
        }
    }

    /// Adds a row.
    pub fn insert(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    /// Whether the row is in the set.
    #[must_use]
    pub fn contains(&self, row: u32) -> bool {
        self.words[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// Whether no row is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// How many rows are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Keeps the rows that are in the other set, too.
    pub fn intersect(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word &= other);
    }

    /// Adds the rows of the other set.
    pub fn unite(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word |= other);
    }

    /// Exchanges the rows that are in the set and those that are not.
    #[must_use]
    pub fn complement(mut self) -> Self {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.clear_tail();
        self
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.words).flat_map(|(place, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                (bit < 64).then(|| {
                    rest &= rest - 1;
                    place * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(rows: usize, members: &[u32]) -> RowSet {
        let mut set = RowSet::none(rows);
        for &row in members {
            set.insert(row);
        }
        set
    }

    #[test]
    fn is_a_set() {
        let mut a = set(130, &[0, 63, 64, 129]);
        assert_eq!(a.iter().collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert!(a.contains(64) && !a.contains(65));
        assert_eq!(a.clone().complement().len(), 126);
        a.intersect(&set(130, &[63, 70]));
        a.unite(&set(130, &[128]));
        assert_eq!(a.iter().collect::<Vec<_>>(), [63, 128]);
    }

    #[test]
    fn nothing_lies_beyond_the_last_row() {
        assert_eq!(RowSet::all(65).len(), 65);
        assert_eq!(RowSet::all(64).complement().len(), 0);
        assert!(RowSet::none(0).complement().is_empty());
    }
}
