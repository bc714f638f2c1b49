//! What the first look remembers of an event.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use timeline::sort::Batch;
use timeline::{Event, Field, TICKS_PER_SECOND, Ticks, Value, fields as f, key};

use super::host_key;
use super::life::{Sign, made_up, start_of_guid};
use crate::names::{SECURITY, SYSMON};

/// Kinds of facts: the first byte of their keys.
pub(super) const ADDRESS: u8 = b'A';
/// As the registry says: whoever can write there can say anything, so it tells names apart, and never that a movement
/// is none.
pub(super) const REGISTRY_ADDRESS: u8 = b'G';
pub(super) const BOOT: u8 = b'B';
pub(super) const LIFE: u8 = b'I';
pub(super) const LOGON: u8 = b'L';
pub(super) const NAME: u8 = b'N';
pub(super) const NAME_OF_SID: u8 = b'M';
/// A machine was given another name: old, new.
pub(super) const RENAME: u8 = b'R';
pub(super) const PROCESS: u8 = b'P';
pub(super) const SIGNATURE: u8 = b'S';

/// What a process start tells about the process's later events. Only missing fields are filled.
pub(super) const OF_PROCESS: &[Field] = &[
    f::PROCESS_COMMAND_LINE,
    f::PROCESS_ARGS,
    f::PROCESS_ARGS_COUNT,
    f::PROCESS_WORKING_DIRECTORY,
    f::PROCESS_HASH_MD5,
    f::PROCESS_HASH_SHA1,
    f::PROCESS_HASH_SHA256,
    f::PROCESS_HASH_SHA512,
    f::PROCESS_PE_IMPHASH,
    f::PROCESS_PE_ORIGINAL_FILE_NAME,
    f::PROCESS_PE_COMPANY,
    f::PROCESS_PE_DESCRIPTION,
    f::PROCESS_PE_FILE_VERSION,
    f::PROCESS_PE_PRODUCT,
    f::PROCESS_PARENT_ENTITY_ID,
    f::PROCESS_PARENT_PID,
    f::PROCESS_PARENT_EXECUTABLE,
    f::PROCESS_PARENT_NAME,
    f::PROCESS_PARENT_COMMAND_LINE,
    f::PROCESS_PARENT_ARGS,
    f::PROCESS_PARENT_ARGS_COUNT,
    f::PROCESS_EXT_TOKEN_INTEGRITY_LEVEL_NAME,
    f::PROCESS_EXT_TOKEN_ELEVATION_TYPE,
    f::PROCESS_EXT_AUTHENTICATION_ID,
    f::PROCESS_EXECUTABLE,
    f::PROCESS_NAME,
    f::PROCESS_EXT_EXECUTABLE_KEY,
    f::USER_ID,
    f::USER_NAME,
    f::USER_DOMAIN,
];

/// What the load of a process's own image tells of its signature: the library's field, the process's,
/// the child's.
pub(super) const OF_SIGNATURE: &[[Field; 3]] = &[
    [
        f::DLL_CODE_SIGNATURE_EXISTS,
        f::PROCESS_CODE_SIGNATURE_EXISTS,
        f::PROCESS_PARENT_CODE_SIGNATURE_EXISTS,
    ],
    [
        f::DLL_CODE_SIGNATURE_TRUSTED,
        f::PROCESS_CODE_SIGNATURE_TRUSTED,
        f::PROCESS_PARENT_CODE_SIGNATURE_TRUSTED,
    ],
    [
        f::DLL_CODE_SIGNATURE_STATUS,
        f::PROCESS_CODE_SIGNATURE_STATUS,
        f::PROCESS_PARENT_CODE_SIGNATURE_STATUS,
    ],
    [
        f::DLL_CODE_SIGNATURE_SUBJECT_NAME,
        f::PROCESS_CODE_SIGNATURE_SUBJECT_NAME,
        f::PROCESS_PARENT_CODE_SIGNATURE_SUBJECT_NAME,
    ],
];

