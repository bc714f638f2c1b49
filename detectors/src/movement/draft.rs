//! A finding read as a movement by its rule's table (MATCHING.md §5).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;

use timeline::{Segment, Ticks, Value, fields as f};

use super::Evidence;
use crate::Finding;
use crate::enrich::{Addresses, host_key, same_host};
use crate::rule::{MovementTable, Read, Rule, Side, Sidetrack, as_address, as_host};

/// SIDs that are printed without a domain and are nobody's account.
const SYSTEM_SIDS: [&str; 3] = ["S-1-5-18", "S-1-5-19", "S-1-5-20"];

/// What one finding says about a movement.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The finding.
    pub(super) finding: usize,
    /// The side that recorded it.
    pub(super) side: Side,
    /// Key of the host that recorded it.
    pub(super) host: String,
    /// Whether the rule's join is exact.
    pub(super) exact: bool,
    /// The time that dates the movement.
    pub(super) when: Option<Ticks>,
    /// An event is only known to exist.
    pub(super) state: bool,
    pub(super) source_ip: String,
    pub(super) source_host: String,
    pub(super) target_ip: String,
    pub(super) target_host: String,
    pub(super) source_port: String,
    pub(super) target_port: String,
    pub(super) account: String,
    pub(super) account_sid: String,
    pub(super) logon_type: String,
    pub(super) ran_as: String,
    pub(super) ran: Vec<String>,
    /// Fields with more than one name, and the names.
    pub(super) also: Vec<(&'static str, Vec<String>)>,
    /// Names of services, tasks and files that its events carry.
    pub(super) objects: BTreeSet<String>,
}

/// The findings that are movements; one whose far side is the host itself is not.
pub(super) fn all(evidence: Evidence<'_>) -> io::Result<Vec<Draft>> {
    let domains = netbios_domains(evidence.events);
    let mut addresses: BTreeMap<String, Addresses> = BTreeMap::new();
    let mut drafts = Vec::new();
    for (place, finding) in evidence.findings.iter().enumerate() {
        let rule = &evidence.rules.rules[finding.rule];
        let Some(sidetrack) = &rule.sidetrack else {
            continue;
        };
        let Some(table) = &sidetrack.movement else {
            continue;
        };
        let host = host_key(finding.host(evidence.events));
        if !addresses.contains_key(&host) {
            addresses.insert(host.clone(), evidence.facts.own_addresses(&host)?);
        }
        let reader = Reader {
            rule,
            finding,
            events: evidence.events,
            domains: &domains,
            own: &addresses[&host],
        };
        drafts.extend(reader.draft(place, host, sidetrack, table));
    }
    Ok(drafts)
}

/// The short domain name that events of a SID use, where some use the long one (§5, spelling).
fn netbios_domains(events: &Segment) -> BTreeMap<String, String> {
    let mut domains = BTreeMap::new();
    for (row, _) in (0u32..).zip(&events.rows) {
        let pair = (
            events.text(f::USER_ID, row),
            events.text(f::USER_DOMAIN, row),
        );
        if let (Some(sid), Some(domain)) = pair
            && !domain.contains('.')
        {
            domains
                .entry(sid.to_owned())
                .or_insert_with(|| domain.to_owned());
        }
    }
    domains
}

struct Reader<'a> {
    rule: &'a Rule,
    finding: &'a Finding,
    events: &'a Segment,
    domains: &'a BTreeMap<String, String>,
    own: &'a Addresses,
}

/// A value, and the event that gave it.
struct Picked {
    values: Vec<String>,
    row: u32,
}

impl Picked {
    /// The value, unless there are several.
    fn only(picked: Option<&Self>) -> String {
        match picked.map(|picked| picked.values.as_slice()) {
            Some([value]) => value.clone(),
            _ => String::new(),
        }
    }
}

