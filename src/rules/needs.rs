//! What must be recorded for a rule to match: which events can meet each part of its query.
//!
//! Nobody writes that down. Each condition is asked of every kind of event that is mapped, with what is known of such
//! events (provider, id, category, type, action, fields that have only some words, and groups of fields that they have
//! none of), and everything else unknown: an event for which the condition is not false can meet it.
//!
//! What an event does not say of its process, the second look takes from that process's start. Events that need no such
//! help come first; only where there are none, those that do are named, and that they do.

use std::collections::{BTreeMap, BTreeSet};

use detectors::rule::Rule;
use eql::Value;
use eql::plan::{Category, Condition, Filter, Key, Leaf, Predicate, QueryKind};
use parsers::evtx::{MappedEvent, mapped};
use parsers::{ARTEFACT_EVENTS, ArtefactEvent};

use super::logs::{LOGS, is_of, log_of};

/// Groups of fields that an event has only where its mapping fills them. Users and hosts are not among them: what events
/// lack of those is filled in later; nor is what a record says under names of its own.
const GROUPS: [&str; 10] = [
    "destination",
    "dll",
    "file",
    "network",
    "powershell",
    "registry",
    "service",
    "source",
    "url",
    "winlog.scheduled_task",
];

/// The one field of those groups that no mapping fills, but the second look.
const FILLED_LATER: &str = "network.Ext.swapped";

/// What the start of a process says of it, which its other events get from there.
const OF_START: [&str; 11] = [
    "process.args",
    "process.args_count",
    "process.code_signature",
    "process.command_line",
    "process.executable",
    "process.Ext.executable_key",
    "process.Ext.token",
    "process.hash",
    "process.name",
    "process.pe",
    "process.working_directory",
];

/// What evidence that is no log is called, by its providers.
const ARTEFACTS: [(&str, &str); 4] = [
    (parsers::ntfs::MFT, "$MFT"),
    (parsers::ntfs::USN, "$J"),
    (parsers::regf::PROVIDER, "registry"),
    (parsers::task::PROVIDER, "task files"),
];

/// Where events are recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The place in [`LOGS`].
    Log(usize),
    /// A provider that is in none of them.
    Other(String),
    /// The place in [`ARTEFACTS`].
    Artefact(usize),
}

/// Events, by where they are recorded. Those of no log have no ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Events(BTreeMap<Place, BTreeSet<u32>>);

/// What a part of a query can be met by: the number of the part, and the events.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// From 1 on, parts that must be missing counted.
    pub(super) part: usize,
    /// Any of them will do.
    pub(super) events: Events,
    /// Whether the start of the process must be recorded, too.
    pub(super) with_start: bool,
}

/// What each part of a rule's query needs. Parts that must be missing, and what ends a sequence, need nothing.
pub(super) fn needs(rule: &Rule) -> anyhow::Result<Vec<Need>> {
    let mapped = mapped().map_err(anyhow::Error::msg)?;
    let need = |(part, (filter, keys)): (usize, (&Filter, &[Key]))| {
        let own = events(filter, keys, &mapped, false);
        let with_start = own.0.is_empty();
        Need {
            part,
            events: if with_start {
                events(filter, keys, &mapped, true)
            } else {
                own
            },
            with_start,
        }
    };
    Ok(match &rule.query.kind {
        QueryKind::Event(filter) => vec![need((1, (filter, &[])))],
        QueryKind::Sample(sample) => {
            let parts = sample.filters.iter();
            let parts = parts.map(|keyed| (&keyed.filter, keyed.keys.as_slice()));
            (1..).zip(parts).map(need).collect()
        }
        QueryKind::Sequence(sequence) => (1..)
            .zip(&sequence.stages)
            .filter(|(_, stage)| !stage.missing)
            .map(|(number, stage)| need((number, (&stage.filter, &stage.keys))))
            .collect(),
    })
}

