//! What other hosts recorded of a movement: who opened its connections, whose remote desktop client came, who was given
//! tickets, whose tool a pipe is named after (EVIDENCE.md §3, J3, J4, J9, J12).

use std::collections::BTreeSet;
use std::io;

use timeline::{Reader, TICKS_PER_SECOND, Ticks, Uid, fields as f};

use super::draft::is_source_open;
use super::{Evidence, Movement, target_of};
use crate::enrich::same_host;
use crate::names::bare;

/// How far from a pipe the tool was started that it is named after (EVIDENCE.md §3, J12).
const AROUND_PIPE: i64 = 60 * TICKS_PER_SECOND;
/// Of one movement so many are told.
const MOST: usize = 32;

/// How another host's record belongs to a movement, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// It is of the same connection: address and port agree.
    Connection,
    /// A pipe bears the name of the host and the pid of the process.
    Pipe,
    /// A remote desktop client went to the target when the session began.
    Client,
    /// Its address was given a ticket for the target and the account; without address and account, who could have come.
    Ticket,
}

impl Tie {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Pipe => "pipe",
            Self::Client => "remote desktop client",
            Self::Ticket => "ticket",
        }
    }
}

/// What another host recorded of a movement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Witness {
    /// How it belongs to the movement.
    pub tie: Tie,
    /// When.
    pub time: Ticks,
    /// The event.
    pub uid: Uid,
    /// The address that it is tied by; empty where another thing ties it.
    pub ip: String,
    /// Identity of the machine that recorded it.
    pub machine: String,
    /// What that machine is called.
    pub host: String,
    /// What it says: a program, the client's events, an address.
    pub what: String,
    /// As whom.
    pub user: String,
}

/// The hosts that recorded that they opened a connection from the movement's source.
pub(super) fn openers(movement: &Movement) -> impl Iterator<Item = &Witness> {
    let witnesses = movement.witnesses.iter();
    witnesses.filter(|witness| witness.tie == Tie::Connection && witness.ip == movement.source_ip)
}

/// Looks for what other hosts recorded.
pub(super) fn look(evidence: Evidence<'_>, movement: &mut Movement) -> io::Result<()> {
    let Some(machine) = target_of(evidence, movement) else {
        return Ok(());
    };
    let mut all = connections(evidence, movement, &machine)?;
    all.extend(pipes(evidence, movement, &machine)?);
    all.extend(clients(evidence, movement, &machine)?);
    all.extend(tickets(evidence, movement, &machine)?);
    all.sort_unstable();
    all.dedup();
    note_who_could(movement, &all);
    all.truncate(MOST);
    movement.witnesses = all;
    Ok(())
}

/// Where nothing names the source, those who were given tickets could be it (MATCHING.md §5, candidates).
fn note_who_could(movement: &mut Movement, witnesses: &[Witness]) {
    let is_known = !movement.source_ip.is_empty() || !movement.source_host.is_empty();
    if is_known || is_source_open(&movement.also) {
        return;
    }
    let tickets = witnesses.iter();
    let ips: BTreeSet<String> = tickets
        .filter(|witness| witness.tie == Tie::Ticket)
        .map(|witness| witness.what.clone())
        .collect();
    if !ips.is_empty() {
        movement.also.push(("source_ip", ips.into_iter().collect()));
    }
}

/// Address, port and time of each connection that the target recorded of the movement.
fn ends<'a>(evidence: Evidence<'_>, movement: &'a Movement) -> Vec<(&'a str, &'a str, Ticks)> {
    let reader = Reader::new(evidence.events);
    let is_of = |row: u32| {
        let port = reader.get(f::SOURCE_PORT, row).map(|port| port.to_string());
        reader.text(f::SOURCE_IP, row) == Some(&movement.source_ip)
            && port.as_deref() == Some(&movement.source_port)
    };
    let rows = movement.target_events.iter().filter(|&&row| is_of(row));
    let times = rows.filter_map(|&row| evidence.events.rows.get(row as usize)?.time);
    let own = times.map(|time| {
        (
            movement.source_ip.as_str(),
            movement.source_port.as_str(),
            time,
        )
    });
    let logons = movement.sessions.iter().filter_map(|session| {
        let ends = (session.source_ip.as_str(), session.source_port.as_str());
        Some((
            ends.0,
            ends.1,
            session.start.filter(|_| session.is_remote())?,
        ))
    });
    let mut ends: Vec<_> = own.chain(logons).collect();
    ends.retain(|(ip, port, _)| !ip.is_empty() && !port.is_empty());
    ends.sort_unstable();
    ends.dedup();
    ends
}

fn connections(
    evidence: Evidence<'_>,
    movement: &Movement,
    machine: &str,
) -> io::Result<Vec<Witness>> {
    let mut all = Vec::new();
    let crossings = evidence.crossings;
    for (ip, port, at) in ends(evidence, movement) {
        let connections = &crossings.connections;
        let opened = connections.opener((ip, port), at, machine, &crossings.skew)?;
        all.extend(opened.into_iter().map(|opened| Witness {
            ip: ip.to_owned(),
            tie: Tie::Connection,
            time: opened.time,
            uid: opened.uid,
            machine: opened.machine,
            host: opened.host,
            what: opened.program,
            user: opened.user,
        }));
    }
    Ok(all)
}

