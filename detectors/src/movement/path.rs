//! Paths: movements that follow each other in time, each leaving from where the one before it led
//! (EVIDENCE.md §4: while the session that arrived is open, or within eight hours).

use std::collections::BTreeMap;

use timeline::{TICKS_PER_SECOND, Ticks};

use super::{Grade, Movement};

/// How long after a movement somebody may still go on from its target when no session is known to be open.
const GOES_ON: i64 = 8 * 3600 * TICKS_PER_SECOND;
/// How many earlier movements to a host are looked at for one that leaves from it.
const MOST: usize = 2000;

/// Where a movement leads from and to: numbers that stand for hosts, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// The source.
    pub from: Option<usize>,
    /// The target.
    pub to: Option<usize>,
}

/// Movements that follow each other: at least two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Their places, in order.
    pub hops: Vec<usize>,
    /// The weakest of their grades: a chain is as strong as that.
    pub grade: Grade,
}

/// The paths among movements, of which `ways` has the hosts. Each goes from a movement that follows no other to
/// one that none follows; where several follow one movement, each is the end of a path of its own.
#[must_use]
pub fn paths(movements: &[Movement], ways: &[Way]) -> Vec<Path> {
    let before = predecessors(movements, ways);
    let mut is_followed = vec![false; movements.len()];
    for &place in before.iter().flatten() {
        is_followed[place] = true;
    }
    let ends = (0..movements.len()).filter(|&place| !is_followed[place] && before[place].is_some());
    let mut paths: Vec<Path> = ends
        .map(|end| {
            let mut hops = vec![end];
            while let Some(place) = before[hops[hops.len() - 1]] {
                hops.push(place);
            }
            hops.reverse();
            let grades = hops.iter().map(|&hop| movements[hop].grade);
            let grade = grades.max().unwrap_or_default();
            Path { hops, grade }
        })
        .collect();
    paths.sort_by(|a, b| a.hops.cmp(&b.hops));
    paths
}

/// Of each movement the one that it follows: the latest to its source, one of the same account if there is any.
fn predecessors(movements: &[Movement], ways: &[Way]) -> Vec<Option<usize>> {
    let mut by_target: BTreeMap<usize, Vec<(Ticks, usize)>> = BTreeMap::new();
    for (place, (movement, way)) in movements.iter().zip(ways).enumerate() {
        if let (Some(start), Some(to)) = (movement.start, way.to)
            // What leads nowhere else is no way on.
            && way.from != Some(to)
            && movement.grade != Grade::Contradicted
        {
            by_target.entry(to).or_default().push((start, place));
        }
    }
    for arrivals in by_target.values_mut() {
        arrivals.sort_unstable();
    }
    let each = movements.iter().zip(ways).enumerate();
    let each = each.map(|(place, (movement, way))| {
        let arrivals = by_target.get(&way.from?)?;
        if movement.grade == Grade::Contradicted || way.from == way.to {
            return None;
        }
        let start = movement.start?;
        let earlier = arrivals.partition_point(|arrival| *arrival < (start, place));
        let earlier = arrivals[..earlier].iter().rev().take(MOST);
        let mut fitting = earlier
            .map(|(_, arrival)| *arrival)
            .filter(|&arrival| arrival != place && lasts(&movements[arrival], start));
        let latest = fitting.next()?;
        let account = |place: usize| bare(&movements[place].account);
        let is_same =
            |&arrival: &usize| !account(place).is_empty() && account(arrival) == account(place);
        if is_same(&latest) {
            return Some(latest);
        }
        Some(fitting.find(is_same).unwrap_or(latest))
    });
    each.collect()
}

/// Whether somebody who arrived by a movement may still have gone on at a time.
fn lasts(movement: &Movement, time: Ticks) -> bool {
    let is_open = movement.sessions.iter().any(|session| {
        let since = session.since();
        since.is_some_and(|since| since <= time) && session.end.is_some_and(|end| time <= end)
    });
    let end = movement.end.or(movement.start);
    is_open || end.is_some_and(|end| time.0.saturating_sub(end.0) <= GOES_ON)
}

