//! Which log of which host covers which time, and whether it does so in full.
//!
//! A log covers a time in full when its records are numbered without a hole from before the time to
//! after it. The first and the last event alone prove nothing: an export of single records can span
//! years.

use std::collections::{BTreeMap, HashMap};

use timeline::{Segment, State, StringId, Ticks, fields as f};

use crate::enrich::host_key;
use crate::logging::Logging;

/// How many runs of records of one log, and silences in them, are remembered. A log with more is no
/// longer judged.
const MOST_RUNS: usize = 8192;
/// A log that was silent for longer may have been off: the service stopped, its audit policy changed.
const SILENCE: i64 = 3600 * timeline::TICKS_PER_SECOND;
/// How far times may step back between consecutive records: clocks are set, and Sysmon's records
/// are written in another order than they happened.
const STEP_BACK: i64 = 3600 * timeline::TICKS_PER_SECOND;

/// Which log of which host covers which time.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    logs: BTreeMap<(String, String), Covered>,
    /// Events before this time, and from that on, were left out by choice.
    period: (Option<Ticks>, Option<Ticks>),
    logging: Logging,
}

/// The time that one log of one host covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The host, as recorded.
    pub host: String,
    /// The channel, as recorded.
    pub channel: String,
    /// Its first event.
    pub first: Ticks,
    /// Its last event.
    pub last: Ticks,
    /// How many events.
    pub events: u64,
    runs: Vec<Run>,
    /// It came in more pieces than are remembered.
    scattered: bool,
}

/// Records that are numbered one after the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    from: u64,
    to: u64,
    first: Ticks,
    last: Ticks,
    /// When it was silent for more than an hour: from one record to the next.
    silences: Vec<(Ticks, Ticks)>,
}

/// What a log can say about a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All that it recorded then is here, and it did record before and after.
    Full,
    /// All that it recorded then is here, but it was silent for more than an hour: it may have been
    /// off, or nothing happened.
    Silent,
    /// It has records from before and from after, and holes around the time.
    Holes,
    /// It was cleared, then or later, and what it had is not here.
    Cleared(Ticks),
    /// Nothing of it was collected for that time, and the registry says that it is off.
    Off,
    /// Nothing of it was collected for that time.
    None,
    /// The time is not in the period that was asked for.
    OutsidePeriod,
}

impl Covered {
    fn of(host: &str, channel: &str, time: Ticks, record: Option<u64>) -> Self {
        let run = |record| Run {
            from: record,
            to: record,
            first: time,
            last: time,
            silences: Vec::new(),
        };
        Self {
            host: host.to_owned(),
            channel: channel.to_owned(),
            first: time,
            last: time,
            events: 1,
            runs: record.map(run).into_iter().collect(),
            scattered: false,
        }
    }

    /// In how many pieces without a hole its records come; none when they cannot be told.
    #[must_use]
    pub fn pieces(&self) -> Option<usize> {
        (!self.scattered && !self.runs.is_empty()).then_some(self.runs.len())
    }

    /// The times of its pieces; all of its time where it cannot be told how it hangs together.
    pub fn spans(&self) -> impl Iterator<Item = (Ticks, Ticks)> {
        let whole = (self.scattered || self.runs.is_empty()).then_some((self.first, self.last));
        let pieces = self.runs.iter().map(|run| (run.first, run.last));
        whole.into_iter().chain(pieces)
    }

    fn note(&mut self, other: &Self) {
        // The spelling that sorts first, whatever came first.
        self.host = self.host.clone().min(other.host.clone());
        self.channel = self.channel.clone().min(other.channel.clone());
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.events += other.events;
        self.scattered |= other.scattered;
        self.runs.extend_from_slice(&other.runs);
        self.join_runs();
    }

    fn add(&mut self, time: Ticks, record: Option<u64>) {
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        self.events += 1;
        let Some(record) = record.filter(|_| !self.scattered) else {
            return;
        };
        match self.runs.last_mut() {
            Some(run) if run.to.checked_add(1) == Some(record) && run.precedes(time) => {
                run.to = record;
                run.extend(time, time);
            }
            _ => self.runs.push(Run {
                from: record,
                to: record,
                first: time,
                last: time,
                silences: Vec::new(),
            }),
        }
        if self.runs.len() > 2 * MOST_RUNS {
            self.join_runs();
        }
    }

