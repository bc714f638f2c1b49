//! What the drafts of one movement say together (MATCHING.md §6).

use std::collections::BTreeSet;

use super::draft::Draft;
use super::grade::Grounds;
use super::{Evidence, Movement, SourceBasis};
use crate::enrich::same_host;
use crate::rule::Side;
use crate::session::Session;

/// What the drafts of one movement say together.
pub(super) fn combine(evidence: Evidence<'_>, group: &[&Draft]) -> Movement {
    let mut movement = Movement::default();
    set_events(&mut movement, evidence, group);
    // What is only part of it says nothing of who moved, and takes and gives nothing in the grade.
    let own: Vec<&Draft> = group
        .iter()
        .copied()
        .filter(|draft| !draft.is_loose)
        .collect();
    let group = own.as_slice();
    for draft in group {
        for (name, names) in &draft.also {
            note_also(&mut movement, name, names.iter().cloned());
        }
    }
    set_ends(&mut movement, group);
    set_accounts(&mut movement, group);
    set_sessions(&mut movement, group);
    movement.start = group.iter().filter_map(|draft| draft.when).min();
    movement.end = movement
        .events
        .iter()
        .filter_map(|&row| evidence.events.rows[row as usize].time)
        .max();
    movement.slack = group
        .iter()
        .any(|draft| evidence.findings[draft.finding].slack.is_some());
    (movement.grade, movement.reason) = grounds(&movement, group).judge();
    movement
}

fn note_also(movement: &mut Movement, name: &'static str, names: impl Iterator<Item = String>) {
    let place = movement.also.iter().position(|(known, _)| *known == name);
    let place = place.unwrap_or_else(|| {
        movement.also.push((name, Vec::new()));
        movement.also.len() - 1
    });
    let known = &mut movement.also[place].1;
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    known.sort_unstable();
}

/// The only distinct value that is not empty; several go to `also`.
fn only(
    movement: &mut Movement,
    name: &'static str,
    values: impl Iterator<Item = String>,
) -> String {
    let mut distinct: Vec<String> = Vec::new();
    for value in values.filter(|value| !value.is_empty()) {
        // Accounts, like addresses, have no case; the first spelling stands.
        if !distinct
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&value))
        {
            distinct.push(value);
        }
    }
    match distinct.len() {
        0 => String::new(),
        1 => distinct.remove(0),
        _ => {
            note_also(movement, name, distinct.into_iter());
            String::new()
        }
    }
}

/// Like [`only`], for host names: the spelling of the side that recorded it counts, and a short name
/// is the same as a long one that begins with it.
fn only_host<'a>(
    movement: &mut Movement,
    name: &'static str,
    own: impl Iterator<Item = &'a str>,
    others: impl Iterator<Item = &'a str>,
) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for value in own.chain(others).filter(|value| !value.is_empty()) {
        if !distinct.iter().any(|known| same_host(known, value)) {
            distinct.push(value);
        }
    }
    only(movement, name, distinct.into_iter().map(str::to_owned))
}

