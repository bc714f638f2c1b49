//! Template instances: a reference to a definition, and the values to put into it.

use super::cursor::Cursor;
use super::definition;
use super::extent::{Extent, place};
use super::fault::{Fault, FaultKind};

/// Bytes of one entry of the table of values.
const DESCRIPTOR: usize = 4;

/// The start of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    /// The template's number: the start of its GUID.
    pub(super) template: u32,
    /// Where the definition is in the chunk.
    pub(super) definition: usize,
}

impl Instance {
    /// Reads an instance from after its token to its end and appends its values.
    pub(super) fn read(cursor: &mut Cursor<'_>, values: &mut Vec<Extent>) -> Result<Self, Fault> {
        cursor.u8()?;
        let template = cursor.u32()?;
        let definition = cursor.offset()?;
        // The first instance in a chunk holds the definition itself, right here.
        if definition == cursor.position() {
            definition::skip(cursor)?;
        }
        read_values(cursor, values)?;
        Ok(Self {
            template,
            definition,
        })
    }
}

/// Reads the table of types and sizes and appends the places of the values behind it.
#[inline]
fn read_values(cursor: &mut Cursor<'_>, values: &mut Vec<Extent>) -> Result<(), Fault> {
    let table = take_table(cursor)?;
    let start = place(cursor.position());
    let mut next = start;
    let extents = table.iter().map(|&[low, high, value_type, _]| {
        let size = u16::from_le_bytes([low, high]);
        let at = next;
        // A chunk has room for 16,384 entries: their sizes together stay within 30 bits.
        next = next.wrapping_add(size.into());
        Extent {
            at,
            size,
            value_type,
        }
    });
    values.extend(extents);
    cursor.take(next.wrapping_sub(start) as usize)?;
    Ok(())
}

/// The table of types and sizes. One that the bytes have no room for is refused before anything is
/// allocated.
fn take_table<'c>(cursor: &mut Cursor<'c>) -> Result<&'c [[u8; DESCRIPTOR]], Fault> {
    let at = cursor.position();
    let count = cursor.offset()?;
    let table = cursor
        .take(count.saturating_mul(DESCRIPTOR))
        .map_err(|_| Fault::new(FaultKind::Substitutions, at, count))?;
    Ok(table.as_chunks().0)
}

/// Whether `cursor` stands before a table of values that can be one.
pub(super) fn has_values(cursor: Cursor<'_>) -> bool {
    let mut cursor = cursor;
    let Ok(table) = take_table(&mut cursor) else {
        return false;
    };
    let sizes = table
        .iter()
        .map(|&[low, high, _, _]| usize::from(u16::from_le_bytes([low, high])));
    sizes.fold(0_usize, usize::saturating_add) <= cursor.remaining()
}
