//! What one event says of logon sessions.

use timeline::sort::Batch;
use timeline::{Field, Reader, Segment, Ticks, Uid, fields as f, key};

use super::boot::Power;
use crate::enrich::{can_be_own, same_host};
use crate::names::{SECURITY, SYSMON, qualified};

/// Kinds of notes, in the order in which they are read: what all sessions of a machine need comes first.
pub(super) const POWER: u8 = b'B';
/// Of remote desktop services.
pub(super) const DESKTOP: u8 = b'D';
/// Of a logon id.
pub(super) const LOGON_ID: u8 = b'L';

/// Sessions that every Windows has, of the system's own accounts: they execute, nobody acts in them
/// (EVIDENCE.md §1.2).
const OWN_SESSIONS: [&str; 3] = ["0x3e7", "0x3e4", "0x3e5"];
/// What stands for none.
const NONE: [&str; 3] = ["", "0x0", "-"];

/// What an event is for a session: at one time, a logon comes before what is done, and that before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// 4624.
    Logon = 0,
    /// 4672: it has privileges of an administrator.
    Admin = 1,
    /// The start of a process.
    Process = 2,
    /// Anything else that carries the id.
    Other = 3,
    /// 4634, 4647.
    Logoff = 4,
}

impl Part {
    pub(super) fn of(rank: u8) -> Option<Self> {
        let all = [
            Self::Logon,
            Self::Admin,
            Self::Process,
            Self::Other,
            Self::Logoff,
        ];
        all.get(usize::from(rank)).copied()
    }
}

/// What a note has beside its time: which texts, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) user: String,
    pub(super) sid: String,
    pub(super) logon_type: String,
    pub(super) source_ip: String,
    pub(super) source_port: String,
    pub(super) source_host: String,
    pub(super) guid: String,
    pub(super) linked: String,
    /// `yes` where the token is elevated.
    pub(super) elevated: String,
}

impl Texts {
    fn encode(&self, out: &mut Vec<u8>) {
        for text in [
            &self.user,
            &self.sid,
            &self.logon_type,
            &self.source_ip,
            &self.source_port,
            &self.source_host,
            &self.guid,
            &self.linked,
            &self.elevated,
        ] {
            key::text(out, text);
        }
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Self {
        let mut next = || key::take_text(&mut bytes).unwrap_or_default();
        Self {
            user: next(),
            sid: next(),
            logon_type: next(),
            source_ip: next(),
            source_port: next(),
            source_host: next(),
            guid: next(),
            linked: next(),
            elevated: next(),
        }
    }
}

/// Notes what the events of a machine say of its sessions.
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let noting = Noting {
        reader: Reader::new(segment),
        machine,
    };
    for (row, own) in (0u32..).zip(&segment.rows) {
        if let Some(time) = own.time {
            noting.event(row, (time, own.uid), segment.strings.get(own.host), batch);
        }
    }
}

struct Noting<'a> {
    reader: Reader<'a>,
    machine: &'a str,
}

impl Noting<'_> {
    fn event(&self, row: u32, (time, uid): (Ticks, Uid), computer: &str, batch: &mut Batch) {
        let text = |field| self.reader.text(field, row).unwrap_or_default();
        let (provider, code) = (text(f::EVENT_PROVIDER), text(f::EVENT_CODE));
        if let Some(power) = Power::of(provider, code) {
            let mut fact = self.key(POWER);
            key::time(&mut fact, Some(time));
            fact.push(power as u8);
            batch.push(&fact, &[]);
            return;
        }
        if is_of_desktop(provider, code, text(f::WINLOG_LOGON_TYPE)) {
            self.desktop(row, (time, uid), code, computer, batch);
        }
        if let Some(id) = actor_logon_id(&self.reader, row) {
            let part = part_of(provider, code);
            let mut fact = self.key(LOGON_ID);
            key::text(&mut fact, &id);
            key::time(&mut fact, Some(time));
            fact.push(part as u8);
            fact.extend(uid.0);
            let mut payload = Vec::new();
            if let Some(texts) = self.texts(row, part, provider, computer) {
                texts.encode(&mut payload);
            }
            batch.push(&fact, &payload);
        }
    }

    /// What an event tells of its session. The user of a process is that of its token, in Sysmon's log.
    fn texts(&self, row: u32, part: Part, provider: &str, computer: &str) -> Option<Texts> {
        match part {
            Part::Logon => Some(self.logon(row, computer)),
            Part::Admin | Part::Logoff => Some(self.user(row)),
            Part::Process => (provider == SYSMON).then(|| self.user(row)),
            Part::Other => None,
        }
    }

    fn desktop(
        &self,
        row: u32,
        (time, uid): (Ticks, Uid),
        code: &str,
        computer: &str,
        batch: &mut Batch,
    ) {
        let mut fact = self.key(DESKTOP);
        key::time(&mut fact, Some(time));
        fact.extend(uid.0);
        let mut payload = Vec::new();
        key::text(&mut payload, code);
        let session = ["SessionID", "Session", "TargetSession"];
        let mut named = session.iter().filter_map(|name| {
            let name = format!("winlog.user_data.{name}");
            self.reader.own_text(&name, row)
        });
        key::text(&mut payload, named.next().unwrap_or_default());
        let id = actor_logon_id(&self.reader, row).unwrap_or_default();
        key::text(&mut payload, &id);
        let activity = self.reader.text(f::WINLOG_ACTIVITY_ID, row);
        // 4624's is that of the security subsystem, not of the connection.
        key::text(
            &mut payload,
            activity.filter(|_| code != "4624").unwrap_or_default(),
        );
        let texts = if code == "4624" {
            self.logon(row, computer)
        } else {
            self.far_end(row, computer)
        };
        texts.encode(&mut payload);
        batch.push(&fact, &payload);
    }

    /// The user, and the other end: not the machine itself, which many local logons name.
    fn far_end(&self, row: u32, computer: &str) -> Texts {
        let source_ip = self.text(f::SOURCE_IP, row);
        let source_host = self.text(f::SOURCE_DOMAIN, row);
        let is_remote = can_be_own(&source_ip);
        Texts {
            source_port: if is_remote {
                self.number(f::SOURCE_PORT, row)
            } else {
                String::new()
            },
            source_ip: if is_remote { source_ip } else { String::new() },
            source_host: if same_host(&source_host, computer) {
                String::new()
            } else {
                source_host
            },
            ..self.user(row)
        }
    }

    fn logon(&self, row: u32, computer: &str) -> Texts {
        let data = |name: &str| {
            let name = format!("winlog.event_data.{name}");
            let text = self.reader.own_text(&name, row).unwrap_or_default();
            let says_nothing =
                NONE.contains(&text) || text.trim_matches(['{', '}', '0', '-']).is_empty();
            if says_nothing {
                String::new()
            } else {
                text.to_owned()
            }
        };
        Texts {
            logon_type: data("LogonType"),
            guid: data("LogonGuid"),
            linked: normal_id(&data("TargetLinkedLogonId")).unwrap_or_default(),
            elevated: if data("ElevatedToken") == "%%1842" {
                "yes"
            } else {
                ""
            }
            .to_owned(),
            ..self.far_end(row, computer)
        }
    }

    fn user(&self, row: u32) -> Texts {
        let of = |field| self.reader.text(field, row).unwrap_or_default();
        Texts {
            user: qualified(of(f::USER_DOMAIN), of(f::USER_NAME)),
            sid: self.text(f::USER_ID, row),
            ..Texts::default()
        }
    }

    fn text(&self, field: Field, row: u32) -> String {
        self.reader.text(field, row).unwrap_or_default().to_owned()
    }

    fn number(&self, field: Field, row: u32) -> String {
        let number = self.reader.get(field, row);
        number
            .map(|number| number.to_string())
            .filter(|number| number != "0")
            .unwrap_or_default()
    }

    fn key(&self, kind: u8) -> Vec<u8> {
        let mut fact = Vec::new();
        key::text(&mut fact, self.machine);
        fact.push(kind);
        fact
    }
}