    /// Joins what follows each other. Records are numbered anew after a log was cleared, so the
    /// times must fit, too.
    fn join_runs(&mut self) {
        self.runs.sort_unstable();
        let mut joined: Vec<Run> = Vec::new();
        // Runs by the number that would be their next.
        let mut open: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for run in self.runs.drain(..) {
            let waiting = open.get_mut(&run.from);
            let place = waiting.and_then(|places| {
                let latest = |place: &usize| joined[*place].last;
                let fitting = places
                    .iter()
                    .copied()
                    .filter(|&p| joined[p].precedes(run.first));
                let place = fitting.max_by_key(latest)?;
                places.retain(|other| *other != place);
                Some(place)
            });
            let next = run.to.saturating_add(1);
            let place = if let Some(place) = place {
                joined[place].append(run);
                place
            } else {
                joined.push(run);
                joined.len() - 1
            };
            open.entry(next).or_default().push(place);
        }
        // Most runs of a segment join; what room they took is not kept for every log of every host.
        joined.shrink_to_fit();
        self.runs = joined;
        let silences: usize = self.runs.iter().map(|run| run.silences.len()).sum();
        if self.runs.len() + silences > MOST_RUNS {
            self.scattered = true;
            self.runs = Vec::new();
        }
    }

    fn verdict(&self, from: Ticks, to: Ticks) -> Verdict {
        let covering = |run: &&Run| run.first <= from && to <= run.last;
        let mut covering = self.runs.iter().filter(covering).peekable();
        if covering.peek().is_some() {
            let silent = |run: &Run| {
                let mut silences = run.silences.iter();
                silences.any(|(start, end)| *start < to && from < *end)
            };
            return if covering.all(silent) {
                Verdict::Silent
            } else {
                Verdict::Full
            };
        }
        if self.first <= to && from <= self.last {
            Verdict::Holes
        } else {
            Verdict::None
        }
    }
}

impl Run {
    /// Adds records that follow, from a first time to a last.
    fn extend(&mut self, first: Ticks, last: Ticks) {
        if first.0.saturating_sub(self.last.0) > SILENCE {
            self.silences.push((self.last, first));
        }
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }

    /// Adds the run that follows.
    fn append(&mut self, run: Self) {
        self.to = run.to;
        self.extend(run.first, run.last);
        self.silences.extend(run.silences);
    }

    /// Whether an event of that time can be the run's next.
    fn precedes(&self, time: Ticks) -> bool {
        self.last.0.saturating_sub(STEP_BACK) <= time.0
    }
}

impl Coverage {
    /// Coverage of a run that leaves out events before the one time, and from the other on.
    #[must_use]
    pub fn of_period(from: Option<Ticks>, to: Option<Ticks>) -> Self {
        Self {
            period: (from, to),
            ..Self::default()
        }
    }

    /// Takes into account what the events of one host, but for copies, say of its logs. They are to have
    /// those outside of the period, too.
    pub fn learn(&mut self, host: &str, machine: &str, segment: &Segment, copies: &[u32]) {
        self.logging.learn(host, machine, segment, copies);
    }

    /// What hosts say of their own logs.
    #[must_use]
    pub fn logging(&self) -> &Logging {
        &self.logging
    }

    /// Takes the events of a segment into account.
    pub fn observe(&mut self, segment: &Segment) {
        let mut places: HashMap<[StringId; 2], (String, String)> = HashMap::new();
        for (row, own) in (0u32..).zip(&segment.rows) {
            // What was recovered says nothing of what the log still has. What a hive's transaction log
            // has, the hive has.
            let live = matches!(own.provenance.state, State::Live | State::TransactionLog);
            let Some(time) = own.time.filter(|_| live) else {
                continue;
            };
            let host = segment.strings.get(own.host);
            let channel = segment.strings.get(own.channel);
            let record = segment.text(f::WINLOG_RECORD_ID, row);
            let record = record.and_then(|text| text.parse().ok());
            let place = places
                .entry([own.host, own.channel])
                .or_insert_with(|| (host_key(host), channel.to_lowercase()));
            if let Some(known) = self.logs.get_mut(place) {
                known.add(time, record);
            } else {
                let covered = Covered::of(host, channel, time, record);
                self.logs.insert(place.clone(), covered);
            }
        }
        self.logs.values_mut().for_each(Covered::join_runs);
    }

