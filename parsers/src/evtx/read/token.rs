//! BinXML tokens ([MS-EVEN6] §2.2.12; libyal, "Binary XML").

use super::cursor::Cursor;
use super::extent::Extent;
use super::fault::{Fault, FaultKind};
use super::instance::Instance;
use super::{sid, value_type};
use crate::le;

/// Ends a stream.
pub(super) const END: u8 = 0x00;
/// Stands before a template instance.
pub(super) const INSTANCE: u8 = 0x0c;
/// Stands before a fragment header: versions and flags, three bytes that never mattered.
pub(super) const FRAGMENT: u8 = 0x0f;
/// Bytes of a fragment header after its token.
const FRAGMENT_SIZE: usize = 3;
/// Marks a token with more of its kind to come, or an element with attributes.
const MORE: u8 = 0x40;
/// Bytes that hardly a name exceeds.
const USUAL_NAME: usize = 256;
/// Stands for "this element does not depend on a substitution".
const INDEPENDENT: u16 = 0xffff;

/// One token. Names and texts are places in the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `<name`. The element is left out when the substitution it depends on is absent.
    OpenElement {
        name: usize,
        depends_on: Option<u16>,
    },
    /// `name=` of an attribute.
    Attribute { name: usize },
    /// `>` of a start tag.
    CloseStart,
    /// `/>`.
    CloseEmpty,
    /// `</name>`.
    CloseElement,
    /// Text or another value, also a CDATA section.
    Literal(Extent),
    /// `&#code;`.
    Character(u16),
    /// `&name;`.
    Entity { name: usize },
    /// A placeholder for a value of the instance. There are two tokens for it, and the optional one
    /// says that an absent value leaves nothing behind; but no absent value does.
    Substitution(u16),
    /// A template instance inside of elements, from its first byte after the token.
    Instance { at: usize },
}

/// Which of the two forms of BinXML a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A template definition: elements name the substitution they depend on, and there are no
    /// instances in it.
    Definition,
    /// The content of a record, or a fragment in a value: they do not.
    Content,
}

/// Reads tokens one after the other.
#[derive(Debug)]
pub(super) struct Tokens<'c> {
    pub(super) cursor: Cursor<'c>,
    pub(super) form: Form,
}