/// One end of a movement: what drafts call it.
struct End {
    side: Side,
    names: [&'static str; 2],
    ip: fn(&Draft) -> &str,
    host: fn(&Draft) -> &str,
}

impl End {
    /// Address and name. Where drafts differ in the one, the other stands only when every draft that
    /// knows the first names it, too: else it would single out one of them.
    fn merge(&self, movement: &mut Movement, group: &[&Draft]) -> [String; 2] {
        let [ip_name, host_name] = self.names;
        let of = |own: bool| {
            group
                .iter()
                .filter(move |draft| (draft.side == self.side) == own)
                .map(|draft| (self.host)(draft))
        };
        let ip = only(
            movement,
            ip_name,
            group.iter().map(|draft| (self.ip)(draft).to_owned()),
        );
        let host = only_host(movement, host_name, of(true), of(false));
        let is_open = |value: &str, of: fn(&Draft) -> &str| {
            value.is_empty() && group.iter().any(|draft| !of(draft).is_empty())
        };
        let complete = || {
            let mut known = group
                .iter()
                .map(|draft| [(self.ip)(draft), (self.host)(draft)]);
            known.all(|[ip, host]| ip.is_empty() == host.is_empty())
        };
        let open = is_open(&ip, self.ip) || is_open(&host, self.host);
        if !open || complete() {
            return [ip, host];
        }
        for (name, value) in [(ip_name, ip), (host_name, host)] {
            if !value.is_empty() {
                note_also(movement, name, std::iter::once(value));
            }
        }
        [String::new(), String::new()]
    }
}

fn set_ends(movement: &mut Movement, group: &[&Draft]) {
    let source = End {
        side: Side::Source,
        names: ["source_ip", "source_host"],
        ip: |draft| &draft.source_ip,
        host: |draft| &draft.source_host,
    };
    let target = End {
        side: Side::Target,
        names: ["target_ip", "target_host"],
        ip: |draft| &draft.target_ip,
        host: |draft| &draft.target_host,
    };
    [movement.source_ip, movement.source_host] = source.merge(movement, group);
    [movement.target_ip, movement.target_host] = target.merge(movement, group);
    // Ports belong to the event that gave the address.
    let ports = |ip: &str| {
        let named = group
            .iter()
            .find(|draft| !ip.is_empty() && draft.source_ip == ip);
        named.map(|draft| (draft.source_port.clone(), draft.target_port.clone()))
    };
    if let Some((source, target)) = ports(&movement.source_ip) {
        movement.source_port = source;
        movement.target_port = target;
    }
    let known = !movement.source_ip.is_empty() || !movement.source_host.is_empty();
    movement.by_ticket = known && group.iter().any(|draft| draft.by_ticket);
    let recorded = group.iter().any(|draft| {
        let named = !draft.source_ip.is_empty() || !draft.source_host.is_empty();
        named && draft.source_basis == SourceBasis::Recorded
    });
    movement.source_basis = Some(match (known, recorded) {
        (true, true) => SourceBasis::Recorded,
        (true, false) => SourceBasis::Joined,
        _ => SourceBasis::Unknown,
    });
}

fn set_accounts(movement: &mut Movement, group: &[&Draft]) {
    movement.account = only(
        movement,
        "account",
        group.iter().map(|draft| draft.account.clone()),
    );
    movement.ran_as = only(
        movement,
        "ran_as",
        group.iter().map(|draft| draft.ran_as.clone()),
    );
    let of_account = group.iter().find(|draft| {
        !movement.account.is_empty() && draft.account.eq_ignore_ascii_case(&movement.account)
    });
    movement.account_sid = of_account
        .map(|draft| draft.account_sid.clone())
        .unwrap_or_default();
    let typed = group.iter().find(|draft| !draft.logon_type.is_empty());
    movement.logon_type = typed
        .map(|draft| draft.logon_type.clone())
        .unwrap_or_default();
}

/// Sessions of one movement that are told.
const MOST_SESSIONS: usize = 64;

/// The sessions on the target: those of the events, and the others of their hop session.
fn set_sessions(movement: &mut Movement, group: &[&Draft]) {
    let of_target = group.iter().filter(|draft| draft.side == Side::Target);
    let mut known = BTreeSet::new();
    for draft in of_target {
        let hop = draft.hop.iter().flat_map(|hop| &hop.sessions);
        for session in draft.sessions.iter().chain(hop) {
            let is_new = known.len() < MOST_SESSIONS
                && known.insert((session.since(), session.logon_id.clone()));
            if is_new {
                movement.sessions.push(session.clone());
            }
        }
    }
    let order = |session: &Session| (session.since(), session.logon_id.clone());
    movement.sessions.sort_by_cached_key(order);
}

fn set_events(movement: &mut Movement, evidence: Evidence<'_>, group: &[&Draft]) {
    movement.findings = group.iter().map(|draft| draft.finding).collect();
    movement.findings.sort_unstable();
    for draft in group {
        let rows = evidence.findings[draft.finding].rows();
        let side = match draft.side {
            Side::Source => &mut movement.source_events,
            Side::Target => &mut movement.target_events,
        };
        side.extend(rows);
    }
    for rows in [&mut movement.source_events, &mut movement.target_events] {
        rows.sort_by(|&a, &b| evidence.events.compare(a, b));
        rows.dedup();
    }
    movement.events = [movement.source_events.as_slice(), &movement.target_events].concat();
    movement
        .events
        .sort_by(|&a, &b| evidence.events.compare(a, b));
    movement.events.dedup();
    let mut drafts: Vec<&&Draft> = group.iter().collect();
    drafts.sort_by_key(|draft| (draft.when, draft.finding));
    for ran in drafts.iter().flat_map(|draft| &draft.ran) {
        if !movement.ran.contains(ran) {
            movement.ran.push(ran.clone());
        }
    }
}

fn grounds(movement: &Movement, group: &[&Draft]) -> Grounds {
    let is_state = group.iter().all(|draft| draft.state);
    // What is only known to exist adds to what is known to have happened, and takes nothing from it.
    let sure = || group.iter().filter(move |draft| is_state || !draft.state);
    let tied = |is_in: &dyn Fn(&Draft) -> bool| {
        let of = || sure().filter(|draft| is_in(draft)).copied();
        (has_both_sides(of()), of().any(is_exact))
    };
    let (strict, all) = (tied(&|draft| !draft.slack), tied(&|_| true));
    let is_slack = strict == (false, false) && all != (false, false);
    let (both_sides, exact) = if is_slack { all } else { strict };
    let named = |host: &str, ip: &str| !host.is_empty() || !ip.is_empty();
    let name_source = |draft: &&&Draft| named(&draft.source_host, &draft.source_ip);
    let name_target = |draft: &&&Draft| named(&draft.target_host, &draft.target_ip);
    let target_side = sure().any(|draft| draft.side == Side::Target);
    Grounds {
        both_sides,
        exact,
        // On the source side the source is always known; what counts is the target.
        source_named: target_side
            && named(&movement.source_host, &movement.source_ip)
            && sure().any(|draft| name_source(&draft)),
        target_named: !target_side
            && named(&movement.target_host, &movement.target_ip)
            && sure().any(|draft| name_target(&draft)),
        slack: is_slack,
        state: is_state,
    }
}

/// Whether another host recorded each side.
fn has_both_sides<'a>(drafts: impl Iterator<Item = &'a Draft>) -> bool {
    let (mut sources, mut targets) = (BTreeSet::new(), BTreeSet::new());
    for draft in drafts {
        let hosts = match draft.side {
            Side::Source => &mut sources,
            Side::Target => &mut targets,
        };
        hosts.insert(draft.host.as_str());
    }
    !sources.is_empty() && !targets.is_empty() && sources.is_disjoint(&targets)
}

/// Whether one key ties a named source to what was done.
fn is_exact(draft: &Draft) -> bool {
    let is_named = !draft.source_host.is_empty() || !draft.source_ip.is_empty();
    draft.exact && draft.side == Side::Target && is_named
}
