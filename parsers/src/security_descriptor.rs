//! Security descriptors in the form that Windows stores them in ([MS-DTYP] §2.4.6, self-relative).

use std::fmt::Write;

use crate::evtx::read::sid_text;
use crate::le;

/// Longer text is cut: real descriptors have some hundred characters, and one may be of many keys.
const MOST_CHARACTERS: usize = 1 << 10;

/// Bits of the control field ([MS-DTYP] §2.4.6).
const DACL_PRESENT: u16 = 0x4;
const SACL_PRESENT: u16 = 0x10;

/// What a list has before its first entry.
const LIST_HEADER: usize = 8;

/// Type of an entry that grants rights.
const ACCESS_ALLOWED: u8 = 0;

/// Types of entries by their numbers, those that have nothing behind the identifier ([MS-DTYP] §2.5.1.1).
const TYPES: [(u8, &str); 6] = [
    (ACCESS_ALLOWED, "A"),
    (1, "D"),
    (2, "AU"),
    (3, "AL"),
    (0x11, "ML"),
    (0x13, "SP"),
];
const INHERITANCE: [(u8, &str); 7] = [
    (0x01, "OI"),
    (0x02, "CI"),
    (0x04, "NP"),
    (0x08, "IO"),
    (0x10, "ID"),
    (0x40, "SA"),
    (0x80, "FA"),
];
/// Sets of rights that have names: of keys, of files (which scheduled tasks use, too), and of everything.
const RIGHTS: [(u32, &str); 11] = [
    (0x000f_003f, "KA"),
    (0x0002_0019, "KR"),
    (0x0002_0006, "KW"),
    (0x001f_01ff, "FA"),
    (0x0012_0089, "FR"),
    (0x0012_0116, "FW"),
    (0x0012_00a0, "FX"),
    (0x1000_0000, "GA"),
    (0x8000_0000, "GR"),
    (0x4000_0000, "GW"),
    (0x2000_0000, "GX"),
];
/// Identifiers that SDDL has letters for, and that are met on most objects.
const WELL_KNOWN: [(&str, &str); 20] = [
    ("S-1-1-0", "WD"),
    ("S-1-3-0", "CO"),
    ("S-1-3-1", "CG"),
    ("S-1-3-4", "OW"),
    ("S-1-5-2", "NU"),
    ("S-1-5-4", "IU"),
    ("S-1-5-6", "SU"),
    ("S-1-5-7", "AN"),
    ("S-1-5-9", "ED"),
    ("S-1-5-10", "PS"),
    ("S-1-5-11", "AU"),
    ("S-1-5-12", "RC"),
    ("S-1-5-18", "SY"),
    ("S-1-5-19", "LS"),
    ("S-1-5-20", "NS"),
    ("S-1-5-32-544", "BA"),
    ("S-1-5-32-545", "BU"),
    ("S-1-5-32-546", "BG"),
    ("S-1-5-32-547", "PU"),
    ("S-1-15-2-1", "AC"),
];

/// A security descriptor. Nothing of it is checked before it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct SecurityDescriptor<'b> {
    bytes: &'b [u8],
}

