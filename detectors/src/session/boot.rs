//! When a machine started, and when it was shut down.

use timeline::Ticks;

use super::seconds;
use crate::names::SECURITY;

/// Records of one start lie within this.
const ONE_START: i64 = seconds(300);
/// How many starts and ends of a machine are kept.
const MOST: usize = 64 * 1024;

/// What an event says of the system's running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    /// It was shut down.
    Down = 0,
    /// It started.
    Up = 1,
}

impl Power {
    /// What an event of a provider says (EVIDENCE.md §1.2). 6008 and 41 are written at the next start: they
    /// say that there was no shutdown.
    pub(super) fn of(provider: &str, code: &str) -> Option<Self> {
        match (provider, code) {
            ("Microsoft-Windows-Kernel-General", "13")
            | ("EventLog" | "Microsoft-Windows-Eventlog", "6006") => Some(Self::Down),
            ("Microsoft-Windows-Kernel-General", "12")
            | ("EventLog" | "Microsoft-Windows-Eventlog", "6005" | "6008" | "6009")
            | ("Microsoft-Windows-Kernel-Power", "41")
            | (SECURITY, "4608") => Some(Self::Up),
            _ => None,
        }
    }
}

/// The starts and ends of one machine, in the order of their times.
#[derive(Debug, Default)]
pub(super) struct Boots {
    starts: Vec<Ticks>,
    ends: Vec<Ticks>,
}

impl Boots {
    /// Takes the next event in the order of time.
    pub(super) fn add(&mut self, time: Ticks, power: Power) {
        let all = match power {
            Power::Down => &mut self.ends,
            Power::Up => {
                let last = self.starts.last();
                if last.is_some_and(|last| time.0.saturating_sub(last.0) <= ONE_START)
                    && !self.went_down_since(last.copied())
                {
                    return;
                }
                &mut self.starts
            }
        };
        if all.len() < MOST {
            all.push(time);
        }
    }

    /// How many starts there were.
    pub(super) fn starts(&self) -> u64 {
        self.starts.len() as u64
    }

    fn went_down_since(&self, start: Option<Ticks>) -> bool {
        self.ends.last().copied() > start
    }

    /// The start of the system that ran at a time.
    pub(super) fn at(&self, time: Ticks) -> Option<Ticks> {
        // The first records of a start can be older than the one that tells of it.
        let until = Ticks(time.0.saturating_add(seconds(2)));
        let count = self.starts.partition_point(|start| *start <= until);
        self.starts.get(count.checked_sub(1)?).copied()
    }

    /// The first start after a time.
    pub(super) fn next_start(&self, time: Ticks) -> Option<Ticks> {
        let after = Ticks(time.0.saturating_add(seconds(2)));
        let count = self.starts.partition_point(|start| *start <= after);
        self.starts.get(count).copied()
    }

    /// The last shutdown between a time and the next start.
    pub(super) fn shutdown_after(&self, time: Ticks) -> Option<Ticks> {
        let first = self.ends.partition_point(|down| *down < time);
        let until = self.next_start(time);
        let behind = match until {
            Some(until) => self.ends.partition_point(|down| *down <= until),
            None => self.ends.len(),
        };
        self.ends.get(first..behind)?.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_one_start_are_one_boot() {
        let mut boots = Boots::default();
        let at = |second| Ticks(seconds(second));
        for (second, power) in [
            (100, Power::Up),
            (101, Power::Up),
            (130, Power::Up),
            (5000, Power::Down),
            (5001, Power::Down),
            (5060, Power::Up),
            (5070, Power::Up),
            (5100, Power::Down),
            (5150, Power::Up),
            (9000, Power::Up),
        ] {
            boots.add(at(second), power);
        }
        assert_eq!(boots.starts, [at(100), at(5060), at(5150), at(9000)]);
        assert_eq!(boots.at(at(50)), None);
        assert_eq!(boots.at(at(99)), Some(at(100)), "written a moment before");
        assert_eq!(boots.at(at(4000)), Some(at(100)));
        assert_eq!(boots.shutdown_after(at(4000)), Some(at(5001)));
        assert_eq!(boots.next_start(at(4000)), Some(at(5060)));
        assert_eq!(boots.shutdown_after(at(6000)), None, "it went down unseen");
        assert_eq!(boots.next_start(at(9000)), None);
    }
}