/// Every event that can meet a filter and has the keys, by itself or with the start of its process.
fn events(filter: &Filter, keys: &[Key], mapped: &[MappedEvent], with_start: bool) -> Events {
    let mut events = Events::default();
    for event in mapped {
        let kind = Kind::Mapped(event, with_start);
        if kind.can_meet(filter, keys) {
            let log = log_of(&event.provider, &event.channels);
            let place = log.map_or_else(|| Place::Other(event.provider.clone()), Place::Log);
            events.0.entry(place).or_default().insert(event.id);
        }
    }
    for event in ARTEFACT_EVENTS {
        if Kind::Artefact(event).can_meet(filter, keys) {
            let mut names = ARTEFACTS.iter();
            let place = names.position(|(provider, _)| *provider == event.provider);
            let other = || Place::Other(event.provider.to_owned());
            let place = place.map_or_else(other, Place::Artefact);
            events.0.entry(place).or_default();
        }
    }
    // Records that nobody maps, but the query names.
    for (provider, id) in named(&filter.condition) {
        let is_known = |event: &MappedEvent| is_of(&provider, &event.provider) && event.id == id;
        let kind = Kind::Named(&provider, id);
        if !mapped.iter().any(is_known) && kind.can_meet(filter, keys) {
            let place = log_of(&provider, &[]).map_or(Place::Other(provider), Place::Log);
            events.0.entry(place).or_default().insert(id);
        }
    }
    events
}

