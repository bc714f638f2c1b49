//! Security descriptors: `sk` cells.

use super::cell::Cells;
use super::fault::{Fault, FaultKind};
use super::le;
use crate::evtx::read::sid_text;

/// Bytes before the descriptor.
const HEADER: usize = 20;

/// The security descriptor of a key ([MS-DTYP] §2.4.6, self-relative).
#[derive(Clone, Copy, Debug)]
pub struct Security<'h> {
    descriptor: &'h [u8],
}

impl<'h> Security<'h> {
    pub(super) fn at(cells: Cells<'h>, offset: u32) -> Result<Self, Fault> {
        let cell = cells.signed(offset, "sk")?;
        let fault = Fault {
            cell: offset,
            kind: FaultKind::Short,
        };
        let descriptor = cell.content.get(HEADER..).ok_or(fault)?;
        Ok(Self { descriptor })
    }

    fn sid(self, field: usize) -> Option<String> {
        let offset = usize::try_from(le::u32(self.descriptor, field)?).ok()?;
        (offset > 0).then(|| sid_text(self.descriptor.get(offset..)?))?
    }

    /// Who owns the key.
    #[must_use]
    pub fn owner(self) -> Option<String> {
        self.sid(4)
    }

    /// Those whom its list of access rights grants something, in its order.
    #[must_use]
    pub fn granted(self) -> Vec<String> {
        self.granted_entries().unwrap_or_default()
    }

    fn granted_entries(self) -> Option<Vec<String>> {
        let start = usize::try_from(le::u32(self.descriptor, 16)?).ok()?;
        let list = self.descriptor.get(start..).filter(|_| start > 0)?;
        let count = le::u16(list, 4)?;
        let mut rest = list.get(8..)?;
        let mut granted = Vec::new();
        for _ in 0..count {
            let Some(size) = le::u16(rest, 2).map(usize::from).filter(|&size| size >= 8) else {
                break;
            };
            // Access allowed: type 0.
            if rest.first() == Some(&0) {
                granted.extend(rest.get(8..size).and_then(sid_text));
            }
            rest = rest.get(size..).unwrap_or_default();
        }
        Some(granted)
    }
}
