//! `$REPARSE_POINT`: a file that leads elsewhere ([MS-FSCC] §2.1.2).

use super::attribute::{Attribute, kind};
use super::field::short;

/// Tags of [MS-FSCC] §2.1.2.1.
pub(super) const MOUNT_POINT: u32 = 0xA000_0003;
const SYMBOLIC_LINK: u32 = 0xA000_000C;

/// A junction to a folder, such as `C:\Users`.
#[must_use]
pub fn mount_point(target: &str) -> Attribute {
    reparse_point(MOUNT_POINT, target, &[])
}

/// A symbolic link to a path from a drive on.
#[must_use]
pub fn symbolic_link(target: &str) -> Attribute {
    // Flags, none: the path is a full one.
    reparse_point(SYMBOLIC_LINK, target, &[0; 4])
}

fn reparse_point(tag: u32, target: &str, flags: &[u8]) -> Attribute {
    let bytes =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let (substitute, print) = (bytes(&format!(r"\??\{target}")), bytes(target));
    let mut data = Vec::new();
    // Starts and lengths of both names; each has a NUL behind it.
    for number in [0, substitute.len(), substitute.len() + 2, print.len()] {
        data.extend(short(number).to_le_bytes());
    }
    data.extend(flags);
    for name in [substitute, print] {
        data.extend(name);
        data.extend([0; 2]);
    }
    let mut content = tag.to_le_bytes().to_vec();
    content.extend(short(data.len()).to_le_bytes());
    content.extend([0; 2]);
    content.extend(data);
    Attribute::resident(kind::REPARSE_POINT, content)
}