    /// Adds what another part of the events covers.
    pub fn merge(&mut self, other: &Self) {
        self.logging.merge(&other.logging);
        for (place, covered) in &other.logs {
            match self.logs.get_mut(place) {
                Some(known) => known.note(covered),
                None => {
                    self.logs.insert(place.clone(), covered.clone());
                }
            }
        }
    }

    /// Every log, by host and channel.
    pub fn iter(&self) -> impl Iterator<Item = &Covered> {
        self.logs.values()
    }

    /// What the log of a host, by its key, can say about a stretch of time.
    #[must_use]
    pub fn verdict(&self, host: &str, channel: &str, from: Ticks, to: Ticks) -> Verdict {
        let before = self.period.0.is_some_and(|first| from < first);
        let after = self.period.1.is_some_and(|end| end <= to);
        if before || after {
            return Verdict::OutsidePeriod;
        }
        let place = (host.to_owned(), channel.to_lowercase());
        let log = self.logs.get(&place);
        // A hive has what was written last, of whatever time: it is no log of a period.
        if log.is_some() && place.1.starts_with("registry:") {
            return Verdict::Holes;
        }
        match log.map_or(Verdict::None, |log| log.verdict(from, to)) {
            lacking @ (Verdict::Holes | Verdict::None) => self.reason(host, channel, from, lacking),
            has => has,
        }
    }

    /// Why a log lacks what it recorded from a time on, as far as its host says.
    fn reason(&self, host: &str, channel: &str, from: Ticks, lacking: Verdict) -> Verdict {
        let Some(log) = self.logging.log(host, channel) else {
            return lacking;
        };
        match (log.cleared_after(from), log.enabled()) {
            (Some(cleared), _) => Verdict::Cleared(cleared),
            (None, Some(false)) if lacking == Verdict::None => Verdict::Off,
            _ => lacking,
        }
    }

    /// The name of a host, as recorded.
    pub(super) fn name(&self, host: &str) -> Option<&str> {
        let from = (host.to_owned(), String::new());
        let (place, covered) = self.logs.range(from..).next()?;
        (place.0 == host).then_some(covered.host.as_str())
    }

    /// Keys of all hosts.
    pub(super) fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<&str> = self.logs.keys().map(|(host, _)| host.as_str()).collect();
        hosts.dedup();
        hosts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of these records: number and second.
    fn log(records: &[(u64, i64)]) -> Covered {
        let seconds = |second: i64| Ticks(second * timeline::TICKS_PER_SECOND);
        let (first, others) = records.split_first().unwrap();
        let mut log = Covered::of("H", "Security", seconds(first.1), Some(first.0));
        for (record, second) in others {
            log.add(seconds(*second), Some(*record));
        }
        log.join_runs();
        log
    }

    #[track_caller]
    fn check(records: &[(u64, i64)], span: (i64, i64), expected: Verdict) {
        let [from, to] = [span.0, span.1].map(|second| Ticks(second * timeline::TICKS_PER_SECOND));
        let parts = records.iter().map(|record| log(&[*record]));
        let merged = parts.reduce(|mut all, part| {
            all.note(&part);
            all
        });
        assert_eq!(log(records).verdict(from, to), expected);
        assert_eq!(merged.unwrap().verdict(from, to), expected, "merged");
    }

    #[test]
    fn a_time_is_covered_between_records_without_a_hole() {
        let whole = [(7, 10), (8, 20), (9, 30)];
        check(&whole, (10, 30), Verdict::Full);
        check(&whole, (9, 20), Verdict::Holes);
        check(&whole, (31, 40), Verdict::None);
        let hole = [(7, 10), (9, 30)];
        check(&hole, (15, 16), Verdict::Holes);
        let out_of_order = [(8, 20), (7, 21), (9, 22)];
        check(&out_of_order, (20, 22), Verdict::Full);
    }

    #[test]
    fn a_log_that_was_silent_for_long_may_have_been_off() {
        let hour = 3600;
        let quiet = [
            (7, 0),
            (8, 10),
            (9, 10 + hour),
            (10, 20 + 3 * hour),
            (11, 30 + 3 * hour),
        ];
        check(&quiet, (0, 5), Verdict::Full);
        check(&quiet, (100, 200), Verdict::Full);
        check(&quiet, (2 * hour, 2 * hour + 10), Verdict::Silent);
        check(&quiet, (5, 3 * hour), Verdict::Silent);
        check(&quiet, (22 + 3 * hour, 25 + 3 * hour), Verdict::Full);
    }