/// The host and the pid that a pipe of PsExec is named after: `PSEXESVC-WS01-4211-stdin`.
fn psexec_pipe(name: &str) -> Option<(&str, &str)> {
    let (start, rest) = name.split_at_checked(name.to_ascii_uppercase().find("PSEXESVC-")?)?;
    let is_first = start.is_empty() || start.ends_with(['\\', '/']);
    let (rest, end) = rest.get("PSEXESVC-".len()..)?.rsplit_once('-')?;
    let (host, pid) = rest.rsplit_once('-')?;
    let is_stream = ["stdin", "stdout", "stderr"].contains(&end.to_ascii_lowercase().as_str());
    let is_pid = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
    (is_first && is_stream && is_pid && !host.is_empty()).then_some((host, pid))
}

/// The process on the host that a pipe is named after. The other side named the pipe: only a process that was there and
/// then bears it out.
fn pipes(evidence: Evidence<'_>, movement: &Movement, machine: &str) -> io::Result<Vec<Witness>> {
    let reader = Reader::new(evidence.events);
    let mut all = Vec::new();
    for &row in &movement.target_events {
        let named = [f::FILE_NAME, f::FILE_PATH].into_iter();
        let named = named
            .filter_map(|field| reader.text(field, row))
            .find_map(psexec_pipe);
        let time = evidence
            .events
            .rows
            .get(row as usize)
            .and_then(|own| own.time);
        let Some(((name, pid), time)) = named.zip(time) else {
            continue;
        };
        let hosts = evidence.coverage.hosts();
        let mut named = hosts.iter().filter(|host| same_host(host, name));
        let (Some(&host), None) = (named.next(), named.next()) else {
            continue;
        };
        if host == machine {
            continue;
        }
        let ahead = evidence.crossings.skew.assumed(host, machine).ticks;
        let at = Ticks(time.0.saturating_sub(ahead));
        let between = [-AROUND_PIPE, AROUND_PIPE].map(|far| Ticks(at.0.saturating_add(far)));
        let processes = evidence
            .processes
            .of_pid(host, pid, (between[0], between[1]))?;
        all.extend(processes.into_iter().filter_map(|process| {
            Some(Witness {
                ip: String::new(),
                tie: Tie::Pipe,
                time: process.time?,
                uid: process.uid,
                machine: host.to_owned(),
                host: evidence.coverage.name(host).unwrap_or(host).to_owned(),
                what: process.words().to_owned(),
                user: process.user,
            })
        }));
    }
    Ok(all)
}

fn clients(evidence: Evidence<'_>, movement: &Movement, machine: &str) -> io::Result<Vec<Witness>> {
    let mut all = Vec::new();
    let of_desktop = movement
        .sessions
        .iter()
        .filter(|session| session.is_desktop());
    let began =
        of_desktop.flat_map(|session| session.beginnings().map(move |began| (session, began)));
    for (session, began) in began {
        let crossings = evidence.crossings;
        let clients = crossings.clients.of_session(
            (machine, session.user.as_str()),
            began,
            &crossings.skew,
        )?;
        all.extend(clients.into_iter().map(|client| Witness {
            ip: String::new(),
            tie: Tie::Client,
            time: client.time,
            uid: client.uid,
            machine: client.machine,
            host: client.host,
            what: client.codes.join(" "),
            user: client.user,
        }));
    }
    Ok(all)
}

/// Who was given a ticket for the target as the movement's account: of the movement's source, or where that is not known,
/// of everybody.
fn tickets(evidence: Evidence<'_>, movement: &Movement, machine: &str) -> io::Result<Vec<Witness>> {
    let account = bare(&movement.account);
    let Some(start) = movement.start else {
        return Ok(Vec::new());
    };
    // Of a source that is known by its name alone nobody knows which ticket is its own.
    if movement.source_ip.is_empty() && !movement.source_host.is_empty() {
        return Ok(Vec::new());
    }
    let ends = (movement.target_host.as_str(), account.as_str());
    let mut tickets = evidence.tickets.for_host(ends, machine, start)?;
    let is_of_source = |ip: &str| movement.source_ip.is_empty() || movement.source_ip == ip;
    tickets.retain(|ticket| is_of_source(&ticket.source_ip));
    Ok(tickets
        .into_iter()
        .map(|ticket| Witness {
            ip: ticket.source_ip.clone(),
            tie: Tie::Ticket,
            time: ticket.time,
            uid: ticket.uid,
            machine: ticket.machine,
            host: ticket.host,
            what: ticket.source_ip,
            user: movement.account.clone(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_of_psexec_name_host_and_pid() {
        for (name, told) in [
            (r"\PSEXESVC-WS01-4211-stdin", Some(("WS01", "4211"))),
            ("psexesvc-WS-01-4211-STDERR", Some(("WS-01", "4211"))),
            (r"\PSEXESVC", None),
            (r"\PSEXESVC-WS01-x-stdin", None),
            (r"\PSEXESVC-WS01-4211-other", None),
            (r"\not-PSEXESVC-WS01-4211-stdin", None),
        ] {
            assert_eq!(psexec_pipe(name), told, "{name}");
        }
    }
}
