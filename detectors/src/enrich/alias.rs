//! Which names mean one machine (ECS.md §1, EVIDENCE.md §3.1).
//!
//! A machine's logs keep the names that it had when it wrote them: `WIN-7Q2F` before it was named,
//! `SRV02` until it joined the domain, `SRV02.corp.example.com` from then on. Three things tell that
//! such names are one machine:
//!
//! * a log in which the numbers of the records go on under the new name;
//! * a record of the change: System 6011, or Security 4781 of the machine's account;
//! * a name without domain, and one name only in the case that is the same with a domain.
//!
//! The first two are believed only when the old name was never seen after the new one. A name that
//! several machines went on from (an image that was cloned) is left alone.

use std::collections::{BTreeMap, BTreeSet};

use timeline::Ticks;

use super::gather::short_label;

/// What a file has of one host's channel.
#[derive(Clone, Copy, Debug)]
pub struct LogSpan<'a> {
    /// Number of the file.
    pub file: usize,
    /// Key of the host.
    pub host: &'a str,
    /// The channel, in lower case.
    pub channel: &'a str,
    /// The first and the last record's number.
    pub records: (u64, u64),
    /// The first and the last time.
    pub times: (Ticks, Ticks),
}

/// The key of the name that a machine has in the end, for each key of an earlier name.
///
/// `renames` are recorded changes, from a NetBIOS name to another.
#[must_use]
pub fn aliases<'a>(
    spans: &[LogSpan<'a>],
    renames: &BTreeSet<(String, String)>,
) -> BTreeMap<&'a str, &'a str> {
    let seen = seen(spans);
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut link = |old: &'a str, new: &'a str| {
        next.entry(old).or_default().insert(new);
    };
    for (old, new) in successions(spans)
        .into_iter()
        .chain(recorded(&seen, renames))
    {
        if is_before(&seen, old, new) {
            link(old, new);
        }
    }
    for (short, long) in with_domain(&seen) {
        link(short, long);
    }
    let last = |host| (host, last_name(host, &next, &mut BTreeSet::new()));
    let names = seen.keys().map(|host| last(*host));
    names
        .filter_map(|(host, last)| Some((host, last?)))
        .filter(|(host, last)| host != last)
        .collect()
}

/// When each host was first and last seen.
fn seen<'a>(spans: &[LogSpan<'a>]) -> BTreeMap<&'a str, (Ticks, Ticks)> {
    let mut seen: BTreeMap<&str, (Ticks, Ticks)> = BTreeMap::new();
    for span in spans.iter().filter(|span| !span.host.is_empty()) {
        seen.entry(span.host)
            .and_modify(|times| times.0 = times.0.min(span.times.0))
            .and_modify(|times| times.1 = times.1.max(span.times.1))
            .or_insert(span.times);
    }
    seen
}

fn is_before(seen: &BTreeMap<&str, (Ticks, Ticks)>, old: &str, new: &str) -> bool {
    let times = seen.get(old).zip(seen.get(new));
    old != new && times.is_some_and(|(old, new)| old.1 <= new.0)
}

/// Names in one log of which the second's records follow the first's without a gap.
fn successions<'a>(spans: &[LogSpan<'a>]) -> Vec<(&'a str, &'a str)> {
    /// The first and the last record's number of each host.
    type Records<'a> = BTreeMap<&'a str, (u64, u64)>;
    let mut logs: BTreeMap<(usize, &str), Records<'_>> = BTreeMap::new();
    for span in spans.iter().filter(|span| !span.host.is_empty()) {
        let log = logs.entry((span.file, span.channel)).or_default();
        log.entry(span.host)
            .and_modify(|records| records.0 = records.0.min(span.records.0))
            .and_modify(|records| records.1 = records.1.max(span.records.1))
            .or_insert(span.records);
    }
    let mut pairs = Vec::new();
    for hosts in logs.values().filter(|hosts| hosts.len() > 1) {
        let starts: BTreeMap<u64, &str> = hosts
            .iter()
            .map(|(host, records)| (records.0, *host))
            .collect();
        for (host, (_, end)) in hosts {
            let follower = end.checked_add(1).and_then(|next| starts.get(&next));
            pairs.extend(follower.map(|follower| (*host, *follower)));
        }
    }
    pairs
}

/// Hosts that records of a change of name speak of.
fn recorded<'a>(
    seen: &BTreeMap<&'a str, (Ticks, Ticks)>,
    renames: &BTreeSet<(String, String)>,
) -> Vec<(&'a str, &'a str)> {
    let mut by_label: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for host in seen.keys() {
        by_label.entry(short_label(host)).or_default().push(host);
    }
    let called = |name: &str| by_label.get(&short_label(name)).into_iter().flatten();
    renames
        .iter()
        .flat_map(|(old, new)| {
            called(old).flat_map(move |old| called(new).map(move |new| (*old, *new)))
        })
        .collect()
}