/// One kind of event.
#[derive(Clone, Copy)]
enum Kind<'k> {
    /// Of a log, and whether it has what the start of its process says.
    Mapped(&'k MappedEvent, bool),
    /// Of a log, but with nothing than what every record has.
    Named(&'k str, u32),
    /// Of evidence that is no log.
    Artefact(&'k ArtefactEvent),
}

/// What is known of a field of a kind of event.
enum Known {
    Nothing,
    /// It has one of these, and whether each such event has it. None of them: it is missing.
    Texts(Vec<(String, bool)>),
}

impl Known {
    fn missing_if(is_missing: bool) -> Self {
        if is_missing {
            Self::Texts(Vec::new())
        } else {
            Self::Nothing
        }
    }

    fn is_missing(&self) -> bool {
        matches!(self, Self::Texts(texts) if texts.is_empty())
    }
}

impl Kind<'_> {
    fn can_meet(self, filter: &Filter, keys: &[Key]) -> bool {
        let has_category = match &filter.category {
            Category::Any => true,
            Category::Named(name) => {
                let Known::Texts(own) = self.known("event.category") else {
                    return false;
                };
                own.iter().any(|(own, _)| own == name)
            }
        };
        let mut needed = keys.iter().filter(|key| !key.optional);
        has_category
            && needed.all(|key| !self.known(&key.name).is_missing())
            && filter.condition.truth(&mut |leaf| self.truth(leaf)) != Some(false)
    }

    /// The answer to a question, if it is the same for every such event.
    fn truth(self, leaf: &Leaf) -> Option<bool> {
        let field = match leaf {
            Leaf::Exists(field) | Leaf::Test { field, .. } => field,
            Leaf::Expression(_) => {
                let fields = leaf.fields();
                let is_blind = fields.iter().all(|field| self.known(field).is_missing());
                return is_blind.then(|| leaf.holds(&mut |_| Value::Null));
            }
        };
        let Known::Texts(texts) = self.known(field) else {
            return None;
        };
        let mut truth = Some(false);
        for (text, always) in &texts {
            match text.strip_suffix('*') {
                // The rest of the name of one of a family of providers can be anything.
                Some(start) if names(leaf, start) => truth = None,
                None if holds(leaf, text) && *always => return Some(true),
                None if holds(leaf, text) => truth = None,
                Some(_) | None => {}
            }
        }
        truth
    }

    fn known(self, field: &str) -> Known {
        let certain = |texts: &[String]| {
            let texts = texts.iter().map(|text| (text.clone(), true));
            Known::Texts(texts.collect())
        };
        match (field, self) {
            ("event.provider" | "winlog.provider_name", kind) => {
                certain(&[kind.provider().to_owned()])
            }
            ("event.code" | "winlog.event_id", Self::Mapped(event, _)) => {
                certain(&[event.id.to_string()])
            }
            ("event.code" | "winlog.event_id", Self::Named(_, id)) => certain(&[id.to_string()]),
            // Only records have ids.
            ("event.code", Self::Artefact(_)) => certain(&[]),
            ("winlog.channel", Self::Mapped(event, _)) if !event.channels.is_empty() => {
                certain(&event.channels)
            }
            (_, Self::Mapped(event, _)) if event.words.contains_key(field) => {
                let words = event.words[field].iter();
                Known::Texts(words.map(|word| (word.clone(), false)).collect())
            }
            ("event.category" | "event.type" | "event.action", kind) => {
                Known::Texts(kind.words(field))
            }
            (_, kind) => Known::missing_if(kind.lacks(field)),
        }
    }

    fn provider(&self) -> &str {
        match self {
            Self::Mapped(event, _) => &event.provider,
            Self::Named(provider, _) => provider,
            Self::Artefact(event) => event.provider,
        }
    }

    /// Its categories, types or actions, and whether every such event has each.
    fn words(self, field: &str) -> Vec<(String, bool)> {
        match self {
            Self::Named(..) => Vec::new(),
            Self::Mapped(event, _) => {
                let words = match field {
                    "event.category" => &event.category,
                    "event.type" => &event.kind,
                    _ => &event.action,
                };
                let always = |word: &String| (word.clone(), !event.sometimes.contains(word));
                words.iter().map(always).collect()
            }
            Self::Artefact(event) => {
                let words = match field {
                    "event.category" => event.category,
                    "event.type" => event.kind,
                    _ => event.action,
                };
                let always = |word: &&str| ((*word).to_owned(), words.len() == 1);
                words.iter().map(always).collect()
            }
        }
    }

    /// Whether no such event has the field.
    fn lacks(self, field: &str) -> bool {
        let is_of_mapping = is_in(field, &GROUPS) && field != FILLED_LATER;
        match self {
            Self::Mapped(event, with_start) => {
                let has = |field: &str| event.fields.iter().any(|own| own == field);
                !has(field) && (is_of_mapping || lacks_of_process(field, has, with_start))
            }
            Self::Named(..) => is_of_mapping || is_in(field, &["process"]),
            // Nothing is filled in later but who a user is.
            Self::Artefact(event) => !event.can_have(field) && !is_in(field, &["user"]),
        }
    }
}

/// Whether a field is in one of the groups, or is one of them.
fn is_in(field: &str, groups: &[&str]) -> bool {
    groups.iter().any(|group| {
        let rest = field.strip_prefix(group);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Whether an event that has these fields does not get another one that is of a process.
fn lacks_of_process(field: &str, has: impl Fn(&str) -> bool, with_start: bool) -> bool {
    let has_process = has("process.pid") || has("process.entity_id");
    if field == "process.pid" {
        return true;
    }
    if is_in(field, &["process.parent"]) {
        // The parent's start is recorded where its child's is.
        let has_parent = has("process.parent.pid") || has("process.parent.entity_id");
        return !(has_parent || has_process && with_start);
    }
    is_in(field, &["process"]) && !(has_process && (with_start || !is_in(field, &OF_START)))
}

/// Whether the question is about a text that begins so.
fn names(leaf: &Leaf, start: &str) -> bool {
    let question = leaf.to_string().to_lowercase();
    question.contains(&start.to_lowercase())
}

/// Whether the question is answered by a text, or by the number that it is.
fn holds(leaf: &Leaf, text: &str) -> bool {
    let number = text.parse().ok();
    leaf.holds(&mut |_| Value::from(text))
        || number.is_some_and(|number| leaf.holds(&mut |_| Value::Int(number)))
}

/// The providers and ids that a condition names together.
fn named(condition: &Condition) -> BTreeSet<(String, u32)> {
    let mut pairs = BTreeSet::new();
    collect(condition, &Names::default(), &mut pairs);
    pairs
}

/// What the conditions around one name.
#[derive(Clone, Default)]
struct Names {
    providers: Vec<String>,
    ids: Vec<u32>,
}

fn collect(condition: &Condition, around: &Names, pairs: &mut BTreeSet<(String, u32)>) {
    match condition {
        Condition::Constant(_) | Condition::Not(_) => {}
        Condition::Any(parts) => {
            for part in parts {
                collect(part, around, pairs);
            }
        }
        Condition::All(parts) => {
            let mut names = around.clone();
            for part in parts {
                names.add(part);
            }
            for part in parts {
                if !matches!(part, Condition::Leaf(_)) {
                    collect(part, &names, pairs);
                }
            }
            names.pair(pairs);
        }
        Condition::Leaf(_) => {
            let mut names = around.clone();
            names.add(condition);
            names.pair(pairs);
        }
    }
}

impl Names {
    fn add(&mut self, part: &Condition) {
        let Condition::Leaf(Leaf::Test { field, predicate }) = part else {
            return;
        };
        match field.as_str() {
            "event.provider" => self.providers = texts(predicate),
            "event.code" => {
                let texts = texts(predicate);
                self.ids = texts.iter().filter_map(|text| text.parse().ok()).collect();
            }
            _ => {}
        }
    }

    fn pair(&self, pairs: &mut BTreeSet<(String, u32)>) {
        for provider in &self.providers {
            pairs.extend(self.ids.iter().map(|id| (provider.clone(), *id)));
        }
    }
}

/// The texts that a test names.
fn texts(predicate: &Predicate) -> Vec<String> {
    match predicate {
        Predicate::In(members) if !members.folds_case() => members.texts().to_vec(),
        Predicate::Compare(comparison) => match &comparison.constant {
            eql::plan::Constant::Text(text) => vec![text.clone()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

impl Events {
    /// Adds other events.
    pub(super) fn add(&mut self, other: &Self) {
        for (place, ids) in &other.0 {
            self.0.entry(place.clone()).or_default().extend(ids);
        }
    }

    /// The places in [`LOGS`] of the logs that they are in.
    pub(super) fn logs(&self) -> impl Iterator<Item = usize> {
        self.0.keys().filter_map(|place| match place {
            Place::Log(log) => Some(*log),
            Place::Other(_) | Place::Artefact(_) => None,
        })
    }

    /// In words, one for each place: `Security 4624, 5145* (Detailed File Share)`.
    pub(super) fn words(&self) -> Vec<String> {
        let places = self.0.iter();
        places
            .map(|(place, ids)| match place {
                Place::Log(log) => format!("{} {}", LOGS[*log].name, of_log(*log, ids)),
                Place::Other(provider) => format!("{provider} {}", joined(ids)),
                Place::Artefact(place) => ARTEFACTS[*place].1.to_owned(),
            })
            .collect()
    }
}

/// The ids of events of a log: those that are not recorded by default are marked, those of one subcategory
/// stand together.
fn of_log(log: usize, ids: &BTreeSet<u32>) -> String {
    let log = &LOGS[log];
    let mut groups: Vec<(Option<&str>, Vec<String>)> = Vec::new();
    for id in ids {
        let is_on = log.records(*id);
        let audit = log.subcategory(*id).filter(|_| !is_on);
        let audit = audit.map(|audit| audit.name);
        let text = format!("{id}{}", if is_on { "" } else { "*" });
        match groups.iter_mut().find(|(own, _)| *own == audit) {
            Some((_, texts)) => texts.push(text),
            None => groups.push((audit, vec![text])),
        }
    }
    let words = groups.into_iter().map(|(audit, texts)| {
        let audit = audit.map_or(String::new(), |audit| format!(" ({audit})"));
        format!("{}{audit}", texts.join(", "))
    });
    words.collect::<Vec<_>>().join(", ")
}

fn joined(ids: &BTreeSet<u32>) -> String {
    let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use detectors::rule::BUILTIN;
    use serde_json::Value as Json;

    use super::*;

    fn needs_of(query: &str) -> Vec<Need> {
        needs(&Rule::of_query("query", query).unwrap()).unwrap()
    }

    /// What the only part of a query needs.
    #[track_caller]
    fn check(query: &str, expected: &str) {
        let needs = needs_of(query);
        let [need] = needs.as_slice() else {
            panic!("{query}: {needs:?}");
        };
        let start = if need.with_start { " with start" } else { "" };
        let words = need.events.words().join(" or ");
        assert_eq!(format!("{words}{start}"), expected, "{query}");
    }

    #[test]
    fn what_is_known_of_an_event_decides() {
        check(
            r#"authentication where event.code == "4624" and winlog.logon.type == "Network""#,
            "Security 4624",
        );
        check(r#"process where event.code == "4624""#, " with start");
        check(
            r#"any where event.action == "service-installed""#,
            "Security 4697* (Security System Extension) or System 7045 or registry",
        );
        check(
            r#"any where event.action == "service-installed" and not event.provider : "*Security*" and event.code != null"#,
            "System 7045",
        );
        check(
            r#"any where event.code in ("19", "20") and event.provider == "Microsoft-Windows-Sysmon""#,
            "Sysmon 19*, 20*",
        );
    }

    #[test]
    fn an_event_without_a_field_cannot_meet_a_test_of_it() {
        check(
            r#"any where registry.path : "*\\Run\\*" and event.code in ("13", "4657", "4624")"#,
            "Security 4657* (Registry) or Sysmon 13*",
        );
        // A test that holds without the field is met.
        check(
            r#"any where not registry.path : "*\\Run\\*" and event.code in ("13", "4657", "4624") and event.provider : "*Security*""#,
            "Security 4624, 4657* (Registry)",
        );
        check(
            r#"network where url.full == "x" and registry.path == "y""#,
            " with start",
        );
        check(
            r#"any where length(registry.path) > 3 and event.code in ("13", "4624")"#,
            "Sysmon 13*",
        );
    }

    #[test]
    fn words_that_a_field_has_are_all_that_it_has() {
        let query = |direction: &str| {
            format!(
                r#"network where network.direction == "{direction}" and event.code in ("3", "5154", "5156") and destination.port == 445"#
            )
        };
        let connections = "Security 5156* (Filtering Platform Connection) or Sysmon 3*";
        check(&query("ingress"), connections);
        check(&query("egress"), connections);
        check(
            &query("inbound"),
            "Security 5156* (Filtering Platform Connection)",
        );
        check(&query("sideways"), " with start");
        let remote_desktop = |port: u16| {
            format!(r#"network where destination.port == {port} and event.code == "131""#)
        };
        check(&remote_desktop(3389), "RdpCoreTS 131");
        check(&remote_desktop(445), " with start");
    }

    /// 5145 has the type only when something is written.
    #[test]
    fn what_only_some_events_have_is_open_both_ways() {
        for test in ["event.type == \"change\"", "not event.type == \"change\""] {
            check(
                &format!("file where event.code == \"5145\" and {test}"),
                "Security 5145* (Detailed File Share)",
            );
        }
        check(
            r#"process where event.code == "4688" and not event.type == "start""#,
            " with start",
        );
    }

    #[test]
    fn evidence_that_is_no_log_counts_where_its_own_words_are_asked_for() {
        check(
            r#"file where event.provider in ("ntfs-mft", "ntfs-usn") and event.type == "creation""#,
            "$MFT or $J",
        );
        check(
            r#"file where file.Ext.time_marks : "copied-in" and event.type == "access""#,
            "$MFT",
        );
        check(
            r#"process where event.action == "bam-execution""#,
            "registry",
        );
        check(
            r#"process where event.action == "bam-execution" and process.parent.name == "x""#,
            " with start",
        );
        check(
            r#"any where event.action : "scheduled-task-*" and event.code == null"#,
            "registry or task files",
        );
    }

    #[test]
    fn the_start_of_the_process_is_needed_only_where_no_event_does_without() {
        check(
            r#"registry where event.code == "13" and process.command_line : "*x*""#,
            "Sysmon 13* with start",
        );
        check(
            r#"process where event.code in ("1", "4688", "5") and process.command_line : "*x*""#,
            "Security 4688* (Process Creation) or Sysmon 1*",
        );
        check(
            r#"process where event.code in ("1", "4688") and process.parent.command_line : "*x*""#,
            "Security 4688* (Process Creation) or Sysmon 1*",
        );
        // Nothing knows a process of these.
        check(
            r#"any where event.code == "5145" and process.name : "x""#,
            " with start",
        );
    }

    #[test]
    fn records_that_nobody_maps_are_named_where_the_query_names_them() {
        check(
            r#"any where event.provider == "Microsoft-Windows-TerminalServices-Gateway" and event.code == "302""#,
            "RD Gateway 302",
        );
        check(
            r#"any where event.provider == "Nobody" and event.code in ("8", "9") and user.name : "x""#,
            "Nobody 8, 9",
        );
        // They have none of our fields, and what one branch names is no affair of the other.
        check(
            r#"any where event.provider == "Nobody" and event.code == "8" and source.ip == "192.0.2.7""#,
            " with start",
        );
        check(
            r#"any where (event.provider == "Nobody" and event.code == "8") or event.code == "4624""#,
            "Security 4624 or Nobody 8",
        );
        check(
            r#"any where event.provider == "MSSQL$SQLEXPRESS" and event.code == "15457""#,
            "Application 15457",
        );
    }

    #[test]
    fn parts_keep_their_numbers_and_need_their_keys() {
        let needs = needs_of(
            r#"sequence by host.id with maxspan=1m
               ![authentication where event.code == "4625"] by user.id
               [any where event.code in ("13", "4624")] by registry.path
               [any where event.code in ("13", "4624")] by ?registry.path
               until [any where event.code == "7045"] by user.id"#,
        );
        let told: Vec<_> = needs
            .iter()
            .map(|need| (need.part, need.events.words().join(" or ")))
            .collect();
        let expected = [
            (2, "Sysmon 13*".to_owned()),
            (3, "Security 4624 or System 13 or Sysmon 13*".to_owned()),
        ];
        assert_eq!(told, expected);
    }

    /// The events in a rule's tests that match have providers and codes: each part is met by one of them.
    #[test]
    fn what_matches_in_the_tests_of_our_rules_is_what_they_need() {
        for (name, text) in BUILTIN {
            let set = detectors::rule::RuleSet::read([(*name, *text)]).unwrap();
            let rule = &set.rules[0];
            let table = rule.sidetrack.as_ref().unwrap();
            let needs = needs(rule).unwrap();
            for test in table.tests.iter().filter(|test| test.matches > 0) {
                let events = test.events.lines().filter(|line| !line.trim().is_empty());
                let events: Vec<Json> = events
                    .map(|line| serde_json::from_str(line).unwrap())
                    .collect();
                for need in &needs {
                    assert!(
                        events.iter().any(|event| is_among(event, &need.events)),
                        "{name}: event {} needs {:?}",
                        need.part,
                        need.events.words()
                    );
                }
            }
        }
    }

    /// Whether an event of a test can be one of these; one that does not say what it is, is.
    fn is_among(event: &Json, events: &Events) -> bool {
        let id: Option<u32> = event["event.code"]
            .as_str()
            .and_then(|code| code.parse().ok());
        let provider = event["event.provider"].as_str();
        let artefact = ARTEFACTS.iter().position(|(own, _)| Some(*own) == provider);
        match (id, provider, artefact) {
            (_, _, Some(artefact)) => events.0.contains_key(&Place::Artefact(artefact)),
            (Some(id), _, _) => events.0.values().any(|ids| ids.contains(&id)),
            (None, ..) => true,
        }
    }
}
