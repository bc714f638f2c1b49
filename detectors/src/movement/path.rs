//! Paths: movements that follow each other in time, each leaving from where the one before it led
//! (EVIDENCE.md §4: while the session that arrived is open, or within eight hours).

use std::collections::BTreeMap;

use timeline::{TICKS_PER_SECOND, Ticks};

use super::{Grade, Movement, Tie};
use crate::names::bare;

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
/// one that none follows; where several follow one movement, each is the end of a path of its own. No path comes to
/// a host twice: who goes back has arrived nowhere.
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
            let mut hops: Vec<usize> = back(&before, end).collect();
            hops.reverse();
            let grades = hops.iter().map(|&hop| movements[hop].grade);
            let grade = grades.max().unwrap_or_default();
            Path { hops, grade }
        })
        .collect();
    paths.sort_by(|a, b| a.hops.cmp(&b.hops));
    paths
}

/// A movement, the one before it, and so on.
fn back(before: &[Option<usize>], end: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(end), |&place| before[place])
}

/// Of each movement the one that it follows. Of those that led to its source it is one whose processes opened the
/// connection, or else the latest of the same account, or else the latest.
fn predecessors(movements: &[Movement], ways: &[Way]) -> Vec<Option<usize>> {
    let mut before = vec![None; movements.len()];
    // Places of movements that lead to a host, in the order of their times.
    let mut arrivals: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut in_time: Vec<usize> = (0..movements.len()).collect();
    in_time.sort_by_key(|&place| (movements[place].start, place));
    for place in in_time {
        let movement = &movements[place];
        let (Some(start), Some(to)) = (movement.start, ways[place].to) else {
            continue;
        };
        // What is contradicted leads nowhere, and so does what stays where it is.
        if movement.grade == Grade::Contradicted || ways[place].from == Some(to) {
            continue;
        }
        let from = ways[place].from.and_then(|from| arrivals.get(&from));
        let fitting = from.into_iter().flatten().rev().take(MOST).copied();
        let fitting = fitting.filter(|&arrival| lasts(&movements[arrival], start));
        let fitting: Vec<usize> = fitting.collect();
        let follows = best(movements, place, &fitting);
        let is_return = follows.is_some_and(|arrival| {
            back(&before, arrival).any(|hop| ways[hop].from == Some(to) || ways[hop].to == Some(to))
        });
        if !is_return {
            before[place] = follows;
            arrivals.entry(to).or_default().push(place);
        }
    }
    before
}

/// The arrival that a movement follows, of several, the latest first.
fn best(movements: &[Movement], place: usize, arrivals: &[usize]) -> Option<usize> {
    let openers = movements[place].witnesses.iter();
    let openers =
        openers.filter(|witness| witness.tie == Tie::Connection && is_telling(&witness.what));
    let openers: Vec<&str> = openers.map(|witness| witness.what.as_str()).collect();
    let ran = |&&arrival: &&usize| {
        let mut branches = movements[arrival].tree.branches.iter();
        branches.any(|branch| {
            let image = &branch.process.executable;
            !image.is_empty()
                && openers
                    .iter()
                    .any(|opener| opener.eq_ignore_ascii_case(image))
        })
    };
    let account = |place: usize| alone(&movements[place].account);
    let own = account(place);
    let is_same = |&&arrival: &&usize| !own.is_empty() && account(arrival) == own;
    let mut all = arrivals.iter();
    let by_program = all.clone().find(ran);
    let by_account = || arrivals.iter().find(is_same);
    by_program
        .or_else(by_account)
        .or_else(|| all.next())
        .copied()
}

/// Whether a program says who opened a connection: the kernel and Windows's own services open them for anybody.
fn is_telling(program: &str) -> bool {
    let name = program.rsplit('\\').next().unwrap_or(program);
    !["system", "svchost.exe", "services.exe", "lsass.exe"]
        .iter()
        .any(|shared| name.eq_ignore_ascii_case(shared))
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

/// An account's name alone, whichever way its domain is written.
fn alone(account: &str) -> String {
    let name = bare(account);
    name.split('@').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::Witness;
    use crate::process::{Branch, Process};
    use crate::session::Session;
    use timeline::Uid;

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
    fn who_goes_back_has_arrived_nowhere() {
        let circle = vec![hop(0, "a", 1, 2), hop(60, "a", 2, 1), hop(120, "a", 1, 3)];
        assert_eq!(of(circle), Vec::<Vec<usize>>::new());
        let from_outside = vec![
            hop(0, "a", 9, 1),
            hop(60, "a", 1, 2),
            hop(120, "a", 2, 1),
            hop(180, "a", 1, 3),
        ];
        assert_eq!(of(from_outside), [[0, 1], [0, 3]]);
        let same_time = vec![hop(0, "a", 1, 2), hop(0, "a", 2, 3)];
        assert_eq!(of(same_time), [[0, 1]]);
        let on_itself = vec![hop(0, "a", 1, 1), hop(60, "a", 1, 2)];
        assert_eq!(of(on_itself), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn the_arrival_that_started_the_program_comes_before_all_others() {
        let mut hops = vec![hop(0, "a", 1, 2), hop(60, "a", 9, 2), hop(90, "a", 2, 3)];
        let ran = |program: &str| Branch {
            depth: 0,
            process: Process {
                executable: program.into(),
                ..Process::default()
            },
        };
        let opened = |program: &str| Witness {
            tie: Tie::Connection,
            time: Ticks(0),
            uid: Uid::default(),
            ip: String::new(),
            machine: String::new(),
            host: String::new(),
            what: program.into(),
            user: String::new(),
        };
        hops[0].0.tree.branches = vec![ran(r"C:\T\x.exe"), ran(r"C:\Windows\System32\svchost.exe")];
        hops[2].0.witnesses = vec![opened(r"C:\Windows\System32\svchost.exe")];
        assert_eq!(
            of(hops.clone()),
            [[1, 2]],
            "that opens connections for anybody"
        );
        hops[2].0.witnesses.push(opened(r"c:\t\X.EXE"));
        assert_eq!(of(hops), [[0, 2]]);
    }
}