/// Names without domain, with the only name in the case that is the same with one.
fn with_domain<'a>(seen: &BTreeMap<&'a str, (Ticks, Ticks)>) -> Vec<(&'a str, &'a str)> {
    let mut long: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for host in seen.keys().filter(|host| host.contains('.')) {
        long.entry(short_label(host)).or_default().push(host);
    }
    let short = seen.keys().filter(|host| !host.contains('.'));
    short
        .filter_map(|host| match long.get(&short_label(host))?.as_slice() {
            [only] => Some((*host, *only)),
            _ => None,
        })
        .collect()
}

/// The name that a host goes by in the end; nothing when several machines went on from it.
fn last_name<'a>(
    host: &'a str,
    next: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    path: &mut BTreeSet<&'a str>,
) -> Option<&'a str> {
    let Some(followers) = next.get(host) else {
        return Some(host);
    };
    if !path.insert(host) {
        return None;
    }
    let ends: BTreeSet<Option<&str>> = followers
        .iter()
        .map(|follower| last_name(follower, next, path))
        .collect();
    path.remove(host);
    let mut ends = ends.into_iter();
    ends.next().flatten().filter(|_| ends.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `security` log of a host in a file, with as many seconds as records.
    fn span(file: usize, host: &str, from: u64, to: u64) -> LogSpan<'_> {
        let time = |number: u64| Ticks::from_unix(i64::try_from(number).unwrap(), 0).unwrap();
        LogSpan {
            file,
            host,
            channel: "security",
            records: (from, to),
            times: (time(from), time(to)),
        }
    }

    #[track_caller]
    fn check(spans: &[LogSpan<'_>], renames: &[(&str, &str)], expected: &[(&str, &str)]) {
        let renames = renames
            .iter()
            .map(|(old, new)| ((*old).to_owned(), (*new).to_owned()));
        let found = aliases(spans, &renames.collect());
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_log_that_goes_on_under_another_name_is_one_machine_s() {
        let spans = [
            span(0, "win-7q2f", 1, 100),
            span(0, "srv02", 101, 150),
            span(0, "srv02.corp", 151, 400),
        ];
        let names = [("srv02", "srv02.corp"), ("win-7q2f", "srv02.corp")];
        check(&spans, &[], &names);
    }

    #[test]
    fn other_logs_and_numbers_say_nothing() {
        check(&[span(0, "a", 1, 100), span(1, "b", 101, 150)], &[], &[]);
        check(&[span(0, "a", 1, 100), span(0, "b", 102, 150)], &[], &[]);
        check(&[span(0, "a", 1, 100), span(0, "b", 90, 150)], &[], &[]);
        let mut other = span(0, "b", 101, 150);
        other.channel = "system";
        check(&[span(0, "a", 1, 100), other], &[], &[]);
    }

    #[test]
    fn an_old_name_is_not_seen_again() {
        let spans = [
            span(0, "a", 1, 100),
            span(0, "b", 101, 150),
            span(1, "a", 120, 130),
        ];
        check(&spans, &[], &[]);
        let spans = [span(0, "a", 1, 100), span(1, "b", 120, 130)];
        check(&spans, &[("A", "B")], &[("a", "b")]);
        let spans = [span(0, "a", 1, 125), span(1, "b", 120, 130)];
        check(&spans, &[("A", "B")], &[]);
    }

    #[test]
    fn an_image_that_was_cloned_is_nobody_s_earlier_name() {
        let spans = [
            span(0, "image", 1, 100),
            span(0, "srv01", 101, 150),
            span(1, "image", 1, 100),
            span(1, "srv02", 101, 150),
        ];
        check(&spans, &[], &[]);
    }

    #[test]
    fn ways_that_meet_again_are_one() {
        let spans = [
            span(0, "image", 1, 100),
            span(0, "srv01", 101, 110),
            span(0, "srv01.corp", 111, 150),
            span(1, "image", 1, 100),
            span(1, "srv01.corp", 101, 150),
        ];
        let names = [("image", "srv01.corp"), ("srv01", "srv01.corp")];
        check(&spans, &[], &names);
    }

    #[test]
    fn a_name_without_domain_is_the_only_one_with_it() {
        let name = "averylonghostname";
        let long = "averylonghostname.corp";
        check(
            &[span(0, "averylonghostna", 1, 9), span(1, long, 1, 9)],
            &[],
            &[("averylonghostna", long)],
        );
        check(
            &[span(0, name, 1, 9), span(1, long, 1, 9)],
            &[],
            &[(name, long)],
        );
        let twice = [
            span(0, "pc", 1, 9),
            span(1, "pc.a", 1, 9),
            span(2, "pc.b", 1, 9),
        ];
        check(&twice, &[], &[]);
    }

    #[test]
    fn records_that_contradict_each_other_end_the_search() {
        let spans = [span(0, "a", 5, 5), span(1, "b", 5, 5), span(2, "", 1, 2)];
        check(&spans, &[("a", "b"), ("b", "a")], &[]);
    }
}
