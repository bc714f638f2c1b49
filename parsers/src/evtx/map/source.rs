//! Where a value comes from: `Name | Other -> before(@) -> lower`.
//!
//! Alternatives are tried in their order; the first that says anything counts. `Name` is a value of
//! EventData, `user_data.Name` one of UserData, `error_data.Name` one of a record that could not be
//! rendered, `system.user` the SID of the record's Security element, `system.pid` the process that
//! wrote the record, `system.channel` its channel, `'text'` the text itself.
//!
//! What follows an arrow makes something of the text ([`Transform`]), makes several of it
//! ([`Spread`]; what follows is done to each), or, at the end, spreads it over several fields
//! ([`Writer`]).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::writer::{Writer, number};
use crate::ecs::{
    address, drive_form, from_hex, part, program, service_key, socket_address, url_host,
};
use crate::evtx::record::LogRecord;

/// A table from words of the record to ours, in lower case.
pub(super) type WordTable = Arc<BTreeMap<String, String>>;

/// Where a value comes from.
#[derive(Debug)]
pub(super) struct Source {
    alternatives: Vec<Origin>,
    transforms: Vec<Transform>,
    /// How the text becomes several, and what is made of each.
    spread: Option<(Spread, Vec<Transform>)>,
}

/// One place in a record.
#[derive(Debug)]
pub(super) enum Origin {
    EventData(String),
    UserData(String),
    ErrorData(String),
    UserSid,
    ProcessId,
    Channel,
    Literal(String),
}

/// What is made of a text.
#[derive(Debug)]
enum Transform {
    Lower,
    /// What stands before the first of a character; the whole when there is none.
    Before(char),
    /// What stands before the first of a text; the whole when it is not there.
    Until(String),
    /// What stands after the last of a character; the whole when there is none.
    After(char),
    /// Without blanks and line ends around it.
    Trim,
    /// Without these characters at its beginning.
    TrimStart(String),
    /// Without these characters at its end.
    TrimEnd(String),
    /// What follows the first of a text; the whole when it is not there.
    Past(String),
    /// The part of that number, from 0, between characters; nothing when there is none.
    Nth(char, usize),
    /// Nothing unless the character is in it.
    Has(char),
    /// Nothing when the character is in it.
    Lacks(char),
    /// Nothing when it is an address.
    Named,
    /// Nothing unless it is a SID.
    Sid,
    /// A number in hexadecimal: `0x1c43a3cb`.
    Hex,
    /// UTF-16 in hexadecimal, as text up to its end.
    WideText,
    /// Without this at its beginning, if it is there.
    Strip(String),
    /// With this before it.
    Prefix(String),
    /// The value of a line `Key=Value` or `Key = Value`, up to the next such line.
    Setting(String),
    /// The value of an attribute in a distinguished name: `O=ACME, L=X` has `ACME` as `O`.
    Attribute(String),
    /// A path that begins with a variable (`%OSDRIVE%\x`), which a table has a value for.
    Expand(WordTable),
    /// The program that a command line starts: what is quoted, else up to `.exe`.
    Program,
    /// The path that joins compare of the program of a service.
    ServiceKey,
    /// A device path with the letter of its drive, where that is known.
    Drive,
    /// The host of a URL, with its port.
    UrlHost,
    /// A `SOCKADDR` in hexadecimal, as an address with a port.
    SocketAddress,
    /// The word for it; nothing when the table has none.
    Map(WordTable),
    /// The word for it, or itself.
    Name(WordTable),
    /// Nothing when it is one of these.
    Unless(Vec<String>),
    /// A key as the kernel names it, with the root that people know.
    RegistryRoot,
}

/// Parts of one text that become values of their own.
const MOST_PARTS: usize = 1024;

