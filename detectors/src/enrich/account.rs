//! Users of whom a record gives only a name, or only a SID (ECS.md §7.3).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

use sha1::{Digest, Sha1};
use timeline::{Cell, Segment, StringId, Ticks, Value, fields as f};

use super::edit;
use super::facts::Facts;
use super::gather::account;
use crate::names::{SECURITY, SYSMON};

/// Fills `user.id` of Sysmon events, of process starts in the Security log that name their owner without it, of remote
/// desktop sessions and tasks: from the name where it is well known, from the logon session of the process, from the
/// names that the host's Security log uses. Otherwise it stays missing.
pub(super) fn identify(segment: &mut Segment, host: &str, facts: &Facts) -> io::Result<()> {
    let mut known: HashMap<Question, Option<String>> = HashMap::new();
    let mut ids = Vec::new();
    for row in anonymous(segment) {
        let question = Question::of(segment, row);
        let sid = if let Some(sid) = known.get(&question) {
            sid.clone()
        } else {
            let at = segment.rows[row as usize].time;
            let sid = question.answer(host, at, facts)?;
            known.insert(question, sid.clone());
            sid
        };
        ids.extend(sid.map(|sid| (row, Value::from(sid))));
    }
    edit::add(segment, f::USER_ID, &ids);
    Ok(())
}

/// Rows with a user's name or a logon id but without the user's SID.
fn anonymous(segment: &Segment) -> Vec<u32> {
    let of = |field| segment.column(field).map_or(&[][..], |column| &column.rows);
    let mut rows: Vec<u32> = of(f::USER_NAME)
        .iter()
        .chain(of(f::PROCESS_EXT_AUTHENTICATION_ID))
        .copied()
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows.retain(|&row| segment.text(f::USER_ID, row).is_none() && may_lack(segment, row));
    rows
}

/// Whether an event is of those whose user has a SID that the record leaves out.
fn may_lack(segment: &Segment, row: u32) -> bool {
    match segment.text(f::EVENT_PROVIDER, row) {
        // A remote desktop session's user and a task's have logged on: 1149's has only been typed.
        Some(
            SYSMON
            | "Microsoft-Windows-TerminalServices-LocalSessionManager"
            | "Microsoft-Windows-TaskScheduler",
        ) => true,
        Some(SECURITY) => segment.text(f::EVENT_CODE, row) == Some("4688"),
        _ => false,
    }
}

/// Fills `user.name` and `user.domain` of events that have a SID alone, where the case's Security logs
/// agree on what it is called. The SIDs that every Windows has are called many things.
pub(super) fn name(segment: &mut Segment, host: &str, facts: &Facts) -> io::Result<()> {
    let Some(column) = segment.column(f::USER_ID) else {
        return Ok(());
    };
    let mut known: HashMap<StringId, Option<String>> = HashMap::new();
    let (mut domains, mut names) = (Vec::new(), Vec::new());
    let alone = edit::lacking(segment, f::USER_NAME, column.iter());
    for (row, cell) in edit::lacking(segment, f::USER_DOMAIN, alone) {
        let Cell::Text(id) = cell else {
            continue;
        };
        let account = match known.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let sid = segment.strings.get(id);
                let own = sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-");
                new.insert(if own {
                    facts.name_of_sid(host, sid)?
                } else {
                    None
                })
            }
        };
        if let Some((domain, name)) = account.as_deref().and_then(|name| name.split_once('\\')) {
            domains.push((row, Value::from(domain.to_owned())));
            names.push((row, Value::from(name.to_owned())));
        }
    }
    edit::add(segment, f::USER_DOMAIN, &domains);
    edit::add(segment, f::USER_NAME, &names);
    Ok(())
}

/// What is known of a user.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    domain: String,
    name: String,
    logon: String,
    /// The hour: a logon id means one session only within a boot.
    hour: i64,
}

impl Question {
    fn of(segment: &Segment, row: u32) -> Self {
        let text = |field| segment.text(field, row).unwrap_or_default().to_owned();
        let time = segment.rows[row as usize].time.unwrap_or(Ticks(0));
        Self {
            domain: text(f::USER_DOMAIN),
            name: text(f::USER_NAME),
            logon: segment
                .text(f::PROCESS_EXT_AUTHENTICATION_ID, row)
                .or_else(|| segment.text(f::WINLOG_LOGON_ID, row))
                .unwrap_or_default()
                .to_owned(),
            hour: time.0 / (3600 * timeline::TICKS_PER_SECOND),
        }
    }

    fn answer(&self, host: &str, at: Option<Ticks>, facts: &Facts) -> io::Result<Option<String>> {
        if let Some(sid) = well_known_name(&self.domain, &self.name) {
            return Ok(Some(sid));
        }
        if let Some(sid) = well_known_logon(&self.logon) {
            return Ok(Some(sid.to_owned()));
        }
        if let Some(at) = at.filter(|_| !self.logon.is_empty())
            && let Some(session) = facts.session(host, &self.logon, at)?
        {
            return Ok(Some(session.sid));
        }
        if self.name.is_empty() {
            return Ok(None);
        }
        facts.sid_of_name(host, &account(&self.domain, &self.name))
    }
}

