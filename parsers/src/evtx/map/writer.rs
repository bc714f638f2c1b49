//! Where a value goes: a field, or several that are made of one text.

use std::borrow::Cow;

use timeline::{Arity, Field, Kind, Ticks, Value, fields as f};

use crate::ecs::{
    HashFields, PathFields, REGISTRY_PATH_FIELDS, Values, address, endpoint, file_name, part,
    put_data, put_hashes, put_path, split_command_line, split_path, url_host,
};

/// What a source may end in: how its text is spread over fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// A path and its parts.
    Path,
    /// A command line, its arguments and their number.
    CommandLine,
    /// Sysmon's list of hashes.
    Hashes,
    /// `DOMAIN\name`.
    Account,
    /// A registry path, in all spellings; with a value's name at its end, or without.
    RegistryPath { names_value: bool },
    /// The data of a registry value as Sysmon renders it.
    RegistryData,
    /// An end of a connection: address or name, and port.
    Endpoint,
    /// A URL, and the host in it.
    Url,
}

impl Writer {
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "path" => Self::Path,
            "command_line" => Self::CommandLine,
            "hashes" => Self::Hashes,
            "account" => Self::Account,
            "registry_key" => Self::RegistryPath { names_value: false },
            "registry_value" => Self::RegistryPath { names_value: true },
            "registry_data" => Self::RegistryData,
            "endpoint" => Self::Endpoint,
            "url" => Self::Url,
            _ => return None,
        })
    }
}

/// A field, or a group of fields that a writer fills.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Field(Field, Kind, Arity),
    Path(PathFields),
    /// An image without the fields of an own path: executable and name.
    Image([Field; 2]),
    CommandLine([Field; 3]),
    Hashes(HashFields),
    /// Domain and name.
    Account([Field; 2]),
    RegistryPath {
        names_value: bool,
    },
    RegistryData,
    /// Address, port and name.
    Endpoint([Field; 3]),
    /// The whole and the host.
    Url([Field; 2]),
}

impl Target {
    /// The target of a name in a mapping file.
    pub(super) fn parse(name: &str, writer: Option<Writer>) -> Result<Self, String> {
        let target = match (writer, name) {
            (None, name) => timeline::fields::by_name(name).and_then(|field| {
                let info = field.info()?;
                Some(Self::Field(field, info.kind, info.arity))
            }),
            (Some(Writer::Path), "process.executable") => Some(Self::Path(PathFields::PROCESS)),
            (Some(Writer::Path), "file.path") => Some(Self::Path(PathFields::FILE)),
            (Some(Writer::Path), "dll.path") => Some(Self::Path(PathFields::DLL)),
            (Some(Writer::Path), "process.parent.executable") => Some(Self::Image([
                f::PROCESS_PARENT_EXECUTABLE,
                f::PROCESS_PARENT_NAME,
            ])),
            (Some(Writer::Path), "Target.process.executable") => Some(Self::Image([
                f::TARGET_PROCESS_EXECUTABLE,
                f::TARGET_PROCESS_NAME,
            ])),
            (Some(Writer::CommandLine), "process.command_line") => Some(Self::CommandLine([
                f::PROCESS_COMMAND_LINE,
                f::PROCESS_ARGS,
                f::PROCESS_ARGS_COUNT,
            ])),
            (Some(Writer::CommandLine), "process.parent.command_line") => {
                Some(Self::CommandLine([
                    f::PROCESS_PARENT_COMMAND_LINE,
                    f::PROCESS_PARENT_ARGS,
                    f::PROCESS_PARENT_ARGS_COUNT,
                ]))
            }
            (Some(Writer::Hashes), "process.hash") => Some(Self::Hashes(HashFields::PROCESS)),
            (Some(Writer::Hashes), "file.hash") => Some(Self::Hashes(HashFields::FILE)),
            (Some(Writer::Hashes), "dll.hash") => Some(Self::Hashes(HashFields::DLL)),
            (Some(Writer::Account), "user") => Some(Self::Account([f::USER_DOMAIN, f::USER_NAME])),
            (Some(Writer::Account), "user.target") => {
                Some(Self::Account([f::USER_TARGET_DOMAIN, f::USER_TARGET_NAME]))
            }
            (Some(Writer::Account), "source.user") => {
                Some(Self::Account([f::SOURCE_USER_DOMAIN, f::SOURCE_USER_NAME]))
            }
            (Some(Writer::RegistryPath { names_value }), "registry.path") => {
                Some(Self::RegistryPath { names_value })
            }
            (Some(Writer::RegistryData), "registry.data") => Some(Self::RegistryData),
            (Some(Writer::Account), "user.effective") => Some(Self::Account([
                f::USER_EFFECTIVE_DOMAIN,
                f::USER_EFFECTIVE_NAME,
            ])),
            (Some(Writer::Endpoint), "source") => Some(Self::Endpoint([
                f::SOURCE_IP,
                f::SOURCE_PORT,
                f::SOURCE_DOMAIN,
            ])),
            (Some(Writer::Endpoint), "destination") => Some(Self::Endpoint([
                f::DESTINATION_IP,
                f::DESTINATION_PORT,
                f::DESTINATION_DOMAIN,
            ])),
            (Some(Writer::Url), "url.full") => Some(Self::Url([f::URL_FULL, f::URL_DOMAIN])),
            _ => None,
        };
        target.ok_or_else(|| match writer {
            None => format!("`{name}` is not in the field table"),
            Some(writer) => format!("{writer:?} cannot fill `{name}`"),
        })
    }

