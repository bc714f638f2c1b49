//! The machines of the evidence: which names they had, and what they are called.

use std::collections::BTreeMap;

use anyhow::Context;
use detectors::enrich::{Facts, LogSpan, aliases};

use super::look_one::FirstLook;

/// The machines of the evidence.
#[derive(Debug)]
pub(crate) struct Hosts {
    /// What the machine is called, by the key of each name it had.
    names: BTreeMap<String, String>,
    /// The key of the machine's last name, by those of its earlier names.
    aliases: BTreeMap<String, String>,
}

impl Hosts {
    pub(crate) fn of(first: &FirstLook, facts: &Facts) -> anyhow::Result<Self> {
        let renames = facts.renames().context("reading facts")?;
        let spans = spans(first);
        let aliases: BTreeMap<String, String> = aliases(&spans, &renames)
            .into_iter()
            .map(|(old, last)| (old.to_owned(), last.to_owned()))
            .collect();
        let own = own_names(first);
        let name = |key: &String| {
            let last = aliases.get(key).unwrap_or(key);
            own.get(last).cloned().unwrap_or_default()
        };
        let names = own.keys().map(|key| (key.clone(), name(key))).collect();
        Ok(Self { names, aliases })
    }

    /// The identity of a machine: the key of its last name.
    pub(crate) fn machine<'a>(&'a self, key: &'a str) -> &'a str {
        self.aliases.get(key).map_or(key, String::as_str)
    }

    /// What a machine is called.
    pub(crate) fn name(&self, key: &str) -> &str {
        self.names.get(key).map_or("", String::as_str)
    }

    /// What the machine is called, by the key of each name it had.
    pub(crate) fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// The same.
    pub(crate) fn into_names(self) -> BTreeMap<String, String> {
        self.names
    }

    /// What each machine is called, by its identity.
    pub(crate) fn machines(&self) -> BTreeMap<String, String> {
        let is_last = |key: &&String| !self.aliases.contains_key(*key);
        self.names
            .keys()
            .filter(is_last)
            .map(|key| (key.clone(), self.name(key).to_owned()))
            .collect()
    }
}

/// The name of each host as recorded: of several spellings the one that sorts first, whatever was read
/// first.
fn own_names(first: &FirstLook) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (host, spellings) in first.files.iter().flat_map(|file| &file.names) {
        let Some(spelling) = spellings.first() else {
            continue;
        };
        let name = names
            .entry(host.clone())
            .or_insert_with(|| spelling.clone());
        if spelling < name {
            spelling.clone_into(name);
        }
    }
    names
}

/// What each file has of each host's channels.
fn spans(first: &FirstLook) -> Vec<LogSpan<'_>> {
    let parts = first.files.iter().enumerate();
    let parts = parts.flat_map(|(file, look)| look.parts.iter().map(move |part| (file, part)));
    parts
        .flat_map(|(file, part)| {
            part.ranges.iter().map(move |(channel, range)| LogSpan {
                file,
                host: &part.host,
                channel,
                records: range.records,
                times: range.times,
            })
        })
        .collect()
}
