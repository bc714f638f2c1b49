//! A finding read as a movement by its rule's table (MATCHING.md §5).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;

use timeline::{Field, Segment, Ticks, Value, fields as f};

use super::attach::attach;
use super::{Evidence, SourceBasis};
use crate::Finding;
use crate::deed::service;
use crate::enrich::{Addresses, Facts, host_key, machine_of, same_host};
use crate::rule::{MovementTable, Read, Rule, Side, Sidetrack, as_address, as_host};
use crate::session::{Hop, Session};

/// SIDs that are printed without a domain.
const SYSTEM_SIDS: [&str; 3] = ["S-1-5-18", "S-1-5-19", "S-1-5-20"];
/// The SID of nobody.
const NOBODY: &str = "S-1-0-0";
/// Authorities below `S-1-5` whose SIDs are no domain's and no host's accounts: services,
/// application pools, virtual machines, drivers, window managers, font drivers.
const NO_ACCOUNTS: [&str; 6] = ["80", "82", "83", "84", "90", "96"];

/// What one finding says about a movement.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of the table of grades"
)]
pub(super) struct Draft {
    /// The finding.
    pub(super) finding: usize,
    /// The side that recorded it.
    pub(super) side: Side,
    /// It makes no movement itself: nothing that it says of ends, accounts or sessions is the movement's.
    pub(super) is_loose: bool,
    /// Nothing says which side recorded it.
    pub(super) is_of_either_side: bool,
    /// Key of the host that recorded it.
    pub(super) host: String,
    /// Identity of that machine.
    pub(super) machine: String,
    /// Whether the rule's join is exact.
    pub(super) exact: bool,
    /// The time that dates the movement.
    pub(super) when: Option<Ticks>,
    /// An event is only known to exist.
    pub(super) state: bool,
    /// Its events are not in order by their times.
    pub(super) slack: bool,
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
    /// The event that tells what ran, or else the one that dates the movement.
    pub(super) action: Option<u32>,
    /// Where the source is known from.
    pub(super) source_basis: SourceBasis,
    /// The source is known from a ticket.
    pub(super) by_ticket: bool,
    /// The sessions that its events are of.
    pub(super) sessions: Vec<Session>,
    /// The hop session that they are of.
    pub(super) hop: Option<Hop>,
}

impl Draft {
    /// Whether nothing names the source, and not because several could be it.
    pub(super) fn lacks_source(&self) -> bool {
        let has_source = !self.source_ip.is_empty() || !self.source_host.is_empty();
        !has_source && !is_source_open(&self.also)
    }
}

/// Whether several could be the source.
pub(super) fn is_source_open(also: &[(&'static str, Vec<String>)]) -> bool {
    also.iter().any(|(name, _)| name.starts_with("source"))
}

/// The findings that are movements; one whose far side is the host itself is not.
pub(super) fn all(evidence: Evidence<'_>) -> io::Result<Vec<Draft>> {
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
            facts: evidence.facts,
            own: &addresses[&host],
        };
        if let Some(mut draft) = reader.draft(place, host, sidetrack, table)? {
            let (own, when) = (reader.own, draft.when);
            let is_own = |ip: &str| when.is_some_and(|when| own.contains(ip, when));
            attach(evidence, &mut draft, is_own)?;
            drafts.push(draft);
        }
    }
    Ok(drafts)
}

/// Findings of rules that make no movement: they are part of one that they share an event with, or a session, or the name of
/// a service, task or file (MATCHING.md §6).
pub(super) fn loose(evidence: Evidence<'_>) -> io::Result<Vec<Draft>> {
    let mut drafts = Vec::new();
    for (place, finding) in evidence.findings.iter().enumerate() {
        let rule = &evidence.rules.rules[finding.rule];
        let sidetrack = rule.sidetrack.as_ref();
        if sidetrack.is_some_and(|table| table.movement.is_some()) {
            continue;
        }
        let reader = Reader {
            rule,
            finding,
            events: evidence.events,
            facts: evidence.facts,
            own: &Addresses::default(),
        };
        let mut draft = Draft {
            finding: place,
            side: sidetrack.map_or(Side::Target, |table| table.side),
            is_loose: true,
            is_of_either_side: sidetrack.is_none(),
            host: host_key(finding.host(evidence.events)),
            machine: reader.machine(),
            objects: reader.objects(),
            ..Draft::default()
        };
        attach(evidence, &mut draft, |_| false)?;
        drafts.push(draft);
    }
    Ok(drafts)
}

