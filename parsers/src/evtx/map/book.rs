//! All mapping files, compiled: which plan an event has, and which sentence.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use timeline::Field;
use timeline::fields::{self as f, EVENT_DATA};

use super::algorithm::Algorithm;
use super::entry::{Entry, Id, MappingFile, Profile};
use super::message::Message;
use super::plan::{Condition, Plan, Step};
use super::source::{Origin, Source, WordTable, key};
use super::writer::Target;
use crate::evtx::record::LogRecord;

macro_rules! mapping_files {
    ($($name:literal),* $(,)?) => {
        /// Name and text of every mapping file.
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../mappings/", $name)))),*];
    };
}

mapping_files![
    "app_locker.toml",
    "bits_client.toml",
    "code_integrity.toml",
    "defender.toml",
    "distributed_com.toml",
    "dns_client.toml",
    "driver_frameworks.toml",
    "eventlog_security.toml",
    "eventlog_system.toml",
    "firewall.toml",
    "group_policy.toml",
    "kerberos_kdc.toml",
    "kernel_general.toml",
    "kernel_pnp.toml",
    "kernel_power.toml",
    "local_session_manager.toml",
    "netlogon.toml",
    "ntfs.toml",
    "ntlm.toml",
    "openssh.toml",
    "partition.toml",
    "powershell.toml",
    "powershell_operational.toml",
    "print_service.toml",
    "rd_gateway.toml",
    "rdp_client.toml",
    "rdp_core.toml",
    "remote_connection_manager.toml",
    "security.toml",
    "security_kerberos.toml",
    "service_control_manager.toml",
    "shell_core.toml",
    "smb_client.toml",
    "smb_server.toml",
    "sql_server.toml",
    "sysmon.toml",
    "task_scheduler.toml",
    "user32.toml",
    "winrm.toml",
    "wmi_activity.toml",
];

/// The mapping of one profile.
#[derive(Debug, Default)]
pub(crate) struct Book {
    providers: HashMap<String, Vec<Provider>>,
    /// Providers whose names only begin alike: each instance of SQL Server has one of its own.
    families: Vec<(String, Provider)>,
}

/// What is known of one provider, on some channels.
#[derive(Debug)]
struct Provider {
    channels: Arc<[String]>,
    events: HashMap<u32, Event>,
    /// For events that no entry names.
    others: Plan,
}

#[derive(Debug, Default)]
struct Event {
    plan: Plan,
    message: Option<Message>,
}

/// An event that is mapped, for references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedEvent {
    /// The provider.
    pub provider: String,
    /// Channels that the mapping is for; all when there is none.
    pub channels: Vec<String>,
    /// Event id.
    pub id: u32,
    /// ECS categories.
    pub category: Vec<String>,
    /// ECS types.
    pub kind: Vec<String>,
    /// Actions, upstream's first.
    pub action: Vec<String>,
    /// Which of these three not every such event has, but those of which the record says so.
    pub sometimes: Vec<String>,
    /// Other fields that its mapping can fill. A record keeps all it says under names of its own, too, and
    /// the second look fills in what processes, users and hosts lack.
    pub fields: Vec<String>,
    /// Those of them that can only have some words, and which.
    pub words: BTreeMap<String, BTreeSet<String>>,
    /// Whether it has a sentence for people.
    pub has_message: bool,
}

/// Every event that the mapping files name.
pub fn mapped() -> Result<Vec<MappedEvent>, &'static str> {
    Ok(book(Profile::Ours)?.mapped())
}

impl Event {
    fn listed(&self, provider: &str, channels: &[String], id: u32) -> MappedEvent {
        let mut sometimes = Vec::new();
        let mut words = |field| {
            let (texts, always): (Vec<_>, Vec<_>) = self.plan.words(field).into_iter().unzip();
            let each = texts.iter().zip(always);
            sometimes.extend(
                each.filter(|(_, always)| !always)
                    .map(|(text, _)| text.clone()),
            );
            texts
        };
        MappedEvent {
            provider: provider.to_owned(),
            channels: channels.to_vec(),
            id,
            category: words(f::EVENT_CATEGORY),
            kind: words(f::EVENT_TYPE),
            action: words(f::EVENT_ACTION),
            sometimes,
            fields: self.plan.fields(),
            words: self.plan.word_fields(),
            has_message: self.message.is_some(),
        }
    }
}