/// The three ways in which an event names an account.
pub(crate) const USERS: [[Field; 3]; 3] = [
    [f::USER_ID, f::USER_NAME, f::USER_DOMAIN],
    [
        f::USER_EFFECTIVE_ID,
        f::USER_EFFECTIVE_NAME,
        f::USER_EFFECTIVE_DOMAIN,
    ],
    [
        f::USER_TARGET_ID,
        f::USER_TARGET_NAME,
        f::USER_TARGET_DOMAIN,
    ],
];

/// The SID of nobody: records have it where an account could not be told.
const NOBODY: &str = "S-1-0-0";

/// Names that were seen lately, so that the same pair is not written a million times.
const RECENT: usize = 16 * 1024;

/// The end of what has none. Times are widened by a day on either side.
pub(crate) const ALWAYS: Ticks = Ticks(i64::MAX / 2);

/// Processes whose sights are kept before they are noted.
const SEEN: usize = 4096;

/// Facts of some events, on their way to the sorter.
#[derive(Debug, Default)]
pub struct Gather {
    /// The facts.
    pub batch: Batch,
    recent: HashSet<Vec<u8>>,
    /// Accounts that were seen lately, as recorded: their facts are noted.
    named: HashSet<Vec<u8>>,
    /// The account at hand.
    account: Vec<u8>,
    host: Host,
    seen: HashMap<String, Sight>,
}

/// When one of Sysmon's processes was seen.
#[derive(Debug)]
struct Sight {
    host: String,
    pid: i64,
    first: Ticks,
    last: Ticks,
    image: String,
}

/// The host of the events at hand.
#[derive(Debug, Default)]
struct Host {
    /// As recorded.
    name: String,
    key: String,
}

impl Host {
    fn become_that_of(&mut self, event: &Event<'_>) {
        if self.name != event.host {
            event.host.clone_into(&mut self.name);
            self.key = host_key(event.host);
        }
    }
}

impl Gather {
    /// Remembers what an event proves.
    pub fn observe(&mut self, event: &Event<'_>) {
        self.host.become_that_of(event);
        let key = std::mem::take(&mut self.host.key);
        let seen = Seen { event, host: &key };
        self.observe_seen(&seen);
        self.host.key = key;
    }

    fn observe_seen(&mut self, seen: &Seen<'_>) {
        match (seen.text(f::EVENT_PROVIDER), seen.text(f::EVENT_CODE)) {
            (Some(SYSMON), Some(code)) => self.observe_sysmon(seen, code),
            (Some(SECURITY), Some(code)) => {
                self.observe_security(seen, code);
            }
            (Some("EventLog" | "Microsoft-Windows-Eventlog"), Some("6011")) => self.rename(seen),
            (Some("EventLog" | "Microsoft-Windows-Eventlog"), Some("6005" | "6009"))
            | (Some("Microsoft-Windows-Kernel-General"), Some("12")) => self.boot(seen),
            (Some("registry-hive"), _) => self.interface(seen),
            _ => {}
        }
    }

    /// Notes what is still kept.
    #[expect(clippy::iter_over_hash_type, reason = "facts are sorted")]
    pub fn finish(&mut self) {
        for (entity, sight) in std::mem::take(&mut self.seen).drain() {
            self.note(&entity, sight);
        }
    }

    fn observe_sysmon(&mut self, seen: &Seen<'_>, code: &str) {
        self.sight(seen);
        match code {
            "1" => {
                self.sysmon_start(seen);
                self.process(seen, seen.text(f::PROCESS_ENTITY_ID));
            }
            "3" => self.flow(seen),
            "5" => self.end(seen),
            "7" => self.signature(seen),
            _ => {}
        }
    }

