//! `sessions.csv`: logon sessions, by host and time (TIMELINE.md §2.3).

use std::collections::{BTreeMap, BTreeSet};

use detectors::identity::Account;
use detectors::session::Session;
use timeline::Ticks;

use super::CaseFolder;
use super::csv::Row;
use super::movements::item;
use crate::case::CaseResult;

const COLUMNS: [&str; 23] = [
    "host",
    "boot_id",
    "logon_id",
    "linked_logon_id",
    "logon_guid",
    "type",
    "user",
    "sid",
    "src_ip",
    "src_host",
    "start",
    "end",
    "end_basis",
    "admin",
    "events",
    "processes",
    "first_uid",
    "last_uid",
    "other_logon_ids",
    "src_port",
    "windows_session",
    "desktop_events",
    "client",
];

/// Writes the sessions, and counts those of each account: by its SID, or else by its name in lower case.
pub(super) fn write(
    folder: &CaseFolder,
    mut case: CaseResult,
) -> anyhow::Result<(CaseResult, BTreeMap<String, u64>)> {
    let mut file = folder.file("sessions.csv")?;
    let mut row = Row::new();
    file.header(COLUMNS)?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let domain = |account: &Account| {
        let (domain, _) = account.name.split_once('\\')?;
        if account.sid.is_empty() {
            return None;
        }
        (!domain.contains('.')).then(|| (account.sid.clone(), domain.to_owned()))
    };
    let short: BTreeMap<String, String> = case.accounts.iter().filter_map(domain).collect();
    for item in case.sessions.take().into_iter().flatten() {
        let Some(session) = Session::of_item(&item?) else {
            continue;
        };
        let user = spelled(&short, &session);
        let clients = clients(&case, &session)?;
        file.csv_row(row.cells(cells(&case, &session, user, clients)))?;
        let account = match session.sid.as_str() {
            "" => session.user.to_lowercase(),
            sid => sid.to_owned(),
        };
        if !account.is_empty() {
            *counts.entry(account).or_default() += 1;
        }
    }
    file.finish()?;
    Ok((case, counts))
}

/// The long name of a domain gives way to the short one that other events of the SID use (MATCHING.md §5).
fn spelled(short: &BTreeMap<String, String>, session: &Session) -> String {
    let Some((domain, name)) = session.user.split_once('\\') else {
        return session.user.clone();
    };
    match short.get(&session.sid).filter(|_| domain.contains('.')) {
        Some(short) => format!("{short}\\{name}"),
        None => session.user.clone(),
    }
}

/// `WS01@2026-03-02T21:13:58.1Z:1024 1102 1029`: remote desktop clients that went there when it began, or was taken up
/// again.
fn clients(case: &CaseResult, session: &Session) -> std::io::Result<String> {
    let mut all = BTreeSet::new();
    for began in session.beginnings().filter(|_| session.is_desktop()) {
        let crossings = &case.crossings;
        all.extend(crossings.clients.of_session(
            (&session.machine, &session.user),
            began,
            &crossings.skew,
        )?);
    }
    let each = all.iter().map(|client| {
        let codes = client.codes.join(" ");
        format!(
            "{}@{}:{codes}",
            item(case.host_of(&client.machine)),
            client.time
        )
    });
    Ok(each.collect::<Vec<_>>().join(";"))
}

fn cells(case: &CaseResult, session: &Session, user: String, clients: String) -> [String; 23] {
    let time = |time: Option<Ticks>| time.map(|time| time.to_string()).unwrap_or_default();
    let uid = |seen: Option<detectors::session::Seen>| {
        seen.map(|seen| seen.uid.to_string()).unwrap_or_default()
    };
    [
        case.host_of(&session.machine).to_owned(),
        time(session.boot),
        session.logon_id.clone(),
        session.linked_logon_id.clone(),
        session.logon_guid.clone(),
        session.logon_type.clone(),
        user,
        session.sid.clone(),
        session.source_ip.clone(),
        session.source_host.clone(),
        time(session.start),
        time(session.end),
        session.end_basis.as_str().to_owned(),
        if session.is_admin { "yes" } else { "no" }.to_owned(),
        session.events.to_string(),
        session.processes.to_string(),
        uid(session.first),
        uid(session.last),
        session.other_logon_ids.join(";"),
        session.source_port.clone(),
        session.desktop.clone(),
        session.desktop_codes.join(";"),
        clients,
    ]
}