/// Sessions that every Windows has under the same id, whatever its language calls their users.
pub(super) fn well_known_logon(id: &str) -> Option<&'static str> {
    match id.to_ascii_lowercase().as_str() {
        "0x3e7" => Some("S-1-5-18"),
        "0x3e5" => Some("S-1-5-19"),
        "0x3e4" => Some("S-1-5-20"),
        _ => None,
    }
}

/// What languages call the authority of the built-in accounts.
const AUTHORITIES: &[&str] = &[
    "nt authority",
    "nt-autorität",
    "autorite nt",
    "autorité nt",
    "autoridad nt",
    "autoridade nt",
    "nt-autoriteit",
    "nt instans",
    "nt-myndighet",
    "zarządzanie nt",
    "nt hatóság",
];

fn well_known_name(domain: &str, name: &str) -> Option<String> {
    let (domain, name) = (domain.to_lowercase(), name.to_lowercase());
    match domain.as_str() {
        authority if AUTHORITIES.contains(&authority) => built_in(&name).map(str::to_owned),
        "window manager" => numbered(&name, "dwm-", "S-1-5-90-0-"),
        "font driver host" => numbered(&name, "umfd-", "S-1-5-96-0-"),
        "nt service" => Some(hashed("S-1-5-80", &name.to_uppercase())),
        "iis apppool" => Some(hashed("S-1-5-82", &name)),
        _ => None,
    }
}

/// Whether a name is of the system itself, of a service, a session, or a machine: by the name alone.
pub(crate) fn is_of_system(domain: &str, name: &str) -> bool {
    let (domain, name) = (domain.to_lowercase(), name.to_lowercase());
    let is_session = ["dwm-", "umfd-"].iter().any(|prefix| {
        let number = name.strip_prefix(prefix);
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    });
    name.ends_with('$')
        || is_session
        || AUTHORITIES.contains(&domain.as_str())
        || ["nt virtual machine", "virtual users", "builtin"].contains(&domain.as_str())
        || well_known_name(&domain, &name).is_some()
}

fn built_in(name: &str) -> Option<&'static str> {
    Some(match name {
        "system" | "système" | "sistema" | "systeem" | "rendszer" => "S-1-5-18",
        "local service" | "lokaler dienst" | "service local" | "servicio local"
        | "serviço local" | "servizio locale" => "S-1-5-19",
        "network service" | "netzwerkdienst" | "service réseau" | "servicio de red"
        | "serviço de rede" | "servizio di rete" => "S-1-5-20",
        "anonymous logon" | "anonymous-anmeldung" => "S-1-5-7",
        _ => return None,
    })
}

/// `DWM-3` is the third session's window manager.
fn numbered(name: &str, prefix: &str, sid: &str) -> Option<String> {
    let number: u32 = name.strip_prefix(prefix)?.parse().ok()?;
    Some(format!("{sid}{number}"))
}

/// SIDs of services and application pools are made from their names: SHA-1 over the name in UTF-16,
/// as five little-endian numbers.
fn hashed(authority: &str, name: &str) -> String {
    let bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hash = Sha1::digest(bytes);
    let numbers = hash
        .as_chunks::<4>()
        .0
        .iter()
        .map(|part| u32::from_le_bytes(*part));
    numbers.fold(authority.to_owned(), |sid, number| {
        format!("{sid}-{number}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_s_own_are_told_by_their_names() {
        for (domain, name, is_own) in [
            ("NT AUTHORITY", "SYSTEM", true),
            ("AUTORITE NT", "Système", true),
            ("NT AUTHORITY", "IUSR", true),
            ("NT SERVICE", "MSSQLSERVER", true),
            ("Fenster", "DWM-2", true),
            ("Font Driver Host", "UMFD-0", true),
            ("WORKGROUP", "WS01$", true),
            ("CORP", "DWM-x", false),
            ("CORP", "system", false),
            ("CORP", "ana", false),
        ] {
            assert_eq!(is_of_system(domain, name), is_own, "{domain}\\{name}");
        }
    }

    #[test]
    fn well_known_accounts_have_their_sids() {
        for (domain, name, sid) in [
            ("NT AUTHORITY", "SYSTEM", Some("S-1-5-18")),
            ("NT-AUTORITÄT", "Lokaler Dienst", Some("S-1-5-19")),
            ("Window Manager", "DWM-3", Some("S-1-5-90-0-3")),
            ("Font Driver Host", "UMFD-0", Some("S-1-5-96-0-0")),
            // The SID that `sc showsid TrustedInstaller` prints on any Windows.
            (
                "NT SERVICE",
                "TrustedInstaller",
                Some("S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"),
            ),
            // `icacls` on any IIS.
            (
                "IIS APPPOOL",
                "DefaultAppPool",
                Some("S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"),
            ),
            ("CORP", "SYSTEM", None),
            ("Window Manager", "DWM-x", None),
        ] {
            assert_eq!(
                well_known_name(domain, name).as_deref(),
                sid,
                "{domain}\\{name}"
            );
        }
    }
}