    #[test]
    fn numbers_begin_anew_after_a_log_was_cleared() {
        let day = 86_400;
        let cleared = [(1, 0), (2, 10), (1, day), (2, day + 10), (3, day + 20)];
        check(&cleared, (5, 6), Verdict::Full);
        check(&cleared, (day + 5, day + 15), Verdict::Full);
        check(&cleared, (20, 30), Verdict::Holes);
    }

    #[test]
    fn a_log_in_too_many_pieces_is_not_judged() {
        let odd: Vec<(u64, i64)> = (0..10_000).map(|n| (2 * n + 1, 0)).collect();
        let log = log(&odd);
        assert!(log.scattered && log.runs.is_empty());
        assert_eq!(log.verdict(Ticks(0), Ticks(0)), Verdict::Holes);
    }

    #[test]
    fn a_hive_covers_no_time_in_full() {
        let mut hive = log(&[(1, 0), (2, 10), (3, 20)]);
        hive.channel = "registry:NTUSER.DAT".into();
        let mut coverage = Coverage::default();
        let place = ("h".to_owned(), "registry:ntuser.dat".to_owned());
        coverage.logs.insert(place, hive);
        let verdict =
            |from, to| coverage.verdict("h", "registry:NTUSER.DAT", Ticks(from), Ticks(to));
        assert_eq!(verdict(1, 2), Verdict::Holes);
        assert_eq!(verdict(i64::MAX / 4, i64::MAX / 4), Verdict::Holes);
        let other = coverage.verdict("i", "registry:NTUSER.DAT", Ticks(1), Ticks(2));
        assert_eq!(other, Verdict::None);
    }

    #[test]
    fn what_was_left_out_by_choice_is_not_missing() {
        let coverage = Coverage::of_period(Some(Ticks(10)), Some(Ticks(20)));
        let verdict = |from, to| coverage.verdict("h", "Security", Ticks(from), Ticks(to));
        assert_eq!(verdict(9, 15), Verdict::OutsidePeriod);
        assert_eq!(verdict(15, 20), Verdict::OutsidePeriod);
        assert_eq!(verdict(10, 19), Verdict::None);
    }

    /// What is said of the Security log at second 15 when a host told these things.
    #[track_caller]
    fn check_reason(told: &[&str], records: &[(u64, i64)], expected: Verdict) {
        let told: Vec<_> = told
            .iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        let mut coverage = Coverage::default();
        coverage.learn("h", "h", &timeline::json::read(&told), &[]);
        if !records.is_empty() {
            let place = ("h".to_owned(), "security".to_owned());
            coverage.logs.insert(place, log(records));
        }
        let at = Ticks(15 * timeline::TICKS_PER_SECOND);
        assert_eq!(coverage.verdict("h", "Security", at, at), expected);
    }

    #[test]
    fn a_log_that_was_cleared_or_is_off_has_a_reason_for_what_it_lacks() {
        let cleared = r#"{"@timestamp": "1601-01-01T00:00:20Z", "winlog.channel": "Security",
            "event.code": "1102", "event.provider": "Microsoft-Windows-Eventlog"}"#;
        let off = r#"{"@timestamp": "2026-01-01T00:00:00Z", "registry.value": "Enabled",
            "registry.data.strings": "0", "registry.path":
            "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WINEVT\\Channels\\Security\\Enabled"}"#;
        let at = Ticks(20 * timeline::TICKS_PER_SECOND);
        let before = [(1, 0), (2, 10)];
        let hole = [(1, 10), (5, 30)];
        let whole = [(1, 10), (2, 30)];
        check_reason(&[cleared], &[], Verdict::Cleared(at));
        check_reason(&[cleared, off], &before, Verdict::Cleared(at));
        check_reason(&[cleared], &hole, Verdict::Cleared(at));
        check_reason(&[cleared, off], &whole, Verdict::Full);
        check_reason(&[off], &[], Verdict::Off);
        check_reason(&[off], &before, Verdict::Off);
        check_reason(&[off], &hole, Verdict::Holes);
        check_reason(&[], &[], Verdict::None);
    }
}