    fn sight(&mut self, seen: &Seen<'_>) {
        let entity = seen.text(f::PROCESS_ENTITY_ID);
        let (Some(entity), Some(pid), Some(time)) = (entity, seen.pid(), seen.event.time) else {
            return;
        };
        if let Some(sight) = self.seen.get_mut(entity)
            && sight.pid == pid
            && sight.host == seen.event.host
        {
            sight.first = sight.first.min(time);
            sight.last = sight.last.max(time);
            return;
        }
        if self.seen.len() >= SEEN {
            self.finish();
        }
        let sight = Sight {
            host: seen.event.host.to_owned(),
            pid,
            first: time,
            last: time,
            image: seen.image().to_owned(),
        };
        if let Some(other) = self.seen.insert(entity.to_owned(), sight) {
            self.note(entity, other);
        }
    }

    /// A process that was seen lived since its start, which its identity tells.
    fn note(&mut self, entity: &str, sight: Sight) {
        let second = start_of_guid(entity).filter(|&second| second <= sight.last);
        let known = second.map_or(sight.first, |second| {
            Ticks(second.0.saturating_add(TICKS_PER_SECOND))
        });
        let sign = Sign::Seen {
            first: sight.first.min(known),
            last: sight.last,
            entity: entity.to_owned(),
            image: sight.image,
        };
        let host = host_key(&sight.host);
        self.sign(&host, sight.pid, second.unwrap_or(sight.first), &sign);
    }

    fn sysmon_start(&mut self, seen: &Seen<'_>) {
        let Some(entity) = seen.text(f::PROCESS_ENTITY_ID) else {
            return;
        };
        let sign = Sign::Start {
            uid: seen.event.uid,
            entity: entity.to_owned(),
            image: seen.image().to_owned(),
        };
        self.sign_of(seen, &sign);
    }

    fn end(&mut self, seen: &Seen<'_>) {
        let sign = Sign::End {
            entity: seen
                .text(f::PROCESS_ENTITY_ID)
                .unwrap_or_default()
                .to_owned(),
            image: seen.image().to_owned(),
        };
        self.sign_of(seen, &sign);
    }

    /// The Security log's record of a start, under the identity that the process has without Sysmon.
    fn created(&mut self, seen: &Seen<'_>) {
        let (Some(pid), Some(time)) = (seen.pid(), seen.event.time) else {
            return;
        };
        let sign = Sign::Created {
            uid: seen.event.uid,
            image: seen.image().to_owned(),
        };
        self.sign_of(seen, &sign);
        let entity = made_up(seen.host, pid, time);
        self.process(seen, Some(&entity));
    }

    fn sign_of(&mut self, seen: &Seen<'_>, sign: &Sign) {
        if let (Some(pid), Some(time)) = (seen.pid(), seen.event.time) {
            self.sign(seen.host, pid, time, sign);
        }
    }

    fn sign(&mut self, host: &str, pid: i64, time: Ticks, sign: &Sign) {
        let (rank, payload) = sign.encode();
        let mut fact = pid_fact(host, pid);
        key::time(&mut fact, Some(time));
        fact.push(rank);
        self.batch.push(&fact, &payload);
    }

    /// A process loads its own image first.
    fn signature(&mut self, seen: &Seen<'_>) {
        let own = seen.text(f::PROCESS_EXT_EXECUTABLE_KEY);
        let entity = seen.text(f::PROCESS_ENTITY_ID);
        let Some(entity) =
            entity.filter(|_| own.is_some() && own == seen.text(f::DLL_EXT_PATH_KEY))
        else {
            return;
        };
        let mut payload = Vec::new();
        for (place, [field, ..]) in (0u8..).zip(OF_SIGNATURE) {
            for value in seen.all(*field) {
                encode(&mut payload, place, value);
            }
        }
        let mut fact = seen.key(SIGNATURE);
        key::text(&mut fact, entity);
        self.batch.push(&fact, &payload);
    }

    fn observe_security(&mut self, seen: &Seen<'_>, code: &str) {
        match code {
            "4608" => self.boot(seen),
            "4624" => self.logon(seen),
            "4688" => self.created(seen),
            "4689" => self.end(seen),
            "4781" => self.rename(seen),
            "5156" | "5158" => self.flow(seen),
            _ => {}
        }
        for [id, name, domain] in USERS {
            self.name(seen, id, name, domain);
        }
    }