    /// All fields that it fills.
    pub(super) fn fields(self) -> Vec<Field> {
        match self {
            Self::Field(field, ..) => vec![field],
            Self::Path(path) => path.all(),
            Self::Hashes(hashes) => hashes.all().into(),
            Self::Image(fields) | Self::Account(fields) | Self::Url(fields) => fields.into(),
            Self::CommandLine(fields) | Self::Endpoint(fields) => fields.into(),
            Self::RegistryPath { .. } => REGISTRY_PATH_FIELDS.into(),
            Self::RegistryData => vec![f::REGISTRY_DATA_TYPE, f::REGISTRY_DATA_STRINGS],
        }
    }

    /// The field that it is called by, where one of those that it fills says whether it is filled.
    pub(super) fn first_field(self) -> Option<Field> {
        match self {
            Self::Field(field, ..) => Some(field),
            Self::Path(path) => Some(path.path),
            Self::Image([first, _]) | Self::CommandLine([first, ..]) | Self::Url([first, _]) => {
                Some(first)
            }
            Self::Account([_, name]) => Some(name),
            Self::RegistryPath { .. } => Some(f::REGISTRY_PATH),
            Self::Hashes(_) | Self::RegistryData | Self::Endpoint(_) => None,
        }
    }

    /// Puts a text. A field with one value keeps its first.
    pub(super) fn put<'a>(self, text: Cow<'a, str>, values: &mut Values<'a>) {
        if self
            .first_field()
            .is_some_and(|field| self.is_single() && values.has(field))
        {
            return;
        }
        match self {
            Self::Field(field, kind, _) => put_field(field, kind, text, values),
            Self::Path(to) => split_path(values, text, to),
            Self::Image([executable, name]) => {
                let start = text.len() - file_name(&text).len();
                let end = text.len();
                values.put(name, part(&text, start..end));
                values.put(executable, text);
            }
            Self::CommandLine([line, arguments, count]) => {
                let split = split_command_line(&text);
                values.put_some(count, i64::try_from(split.len()).ok());
                values.put(line, text);
                values.put_all(arguments, split);
            }
            Self::Hashes(to) => put_hashes(values, &text, to),
            Self::Account([domain, name]) => {
                // Exactly one backslash, else it is no account of a domain.
                let Some(at) = text.find('\\') else { return };
                if text.rfind('\\') == Some(at) {
                    let end = text.len();
                    values.put(name, part(&text, at + 1..end));
                    values.put(domain, part(&text, 0..at));
                }
            }
            Self::RegistryPath { names_value } => put_path(values, text, names_value),
            Self::RegistryData => put_data(values, text),
            Self::Endpoint([ip, port, name]) => {
                let end = endpoint(&text);
                put_first(values, ip, end.ip);
                put_first(values, port, end.port);
                put_first(values, name, end.name);
            }
            Self::Url([whole, host]) => {
                let name = url_host(&text).map(|name| endpoint(&name.to_owned().into()));
                let name = name.and_then(|end| end.name.map(Cow::into_owned).or(end.ip));
                values.put_some(host, name);
                values.put(whole, text);
            }
        }
    }

    /// Whether it keeps one value.
    pub(super) fn is_single(self) -> bool {
        !matches!(self, Self::Field(_, _, Arity::Many))
    }
}

fn put_first<'a>(values: &mut Values<'a>, field: Field, value: Option<impl Into<Value<'a>>>) {
    if !values.has(field) {
        values.put_some(field, value);
    }
}

/// Puts a text as what the field holds; nothing when it is not that.
pub(super) fn put_field<'a>(field: Field, kind: Kind, text: Cow<'a, str>, values: &mut Values<'a>) {
    match kind {
        Kind::Keyword => values.put(field, text),
        Kind::Integer => values.put_some(field, number(&text)),
        Kind::Boolean => values.put_some(field, truth(&text)),
        Kind::Ip => values.put_some(field, address(&text)),
        Kind::Date => values.put_some(field, Ticks::parse(&text)),
        Kind::Double => {}
    }
}

/// A number as records write it: decimal, or `0x1a4`.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

pub(crate) fn truth(text: &str) -> Option<bool> {
    text.trim().to_ascii_lowercase().parse().ok()
}