fn part_of(provider: &str, code: &str) -> Part {
    match (provider, code) {
        (SECURITY, "4624") => Part::Logon,
        (SECURITY, "4672") => Part::Admin,
        (SECURITY, "4634" | "4647") => Part::Logoff,
        (SECURITY, "4688") | (SYSMON, "1") => Part::Process,
        _ => Part::Other,
    }
}

/// Whether an event is one of a remote desktop session on its target (EVIDENCE.md §2.1). 4624 of type 3
/// belongs there where network level authentication comes first.
fn is_of_desktop(provider: &str, code: &str, logon_type: &str) -> bool {
    match provider {
        "Microsoft-Windows-TerminalServices-LocalSessionManager" => {
            matches!(code, "21" | "22" | "23" | "24" | "25" | "39" | "40")
        }
        "Microsoft-Windows-TerminalServices-RemoteConnectionManager" => code == "1149",
        "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS" => code == "131",
        SECURITY => match code {
            "4778" | "4779" => true,
            "4624" => matches!(
                logon_type,
                "RemoteInteractive" | "Unlock" | "CachedRemoteInteractive"
            ),
            _ => false,
        },
        _ => false,
    }
}

/// The logon id of whoever acted (EVIDENCE.md §1.3); none where it is the system itself, or not recorded.
///
/// 4688 has two: under WMI and WinRM the process's creator is a service, and the caller's session is the
/// target's.
#[must_use]
pub fn actor_logon_id(reader: &Reader<'_>, row: u32) -> Option<String> {
    let data = |name| reader.own_text(name, row).and_then(normal_id);
    if reader.text(f::EVENT_CODE, row) == Some("4688")
        && reader.text(f::EVENT_PROVIDER, row) == Some(SECURITY)
    {
        return data("winlog.event_data.TargetLogonId")
            .or_else(|| data("winlog.event_data.SubjectLogonId"))
            .filter(|id| is_actors(id));
    }
    let field = |field| reader.text(field, row).and_then(normal_id);
    let id = field(f::WINLOG_LOGON_ID)
        .or_else(|| field(f::PROCESS_EXT_AUTHENTICATION_ID))
        .or_else(|| data("winlog.event_data.SubjectLogonId"));
    id.filter(|id| is_actors(id))
}

/// A logon id in its usual spelling; none for one that stands for no session.
fn normal_id(text: &str) -> Option<String> {
    let id = text.trim().to_ascii_lowercase();
    let digits = id.strip_prefix("0x")?.trim_start_matches('0');
    let is_one = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| format!("0x{digits}"))
}

fn is_actors(id: &str) -> bool {
    !OWN_SESSIONS.contains(&id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logon_ids_have_one_spelling() {
        for (text, id) in [
            ("0x3E7", Some("0x3e7")),
            ("0x00000000000471C3A8", Some("0x471c3a8")),
            (" 0xab ", Some("0xab")),
            ("0x0", None),
            ("0x", None),
            ("-", None),
            ("999", None),
            ("0xzz", None),
        ] {
            assert_eq!(normal_id(text).as_deref(), id, "{text}");
        }
    }
}