    fn boot(&mut self, seen: &Seen<'_>) {
        let mut fact = seen.key(BOOT);
        key::time(&mut fact, seen.event.time);
        self.batch.push(&fact, &[]);
    }

    fn rename(&mut self, seen: &Seen<'_>) {
        let names = [f::HOST_EXT_OLD_NAME, f::HOST_EXT_NEW_NAME].map(|field| seen.text(field));
        if let [Some(old), Some(new)] = names {
            let mut fact = vec![RENAME];
            key::text(&mut fact, old);
            key::text(&mut fact, new);
            self.push_once(fact, "");
        }
    }

    fn process(&mut self, seen: &Seen<'_>, entity: Option<&str>) {
        let Some(entity) = entity else {
            return;
        };
        let mut fact = seen.key(PROCESS);
        key::text(&mut fact, entity);
        let mut payload = Vec::new();
        key::time(&mut payload, seen.event.time);
        for (place, field) in (0u8..).zip(OF_PROCESS) {
            for value in seen.all(*field) {
                encode(&mut payload, place, value);
            }
            // The Security log's start has it under another name only.
            if *field == f::PROCESS_EXT_AUTHENTICATION_ID && seen.text(*field).is_none() {
                for value in seen.all(f::WINLOG_LOGON_ID) {
                    encode(&mut payload, place, value);
                }
            }
        }
        self.batch.push(&fact, &payload);
    }

    fn logon(&mut self, seen: &Seen<'_>) {
        let (id, sid) = (seen.text(f::WINLOG_LOGON_ID), seen.text(f::USER_ID));
        let Some(id) = id.filter(|_| sid.is_some_and(|sid| sid != NOBODY)) else {
            return;
        };
        let mut fact = seen.key(LOGON);
        key::text(&mut fact, id);
        key::time(&mut fact, seen.event.time);
        let mut payload = Vec::new();
        for field in [f::USER_ID, f::WINLOG_LOGON_TYPE, f::SOURCE_IP] {
            key::text(&mut payload, seen.text(field).unwrap_or_default());
        }
        self.batch.push(&fact, &payload);
    }

    fn name(&mut self, seen: &Seen<'_>, id: Field, name: Field, domain: Field) {
        let [id, name, domain] = [id, name, domain].map(|field| seen.text(field));
        let (Some(id), Some(name), Some(domain)) = (id, name, domain) else {
            return;
        };
        // A failed logon of an unknown account has its name, but nobody's SID.
        if id == NOBODY {
            return;
        }
        self.account.clear();
        for text in [seen.event.host, id, name, domain] {
            key::text(&mut self.account, text);
        }
        if self.named.contains(&self.account) {
            return;
        }
        if self.named.len() >= RECENT {
            self.named.clear();
        }
        self.named.insert(self.account.clone());
        let mut fact = seen.key(NAME);
        key::text(&mut fact, &account(domain, name));
        key::text(&mut fact, id);
        self.push_once(fact, id);
        if !domain.contains('.') {
            let host = seen.event.host;
            // Machines that are copies of one another share the SIDs of their own accounts.
            let only_on = if short_label(host).eq_ignore_ascii_case(domain) {
                seen.host
            } else {
                ""
            };
            let mut fact = vec![NAME_OF_SID];
            key::text(&mut fact, id);
            key::text(&mut fact, domain);
            key::text(&mut fact, name);
            key::text(&mut fact, only_on);
            self.push_once(fact, "");
        }
    }

    fn push_once(&mut self, fact: Vec<u8>, payload: &str) {
        if self.recent.contains(&fact) {
            return;
        }
        if self.recent.len() >= RECENT {
            self.recent.clear();
        }
        self.batch.push(&fact, payload.as_bytes());
        self.recent.insert(fact);
    }