/// The mapping of a profile; what is wrong with a file, by its name.
pub(crate) fn book(profile: Profile) -> Result<&'static Book, &'static str> {
    static OURS: LazyLock<Result<Book, String>> = LazyLock::new(|| Book::compile(Profile::Ours));
    static UPSTREAM: LazyLock<Result<Book, String>> =
        LazyLock::new(|| Book::compile(Profile::Upstream));
    let book = match profile {
        Profile::Ours => &OURS,
        Profile::Upstream => &UPSTREAM,
    };
    book.as_ref().map_err(String::as_str)
}

impl Book {
    fn compile(profile: Profile) -> Result<Self, String> {
        let mut book = Self::default();
        for (name, text) in FILES {
            book.add(profile, text)
                .map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(book)
    }

    fn add(&mut self, profile: Profile, text: &str) -> Result<(), String> {
        let file: MappingFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let compiler = Compiler {
            profile,
            of_file: file.profile,
            words: file.words.iter().map(words).collect(),
            common: common(&file),
        };
        let channels: Arc<[String]> = file.channel.into();
        for provider in file.provider {
            let (events, others) = compiler.events(&file.event)?;
            let plans = Provider {
                channels: channels.clone(),
                events,
                others,
            };
            match provider.strip_suffix('*') {
                Some(start) => self.families.push((start.to_owned(), plans)),
                None => self.providers.entry(provider).or_default().push(plans),
            }
        }
        Ok(())
    }

    /// What becomes of a record; nothing where its provider is not mapped.
    pub(super) fn plan(&self, record: &LogRecord<'_>) -> Option<&Plan> {
        let provider = self.provider(record.provider, record.channel)?;
        let event = record.event_id.parse().ok();
        let event = event.and_then(|id: u32| provider.events.get(&id));
        Some(event.map_or(&provider.others, |event| &event.plan))
    }

    /// The sentence for an event.
    pub(crate) fn message(&self, provider: &str, channel: &str, code: &str) -> Option<&Message> {
        let provider = self.provider(provider, channel)?;
        provider.events.get(&code.parse().ok()?)?.message.as_ref()
    }

    /// Every event that is mapped, by provider, channel and id.
    fn mapped(&self) -> Vec<MappedEvent> {
        let single = self.providers.iter().flat_map(|(name, providers)| {
            let each = providers.iter();
            each.map(move |provider| (name.clone(), provider))
        });
        let families = self.families.iter();
        let families = families.map(|(start, provider)| (format!("{start}*"), provider));
        let each = single.chain(families).flat_map(|(name, provider)| {
            let events = provider.events.iter();
            events.map(move |(id, event)| event.listed(&name, &provider.channels, *id))
        });
        let mut all: Vec<MappedEvent> = each.collect();
        all.sort_by(|a, b| (&a.provider, &a.channels, a.id).cmp(&(&b.provider, &b.channels, b.id)));
        all
    }

    fn provider(&self, name: &str, channel: &str) -> Option<&Provider> {
        let single = self.providers.get(name).into_iter().flatten();
        let families = self.families.iter();
        let families = families.filter(|(start, _)| name.starts_with(start.as_str()));
        let mut all = single.chain(families.map(|(_, provider)| provider));
        all.find(|provider| {
            let channels = &provider.channels;
            channels.is_empty() || channels.iter().any(|own| own.eq_ignore_ascii_case(channel))
        })
    }
}

fn words((name, table): (&String, &BTreeMap<String, String>)) -> (String, WordTable) {
    let table = table
        .iter()
        .map(|(word, ours)| (key(word), ours.clone()))
        .collect();
    (name.clone(), Arc::new(table))
}

/// The fields that all events of a file have.
fn common(file: &MappingFile) -> Vec<(Field, String)> {
    let lists = [
        (f::EVENT_MODULE, &file.module),
        (f::EVENT_DATASET, &file.dataset),
        (f::DATA_STREAM_DATASET, &file.stream),
    ];
    let each = lists.into_iter().flat_map(|(field, list)| {
        let values = list.iter();
        values.map(move |value| (field, value.clone()))
    });
    each.collect()
}

fn ids(written: &[Id]) -> Vec<u32> {
    written.iter().filter_map(Id::ids).flatten().collect()
}

struct Compiler {
    profile: Profile,
    /// The profile that the whole file is for.
    of_file: Option<Profile>,
    words: BTreeMap<String, WordTable>,
    common: Vec<(Field, String)>,
}

impl Compiler {
    fn events(&self, entries: &[Entry]) -> Result<(HashMap<u32, Event>, Plan), String> {
        let mut events: BTreeMap<u32, Event> = BTreeMap::new();
        for entry in entries {
            for ids in &entry.ids {
                let ids = ids.ids().ok_or_else(|| format!("{ids:?} is no span"))?;
                for id in ids {
                    events.entry(id).or_insert_with(|| Event {
                        plan: self.start(),
                        message: None,
                    });
                }
            }
        }
        let mut others = self.start();
        for entry in entries {
            let of_entry = ids(&entry.ids);
            let plans = if of_entry.is_empty() {
                if !entry.ids.is_empty() {
                    continue;
                }
                self.step(entry, &mut others)?;
                let except = ids(&entry.except);
                let all = events.keys().copied();
                all.filter(|id| !except.contains(id)).collect()
            } else {
                of_entry
            };
            for id in plans {
                let at = |error| format!("event {id}: {error}");
                let Some(event) = events.get_mut(&id) else {
                    continue;
                };
                self.step(entry, &mut event.plan).map_err(at)?;
                if let Some(text) = entry.message.as_ref().filter(|_| self.counts(entry)) {
                    event.message = Some(Message::parse(text, &self.words).map_err(at)?);
                }
            }
        }
        Ok((events.into_iter().collect(), others))
    }