impl<'b> SecurityDescriptor<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    /// What the offset in a field of the header leads to.
    fn part(self, field: usize) -> Option<&'b [u8]> {
        let offset = usize::try_from(le::u32(self.bytes, field)?).ok()?;
        self.bytes.get(offset..).filter(|_| offset > 0)
    }

    /// SID of the owner.
    #[must_use]
    pub fn owner(self) -> Option<String> {
        self.part(4).and_then(sid_text)
    }

    fn group(self) -> Option<String> {
        self.part(8).and_then(sid_text)
    }

    /// SIDs of those whom its list of access rights grants something, in its order.
    #[must_use]
    pub fn granted(self) -> Vec<String> {
        let entries = self.part(16).map(Entry::list).into_iter().flatten();
        entries
            .filter(|entry| entry.kind == ACCESS_ALLOWED)
            .filter_map(|entry| entry.sid)
            .collect()
    }

    /// The descriptor in the security descriptor definition language ([MS-DTYP] §2.5.1). `…` stands for
    /// the entries of a list that cannot be read, and for those behind 1,024 characters. Entries of types with conditions or object types have the number of
    /// their type for its letters. `None` when the bytes hold no descriptor.
    #[must_use]
    pub fn sddl(self) -> Option<String> {
        let [1, _] = le::array::<2>(self.bytes, 0)? else {
            return None;
        };
        let control = le::u16(self.bytes, 2)?;
        let mut text = String::new();
        for (letter, sid) in [('O', self.owner()), ('G', self.group())] {
            if let Some(sid) = sid {
                let _ = write!(text, "{letter}:{}", letters_of(&sid));
            }
        }
        let lists = [
            (
                'D',
                DACL_PRESENT,
                16,
                [(0x1000, "P"), (0x100, "AR"), (0x400, "AI")],
            ),
            (
                'S',
                SACL_PRESENT,
                12,
                [(0x2000, "P"), (0x200, "AR"), (0x800, "AI")],
            ),
        ];
        for (letter, present, field, flags) in lists {
            if control & present == 0 {
                continue;
            }
            let _ = write!(text, "{letter}:");
            text.extend(
                flags
                    .iter()
                    .filter(|(bit, _)| control & bit != 0)
                    .map(|(_, name)| *name),
            );
            if let Some(list) = self.part(field) {
                put_entries(list, &mut text);
            } else if le::u32(self.bytes, field) != Some(0) {
                text.push('…');
            } else if letter == 'D' {
                // Without a list everybody may do everything.
                text.push_str("NO_ACCESS_CONTROL");
            }
        }
        Some(text)
    }
}

fn put_entries(list: &[u8], text: &mut String) {
    let mut left = le::u16(list, 4).unwrap_or(u16::MAX);
    for entry in Entry::list(list) {
        if text.len() > MOST_CHARACTERS {
            break;
        }
        entry.put(text);
        left -= 1;
    }
    if left > 0 {
        text.push('…');
    }
}

fn letters_of(sid: &str) -> &str {
    let known = WELL_KNOWN.iter().find(|(known, _)| *known == sid);
    known.map_or(sid, |(_, letters)| letters)
}

/// One entry of an access control list ([MS-DTYP] §2.4.4).
struct Entry {
    kind: u8,
    flags: u8,
    rights: u32,
    /// Of the types that have it at this place.
    sid: Option<String>,
}

impl Entry {
    /// The entries up to the first that has no room.
    fn list(list: &[u8]) -> impl Iterator<Item = Self> {
        let count = le::u16(list, 4).unwrap_or_default();
        let mut rest = list.get(LIST_HEADER..).unwrap_or_default();
        (0..count).map_while(move |_| {
            let size = usize::from(le::u16(rest, 2)?);
            let entry = rest.get(..size)?;
            let [kind, flags] = le::array::<2>(entry, 0)?;
            let rights = le::u32(entry, 4)?;
            let is_plain = TYPES.iter().any(|(known, _)| *known == kind);
            let sid = entry.get(8..).filter(|_| is_plain).and_then(sid_text);
            rest = rest.get(size..)?;
            Some(Self {
                kind,
                flags,
                rights,
                sid,
            })
        })
    }

    fn put(&self, text: &mut String) {
        text.push('(');
        match TYPES.iter().find(|(kind, _)| *kind == self.kind) {
            Some((_, letters)) => text.push_str(letters),
            None => {
                let _ = write!(text, "{:#x}", self.kind);
            }
        }
        text.push(';');
        text.extend(
            INHERITANCE
                .iter()
                .filter(|(bit, _)| self.flags & bit != 0)
                .map(|(_, name)| *name),
        );
        text.push(';');
        match RIGHTS.iter().find(|(rights, _)| *rights == self.rights) {
            Some((_, letters)) => text.push_str(letters),
            None => {
                let _ = write!(text, "{:#x}", self.rights);
            }
        }
        let sid = self.sid.as_deref().map_or("", letters_of);
        let _ = write!(text, ";;;{sid})");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid(authority: u8, below: &[u32]) -> Vec<u8> {
        let mut bytes = vec![
            1,
            u8::try_from(below.len()).unwrap(),
            0,
            0,
            0,
            0,
            0,
            authority,
        ];
        bytes.extend(below.iter().flat_map(|part| part.to_le_bytes()));
        bytes
    }

    fn entry(kind: u8, flags: u8, rights: u32, sid: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, flags];
        bytes.extend(u16::try_from(8 + sid.len()).unwrap().to_le_bytes());
        bytes.extend(rights.to_le_bytes());
        bytes.extend(sid);
        bytes
    }

