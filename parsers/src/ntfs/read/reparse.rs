//! $REPARSE_POINT (`[MS-FSCC]` §2.1.2).

use super::super::text::utf16;
use crate::le;

const MOUNT_POINT: u32 = 0xa000_0003;
const SYMLINK: u32 = 0xa000_000c;
const APP_EXEC_LINK: u32 = 0x8000_001b;

/// Where a directory or file leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReparsePoint {
    /// Its tag, as a number.
    pub tag: u32,
    /// What it leads to: of junctions and symbolic links.
    pub target: Option<String>,
}

/// Reads the content of the attribute.
#[must_use]
pub fn reparse_point(content: &[u8]) -> Option<ReparsePoint> {
    let tag = le::u32(content, 0)?;
    let data = content.get(8..).unwrap_or(&[]);
    let target = match tag {
        MOUNT_POINT => link(data, 8),
        SYMLINK => link(data, 12),
        APP_EXEC_LINK => app(data),
        _ => None,
    };
    Some(ReparsePoint { tag, target })
}

/// The name that people see; else the one that Windows follows.
fn link(data: &[u8], names: usize) -> Option<String> {
    let name = |at: usize| {
        let start = usize::from(le::u16(data, at)?);
        let length = usize::from(le::u16(data, at + 2)?);
        let name = data.get(names..)?.get(start..)?.get(..length)?;
        Some(utf16(name)).filter(|name| !name.is_empty())
    };
    name(4).or_else(|| name(0))
}

/// The program: the third of the texts that end with NUL.
fn app(data: &[u8]) -> Option<String> {
    let text = utf16(data.get(4..)?);
    let program = text.split('\0').nth(2)?;
    (!program.is_empty()).then(|| program.to_owned())
}
