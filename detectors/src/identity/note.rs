//! What the events of a segment say of hosts and accounts.

use std::collections::HashMap;

use timeline::sort::Batch;
use timeline::{Field, Reader, Segment, StringId, Ticks, Value, fields as f, key};

use super::{Basis, Period};
use crate::enrich::{ALWAYS, USERS, can_be_own, is_of_system, same_host};
use crate::names::{SECURITY, SYSMON, qualified};

const DAY: i64 = 24 * 3600 * timeline::TICKS_PER_SECOND;

/// Kinds of notes, in the order in which they are read: which hosts there are is known before others name them.
pub(super) const ACCOUNT: u8 = b'A';
pub(super) const HOST: u8 = b'H';
/// What others call the host that had an address.
pub(super) const CLAIM: u8 = b'J';
/// An account by its name, where no SID goes with it.
pub(super) const NAMED: u8 = b'N';

/// What a note says of its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Name = 0,
    Address = 1,
    MachineId = 2,
    Os = 3,
    Build = 4,
    TimeZone = 5,
    Role = 6,
    Domain = 7,
    /// It was seen: on a machine, or at all.
    Seen = 8,
}

impl What {
    pub(super) fn of(number: u8) -> Option<Self> {
        let all = [
            Self::Name,
            Self::Address,
            Self::MachineId,
            Self::Os,
            Self::Build,
            Self::TimeZone,
            Self::Role,
            Self::Domain,
            Self::Seen,
        ];
        all.get(usize::from(number)).copied()
    }
}

/// One thing that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) kind: u8,
    /// SID of an account, or its name in lower case, identity of a machine, or address.
    pub(super) subject: String,
    pub(super) what: What,
    pub(super) value: String,
    pub(super) basis: Basis,
    pub(super) period: Period,
}

impl Note {
    fn key(&self) -> Vec<u8> {
        let mut fact = vec![self.kind];
        key::text(&mut fact, &self.subject);
        fact.push(self.what as u8);
        key::text(&mut fact, &self.value);
        fact.push(self.basis as u8);
        if self.kind == CLAIM {
            // An address is many hosts' over time: what is known of one day says nothing of the next month.
            fact.extend(self.period.from.0.div_euclid(DAY).to_be_bytes());
        }
        fact
    }

    pub(super) fn payload(period: Period) -> Vec<u8> {
        let mut payload = Vec::new();
        key::time(&mut payload, Some(period.from));
        key::time(&mut payload, Some(period.to));
        payload
    }

    pub(super) fn decode(mut fact: &[u8], payload: &[u8]) -> Option<Self> {
        let (&kind, rest) = fact.split_first()?;
        fact = rest;
        let subject = key::take_text(&mut fact)?;
        let (&what, rest) = fact.split_first()?;
        fact = rest;
        let value = key::take_text(&mut fact)?;
        let (from, to) = payload.split_at_checked(8)?;
        Some(Self {
            kind,
            subject,
            what: What::of(what)?,
            value,
            basis: Basis::of(*fact.first()?)?,
            period: Period {
                from: key::read_time(from)?,
                to: key::read_time(to)?,
            },
        })
    }
}

/// Notes what the events of a machine say of it, of others, and of accounts.
#[expect(clippy::iter_over_hash_type, reason = "notes are sorted")]
pub fn note(segment: &Segment, machine: &str, batch: &mut Batch) {
    let mut noting = Noting {
        reader: Reader::new(segment),
        machine,
        notes: HashMap::new(),
        seen: HashMap::new(),
    };
    for (row, own) in (0u32..).zip(&segment.rows) {
        if let Some(time) = own.time {
            noting.event(row, time, own.host);
        }
    }
    noting.names();
    for (fact, period) in noting.notes {
        batch.push(&fact, &Note::payload(period));
    }
}

struct Noting<'a> {
    reader: Reader<'a>,
    machine: &'a str,
    notes: HashMap<Vec<u8>, Period>,
    /// When logs were written under each name of the machine.
    seen: HashMap<StringId, Period>,
}

const REGISTRY: &str = "registry-hive";
/// What has times of its own, that say nothing of when the machine ran.
const FILES: [&str; 2] = ["ntfs-mft", "ntfs-usn"];

