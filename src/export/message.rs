//! One plain sentence for an event, key facts first: the mapping files have them
//! (`parsers/mappings/`), this fills them in.

use std::borrow::Cow;
use std::fmt::Write;

use parsers::evtx::{Message, Piece, Slot};
use timeline::{Field, Reader, fields as f};

use super::line::{object, user};

/// The sentence. Line breaks in it are made visible by whoever prints it.
pub(crate) fn message(reader: &Reader<'_>, row: u32) -> String {
    let event = Event { reader, row };
    let residue = [parsers::regf::PROVIDER, parsers::task::PROVIDER];
    let provider = event.text(f::EVENT_PROVIDER);
    let is_state = || event.text(f::EVENT_KIND) == "state";
    let known = if residue.contains(&provider) {
        parsers::regf::message(event.text(f::EVENT_ACTION), is_state())
    } else if parsers::ntfs::PROVIDERS.contains(&provider) {
        parsers::ntfs::message(event.text(f::EVENT_ACTION), is_state())
    } else {
        parsers::evtx::message(
            event.text(f::EVENT_PROVIDER),
            event.text(f::WINLOG_CHANNEL),
            event.text(f::EVENT_CODE),
        )
    };
    known.map_or_else(
        || event.whatever_it_says(),
        |Message(pieces)| event.fill(pieces).text,
    )
}

struct Event<'a> {
    reader: &'a Reader<'a>,
    row: u32,
}

/// A sentence, or a part of one, filled in.
#[derive(Default)]
struct Filled {
    text: String,
    /// Whether any slot had a value.
    says_something: bool,
}

impl<'a> Event<'a> {
    fn fill(&self, pieces: &[Piece]) -> Filled {
        let mut filled = Filled::default();
        for piece in pieces {
            match piece {
                Piece::Text(text) => filled.text.push_str(text),
                Piece::Value(slots) => {
                    if let Some(value) = slots.iter().find_map(|slot| self.slot(slot)) {
                        filled.text.push_str(value.trim());
                        filled.says_something = true;
                    }
                }
                Piece::Optional(pieces) => {
                    let part = self.fill(pieces);
                    if part.says_something {
                        filled.text.push_str(&part.text);
                        filled.says_something = true;
                    }
                }
            }
        }
        filled
    }

    fn slot<'s>(&'s self, slot: &'s Slot) -> Option<Cow<'s, str>> {
        let value = match slot {
            Slot::Field(field) => Cow::Owned(self.values(*field)),
            Slot::Own(name) => Cow::Borrowed(self.reader.own_text(name, self.row)?),
            Slot::Word(slot, words) => {
                let value = self.slot(slot)?;
                Cow::Borrowed(words.get(&value.to_lowercase())?.as_str())
            }
            Slot::Unless(slot, text) => self.slot(slot).filter(|value| value != text)?,
            Slot::Literal(text) => Cow::Borrowed(text.as_str()),
            Slot::User => user(self.reader, self.row),
            Slot::Source => Cow::Owned(self.source()),
            Slot::Object => Cow::Borrowed(object(self.reader, self.row)),
            Slot::From => Cow::Owned(self.end(f::SOURCE_IP, f::SOURCE_PORT, f::SOURCE_DOMAIN)),
            Slot::Everything => Cow::Owned(self.everything()),
            Slot::To => Cow::Owned(self.end(
                f::DESTINATION_IP,
                f::DESTINATION_PORT,
                f::DESTINATION_DOMAIN,
            )),
        };
        (!value.is_empty()).then_some(value)
    }

    /// All values of a field; of an action, type or direction the first: the others are aliases.
    fn values(&self, field: Field) -> String {
        let aliases = [
            f::REGISTRY_PATH,
            f::EVENT_ACTION,
            f::NETWORK_DIRECTION,
            f::FILE_CODE_SIGNATURE_STATUS,
            f::DLL_CODE_SIGNATURE_STATUS,
        ];
        let mut values = self
            .reader
            .all(field, self.row)
            .map(|value| value.to_string());
        if aliases.contains(&field) {
            return values.next().unwrap_or_default();
        }
        values.collect::<Vec<_>>().join(", ")
    }

    fn text(&self, field: Field) -> &'a str {
        self.reader.text(field, self.row).unwrap_or_default()
    }

    /// `ADDRESS (HOST)`.
    fn source(&self) -> String {
        let (ip, host) = (self.text(f::SOURCE_IP), self.text(f::SOURCE_DOMAIN));
        match (ip.is_empty(), host.is_empty()) {
            (true, _) => host.to_owned(),
            (false, true) => ip.to_owned(),
            (false, false) => format!("{ip} ({host})"),
        }
    }

    /// `ADDRESS:PORT (HOST)`, as far as it is known.
    fn end(&self, ip: Field, port: Field, host: Field) -> String {
        let (ip, port, host) = (self.text(ip), self.values(port), self.text(host));
        let address = match (ip.is_empty(), port.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("port {port}"),
            (false, true) => ip.to_owned(),
            (false, false) if ip.contains(':') => format!("[{ip}]:{port}"),
            (false, false) => format!("{ip}:{port}"),
        };
        match (address.is_empty(), host.is_empty()) {
            (_, true) => address,
            (true, false) => host.to_owned(),
            (false, false) if ip.is_empty() => format!("{host}:{port}"),
            (false, false) => format!("{address} ({host})"),
        }
    }

    /// Provider, id and every value of the record, for events without a sentence of their own.
    fn whatever_it_says(&self) -> String {
        let (provider, code) = (self.text(f::EVENT_PROVIDER), self.text(f::EVENT_CODE));
        let everything = self.everything();
        if everything.is_empty() {
            format!("{provider} event {code}")
        } else {
            format!("{provider} event {code}: {everything}")
        }
    }

    fn everything(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.reader.own(self.row) {
            let name = name.split_once("_data.").map_or(name, |(_, name)| name);
            let separator = if text.is_empty() { "" } else { "; " };
            let _ = write!(text, "{separator}{name}={value}");
        }
        text
    }
}
