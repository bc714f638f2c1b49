//! Which value of a key is the newest: lists of what was used last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::data;
use super::super::read::{Key, ValueCell, upper_name};
use crate::le;

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
                let numbers = numbers_in_names(key, name);
                let known = (first..).take_while(|number| numbers.contains(number));
                known.map(|number| format!("{name}{number}")).collect()
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

/// The numbers behind a name among the names of values.
fn numbers_in_names(key: &Key<'_>, name: &str) -> BTreeSet<u32> {
    let values = key.values().filter_map(Result::ok);
    let numbers = values.filter_map(|value| {
        let own = value.name();
        let start = own.get(..name.len())?;
        let number = own.get(name.len()..)?.parse().ok()?;
        start.eq_ignore_ascii_case(name).then_some(number)
    });
    numbers.take(MOST).collect()
}

/// The values that are in `MRUListEx`, with their ranks, the newest first.
pub(super) fn listed<'h>(key: &Key<'h>) -> Vec<(i64, ValueCell<'h>)> {
    let Some(list) = key.value("MRUListEx") else {
        return Vec::new();
    };
    let bytes = list.data().bytes;
    let numbers = (0..(bytes.len() / 4).min(MOST)).filter_map(|place| le::u32(&bytes, place * 4));
    let mut ranks: HashMap<u32, i64> = HashMap::new();
    for (rank, number) in (1..).zip(numbers.take_while(|&number| number != u32::MAX)) {
        ranks.entry(number).or_insert(rank);
    }
    let values = key.values().filter_map(Result::ok);
    let ranked = values.filter_map(|value| {
        let number: u32 = value.name().parse().ok()?;
        Some((*ranks.get(&number)?, value))
    });
    let mut listed: Vec<_> = ranked.take(MOST).collect();
    listed.sort_by_key(|(rank, _)| *rank);
    listed
}