struct Reader<'a> {
    rule: &'a Rule,
    finding: &'a Finding,
    events: &'a Segment,
    facts: &'a Facts,
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

/// What the table reads about the two ends.
struct Ends {
    source_ip: Option<Picked>,
    source_host: Option<Picked>,
    target_ip: Option<Picked>,
    target_host: Option<Picked>,
}

impl Ends {
    fn read(reader: &Reader<'_>, table: &MovementTable) -> Self {
        let address = |_, text: &str| Some(as_address(text)?.to_string());
        // What the recording host calls itself is its name, whatever it looks like.
        let host = |row: u32, text: &str| {
            let own = reader
                .events
                .strings
                .get(reader.events.rows[row as usize].host);
            if text == own {
                return Some(text.to_owned());
            }
            Some(as_host(text)?.into_owned())
        };
        Self {
            source_ip: reader.pick(&table.source_ip, &address),
            source_host: reader.pick(&table.source_host, &host),
            target_ip: reader.pick(&table.target_ip, &address),
            target_host: reader.pick(&table.target_host, &host),
        }
    }

    /// Address and name of the side that did not record the match.
    fn far(&self, side: Side) -> [Option<&Picked>; 2] {
        match side {
            Side::Target => [self.source_ip.as_ref(), self.source_host.as_ref()],
            Side::Source => [self.target_ip.as_ref(), self.target_host.as_ref()],
        }
    }

    /// A remote address beside the recording host's own name: the name is not the far side's. Logons
    /// over RDP are recorded so (EVIDENCE.md, 4624 types 7 and 10).
    fn drop_own_name(&mut self, reader: &Reader<'_>, side: Side) {
        let name = match side {
            Side::Target => &mut self.source_host,
            Side::Source => &mut self.target_host,
        };
        if name.as_ref().is_some_and(|name| reader.all_own(name)) {
            *name = None;
        }
    }

    /// The event that gave the addresses: it has the ports, too.
    fn row(&self) -> Option<u32> {
        let picked = self.source_ip.as_ref().or(self.target_ip.as_ref());
        picked.map(|picked| picked.row)
    }

    /// The near side's fields that name several stay empty; what they name goes to `also`.
    fn note_ambiguous(&self, draft: &mut Draft) {
        let near = match draft.side {
            Side::Target => [
                ("target_ip", &self.target_ip),
                ("target_host", &self.target_host),
            ],
            Side::Source => [
                ("source_ip", &self.source_ip),
                ("source_host", &self.source_host),
            ],
        };
        for (name, picked) in near {
            if let Some(picked) = picked.as_ref().filter(|picked| picked.values.len() > 1) {
                draft.also.push((name, picked.values.clone()));
            }
        }
    }
}

/// The fields of one of the users that an event can name.
#[derive(Clone, Copy)]
struct User {
    name: Field,
    domain: Field,
    id: Field,
}

impl User {
    /// The user whose name a field has: who acted, unless the field says otherwise.
    fn of(field: &str) -> Self {
        let [name, domain, id] = match field {
            "user.effective.name" => [
                f::USER_EFFECTIVE_NAME,
                f::USER_EFFECTIVE_DOMAIN,
                f::USER_EFFECTIVE_ID,
            ],
            "user.target.name" => [
                f::USER_TARGET_NAME,
                f::USER_TARGET_DOMAIN,
                f::USER_TARGET_ID,
            ],
            _ => [f::USER_NAME, f::USER_DOMAIN, f::USER_ID],
        };
        Self { name, domain, id }
    }
}

/// Whether a SID is nobody's: of the system, of its services and sessions, or of the anonymous.
fn is_nobodys(sid: &str) -> bool {
    if sid == NOBODY || sid == "S-1-5-7" || SYSTEM_SIDS.contains(&sid) {
        return true;
    }
    let authority = sid
        .strip_prefix("S-1-5-")
        .and_then(|rest| rest.split('-').next());
    authority.is_some_and(|authority| NO_ACCOUNTS.contains(&authority))
}