impl Reader<'_> {
    fn draft(
        &self,
        finding: usize,
        host: String,
        sidetrack: &Sidetrack,
        table: &MovementTable,
    ) -> Option<Draft> {
        let addresses = |reads| self.pick(reads, &|_, text| Some(as_address(text)?.to_string()));
        let hosts = |reads| self.pick(reads, &|_, text| Some(as_host(text)?.into_owned()));
        let (source_ip, source_host) = (addresses(&table.source_ip), hosts(&table.source_host));
        let (target_ip, target_host) = (addresses(&table.target_ip), hosts(&table.target_host));
        let far = match sidetrack.side {
            Side::Target => [&source_ip, &source_host],
            Side::Source => [&target_ip, &target_host],
        };
        if self.is_local(far) {
            return None;
        }
        let account = self.pick(&table.account, &|row, text| self.account(row, text));
        let ran_as = self.pick(&table.ran_as, &|row, text| Some(self.spell(row, text)));
        let ends = source_ip
            .as_ref()
            .or(target_ip.as_ref())
            .map(|picked| picked.row);
        let number = |field, row: Option<u32>| {
            row.and_then(|row| self.events.get(field, row))
                .map(|v| v.to_string())
                .unwrap_or_default()
        };
        let account_row = account.as_ref().map(|picked| picked.row);
        let mut draft = Draft {
            finding,
            side: sidetrack.side,
            host,
            exact: sidetrack.exact,
            when: self
                .row(table.when)
                .and_then(|row| self.events.rows[row as usize].time),
            state: self
                .finding
                .rows()
                .any(|row| self.says(row, f::EVENT_KIND, "state")),
            source_ip: Picked::only(source_ip.as_ref()),
            source_host: Picked::only(source_host.as_ref()),
            target_ip: Picked::only(target_ip.as_ref()),
            target_host: Picked::only(target_host.as_ref()),
            source_port: number(f::SOURCE_PORT, ends),
            target_port: number(f::DESTINATION_PORT, ends),
            account: Picked::only(account.as_ref()),
            account_sid: number(f::USER_ID, account_row),
            logon_type: self.logon_type(ends, account_row),
            ran_as: Picked::only(ran_as.as_ref()),
            ran: self.ran(&table.ran),
            also: Vec::new(),
            objects: self.objects(),
        };
        for (name, picked) in [
            ("source_ip", &source_ip),
            ("source_host", &source_host),
            ("target_ip", &target_ip),
            ("target_host", &target_host),
            ("account", &account),
            ("ran_as", &ran_as),
        ] {
            if let Some(picked) = picked.as_ref().filter(|picked| picked.values.len() > 1) {
                draft.also.push((name, picked.values.clone()));
            }
        }
        self.empty_what_is_ambiguous(sidetrack.side, &mut draft);
        Some(draft)
    }

    /// Where other events that could stand in the match name another far side, none is named.
    fn empty_what_is_ambiguous(&self, side: Side, draft: &mut Draft) {
        let fields = match side {
            Side::Target => [
                ("source_ip", &mut draft.source_ip),
                ("source_host", &mut draft.source_host),
            ],
            Side::Source => [
                ("target_ip", &mut draft.target_ip),
                ("target_host", &mut draft.target_host),
            ],
        };
        for ((name, value), names) in fields.into_iter().zip(&self.finding.ambiguous) {
            if names.len() > 1 {
                value.clear();
                draft.also.push((name, names.clone()));
            }
        }
    }

    /// The event of a stage as written, counted from 1; `with runs` reads its first copy.
    fn row(&self, stage: usize) -> Option<u32> {
        let place = self.rule.place_of_stage(stage)?;
        self.finding.events.get(place).copied().flatten()
    }

    /// The values of the first entry that has any.
    fn pick(&self, reads: &[Read], accept: &dyn Fn(u32, &str) -> Option<String>) -> Option<Picked> {
        reads.iter().find_map(|read| {
            let row = self.row(read.stage)?;
            let field = self.events.names.find(&read.field)?;
            let mut values: Vec<String> = Vec::new();
            for value in self.events.all(field, row) {
                let text = value.to_string();
                let accepted = read.cut(&text).filter(|part| !says_nothing(part));
                if let Some(value) = accepted.and_then(|part| accept(row, part))
                    && !values.contains(&value)
                {
                    values.push(value);
                }
            }
            // Only addresses and hosts can be ambiguous; of any other field the first value counts.
            (!values.is_empty()).then_some(Picked { values, row })
        })
    }

    fn says(&self, row: u32, field: timeline::Field, text: &str) -> bool {
        self.events.text(field, row) == Some(text)
    }

    /// Whether the far side is the recording host itself.
    fn is_local(&self, far: [&Option<Picked>; 2]) -> bool {
        far.into_iter().flatten().any(|picked| {
            picked
                .values
                .iter()
                .all(|value| self.is_own(value, picked.row))
        })
    }

    fn is_own(&self, name: &str, row: u32) -> bool {
        let computer = self.events.strings.get(self.events.rows[row as usize].host);
        let Ok(address) = name.parse::<IpAddr>() else {
            return name.eq_ignore_ascii_case("localhost") || same_host(name, computer);
        };
        let time = self.events.rows[row as usize].time;
        address.is_loopback()
            || time.is_some_and(|time| self.own.contains(name, time))
            || self.is_local_end(name, row)
            || self.bears_name_of(name, computer, row)
    }

    /// Whether the event itself says that the address is its local end: the destination of an
    /// incoming flow, the source of an outgoing one.
    fn is_local_end(&self, name: &str, row: u32) -> bool {
        let way = |way: &str| {
            self.events
                .all(f::NETWORK_DIRECTION, row)
                .any(|value| value == Value::from(way))
        };
        (way("ingress") && self.says(row, f::DESTINATION_IP, name))
            || (way("egress") && self.says(row, f::SOURCE_IP, name))
    }

    /// Whether the event gives the address the host's own name.
    fn bears_name_of(&self, name: &str, computer: &str, row: u32) -> bool {
        [
            (f::SOURCE_IP, f::SOURCE_DOMAIN),
            (f::DESTINATION_IP, f::DESTINATION_DOMAIN),
        ]
        .into_iter()
        .filter(|&(ip, _)| self.says(row, ip, name))
        .filter_map(|(_, domain)| self.events.text(domain, row))
        .any(|domain| same_host(domain, computer))
    }

    /// An account that can move: not one of the system's own.
    fn account(&self, row: u32, name: &str) -> Option<String> {
        let system = self
            .events
            .text(f::USER_ID, row)
            .is_some_and(|sid| SYSTEM_SIDS.contains(&sid));
        (!system).then(|| self.spell(row, name))
    }

    /// `DOMAIN\name` where the domain is known; the bare name of the system's own accounts.
    fn spell(&self, row: u32, name: &str) -> String {
        if self.events.text(f::USER_NAME, row) != Some(name) {
            return name.to_owned();
        }
        let sid = self.events.text(f::USER_ID, row).unwrap_or_default();
        let domain = self.events.text(f::USER_DOMAIN, row).unwrap_or_default();
        if domain.is_empty() || SYSTEM_SIDS.contains(&sid) {
            return name.to_owned();
        }
        let short = self.domains.get(sid).filter(|_| domain.contains('.'));
        format!("{}\\{name}", short.map_or(domain, String::as_str))
    }

    fn logon_type(&self, ends: Option<u32>, account: Option<u32>) -> String {
        let field = self.events.names.find("winlog.event_data.LogonType");
        let of = |row| field.and_then(|field| self.events.text(field, row));
        [ends, account]
            .into_iter()
            .flatten()
            .find_map(of)
            .unwrap_or_default()
            .to_owned()
    }

    /// Everything that ran, each once.
    fn ran(&self, reads: &[Read]) -> Vec<String> {
        let first = self.pick(reads, &|_, text| Some(text.to_owned()));
        first
            .map(|picked| picked.values.into_iter().take(1).collect())
            .unwrap_or_default()
    }

    /// Services, tasks and files by name, so that findings that name the same can be joined.
    fn objects(&self) -> BTreeSet<String> {
        let kinds = [
            ("service", f::SERVICE_NAME),
            ("task", f::SCHEDULED_TASK_NAME),
            ("file", f::FILE_EXT_PATH_KEY),
        ];
        let mut objects = BTreeSet::new();
        for row in self.finding.rows() {
            // Loading a library names it, but does nothing to it.
            let load = self
                .events
                .column(f::DLL_PATH)
                .is_some_and(|c| !c.places(row).is_empty());
            for (kind, field) in kinds.iter().filter(|(kind, _)| !(load && *kind == "file")) {
                if let Some(name) = self.events.text(*field, row) {
                    objects.insert(format!("{kind} {}", name.to_lowercase()));
                }
            }
        }
        objects
    }
}

/// `-`, `::` and `0.0.0.0` count as empty.
fn says_nothing(value: &str) -> bool {
    matches!(value.trim(), "" | "-" | "::" | "0.0.0.0")
}