/// How a text becomes several.
#[derive(Debug)]
enum Spread {
    /// Its words.
    Words,
    /// What stands between characters.
    Split(char),
    /// The words for the bits that a number has, lowest first.
    Flags(Vec<(u64, String)>),
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
            spread: None,
        };
        let mut writer = None;
        for part in parts {
            if writer.is_some() {
                return Err(format!("`{part}` follows what ends a source"));
            }
            writer = Writer::by_name(part);
            if writer.is_some() {
                continue;
            }
            match (Spread::parse(part, words)?, &mut source.spread) {
                (Some(_), Some(_)) => return Err(format!("`{part}` spreads what is spread")),
                (Some(spread), none) => *none = Some((spread, Vec::new())),
                (None, Some((_, each))) => each.push(Transform::parse(part, words)?),
                (None, None) => source.transforms.push(Transform::parse(part, words)?),
            }
        }
        Ok((source, writer))
    }

    /// Calls `put` with each value that a record has, if it says anything.
    pub(super) fn each<'a>(&'a self, record: &LogRecord<'a>, mut put: impl FnMut(Cow<'a, str>)) {
        let first = self
            .alternatives
            .iter()
            .find_map(|origin| origin.read(record));
        let Some(text) = first.and_then(|text| apply(&self.transforms, text)) else {
            return;
        };
        match &self.spread {
            None => put(text),
            Some((spread, each)) => spread.each(text, |text| {
                if let Some(text) = apply(each, text) {
                    put(text);
                }
            }),
        }
    }

    /// Whether it reads that value of EventData and nothing else.
    pub(super) fn reads(&self, name: &str) -> bool {
        matches!(self.alternatives.as_slice(), [Origin::EventData(own)] if own == name)
    }

    /// All words that it can give, where it ends in a table of them or copies none but its own; nothing where
    /// the record decides.
    pub(super) fn words(&self) -> Option<Vec<&str>> {
        let own = |origin: &'_ Origin| matches!(origin, Origin::Literal(_));
        match (self.transforms.last(), &self.spread) {
            (Some(Transform::Map(table)), None) => {
                Some(table.values().map(String::as_str).collect())
            }
            (None, None) if self.alternatives.iter().all(own) => {
                let texts = self.alternatives.iter().filter_map(|origin| match origin {
                    Origin::Literal(text) => Some(text.as_str()),
                    _ => None,
                });
                Some(texts.collect())
            }
            _ => None,
        }
    }

    /// Whether it can give several values.
    pub(super) fn is_list(&self) -> bool {
        self.spread.is_some()
    }
}

fn apply<'a>(transforms: &'a [Transform], text: Cow<'a, str>) -> Option<Cow<'a, str>> {
    let text = transforms
        .iter()
        .try_fold(text, |text, transform| transform.apply(text))?;
    (!text.is_empty()).then_some(text)
}

impl Spread {
    fn parse(text: &str, words: &BTreeMap<String, WordTable>) -> Result<Option<Self>, String> {
        let (name, argument) = call(text)?;
        Ok(Some(match name {
            "words" => Self::Words,
            "split" => Self::Split(character(text, argument)?),
            "flags" => {
                let table = words.get(argument);
                let table = table.ok_or_else(|| format!("no words are called `{argument}`"))?;
                let flag = |(bit, word): (&String, &String)| {
                    let bit = number(bit).ok_or_else(|| format!("`{bit}` is no number"))?;
                    Ok((bit.cast_unsigned(), word.clone()))
                };
                let mut flags = table.iter().map(flag).collect::<Result<Vec<_>, String>>()?;
                flags.sort();
                Self::Flags(flags)
            }
            _ => return Ok(None),
        }))
    }

    fn each<'a>(&'a self, text: Cow<'a, str>, mut put: impl FnMut(Cow<'a, str>)) {
        if let Self::Flags(flags) = self {
            let number = number(&text).unwrap_or_default().cast_unsigned();
            let set = flags.iter().filter(|(bit, _)| number & bit != 0);
            return set.for_each(|(_, word)| put(Cow::Borrowed(word)));
        }
        match text {
            Cow::Borrowed(text) => self.parts(text, |part| put(Cow::Borrowed(part))),
            Cow::Owned(text) => self.parts(&text, |part| put(Cow::Owned(part.to_owned()))),
        }
    }
}

impl Spread {
    /// The parts that a text is cut into; the whole, when they are more than genuine texts have.
    fn parts<'t>(&self, text: &'t str, mut put: impl FnMut(&'t str)) {
        let too_many = match self {
            Self::Words => text.split_whitespace().nth(MOST_PARTS).is_some(),
            Self::Split(char) => text.split(*char).nth(MOST_PARTS).is_some(),
            Self::Flags(_) => false,
        };
        match self {
            _ if too_many => put(text),
            Self::Words => text.split_whitespace().for_each(put),
            Self::Split(char) => text.split(*char).map(str::trim).for_each(put),
            Self::Flags(_) => {}
        }
    }
}