    /// Which addresses a flow proves to be the host's own: that of an end which bears the host's
    /// name, of the end that opened an outgoing one, and of a socket that was bound.
    fn flow(&mut self, seen: &Seen<'_>) {
        let bound = seen.text(f::EVENT_CODE) == Some("5158");
        let outgoing = bound
            || seen
                .all(f::NETWORK_DIRECTION)
                .any(|way| is_text(way, "egress"));
        let ends = [
            (f::SOURCE_IP, f::SOURCE_DOMAIN, outgoing),
            (f::DESTINATION_IP, f::DESTINATION_DOMAIN, false),
        ];
        for (ip, domain, proven) in ends {
            let Some(ip) = seen.text(ip) else { continue };
            let named = seen
                .text(domain)
                .is_some_and(|name| same_host(name, seen.event.host));
            if (proven || named) && can_be_own(ip) {
                self.own_address(seen, ip);
            }
        }
    }

    /// Addresses that the registry gives an interface: a lease from its beginning to its end, a fixed one from
    /// the time of its key on.
    fn interface(&mut self, seen: &Seen<'_>) {
        if seen.text(f::EVENT_ACTION) == Some("address-leased") {
            let end = seen.all(f::EVENT_END).find_map(|value| match value {
                Value::Date(end) => Some(*end),
                _ => None,
            });
            // The server of the lease is related, too; the address itself stands first.
            if let (Some(ip), Some(end)) = (seen.text(f::RELATED_IP), end.or(seen.event.time)) {
                self.own_until(seen, ip, end);
            }
        } else if seen.text(f::REGISTRY_VALUE) == Some("IPAddress") {
            for ip in seen.all(f::REGISTRY_DATA_STRINGS) {
                if let Value::Text(ip) = ip
                    && can_be_own(ip)
                {
                    self.own_until(seen, ip, ALWAYS);
                }
            }
        }
    }

    fn own_until(&mut self, seen: &Seen<'_>, ip: &str, end: Ticks) {
        let mut fact = seen.key(REGISTRY_ADDRESS);
        key::text(&mut fact, ip);
        key::time(&mut fact, seen.event.time);
        let mut last = Vec::new();
        key::time(&mut last, Some(end));
        self.batch.push(&fact, &last);
    }

    fn own_address(&mut self, seen: &Seen<'_>, ip: &str) {
        let mut fact = seen.key(ADDRESS);
        key::text(&mut fact, ip);
        key::time(&mut fact, seen.event.time);
        self.batch.push(&fact, &[]);
    }
}

/// An event that is looked at.
struct Seen<'a> {
    event: &'a Event<'a>,
    /// Key of its host.
    host: &'a str,
}