/// An account's name alone, in lower case.
fn bare(account: &str) -> String {
    let name = account.rsplit('\\').next().unwrap_or(account);
    name.split('@').next().unwrap_or(name).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    const HOUR: i64 = 3600;

    /// A movement: when, as whom, from where and to where.
    fn hop(second: i64, account: &str, from: usize, to: usize) -> (Movement, Way) {
        let time = Some(Ticks(second * TICKS_PER_SECOND));
        let movement = Movement {
            start: time,
            end: time,
            account: account.into(),
            grade: Grade::Probable,
            ..Movement::default()
        };
        let way = Way {
            from: Some(from),
            to: Some(to),
        };
        (movement, way)
    }

    fn of(hops: Vec<(Movement, Way)>) -> Vec<Vec<usize>> {
        let (movements, ways): (Vec<Movement>, Vec<Way>) = hops.into_iter().unzip();
        let paths = paths(&movements, &ways);
        paths.into_iter().map(|path| path.hops).collect()
    }

    #[test]
    fn movements_that_go_on_from_where_one_led_are_a_path() {
        let chain = vec![hop(0, "a", 1, 2), hop(60, "a", 2, 3), hop(120, "b", 3, 4)];
        assert_eq!(of(chain), [[0, 1, 2]]);
        assert_eq!(of(vec![hop(0, "a", 1, 2)]), Vec::<Vec<usize>>::new());
        let apart = vec![hop(0, "a", 1, 2), hop(60, "a", 3, 4)];
        assert_eq!(of(apart), Vec::<Vec<usize>>::new());
        let back_in_time = vec![hop(0, "a", 2, 3), hop(60, "a", 1, 2)];
        assert_eq!(of(back_in_time), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn a_path_forks() {
        let fork = vec![hop(0, "a", 1, 2), hop(60, "a", 2, 3), hop(90, "a", 2, 4)];
        assert_eq!(of(fork), [[0, 1], [0, 2]]);
    }

    #[test]
    fn the_arrival_of_the_same_account_comes_before_a_later_one() {
        let arrivals = vec![
            hop(0, r"CORP\ana", 1, 2),
            hop(60, r"CORP\bob", 9, 2),
            hop(90, "ANA@corp.example.com", 2, 3),
        ];
        assert_eq!(of(arrivals), [[0, 2]]);
        let nobody = vec![hop(0, "", 1, 2), hop(60, "", 9, 2), hop(90, "", 2, 3)];
        assert_eq!(of(nobody), [[1, 2]], "no name is no same name");
    }

    #[test]
    fn after_eight_hours_only_an_open_session_leads_on() {
        let late = 8 * HOUR + 1;
        assert_eq!(
            of(vec![hop(0, "a", 1, 2), hop(8 * HOUR, "a", 2, 3)]),
            [[0, 1]]
        );
        let mut hops = vec![hop(0, "a", 1, 2), hop(late, "a", 2, 3)];
        assert_eq!(of(hops.clone()), Vec::<Vec<usize>>::new());
        hops[0].0.sessions = vec![Session {
            start: Some(Ticks(0)),
            end: Some(Ticks((late + 1) * TICKS_PER_SECOND)),
            ..Session::default()
        }];
        assert_eq!(of(hops), [[0, 1]]);
    }

    #[test]
    fn a_path_is_as_sure_as_its_weakest_hop_and_what_is_contradicted_leads_nowhere() {
        let mut hops = vec![hop(0, "a", 1, 2), hop(60, "a", 2, 3)];
        hops[0].0.grade = Grade::Possible;
        let (movements, ways): (Vec<Movement>, Vec<Way>) = hops.clone().into_iter().unzip();
        assert_eq!(paths(&movements, &ways)[0].grade, Grade::Possible);
        hops[0].0.grade = Grade::Contradicted;
        assert_eq!(of(hops), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn there_and_back_again_ends() {
        let circle = vec![hop(0, "a", 1, 2), hop(60, "a", 2, 1), hop(120, "a", 1, 2)];
        assert_eq!(of(circle), [[0, 1, 2]]);
        let same_time = vec![hop(0, "a", 1, 2), hop(0, "a", 2, 1)];
        assert_eq!(of(same_time), [[0, 1]]);
        let on_itself = vec![hop(0, "a", 1, 1), hop(60, "a", 1, 2)];
        assert_eq!(of(on_itself), Vec::<Vec<usize>>::new());
    }
}