/// A name and what stands in brackets behind it.
fn call(text: &str) -> Result<(&str, &str), String> {
    match text.split_once('(') {
        Some((name, rest)) => {
            let argument = rest
                .strip_suffix(')')
                .ok_or_else(|| format!("`{text}` lacks its closing bracket"))?;
            Ok((name, argument))
        }
        None => Ok((text, "")),
    }
}

fn character(text: &str, argument: &str) -> Result<char, String> {
    let mut chars = argument.chars();
    chars
        .next()
        .filter(|_| chars.next().is_none())
        .ok_or_else(|| format!("`{text}`: one character is expected"))
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
            "system.channel" => Ok(Self::Channel),
            _ => Ok(if let Some(name) = text.strip_prefix("user_data.") {
                Self::UserData(name.to_owned())
            } else if let Some(name) = text.strip_prefix("error_data.") {
                Self::ErrorData(name.to_owned())
            } else {
                Self::EventData(text.to_owned())
            }),
        }
    }

    pub(super) fn read<'a>(&'a self, record: &LogRecord<'a>) -> Option<Cow<'a, str>> {
        match self {
            Self::EventData(name) => record.get(name).map(Cow::Borrowed),
            Self::UserData(name) => record.user_data(name).map(Cow::Borrowed),
            Self::ErrorData(name) => record.error_data(name).map(Cow::Borrowed),
            Self::UserSid => Some(Cow::Borrowed(record.user_sid)).filter(|sid| !sid.is_empty()),
            Self::ProcessId => record.process_id.map(|pid| Cow::Owned(pid.to_string())),
            Self::Channel => Some(Cow::Borrowed(record.channel)),
            Self::Literal(text) => Some(Cow::Borrowed(text)),
        }
    }
}

