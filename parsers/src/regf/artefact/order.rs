//! Which value of a key is the newest: lists of what was used last.

use std::collections::BTreeMap;

use super::super::data;
use super::super::node::u32_at;
use super::super::read::{Key, upper_name};

/// How a key keeps the order of its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Order {
    /// It does not.
    #[default]
    None,
    /// `MRUList`: their letters, the newest first.
    Letters,
    /// Their names: this and a number, the newest with this one.
    Numbered(&'static str, u32),
}

impl Order {
    /// The rank of each value, by its name in capitals: 1 is the newest.
    pub(in super::super) fn ranks(self, key: &Key<'_>) -> BTreeMap<String, i64> {
        let names: Vec<String> = match self {
            Self::None => Vec::new(),
            Self::Letters => {
                let list = key
                    .value("MRUList")
                    .map(|list| data::text(&list.data().bytes));
                let letters = list.unwrap_or_default();
                letters.chars().map(|letter| letter.to_string()).collect()
            }
            Self::Numbered(name, first) => {
                let names = (first..first + 1000).map(|number| format!("{name}{number}"));
                let known = names.take_while(|name| key.value(name).is_some());
                known.collect()
            }
        };
        let mut ranks = BTreeMap::new();
        for (rank, name) in (1..).zip(names) {
            ranks.entry(upper_name(&name)).or_insert(rank);
        }
        ranks
    }
}

/// No list of what was used last is longer.
const MOST: usize = 4096;

/// The numbers in `MRUListEx`, the newest first.
pub(super) fn numbers(key: &Key<'_>) -> Vec<u32> {
    let Some(list) = key.value("MRUListEx") else {
        return Vec::new();
    };
    let bytes = list.data().bytes;
    let numbers = (0..(bytes.len() / 4).min(MOST)).filter_map(|place| u32_at(&bytes, place * 4));
    numbers.take_while(|&number| number != u32::MAX).collect()
}
