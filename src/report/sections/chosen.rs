//! What the report tells where not everything has room: the strongest, in the order of time.

use super::super::document::{Span, ours};
use crate::case::CaseResult;
use crate::export::{movement_id, strongest_first};
use crate::plan::Plan;

/// How many movements are described one by one: more is nothing to read, and movements.csv has all.
const MOVEMENTS: usize = 1000;

/// How strong each movement is among the others, and so which are told.
pub(super) struct Chosen {
    /// The rank of each movement by its place, the strongest having 0.
    ranks: Vec<usize>,
}

impl Chosen {
    pub(super) fn of(plan: &Plan, case: &CaseResult) -> Self {
        let mut ranks = vec![0; case.movements.len()];
        let strongest = strongest_first(plan, case).into_iter();
        strongest
            .enumerate()
            .for_each(|(rank, place)| ranks[place] = rank);
        Self { ranks }
    }

    pub(super) fn rank(&self, place: usize) -> usize {
        self.ranks[place]
    }

    /// Whether a movement has a row and a section.
    pub(super) fn is_told(&self, place: usize) -> bool {
        self.rank(place) < MOVEMENTS
    }

    /// The places of those that have.
    pub(super) fn told(&self) -> impl Iterator<Item = usize> {
        (0..self.ranks.len()).filter(|&place| self.is_told(place))
    }

    /// How many have none.
    pub(super) fn left(&self) -> usize {
        self.ranks.len().saturating_sub(MOVEMENTS)
    }

    /// A movement's id, as a link where it has a section.
    pub(super) fn link(&self, place: usize) -> Span {
        let id = movement_id(place);
        if self.is_told(place) {
            Span::Link(id.clone(), id)
        } else {
            ours(id)
        }
    }
}

/// The places of so many of some things, those that come first by a key, in the order of the things.
pub(super) fn first_by<T, K: Ord>(
    all: &[T],
    most: usize,
    key: impl Fn(usize, &T) -> K,
) -> Vec<usize> {
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by_cached_key(|&place| (key(place, &all[place]), place));
    places.truncate(most);
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_are_told_in_their_order() {
        assert_eq!(first_by(&[3, 1, 2, 1, 0], 3, |_, key| *key), [1, 3, 4]);
        let ranks: Vec<usize> = (0..MOVEMENTS + 2).rev().collect();
        let chosen = Chosen { ranks };
        assert_eq!(chosen.left(), 2);
        assert!(!chosen.is_told(1) && chosen.is_told(2));
        assert_eq!(chosen.told().next(), Some(2), "the last is the strongest");
        assert_eq!(chosen.link(0), ours("M-0001"));
        assert_eq!(chosen.link(2), Span::Link("M-0003".into(), "M-0003".into()));
    }
}