impl Transform {
    fn parse(text: &str, words: &BTreeMap<String, WordTable>) -> Result<Self, String> {
        let (name, argument) = call(text)?;
        let char = || character(text, argument);
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
            "trim" => Self::Trim,
            "trim_start" => Self::TrimStart(argument.to_owned()),
            "strip" => Self::Strip(argument.to_owned()),
            "past" => Self::Past(argument.to_owned()),
            "nth" => {
                let (between, place) = argument
                    .split_once(',')
                    .ok_or_else(|| format!("`{text}`: a character and a place are expected"))?;
                let place = place.trim().parse();
                Self::Nth(
                    character(text, between)?,
                    place.map_err(|error| format!("`{text}`: {error}"))?,
                )
            }
            "until" => Self::Until(argument.to_owned()),
            "trim_end" => Self::TrimEnd(argument.to_owned()),
            "named" => Self::Named,
            "sid" => Self::Sid,
            "wide_text" => Self::WideText,
            "has" => Self::Has(char()?),
            "lacks" => Self::Lacks(char()?),
            "hex" => Self::Hex,
            "prefix" => Self::Prefix(argument.to_owned()),
            "setting" => Self::Setting(argument.to_owned()),
            "attribute" => Self::Attribute(argument.to_owned()),
            "expand" => Self::Expand(table()?),
            "program" => Self::Program,
            "service_key" => Self::ServiceKey,
            "drive" => Self::Drive,
            "url_host" => Self::UrlHost,
            "socket_address" => Self::SocketAddress,
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
            Self::Trim => {
                let start = text.len() - text.trim_start().len();
                let end = text.trim_end().len();
                part(&text, start..end.max(start))
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
            Self::Until(word) => {
                let end = text.find(word.as_str()).unwrap_or(text.len());
                part(&text, 0..end)
            }
            Self::TrimEnd(chars) => {
                let end = text.trim_end_matches(|c| chars.contains(c)).len();
                part(&text, 0..end)
            }
            Self::Named => return address(&text).is_none().then_some(text),
            Self::Sid => return text.starts_with("S-1-").then_some(text),
            Self::WideText => wide_text(&text).into(),
            Self::Past(word) => {
                let start = text.find(word.as_str()).map_or(0, |at| at + word.len());
                let end = text.len();
                part(&text, start..end)
            }
            Self::Nth(char, place) => {
                let mut start = 0;
                for _ in 0..*place {
                    start += text.get(start..)?.find(*char)? + char.len_utf8();
                }
                let rest = text.get(start..)?;
                let end = start + rest.find(*char).unwrap_or(rest.len());
                part(&text, start..end)
            }
            Self::Has(char) => return text.contains(*char).then_some(text),
            Self::Lacks(char) => return (!text.contains(*char)).then_some(text),
            Self::Hex => format!("{:#x}", number(&text)?).into(),
            Self::Prefix(prefix) => [prefix.as_str(), &text].concat().into(),
            Self::Setting(key) => setting(&text, key)?,
            Self::Attribute(name) => attribute(&text, name)?.to_owned().into(),
            Self::Expand(table) => expand(&text, table).map_or(text, Cow::Owned),
            Self::Program => {
                let inner = program(&text);
                let start = text.find(inner).unwrap_or_default();
                part(&text, start..start + inner.len())
            }
            Self::ServiceKey => service_key(&text).into(),
            Self::Drive => drive_form(&text)?.into(),
            Self::UrlHost => url_host(&text)?.to_owned().into(),
            Self::SocketAddress => socket_address(&text)?.into(),
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

/// The value of a key in lines of `Key=Value`. A value goes on up to the next line that begins like
/// one: with letters and blanks, and an equals sign.
pub(super) fn setting<'a>(text: &Cow<'a, str>, key: &str) -> Option<Cow<'a, str>> {
    let starts = |line: &str| {
        let (name, _) = line.split_once('=')?;
        let name = name.trim();
        let is_name = |c: char| c.is_ascii_alphabetic() || c == ' ';
        (!name.is_empty() && name.len() < 32 && name.chars().all(is_name)).then_some(name.len())
    };
    let mut place = 0_usize;
    let mut value: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let own = line.split_once('=').filter(|_| starts(line).is_some());
        match (own, &mut value) {
            (Some(_), Some(_)) => break,
            (Some((name, rest)), None) if name.trim() == key => {
                let end = place.saturating_add(line.len());
                value = Some((end.saturating_sub(rest.len()), end));
            }
            (None, Some((_, end))) => *end = place.saturating_add(line.len()),
            _ => {}
        }
        place = place.saturating_add(line.len());
    }
    let (start, end) = value?;
    let found = text.get(start..end)?;
    let leading = found.len().saturating_sub(found.trim_start().len());
    let length = found.trim().len();
    (length > 0).then(|| {
        let start = start.saturating_add(leading);
        part(text, start..start.saturating_add(length))
    })
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

/// Bytes of a payload that are read as text.
const LONGEST_TEXT: usize = 4096;

fn wide_text(hex: &str) -> String {
    let bytes = from_hex(hex, LONGEST_TEXT);
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    let text: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
    String::from_utf16_lossy(&text)
}

/// The value of an attribute of a distinguished name.
fn attribute<'t>(name: &'t str, wanted: &str) -> Option<&'t str> {
    let mut parts = name.split(',').map(str::trim);
    parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.eq_ignore_ascii_case(wanted).then_some(value)
    })
}

/// A path whose first folder is a variable that the table knows.
fn expand(path: &str, table: &WordTable) -> Option<String> {
    let (name, rest) = path.strip_prefix('%')?.split_once('%')?;
    let value = table.get(&key(name))?;
    Some([value.as_str(), rest].concat())
}

