//! What this evidence could not have answered: the questions that an absence of findings leaves open.

use std::collections::BTreeMap;

use detectors::logging::{Audit, Log};
use detectors::movement::Covered;
use timeline::Ticks;

use super::collected::{Collected, FILE_TABLE, JOURNAL, TASKS, is_a_state};
use super::coverage::{named, seconds};
use super::document::{Line, joined, ours, plain, shown};
use crate::case::CaseResult;

/// A log that begins later than others of its host by more than this has lost what was before.
const LATER: i64 = 24 * 3600 * timeline::TICKS_PER_SECOND;
const SECURITY: &str = "Security";
const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

/// What one wants to know of a host, and what would tell: any of these.
struct Question {
    asks: &'static str,
    sources: &'static [Source],
}

/// What would tell.
enum Source {
    /// A log, by its channel.
    Log(&'static str),
    /// Events of the Security log, which has them only if they are audited.
    Audited(Audited),
    /// What is left of the time on a disk: how its channel ends, in lower case, and what it is called.
    Left(&'static str, &'static str),
}

struct Audited {
    what: &'static str,
    codes: &'static [&'static str],
    subcategories: &'static [&'static str],
}

const LOGONS: Source = Source::Audited(Audited {
    what: "logons",
    codes: &["4624"],
    subcategories: &["Logon"],
});
const PROCESSES: Source = Source::Audited(Audited {
    what: "process creation",
    codes: &["4688"],
    subcategories: &["Process Creation"],
});
const SHARES: Source = Source::Audited(Audited {
    what: "access to shares",
    codes: &["5140", "5145"],
    subcategories: &["File Share", "Detailed File Share"],
});
const SERVICES: Source = Source::Audited(Audited {
    what: "installation of services",
    codes: &["4697"],
    subcategories: &["Security System Extension"],
});
const TASK_CHANGES: Source = Source::Audited(Audited {
    what: "registration of tasks",
    codes: &["4698"],
    subcategories: &["Other Object Access Events"],
});

#[rustfmt::skip]
const QUESTIONS: &[Question] = &[
    Question { asks: "who logged on over the network", sources: &[LOGONS] },
    Question { asks: "which programs were started", sources: &[Source::Log(SYSMON), PROCESSES] },
    Question { asks: "which files were placed", sources: &[Source::Left(FILE_TABLE, "$MFT"), Source::Left(JOURNAL, "$UsnJrnl:$J")] },
    Question { asks: "which shares others reached", sources: &[SHARES] },
    Question { asks: "which services were installed", sources: &[Source::Log("System"), Source::Left("registry:system", "SYSTEM hive"), SERVICES] },
    Question { asks: "which tasks were scheduled", sources: &[
        Source::Log("Microsoft-Windows-TaskScheduler/Operational"), Source::Left("registry:software", "SOFTWARE hive"), Source::Left(TASKS, "task file"), TASK_CHANGES,
    ] },
    Question { asks: "who came by remote desktop", sources: &[
        Source::Log("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"),
        Source::Log("Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational"),
        Source::Log("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational"), LOGONS,
    ] },
    Question { asks: "where remote desktop went to from there", sources: &[Source::Log("Microsoft-Windows-TerminalServices-RDPClient/Operational"), Source::Left("registry:ntuser.dat", "NTUSER.DAT hive")] },
    Question { asks: "what was done over WinRM", sources: &[Source::Log("Microsoft-Windows-WinRM/Operational")] },
    Question { asks: "what was done over WMI", sources: &[Source::Log("Microsoft-Windows-WMI-Activity/Operational"), Source::Log(SYSMON), PROCESSES] },
    Question { asks: "what PowerShell ran", sources: &[Source::Log("Microsoft-Windows-PowerShell/Operational"), Source::Log("Windows PowerShell")] },
];

/// What a source can say.
enum Tells {
    /// As much as such a source can.
    All,
    /// Not all, for this reason.
    Part(String),
    /// Nothing, for this reason.
    Nothing(String),
    /// Nothing: it was not collected. What it is called.
    Missing(String),
}

/// A question that the evidence of some hosts does not answer, or not in full, and why.
pub(crate) struct Open<'c> {
    asks: &'static str,
    why: String,
    /// Some of the hosts.
    pub(super) hosts: Vec<&'c str>,
    /// How many others.
    others: usize,
}

impl Open<'_> {
    /// The hosts, what of them is not known, and why.
    pub(super) fn words(&self) -> Line {
        let mut words = joined(self.hosts.iter().map(|host| shown(host)), ", ");
        let more = match self.others {
            0 => String::new(),
            others => format!(" and {others} more hosts"),
        };
        words.push(ours(format!("{more}: {}: {}", self.asks, self.why)));
        words
    }

    /// In one line.
    pub(crate) fn line(&self) -> String {
        plain(&self.words())
    }
}