    fn list(entries: &[Vec<u8>]) -> Vec<u8> {
        let entries_bytes = entries.concat();
        let mut bytes = vec![2, 0];
        bytes.extend(
            u16::try_from(8 + entries_bytes.len())
                .unwrap()
                .to_le_bytes(),
        );
        bytes.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(entries_bytes);
        bytes
    }

    /// Owner, group and lists; an empty part has no offset.
    fn descriptor(control: u16, parts: [&[u8]; 4]) -> Vec<u8> {
        let mut bytes = vec![1, 0];
        bytes.extend(control.to_le_bytes());
        let mut at = 20;
        for part in parts {
            let offset = if part.is_empty() { 0 } else { at };
            bytes.extend(u32::try_from(offset).unwrap().to_le_bytes());
            at += part.len();
        }
        bytes.extend(parts.concat());
        bytes
    }

    fn system() -> Vec<u8> {
        sid(5, &[18])
    }

    #[test]
    fn a_descriptor_reads_as_windows_writes_it() {
        let user = sid(5, &[21, 1, 2, 3, 1001]);
        let rights = list(&[
            entry(0, 0x3, 0xf_003f, &system()),
            entry(1, 0x10, 0x2_0019, &user),
            entry(0, 0, 0x2_001f, &sid(5, &[32, 544])),
        ]);
        let audits = list(&[entry(2, 0xc0, 0x1000_0000, &sid(1, &[0]))]);
        let bytes = descriptor(0x9414, [&sid(5, &[32, 544]), &system(), &audits, &rights]);
        let read = SecurityDescriptor::new(&bytes);
        assert_eq!(
            read.sddl().unwrap(),
            "O:BAG:SYD:PAI(A;OICI;KA;;;SY)(D;ID;KR;;;S-1-5-21-1-2-3-1001)(A;;0x2001f;;;BA)S:(AU;SAFA;GA;;;WD)"
        );
        assert_eq!(read.owner().unwrap(), "S-1-5-32-544");
        assert_eq!(read.granted(), ["S-1-5-18", "S-1-5-32-544"]);
    }

    #[test]
    fn no_list_lets_everybody_in_and_an_empty_one_nobody() {
        let open = descriptor(0x8004, [&system(), &[], &[], &[]]);
        assert_eq!(
            SecurityDescriptor::new(&open).sddl().unwrap(),
            "O:SYD:NO_ACCESS_CONTROL"
        );
        let unaudited = descriptor(0x8810, [&system(), &[], &[], &[]]);
        assert_eq!(
            SecurityDescriptor::new(&unaudited).sddl().unwrap(),
            "O:SYS:AI"
        );
        let mut damaged = open;
        damaged[16] = 0xf0;
        assert_eq!(SecurityDescriptor::new(&damaged).sddl().unwrap(), "O:SYD:…");
        let closed = descriptor(0x8004, [&system(), &[], &[], &list(&[])]);
        assert_eq!(SecurityDescriptor::new(&closed).sddl().unwrap(), "O:SYD:");
    }

    #[test]
    fn entries_of_other_types_are_not_taken_for_plain_ones() {
        let rights = list(&[entry(9, 0, 1, &system()), entry(0, 0, 1, &system())]);
        let bytes = descriptor(0x8004, [&[], &[], &[], &rights]);
        let read = SecurityDescriptor::new(&bytes);
        assert_eq!(read.sddl().unwrap(), "D:(0x9;;0x1;;;)(A;;0x1;;;SY)");
        assert_eq!(read.granted(), ["S-1-5-18"]);
    }

    #[test]
    fn every_cut_is_survived_and_a_long_list_is_bounded() {
        let many: Vec<_> = (0..3000).map(|_| entry(0, 0, 1, &system())).collect();
        let bytes = descriptor(0x8004, [&system(), &system(), &[], &list(&many)]);
        let text = SecurityDescriptor::new(&bytes).sddl().unwrap();
        assert!(text.ends_with(";SY)…") && text.len() < MOST_CHARACTERS + 100);
        for end in 0..200 {
            let cut = SecurityDescriptor::new(&bytes[..end]);
            assert_eq!(cut.sddl().is_some(), end >= 4, "{end}");
            assert!(cut.granted().len() <= end / 20);
        }
    }
}
