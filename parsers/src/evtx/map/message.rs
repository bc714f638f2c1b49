//! The sentence for an event, as a mapping file writes it: `Logon of {@user}[ from {@source}]`.
//!
//! `{a|b}` is the first of its slots that has a value: a field, `data.Name` or `user_data.Name` for
//! the record's own values, or one of the composites below. `{slot~text}` is nothing when its value is
//! that text. `{slot:words}` is the word that a table
//! of the file has for its value, `{'text'}` the text itself. What stands in square brackets is left
//! out unless a slot in it has a value.

use std::collections::BTreeMap;

use timeline::Field;

use super::source::WordTable;

/// The parts of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct Message(pub Vec<Piece>);

/// A part of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// The first slot that has a value.
    Value(Vec<Slot>),
    /// Only when a slot in it has a value.
    Optional(Vec<Piece>),
}

/// What is put into a sentence.
#[derive(Debug, PartialEq, Eq)]
pub enum Slot {
    /// A field of the table.
    Field(Field),
    /// A value under the record's own name.
    Own(String),
    /// The word for a value; nothing when there is none.
    Word(Box<Slot>, WordTable),
    /// A value; nothing when it is that text.
    Unless(Box<Slot>, String),
    /// A text, for want of anything better.
    Literal(String),
    /// The acting user, `DOMAIN\name`.
    User,
    /// Where something came from: `ADDRESS (HOST)`.
    Source,
    /// The file, value, share, pipe, service or task.
    Object,
    /// The end of a connection that opened it: `ADDRESS:PORT (HOST)`.
    From,
    /// The end that was connected to.
    To,
    /// Every value of the record under its own name, for events of which no more is known.
    Everything,
}

impl Message {
    /// Reads a sentence.
    pub(crate) fn parse(text: &str, words: &BTreeMap<String, WordTable>) -> Result<Self, String> {
        let mut rest = text;
        let pieces = pieces(&mut rest, false, words)?;
        if rest.is_empty() {
            Ok(Self(pieces))
        } else {
            Err(format!("`{rest}` is left over in a message"))
        }
    }
}

fn pieces(
    rest: &mut &str,
    optional: bool,
    words: &BTreeMap<String, WordTable>,
) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    loop {
        let end = rest.find(['{', '[', ']']).unwrap_or(rest.len());
        let (text, tail) = rest.split_at(end);
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        let mut chars = tail.chars();
        let next = chars.next();
        let after = chars.as_str();
        match next {
            None => {
                *rest = "";
                return if optional {
                    Err("a message lacks a `]`".into())
                } else {
                    Ok(pieces)
                };
            }
            Some(']') if optional => {
                *rest = after;
                return Ok(pieces);
            }
            Some(']') => return Err("a message has a `]` too many".into()),
            Some('[') => {
                *rest = after;
                pieces.push(Piece::Optional(self::pieces(rest, true, words)?));
            }
            Some(_) => {
                let (slots, tail) = after.split_once('}').ok_or("a message lacks a `}`")?;
                let slots = slots.split('|').map(|slot| Slot::parse(slot.trim(), words));
                pieces.push(Piece::Value(slots.collect::<Result<_, _>>()?));
                *rest = tail;
            }
        }
    }
}

impl Slot {
    fn parse(text: &str, words: &BTreeMap<String, WordTable>) -> Result<Self, String> {
        if let Some(literal) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
            return Ok(Self::Literal(literal.to_owned()));
        }
        if let Some((slot, text)) = text.split_once('~') {
            let slot = Self::parse(slot, words)?;
            return Ok(Self::Unless(Box::new(slot), text.to_owned()));
        }
        if let Some((slot, name)) = text.split_once(':') {
            let table = words.get(name);
            let table = table.ok_or_else(|| format!("no words are called `{name}`"))?;
            return Ok(Self::Word(
                Box::new(Self::parse(slot, words)?),
                table.clone(),
            ));
        }
        Ok(match text {
            "@user" => Self::User,
            "@source" => Self::Source,
            "@object" => Self::Object,
            "@from" => Self::From,
            "@to" => Self::To,
            "@data" => Self::Everything,
            _ => {
                if let Some(name) = text.strip_prefix("data.") {
                    // Names with blanks are stored with underscores.
                    let name = format!("winlog.event_data.{}", name.replace(' ', "_"));
                    timeline::fields::by_name(&name).map_or(Self::Own(name), Self::Field)
                } else if text.starts_with("user_data.") {
                    Self::Own(format!("winlog.{text}"))
                } else {
                    let field = timeline::fields::by_name(text);
                    Self::Field(field.ok_or_else(|| format!("`{text}` is in no message's reach"))?)
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use timeline::fields as f;

    use super::*;

    #[test]
    fn sentences_are_read() {
        let message = Message::parse(
            "Logon of {@user}[ from {source.ip|data.Ip}], done",
            &BTreeMap::new(),
        )
        .unwrap();
        assert_eq!(
            message.0,
            [
                Piece::Text("Logon of ".into()),
                Piece::Value(vec![Slot::User]),
                Piece::Optional(vec![
                    Piece::Text(" from ".into()),
                    Piece::Value(vec![
                        Slot::Field(f::SOURCE_IP),
                        Slot::Own("winlog.event_data.Ip".into())
                    ]),
                ]),
                Piece::Text(", done".into()),
            ]
        );
    }

    #[test]
    fn wrong_sentences_are_refused() {
        for text in ["a {x", "a [b", "a ]", "{no.such.field}", "{message:none}"] {
            assert!(Message::parse(text, &BTreeMap::new()).is_err(), "{text}");
        }
    }
}
