//! Security descriptors of keys: `sk` cells.

use super::cell::Cells;
use super::fault::Fault;
use crate::security_descriptor::SecurityDescriptor;

/// Bytes before the descriptor.
const HEADER: usize = 20;

pub(super) fn descriptor(cells: Cells<'_>, offset: u32) -> Result<SecurityDescriptor<'_>, Fault> {
    let cell = cells.signed(offset, "sk")?;
    let descriptor = cell.content.get(HEADER..).ok_or(cell.short())?;
    Ok(SecurityDescriptor::new(descriptor))
}
