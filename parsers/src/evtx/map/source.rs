//! Where a value comes from: `Name | Other -> before(@) -> lower`.
//!
//! Alternatives are tried in their order; the first that says anything counts. `Name` is a value of
//! EventData, `user_data.Name` one of UserData, `system.user` the SID of the record's Security
//! element, `system.pid` the process that wrote the record, `'text'` the text itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::writer::Writer;
use crate::ecs::part;
use crate::evtx::record::LogRecord;

/// A table from words of the record to ours, in lower case.
pub(super) type WordTable = Arc<BTreeMap<String, String>>;

/// Where a value comes from.
#[derive(Debug)]
pub(super) struct Source {
    alternatives: Vec<Origin>,
    transforms: Vec<Transform>,
}

/// One place in a record.
#[derive(Debug)]
pub(super) enum Origin {
    EventData(String),
    UserData(String),
    UserSid,
    ProcessId,
    Literal(String),
}

/// What is made of a text.
#[derive(Debug)]
enum Transform {
    Lower,
    /// What stands before the first of a character; the whole when there is none.
    Before(char),
    /// What stands after the last of a character; the whole when there is none.
    After(char),
    /// Without these characters at its beginning.
    TrimStart(String),
    /// Without this at its beginning, if it is there.
    Strip(String),
    /// The word for it; nothing when the table has none.
    Map(WordTable),
    /// The word for it, or itself.
    Name(WordTable),
    /// Nothing when it is one of these.
    Unless(Vec<String>),
    /// A key as the kernel names it, with the root that people know.
    RegistryRoot,
}

impl Source {
    /// Reads the text of a source; what follows the last arrow may be a writer.
    pub(super) fn parse(
        text: &str,
        words: &BTreeMap<String, WordTable>,
    ) -> Result<(Self, Option<Writer>), String> {
        let mut parts = text.split("->").map(str::trim);
        let origins = parts.next().unwrap_or_default();
        let alternatives = origins
            .split('|')
            .map(|part| Origin::parse(part.trim()))
            .collect::<Result<Vec<_>, _>>()?;
        let mut source = Self {
            alternatives,
            transforms: Vec::new(),
        };
        let mut writer = None;
        for part in parts {
            if writer.is_some() {
                return Err(format!("`{part}` follows what ends a source"));
            }
            writer = Writer::by_name(part);
            if writer.is_none() {
                source.transforms.push(Transform::parse(part, words)?);
            }
        }
        Ok((source, writer))
    }

    /// The value that a record has, if it says anything.
    pub(super) fn read<'a>(&'a self, record: &LogRecord<'a>) -> Option<Cow<'a, str>> {
        let first = self
            .alternatives
            .iter()
            .find_map(|origin| origin.read(record))?;
        let mut text = first;
        for transform in &self.transforms {
            text = transform.apply(text)?;
        }
        (!text.is_empty()).then_some(text)
    }
}

impl Origin {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(literal) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
            return Ok(Self::Literal(literal.to_owned()));
        }
        match text {
            "" => Err("a source is empty".into()),
            "system.user" => Ok(Self::UserSid),
            "system.pid" => Ok(Self::ProcessId),
            _ => Ok(match text.strip_prefix("user_data.") {
                Some(name) => Self::UserData(name.to_owned()),
                None => Self::EventData(text.to_owned()),
            }),
        }
    }

    pub(super) fn read<'a>(&'a self, record: &LogRecord<'a>) -> Option<Cow<'a, str>> {
        match self {
            Self::EventData(name) => record.get(name).map(Cow::Borrowed),
            Self::UserData(name) => record.user_data(name).map(Cow::Borrowed),
            Self::UserSid => Some(Cow::Borrowed(record.user_sid)).filter(|sid| !sid.is_empty()),
            Self::ProcessId => record.process_id.map(|pid| Cow::Owned(pid.to_string())),
            Self::Literal(text) => Some(Cow::Borrowed(text)),
        }
    }
}

impl Transform {
    fn parse(text: &str, words: &BTreeMap<String, WordTable>) -> Result<Self, String> {
        let (name, argument) = match text.split_once('(') {
            Some((name, rest)) => {
                let argument = rest
                    .strip_suffix(')')
                    .ok_or_else(|| format!("`{text}` lacks its closing bracket"))?;
                (name, argument)
            }
            None => (text, ""),
        };
        let char = || {
            let mut chars = argument.chars();
            chars
                .next()
                .filter(|_| chars.next().is_none())
                .ok_or_else(|| format!("`{text}`: one character is expected"))
        };
        let table = || {
            let table = words.get(argument);
            table
                .cloned()
                .ok_or_else(|| format!("no words are called `{argument}`"))
        };
        Ok(match name {
            "lower" => Self::Lower,
            "before" => Self::Before(char()?),
            "after" => Self::After(char()?),
            "trim_start" => Self::TrimStart(argument.to_owned()),
            "strip" => Self::Strip(argument.to_owned()),
            "map" => Self::Map(table()?),
            "name" => Self::Name(table()?),
            "registry_root" => Self::RegistryRoot,
            "unless" => Self::Unless(argument.split(',').map(|w| w.trim().to_owned()).collect()),
            _ => return Err(format!("nothing is called `{name}`")),
        })
    }

    fn apply<'a>(&'a self, text: Cow<'a, str>) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Lower => text.to_lowercase().into(),
            Self::Before(char) => {
                let end = text.find(*char).unwrap_or(text.len());
                part(&text, 0..end)
            }
            Self::After(char) => {
                let start = text.rfind(*char).map_or(0, |at| at + char.len_utf8());
                let end = text.len();
                part(&text, start..end)
            }
            Self::TrimStart(chars) => {
                let start = text.len() - text.trim_start_matches(|c| chars.contains(c)).len();
                let end = text.len();
                part(&text, start..end)
            }
            Self::Strip(prefix) => {
                let start = if text.starts_with(prefix.as_str()) {
                    prefix.len()
                } else {
                    0
                };
                let end = text.len();
                part(&text, start..end)
            }
            Self::Map(table) => Cow::Borrowed(table.get(&key(&text))?.as_str()),
            Self::Name(table) => match table.get(&key(&text)) {
                Some(word) => Cow::Borrowed(word.as_str()),
                None => text,
            },
            Self::RegistryRoot => registry_root(text),
            Self::Unless(words) => {
                return (!words.iter().any(|word| word.eq_ignore_ascii_case(&text)))
                    .then_some(text);
            }
        })
    }
}

/// `\\REGISTRY\\MACHINE\\…` as `HKLM\\…`, `\\REGISTRY\\USER\\…` as `HKU\\…`.
pub(super) fn registry_root(path: Cow<'_, str>) -> Cow<'_, str> {
    for (kernel, root) in [
        ("\\REGISTRY\\MACHINE\\", "HKLM\\"),
        ("\\REGISTRY\\USER\\", "HKU\\"),
    ] {
        let head = path.get(..kernel.len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case(kernel)) {
            return [root, path.get(kernel.len()..).unwrap_or_default()]
                .concat()
                .into();
        }
    }
    path
}

/// How tables spell what they translate.
pub(super) fn key(text: &str) -> String {
    text.trim().to_lowercase()
}