    fn counts(&self, entry: &Entry) -> bool {
        let own = [self.of_file, entry.profile];
        own.into_iter()
            .flatten()
            .all(|profile| profile == self.profile)
    }

    fn start(&self) -> Plan {
        let constant =
            |(field, text): &(Field, String)| Step::Constant(*field, text.as_str().into());
        Plan {
            steps: self.common.iter().map(constant).collect(),
            lists: Vec::new(),
        }
    }

    /// Adds the steps of an entry.
    fn step(&self, entry: &Entry, plan: &mut Plan) -> Result<(), String> {
        if !self.counts(entry) {
            return Ok(());
        }
        let mut inner = Plan::default();
        let own = &mut inner.steps;
        for (field, list) in [
            (f::EVENT_CATEGORY, &entry.category),
            (f::EVENT_TYPE, &entry.kind),
            (f::EVENT_ACTION, &entry.action),
        ] {
            own.extend(
                list.iter()
                    .map(|text| Step::Constant(field, text.as_str().into())),
            );
        }
        if let Some(outcome) = &entry.outcome {
            own.push(Step::Constant(f::EVENT_OUTCOME, outcome.as_str().into()));
        }
        if let Some(kind) = &entry.event_kind {
            own.push(Step::Constant(f::EVENT_KIND, kind.as_str().into()));
        }
        for (name, text) in &entry.fields {
            let (source, writer) = Source::parse(text, &self.words)?;
            let target = Target::parse(name, writer)?;
            if source.is_list() && target.is_single() {
                return Err(format!("`{name}` has one value, `{text}` gives several"));
            }
            let datum = name.strip_prefix(EVENT_DATA);
            if datum.is_some_and(|datum| source.reads(datum)) {
                plan.lists.extend(target.first_field());
            }
            own.push(Step::Copy(target, source));
        }
        for name in &entry.algorithms {
            let algorithm = Algorithm::by_name(name)
                .ok_or_else(|| format!("no algorithm is called `{name}`"))?;
            own.push(Step::Run(algorithm));
        }
        for entry in &entry.when {
            self.step(entry, &mut inner)?;
        }
        plan.lists.append(&mut inner.lists);
        let conditions = conditions(entry)?;
        if conditions.is_empty() {
            plan.steps.append(&mut inner.steps);
        } else {
            plan.steps.push(Step::When(conditions, inner.steps));
        }
        Ok(())
    }
}

fn conditions(entry: &Entry) -> Result<Vec<Condition>, String> {
    let words = entry.conditions.iter().map(|(name, words)| {
        let origin = Origin::parse(name)?;
        Ok(Condition::Is(origin, words.as_slice().to_vec()))
    });
    let bits = entry.bits.iter().map(|(name, bits)| {
        let origin = Origin::parse(name)?;
        Ok(Condition::HasBits(origin, *bits))
    });
    let unless = entry.unless.iter().map(|(name, words)| {
        let origin = Origin::parse(name)?;
        Ok(Condition::IsNot(origin, words.as_slice().to_vec()))
    });
    words.chain(unless).chain(bits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapping_files_are_sound() {
        for profile in [Profile::Ours, Profile::Upstream] {
            let book = book(profile).unwrap();
            assert!(!book.providers.is_empty());
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may read a folder")]
    fn every_mapping_file_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, listed);
    }

    /// Providers and ids of the records whose events are checked.
    fn golden() -> BTreeSet<(String, u32)> {
        #[derive(serde::Deserialize)]
        struct Golden {
            provider: String,
            id: u32,
        }
        include_str!("../../../tests/golden/evtx.records.ndjson")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .map(|record: Golden| (record.provider, record.id))
            .collect()
    }

    #[test]
    fn every_mapped_event_has_a_sentence_and_a_golden_record() {
        let golden = golden();
        for (name, text) in FILES {
            let file: MappingFile = toml::from_str(text).unwrap();
            let mut book = Book::default();
            book.add(Profile::Ours, text).unwrap();
            let ids: BTreeSet<u32> = file
                .event
                .iter()
                .flat_map(|entry| ids(&entry.ids))
                .collect();
            for id in ids {
                let channel = file.channel.first().map_or("", String::as_str);
                let sentence = book.message(&file.provider[0], channel, &id.to_string());
                assert!(sentence.is_some(), "{name}: {id}: no sentence");
                let mut providers = file.provider.iter();
                assert!(
                    providers.any(|provider| golden.contains(&(provider.clone(), id))),
                    "{name}: {id}: no golden record"
                );
            }
        }
    }

    #[test]
    fn wrong_files_are_refused() {
        for (event, message) in [
            (
                "ids = [1]\nfields.\"no.such\" = \"A\"",
                "not in the field table",
            ),
            (
                "ids = [1]\nfields.\"user.id\" = \"A -> twist\"",
                "nothing is called",
            ),
            (
                "ids = [1]\nfields.\"user.id\" = \"A -> map(x)\"",
                "no words are called",
            ),
            (
                "ids = [1]\nfields.\"user.id\" = \"A -> path\"",
                "cannot fill",
            ),
            (
                "ids = [1]\nfields.\"user.id\" = \"A -> words\"",
                "gives several",
            ),
            ("ids = [1]\ndo = [\"magic\"]", "no algorithm"),
            ("ids = [\"5-3\"]", "is no span"),
            ("ids = [1]\nmessage = \"{\"", "lacks a `}`"),
            ("ids = [1]\nfield = 1", "unknown field"),
        ] {
            let text = format!("provider = [\"P\"]\n[[event]]\n{event}\n");
            let error = Book::default().add(Profile::Ours, &text).unwrap_err();
            assert!(error.contains(message), "{event}: {error}");
        }
    }
}