impl Tokens<'_> {
    /// The next token, or nothing at the end of the stream.
    #[expect(
        clippy::inline_always,
        reason = "entering and leaving it costs as much as what it does"
    )]
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<Option<Token>, Fault> {
        loop {
            let at = self.cursor.position();
            if self.cursor.remaining() == 0 {
                return Ok(None);
            }
            let byte = self.cursor.u8()?;
            let token = match byte & !MORE {
                END => return Ok(None),
                0x01 => self.open_element(byte & MORE != 0)?,
                0x02 => Token::CloseStart,
                0x03 => Token::CloseEmpty,
                0x04 => Token::CloseElement,
                0x05 => Token::Literal(self.literal()?),
                0x06 => Token::Attribute { name: self.name()? },
                0x07 => Token::Literal(self.text()?),
                0x08 => Token::Character(self.cursor.u16()?),
                0x09 => Token::Entity { name: self.name()? },
                0x0a => {
                    self.name()?;
                    continue;
                }
                0x0b => {
                    self.text()?;
                    continue;
                }
                INSTANCE if self.form == Form::Content => self.instance()?,
                0x0d | 0x0e => self.substitution()?,
                FRAGMENT => {
                    self.cursor.take(FRAGMENT_SIZE)?;
                    continue;
                }
                _ => return Err(Fault::new(FaultKind::Token, at, byte.into())),
            };
            return Ok(Some(token));
        }
    }

    /// Sizes of elements and of attribute lists are passed over: the tokens themselves say where
    /// things end, and the sizes are wrong in some logs.
    fn open_element(&mut self, attributes: bool) -> Result<Token, Fault> {
        let depends_on = match self.form {
            Form::Definition => Some(self.cursor.u16()?).filter(|index| *index != INDEPENDENT),
            Form::Content => None,
        };
        self.cursor.u32()?;
        let name = self.name()?;
        if attributes {
            self.cursor.u32()?;
        }
        Ok(Token::OpenElement { name, depends_on })
    }

    /// A name is a place in the chunk. Its first user holds the name itself, right here.
    fn name(&mut self) -> Result<usize, Fault> {
        let name = self.cursor.offset()?;
        if name == self.cursor.position() {
            take_name(&mut self.cursor)?;
        }
        Ok(name)
    }

    /// Text after its number of characters.
    fn text(&mut self) -> Result<Extent, Fault> {
        let at = self.cursor.position();
        let characters = self.cursor.u16()?;
        let size = characters.checked_mul(2).ok_or_else(|| {
            let missing = usize::from(characters);
            Fault::new(FaultKind::Truncated, at, missing)
        })?;
        Extent::take(&mut self.cursor, value_type::UTF16, size)
    }

    fn literal(&mut self) -> Result<Extent, Fault> {
        let at = self.cursor.position();
        let value_type = self.cursor.u8()?;
        let size = match (value_type, value_type::fixed_size(value_type)) {
            (_, Some(size)) => size,
            (value_type::NULL, _) => 0,
            (value_type::UTF16, _) => return self.text(),
            (value_type::ANSI | value_type::BINARY | value_type::BINXML, _) => self.cursor.u16()?,
            (value_type::SID, _) => {
                let mut ahead = self.cursor;
                let rest = ahead.take(ahead.remaining())?;
                let sid = sid::split(rest).map(|(sid, _)| sid.len());
                sid.and_then(|size| size.try_into().ok()).unwrap_or(0)
            }
            _ => return Err(Fault::new(FaultKind::Literal, at, value_type.into())),
        };
        Extent::take(&mut self.cursor, value_type, size)
    }

    fn substitution(&mut self) -> Result<Token, Fault> {
        let index = self.cursor.u16()?;
        // The type that the template expects. The instance says what it has, and that counts.
        self.cursor.u8()?;
        Ok(Token::Substitution(index))
    }

    fn instance(&mut self) -> Result<Token, Fault> {
        let at = self.cursor.position();
        Instance::read(&mut self.cursor, &mut Vec::new())?;
        Ok(Token::Instance { at })
    }
}

/// Whether there is a name at a place of the chunk, by the hash that stands before it (libyal, "Name":
/// each character adds to the last value times 65,599; the lower 16 bits count).
pub(super) fn is_name(chunk: &[u8], at: usize) -> bool {
    let mut cursor = Cursor::new(chunk, at, chunk.len());
    let stored = cursor.u32().and_then(|_| cursor.u16());
    let mut cursor = Cursor::new(chunk, at, chunk.len());
    let (Ok(stored), Ok(name)) = (stored, take_name(&mut cursor)) else {
        return false;
    };
    // What is no name mostly claims to be a long one: its NUL is looked for before all of it is read.
    let end = cursor.position().saturating_sub(2);
    if name.len() > USUAL_NAME && le::u16(chunk, end) != Some(0) {
        return false;
    }
    let (characters, _) = name.as_chunks::<2>();
    let computed = characters.iter().fold(0_u32, |hash, character| {
        hash.wrapping_mul(65_599)
            .wrapping_add(u16::from_le_bytes(*character).into())
    });
    computed & 0xffff == u32::from(stored)
}

/// A name as the string table keeps it: link to the next, hash, number of characters, characters
/// and a NUL. Gives the characters.
pub(super) fn take_name<'c>(cursor: &mut Cursor<'c>) -> Result<&'c [u8], Fault> {
    cursor.u32()?;
    cursor.u16()?;
    let characters = usize::from(cursor.u16()?);
    let name = cursor.take(characters.saturating_mul(2))?;
    cursor.u16()?;
    Ok(name)
}
