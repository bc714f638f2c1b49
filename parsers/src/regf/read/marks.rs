//! One bit for each place where a cell can begin.

/// Cells begin at multiples of this.
pub(super) const ALIGNMENT: usize = 8;
const BITS: usize = u64::BITS as usize;

/// Places that were marked.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    /// None, in so many bytes of cells.
    pub(super) fn new(bytes: usize) -> Self {
        Self(vec![0; (bytes / ALIGNMENT).div_ceil(BITS)])
    }

    fn place(offset: u32) -> (usize, u64) {
        let place = offset as usize / ALIGNMENT;
        (place / BITS, 1 << (place % BITS))
    }

    /// Marks a place. Whether it was not before.
    pub(super) fn mark(&mut self, offset: u32) -> bool {
        let (word, bit) = Self::place(offset);
        let Some(word) = self.0.get_mut(word) else {
            return false;
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Whether a place is marked.
    pub(super) fn has(&self, offset: u32) -> bool {
        let (word, bit) = Self::place(offset);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}