impl Reader<'_> {
    fn draft(
        &self,
        finding: usize,
        host: String,
        sidetrack: &Sidetrack,
        table: &MovementTable,
    ) -> io::Result<Option<Draft>> {
        let mut ends = Ends::read(self, table);
        if self.is_local(ends.far(sidetrack.side)) {
            return Ok(None);
        }
        ends.drop_own_name(self, sidetrack.side);
        let account = self.pick_user(&table.account, |user, row| {
            let sid = self.events.text(user.id, row);
            !sid.is_some_and(is_nobodys)
        });
        let ran_as = self.pick_user(&table.ran_as, |_, _| true);
        let account_row = account.as_ref().map(|(_, picked)| picked.row);
        let row_of_ends = ends.row();
        let mut draft = Draft {
            finding,
            side: sidetrack.side,
            is_loose: false,
            is_of_either_side: false,
            host,
            machine: self.machine(),
            exact: sidetrack.exact,
            when: self
                .row(table.when)
                .and_then(|row| self.events.rows[row as usize].time),
            state: self
                .finding
                .rows()
                .any(|row| self.says(row, f::EVENT_KIND, "state")),
            slack: self.finding.slack.is_some(),
            source_ip: Picked::only(ends.source_ip.as_ref()),
            source_host: Picked::only(ends.source_host.as_ref()),
            target_ip: Picked::only(ends.target_ip.as_ref()),
            target_host: Picked::only(ends.target_host.as_ref()),
            source_port: self.printed(f::SOURCE_PORT, row_of_ends),
            target_port: self.printed(f::DESTINATION_PORT, row_of_ends),
            account: self.spelled(account.as_ref())?,
            account_sid: account
                .as_ref()
                .map(|(user, picked)| self.printed(user.id, Some(picked.row)))
                .unwrap_or_default(),
            logon_type: self.logon_type(row_of_ends, account_row),
            ran_as: self.spelled(ran_as.as_ref())?,
            ran: self.ran(&table.ran),
            also: Vec::new(),
            objects: self.objects(),
            action: self.action(table),
            source_basis: SourceBasis::Recorded,
            by_ticket: false,
            sessions: Vec::new(),
            hop: None,
        };
        if draft.account_sid == NOBODY {
            draft.account_sid.clear();
        }
        ends.note_ambiguous(&mut draft);
        self.empty_what_is_ambiguous(&ends, &mut draft);
        Ok(Some(draft))
    }

    /// Identity of the machine that recorded the match.
    fn machine(&self) -> String {
        let first = self.finding.rows().next();
        first
            .map(|row| machine_of(self.events, row))
            .unwrap_or_default()
    }

    /// A field's value as text.
    fn printed(&self, field: timeline::Field, row: Option<u32>) -> String {
        row.and_then(|row| self.events.get(field, row))
            .map(|value| value.to_string())
            .unwrap_or_default()
    }

    /// Where it cannot be told who was at the far end, nobody is named: other events could stand in
    /// the match and name somebody else, the event itself names several, or it does not tell which
    /// of its ends opened the flow. One field that is open leaves the other open, too: a name
    /// would single out one of several addresses. All that was named goes to `also`.
    fn empty_what_is_ambiguous(&self, ends: &Ends, draft: &mut Draft) {
        let open = self.open_ends(ends.far(draft.side));
        if open.iter().all(|names| names.len() <= 1) {
            return;
        }
        let fields = match draft.side {
            Side::Target => [
                ("source_ip", &mut draft.source_ip),
                ("source_host", &mut draft.source_host),
            ],
            Side::Source => [
                ("target_ip", &mut draft.target_ip),
                ("target_host", &mut draft.target_host),
            ],
        };
        for ((name, value), mut names) in fields.into_iter().zip(open) {
            names.extend(Some(std::mem::take(value)).filter(|known| !known.is_empty()));
            names.sort_unstable();
            names.dedup();
            if !names.is_empty() {
                draft.also.push((name, names));
            }
        }
    }

    /// All that address and name of the far end could be, where there is more than one.
    fn open_ends(&self, far: [Option<&Picked>; 2]) -> [Vec<String>; 2] {
        let flow = far
            .into_iter()
            .flatten()
            .map(|picked| picked.row)
            .find(|row| self.says(*row, f::NETWORK_EXT_SWAPPED, "unknown"));
        let both = [
            [f::SOURCE_IP, f::DESTINATION_IP],
            [f::SOURCE_DOMAIN, f::DESTINATION_DOMAIN],
        ];
        std::array::from_fn(|place| {
            let alternatives = self.finding.ambiguous.get(place).into_iter().flatten();
            let mut names: Vec<String> = alternatives.cloned().collect();
            let values = far[place].map_or(&[][..], |picked| &picked.values);
            if values.len() > 1 {
                names.extend_from_slice(values);
            }
            if let Some(row) = flow {
                let ends = both[place].into_iter();
                names.extend(
                    ends.filter_map(|end| self.events.text(end, row))
                        .map(str::to_owned),
                );
            }
            names
        })
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
            (!values.is_empty()).then_some(Picked { values, row })
        })
    }

    fn says(&self, row: u32, field: timeline::Field, text: &str) -> bool {
        self.events.text(field, row) == Some(text)
    }

    /// Whether the far side is the recording host itself: by its address, and only without one by
    /// its name. All that could stand in the match must be.
    fn is_local(&self, far: [Option<&Picked>; 2]) -> bool {
        let first = (0..)
            .zip(far)
            .find_map(|(place, picked)| Some((place, picked?)));
        first.is_some_and(|(place, picked)| {
            let others: &[String] = self.finding.ambiguous.get(place).map_or(&[], Vec::as_slice);
            let mut others = others.iter();
            self.all_own(picked) && others.all(|other| self.is_own(other, picked.row))
        })
    }

    fn all_own(&self, picked: &Picked) -> bool {
        let mut values = picked.values.iter();
        values.all(|value| self.is_own(value, picked.row))
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

    /// Whether the event, one of a connection, gives the address the host's own name.
    fn bears_name_of(&self, name: &str, computer: &str, row: u32) -> bool {
        let mut categories = self.events.all(f::EVENT_CATEGORY, row);
        if !categories.any(|category| category == Value::from("network")) {
            return false;
        }
        [
            (f::SOURCE_IP, f::SOURCE_DOMAIN),
            (f::DESTINATION_IP, f::DESTINATION_DOMAIN),
        ]
        .into_iter()
        .filter(|&(ip, _)| self.says(row, ip, name))
        .filter_map(|(_, domain)| self.events.text(domain, row))
        .any(|domain| same_host(domain, computer))
    }

    /// The first entry that names a user who will do.
    fn pick_user(
        &self,
        reads: &[Read],
        will_do: impl Fn(User, u32) -> bool,
    ) -> Option<(User, Picked)> {
        reads.iter().find_map(|read| {
            let user = User::of(&read.field);
            let accept = |row: u32, name: &str| will_do(user, row).then(|| name.to_owned());
            let picked = self.pick(std::slice::from_ref(read), &accept)?;
            Some((user, picked))
        })
    }

    /// `DOMAIN\name` where the domain is known, the bare name of the system's own accounts. Where the
    /// event uses the long name of the domain, the short one counts that others use (§5, spelling).
    fn spelled(&self, picked: Option<&(User, Picked)>) -> io::Result<String> {
        // Only addresses and hosts can be ambiguous: of an account the first value counts.
        let first =
            picked.and_then(|(user, picked)| Some((*user, picked.row, picked.values.first()?)));
        let Some((user, row, name)) = first else {
            return Ok(String::new());
        };
        let of = |field| self.events.text(field, row).unwrap_or_default();
        let (sid, domain) = (of(user.id), of(user.domain));
        if of(user.name) != name || domain.is_empty() || SYSTEM_SIDS.contains(&sid) {
            return Ok(name.clone());
        }
        let short = if domain.contains('.') {
            self.facts.short_domain(sid)?
        } else {
            None
        };
        Ok(format!("{}\\{name}", short.as_deref().unwrap_or(domain)))
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

    fn action(&self, table: &MovementTable) -> Option<u32> {
        let ran = self.pick(&table.ran, &|_, text| Some(text.to_owned()));
        ran.map(|picked| picked.row)
            .or_else(|| self.row(table.when))
    }

    /// What ran: the first entry that has a value.
    fn ran(&self, reads: &[Read]) -> Vec<String> {
        let first = self.pick(reads, &|_, text| Some(text.trim().to_owned()));
        first
            .map(|picked| picked.values.into_iter().take(1).collect())
            .unwrap_or_default()
    }

    /// Services, tasks and files by name, so that findings that name the same can be joined. A service is known by its key,
    /// too.
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
            let path = self.events.text(f::REGISTRY_PATH, row);
            let key = path.and_then(service).filter(|(name, _)| !name.is_empty());
            objects.extend(key.map(|(name, _)| format!("service {}", name.to_lowercase())));
        }
        objects
    }
}

/// `-`, `::` and `0.0.0.0` count as empty.
fn says_nothing(value: &str) -> bool {
    matches!(value.trim(), "" | "-" | "::" | "0.0.0.0")
}