/// How tables spell what they translate.
pub(super) fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_on_over_lines() {
        let text = "\tNewEngineState=Available\r\n\r\n\tHostApplication=a.exe -c $x = 1\r\nGet-Item\r\n\tHostId=7\r\n\tCommandLine=";
        for (key, value) in [
            ("NewEngineState", Some("Available")),
            ("HostApplication", Some("a.exe -c $x = 1\r\nGet-Item")),
            ("HostId", Some("7")),
            ("CommandLine", None),
            ("Engine", None),
        ] {
            assert_eq!(setting(&text.into(), key).as_deref(), value, "{key}");
        }
        assert_eq!(
            setting(&"  Host ID = 9\n  User = A\\b".into(), "Host ID").as_deref(),
            Some("9")
        );
    }
    use crate::evtx::read::Section;
    use crate::evtx::record::Datum;

    /// What a source makes of a value called `A`.
    #[track_caller]
    fn check(source: &str, value: &str, expected: &[&str]) {
        let table = |pairs: &[(&str, &str)]| -> WordTable {
            let pairs = pairs.iter();
            Arc::new(
                pairs
                    .map(|(word, ours)| (key(word), (*ours).to_owned()))
                    .collect(),
            )
        };
        let words = BTreeMap::from([
            (
                "bits".to_owned(),
                table(&[("0x10", "high"), ("0x1", "low"), ("2", "two")]),
            ),
            ("variables".to_owned(), table(&[("OSDRIVE", "C:")])),
        ]);
        let data = [Datum {
            section: Section::EventData,
            name: "A",
            value,
        }];
        let record = LogRecord {
            data: &data,
            ..LogRecord::default()
        };
        let (source, writer) = Source::parse(source, &words).unwrap();
        assert_eq!(writer, None);
        let mut actual = Vec::new();
        source.each(&record, |text| actual.push(text.into_owned()));
        assert_eq!(actual, expected, "{value}");
    }

    #[test]
    fn texts_are_cut() {
        check("A -> past(:_)", r"file:_C:\x:_y", &[r"C:\x:_y"]);
        check("A -> past(:_)", "x", &["x"]);
        check("A -> nth(/,1) -> before(:)", "cifs/srv02:445/x", &["srv02"]);
        check("A -> nth(/,1)", "srv02", &[]);
        check("A -> until(, clientIP)", "a b, clientIP: c", &["a b"]);
        check("A -> until(x)", "ab", &["ab"]);
        check("A -> trim", " \texample\r\n", &["example"]);
        check("A -> trim", " \n ", &[]);
        check("A -> trim_end(.)", "example.com.", &["example.com"]);
        check("A -> named", "192.0.2.7", &[]);
        check("A -> named", "srv02", &["srv02"]);
        check("A -> sid", "S-1-5-18", &["S-1-5-18"]);
        check("A -> sid", "SYSTEM", &[]);
        check("A -> wide_text", "68007400740070000000FFFF", &["http"]);
        check("A -> wide_text", "-", &[]);
        check("A -> has(/)", "a/b", &["a/b"]);
        check("A -> has(/)", "ab", &[]);
        check("A -> lacks(/)", "a/b", &[]);
        check("A -> hex", "474190795", &["0x1c4393cb"]);
        check("A -> prefix(SHA256=)", "AB", &["SHA256=AB"]);
        check("A -> attribute(o)", "O=ACME, L=Here, C=XX", &["ACME"]);
        check("A -> attribute(CN)", "O=ACME", &[]);
    }

    #[test]
    fn paths_are_completed() {
        check("A -> expand(variables)", r"%OSDRIVE%\x", &[r"C:\x"]);
        check("A -> expand(variables)", r"%HOT%\x", &[r"%HOT%\x"]);
        check("A -> expand(variables)", r"C:\x", &[r"C:\x"]);
        check(
            "A -> drive",
            r"\Device\HarddiskVolume2\Windows\x.exe",
            &[r"C:\Windows\x.exe"],
        );
    }

    #[test]
    fn programs_of_command_lines() {
        for (line, expected) in [
            (r#""C:\a b\c.exe" -x"#, r"C:\a b\c.exe"),
            (r"C:\a b\c.exe -x d.exe", r"C:\a b\c.exe"),
            (r"C:\a.exe.d\c.exe", r"C:\a.exe.d\c.exe"),
            (r"%COMSPEC% /C echo x > y", "%COMSPEC%"),
            (r"\SystemRoot\x.sys", r"\SystemRoot\x.sys"),
            ("x", "x"),
        ] {
            check("A -> program", line, &[expected]);
        }
    }

    #[test]
    fn lists_are_spread() {
        check(
            "A -> words -> strip(%%)",
            "%%1537\r\n\t\t%%1538 ",
            &["1537", "1538"],
        );
        check("A -> split(,)", "%%8449, %%8451", &["%%8449", "%%8451"]);
        check("A -> lower -> words", "A B", &["a", "b"]);
        let endless = "a ".repeat(MOST_PARTS + 1);
        check("A -> words", &endless, &[&endless]);
        check("A -> flags(bits)", "0x13", &["low", "two", "high"]);
        check("A -> flags(bits)", "4", &[]);
        check("A -> flags(bits)", "none", &[]);
    }

    #[test]
    fn wrong_sources_are_refused() {
        for source in [
            "A -> words -> words",
            "A -> flags(none)",
            "A -> nth(/)",
            "A -> nth(/,x)",
            "A -> before(ab)",
            "A -> past(x",
            "",
        ] {
            assert!(Source::parse(source, &BTreeMap::new()).is_err(), "{source}");
        }
    }
}