/// The questions that stay open, those of hosts with the same reasons together.
pub(crate) fn open_questions(case: &CaseResult) -> Vec<Open<'_>> {
    // What is not answered at all comes first.
    let mut open: BTreeMap<(bool, usize, String), Vec<&str>> = BTreeMap::new();
    for host in Collected::all(case)
        .iter()
        .filter(|host| host.is_a_system())
    {
        let audit = case.coverage.logging().audit(host.host);
        for (place, question) in QUESTIONS.iter().enumerate() {
            if let Some((is_in_part, why)) = question.why_open(host, audit) {
                let place = (is_in_part, place, why);
                open.entry(place).or_default().push(host.host);
            }
        }
    }
    let open = open.into_iter().map(|((_, place, why), hosts)| {
        let (hosts, others) = named(hosts);
        Open {
            asks: QUESTIONS[place].asks,
            why,
            hosts,
            others,
        }
    });
    open.collect()
}

impl Question {
    /// Whether it stays open only in part, and why; `None` when a source answers it.
    fn why_open(&self, host: &Collected<'_>, audit: Option<&Audit>) -> Option<(bool, String)> {
        let (mut parts, mut nothings, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for source in self.sources {
            let (reasons, reason) = match source.tells(host, audit) {
                Tells::All => return None,
                Tells::Part(why) => (&mut parts, why),
                Tells::Nothing(why) => (&mut nothings, why),
                Tells::Missing(name) => (&mut missing, name),
            };
            // Several sources may be in one log.
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        let is_in_part = !parts.is_empty();
        let in_part = if is_in_part { "in part: " } else { "" };
        parts.append(&mut nothings);
        parts.extend(none_of(&missing));
        Some((is_in_part, format!("{in_part}{}", parts.join("; "))))
    }
}

/// That none of these was collected.
fn none_of(names: &[String]) -> Option<String> {
    let (last, others) = names.split_last()?;
    Some(match others {
        [] => format!("no {last} was collected"),
        [first] => format!("neither {first} nor {last} was collected"),
        _ => format!("none of {} and {last} was collected", others.join(", ")),
    })
}

impl Source {
    fn tells(&self, host: &Collected<'_>, audit: Option<&Audit>) -> Tells {
        match self {
            Self::Log(channel) => log(host, channel),
            Self::Audited(audited) => audited.tells(host, audit),
            Self::Left(end, _) if host.has(end) => Tells::All,
            Self::Left(_, name) => Tells::Missing((*name).to_owned()),
        }
    }
}

impl Audited {
    fn tells(&self, host: &Collected<'_>, audit: Option<&Audit>) -> Tells {
        let tells = log(host, SECURITY);
        let known = host.log(SECURITY);
        let is_recorded = known.is_some_and(|log| self.codes.iter().any(|code| log.has(code)));
        let states = self.subcategories.iter();
        let states: Vec<Option<bool>> = states
            .map(|name| audit.and_then(|audit| audit.audits(name)))
            .collect();
        let is_off = states.iter().all(|state| *state == Some(false));
        match (is_recorded, is_off, tells) {
            (true, true, Tells::All) => Tells::Part(self.is_off()),
            (true, true, Tells::Part(why)) => Tells::Part(format!("{why}; {}", self.is_off())),
            // To collect the log would not help.
            (false, true, _) => Tells::Nothing(self.is_off()),
            (false, false, _) if host.has_log(SECURITY) && !states.contains(&Some(true)) => {
                Tells::Nothing(format!(
                    "the Security log has no event {}",
                    self.codes.join(" or ")
                ))
            }
            (_, _, tells) => tells,
        }
    }

    fn is_off(&self) -> String {
        format!("the audit of {} is off, as last set", self.what)
    }
}

fn log(host: &Collected<'_>, channel: &str) -> Tells {
    let name = channel.trim_start_matches("Microsoft-Windows-");
    let known = host.log(channel);
    let cleared = known.and_then(|log| log.cleared.iter().next_back().copied());
    if !host.has_log(channel) {
        return match (known.and_then(Log::enabled), cleared) {
            (Some(false), _) => {
                Tells::Nothing(format!("the {name} log is off, and none was collected"))
            }
            (_, Some(time)) => Tells::Nothing(format!(
                "no {name} log was collected, and it was cleared at {}",
                seconds(time)
            )),
            _ => Tells::Missing(format!("{name} log")),
        };
    }
    let is_it = |covered: &&&Covered| covered.channel.eq_ignore_ascii_case(channel);
    let first = host.logs.iter().filter(is_it).map(|log| log.first).min();
    let Some(first) = first else {
        return Tells::Nothing(format!("the {name} log has {}", host.instead_of_events()));
    };
    if let Some(time) = cleared {
        return Tells::Part(format!("the {name} log was cleared at {}", seconds(time)));
    }
    match earliest(host) {
        Some(earliest) if first.0.saturating_sub(earliest.0) > LATER => Tells::Part(format!(
            "the {name} log begins only at {}, others of that host at {}",
            seconds(first),
            seconds(earliest)
        )),
        _ => Tells::All,
    }
}

/// When the first log of a host begins.
fn earliest(host: &Collected<'_>) -> Option<Ticks> {
    let is_log = |covered: &&&Covered| !is_a_state(&covered.channel);
    host.logs.iter().filter(is_log).map(|log| log.first).min()
}