/// Logs whose names of accounts are what the other side says, whether it is let in or not.
const CLAIMS: [&str; 5] = [
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager",
    "Microsoft-Windows-NTLM",
    "Microsoft-Windows-SMBServer",
    "Microsoft-Windows-SMBClient",
    "NETLOGON",
];
/// Somebody asks to be let in.
const WINRM_ASKS: (&str, &str) = ("Microsoft-Windows-WinRM", "168");

impl Noting<'_> {
    #[expect(clippy::iter_over_hash_type, reason = "notes are sorted")]
    fn names(&mut self) {
        for (name, period) in std::mem::take(&mut self.seen) {
            let name = self.reader.segment().strings.get(name);
            self.host(What::Name, name, Basis::OwnLog, period);
            self.host(What::Seen, "", Basis::OwnLog, period);
        }
    }

    fn event(&mut self, row: u32, time: Ticks, host: StringId) {
        let text = |field| self.reader.text(field, row).unwrap_or_default();
        let (provider, code) = (text(f::EVENT_PROVIDER), text(f::EVENT_CODE));
        if FILES.contains(&provider) {
            return;
        }
        if provider == REGISTRY {
            self.registry(row, time);
        } else {
            let period = Period::at(time);
            let known = self.seen.entry(host);
            known
                .and_modify(|known| known.join(period))
                .or_insert(period);
        }
        for fields in USERS {
            self.account(row, time, fields, provider == REGISTRY);
        }
        if provider != REGISTRY {
            self.named(row, time, (provider, code));
        }
        let computer = self.reader.segment().strings.get(host);
        match (provider, code) {
            (SECURITY, "4624") => self.logon(row, time, computer),
            (SECURITY, "4768" | "4769") => {
                self.host(
                    What::Role,
                    "domain controller",
                    Basis::OwnLog,
                    Period::at(time),
                );
                self.machine_account(row, time, computer);
            }
            (SECURITY, "4778" | "4779") => {
                self.claim(row, time, f::SOURCE_DOMAIN, Basis::TerminalClient);
            }
            (SYSMON, "3") => self.connection(row, time, computer),
            _ => {}
        }
    }

    /// Who came over the network: a machine by its account, or somebody with a name of his choosing.
    fn logon(&mut self, row: u32, time: Ticks, computer: &str) {
        self.machine_account(row, time, computer);
        let own = self.reader.text(f::SOURCE_DOMAIN, row);
        if own.is_some_and(|name| !same_host(name, computer)) {
            self.claim(row, time, f::SOURCE_DOMAIN, Basis::Workstation);
        }
    }

    /// A machine's account that Kerberos let in: with NTLM, what somebody relays has the name, too, and a failed request
    /// has any name.
    fn machine_account(&mut self, row: u32, time: Ticks, computer: &str) {
        if self.reader.text(f::EVENT_OUTCOME, row) == Some("failure") {
            return;
        }
        let package = self
            .reader
            .own_text("winlog.event_data.AuthenticationPackageName", row);
        let is_logon = self.reader.text(f::EVENT_CODE, row) == Some("4624");
        let domain = self.reader.text(f::USER_DOMAIN, row).unwrap_or_default();
        // An account of the computer itself is somebody's who gave it such a name.
        if is_logon && (package != Some("Kerberos") || same_host(domain, computer)) {
            return;
        }
        let name = self.reader.text(f::USER_NAME, row).unwrap_or_default();
        // 4769 has the realm behind it.
        let name = name.split('@').next().unwrap_or_default();
        let (Some(name), Some(ip)) = (name.strip_suffix('$'), self.remote_ip(f::SOURCE_IP, row))
        else {
            return;
        };
        self.add(
            CLAIM,
            &ip,
            What::Name,
            name,
            Basis::MachineAccount,
            Period::at(time),
        );
    }

    fn claim(&mut self, row: u32, time: Ticks, field: Field, basis: Basis) {
        let name = self.reader.text(field, row).map(str::to_owned);
        if let (Some(name), Some(ip)) = (name, self.remote_ip(f::SOURCE_IP, row)) {
            self.add(CLAIM, &ip, What::Name, &name, basis, Period::at(time));
        }
    }

    fn connection(&mut self, row: u32, time: Ticks, computer: &str) {
        for [ip, name] in [
            [f::SOURCE_IP, f::SOURCE_DOMAIN],
            [f::DESTINATION_IP, f::DESTINATION_DOMAIN],
        ] {
            let name = self.reader.text(name, row).map(str::to_owned);
            if let (Some(name), Some(ip)) = (name, self.remote_ip(ip, row))
                && !same_host(&name, computer)
            {
                self.add(
                    CLAIM,
                    &ip,
                    What::Name,
                    &name,
                    Basis::NameService,
                    Period::at(time),
                );
            }
        }
    }

    fn remote_ip(&self, field: Field, row: u32) -> Option<String> {
        let ip = self.reader.text(field, row).filter(|ip| can_be_own(ip));
        ip.map(str::to_owned)
    }

    fn account(&mut self, row: u32, time: Ticks, [id, name, domain]: [Field; 3], is_hive: bool) {
        let Some(sid) = self.reader.text(id, row).filter(|sid| is_accounts(sid)) else {
            return;
        };
        let (sid, basis) = (
            sid.to_owned(),
            if is_hive {
                Basis::Registry
            } else {
                Basis::OwnLog
            },
        );
        let text = |field| self.reader.text(field, row).unwrap_or_default();
        let (name, domain) = (text(name), text(domain));
        // One with a realm says its domain itself.
        let whole = qualified(if name.contains('@') { "" } else { domain }, name);
        let machine = self.machine.to_owned();
        self.add(ACCOUNT, &sid, What::Seen, &machine, basis, Period::at(time));
        if !name.is_empty() {
            self.add(ACCOUNT, &sid, What::Name, &whole, basis, Period::at(time));
        }
    }

    /// An account that the machine names without its SID: who acted, not what somebody calls himself.
    fn named(&mut self, row: u32, time: Ticks, (provider, code): (&str, &str)) {
        let text = |field| self.reader.text(field, row).unwrap_or_default();
        let has_sid = !text(f::USER_ID).is_empty();
        let is_claim = CLAIMS.contains(&provider) || (provider, code) == WINRM_ASKS;
        if has_sid || is_claim || text(f::EVENT_OUTCOME) == "failure" {
            return;
        }
        let (name, domain) = (text(f::USER_NAME), text(f::USER_DOMAIN));
        let (name, domain) = name.split_once('@').unwrap_or((name, domain));
        let is_one = !name.is_empty() && !["", ".", "-"].contains(&domain);
        if !is_one || is_of_system(domain, name) {
            return;
        }
        let name = qualified(domain, name);
        let subject = name.to_lowercase();
        let (machine, at) = (self.machine.to_owned(), Period::at(time));
        for (what, value) in [(What::Name, &name), (What::Seen, &machine)] {
            self.add(NAMED, &subject, what, value, Basis::OwnLog, at);
        }
    }

    /// What a machine's hives say of it. The value was so from its key's time on.
    fn registry(&mut self, row: u32, time: Ticks) {
        let text = |field| self.reader.text(field, row).unwrap_or_default();
        let (path, value) = (text(f::REGISTRY_PATH), text(f::REGISTRY_VALUE));
        let data = self.reader.all(f::REGISTRY_DATA_STRINGS, row);
        let data: Vec<String> = data.map(|value: Value<'_>| value.to_string()).collect();
        let Some(first) = data.first().filter(|first| !first.is_empty()) else {
            return;
        };
        let since = Period {
            from: time,
            to: ALWAYS,
        };
        let is_below = |part: &str| path.contains(part);
        let what = match value {
            "ComputerName" | "Hostname" | "NV Hostname" => What::Name,
            "MachineGuid" => What::MachineId,
            "ProductName" if is_below(r"\Windows NT\CurrentVersion") => What::Os,
            "CurrentBuild" | "CurrentBuildNumber" => What::Build,
            "TimeZoneKeyName" => What::TimeZone,
            "Domain" | "NV Domain"
                if is_below(r"\Tcpip\Parameters\") && !is_below(r"\Interfaces\") =>
            {
                What::Domain
            }
            "ProductType" => What::Role,
            "IPAddress" if is_below(r"\Interfaces\") => What::Address,
            "ProfileImagePath" => return self.profile(path, &data, time),
            _ => return,
        };
        let values = if what == What::Address {
            data.as_slice()
        } else {
            std::slice::from_ref(first)
        };
        for value in values
            .iter()
            .filter(|value| what != What::Address || can_be_own(value))
        {
            self.host(what, value, Basis::Registry, since);
        }
    }

    /// A profile's folder is named for its user, mostly.
    fn profile(&mut self, path: &str, data: &[String], time: Ticks) {
        let sid = path.rsplit('\\').nth(1).filter(|sid| is_accounts(sid));
        let folder = data.last().and_then(|path| path.rsplit('\\').next());
        if let (Some(sid), Some(folder)) = (sid, folder) {
            let (sid, machine) = (sid.to_owned(), self.machine.to_owned());
            self.add(
                ACCOUNT,
                &sid,
                What::Seen,
                &machine,
                Basis::Registry,
                Period::at(time),
            );
            // Its file name, not its name: the account may have been called otherwise.
            let name = format!("profile {folder}");
            self.add(
                ACCOUNT,
                &sid,
                What::Name,
                &name,
                Basis::Registry,
                Period::at(time),
            );
        }
    }

    fn host(&mut self, what: What, value: &str, basis: Basis, period: Period) {
        let machine = self.machine.to_owned();
        self.add(HOST, &machine, what, value, basis, period);
    }

    fn add(
        &mut self,
        kind: u8,
        subject: &str,
        what: What,
        value: &str,
        basis: Basis,
        period: Period,
    ) {
        if value.is_empty() && what != What::Seen {
            return;
        }
        let note = Note {
            kind,
            subject: subject.to_owned(),
            what,
            value: value.to_owned(),
            basis,
            period,
        };
        let known = self.notes.entry(note.key());
        known
            .and_modify(|known| known.join(period))
            .or_insert(period);
    }
}

/// Whether a SID is an account's: not nobody's, nor that of one logon.
fn is_accounts(sid: &str) -> bool {
    sid.starts_with("S-1-") && sid != "S-1-0-0" && !sid.starts_with("S-1-5-5-")
}

#[cfg(test)]
mod tests {
    use timeline::json;
    use timeline::sort::Sorter;

    use super::*;

    /// The names without a SID that an event gives.
    #[track_caller]
    fn check(fields: &str, expected: &[&str]) {
        let line = format!(r#"{{"@timestamp": "2026-03-02T21:00:00Z", {fields}}}"#);
        let segment = json::read(&[serde_json::from_str(&line).unwrap()]);
        let folder = tempfile::tempdir().unwrap();
        let (mut sorter, mut batch) = (Sorter::new(folder.path(), 1 << 20), Batch::default());
        note(&segment, "m", &mut batch);
        sorter.absorb(&batch).unwrap();
        let notes = sorter.finish().unwrap().filter_map(|item| {
            let item = item.unwrap();
            Note::decode(&item.key, &item.payload)
        });
        let named = notes.filter(|note| note.kind == NAMED && note.what == What::Name);
        let found: Vec<String> = named.map(|note| note.value).collect();
        assert_eq!(found, expected, "{fields}");
    }

    #[test]
    fn who_acted_is_named_not_who_somebody_says_he_is() {
        let user = r#""user.name": "ana", "user.domain": "CORP""#;
        let of = |provider: &str, code: &str, more: &str| {
            format!(r#""event.provider": "{provider}", "event.code": "{code}", {more}"#)
        };
        check(&of(SYSMON, "1", user), &[r"CORP\ana"]);
        check(
            &of(
                SYSMON,
                "1",
                &format!(r#"{user}, "user.id": "S-1-5-21-1-2-3-1104""#),
            ),
            &[],
        );
        let ticket = r#""user.name": "ana@CORP.EXAMPLE.COM", "user.domain": "CORP.EXAMPLE.COM""#;
        check(&of(SECURITY, "4769", ticket), &[r"CORP.EXAMPLE.COM\ana"]);
        let failed = format!(r#"{ticket}, "event.outcome": "failure""#);
        check(&of(SECURITY, "4769", &failed), &[]);
        let nobody = format!(r#"{user}, "user.id": "S-1-0-0""#);
        check(&of(SECURITY, "4625", &nobody), &[]);
        for provider in CLAIMS {
            check(&of(provider, "1149", user), &[]);
        }
        check(&of(WINRM_ASKS.0, "168", user), &[]);
        check(&of(WINRM_ASKS.0, "169", user), &[r"CORP\ana"]);
        check(&of(REGISTRY, "", user), &[]);
        check(&of(FILES[0], "", user), &[]);
        for (domain, name) in [
            ("NT AUTHORITY", "SYSTEM"),
            ("CORP", "WS01$"),
            ("Window Manager", "DWM-1"),
            ("", "ana"),
            (".", "ana"),
        ] {
            let user = format!(r#""user.name": "{name}", "user.domain": "{domain}""#);
            check(&of(SYSMON, "1", &user), &[]);
        }
    }
}
