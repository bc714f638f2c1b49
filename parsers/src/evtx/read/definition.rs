//! Template definitions: link to the next, GUID, size, and a BinXML fragment with substitutions.

use super::cursor::Cursor;
use super::fault::{Fault, FaultKind};
use super::frame::Frame;
use super::instance;
use super::token::{Form, Token, Tokens, is_name, take_name};

/// The start of a definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition {
    pub(super) guid: [u8; 16],
    /// Chunk offset of the fragment.
    body: usize,
    size: usize,
}

impl Definition {
    /// Reads the header at the cursor.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        cursor.u32()?;
        let guid = *cursor.array()?;
        let size = cursor.offset()?;
        Ok(Self {
            guid,
            body: cursor.position(),
            size,
        })
    }

    /// The definition at a place of the chunk.
    pub(super) fn at(chunk: &[u8], place: usize) -> Result<Self, Fault> {
        Self::read(&mut Cursor::new(chunk, place, chunk.len()))
            .map_err(|fault| Fault::new(FaultKind::Definition, fault.at, place))
    }

    /// Its tokens. They say themselves where they end; a damaged size does no harm.
    pub(super) fn tokens<'c>(&self, chunk: &'c [u8]) -> Tokens<'c> {
        Tokens {
            cursor: Cursor::new(chunk, self.body, chunk.len()),
            form: Form::Definition,
        }
    }
}

/// The number of a template: the first part of its GUID.
pub(super) fn number_of(guid: &[u8; 16]) -> u32 {
    let [a, b, c, d, ..] = *guid;
    u32::from_le_bytes([a, b, c, d])
}

/// The number of the template whose definition is at a place.
pub(super) fn number_at(chunk: &[u8], place: usize) -> Option<u32> {
    let definition = Definition::at(chunk, place).ok()?;
    Some(number_of(&definition.guid))
}

/// Whether nothing of the definition at a place has been overwritten: the records of today end before
/// it, or after it, no record begins inside of it, and its names have their hashes.
pub(super) fn is_intact(chunk: &[u8], place: usize, live_end: usize) -> bool {
    let Ok(end) = end_of_intact(chunk, place) else {
        return false;
    };
    let apart = place >= live_end || end <= live_end;
    apart && Frame::find_before(chunk, place, end).is_none()
}

/// Where a definition ends whose names all have their hashes.
fn end_of_intact(chunk: &[u8], place: usize) -> Result<usize, Fault> {
    let definition = Definition::at(chunk, place)?;
    let mut tokens = definition.tokens(chunk);
    while let Some(token) = tokens.next()? {
        let (Token::OpenElement { name, .. } | Token::Attribute { name } | Token::Entity { name }) =
            token
        else {
            continue;
        };
        if !is_name(chunk, name) {
            return Err(Fault::new(FaultKind::Definition, name, place));
        }
    }
    Ok(tokens.cursor.position())
}

/// Moves the cursor over a definition that stands inside of its first instance, to the values
/// behind it.
pub(super) fn skip(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let definition = Definition::read(cursor)?;
    let mut by_size = *cursor;
    if by_size.take(definition.size).is_ok() && instance::has_values(by_size) {
        *cursor = by_size;
        return Ok(());
    }
    // The size is damaged. The tokens know the way.
    let mut tokens = Tokens {
        cursor: *cursor,
        form: Form::Definition,
    };
    while tokens.next()?.is_some() {}
    *cursor = tokens.cursor;
    Ok(())
}

/// Receives the content of a definition piece by piece, and says whether it wants more.
pub(super) trait Content {
    /// A token and its numbers.
    fn token<const N: usize>(&mut self, token: [u8; N]) -> bool;

    /// A name or a value.
    fn bytes(&mut self, bytes: &[u8]) -> bool;
}

/// Feeds the content of a definition in a form that is the same in every chunk: with names where the
/// chunk has places of names. Says whether all of it was wanted.
pub(super) fn feed_content(
    tokens: &mut Tokens<'_>,
    chunk: &[u8],
    content: &mut impl Content,
) -> Result<bool, Fault> {
    while let Some(token) = tokens.next()? {
        let wanted = match token {
            Token::OpenElement { name, depends_on } => {
                let [low, high] = depends_on.unwrap_or(u16::MAX).to_le_bytes();
                feed_name(chunk, name, [1, low, high], content)?
            }
            Token::CloseStart => content.token([2]),
            Token::CloseEmpty => content.token([3]),
            Token::CloseElement => content.token([4]),
            Token::Literal(literal) => {
                let [low, high] = literal.size.to_le_bytes();
                content.token([5, literal.value_type, low, high])
                    && content.bytes(literal.bytes(chunk))
            }
            Token::Attribute { name } => feed_name(chunk, name, [6, 0, 0], content)?,
            Token::Character(code) => {
                let [low, high] = code.to_le_bytes();
                content.token([8, low, high])
            }
            Token::Entity { name } => feed_name(chunk, name, [9, 0, 0], content)?,
            Token::Substitution(index) => {
                let [low, high] = index.to_le_bytes();
                content.token([0x0d, low, high])
            }
            Token::Instance { .. } => false,
        };
        if !wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

fn feed_name(
    chunk: &[u8],
    at: usize,
    [kind, first, second]: [u8; 3],
    content: &mut impl Content,
) -> Result<bool, Fault> {
    let name = take_name(&mut Cursor::new(chunk, at, chunk.len()))?;
    let [low, high, ..] = name.len().to_le_bytes();
    Ok(content.token([kind, first, second, low, high]) && content.bytes(name))
}