impl Seen<'_> {
    fn key(&self, kind: u8) -> Vec<u8> {
        host_fact(kind, self.host)
    }

    fn all(&self, field: Field) -> impl Iterator<Item = &Value<'_>> {
        let of_field = self.event.values.iter().filter(move |(f, _)| *f == field);
        of_field.map(|(_, value)| value)
    }

    fn text(&self, field: Field) -> Option<&str> {
        match self.all(field).next() {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The process, unless that is nobody (0).
    fn pid(&self) -> Option<i64> {
        match self.all(f::PROCESS_PID).next() {
            Some(Value::Integer(pid)) if *pid > 0 => Some(*pid),
            _ => None,
        }
    }

    /// The path of the image; none where Sysmon could not tell.
    fn image(&self) -> &str {
        known_image(self.text(f::PROCESS_EXECUTABLE).unwrap_or_default())
    }
}

/// A path, unless Sysmon could not tell it.
pub(super) fn known_image(path: &str) -> &str {
    if path.eq_ignore_ascii_case("<unknown process>") {
        ""
    } else {
        path
    }
}

fn is_text(value: &Value<'_>, expected: &str) -> bool {
    matches!(value, Value::Text(text) if text == expected)
}

/// The start of the key of a host's facts of one kind.
pub(super) fn host_fact(kind: u8, host: &str) -> Vec<u8> {
    let mut fact = vec![kind];
    key::text(&mut fact, host);
    fact
}

/// The start of the key of the facts about one pid.
pub(super) fn pid_fact(host: &str, pid: i64) -> Vec<u8> {
    let mut fact = host_fact(LIFE, host);
    fact.extend(pid.to_be_bytes());
    fact
}

/// `domain\name` as it is looked up.
pub(super) fn account(domain: &str, name: &str) -> String {
    format!("{domain}\\{name}").to_lowercase()
}

/// Characters of a NetBIOS name: longer names of hosts are cut there.
const NETBIOS: usize = 15;

/// Whether two names mean one host: equal without regard to case, or one is the other's first
/// label, or the NetBIOS name that Windows makes of it.
#[must_use]
pub(crate) fn same_host(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let (label_a, label_b) = (label(&a), label(&b));
    let is_cut = |whole: &str, cut: &str| {
        !cut.contains('.') && cut.chars().count() == NETBIOS && whole.starts_with(cut)
    };
    let short = !a.contains('.') || !b.contains('.');
    let same_label = label_a == label_b || is_cut(label_a, &b) || is_cut(label_b, &a);
    !a.is_empty() && !b.is_empty() && (a == b || (short && same_label))
}

/// What all names of one host have in common: the start of the first label, as NetBIOS cuts it, in
/// lower case.
pub(crate) fn short_label(name: &str) -> String {
    label(name)
        .chars()
        .take(NETBIOS)
        .collect::<String>()
        .to_lowercase()
}

fn label(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// Loopback, unspecified, multicast and broadcast addresses are nobody's own.
pub(crate) fn can_be_own(ip: &str) -> bool {
    match ip.parse::<std::net::IpAddr>() {
        Ok(ip) => {
            let broadcast = matches!(ip, std::net::IpAddr::V4(ip) if ip.is_broadcast());
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || broadcast)
        }
        Err(_) => false,
    }
}

/// A value of a process start: place in [`OF_PROCESS`], length, text; integers in decimal.
fn encode(payload: &mut Vec<u8>, place: u8, value: &Value<'_>) {
    let text = match value {
        Value::Text(text) => Cow::Borrowed(text.as_ref()),
        value => Cow::Owned(value.to_string()),
    };
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    payload.push(place);
    payload.extend(length.to_le_bytes());
    payload.extend(text.as_bytes().iter().take(length as usize));
}

/// Reads back what [`encode`] wrote: places and texts.
pub(super) fn decode(mut payload: &[u8]) -> Vec<(usize, &str)> {
    let mut values = Vec::new();
    while let Some((&[place], rest)) = payload.split_first_chunk::<1>() {
        let Some((length, rest)) = rest.split_first_chunk::<4>() else {
            break;
        };
        let Some((text, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else {
            break;
        };
        payload = rest;
        if let Ok(text) = std::str::from_utf8(text) {
            values.push((usize::from(place), text));
        }
    }
    values
}

/// What the key of an address or logon fact says after its prefix: the time.
pub(super) fn time_after(key: &[u8], prefix: &[u8]) -> Option<Ticks> {
    key::read_time(key.get(prefix.len()..)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_the_same_by_name_or_label() {
        assert!(same_host("SRV02", "srv02.corp.example.com"));
        assert!(same_host("Srv02", "SRV02"));
        assert!(!same_host("srv02.a.example.com", "srv02.b.example.com"));
        assert!(!same_host("SRV02CLON", "SRV02"));
        assert!(!same_host("", ""), "nobody is not the same as nobody");
    }

    #[test]
    fn some_addresses_are_nobodys() {
        for ip in [
            "127.0.0.1",
            "::1",
            "0.0.0.0",
            "224.0.0.251",
            "ff02::1",
            "255.255.255.255",
            "x",
        ] {
            assert!(!can_be_own(ip), "{ip}");
        }
        assert!(can_be_own("10.0.0.1") && can_be_own("fe80::1"));
    }
}
