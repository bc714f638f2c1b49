//! The latest of many.

use std::collections::BTreeSet;
use std::fmt::Display;

/// How many are kept. A log that is cleared by a script every day still says so.
const MOST: usize = 64;

/// The latest of many, and how many others there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest<T> {
    kept: BTreeSet<T>,
    others: u64,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self {
            kept: BTreeSet::new(),
            others: 0,
        }
    }
}

impl<T: Ord + Clone> Latest<T> {
    pub(super) fn add(&mut self, item: T) {
        self.kept.insert(item);
        if self.kept.len() > MOST {
            self.kept.pop_first();
            self.others += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.others += other.others;
        for item in &other.kept {
            self.add(item.clone());
        }
    }

    /// Those that are kept, earliest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.kept.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// All, joined by `;`, and how many earlier ones there were.
    #[must_use]
    pub fn words(&self) -> String
    where
        T: Display,
    {
        let mut words: Vec<String> = self.kept.iter().map(T::to_string).collect();
        if self.others > 0 {
            words.push(format!("and {} earlier", self.others));
        }
        words.join(";")
    }
}
