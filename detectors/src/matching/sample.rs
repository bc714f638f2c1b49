//! Samples: for each key one distinct event per filter, whatever their order (EQL.md §8).

use std::rc::Rc;

use super::candidate::Candidate;
use super::sequence::Match;

/// Looks for the sample of one key.
///
/// Of each filter only as many events are kept as there are filters: if all of them are needed
/// elsewhere, one is still left.
#[derive(Debug)]
pub(super) struct Sampler {
    filters: Vec<Vec<Rc<Candidate>>>,
}

impl Sampler {
    pub(super) fn new(filters: usize) -> Self {
        Self {
            filters: vec![Vec::new(); filters],
        }
    }

    /// Takes the next candidate, in the one order.
    pub(super) fn push(&mut self, candidate: Candidate) {
        let candidate = Rc::new(candidate);
        let most = self.filters.len();
        for (place, events) in self.filters.iter_mut().enumerate() {
            if candidate.fits(place) && events.len() < most {
                events.push(Rc::clone(&candidate));
            }
        }
    }

    /// The sample, if there is one.
    pub(super) fn finish(&self) -> Option<Match> {
        // The filter that holds each event, by the events' ordinals.
        let mut holders: Vec<(u64, usize)> = Vec::new();
        for filter in 0..self.filters.len() {
            if !self.place(filter, &mut Vec::new(), &mut holders) {
                return None;
            }
        }
        let event = |filter: usize| {
            let (ordinal, _) = holders.iter().find(|(_, holder)| *holder == filter)?;
            let events = self.filters[filter].iter();
            let event = events.into_iter().find(|event| event.ordinal == *ordinal)?;
            Some(event.event)
        };
        Some(Match {
            events: (0..self.filters.len()).map(event).collect(),
            slack: None,
            ambiguous: Vec::new(),
            last: holders.iter().map(|(ordinal, _)| *ordinal).max()?,
        })
    }

    /// Finds an event for a filter; filters that hold one already may have to take another (an
    /// augmenting path).
    fn place(&self, filter: usize, tried: &mut Vec<u64>, holders: &mut Vec<(u64, usize)>) -> bool {
        for event in &self.filters[filter] {
            if tried.contains(&event.ordinal) {
                continue;
            }
            tried.push(event.ordinal);
            let held = holders.iter().position(|(held, _)| *held == event.ordinal);
            let free = match held {
                None => true,
                Some(place) => self.place(holders[place].1, tried, holders),
            };
            if free {
                holders.retain(|(_, holder)| *holder != filter);
                match holders.iter_mut().find(|(held, _)| *held == event.ordinal) {
                    Some((_, holder)) => *holder = filter,
                    None => holders.push((event.ordinal, filter)),
                }
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use timeline::Ticks;

    use super::super::candidate::EventRef;
    use super::*;

    /// The events of the sample for candidates that fit these filters.
    fn sample(filters: usize, candidates: &[&[usize]]) -> Option<Vec<u32>> {
        let mut sampler = Sampler::new(filters);
        for (row, fits) in (0u32..).zip(candidates) {
            sampler.push(Candidate {
                ordinal: row.into(),
                time: Ticks(0),
                low: Ticks(0),
                high: Ticks(0),
                stages: fits.iter().map(|filter| 1 << filter).sum(),
                event: EventRef { segment: 0, row },
                far: Vec::new(),
            });
        }
        let found = sampler.finish()?;
        Some(
            found
                .events
                .iter()
                .flatten()
                .map(|event| event.row)
                .collect(),
        )
    }

    #[test]
    fn every_filter_has_an_event_of_its_own() {
        assert_eq!(sample(2, &[&[0], &[1]]), Some(vec![0, 1]));
        assert_eq!(sample(2, &[&[0, 1]]), None);
        assert_eq!(sample(2, &[&[0, 1], &[0]]), Some(vec![1, 0]));
        assert_eq!(sample(3, &[&[0, 1, 2], &[0, 1], &[0]]), Some(vec![2, 1, 0]));
        assert_eq!(sample(3, &[&[0, 1], &[0, 1], &[0, 1]]), None);
    }

    #[test]
    fn many_events_of_one_filter_do_not_hide_the_others() {
        let mut candidates: Vec<&[usize]> = vec![&[0, 1]; 50];
        candidates.push(&[2]);
        assert_eq!(sample(3, &candidates), Some(vec![1, 0, 50]));
    }
}
